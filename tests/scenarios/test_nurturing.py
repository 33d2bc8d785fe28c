"""Marketing's own figures come in by a door of their own, and stand in the digest and the monthly report."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.core.base import period_words
from storage import deliveries, nurturing, sources
from storage.vocabulary import DeliveryState, Proof, SourceKind
from tests.scenarios.stage import Team, ja
from tests.tools import Tool

PERSONAL = {"contacts": ["hanako@aoba.example"], "note": "田中 花子"}


def door(team: Team, proof: Proof | None = None) -> Tool:
    assert team.bot is not None
    return Tool(team.database, team.id, team.bot.address, SourceKind.FIGURES, proof, name="weekly")


def last_week(team: Team, weeks: int = 1) -> str:
    return period_words.iso_week((team.time.now() - timedelta(weeks=weeks)).date())


@pytest.mark.parametrize("proof", [Proof.ADDRESS, Proof.HEADER])
def test_what_a_script_sends_stands_in_the_report(team: Team, proof: Proof) -> None:
    tool, (now, before) = door(team, proof), (last_week(team), last_week(team, 2))
    body = [
        {"week": now, "segment": "製造業", "new_leads": 120, "sent": 1200, "opened": 300, "clicked": 40, **PERSONAL},
        {"week": now, "segment": "IT", "new_leads": 80, "sent": 100, "opened": 130},
        {"week": before, "segment": "製造業", "new_leads": 98, "sent": 1000, "opened": 200},
    ]
    heard = tool.sends(body)
    assert (heard.status, heard.json) == (200, {"taken": 3, "check": [f"{now} IT: more opened than sent"]})
    assert tool.sends(body).json == heard.json
    with team.database.snapshot() as tx:
        source = sources.named(tx, team.id, "weekly")
        assert source is not None
        versions = nurturing.history(tx, team.id, now, "製造業")
        kept = deliveries.newest(tx, team.id, source.id)
    assert [(each.source_id, each.version) for each in versions] == [(source.id, 1)]
    assert all(word not in str(delivery.body) for delivery in kept for word in ("hanako", "aGFuYWtv", "田中"))
    shown = team.user("tanaka").types(f"/mql report {now}", channel="sales").text
    assert "新規リード\n↑ 200件 | 98件" in shown
    assert "開封\n↑ 25%(300/1,200) | 20%(200/1,000)" in shown
    assert ja("nurturing.odd.opened", day="11/9(月)", segment="(セグメント: IT)", count="130", sent="100") in shown
    month = team.user("tanaka").types("/mql report monthly 2026-11", channel="sales").text
    assert "新規リード 298件" in month


@pytest.mark.thorough
def test_the_digest_and_its_thread_show_last_week_by_segment(team: Team) -> None:
    week = period_words.iso_week(team.time.now().date())
    sent = {"week": week, "sent": 100, "opened": 20}
    assert door(team).sends([{**sent, "segment": "製造業"}, {**sent, "segment": "IT", "new_leads": 7}]).status == 200
    team.at(weekday=0, hour=9)
    digest = team.dm("tanaka").expect(
        "MQL週次レポート", "メール配信\n200件 | データなし", "開封\n20%(40/200) | データなし"
    )
    team.dm("tanaka").thread(digest).expect(
        "IT: 新規リード 7件 / メール配信 100件 / 開封 20%(20/100)", "製造業: メール配信"
    )


def test_only_marketers_hear_that_nothing_is_supplied_and_only_where_other_tools_send(team: Team) -> None:
    def hears(name: str) -> bool:
        return ja("nurturing.missing").replace("`", "") in team.user(name).types("/mql report", channel="sales").text

    assert not hears("ito")
    assert team.bot is not None
    Tool(team.database, team.id, team.bot.address, SourceKind.HUBSPOT, Proof.HEADER)
    assert (hears("ito"), hears("yamada")) == (True, False)
    door(team)
    assert not hears("ito")


WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "has none of"),
    ({"new_leads": "12"}, '"new_leads" is to be a whole number'),
    ({"new_leads": 12.0}, '"new_leads" is to be a whole number'),
    ({"new_leads": True}, '"new_leads" is to be a whole number'),
    ({"sent": -1}, '"sent" is to be a whole number'),
    ({"sent": 10**10}, '"sent" is to be a whole number'),
    ({"week": "2026-W54", "sent": 1}, "ISO week"),
    ({"week": None, "sent": 1}, 'one of "week" and "day"'),
    ({"day": "2026-11-18", "sent": 1}, 'one of "week" and "day"'),
    ({"week": "2099-W01", "sent": 1}, "has not begun"),
    ({"segment": 3, "sent": 1}, '"segment" is to be a text'),
    ({"segment": "s" * 81, "sent": 1}, '"segment" is too long'),
]


def test_what_is_wrong_is_said_and_nothing_of_it_is_taken(team: Team) -> None:
    tool, week = door(team), last_week(team)
    for wrong, error in WRONG:
        heard = tool.sends([{"week": week, "sent": 5}, {"week": week, "segment": "IT", **wrong}])
        assert (heard.status, error in heard.json["message"], "Entry 2" in heard.text) == (400, True, True), heard.text
    for broken in (b"{", b"[]", b"[1]", b'{"week": "\\ud83d", "sent": 1}', b'{"week": "2026-W40", "sent": NaN}'):
        assert tool.sends(broken).status == 400
    twice = tool.sends([{"week": week, "sent": 5}, {"week": week, "sent": 6}])
    assert (twice.status, "twice" in twice.text) == (400, True)
    with team.database.snapshot() as tx:
        assert nurturing.newest(tx, team.id, [week]) == []
        source = sources.named(tx, team.id, "weekly")
        assert source is not None
        assert source.last_state == DeliveryState.UNREADABLE
