"""Which messages a fact calls for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from storage import mqls, outbox
from storage.models import Event, Member, Mql, Outbox, Workspace
from storage.vocabulary import EventType, MessageKind

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


def post_card(tx: sa.Connection, workspace: Workspace, mql_id: int, now: datetime) -> None:
    """Post the card of a new MQL."""
    key = card_key(mql_id)
    outbox.add(tx, workspace.id, key, MessageKind.CARD, workspace.mql_channel, now, mql_id=mql_id)


def post_thread_note(tx: sa.Connection, subject: Mql, event_id: int, now: datetime) -> None:
    """Add a sentence about an event to the card's thread."""
    card = outbox.by_key(tx, subject.workspace_id, card_key(subject.id))
    outbox.add_all(tx, [_beside(card, subject.id, event_id, now)] if card else [])


def update_card(
    tx: sa.Connection, subject: Mql, event_id: int, now: datetime, first: Iterable[dict[str, Any]] = ()
) -> None:
    """Add a sentence about an event to the card's thread, and bring every message that shows the MQL up to date.
    `first`: messages to queue before them (`direct_messages`)."""
    events = {subject.id: event_id}
    shown = outbox.to_refresh(tx, subject.workspace_id, events, LIVE)
    notes = [_beside(card, subject.id, event_id, now) for card in shown.cards.values()]
    outbox.add_all(tx, [*first, *notes, *_edits(shown, events, now)])


def _beside(card: Outbox | outbox.Posted, mql_id: int, event_id: int, now: datetime) -> dict[str, Any]:
    about = {"mql_id": mql_id, "event_id": event_id, "parent_id": card.id}
    return outbox.message(card.workspace_id, note_key(event_id), MessageKind.NOTE, card.target, now, **about)


def post_thread_notes(tx: sa.Connection, workspace_id: str, events: Mapping[int, int], now: datetime) -> None:
    """The same for the events of many MQLs; `events`: the MQL of each."""
    if events:
        keys = [card_key(mql_id) for mql_id in events.values()]
        cards = {card.mql_id: card for card in outbox.by_keys(tx, workspace_id, keys)}
        told = [(cards[mql_id], mql_id, event_id) for event_id, mql_id in events.items() if mql_id in cards]
        outbox.add_all(tx, [_beside(*one, now) for one in told])


def send_dm(
    tx: sa.Connection,
    kind: MessageKind,
    people: Iterable[Member | str],
    subject: Mql | mqls.Held,
    event_id: int,
    now: datetime,
    **data: Any,
) -> None:
    """Send a direct message about an event to each of `people`, once per event and person."""
    outbox.add_all(tx, list(direct_messages(kind, people, subject, event_id, now, **data)))


def direct_messages(
    kind: MessageKind,
    people: Iterable[Member | str],
    subject: Mql | mqls.Held,
    event_id: int,
    now: datetime,
    **data: Any,
) -> Iterator[dict[str, Any]]:
    """The messages of `send_dm`, for `update_card` and `outbox.add_all`."""
    for person in people:
        user = person if isinstance(person, str) else person.user_id
        about = {"mql_id": subject.id, "event_id": event_id, "data": data}
        key = f"{kind}:{event_id}:{user}"
        yield outbox.message(subject.workspace_id, key, kind, user, now, **about)


def hold_dm(
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
                send_dm(tx, kind, [user], subject, event_id, now, **data)


def refresh_messages(tx: sa.Connection, subject: Mql, event_id: int, now: datetime) -> None:
    """Bring every message that shows this MQL up to date. Many changes before the next send make one edit."""
    refresh_messages_of_all(tx, subject.workspace_id, {subject.id: event_id}, now)


def refresh_messages_of_all(tx: sa.Connection, workspace_id: str, events: Mapping[int, int], now: datetime) -> None:
    """The same for many MQLs; `events`: the event that changed each."""
    if events:
        outbox.add_all(tx, _edits(outbox.to_refresh(tx, workspace_id, events.keys(), LIVE), events, now))


def _edits(shown: outbox.Shown, events: Mapping[int, int], now: datetime) -> list[dict[str, Any]]:
    edits = []
    for original in shown.originals:
        if original.id not in shown.read_anew:
            key = f"edit:{original.id}:{events[original.mql_id]}"
            about = {"mql_id": original.mql_id, "parent_id": original.id}
            edits.append(outbox.message(original.workspace_id, key, MessageKind.EDIT, original.target, now, **about))
    return edits


def rerender_messages(tx: sa.Connection, subject: Mql, event_id: int, now: datetime) -> int:
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


def post_message(
    tx: sa.Connection, workspace_id: str, key: str, kind: MessageKind, target: str, now: datetime, data: dict[str, Any]
) -> None:
    """Queue a message that is about no MQL."""
    outbox.add(tx, workspace_id, key, kind, target, now, data=data)


def edit_message(tx: sa.Connection, workspace_id: str, key: str, change: str, now: datetime) -> None:
    """Bring one message, named by its key, up to date, once for each `change`."""
    original = outbox.by_key(tx, workspace_id, key)
    if original is not None and not outbox.to_be_read_anew(tx, workspace_id, [original.id]):
        edited = f"edit:{original.id}:{change}"
        outbox.add(tx, workspace_id, edited, MessageKind.EDIT, original.target, now, parent_id=original.id)


def explain_privately(
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
