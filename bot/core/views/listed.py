"""A message about several MQLs as values: a row for each, and which of them need nothing more from the reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from bot.core.messages import kinds
from bot.core.messages.kinds import HOLDABLE, Group, IncompleteKind, Reader
from bot.core.messages.payloads import HeldItem, Question
from bot.core.views.mql import MqlView, Timeline, mql_views, timeline
from storage import mqls, outbox
from storage.models import Member, Outbox, Workspace
from storage.vocabulary import AskWhy, MessageKind, Status


@dataclass(frozen=True)
class ListedRow:
    """One row of a list."""

    kind: MessageKind
    view: MqlView
    entry: Timeline
    """What it tells of."""
    had: str | None
    """Slack id of whoever had it then: the reader, of their own work."""
    over: bool
    """Whether nothing more is asked of the reader: it is answered, somebody else has it, the deadline was moved."""


@dataclass(frozen=True)
class _Row:
    """One row and to whom it is told."""

    view: MqlView
    entry: Timeline
    item: HeldItem
    reader: str

    @property
    def had(self) -> str | None:
        """Whoever had it when it was told of."""
        if kinds.KINDS[self.item.kind].reader is Reader.OWNER:
            return self.reader
        # A pause changes no owner, and its event names none.
        return self.view.mql.owner if self.item.kind == MessageKind.PAUSED_OVERDUE else self.entry.event.before

    @property
    def moved(self) -> bool:
        """Whether somebody else has the MQL than at the event."""
        return self.view.mql.owner not in (None, self.entry.event.before)

    @property
    def answered(self) -> bool:
        """Whether the first response is there, or not due any more."""
        return self.view.response.stopped_at is not None

    @property
    def not_theirs(self) -> bool:
        """Whether the reader has the MQL no more, or it has an outcome."""
        return self.view.mql.disposed or self.view.mql.owner != self.reader


def rows(tx: sa.Connection, workspace: Workspace, message: Outbox, roster: Sequence[Member]) -> list[ListedRow]:
    """Return the rows of a list in the order of their deadlines, those first that ask for something."""
    items = [item for item in kinds.HELD.read(message).items if item.mql is not None and item.event is not None]
    views = {view.mql.id: view for view in _views(tx, workspace, items, roster)}
    known = mqls.events(tx, workspace.id, {item.event for item in items if item.event is not None})
    entries = {entry.event.id: entry for entry in timeline(tx, workspace.id, known, roster)}
    listed = [
        ListedRow(item.kind, row.view, row.entry, row.had, _OVER[item.kind](row))
        for item in items
        if (row := _row_of(item, views, entries, message.target)) is not None
    ]
    return sorted(listed, key=lambda shown: (shown.over, shown.view.pressing.due_at, shown.view.mql.id))


def of_team(tx: sa.Connection, workspace: Workspace, message_id: int, roster: Sequence[Member]) -> list[MqlView]:
    """Return the MQLs of other people in a list for which a leader can still do something; none where it is no list."""
    message = outbox.get(tx, workspace.id, message_id)
    if message is None or message.kind != MessageKind.HELD:
        return []
    listed = rows(tx, workspace, message, roster)
    return [shown.view for shown in listed if not shown.over and kinds.KINDS[shown.kind].group is Group.TEAM]


def _views(
    tx: sa.Connection, workspace: Workspace, items: Sequence[HeldItem], roster: Sequence[Member]
) -> list[MqlView]:
    subjects = mqls.of_ids(tx, workspace.id, {item.mql for item in items if item.mql is not None})
    return mql_views(tx, workspace, subjects, roster)


def _row_of(item: HeldItem, views: Mapping[int, MqlView], entries: Mapping[int, Timeline], reader: str) -> _Row | None:
    view, entry = views.get(item.mql or 0), entries.get(item.event or 0)
    return _Row(view, entry, item, reader) if view is not None and entry is not None else None


def _asked_again(row: _Row) -> bool:
    if Question.model_validate(row.item.data).why == AskWhy.RETURN:
        return row.view.mql.status != Status.RECYCLED or row.view.mql.owner != row.reader
    return row.not_theirs


def _safe_again(row: _Row) -> bool:
    return row.view.response.breached_at is None


_OVER: Mapping[MessageKind, Callable[[_Row], bool]] = {
    MessageKind.ASSIGNMENT: lambda row: row.not_theirs or row.view.mql.status != Status.ASSIGNED,
    MessageKind.REMINDER: lambda row: row.not_theirs or row.answered,
    MessageKind.FEEDBACK_REMINDER: lambda row: row.not_theirs,
    MessageKind.FEEDBACK_AGAIN: _asked_again,
    MessageKind.PAUSE_OVER: lambda row: row.not_theirs,
    MessageKind.ESCALATION: lambda row: row.answered or row.moved or _safe_again(row),
    MessageKind.OFFER: lambda row: row.answered or _safe_again(row) or not row.view.mql.offered,
    MessageKind.FEEDBACK_OVERDUE: lambda row: row.view.mql.disposed or row.moved,
    MessageKind.PAUSED_OVERDUE: lambda row: row.view.mql.disposed or not row.view.paused,
}
if missing := set(HOLDABLE) - set(_OVER):
    raise IncompleteKind(f"bot/core/views/listed.py does not say when a row is over of: {', '.join(missing)}")
