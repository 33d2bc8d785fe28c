"""Which messages a fact calls for, and whether a message still says something true when its turn comes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.core import team
from storage import actions, alerts, definitions, mqls, outbox, reps
from storage.models import Event, Member, Mql, Outbox, Workspace
from storage.vocabulary import AskWhy, ClockKind, EventType, MessageKind, Status

# Messages that show an MQL's present state and carry its buttons: edited in place when it changes.
LIVE = (
    MessageKind.CARD,
    MessageKind.ASSIGNMENT,
    MessageKind.REMINDER,
    MessageKind.ESCALATION,
    MessageKind.OFFER,
    MessageKind.UNASSIGNED,
    MessageKind.OWNER_LEFT,
    MessageKind.UNREACHABLE,
    MessageKind.FEEDBACK_REMINDER,
    MessageKind.FEEDBACK_OVERDUE,
    MessageKind.FEEDBACK_AGAIN,
    MessageKind.DISPUTED,
    MessageKind.REOPENED,
)

# Messages about one MQL that are edited only where its person is erased.
PERMANENT = (MessageKind.NOTE, MessageKind.OUTCOME, MessageKind.DISPUTE_DECIDED)

# Several of these that wait for one person become one message.
MERGED = (MessageKind.REMINDER, MessageKind.FEEDBACK_REMINDER, MessageKind.FEEDBACK_AGAIN)

# Edits go before new messages, about one a second: when many are due that nobody waits for, they leave gaps.
A_GAP = timedelta(seconds=3)
# What is held back is written before the night and sent after it.
A_DAY = timedelta(days=1)
# The agenda of a meeting looks back over so much, holidays among it.
OLDEST_ON_AN_AGENDA = timedelta(weeks=9)


def card_key(mql_id: int) -> str:
    """The key of an MQL's card."""
    return f"card:{mql_id}"


def note_key(event_id: int) -> str:
    """The key of the note in the card's thread that tells of an event."""
    return f"note:{event_id}"


def card(tx: sa.Connection, workspace: Workspace, mql_id: int, now: datetime) -> None:
    """Post the card of a new MQL."""
    key = card_key(mql_id)
    outbox.add(tx, workspace.id, key, MessageKind.CARD, workspace.mql_channel, now, mql_id=mql_id)


def note(tx: sa.Connection, subject: Mql, event_id: int, now: datetime) -> None:
    """Add a sentence about an event to the card's thread."""
    outbox.add_all(tx, _note(tx, subject, event_id, now))


def say(tx: sa.Connection, subject: Mql, event_id: int, now: datetime) -> None:
    """Add a sentence about an event to the card's thread, and bring every message that shows the MQL up to date."""
    edits = _edits(tx, subject.workspace_id, {subject.id: event_id}, now)
    outbox.add_all(tx, [*_note(tx, subject, event_id, now), *edits])


def _note(tx: sa.Connection, subject: Mql, event_id: int, now: datetime) -> list[dict[str, Any]]:
    card = outbox.by_key(tx, subject.workspace_id, card_key(subject.id))
    return [_beside(card, subject.id, event_id, now)] if card else []


def _beside(card: Outbox, mql_id: int, event_id: int, now: datetime) -> dict[str, Any]:
    about = {"mql_id": mql_id, "event_id": event_id, "parent_id": card.id}
    return outbox.message(card.workspace_id, note_key(event_id), MessageKind.NOTE, card.target, now, **about)


def note_all(tx: sa.Connection, workspace_id: str, events: Mapping[int, int], now: datetime) -> None:
    """The same for the events of many MQLs; `events`: the MQL of each."""
    if events:
        keys = [card_key(mql_id) for mql_id in events.values()]
        cards = {card.mql_id: card for card in outbox.by_keys(tx, workspace_id, keys)}
        told = [(cards[mql_id], mql_id, event_id) for event_id, mql_id in events.items() if mql_id in cards]
        outbox.add_all(tx, [_beside(*one, now) for one in told])


def tell(
    tx: sa.Connection,
    kind: MessageKind,
    people: Iterable[Member | str],
    subject: Mql | mqls.Held,
    event_id: int,
    now: datetime,
    **data: Any,
) -> None:
    """Send a direct message about an event to each of `people`, once per event and person."""
    outbox.add_all(tx, list(telling(kind, people, subject, event_id, now, **data)))


def telling(
    kind: MessageKind,
    people: Iterable[Member | str],
    subject: Mql | mqls.Held,
    event_id: int,
    now: datetime,
    **data: Any,
) -> Iterator[dict[str, Any]]:
    """The messages of `tell`, for `outbox.add_all`."""
    for person in people:
        user = person if isinstance(person, str) else person.user_id
        about = {"mql_id": subject.id, "event_id": event_id, "data": data}
        key = f"{kind}:{event_id}:{user}"
        yield outbox.message(subject.workspace_id, key, kind, user, now, **about)


def hold(
    tx: sa.Connection,
    kind: MessageKind,
    people: Iterable[Member | str],
    subject: Mql | mqls.Held,
    event_id: int,
    now: datetime,
    until: datetime,
    **data: Any,
) -> None:
    """Keep back until then what nobody has asked for; everything that is held for one person becomes one message."""
    item = {"kind": kind, "mql": subject.id, "event": event_id, "data": data}
    for person in people:
        user = person if isinstance(person, str) else person.user_id
        key = f"held:{user}:{until.isoformat()}"
        values: dict[str, Any] = {"data": {"items": [item]}, "not_before": until}
        if not outbox.add(tx, subject.workspace_id, key, MessageKind.HELD, user, now, **values):
            waiting = outbox.by_key(tx, subject.workspace_id, key)
            if waiting is None or not outbox.add_item(tx, waiting, item):
                tell(tx, kind, [user], subject, event_id, now, **data)


def refresh(tx: sa.Connection, subject: Mql, event_id: int, now: datetime) -> None:
    """Bring every message that shows this MQL up to date. Many changes before the next send make one edit."""
    refresh_all(tx, subject.workspace_id, {subject.id: event_id}, now)


def refresh_all(tx: sa.Connection, workspace_id: str, events: Mapping[int, int], now: datetime) -> None:
    """The same for many MQLs; `events`: the event that changed each."""
    outbox.add_all(tx, _edits(tx, workspace_id, events, now))


def _edits(tx: sa.Connection, workspace_id: str, events: Mapping[int, int], now: datetime) -> list[dict[str, Any]]:
    shown, anew = outbox.to_refresh(tx, workspace_id, events.keys(), LIVE) if events else ([], set[int]())
    edits = []
    for original in shown:
        if original.mql_id is not None and original.id not in anew:
            key = f"edit:{original.id}:{events[original.mql_id]}"
            about = {"mql_id": original.mql_id, "parent_id": original.id}
            edits.append(outbox.message(workspace_id, key, MessageKind.EDIT, original.target, now, **about))
    return edits


def redraw(tx: sa.Connection, subject: Mql, event_id: int, now: datetime) -> int:
    """Have every message that shows an MQL rendered anew, one every few seconds: also the notes of its thread and
    lists that name it, which are never edited otherwise. Returns how many messages that are.

    `subject` is the MQL as it was before what the event tells.
    """
    workspace_id = subject.workspace_id
    shown = outbox.about(tx, workspace_id, [subject.id], (*LIVE, *PERMANENT))
    shown += _lists_naming(tx, subject, now)
    anew = outbox.to_be_read_anew(tx, workspace_id, [original.id for original in shown])
    edits = []
    for place, original in enumerate(shown):
        if original.id not in anew:
            key, when = f"edit:{original.id}:{event_id}", now + place * A_GAP
            about = {"mql_id": original.mql_id, "parent_id": original.id, "next_attempt_at": when}
            edits.append(outbox.message(workspace_id, key, MessageKind.EDIT, original.target, now, **about))
    outbox.add_all(tx, edits)
    return len(shown)


def _lists_naming(tx: sa.Connection, subject: Mql, now: datetime) -> list[Outbox]:
    log = mqls.history(tx, subject.workspace_id, subject.id)
    late = min((event.at for event in log if event.type == EventType.BREACHED), default=None)
    end = subject.disposed_at or now
    disputed = any(event.type == EventType.DISPUTED for event in log)
    last = now if disputed else end + OLDEST_ON_AN_AGENDA
    lists = outbox.lists(tx, subject.workspace_id, subject.received_at - A_DAY, last)
    return [row for row in lists if _may_name(row, subject, log, late, end)]


def _may_name(row: Outbox, subject: Mql, log: Sequence[Event], late: datetime | None, end: datetime) -> bool:
    if row.kind == MessageKind.OUTCOMES:
        first, last = (datetime.fromisoformat(row.data[name]) for name in ("from", "until"))
        return any(first <= event.at < last for event in log)
    if row.kind == MessageKind.HELD:
        return any(item["mql"] == subject.id for item in row.data["items"])
    if row.kind == MessageKind.MEETING:
        until = datetime.fromisoformat(row.data["until"])
        return any(event.type in (EventType.BREACHED, EventType.DISPUTED) and event.at < until for event in log)
    # A digest names what is overdue when it is sent.
    return late is not None and late <= (row.sent_at or row.created_at) and row.created_at <= end + A_DAY


def post(
    tx: sa.Connection, workspace_id: str, key: str, kind: MessageKind, target: str, now: datetime, data: dict[str, Any]
) -> None:
    """Queue a message that is about no MQL."""
    outbox.add(tx, workspace_id, key, kind, target, now, data=data)


def edit(tx: sa.Connection, workspace_id: str, key: str, change: str, now: datetime) -> None:
    """Bring one message, named by its key, up to date, once for each `change`."""
    original = outbox.by_key(tx, workspace_id, key)
    if original is not None and not outbox.to_be_read_anew(tx, workspace_id, [original.id]):
        edited = f"edit:{original.id}:{change}"
        outbox.add(tx, workspace_id, edited, MessageKind.EDIT, original.target, now, parent_id=original.id)


def private(
    tx: sa.Connection,
    workspace_id: str,
    key: str,
    channel: str | None,
    user: str,
    now: datetime,
    reply: str,
    words: dict[str, str | int],
) -> None:
    """Explain something to one person, in the conversation where they acted; where they acted outside of any (in
    their App Home, in a form), by direct message."""
    data = {"channel": channel, "reply": reply, "words": words}
    outbox.add(tx, workspace_id, f"private:{key}", MessageKind.PRIVATE, user, now, data=data)


def reason_gone(tx: sa.Connection, row: Outbox) -> str | None:
    """Why a queued message is no longer true, or None while it is. Asked just before sending."""
    if row.kind == MessageKind.ALERT:
        return _alert_gone(tx, row)
    if row.kind == MessageKind.ACTION_DUE:
        return _action_done(tx, row)
    if row.kind == MessageKind.DEFINITION_PROPOSED:
        return _proposal_over(tx, row)
    if row.kind == MessageKind.EDIT or row.kind not in _STILL_TRUE or row.mql_id is None:
        return None
    subject = mqls.get(tx, row.workspace_id, row.mql_id)
    if subject is None:
        return "the MQL is gone"
    return None if _STILL_TRUE[row.kind](tx, subject, row) else f"the MQL is {subject.status} by now"


def _alert_gone(tx: sa.Connection, row: Outbox) -> str | None:
    known = alerts.get(tx, row.workspace_id, row.data["alert"])
    # One that may be in Slack already is looked for first, so that its end is told below it.
    over = known is not None and known.closed_at is not None and not row.maybe_sent
    return "the alert is over" if over else None


def _action_done(tx: sa.Connection, row: Outbox) -> str | None:
    known = actions.get(tx, row.workspace_id, row.data["action"])
    return "the action is done" if known is None or known.done_at is not None else None


def _proposal_over(tx: sa.Connection, row: Outbox) -> str | None:
    newest = definitions.newest(tx, row.workspace_id)
    waits = newest is not None and newest.id == row.data["definition"] and newest.agreed_at is None
    return None if waits else "the proposal is agreed upon or replaced"


def singles(row: Outbox) -> list[Outbox]:
    """A message that tells of several things, as a message for each; any other as it is."""
    if row.kind != MessageKind.HELD:
        return [row]
    return [
        row.model_copy(
            update={
                "kind": MessageKind(item["kind"]),
                "mql_id": item["mql"],
                "event_id": item["event"],
                "data": item["data"],
            }
        )
        for item in row.data["items"]
    ]


def still_true(tx: sa.Connection, row: Outbox) -> list[Outbox]:
    """Of what a held message tells that which is still true, each as a message of its own."""
    return [single for single in singles(row) if reason_gone(tx, single) is None]


def _owned(tx: sa.Connection, subject: Mql, row: Outbox) -> bool:
    return not subject.disposed and _owns(tx, subject, row)


def _owns(tx: sa.Connection, subject: Mql, row: Outbox) -> bool:
    """Whether the reader has the MQL and may still act: who has left is asked for nothing."""
    reader = reps.get(tx, row.workspace_id, row.target)
    return subject.owner == row.target and reader is not None and reader.active


def _unanswered(tx: sa.Connection, subject: Mql, row: Outbox) -> bool:
    running = mqls.running_clock(tx, row.workspace_id, subject.id, ClockKind.RESPONSE)
    return running is not None and (row.kind == MessageKind.ESCALATION or _owns(tx, subject, row))


def _on_offer(tx: sa.Connection, subject: Mql, row: Outbox) -> bool:
    running = mqls.running_clock(tx, row.workspace_id, subject.id, ClockKind.RESPONSE)
    taker = reps.get(tx, row.workspace_id, row.target)
    return running is not None and subject.owner != row.target and team.may_take(taker, subject)


def _unassigned(_: sa.Connection, subject: Mql, __: Outbox) -> bool:
    return subject.status == Status.UNASSIGNED


def _without_feedback(tx: sa.Connection, subject: Mql, row: Outbox) -> bool:
    running = mqls.running_clock(tx, row.workspace_id, subject.id, ClockKind.FEEDBACK)
    return running is not None and (row.kind == MessageKind.FEEDBACK_OVERDUE or _owns(tx, subject, row))


def _worth_asking(tx: sa.Connection, subject: Mql, row: Outbox) -> bool:
    expected = subject.status == Status.RECYCLED if row.data["why"] == AskWhy.RETURN else subject.awaits_outcome
    return expected and _owns(tx, subject, row)


def _still_disputed(_: sa.Connection, subject: Mql, __: Outbox) -> bool:
    return subject.disputed_at is not None


def _owner_left(_: sa.Connection, subject: Mql, row: Outbox) -> bool:
    return not subject.disposed and subject.owner == row.data["left"]


def _unreached(_: sa.Connection, subject: Mql, row: Outbox) -> bool:
    return not subject.disposed and subject.owner == row.data["whom"]


_STILL_TRUE = {
    MessageKind.ASSIGNMENT: _owned,
    MessageKind.REMINDER: _unanswered,
    MessageKind.ESCALATION: _unanswered,
    MessageKind.OFFER: _on_offer,
    MessageKind.UNASSIGNED: _unassigned,
    MessageKind.OWNER_LEFT: _owner_left,
    MessageKind.UNREACHABLE: _unreached,
    MessageKind.FEEDBACK_REMINDER: _without_feedback,
    MessageKind.FEEDBACK_OVERDUE: _without_feedback,
    MessageKind.FEEDBACK_AGAIN: _worth_asking,
    MessageKind.DISPUTED: _still_disputed,
    MessageKind.REOPENED: _owned,
}
