"""A rep's own week by message: sent where there is something to say, started and stopped by the rep."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core import teamfile
from bot.core.mql import erasure
from bot.core.mql.erasure import Request
from storage import members
from storage.vocabulary import Role
from tests.scenarios.stage import Team, ja
from tests.thorough import thoroughly

HEADING = "あなたの1週間"
STOP, START = ja("own_week.stop"), ja("own_week.start")


def monday(team: Team) -> None:
    """The digest of the week goes out."""
    for name in ("sato", "suzuki", "brown"):
        team.dm(name).unread()
    team.at(weekday=0, hour=9)


def new(team: Team, name: str) -> str:
    """What this Monday brought a person, but for the digest."""
    return "\n".join(message.text for message in team.dm(name).unread() if HEADING in message.text)


def test_each_rep_gets_their_own_week_and_nobody_else_s(team: Team) -> None:
    team.receives("Acme")
    team.receives("Beta")
    team.user("sato").press(ja("button.accept"), in_=team.dm("sato"))
    monday(team)
    mine = team.dm("sato").expect(HEADING, count=1)
    assert ja("own_week.first_next", count=1) not in mine.text
    assert ja("own_week.first_well", count=1) in mine.text
    assert "Acme" in mine.text
    assert "Beta" not in mine.text
    theirs = team.dm("suzuki").expect(HEADING, count=1)
    assert ja("own_week.first_waiting", count=1) in theirs.text
    assert ja("own_week.breached", count=1, parts="合計5日14時間: ご自身1日22時間、対応時間外3日16時間") in theirs.text
    assert "受領する" in theirs.buttons
    assert "Acme" not in theirs.text
    for name in ("brown", "tanaka", "ito", "kim"):
        team.dm(name).expect_none(HEADING)


@pytest.mark.thorough
def test_a_rep_with_nothing_to_say_gets_nothing(team: Team) -> None:
    monday(team)
    assert team.dm("sato").unread() == []
    team.receives("Acme")
    team.user("sato").press(ja("button.accept"))
    sato = team.user("sato")
    sato.types("/mql-feedback 1")
    sato.modal.fill({"disposition": "qualified"})
    sato.modal.submit()
    monday(team)
    assert "商談化1件" in team.dm("sato").expect(HEADING).text
    monday(team)
    assert team.dm("sato").unread() == []


@pytest.mark.thorough
def test_a_rep_stops_it_and_starts_it_again(team: Team) -> None:
    team.receives("Acme")
    monday(team)
    team.dm("sato").expect(HEADING)
    team.user("sato").press(STOP, in_=team.dm("sato"))
    team.dm("sato").expect(ja("reply.own_week_off"))
    team.advance(minutes=1)
    team.user("sato").press(STOP, in_=next(message for message in team.dm("sato").messages if HEADING in message.text))
    team.dm("sato").expect(ja("reply.own_week_off_already"))
    monday(team)
    assert new(team, "sato") == ""
    sato = team.user("sato")
    home = sato.opens_home()
    assert START in home.text
    home.press(START)
    assert STOP in sato.opens_home().text
    monday(team)
    assert HEADING in new(team, "sato")


@pytest.mark.thorough
def test_the_team_file_says_what_holds_for_those_who_have_not_chosen(team: Team) -> None:
    team.receives("Acme")
    team.receives("Beta")
    with team.database.transaction() as tx:
        known = teamfile.current(tx, team.id)
        assert known is not None
        teamfile.apply(tx, replace(known, digest_personal=False), team.time.now())
        members.update(tx, team.id, team.slack.user("suzuki").id, digest_personal=True)
    monday(team)
    team.dm("sato").expect_none(HEADING)
    team.dm("suzuki").expect(HEADING)


@pytest.mark.thorough
def test_who_is_no_rep_any_more_gets_none_and_is_told_so(team: Team) -> None:
    team.receives("Acme")
    monday(team)
    with team.database.transaction() as tx:
        members.update(tx, team.id, team.slack.user("sato").id, roles=[Role.MARKETER])
    team.user("sato").press(STOP, in_=team.dm("sato"))
    team.dm("sato").expect(ja("reply.own_week_only_reps"))
    monday(team)
    assert new(team, "sato") == ""


@pytest.mark.thorough
def test_who_was_erased_is_named_no_more(team: Team) -> None:
    team.receives("Acme", person="Jane Roe")
    monday(team)
    message = team.dm("sato").expect(HEADING, "Jane Roe")
    with team.database.transaction() as tx:
        erasure.erase_person(tx, team.id, Request(numbers=(1,)), team.time.now())
    team.advance(minutes=5)
    assert "Jane Roe" not in message.text
    assert ja("lead.erased_of", company="Acme") in message.text or ja("lead.erased") in message.text


def test_what_is_answered_is_struck_through(team: Team) -> None:
    team.receives("Acme")
    monday(team)
    message = team.dm("sato").expect(HEADING, "Acme")
    team.user("sato").press(ja("button.accept"), in_=message)
    assert "に受領済みです。" in message.text
    assert ja("button.accept") not in message.buttons


@pytest.mark.thorough
@pytest.mark.parametrize("typed", thoroughly(["overdue", "outcomes"], but=["overdue"]))
def test_a_manager_lists_what_is_overdue_and_a_rep_may_not(team: Team, typed: str) -> None:
    team.receives("Acme")
    if typed == "outcomes":
        team.user("sato").press(ja("button.accept"))
    assert team.user("tanaka").types(f"/mql list {typed}", channel="sales").text == ja("digest.list_nothing")
    team.advance(days=14)
    shown = team.user("tanaka").types(f"/mql list {typed}", channel="sales").text
    assert ja(f"digest.list_{'waiting' if typed == 'overdue' else 'open_debt'}", count=1) in shown
    assert "Acme" in shown
    assert team.user("sato").types(f"/mql list {typed}", channel="sales").text == ja("reply.list_not_allowed")
