"""Changing an action of the review meeting, and opening one again that was marked as done.

Anybody on the roster may, as anybody may record one: the log keeps who did, and the owner hears of another owner, of
another day and of an action that is open again, unless they did it themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

import sqlalchemy as sa

from bot.core.base import team
from bot.core.base.results import Refusal, Refused
from bot.core.messages import kinds, outgoing
from bot.core.review import actions
from storage import actions as rows
from storage import members
from storage.models import ActionChange, ActionItem, Workspace
from storage.vocabulary import ActionStep


@dataclass(frozen=True)
class Wanted:
    """How an action is to read."""

    what: str
    owner: str
    due_on: date


@dataclass(frozen=True)
class History:
    """An action and what was done to it."""

    item: ActionItem
    changes: tuple[ActionChange, ...]
    """The oldest first; never empty."""
    names: Mapping[str, str]
    """Display names by Slack user id."""


@dataclass(frozen=True)
class RecordedChange:
    """One change, as whoever is told of it has to know it."""

    change: ActionChange
    before: ActionChange
    by: str
    """Display name."""


def history(tx: sa.Connection, workspace_id: str, action_id: int) -> History | None:
    """Return an action with its past; None: there is none."""
    item = rows.get(tx, workspace_id, action_id)
    if item is None:
        return None
    changes = tuple(rows.history(tx, workspace_id, [action_id]))
    return History(item, changes, team.names(members.roster(tx, workspace_id)))


def find_change(tx: sa.Connection, workspace_id: str, action_id: int, entry: int) -> RecordedChange | None:
    """One change of an action by its id; None: there is none."""
    past = history(tx, workspace_id, action_id)
    if past is None:
        return None
    for before, change in pairwise(past.changes):
        if change.id == entry:
            return RecordedChange(change, before, past.names.get(change.by, change.by))
    return None


def change(
    tx: sa.Connection, workspace: Workspace, action_id: int, seen: int, wanted: Wanted, by: str, now: datetime
) -> Refused | int | None:
    """Make an open action read otherwise, unless somebody has done something to it since the entry `seen` of its log.
    Returns the id of the new entry; None: it reads like that already."""
    item = rows.locked(tx, workspace.id, action_id)
    if item is None:
        return Refused(Refusal.ACTION_GONE)
    newest = rows.history(tx, workspace.id, [action_id])[-1]
    if item.done_at is not None:
        return Refused(Refusal.ACTION_IS_DONE, by=team.name_of(tx, workspace.id, item.done_by))
    if newest.id != seen:
        return Refused(Refusal.ACTION_MOVED_ON, by=team.name_of(tx, workspace.id, newest.by))
    values: dict[str, object] = {"what": wanted.what, "owner": wanted.owner, "due_on": wanted.due_on.isoformat()}
    if values == {name: getattr(item, name) for name in values}:
        return None
    moved = (wanted.owner, wanted.due_on.isoformat()) != (item.owner, item.due_on)
    if moved:
        values["remind_at"] = _told_later(tx, workspace, wanted.due_on, now)
    rows.change(tx, item, **values)
    entry = actions.step(tx, workspace.id, action_id, ActionStep.CHANGED, by, now)
    if moved:
        _tell(tx, workspace, action_id, entry, {item.owner, wanted.owner} - {by}, now)
    return entry


def reopen(tx: sa.Connection, workspace: Workspace, action_id: int, by: str, now: datetime) -> Refused | int:
    """Open an action again that was marked as done; returns the id of the new entry of its log."""
    item = rows.locked(tx, workspace.id, action_id)
    if item is None:
        return Refused(Refusal.ACTION_GONE)
    if item.done_at is None:
        return Refused(Refusal.ACTION_IS_OPEN)
    at = _told_later(tx, workspace, date.fromisoformat(item.due_on), now)
    rows.change(tx, item, done_by=None, done_at=None, remind_at=at)
    entry = actions.step(tx, workspace.id, action_id, ActionStep.REOPENED, by, now)
    _tell(tx, workspace, action_id, entry, {item.owner} - {by}, now)
    return entry


def _told_later(tx: sa.Connection, workspace: Workspace, due_on: date, now: datetime) -> datetime | None:
    """Return when the owner is told that it is due; None where that time is over: they hear of the change itself."""
    at = actions.told_at(tx, workspace, due_on)
    return at if at > now else None


def _tell(
    tx: sa.Connection, workspace: Workspace, action_id: int, entry: int, readers: set[str], now: datetime
) -> None:
    for reader in sorted(readers):
        if actions.is_here(members.get(tx, workspace.id, reader)):
            key, content = actions.changed_key(entry, reader), kinds.ACTION_CHANGED(action=action_id, change=entry)
            until = actions.awake(tx, workspace, now)
            outgoing.add(tx, workspace.id, key, content, reader, now, not_before=until)
