"""Leads take their routes, and whoever doubts it can see why."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from bot.core import teamfile
from bot.core.routing.routes import Routing
from bot.slack.blocks.base import ids
from storage import audits
from storage.vocabulary import AuditKind, Status
from tests.scenarios.stage import Team, ja

REGION = {"attributes": {"都道府県": "東京都港区"}}


def _routes(team: Team, *written: dict[str, Any], pools: dict[str, list[str]], **more: Any) -> None:
    """The team file says so from now on."""
    named = [
        {"name": name, "members": [{"user": team.slack.user(user).id} for user in users]}
        for name, users in pools.items()
    ]
    wanted = Routing.model_validate_json(json.dumps({"routes": written, "pools": named, **more}))
    with team.database.snapshot() as tx:
        known = teamfile.current(tx, team.id)
    assert known is not None
    team.installation.agree(replace(known, routing=wanted))
    team.settle()


def test_whoever_of_the_pool_accepts_first_has_it_and_reads_who_it_is_only_then(team: Team) -> None:
    first = {"name": "Web", "pool": "web", "strategy": "first_to_accept", "named": False}
    _routes(team, first, pools={"web": ["sato", "suzuki"]})
    team.receives("青空商事", person="山田 花子", email="hanako@aozora.example", phone="03-0000-0000")
    for name in ("sato", "suzuki"):
        (offer,) = team.dm(name).messages
        assert "青空商事" in str(offer.blocks)
        assert ja("routing.offer_ask") in str(offer.blocks)
    shown = str([message.blocks for message in (*team.channel("mql").messages, *team.dm("sato").messages)])
    assert all(secret not in shown for secret in ("花子", "hanako", "03-0000"))
    assert team.dm("brown").messages == []
    suzuki, brown = team.user("suzuki"), team.user("brown")
    brown.press(ids.ACCEPT, in_=team.channel("mql").messages[0])
    assert team.mql(1).status == Status.UNASSIGNED
    suzuki.press(ids.ACCEPT, in_=team.dm("suzuki").messages[0])
    assert team.mql(1).owner == suzuki.id
    assert "花子" in str(team.channel("mql").messages[0].blocks)
    assert ja("routing.taken", rep="鈴木 蓮") in str(team.dm("sato").messages[0].blocks)


def test_why_me_and_fairness_name_route_rule_share_and_skips(team: Team) -> None:
    east = {"name": "関東", "when": {"regions": ["関東"]}, "pool": "east"}
    _routes(team, east, pools={"east": ["sato", "suzuki"]})
    team.receives("会社1", **REGION)
    team.away("suzuki", hours=2)
    team.receives("会社2", **REGION)
    sato = team.user("sato")
    sato.press(ja("button.why"))
    for line in ("振り分けルール: 関東", "地域: 関東", "佐藤 葵さん: 2件(本来1.5件)", "鈴木 蓮さん: 不在"):
        assert line in sato.modal.text, sato.modal.text
    answer = team.user("suzuki").types("/mql fairness", channel="sales").text
    for line in ("鈴木 蓮さん: 0件(本来0.5件)", "2回分の順番を計算し直し、すべて規則どおり", "不在: 1回", "2人中2番目"):
        assert line in answer, answer


def test_a_marketer_tries_a_lead_and_other_routes_before_anybody_is_told(team: Team) -> None:
    for number in range(6):
        team.receives(f"会社{number}", **REGION)
    ito = team.user("ito")
    ito.types("/mql route", channel="marketing")
    sato = team.slack.user("sato").id
    pasted = f'[[pools]]\nname = "east"\nmembers = ["{sato}"]\n[[routes]]\nname = "East"\npool = "east"\n'
    ito.modal.fill({"company": "試し", "route_more": "都道府県: 東京都", "route_file": pasted})
    assert ito.modal.submit().errors == {}
    for line in ("担当: 佐藤 葵さん", ja("route.none"), "佐藤 葵さん: 2 → 6件", "鈴木 蓮さん: 2 → 0件"):
        assert line in ito.modal.text, ito.modal.text
    ito.types("/mql route", channel="marketing")
    ito.modal.fill({"route_file": pasted.replace("east", "eest", 1)})
    assert "eest" in str(ito.modal.submit().errors)
    assert team.user("sato").types("/mql route", channel="marketing").text == ja("reply.route_not_allowed")


def test_three_deadlines_in_a_row_ask_the_manager_who_pauses_and_the_rep_goes_on(team: Team) -> None:
    team.hears_at_night()
    _routes(team, {"name": "All", "pool": "one"}, pools={"one": ["sato"]}, pause_after=2)
    team.receives("会社1")
    team.receives("会社2")
    team.advance(hours=24)
    question = next(message for message in team.dm("tanaka").messages if ja("routing.pause") in message.buttons)
    team.user("tanaka").press(ja("routing.pause"), in_=question)
    notice = next(message for message in team.dm("sato").messages if ja("routing.resume") in message.buttons)
    assert "田中 美咲さん" in str(notice.blocks)
    team.receives("会社3")
    assert team.mql(3).status == Status.UNASSIGNED
    team.user("sato").press(ja("routing.resume"), in_=notice)
    assert team.mql(3).owner == team.slack.user("sato").id
    assert ja("routing.resumed") in str(
        next(message for message in team.dm("sato").messages if message.ts == notice.ts).blocks
    )
    with team.database.snapshot() as tx:
        resumed, paused = audits.newest(tx, team.id, 2)
    assert (paused.kind, paused.by) == (AuditKind.TURNS_PAUSED, team.slack.user("tanaka").id)
    assert (resumed.kind, resumed.by, resumed.subject) == (AuditKind.TURNS_RESUMED, *[team.slack.user("sato").id] * 2)
