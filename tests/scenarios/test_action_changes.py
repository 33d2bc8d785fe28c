"""Actions of the review meeting are handed over, put off, reworded and opened again; the log keeps who did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from bot.core import teamfile
from bot.i18n import Translator
from bot.slack.blocks.base import ids
from storage import actions
from storage.database import Database
from storage.models import ActionChange, ActionItem
from storage.vocabulary import ActionStep, Locale
from tests.scenarios.stage import Team, ja

WHAT = "Send the new deck"
FRIDAY, MONDAY = date(2026, 11, 20), date(2026, 11, 23)


@pytest.fixture
def t(locale: Locale) -> Translator:
    return Translator(locale, "Asia/Tokyo")


@pytest.fixture
def team_with_action(database: Database, locale: Locale) -> Iterator[Team]:
    """A team of either language in which Sato has to do something until Friday."""
    team = Team(database, locale)
    _records(team)
    yield team
    team.close()


@pytest.fixture
def ours(team: Team) -> Team:
    """The same in Japanese."""
    _records(team)
    return team


def _records(team: Team) -> None:
    ito = team.user("ito")
    ito.types("/mql meeting", channel="sales")
    ito.modal.submit()
    sato = team.slack.user("sato").id
    ito.modal.fill({"action_what": WHAT, "action_owner": sato, "action_until": FRIDAY.isoformat()})
    assert ito.modal.submit().errors == {}
    ito.modal.close()


def opens_form(team: Team, t: Translator, who: str = "ito") -> Any:
    person = team.user(who)
    person.types("/mql meeting", channel="sales")
    person.modal.press(t("button.action_change"))
    return person.modal


def changes(team: Team, t: Translator, who: str = "ito", **values: str) -> str:
    """Somebody changes the action on the page of /mql meeting; returns what the page shows then."""
    modal = opens_form(team, t, who)
    if "action_owner" in values:
        values["action_owner"] = team.slack.user(values["action_owner"]).id
    modal.fill(values)
    assert modal.submit().errors == {}
    text = str(team.user(who).modal.text)
    team.user(who).modal.close()
    return text


def on_page(team: Team, t: Translator, *buttons: str) -> str:
    """Marketing presses buttons on the page of /mql meeting, one after the other; returns what it shows then."""
    ito = team.user("ito")
    ito.types("/mql meeting", channel="sales")
    for button in buttons:
        ito.modal.press(t(button))
    text = str(ito.modal.text)
    ito.modal.close()
    return text


def log(team: Team) -> list[ActionChange]:
    with team.database.snapshot() as tx:
        return actions.history(tx, team.id, [1])


def item(team: Team) -> ActionItem:
    with team.database.snapshot() as tx:
        action = actions.get(tx, team.id, 1)
    assert action is not None
    return action


def named(team: Team, who: str) -> str:
    return str(team.slack.user(who).real_name)


def test_another_owner_hears_of_it_at_once_and_is_told_on_the_day(team_with_action: Team, t: Translator) -> None:
    team_with_action.dm("sato").unread()
    page = changes(team_with_action, t, action_owner="suzuki")
    assert (
        t("action.who", owner=t("card.owner_person", name=named(team_with_action, "suzuki")), day=t.day(FRIDAY)) in page
    )
    heard = team_with_action.dm("suzuki").expect(t("action.yours", actor=named(team_with_action, "ito")), WHAT)
    assert heard.buttons == [t("button.action_done"), t("button.action_change")]
    gone = t("action.handed_over", what=WHAT, owner=named(team_with_action, "suzuki"))
    assert team_with_action.dm("sato").expect(gone).buttons == []
    team_with_action.at(weekday=4, hour=9)
    team_with_action.dm("suzuki").expect(t("action.due", day=t.day(FRIDAY)))
    team_with_action.dm("sato").expect_none(t("action.due", day=t.day(FRIDAY)))
    team_with_action.user("suzuki").press(t("button.action_done"), in_=heard)
    done = [message for message in team_with_action.dm("suzuki").messages if WHAT in message.text]
    assert all(message.text.startswith("✅") for message in done)
    assert len(done) == 2


def test_another_day_is_told_to_the_owner_and_the_reminder_moves_with_it(team_with_action: Team, t: Translator) -> None:
    team_with_action.at(weekday=4, hour=9)
    due = team_with_action.dm("sato").expect(t("action.due", day=t.day(FRIDAY)))
    page = changes(team_with_action, t, action_until=MONDAY.isoformat())
    who = t("action.who", owner=t("card.owner_person", name=named(team_with_action, "sato")), day=t.day(MONDAY))
    assert t("action.put_off", said=who, count=1) in page
    team_with_action.dm("sato").expect(
        t("action.put_to", actor=named(team_with_action, "ito"), old=t.day(FRIDAY), new=t.day(MONDAY))
    )
    assert t("action.moved", day=t.day(MONDAY)) in due.text
    team_with_action.at(weekday=0, hour=8, minute=59)
    team_with_action.dm("sato").expect_none(t("action.due", day=t.day(MONDAY)))
    team_with_action.advance(minutes=1)
    team_with_action.dm("sato").expect(t("action.due", day=t.day(MONDAY)), count=1)


@pytest.mark.thorough
def test_an_owner_who_changes_their_own_action_is_not_told(team_with_action: Team, t: Translator) -> None:
    team_with_action.dm("sato").unread()
    changes(team_with_action, t, "sato", action_until=MONDAY.isoformat(), action_what="Send two decks")
    team_with_action.dm("sato").expect_nothing()
    assert (item(team_with_action).what, item(team_with_action).due_on) == ("Send two decks", MONDAY.isoformat())
    team_with_action.at(weekday=0, hour=9)
    team_with_action.dm("sato").expect("Send two decks")


@pytest.mark.thorough
def test_other_words_change_what_is_shown_and_tell_nobody(team_with_action: Team, t: Translator) -> None:
    team_with_action.at(weekday=4, hour=9)
    due = team_with_action.dm("sato").expect(WHAT)
    team_with_action.dm("sato").unread()
    changes(team_with_action, t, action_what="Send the price list")
    team_with_action.dm("sato").expect_nothing()
    assert "Send the price list" in due.text
    assert WHAT not in due.text


def test_what_was_done_by_mistake_is_opened_again(team_with_action: Team, t: Translator) -> None:
    done = on_page(team_with_action, t, "button.action_done")
    assert t("meeting.no_actions") in done
    assert t("meeting.done") in done
    assert t("meeting.actions", count=1) in on_page(team_with_action, t, "button.action_reopen")
    team_with_action.dm("sato").expect(t("action.reopened", actor=named(team_with_action, "ito")), WHAT)
    team_with_action.at(weekday=4, hour=9)
    team_with_action.dm("sato").expect(t("action.due", day=t.day(FRIDAY)), count=1)


@pytest.mark.thorough
def test_the_owner_opens_it_again_where_they_were_reminded(team_with_action: Team, t: Translator) -> None:
    team_with_action.at(weekday=4, hour=9)
    due = team_with_action.dm("sato").expect(t("action.due", day=t.day(FRIDAY)))
    sato = team_with_action.user("sato")
    sato.press(t("button.action_done"), in_=due)
    buttons = list(due.blocks)
    sato.press(t("button.action_reopen"), in_=due)
    assert t("action.due", day=t.day(FRIDAY)) in due.text
    team_with_action.advance(days=3)
    assert len([message for message in team_with_action.dm("sato").messages if WHAT in message.text]) == 1
    due.record.blocks = buttons  # an old screen
    sato.press(t("button.action_reopen"), in_=due)
    team_with_action.dm("sato").expect(t("reply.action_is_open"))


def test_the_form_tells_what_was_done_so_far_and_by_whom(team_with_action: Team, t: Translator) -> None:
    today, by = t.day(t.local_date(team_with_action.time.now())), named(team_with_action, "ito")
    changes(team_with_action, t, action_until=MONDAY.isoformat(), action_owner="suzuki")
    changes(team_with_action, t, action_what="Send the price list")
    text = opens_form(team_with_action, t).text
    owner = t("action.step.owner", old=named(team_with_action, "sato"), new=named(team_with_action, "suzuki"))
    moved = t.listed([owner, t("action.step.due_on", old=t.day(FRIDAY), new=t.day(MONDAY))])
    for words in (
        t("action.step.recorded", day=today, by=by),
        t("action.step.changed", day=today, by=by, changes=moved),
        t("action.step.changed", day=today, by=by, changes=t("action.step.what", old=WHAT)),
    ):
        assert words in text
    assert [entry.step for entry in log(team_with_action)] == [
        ActionStep.RECORDED,
        ActionStep.CHANGED,
        ActionStep.CHANGED,
    ]
    assert [entry.what for entry in log(team_with_action)] == [WHAT, WHAT, "Send the price list"]


def test_who_was_slower_changes_nothing_and_is_told(team_with_action: Team, t: Translator) -> None:
    slow = opens_form(team_with_action, t, "tanaka")
    changes(team_with_action, t, action_what="First")
    slow.fill({"action_what": "Second"})
    slow.submit()
    assert t("reply.action_moved_on", by=named(team_with_action, "ito")) in team_with_action.user("tanaka").modal.text
    assert item(team_with_action).what == "First"
    team_with_action.user("tanaka").modal.close()
    slow = opens_form(team_with_action, t, "tanaka")
    on_page(team_with_action, t, "button.action_done")
    slow.fill({"action_what": "Second"})
    slow.submit()
    assert t("reply.action_is_done", by=named(team_with_action, "ito")) in team_with_action.user("tanaka").modal.text
    assert item(team_with_action).what == "First"


def test_a_form_that_changes_nothing_leaves_no_trace(ours: Team) -> None:
    changes(ours, ja)
    assert len(log(ours)) == 1


def test_wrong_values_are_told_on_their_field_and_a_day_that_is_over_may_stay(ours: Team) -> None:
    ours.advance(days=7)
    modal = opens_form(ours, ja)
    modal.fill({"action_what": " ", "action_until": "2026-11-19"})
    assert modal.submit().errors == {
        "action_what": ja("error.action_what"),
        "action_until": ja("error.action_until"),
    }
    modal.fill({"action_what": "Late", "action_until": FRIDAY.isoformat()})
    assert modal.submit().errors == {}
    assert (item(ours).what, item(ours).due_on) == ("Late", FRIDAY.isoformat())


@pytest.mark.thorough
def test_what_moves_on_before_it_is_told_is_not_told(ours: Team) -> None:
    ours.agrees(quiet={"start": "09:30", "end": "18:00"})  # it is ten o'clock
    changes(ours, ja, action_owner="suzuki")
    changes(ours, ja, action_owner="brown")
    yours = ja("action.yours", actor=named(ours, "ito"))
    ours.dm("brown").expect_none(yours)
    ours.advance(hours=8)
    ours.dm("suzuki").expect_none(yours)
    ours.dm("brown").expect(yours, WHAT)


def test_who_has_left_the_roster_changes_nothing(ours: Team) -> None:
    modal = opens_form(ours, ja)
    with ours.database.transaction() as tx:
        known = teamfile.current(tx, ours.id)
        assert known is not None
        gone = ours.slack.user("ito").id
        left = tuple(member for member in known.members if member.user_id != gone)
        teamfile.apply(tx, replace(known, members=left), ours.time.now())
    modal.fill({"action_what": "Mine"})
    modal.submit()
    assert ja("reply.not_on_roster") in ours.user("ito").modal.text
    assert item(ours).what == WHAT


def test_everything_twice_happens_once(database: Database) -> None:
    team = Team(database, twice=True)
    team.may_break = ("was used already", "has changed since")  # the second of each
    try:
        _records(team)
        changes(team, ja, action_owner="suzuki")
        on_page(team, ja, "button.action_done", "button.action_reopen")
        steps = (ActionStep.RECORDED, ActionStep.CHANGED, ActionStep.DONE, ActionStep.REOPENED)
        assert tuple(entry.step for entry in log(team)) == steps
        yours = ja("action.yours", actor=named(team, "ito"))
        assert len([message for message in team.dm("suzuki").messages if yours in message.text]) == 1
    finally:
        team.close()


def test_with_a_done_action_its_past_is_forgotten(ours: Team) -> None:
    changes(ours, ja, action_owner="suzuki")
    on_page(ours, ja, "button.action_done")
    ours.advance(seconds=1)
    with ours.database.transaction() as tx:
        assert actions.forget(tx, "T0OTHER001", ours.time.now()) == 0
        assert len(actions.history(tx, ours.id, [1])) == 3
        assert actions.forget(tx, ours.id, ours.time.now()) == 1
    assert log(ours) == []


@pytest.mark.thorough
def test_the_agenda_shows_the_change(ours: Team) -> None:
    ours.slack.admin.invite_bot("marketing")
    with ours.database.transaction() as tx:
        known = teamfile.current(tx, ours.id)
        assert known is not None
        where = ours.slack.channel("marketing").id
        planned = replace(known, meeting_weekday=2, meeting_time="15:00", meeting_channel=where)
        teamfile.apply(tx, planned, ours.time.now())
    ours.at(weekday=2, hour=14)
    agenda = ours.channel("marketing").expect(WHAT)
    changes(ours, ja, action_what="見積を送る")
    assert "見積を送る" in agenda.text
    assert ids.ACTION_CHANGE not in str(agenda.blocks)
