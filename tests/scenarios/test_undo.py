"""A slip of the thumb: what one tap did is undone from the same screen, and a lead takes one tap to accept, two to
report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from bot.core import teamfile
from bot.i18n import Translator
from playground import Message
from storage import mqls
from storage.database import Database
from storage.vocabulary import EventType, Locale, OwnerTold, Status
from tests.scenarios.stage import Team


@pytest.fixture
def team(database: Database, locale: Locale) -> Iterator[Team]:
    team = Team(database, locale)
    yield team
    team.close()


@pytest.fixture
def t(locale: Locale) -> Translator:
    return Translator(locale, "Asia/Tokyo")


def agrees(team: Team, **changes: Any) -> None:
    with team.database.snapshot() as tx:
        known = teamfile.current(tx, team.id)
    assert known is not None
    team.installation.agree(replace(known, **changes), move_open=False)
    team.settle()


def clocks(team: Team) -> list[Any]:
    with team.database.snapshot() as tx:
        return [clock.model_dump() for clock in mqls.clocks(tx, team.id, [team.mql(1).id])]


def card(team: Team) -> Message:
    return next(message for message in team.channel("mql").messages if message.thread is None)


def test_one_tap_accepts_two_report_and_each_is_undone_by_one(team: Team, t: Translator) -> None:
    team.receives("Acme", person="Hana Yamamoto", phone="03-1234-5678")
    sato = team.user("sato")
    sato.press(t("button.accept"), in_=team.dm("sato"))
    assert team.mql(1).status == Status.ACCEPTED
    sato.choose("mql_quick", f"qualified::{team.mql(1).id}", in_=team.dm("sato"))
    assert team.mql(1).status == Status.QUALIFIED
    assert "03-1234-5678" in team.dm("sato").expect(t("status.qualified")).text

    sato.press(t("button.undo"), in_=card(team))
    assert team.mql(1).status == Status.ACCEPTED
    sato.press(t("button.undo"), in_=card(team))
    assert team.mql(1).status == Status.ASSIGNED
    assert t("button.accept") in card(team).buttons
    assert t("button.undo") not in card(team).buttons
    actor = team.slack.user("sato").real_name
    team.channel("mql").thread(card(team)).expect(t("note.undo.disposed", actor=actor))
    assert [event.type for event in team.log(1)][-4:] == [EventType.UNDONE] * 2 + [EventType.UNDO] * 2


def test_the_button_goes_once_a_contact_of_before_is_told(team: Team, t: Translator) -> None:
    team.receives("Acme")
    team.advance(hours=1)
    team.user("tanaka").types("/mql withdraw 1")
    team.settle()
    assert t("button.undo") in card(team).buttons
    assert team.reports_activity("call", ago=timedelta(minutes=30), number=1).body["counted_as"] == "record"
    assert t("button.undo") not in card(team).buttons


def test_the_button_goes_by_itself_and_an_old_one_is_explained(team: Team, t: Translator) -> None:
    team.receives("Acme")
    sato = team.user("sato")
    sato.press(t("button.accept"), in_=card(team))
    shown = list(card(team).blocks)
    suzuki = team.user("suzuki")
    suzuki.press(t("button.undo"), in_=card(team))
    suzuki_sees = team.slack.user("suzuki").sees("mql")
    suzuki_sees.expect(t("reply.undo_not_yours", by=team.slack.user("sato").real_name))
    team.advance(minutes=11)
    assert t("button.undo") not in card(team).buttons
    card(team).record.blocks = shown  # the network has not brought the edit yet
    sato.press(t("button.undo"), in_=card(team))
    team.slack.user("sato").sees("mql").expect(t("reply.undo_over"))
    assert team.mql(1).status == Status.ACCEPTED


def test_marketing_reads_that_an_outcome_was_undone(team: Team, t: Translator) -> None:
    agrees(team, marketing_channel=team.channel("marketing").id)
    team.receives("Acme")
    sato = team.user("sato")
    sato.press(t("button.accept"), in_=card(team))
    sato.choose("mql_quick", f"qualified::{team.mql(1).id}", in_=card(team))
    team.channel("marketing").expect(t("status.qualified"))
    sato.press(t("button.undo"), in_=card(team))
    team.channel("marketing").expect(t("origin.undone"))


def test_details_hold_the_actions_and_follow_them(team: Team, t: Translator) -> None:
    team.receives("Acme", person="Hana Yamamoto", message="x" * 300)
    sato = team.user("sato")
    sato.press(t("button.show"), in_=card(team))
    assert "x" * 300 in sato.modal.text
    sato.press(t("button.accept"), in_=sato.modal)
    assert team.mql(1).status == Status.ACCEPTED
    pressed = [element.get("action_id") for block in sato.modal.blocks for element in block.get("elements", [])]
    assert "mql_contacted" in pressed
    assert "mql_accept" not in pressed


@pytest.mark.parametrize("owner_told", OwnerTold)
def test_a_new_mql_rings_the_owners_telephone_once(team: Team, t: Translator, owner_told: OwnerTold) -> None:
    agrees(team, owner_told=owner_told)
    team.receives("Acme")
    mention = f"<@{team.slack.user('sato').id}>"
    rings = [message for message in team.slack.user("sato").dm.messages if "Acme" in message.text]
    rings += [message for message in team.channel("mql").messages if mention in str(message.blocks)]
    assert len(rings) == 1
    assert [message for message in team.channel("mql").messages if message.thread is not None] == [], (
        "the card says it all"
    )


def promise(team: Team, t: Translator, where: Any) -> None:
    team.user("sato").choose("next_touch_day", f"tomorrow:{team.mql(1).id}", in_=where)


def test_a_promised_day_is_shown_reminded_of_and_kept(team: Team, t: Translator) -> None:
    team.receives("Acme", phone="03-1234-5678")
    sato = team.user("sato")
    sato.press(t("button.contacted"), in_=card(team))
    due = clocks(team)
    promise(team, t, card(team))
    assert clocks(team) == due, "a promise moves no deadline"
    assert t("next_touch.promised", day=t.day(date(2026, 11, 18))) in card(team).text
    team.at(weekday=2, hour=10, minute=1)
    reminded = team.dm("sato").expect(t("next_touch.today", whom=t("lead.one", name="Acme")), "03-1234-5678")
    sato.press(t("button.again"), in_=reminded)
    sato.modal.fill({"contact_kind": "call"})
    assert sato.modal.submit().errors == {}
    team.dm("sato").expect(t("next_touch.kept"))
