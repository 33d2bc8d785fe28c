"""Write messages as rows of the outbox. Nothing else in core does, so that each row follows its kind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypedDict, Unpack

import sqlalchemy as sa

from bot.core.messages import kinds
from bot.core.messages.kinds import Content
from bot.core.messages.payloads import Held, HeldItem, NewWords
from storage import outbox
from storage.models import Outbox
from storage.vocabulary import MessageKind

Row = dict[str, Any]
"""A row for `outbox.add_all`."""


_ONLY_COUNTED, _SILENT = "only counted messages", "no messages"


def write_only_counted(tx: sa.Connection) -> None:
    """Write only messages that a replay counts from now on, on this connection, and keep nothing for Undo.

    Nobody reads or undoes a replay, and finding and editing the messages that show an MQL costs more than all else."""
    tx.info[_ONLY_COUNTED] = True


def only_counted(tx: sa.Connection) -> bool:
    """Return whether this connection is of a replay, which writes only messages that it counts."""
    return _ONLY_COUNTED in tx.info


def write_none(tx: sa.Connection) -> None:
    """Write no message from now on, on this connection: for a replay that counts no messages."""
    write_only_counted(tx)
    tx.info[_SILENT] = True


def silent(tx: sa.Connection) -> bool:
    """Return whether no message at all is written."""
    return _SILENT in tx.info


def add_all(tx: sa.Connection, messages: Iterable[Row]) -> None:
    """Queue many messages at once; one whose key was queued before is left out."""
    if not silent(tx):
        outbox.add_all(tx, list(messages))


class About(TypedDict, total=False):
    """What a message is about, and when it is sent if not now."""

    mql_id: int | None
    event_id: int | None
    parent_id: int | None
    not_before: datetime | None
    """When it is due."""
    next_attempt_at: datetime | None
    """When it is tried; it is due before."""


def row(workspace_id: str, key: str, content: Content, target: str, now: datetime, **about: Unpack[About]) -> Row:
    """Return the row of a message to a person or Slack channel."""
    kind, data = content.kind, content.json
    return outbox.message(workspace_id, key, kind.word, kind.priority, target, now, data=data, **about)


def add(
    tx: sa.Connection, workspace_id: str, key: str, content: Content, target: str, now: datetime, **about: Unpack[About]
) -> bool:
    """Queue a message. Return False if one with this key was queued before: a fact is told once."""
    if silent(tx) or (only_counted(tx) and content.kind.word not in kinds.REPLAYED):
        return True
    return outbox.add(tx, row(workspace_id, key, content, target, now, **about))


def item(content: Content, mql_id: int | None, event_id: int | None) -> HeldItem:
    """Return a message as one line of a list."""
    return HeldItem(kind=content.kind.word, mql=mql_id, event=event_id, data=content.json)


def item_of(row: Outbox) -> HeldItem:
    """Return a stored message as one line of a list."""
    return HeldItem(kind=row.kind, mql=row.mql_id, event=row.event_id, data=row.data)


def newest(items: Iterable[HeldItem]) -> tuple[HeldItem, ...]:
    """Return the lines of a list: of several of the same kind about the same MQL the last."""
    kept: dict[tuple[MessageKind, int | None], HeldItem] = {}
    for line in items:
        kept.pop((line.kind, line.mql), None)
        kept[line.kind, line.mql] = line
    return tuple(kept.values())


def add_items(tx: sa.Connection, waiting: Outbox, added: Iterable[HeldItem]) -> bool:
    """Add lines to a list that waits to be sent; each replaces a line of the same kind about the same MQL. Return False
    if the list does not wait any more."""

    def with_items(data: dict[str, Any]) -> dict[str, Any]:
        held = Held.model_validate(data)
        return held.model_copy(update={"items": newest([*held.items, *added])}).to_json()

    return outbox.change_waiting(tx, waiting, with_items)


def add_event(tx: sa.Connection, waiting: Outbox, event_id: int) -> bool:
    """Add an event to a waiting message about what a lead wrote. Return False if the message does not wait any more."""

    def with_event(data: dict[str, Any]) -> dict[str, Any]:
        words = NewWords.model_validate(data)
        return words.model_copy(update={"events": (*words.events, event_id)}).to_json()

    return outbox.change_waiting(tx, waiting, with_event)


def combined(rows: Sequence[Outbox]) -> Row:
    """Return the columns of one message that replaces all of these, which wait for the same reader in the daytime."""
    content = kinds.HELD(items=tuple(map(item_of, rows)), by_day=True)
    about = {"mql_id": None, "event_id": None, "data": content.json}
    return {"kind": content.kind.word, "priority": min(row.priority for row in rows), **about}
