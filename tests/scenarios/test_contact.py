"""How it is known that a lead was contacted: a press, a word about how, or the CRM. Told in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.i18n import Translator
from playground import Conversation, Fault
from storage import mqls
from storage.database import Database
from storage.models import Clock
from storage.vocabulary import ClockKind, ClockState, EventType, Evidence, Locale, Status
from tests.scenarios.stage import Team

HOUR = timedelta(hours=1)


@pytest.fixture
def team(database: Database, locale: Locale) -> Iterator[Team]:
    """A team that reads this language."""
    team = Team(database, locale)
    yield team
    team.close()


@pytest.fixture
def t(locale: Locale) -> Translator:
    """The words of the language."""
    return Translator(locale, "Asia/Tokyo")


def thread(team: Team) -> Conversation:
    (card,) = [message for message in team.channel("mql").messages if message.thread is None]
    return team.channel("mql").thread(card)


def response_clock(team: Team) -> Clock:
    with team.database.snapshot() as tx:
        clocks = mqls.clocks(tx, team.id, [team.mql(1).id])
    return next(clock for clock in clocks if clock.kind == ClockKind.RESPONSE)


def test_one_press_is_enough_and_how_can_be_added_after_it(team: Team, t: Translator) -> None:
    team.receives("Acme")
    sato = team.user("sato")
    sato.press(t("button.contacted"), in_=team.dm("sato"))
    assert team.slack.user("sato").modal is None
    pressed = team.mql(1)
    assert (pressed.status, pressed.contact_evidence) == (Status.CONTACTED, Evidence.BUTTON)
    thread(team).expect(t("note.contacted.button", actor="佐藤 葵"))

    team.advance(hours=1)
    (assigned,) = team.dm("sato").messages
    assert t("button.how") in assigned.buttons
    sato.press(t("button.how"), in_=team.dm("sato"))
    sato.modal.fill({"contact_kind": "call", "contact_note": "来週デモ"})
    assert sato.modal.submit().errors == {}
    mql = team.mql(1)
    assert (mql.contact_evidence, mql.contacted_at) == (Evidence.CALL, pressed.contacted_at)
    thread(team).expect(t("note.evidence", actor="佐藤 葵", kind=t("evidence.call")), t("note.noted", text="来週デモ"))
    assert t("button.how") not in assigned.buttons
    (card,) = [message for message in team.channel("mql").messages if message.thread is None]
    assert t("button.how") not in card.buttons
    assert team.log(1)[-1].type == EventType.EVIDENCE


def test_a_contact_can_be_told_with_how_from_the_menu_of_the_card(team: Team, t: Translator) -> None:
    team.receives("Acme", crm_url="https://crm.example.com/12")
    sato = team.user("sato")
    sato.press(t("button.contacted_how"), in_=team.channel("mql"))
    sato.modal.fill({"contact_kind": "email"})
    assert sato.modal.submit().errors == {}
    mql = team.mql(1)
    assert (mql.status, mql.contact_evidence) == (Status.CONTACTED, Evidence.EMAIL)
    assert mql.accepted_at == mql.contacted_at == team.time.now()
    thread(team).expect(t("note.contacted.email", actor="佐藤 葵"))
    (card,) = [message for message in team.channel("mql").messages if message.thread is None]
    assert t("button.how") not in card.buttons
    assert t("button.crm") in card.buttons


def test_the_form_says_what_it_lacks(team: Team, t: Translator) -> None:
    team.receives("Acme")
    sato = team.user("sato")
    sato.press(t("button.contacted_how"), in_=team.channel("mql"))
    sato.modal.fill({"contact_kind": "note"})
    assert sato.modal.submit().errors == {"contact_note": t("error.contact_note")}
    assert team.mql(1).contacted_at is None
    sato.modal.fill({"contact_note": "  "})
    assert sato.modal.submit().errors == {"contact_note": t("error.contact_note")}
    sato.modal.fill({"contact_note": "<!channel> 折り返し待ち"})
    assert sato.modal.submit().errors == {}
    assert team.mql(1).contact_evidence == Evidence.NOTE
    assert (team.log(1)[-1].type, team.log(1)[-1].reason) == (EventType.CONTACTED, "<!channel> 折り返し待ち")
    thread(team).expect("折り返し待ち")
    assert "<!channel>" not in thread(team).messages[-1].record.text


def test_how_can_be_added_where_contacted_was_pressed_also_in_a_reminder(team: Team, t: Translator) -> None:
    team.hears_at_night()
    team.receives("Acme")
    team.advance(hours=12)
    reminder = team.dm("sato").messages[-1]
    team.user("sato").press(t("button.contacted"), in_=reminder)
    assert reminder.buttons == [t("button.how")]
    sato = team.user("sato")
    sato.press(t("button.how"), in_=reminder)
    sato.modal.fill({"contact_kind": "meeting"})
    sato.modal.submit()
    assert reminder.buttons == []
    assert team.mql(1).contact_evidence == Evidence.MEETING


def test_who_may_not_act_on_it_may_not_tell_how_either(team: Team, t: Translator) -> None:
    team.receives("Acme")
    suzuki = team.user("suzuki")
    suzuki.press(t("button.contacted_how"), in_=team.slack.user("suzuki").sees("mql"))
    assert team.slack.user("suzuki").modal is None
    assert team.slack.user("suzuki").sees("mql").messages[-1].text == t("reply.not_allowed")
    sato = team.user("sato")
    sato.press(t("button.contacted_how"), in_=team.channel("mql"))
    tanaka = team.user("tanaka")
    tanaka.press(t("button.reassign"), in_=team.slack.user("tanaka").sees("mql"))
    tanaka.modal.fill({"new_owner": team.slack.user("suzuki").id})
    tanaka.modal.submit()
    sato.modal.fill({"contact_kind": "call"})
    sato.modal.submit()
    assert t("reply.not_allowed") in sato.modal.text
    assert team.mql(1).contacted_at is None
    assert [event.actor for event in team.log(1) if event.type == EventType.REFUSED] == [sato.id]


@pytest.mark.thorough
def test_a_call_that_the_crm_reports_late_counts_at_its_true_time(team: Team, t: Translator) -> None:
    team.receives("Acme", external_id="42")
    received = team.time.now()
    team.advance(hours=25)
    answer = team.reports_activity("call", ago=23 * HOUR, external_id="42", actor="sato@sample.example")
    sato = team.slack.user("sato")
    assert (answer.status, answer.body) == (202, {"number": 1, "counted_as": "contact", "actor": sato.id})
    mql, clock = team.mql(1), response_clock(team)
    assert (mql.status, mql.contact_evidence) == (Status.CONTACTED, Evidence.CALL)
    assert mql.accepted_at == mql.contacted_at == clock.stopped_at == received + 2 * HOUR
    assert clock.state == ClockState.MET
    at = t.moment(received + 2 * HOUR)
    thread(team).expect_none(t("note.accepted", actor="佐藤 葵"))  # in time: the card tells it
    thread(team).expect(t("note.reported_by", actor="佐藤 葵", kind=t("evidence.call"), at=at))
    team.dm("tanaka").unread()
    team.advance(hours=24)
    team.dm("yamada").expect_nothing()


@pytest.mark.thorough
def test_a_reported_meeting_is_proof_of_an_earlier_press(team: Team, t: Translator) -> None:
    team.receives("Acme", email="jane@example.com")
    team.user("sato").press(t("button.contacted"), in_=team.dm("sato"))
    pressed = team.time.now()
    team.advance(hours=1)
    assert team.reports_activity("meeting", email="JANE@example.com").body["counted_as"] == "evidence"
    assert (team.mql(1).contact_evidence, team.mql(1).contacted_at) == (Evidence.MEETING, pressed)
    kind, at = t("evidence.meeting"), t.moment(team.time.now())
    thread(team).expect(t("note.reported", kind=kind, at=at))
    assert t("button.how") not in team.dm("sato").messages[0].buttons


def test_the_same_activity_again_changes_nothing_and_is_answered_as_before(team: Team, t: Translator) -> None:
    team.receives("Acme")
    body = {"number": 1, "kind": "call", "at": team.time.now().isoformat()}
    first = team.posts_webhook(body, path="/webhooks/activity", id="msg_crm")
    notes, events = len(thread(team).messages), len(team.log(1))
    again = team.posts_webhook(body, path="/webhooks/activity", id="msg_crm")
    assert (again.status, again.body) == (first.status, first.body) == (202, again.body)
    assert (len(thread(team).messages), len(team.log(1))) == (notes, events)
    # An id belongs to the door that it came in by.
    assert team.posts_webhook({"company": "Beta"}, id="msg_crm").body == {"number": 2, "repeated": False}


def test_an_activity_for_a_lead_that_is_not_there_yet_is_taken_once_it_is(team: Team) -> None:
    body = {"external_id": "42", "kind": "call", "at": team.time.now().isoformat()}
    early = team.posts_webhook(body, path="/webhooks/activity", id="msg_crm")
    assert (early.status, early.body["error"]) == (404, "unknown_lead")
    team.receives("Acme", external_id="42")
    assert team.posts_webhook(body, path="/webhooks/activity", id="msg_crm").status == 202
    assert team.mql(1).contact_evidence == Evidence.CALL


@pytest.mark.thorough
def test_an_activity_for_an_mql_that_nobody_owns_stops_nothing_and_the_thread_says_so(
    team: Team, t: Translator
) -> None:
    for name in ("sato", "suzuki", "brown"):
        team.away(name, days=1)
    team.receives("Acme")
    assert team.reports_activity("call", number=1).body["counted_as"] == "record"
    assert (team.mql(1).status, team.mql(1).contacted_at) == (Status.UNASSIGNED, None)
    assert response_clock(team).state == ClockState.RUNNING
    thread(team).expect(t("note.reported_unowned"))


@pytest.mark.parametrize("actor", ["nobody@sample.example", "U0NOBODY01"])
def test_an_actor_whom_nobody_knows_is_left_out(team: Team, t: Translator, actor: str) -> None:
    team.may_break = ("no active user with",)
    team.receives("Acme")
    answer = team.reports_activity("crm", number=1, actor=actor)
    assert (answer.status, answer.body["actor"]) == (202, None)
    thread(team).expect(t("note.reported", kind=t("evidence.crm"), at=t.moment(team.time.now())))


def test_a_slack_that_does_not_answer_costs_the_name_and_not_the_activity(team: Team) -> None:
    team.receives("Acme")
    team.slack.faults.add("users.lookupByEmail", Fault.ERROR_500, times=1)
    answer = team.reports_activity("call", number=1, actor="sato@sample.example")
    assert (answer.status, answer.body["actor"]) == (202, None)
    assert team.mql(1).contact_evidence == Evidence.CALL


def test_an_activity_that_cannot_be_taken_is_told_why_and_changes_nothing(team: Team) -> None:
    team.receives("Acme")
    path = "/webhooks/activity"
    good: dict[str, Any] = {"number": 1, "kind": "call", "at": team.time.now().isoformat()}
    ahead = (team.time.now() + timedelta(minutes=6)).isoformat()
    before = (team.time.now() - timedelta(hours=25)).isoformat()
    wrong: list[tuple[dict[str, Any], int, str]] = [
        ({"number": 99}, 404, "unknown_lead"),
        ({"at": ahead}, 422, "in_the_future"),
        ({"at": before}, 422, "before_lead"),
        ({"at": "2026-11-17T10:00:00"}, 422, "not_a_time"),
        ({"kind": "button"}, 422, "not_one_of"),
    ]
    for change, status, code in wrong:
        answer = team.posts_webhook(good | change, path=path)
        problems = [entry["problem"] for entry in answer.body.get("problems", [])]
        assert (answer.status, [code]) == (status, problems or [answer.body["error"]])
    assert team.posts_webhook(b" " * (256 * 1024 + 1), path=path).status == 413
    other = "whsec_" + "QUFB" * 11
    assert team.posts_webhook(good, path=path, secret=other).status == 401
    assert team.posts_webhook(good, path=path, sent_at=datetime.now(UTC) - timedelta(minutes=6)).status == 401
    assert team.mql(1).contacted_at is None
    assert team.posts_webhook(good, path=path).status == 202


@pytest.mark.thorough
def test_the_digest_counts_contacts_all_and_with_proof(team: Team, t: Translator) -> None:
    for company in ("Acme", "Beta", "Delta"):
        team.receives(company)
    team.advance(hours=1)
    team.user("sato").press(t("button.contacted"), in_=team.dm("sato"))
    team.advance(hours=1)
    team.reports_activity("call", number=2)
    team.at(weekday=0, hour=9)
    digest = team.dm("tanaka").expect(t("digest.figure.contacted"))
    times = t("digest.contact_times", median=t.brief(HOUR), p90=t.brief(2 * HOUR))
    proven = t("digest.contact_times", median=t.brief(2 * HOUR), p90=t.brief(2 * HOUR))
    shares = [t("digest.share", percent=percent, part=part, whole=3) for percent, part in (("67%", 2), ("33%", 1))]
    team.dm("tanaka").thread(digest).expect(t("digest.figure.proven"), *shares, times, proven)
