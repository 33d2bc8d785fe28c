"""Actions: who does what until when. Recorded in the meeting of marketing and sales, followed up until done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.core import clocks, posting, team
from storage import actions, outbox, policies, reps, workspaces
from storage.models import ActionItem, Member, Workspace
from storage.vocabulary import MessageKind


@dataclass(frozen=True)
class Action:
    """An action with the names that its sentences need."""

    item: ActionItem
    owner: str
    """Display name."""
    by: str
    """Display name of who recorded it."""
    done_by: str | None
    """Display name; None while it is open."""
    overdue: bool
    """Open, and its day is over."""

    @property
    def due_on(self) -> date:
        """Until which day."""
        return date.fromisoformat(self.item.due_on)


def open_actions(tx: sa.Connection, workspace: Workspace, now: datetime) -> tuple[Action, ...]:
    """What is not done, overdue first."""
    names = team.names(reps.roster(tx, workspace.id))
    return tuple(_named(one, workspace, names, now) for one in actions.open_ones(tx, workspace.id))


def find(tx: sa.Connection, workspace: Workspace, action_id: int, now: datetime) -> Action | None:
    """One action, open or done."""
    found = actions.get(tx, workspace.id, action_id)
    return _named(found, workspace, team.names(reps.roster(tx, workspace.id)), now) if found else None


def _named(item: ActionItem, workspace: Workspace, names: Mapping[str, str], now: datetime) -> Action:
    owner, by = (names.get(user, user) for user in (item.owner, item.by))
    done_by = names.get(item.done_by, item.done_by) if item.done_by else None
    late = item.done_at is None and date.fromisoformat(item.due_on) < today(workspace, now)
    return Action(item, owner, by, done_by, late)


def today(workspace: Workspace, now: datetime) -> date:
    """The day that it is in the workspace."""
    return now.astimezone(ZoneInfo(workspace.timezone)).date()


def record(tx: sa.Connection, workspace: Workspace, what: str, owner: str, due_on: date, by: str, now: datetime) -> int:
    """Keep what was agreed. Its owner is told on the day it is due, at the digest's time; returns its id."""
    at = datetime.combine(due_on, time.fromisoformat(workspace.digest_time), ZoneInfo(workspace.timezone))
    values = {"what": what, "owner": owner, "due_on": due_on.isoformat(), "remind_at": at.astimezone(UTC)}
    return actions.add(tx, workspace.id, **values, by=by, at=now)


def finish(tx: sa.Connection, workspace: Workspace, action_id: int, by: str, now: datetime) -> bool:
    """Mark an action as done, for good. False: it was done before, or there is none."""
    done = actions.finish(tx, workspace.id, action_id, by, now)
    if done:
        posting.edit(tx, workspace.id, _key(action_id), "done", now)
    return done


def remind(tx: sa.Connection, seen: ActionItem, now: datetime) -> None:
    """Tell the owner of an action, once, that it is due today: after the quiet hours. Where they have left, whoever
    recorded it."""
    workspace = workspaces.get(tx, seen.workspace_id)
    if workspace is None or not actions.reminded(tx, seen):
        return
    here = (_is_here(reps.get(tx, workspace.id, user)) for user in (seen.owner, seen.by))
    reader = next((member for member in here if member), None)
    if reader is not None:
        data, awake = {"action": seen.id}, _awake(tx, workspace, now)
        key, kind = _key(seen.id), MessageKind.ACTION_DUE
        outbox.add(tx, workspace.id, key, kind, reader.user_id, now, data=data, not_before=awake)


def _is_here(member: Member | None) -> Member | None:
    return member if member is not None and member.active and not member.deactivated else None


def _awake(tx: sa.Connection, workspace: Workspace, now: datetime) -> datetime:
    version = policies.current(tx, workspace.id)
    quiet = clocks.agreement(version, None).terms.quiet if version else None
    return quiet.over_at(now, workspace.timezone) if quiet else now


def _key(action_id: int) -> str:
    return f"action:{action_id}"
