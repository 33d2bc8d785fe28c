"""Which messages a fact calls for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypedDict, Unpack

import sqlalchemy as sa

from bot.core.messages import kinds, outgoing
from bot.core.messages.kinds import Content
from bot.core.messages.outgoing import Row
from storage import listings, mqls, outbox
from storage.models import Absence, Event, Member, Mql, Outbox, Workspace
from storage.vocabulary import EventType, MessageKind, OutboxState

# Edits go before new messages, about one a second: when many are due that nobody waits for, they leave gaps.
A_GAP = timedelta(seconds=3)
# What is held back is written before the night and sent after it.
A_DAY = timedelta(days=1)
# The agenda of a meeting looks back over so much, holidays among it.
OLDEST_ON_AN_AGENDA = timedelta(weeks=9)


class Below(TypedDict, total=False):
    """What stands below a private sentence, and can be pressed there (`payloads.Private`)."""

    mqls: tuple[int, ...]
    menu: bool
    absence: int | None
    proposed: str | None
    board: bool


def card_key(mql_id: int) -> str:
    """Return the key of an MQL's card."""
    return f"card:{mql_id}"


def note_key(event_id: int) -> str:
    """Return the key of the note in the card's thread that tells of an event."""
    return f"note:{event_id}"


def absence_key(word: MessageKind, absence: Absence, user: str) -> str:
    """Return the key of what somebody hears of an absence, once of each kind."""
    return f"{word}:{absence.id}:{user}"


def post_card(tx: sa.Connection, workspace: Workspace, mql_id: int, now: datetime) -> None:
    """Post the card of a new MQL."""
    outgoing.add(tx, workspace.id, card_key(mql_id), kinds.CARD(), workspace.mql_channel, now, mql_id=mql_id)


def card_waits(tx: sa.Connection, subject: Mql) -> bool:
    """Return whether the card of an MQL has not been sent yet, so that it will show what is true by then."""
    if outgoing.only_counted(tx):
        return False
    card = outbox.by_key(tx, subject.workspace_id, card_key(subject.id))
    return card is not None and card.state == OutboxState.PENDING and card.attempts == 0


def post_thread_note(tx: sa.Connection, subject: Mql, event_id: int, now: datetime) -> None:
    """Add a sentence about an event to the card's thread."""
    if outgoing.only_counted(tx):
        return
    card = outbox.by_key(tx, subject.workspace_id, card_key(subject.id))
    outgoing.add_all(tx, [_beside(card, subject.id, event_id, now)] if card else [])


def update_card(tx: sa.Connection, subject: Mql, event_id: int, now: datetime, first: Iterable[Row] = ()) -> None:
    """Add a sentence about an event to the card's thread, and bring every message that shows the MQL up to date.
    `first`: messages to queue before them (`direct_messages`)."""
    if outgoing.only_counted(tx):
        outgoing.add_all(tx, first)
        return
    events, workspace_id = {subject.id: event_id}, subject.workspace_id
    shown = outbox.to_refresh(tx, workspace_id, events, kinds.LIVE)
    notes = [_beside(card, subject.id, event_id, now) for card in shown.cards.values()]
    outgoing.add_all(tx, [*first, *notes, *_edits(shown, events, now), *_edits_of_lists(tx, workspace_id, events, now)])


def _beside(card: Outbox | outbox.Posted, mql_id: int, event_id: int, now: datetime) -> Row:
    key, note = note_key(event_id), kinds.NOTE()
    return outgoing.row(
        card.workspace_id, key, note, card.target, now, mql_id=mql_id, event_id=event_id, parent_id=card.id
    )


def post_thread_notes(tx: sa.Connection, workspace_id: str, events: Mapping[int, int], now: datetime) -> None:
    """Add a sentence about each of many events to the thread of its card; `events`: the MQL of each."""
    if events and not outgoing.only_counted(tx):
        keys = [card_key(mql_id) for mql_id in events.values()]
        cards = {card.mql_id: card for card in outbox.by_keys(tx, workspace_id, keys)}
        noted = [(cards[mql_id], mql_id, event_id) for event_id, mql_id in events.items() if mql_id in cards]
        outgoing.add_all(tx, [_beside(card, mql_id, event_id, now) for card, mql_id, event_id in noted])


def send_dm(
    tx: sa.Connection,
    content: Content,
    people: Iterable[Member | str],
    subject: Mql | mqls.Held,
    event_id: int,
    now: datetime,
) -> None:
    """Send a direct message about an event to each of `people`, once per event and person."""
    outgoing.add_all(tx, direct_messages(content, people, subject, event_id, now))


def direct_messages(
    content: Content, people: Iterable[Member | str], subject: Mql | mqls.Held, event_id: int, now: datetime
) -> Iterator[Row]:
    """Return the messages of `send_dm`, for `update_card` and `outbox.add_all`."""
    for person in people:
        user = user_of(person)
        key = f"{content.kind.word}:{event_id}:{user}"
        yield outgoing.row(subject.workspace_id, key, content, user, now, mql_id=subject.id, event_id=event_id)


def user_of(person: Member | str) -> str:
    """Return the Slack user id of somebody who is named by it, or stands on the roster."""
    return person if isinstance(person, str) else person.user_id


@dataclass(frozen=True)
class HeldBack:
    """A direct message about an event that waits until the quiet hours of its reader are over."""

    content: Content
    user: str
    subject: Mql | mqls.Held
    event_id: int
    until: datetime


def hold_all(tx: sa.Connection, messages: Iterable[HeldBack], now: datetime) -> None:
    """Keep back what nobody has asked for; everything that is held for one person becomes one message, which is
    written once however much is new in it. Raises ValueError for a kind that has no line in a list."""
    lists: dict[tuple[str, str, datetime], list[HeldBack]] = {}
    for message in () if outgoing.silent(tx) else messages:
        if not message.content.kind.holdable:
            raise ValueError(f"a message of the kind {message.content.kind.word} cannot be held")
        reader = message.subject.workspace_id, message.user, message.until
        lists.setdefault(reader, []).append(message)
    for reader, its in lists.items():
        _hold(tx, *reader, its, now)


def _hold(
    tx: sa.Connection, workspace_id: str, user: str, until: datetime, its: Sequence[HeldBack], now: datetime
) -> None:
    key = f"held:{user}:{until.isoformat()}"
    items = outgoing.newest(outgoing.item(message.content, message.subject.id, message.event_id) for message in its)
    if outgoing.add(tx, workspace_id, key, kinds.HELD(items=items), user, now, not_before=until):
        return
    waiting = outbox.by_key(tx, workspace_id, key)
    if waiting is None or not outgoing.add_items(tx, waiting, items):
        for message in its:
            send_dm(tx, message.content, [user], message.subject, message.event_id, now)


def refresh_messages(tx: sa.Connection, subject: Mql, event_id: int, now: datetime) -> None:
    """Bring every message that shows this MQL up to date. Many changes before the next send make one edit."""
    refresh_messages_of_all(tx, subject.workspace_id, {subject.id: event_id}, now)


def refresh_buttons(tx: sa.Connection, subject: Mql, change: str, now: datetime) -> None:
    """Bring the messages about this MQL alone up to date, once for each `change`: nothing has happened to it, but what
    can be pressed is another."""
    if outgoing.only_counted(tx):
        return
    shown = outbox.to_refresh(tx, subject.workspace_id, [subject.id], kinds.LIVE)
    outgoing.add_all(tx, _edits(shown, {subject.id: change}, now))


def refresh_for_leaders(tx: sa.Connection, workspace_id: str, responder: str, change: str, now: datetime) -> None:
    """Bring what leaders are asked about the work of somebody up to date, once for each `change`: nothing has happened
    to it, but whom one can ask is another. So the caller holds none of it, and no message is held either: one that may
    be on its way gets an edit too many, rather than that two wait for each other."""
    work = [] if outgoing.only_counted(tx) else mqls.work_of(tx, workspace_id, responder)
    if work:
        shown = outbox.about(tx, workspace_id, [subject.id for subject in work], kinds.LIVE_FOR_LEADERS)
        begun = [row for row in shown if row.state != OutboxState.PENDING or row.next_attempt_at <= now]
        outgoing.add_all(tx, [_edit(original, f"edit:{original.id}:{change}", now) for original in begun])


def refresh_messages_of_all(tx: sa.Connection, workspace_id: str, events: Mapping[int, int], now: datetime) -> None:
    """Bring the messages that show many MQLs up to date; `events`: the event that changed each."""
    if events and not outgoing.only_counted(tx):
        edits = _edits(outbox.to_refresh(tx, workspace_id, events.keys(), kinds.LIVE), events, now)
        outgoing.add_all(tx, [*edits, *_edits_of_lists(tx, workspace_id, events, now)])


def _edits(shown: outbox.Shown, events: Mapping[int, int] | Mapping[int, int | str], now: datetime) -> list[Row]:
    edits = []
    for original in shown.originals:
        if original.id not in shown.read_anew:
            key = f"edit:{original.id}:{events[original.mql_id]}"
            edits.append(_edit(original, key, now))
    return edits


def _edits_of_lists(tx: sa.Connection, workspace_id: str, events: Mapping[int, int], now: datetime) -> list[Row]:
    """Return an edit for each message that names some of these MQLs among others. Asked after the messages about each:
    one that has just become part of a list is seen in the one or in the other."""
    naming = listings.naming(tx, workspace_id, events)
    anew = outbox.to_be_read_anew(tx, workspace_id, [message.id for message in naming]) if naming else set()
    edit = kinds.EDIT()
    return [
        outgoing.row(workspace_id, f"edit:{of.id}:{of.newest}", edit, of.target, now, parent_id=of.id)
        for of in naming
        if of.id not in anew
    ]


def _edit(original: Outbox | outbox.Posted, key: str, now: datetime, next_attempt_at: datetime | None = None) -> Row:
    return outgoing.row(
        original.workspace_id,
        key,
        kinds.EDIT(),
        original.target,
        now,
        mql_id=original.mql_id,
        parent_id=original.id,
        next_attempt_at=next_attempt_at,
    )


def rerender_messages(tx: sa.Connection, subject: Mql, event_id: int, now: datetime) -> int:
    """Have every message that shows an MQL rendered anew, one every few seconds: also the notes of its thread and
    lists that name it, which are never edited otherwise. Returns how many messages that are.

    `subject` is the MQL as it was before what the event tells.
    """
    if outgoing.only_counted(tx):
        return 0
    workspace_id = subject.workspace_id
    shown = outbox.about(tx, workspace_id, [subject.id], kinds.ABOUT_ONE_MQL)
    shown += _lists_naming(tx, subject, now)
    anew = outbox.to_be_read_anew(tx, workspace_id, [original.id for original in shown])
    edits = []
    for place, original in enumerate(shown):
        if original.id not in anew:
            edits.append(_edit(original, f"edit:{original.id}:{event_id}", now, now + place * A_GAP))
    outgoing.add_all(tx, edits)
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
    if row.kind == MessageKind.MARKETING_UPDATES:
        day = kinds.MARKETING_UPDATES.read(row)
        return any(day.start <= event.at < day.end for event in log)
    if row.kind == MessageKind.HELD:
        return any(item.mql == subject.id for item in kinds.HELD.read(row).items)
    if row.kind in (MessageKind.ABSENCE_BEGAN, MessageKind.ABSENCE_OVER):
        return True  # rendered anew it names what is open now
    if row.kind == MessageKind.MEETING:
        until = kinds.MEETING.read(row).until
        return any(event.type in (EventType.BREACHED, EventType.DISPUTED) and event.at < until for event in log)
    # A digest names what is overdue when it is sent.
    return late is not None and late <= (row.sent_at or row.created_at) and row.created_at <= end + A_DAY


def edit_message(tx: sa.Connection, workspace_id: str, key: str, change: str, now: datetime) -> None:
    """Bring one message, named by its key, up to date, once for each `change`."""
    original = None if outgoing.only_counted(tx) else outbox.by_key(tx, workspace_id, key)
    if original is not None and not outbox.to_be_read_anew(tx, workspace_id, [original.id]):
        edited = f"edit:{original.id}:{change}"
        outgoing.add(tx, workspace_id, edited, kinds.EDIT(), original.target, now, parent_id=original.id)


def explain_privately(
    tx: sa.Connection,
    workspace_id: str,
    key: str,
    channel: str | None,
    user: str,
    now: datetime,
    reply: str,
    words: dict[str, str | int],
    **below: Unpack[Below],
) -> None:
    """Explain something to one person, in the conversation where they acted; where they acted outside of any (in
    their App Home, in a form), by direct message."""
    content = kinds.PRIVATE(channel=channel, reply=reply, words=words, **below)
    outgoing.add(tx, workspace_id, f"private:{key}", content, user, now)
