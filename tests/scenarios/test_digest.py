"""The Monday digest: one message, its thread, and what can be done from it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from bot.core import teamfile
from bot.core.agreement.goals import Goals
from storage.models import outbox
from storage.vocabulary import MessageKind, OutboxState
from tests.scenarios.stage import Team, ja

HEADING = "MQL週次レポート"
PEOPLE, TREND = ja("people.title"), ja("trend.title", count=12)


@pytest.mark.thorough
def test_the_rest_stands_in_the_thread_of_the_one_message(team: Team) -> None:
    for company in ("Acme", "Beta"):
        team.receives(company)
    team.user("sato").press(ja("button.accept"), in_=team.dm("sato"))
    team.at(weekday=0, hour=9)
    first = team.dm("tanaka").expect(HEADING, count=1)
    assert "期限内の対応\n↑ 50%(1/2)" not in first.text, "nothing to compare with"
    assert "期限内の対応\n50%(1/2) | データなし" in first.text
    below = team.dm("tanaka").thread(first)
    assert "佐藤 葵さん\n1 | 0 | 0 | 1" in below.expect(PEOPLE).text
    below.expect_none(TREND)  # of one week there is none
    team.receives("Gamma")
    team.at(weekday=0, hour=9)
    second = next(message for message in reversed(team.dm("tanaka").messages) if HEADING in message.text)
    trend = team.dm("tanaka").thread(second).expect(TREND)
    assert "11/16: 50%(1/2)" in trend.text
    # Nobody answered in the second week, and of the times of one week there is no trend either.
    assert [block["type"] for block in trend.blocks].count("data_visualization") == 1


def test_what_waits_can_be_acted_on_from_the_digest(team: Team) -> None:
    team.receives("Acme")
    team.at(weekday=0, hour=9)
    digest = team.dm("tanaka").expect(HEADING)
    assert ja("digest.first_waiting", count=1) in digest.notification
    team.dm("sato").unread()
    team.user("tanaka").press(ja("button.remind"), in_=digest)
    assert team.dm("sato").unread() != []
    team.user("tanaka").press(ja("button.reassign"), in_=digest)
    tanaka = team.user("tanaka")
    tanaka.modal.fill({"new_owner": team.slack.user("suzuki").id})
    assert tanaka.modal.submit().errors == {}
    assert team.mql(1).owner == team.slack.user("suzuki").id


@pytest.mark.thorough
def test_marketing_is_not_offered_what_only_leaders_may_do(team: Team) -> None:
    team.receives("Acme")
    team.at(weekday=0, hour=9)
    digest = team.dm("ito").expect(HEADING)
    assert ja("button.show") in digest.buttons
    asked = team.user("ito").types("/mql report 2026-w47", channel="sales").message
    assert ja("button.show") in asked.buttons
    for offered in (digest.buttons, asked.buttons):
        assert not {ja("button.reassign"), ja("button.remind")} & set(offered)
    head = team.user("yamada").types("/mql report 2026-w47", channel="sales").message
    assert {ja("button.reassign"), ja("button.remind")} <= set(head.buttons)


@pytest.mark.thorough
def test_a_dispute_that_nobody_decides_is_mentioned_to_those_who_decide(team: Team) -> None:
    """From Tuesday, so that it has waited for three business days on Friday, and for four on Monday."""
    for number, company in enumerate(("Acme", "Beta"), 1):
        team.receives(company)
        team.accepts(number)
        sato = team.user(team.mql(number).owner or "")
        sato.types(f"/mql-feedback {number}", channel="sales")
        sato.modal.fill({"disposition": "disqualified"})
        sato.modal.fill({"lost_reason": "no_budget"})
        sato.modal.submit()
    disputes(team, 1)
    team.at(weekday=4, hour=17)
    disputes(team, 2)
    line = ja("digest.undecided", count=1, number=1, at="11/17(火)")
    assert line not in team.user("tanaka").types("/mql report 2026-w47", channel="sales").text
    team.at(weekday=0, hour=9)
    for reader in ("tanaka", "yamada"):
        assert line in team.dm(reader).expect(HEADING).text
    assert "#1(" not in team.dm("ito").expect(HEADING).text


def disputes(team: Team, number: int) -> None:
    note = next(
        message for message in team.channel("mql").messages if message.thread and f"#{number}" in str(message.blocks)
    )
    ito = team.user("ito")
    ito.press(ja("button.dispute"), in_=note)
    ito.modal.fill({"why_dispute": "They have a budget"})
    assert ito.modal.submit().errors == {}


@pytest.mark.thorough
def test_goals_of_the_team_file_stand_beside_the_figures(team: Team) -> None:
    with team.database.transaction() as tx:
        known = teamfile.current(tx, team.id)
        assert known is not None
        teamfile.apply(tx, replace(known, goals=Goals(answered_in_time=90, disqualified=40)), team.time.now())
    team.receives("Acme")
    team.at(weekday=0, hour=9)
    assert "期限内の対応\n✗ 0%(0/1) | 90%以上 | データなし" in team.dm("tanaka").expect(HEADING).text
    shown = team.user("tanaka").types("/mql report 2026-W47", channel="sales").text
    assert "✗ 0%(0/1)" in shown
    assert "佐藤 葵さん: 担当1件" in shown


@pytest.mark.thorough
def test_a_week_with_nothing_to_tell_has_no_thread(team: Team) -> None:
    team.at(weekday=0, hour=9)
    digest = team.dm("tanaka").expect(HEADING, ja("digest.first_quiet"))
    team.dm("tanaka").thread(digest).expect_none(PEOPLE)
    query = sa.select(outbox.c.kind, outbox.c.state, sa.func.count()).group_by(outbox.c.kind, outbox.c.state)
    with team.database.snapshot() as tx:
        rows = {(kind, state): count for kind, state, count in tx.execute(query)}
    assert rows[MessageKind.DIGEST, OutboxState.SENT] == 3
    assert rows[MessageKind.DIGEST_PEOPLE, OutboxState.DROPPED] == 3
    assert rows[MessageKind.DIGEST_TREND, OutboxState.DROPPED] == 3
    assert rows[MessageKind.OWN_WEEK, OutboxState.DROPPED] == 3
