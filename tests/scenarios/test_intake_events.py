"""Events of the intake channel as Slack and the tools really send them: with files, from threads, again and again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from playground.dispatch import payloads
from playground.dispatch.transport import Dispatch
from storage import mqls, unreadables
from storage.vocabulary import EventType, UnreadableState
from tests.scenarios.stage import Team

LEAD = "*Name:* Jo Case\n*Email:* <mailto:jo@c.example|jo@c.example>\n*Company:* C Ltd"
MAIL = {"id": "F1", "filetype": "email", "subject": "Inquiry", "plain_text": "会社名: 株式会社青葉\nお名前: 山本 花"}
PDF = {"id": "F2", "filetype": "pdf", "title": "Price list"}


def posted(team: Team, text: str = "", **parts: Any) -> dict[str, Any]:
    """A message event of another app in the intake channel. The playground does not have the message, so nobody can
    answer in its thread."""
    team.may_break = ("thread_ts: no message",)
    ts = f"{team.time.now().timestamp():.6f}"
    event = {"type": "message", "channel": team.channel("mql-intake").id, "channel_type": "channel"}
    return event | {"ts": ts, "event_ts": ts, "bot_id": "B0TOOL0001", "text": text} | parts


def edited(team: Team, event: dict[str, Any], text: str, after: int = 5) -> dict[str, Any]:
    """The event of an edit of a message by its app, some seconds later."""
    ts = f"{(team.time.now() + timedelta(seconds=after)).timestamp():.6f}"
    now = {**event, "text": text, "edited": {"user": "B0TOOL0001", "ts": ts}}
    return changed(event, ts) | {"message": now, "previous_message": event}


def changed(event: dict[str, Any], ts: str) -> dict[str, Any]:
    """The frame of a message_changed event."""
    where = {"type": "message", "subtype": "message_changed", "channel": event["channel"], "channel_type": "channel"}
    return where | {"hidden": True, "ts": ts, "event_ts": ts}


def sends(team: Team, event: dict[str, Any], times: int = 1) -> None:
    """Slack sends an event, each time under an id of its own."""
    for _ in range(times):
        team.slack.delivery.send(Dispatch("events_api", payloads.event_wrapper(team.slack.workspace, event)))
    team.settle()


def cards(team: Team) -> int:
    return len([message for message in team.channel("mql").messages if message.thread is None])


def states(team: Team) -> list[UnreadableState]:
    with team.database.snapshot() as tx:
        return [entry.state for entry in unreadables.of_ids(tx, team.id, range(1, 50))]


@pytest.mark.parametrize(
    "parts",
    [
        {"subtype": "file_share", "files": [PDF]},
        {"subtype": "thread_broadcast", "thread_ts": "1795910401.000100"},
        {"subtype": "bot_message", "username": "Zap"},
        {"app_id": "A1", "bot_profile": {"name": "Zap"}, "user": "U0TOOL0001"},
    ],
    ids=["file", "broadcast", "classic", "modern"],
)
def test_a_lead_is_taken_whatever_sort_of_message_it_is(team: Team, parts: dict[str, Any]) -> None:
    sends(team, posted(team, LEAD, **parts))
    assert (team.mql(1).person, team.mql(1).company) == ("Jo Case", "C Ltd")


@pytest.mark.parametrize(
    "parts",
    [
        {"subtype": "bot_message", "username": "Email", "files": [MAIL]},
        {"subtype": "file_share", "bot_id": None, "user": "USLACKBOT", "files": [MAIL]},
    ],
    ids=["app", "forwarded"],
)
def test_a_mail_that_was_posted_is_read(team: Team, parts: dict[str, Any]) -> None:
    sends(team, {key: value for key, value in posted(team, **parts).items() if value is not None})
    assert (team.mql(1).company, team.mql(1).person) == ("株式会社青葉", "山本 花")


@pytest.mark.parametrize(
    "parts",
    [
        {"subtype": "file_share", "bot_id": None, "user": "U0ITO00001", "files": [PDF]},
        {"subtype": "channel_join"},
        {"thread_ts": "1795910401.000100"},
        {"subtype": "message_replied", "message": {"ts": "1.000001"}},
    ],
    ids=["person's file", "join", "in a thread", "replied"],
)
def test_what_no_app_has_posted_into_the_channel_is_left_alone(team: Team, parts: dict[str, Any]) -> None:
    sends(team, {key: value for key, value in posted(team, LEAD, **parts).items() if value is not None})
    assert (cards(team), states(team)) == (0, [])


def test_one_message_in_eleven_events_is_one_mql(team: Team) -> None:
    sends(team, posted(team, LEAD), times=11)
    assert cards(team) == 1


def test_one_edit_in_five_events_is_one_change(team: Team) -> None:
    event = posted(team, LEAD)
    sends(team, event)
    sends(team, edited(team, event, f"{LEAD}\n*Score:* 95\n*Phone:* 03-0000-1111"), times=5)
    assert (team.mql(1).score, team.mql(1).phone) == (95, "03-0000-1111")
    assert [event.type for event in team.log(1)].count(EventType.RECEIVED_AGAIN) == 1


def test_edits_that_come_in_the_wrong_order_leave_the_last_word(team: Team) -> None:
    event = posted(team, "読み込み中です")
    sends(team, event)
    sends(team, edited(team, event, f"{LEAD}\n*Score:* 95", after=20))
    sends(team, edited(team, event, f"{LEAD}\n*Score:* 10", after=10))
    assert team.mql(1).score == 95
    assert states(team) == [UnreadableState.ENTERED]


def test_an_edit_that_comes_before_its_message_is_taken_once(team: Team) -> None:
    team.catch_up()
    team.advance(minutes=1)
    event = posted(team, "読み込み中です")
    sends(team, edited(team, event, LEAD))
    sends(team, event)
    assert (cards(team), states(team)) == (1, [])


def test_a_message_that_only_stands_there_for_its_thread_waits_no_more(team: Team) -> None:
    event = posted(team, "電話番号: 03-0000-1111")
    sends(team, event)
    tomb = {"type": "message", "subtype": "tombstone", "ts": event["ts"], "user": "USLACKBOT", "text": "deleted"}
    sends(team, changed(event, "1795910401.000100") | {"message": tomb}, times=2)
    assert states(team) == [UnreadableState.DELETED]


def test_the_same_message_posted_twice_by_a_retry_is_one_mql_without_an_address_too(team: Team) -> None:
    text = "New lead: Bob Twice\nPhone: 03-1234-5678\nCompany: Twice KK"
    sends(team, posted(team, text))
    team.advance(seconds=1)
    sends(team, posted(team, text))
    assert cards(team) == 1
    assert [event.type for event in team.log(1)].count(EventType.RECEIVED_AGAIN) == 1


@pytest.mark.thorough
def test_forty_leads_posted_while_the_bot_was_down_are_forty_mqls(team: Team) -> None:
    team.may_break = ("could not reach the bot",)
    team.catch_up()
    team.stop_bot()
    app = team.app("Zapier")
    for number in range(40):
        app.posts("mql-intake", text=f"会社名: 会社{number}\nメール: p{number}@c{number}.example")
        team.advance(minutes=3)
    team.start_bot()
    for _ in range(3):
        team.catch_up()
    with team.database.snapshot() as tx:
        received = [(mql.number, mql.received_at) for mql in mqls.newest_open(tx, team.id, 100)]
    assert sorted(number for number, _ in received) == list(range(1, 41))
    assert len({at for _, at in received}) == 40  # each counts from when it was posted
