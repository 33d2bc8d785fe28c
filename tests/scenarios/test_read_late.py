"""A lead is read hours after it came: its clock began with the lead, and whoever gets it learns why it is late."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.i18n import Translator
from storage.vocabulary import EventType
from tests.scenarios.stage import Team, en, ja

LEAD = "Company: Acme\nEmail: jane@example.com"
HOUR = timedelta(hours=1)


def _texts(team: Team, name: str) -> str:
    return "\n".join(message.text for message in team.dm(name).messages)


@pytest.fixture
def hourly(team: Team) -> Team:
    """A team that answers within an hour."""
    steps = [{"after_hours": 1, "to": "manager"}]
    team.agrees(calendar="always", response_hours=1, reminders=[0.5], escalations=steps)
    team.may_break = ("could not reach the bot",)
    team.catch_up()  # the first look notes where to begin
    return team


def test_a_message_posted_while_the_bot_was_away_is_due_an_hour_after_it_was_posted(hourly: Team) -> None:
    posted = hourly.time.now()
    hourly.stop_bot()
    hourly.slack.app("HubSpot").posts("mql-intake", text=LEAD)
    hourly.advance(hours=5)
    hourly.start_bot()
    hourly.catch_up()
    mql = hourly.mql(1)
    assert (mql.received_at, mql.read_at) == (posted, posted + 5 * HOUR)
    assert ja("read_late.notification", came=ja.moment(posted), read=ja.moment(mql.read_at)) in _texts(hourly, "sato")
    assert ja("status.overdue") in _texts(hourly, "sato")
    text = hourly.dm("tanaka").expect("Acme").text
    assert f"{ja('direct.unread_time')}: 1時間" in text
    (breach,) = [event for event in hourly.log(1) if event.type == EventType.BREACHED]
    assert (breach.at, breach.before) == (posted + HOUR, None)


@pytest.mark.thorough
def test_an_edit_of_the_message_changes_nothing_about_when_it_came(hourly: Team) -> None:
    posted = hourly.time.now()
    hourly.stop_bot()
    message = hourly.slack.app("HubSpot").posts("mql-intake", text="Company: Acme").message
    assert message is not None
    hourly.advance(hours=2)
    with hourly.slack.workspace.change():
        message.record.text = LEAD
        message.record.edited = {"user": message.record.user, "ts": hourly.slack.workspace.next_ts()}
    hourly.advance(hours=3)
    hourly.start_bot()
    hourly.catch_up()
    assert (hourly.mql(1).email, hourly.mql(1).received_at) == ("jane@example.com", posted)


def test_what_is_entered_by_hand_from_the_queue_came_when_it_was_posted(hourly: Team) -> None:
    posted = hourly.time.now()
    hourly.app("HubSpot").posts("mql-intake", text="New lead!")
    hourly.advance(hours=5)
    ito = hourly.user("ito")
    ito.press(ja("button.enter"))
    ito.modal.fill({"company": "Acme"})
    ito.modal.submit()
    mql = hourly.mql(1)
    assert (mql.received_at, mql.read_at) == (posted, posted + 5 * HOUR)
    assert ja("read_late.manual", came=ja.moment(posted), read=ja.moment(mql.read_at)) in _texts(hourly, "sato")


@pytest.mark.thorough
def test_what_is_entered_by_hand_otherwise_comes_now(hourly: Team) -> None:
    ito = hourly.user("ito")
    ito.types("/mql new", channel="marketing")
    hourly.time.advance(HOUR)
    ito.modal.fill({"company": "Acme"})
    ito.modal.submit()
    assert hourly.mql(1).received_at == hourly.mql(1).read_at == hourly.time.now()


def test_a_webhook_says_when_the_lead_was_sent(hourly: Team) -> None:
    sent_at = hourly.time.now() - 2 * HOUR
    answer = hourly.posts_webhook({"company": "Acme", "sent_at": sent_at.isoformat()})
    assert (answer.status, answer.body) == (202, {"number": 1, "repeated": False})
    assert hourly.mql(1).received_at == sent_at
    assert ja("read_late.generic", came=ja.moment(sent_at), read=ja.moment(hourly.time.now())) in (
        _texts(hourly, "sato")
    )


@pytest.mark.parametrize(("minutes", "noted"), [(4, False), (6, True)])
def test_a_webhook_of_the_future_counts_from_now_and_the_sender_is_told(
    hourly: Team, minutes: int, noted: bool
) -> None:
    ahead = hourly.time.now() + timedelta(minutes=minutes)
    answer = hourly.posts_webhook({"company": "Acme", "sent_at": ahead.isoformat()})
    assert (answer.status, "note" in answer.body) == (202, noted)
    assert hourly.mql(1).received_at == hourly.time.now()


@pytest.mark.alike
@pytest.mark.parametrize(
    ("sent_at", "problem"),
    [
        ("2026-11-17", "not_a_time"),
        ("2026-11-17T10:05:00", "not_a_time"),
        (1763341500, "wrong_type"),
        ("2026-10-17T09:59:00+09:00", "too_old"),
    ],
)
def test_a_webhook_whose_time_cannot_be_is_refused(hourly: Team, sent_at: object, problem: str) -> None:
    answer = hourly.posts_webhook({"company": "Acme", "sent_at": sent_at}, id="msg_1")
    assert answer.status == 422
    assert [(fault["field"], fault["problem"]) for fault in answer.body["problems"]] == [("sent_at", problem)]
    # Nothing was stored, the id neither: put right, it is taken.
    assert hourly.posts_webhook({"company": "Acme", "sent_at": None}, id="msg_1").status == 202


@pytest.mark.parametrize("t", [ja, en], ids=["ja", "en"])
def test_a_lead_that_is_read_at_once_is_told_without_a_word_of_it(hourly: Team, t: Translator) -> None:
    hourly.app("HubSpot").posts("mql-intake", text=LEAD)
    hourly.advance(hours=1)
    texts = [_texts(hourly, name) for name in ("sato", "tanaka")]
    assert not any(t("read_late.counts") in text or t("direct.unread_time") in text for text in texts)
    assert "1時間" in texts[1]
