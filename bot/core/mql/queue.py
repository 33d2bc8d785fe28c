"""The queue: what came in from outside and is no MQL yet, because a person decides (ADR 34).

An entry stems from a message of the intake channel or from a delivery of a source, and keeps everything that was read.
Marketing is told of it, and has some open hours to deal with it; then the managers are told. Both moments are one
column, `check_at`, which the tick looks for. What the reader itself takes for no lead is set aside: nobody is told, it
is counted, and a person may say that it is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, TypedDict, Unpack

import sqlalchemy as sa

from bot.core.base import team
from bot.core.messages import kinds, notifications, outgoing
from bot.core.messages.kinds import Content
from bot.core.sla import clocks
from bot.core.sla.checkpoints import Agreement
from storage import committed_events, members, outbox, sources, unreadables, workspaces
from storage.models import LeadSource, Member, Unreadable
from storage.vocabulary import Source, UnreadableState

HOURS = 4
"""Open hours that marketing has, unless the team file says otherwise."""
GATHERED = timedelta(minutes=1)
"""So long the first entry waits for others, so that what comes at once is one message."""
MOST_LABELS = 100
LABEL = 200
TEXT = 5_000


@dataclass(frozen=True)
class Sender:
    """The app that posted a message of the intake channel."""

    id: str
    """Slack's bot id."""
    name: str | None = None
    """What it calls itself."""
    headline: str | None = None
    """First line of the message."""


class Origin(TypedDict, total=False):
    """Where an entry stems from: a Slack message by channel and ts, or a delivery of a source."""

    source_id: int | None
    delivery_id: int | None
    channel: str | None
    ts: str | None
    sender: Sender | None


def keep(
    tx: sa.Connection,
    workspace_id: str,
    *,
    reason: str,
    values: Mapping[str, str],
    came_at: datetime,
    now: datetime,
    due_at: datetime | None = None,
    held: Mapping[str, Any] = MappingProxyType({}),
    **origin: Unpack[Origin],
) -> int:
    """Put into the queue what a person is to decide about; a message gets a note in its thread. Returns the entry's id.

    `reason`: a code, with a sentence as `unreadable.reason.<code>`, or a sentence. `values`: everything that was read,
    by label. `came_at`: when it was sent; one that lies ahead is taken for now. `due_at`: until when marketing is to
    have dealt with it, where that is not the queue's usual time. `held`: the columns of a lead that is held, or
    was only guessed.
    """
    agreed = clocks.current_agreement(tx, workspace_id)
    clock = _clock(tx, workspace_id, agreed, now) if agreed else {}
    clock |= {"due_at": due_at} if due_at else {}
    tool = _tool(tx, workspace_id, origin)
    columns = _columns(reason, values, came_at, now, origin) | _named(tool)
    entry = unreadables.add(tx, workspace_id, state=UnreadableState.OPEN, **columns, **clock, **held)
    _note(tx, "unreadable", workspace_id, columns, tool)
    _note_in_thread(tx, workspace_id, entry, origin, now)
    return entry


def set_aside(
    tx: sa.Connection,
    workspace_id: str,
    *,
    reason: str,
    values: Mapping[str, str],
    came_at: datetime,
    now: datetime,
    silent: bool = False,
    **origin: Unpack[Origin],
) -> int:
    """Keep what is no lead, for whoever thinks otherwise: a message gets a line in its thread, unless `silent`. Nobody
    is told of it by itself; the digest counts it. Returns the entry's id. The arguments are those of `keep`."""
    tool = _tool(tx, workspace_id, origin)
    columns = _columns(reason, values, came_at, now, origin) | _named(tool)
    closed = {"state": UnreadableState.SET_ASIDE, "set_aside_at": now, "closed_at": now}
    entry = unreadables.add(tx, workspace_id, **columns, **closed)
    _note(tx, "set_aside", workspace_id, columns, tool)
    if not silent:
        _note_in_thread(tx, workspace_id, entry, origin, now)
    return entry


def close(
    tx: sa.Connection, workspace_id: str, entry_id: int, by: str | None, now: datetime, mql_id: int | None = None
) -> bool:
    """Take an entry out of the queue: entered as `mql_id`, or (None) no MQL. False: dealt with before.

    Somebody may have dismissed it while another had the form open, and what was set aside may be a lead after all: that
    it was entered counts more, for there is an MQL now. `by`: None where the sender, or the bot, did it.
    """
    entry = unreadables.locked(tx, workspace_id, entry_id)
    state = UnreadableState.DISMISSED if mql_id is None else UnreadableState.ENTERED
    if entry is None or entry.state == UnreadableState.ENTERED:
        return False
    if mql_id is None and entry.state != UnreadableState.OPEN:
        return False
    _end(tx, entry, now, state=state, closed_by=by, mql_id=mql_id)
    return True


def delete(tx: sa.Connection, entry: Unreadable, now: datetime) -> bool:
    """Close an open entry whose message its sender has deleted. False: it is not open. The caller holds it."""
    if entry.state != UnreadableState.OPEN:
        return False
    _end(tx, entry, now, state=UnreadableState.DELETED)
    return True


def reread(
    tx: sa.Connection, entry: Unreadable, reason: str, values: Mapping[str, str], now: datetime, **held: Any
) -> None:
    """Keep what an entry says by now, and show it. The caller holds the entry."""
    unreadables.change(tx, entry, reason=_text(reason, LABEL), content=_content(values), **held)
    refresh(tx, entry, "reread", now)


def _end(tx: sa.Connection, entry: Unreadable, now: datetime, **values: object) -> None:
    unreadables.change(tx, entry, **values, closed_at=now, check_at=None)
    refresh(tx, entry, str(values["state"]), now)


def refresh(tx: sa.Connection, entry: Unreadable, change: str, now: datetime) -> None:
    """Bring every message that shows an entry up to date, once for each `change`."""
    keys = [_note_key(entry.id)]
    everybody = [member.user_id for member in members.roster(tx, entry.workspace_id)]
    for first, key in ((entry.group_id, _waiting_key), (entry.escalation_id, _overdue_key)):
        keys += [key(first, user) for user in everybody] if first is not None else []
    for shown in outbox.by_keys(tx, entry.workspace_id, keys):
        notifications.edit_message(tx, entry.workspace_id, shown.key, f"{entry.id}:{change}:{now.timestamp()}", now)


def check(tx: sa.Connection, workspace_id: str, now: datetime) -> int:
    """Tell whoever is to hear of an entry by now: marketing of a new one, the managers of one that marketing has not
    dealt with in time. What is due together is one message for each reader. Returns how many entries that were."""
    # Two workers take turns here; the second finds nothing due.
    workspaces.locked(tx, workspace_id)
    agreed, roster = clocks.require_agreement(tx, workspace_id), members.roster(tx, workspace_id)
    due = unreadables.to_check(tx, workspace_id, now)
    new = unreadables.untold(tx, workspace_id) if any(entry.group_id is None for entry in due) else []
    overdue = [entry for entry in due if entry.group_id is not None]
    if new:
        _tell(tx, new, kinds.QUEUE_WAITING(entries=_ids(new)), team.marketers_on_duty(roster, now), now)
    for entry in new:
        late = agreed.awake_at(max(entry.due_at or now, now))
        unreadables.change(tx, entry, group_id=new[0].id, check_at=late)
    if overdue:
        _tell(tx, overdue, kinds.QUEUE_OVERDUE(entries=_ids(overdue)), team.managers_of(roster, None), now)
    for entry in overdue:
        unreadables.change(tx, entry, escalation_id=overdue[0].id, escalated_at=now, check_at=None)
    return len(new) + len(overdue)


def _tell(
    tx: sa.Connection, entries: Sequence[Unreadable], content: Content, readers: Iterable[Member], now: datetime
) -> None:
    key = _waiting_key if content.kind is kinds.QUEUE_WAITING else _overdue_key
    for reader in readers:
        outgoing.add(tx, entries[0].workspace_id, key(entries[0].id, reader.user_id), content, reader.user_id, now)


def _ids(entries: Iterable[Unreadable]) -> tuple[int, ...]:
    return tuple(entry.id for entry in entries)


def _clock(tx: sa.Connection, workspace_id: str, agreed: Agreement, now: datetime) -> dict[str, datetime]:
    """Marketing's time begins when the entry is read: before that nobody could have seen it."""
    workspace = workspaces.get(tx, workspace_id)
    hours = (workspace.queue_hours if workspace else None) or HOURS
    due_at = agreed.calendar.add(now, timedelta(hours=hours))
    return {"due_at": due_at, "check_at": agreed.awake_at(now + GATHERED)}


def _columns(
    reason: str, values: Mapping[str, str], came_at: datetime, now: datetime, origin: Origin
) -> dict[str, Any]:
    sender = origin.get("sender")
    return {
        "reason": _text(reason, LABEL),
        "content": _content(values),
        "came_at": min(came_at, now),
        "at": now,
        **{name: origin.get(name) for name in ("source_id", "delivery_id", "channel", "ts")},
        "sender": sender.id if sender else None,
        "sender_name": _text(sender.name, LABEL) if sender and sender.name else None,
        "headline": _text(sender.headline, LABEL) if sender and sender.headline else None,
    }


def _tool(tx: sa.Connection, workspace_id: str, origin: Origin) -> LeadSource | None:
    source_id = origin.get("source_id")
    return sources.get(tx, workspace_id, source_id) if source_id is not None else None


def _named(tool: LeadSource | None) -> dict[str, str]:
    """Return what a source is called, for whoever is to decide about what it sent."""
    return {"sender_name": _text(tool.name, LABEL)} if tool is not None else {}


def _content(values: Mapping[str, str]) -> dict[str, str]:
    kept = list(values.items())[:MOST_LABELS]
    return {_text(label, LABEL): _text(value, TEXT) for label, value in kept}


def _text(value: str, most: int) -> str:
    return value.replace("\x00", "")[:most]


def _note(tx: sa.Connection, name: str, workspace_id: str, columns: Mapping[str, Any], tool: LeadSource | None) -> None:
    """Note the fact for the log and the counters. A reason that is a sentence may name somebody."""
    reason = columns["reason"] if re.fullmatch(r"[a-z_]+", columns["reason"]) else "other"
    source = Source.GENERIC if columns["channel"] is None else Source.NOTIFICATION
    if tool is not None:
        source = Source(tool.kind)
    committed_events.note(tx, name, workspace_id, source=source, reason=reason)


def _note_in_thread(tx: sa.Connection, workspace_id: str, entry: int, origin: Origin, now: datetime) -> None:
    channel, ts = origin.get("channel"), origin.get("ts")
    if channel is not None and ts is not None:
        content = kinds.UNREADABLE(unreadable=entry, thread_ts=ts)
        outgoing.add(tx, workspace_id, _note_key(entry), content, channel, now)


def _note_key(entry: int) -> str:
    return f"unreadable:{entry}"


def _waiting_key(first: int, user: str) -> str:
    return f"queue:{first}:{user}"


def _overdue_key(first: int, user: str) -> str:
    return f"queue_overdue:{first}:{user}"
