"""Nobody drowns in messages, and what nobody acts on can be muted: never silently."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from bot.core.messages import limits
from bot.i18n import Translator
from storage import members, workspaces
from storage.database import Database
from storage.models import mute
from storage.models import outbox as outbox_table
from storage.vocabulary import EventType, Locale, MessageKind, OutboxState
from tests import queued
from tests.scenarios.stage import Team, ja

HALF = (0.5,)


@pytest.fixture(params=Locale)
def unheeded(request: pytest.FixtureRequest, database: Database) -> Iterator[tuple[Team, Translator]]:
    """A team of either language in whose last weeks nobody has acted on 80 reminders."""
    team = Team(database, request.param)
    team.receives("Acme")
    team.user("tanaka").types("/mql withdraw 1", channel="sales")
    team.advance(minutes=11)  # nobody can undo it any more, which would edit what never went out
    sent(team, MessageKind.REMINDER, 80)
    sent(team, MessageKind.ESCALATION, 80, "tanaka")
    sent(team, MessageKind.FEEDBACK_REMINDER, 3)
    yield team, Translator(request.param, "Asia/Tokyo")
    team.close()


def sent(team: Team, kind: MessageKind, count: int, who: str = "sato") -> None:
    """Messages that went out four weeks ago, an hour after each other."""
    mql_id, target = team.mql(1).id, team.slack.user(who).id
    with team.database.transaction() as tx:
        for number in range(count):
            at = team.time.now().replace(month=10, day=1 + number // 24, hour=number % 24)
            row = queued.message(team.id, f"{kind}:{number}", kind, target, at, mql_id=mql_id)
            tx.execute(outbox_table.insert().values(**row | {"state": OutboxState.SENT, "sent_at": at}))


def noise_report(team: Team, who: str) -> str:
    """What the report shows to somebody."""
    team.user(who).types("/mql report noise", channel="sales")
    return str(team.user(who).modal.text)


def daily_limit_of(team: Team, daily: int) -> None:
    with team.database.transaction() as tx:
        workspaces.save(tx, team.id, team.time.now(), daily_messages=daily)


def test_reminders_over_the_limit_become_one_message_of_the_next_morning(team: Team) -> None:
    team.agrees(calendar={"kind": "always"}, reminders=HALF, quiet=None)
    daily_limit_of(team, 3)
    for number in range(9):
        team.receives(f"Acme {number}")  # three for each rep
    assert len(team.dm("sato").unread()) == 3
    team.advance(hours=12)  # Tuesday 22:00
    team.dm("sato").expect_nothing()
    team.at(weekday=2, hour=8, minute=59)
    team.dm("sato").expect_nothing()
    team.at(weekday=2, hour=9)
    (held,) = team.dm("sato").unread()
    assert ja("direct.held_reminder", count=3) in held.text
    reminded = [event for event in team.log(1) if event.type == EventType.REMINDED]
    assert [ja.moment(event.at) for event in reminded] == ["11/17(火) 22:00"]


@pytest.mark.thorough
def test_what_was_answered_in_the_meantime_is_not_told_next_morning(team: Team) -> None:
    team.agrees(calendar={"kind": "always"}, reminders=HALF, quiet=None)
    daily_limit_of(team, 1)
    team.receives("Acme")
    team.advance(hours=12)
    team.user("sato").press(ja("button.accept"), in_=team.dm("sato"))
    team.dm("sato").unread()
    team.at(weekday=2, hour=9)
    team.dm("sato").expect_nothing()
    assert any(event.type == EventType.MESSAGE_DROPPED for event in team.log(1))


@pytest.mark.thorough
def test_new_mqls_escalations_and_what_a_leader_asks_for_are_never_held_back(team: Team) -> None:
    team.agrees(calendar={"kind": "always"}, reminders=HALF)
    daily_limit_of(team, 1)
    for number in range(6):
        team.receives(f"Acme {number}")
    assert len(team.dm("sato").unread()) == 2
    team.advance(hours=12)
    team.dm("sato").expect_nothing()
    team.user("tanaka").types("/mql report", channel="sales")
    team.advance(hours=12)
    (late,) = team.dm("tanaka").unread()
    team.dm("sato").unread()
    team.user("tanaka").press(ja("button.remind_all"), in_=late)
    assert len(team.dm("sato").unread()) == 1


@pytest.mark.thorough
def test_below_the_limit_nothing_changes(team: Team) -> None:
    team.agrees(calendar={"kind": "always"}, reminders=HALF)
    team.receives("Acme")
    team.dm("sato").unread()
    team.advance(hours=12)
    team.dm("sato").expect("Acme")


def test_leaders_see_what_messages_led_to(unheeded: tuple[Team, Translator]) -> None:
    team, t = unheeded
    shown = noise_report(team, "tanaka")
    rate = t("noise.rate", percent="0%", low="0", high="5%")
    assert t("noise.line", what=t("noise.kind.reminder"), sent="80", acted="0", rate=rate) in shown
    assert t("noise.line_counts", what=t("noise.kind.feedback_reminder"), sent="3", acted="0") + "\n" in f"{shown}\n"
    assert t("noise.kind.escalation") in shown
    assert shown.count(f"[{t('button.kind_mute')}]") == 1


def test_a_press_on_the_mql_is_an_act(team: Team) -> None:
    team.receives("Acme")
    team.advance(hours=1)
    team.user("sato").press(ja("button.accept"), in_=team.dm("sato"))
    team.advance(days=3)
    shown = noise_report(team, "tanaka")
    assert ja("noise.line_counts", what=ja("noise.kind.assignment"), sent="1", acted="1") in shown


@pytest.mark.thorough
def test_a_muted_kind_is_dropped_with_an_event_until_it_is_wanted_again(unheeded: tuple[Team, Translator]) -> None:
    team, t = unheeded
    team.agrees(calendar={"kind": "always"}, reminders=HALF)
    tanaka = team.user("tanaka")
    noise_report(team, "tanaka")
    tanaka.modal.press(t("button.kind_mute"))
    muted = t("noise.muted", what=t("noise.kind.reminder"), day=t.day(t.local_date(team.time.now())), by="田中 美咲")
    assert muted in tanaka.modal.text
    assert t("button.kind_mute") not in tanaka.modal.text.replace(t("button.kind_unmute"), "")
    tanaka.modal.close()
    team.receives("Beta")
    team.dm("sato").unread()
    team.advance(hours=12)
    team.dm("sato").expect_nothing()
    (dropped,) = [event for event in team.log(2) if event.type == EventType.MESSAGE_DROPPED]
    assert dropped.reason == limits.MUTED
    assert any(event.type == EventType.REMINDED for event in team.log(2))
    kim = team.user("kim")
    kim.types("/mql show 2", channel="sales")
    assert kim.modal.text.count(t("note.message_muted")) == 1
    reminded = [t("note.reminded.response", rep=rep.real_name) for rep in map(team.slack.user, ("sato", "suzuki"))]
    assert all(note not in kim.modal.text for note in reminded)
    kim.modal.close()
    # Whoever asks for a reminder by a press gets it.
    team.advance(hours=12)
    tanaka.press(t("button.remind"), in_=team.dm("tanaka").expect("Beta"))
    assert len(team.dm("sato").unread()) == 1
    kim.types("/mql show 2", channel="sales")
    names = {"actor": team.slack.user("tanaka").real_name, "rep": team.slack.user("sato").real_name}
    assert t("note.reminded_by", **names) in kim.modal.text
    kim.modal.close()
    assert muted in noise_report(team, "kim")
    kim.modal.press(t("button.kind_unmute"))
    assert muted not in kim.modal.text
    team.receives("Gamma")
    team.dm("suzuki").unread()
    team.advance(hours=12)
    team.dm("suzuki").expect("Gamma")


def test_a_muted_kind_is_dropped_in_quiet_hours_too(team: Team) -> None:
    team.agrees(calendar={"kind": "always"}, quiet={"start": "20:00", "end": "08:00"}, reminders=HALF)
    with team.database.transaction() as tx:
        limits.set_muted(tx, team.id, MessageKind.REMINDER, team.slack.user("kim").id, team.time.now(), muted=True)
    team.receives("Acme")
    team.dm("sato").unread()
    team.advance(hours=12)
    team.at(weekday=2, hour=8)
    team.dm("sato").expect_nothing()
    assert [event.reason for event in team.log(1) if event.type == EventType.MESSAGE_DROPPED] == [limits.MUTED]


def test_two_leaders_who_press_at_once_mute_it_once(unheeded: tuple[Team, Translator]) -> None:
    team, t = unheeded
    for who in ("tanaka", "kim"):
        noise_report(team, who)
    for who in ("tanaka", "kim"):
        team.user(who).modal.press(t("button.kind_mute"))
        assert t("button.kind_unmute") in team.user(who).modal.text
    with team.database.snapshot() as tx:
        (row,) = tx.execute(sa.select(mute)).all()
    assert row.by == team.slack.user("tanaka").id


def test_who_leads_no_more_cannot_mute(team: Team) -> None:
    team.receives("Acme")
    sent(team, MessageKind.REMINDER, 80)
    noise_report(team, "tanaka")
    with team.database.transaction() as tx:
        members.update(tx, team.id, team.slack.user("tanaka").id, roles=["rep"])
    team.user("tanaka").modal.press(ja("button.kind_mute"))
    team.dm("tanaka").expect(ja("reply.noise_not_allowed"))
    with team.database.snapshot() as tx:
        assert tx.execute(sa.select(mute)).all() == []


@pytest.mark.parametrize("who", ["sato", "ito"])
def test_reps_and_marketers_are_told_whom_to_ask(team: Team, who: str) -> None:
    shown = team.user(who).types("/mql report noise", channel="sales").text
    assert shown == ja("reply.noise_not_allowed")
