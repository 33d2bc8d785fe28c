"""Actions: who does what until when. Recorded in the meeting of marketing and sales, followed up until done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.core.base import team
from bot.core.base.wall_clock import day_in
from bot.core.messages import kinds, notifications, outgoing
from bot.core.sla import clocks, working_days
from storage import actions, members, outbox, workspaces
from storage.models import ActionChange, ActionItem, Member, Workspace
from storage.vocabulary import ActionStep

LATELY = timedelta(days=14)
DONE_SHOWN = 5


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
    put_off: int
    """How many times its day was moved to a later one."""

    @property
    def due_on(self) -> date:
        """Until which day."""
        return date.fromisoformat(self.item.due_on)


def open_actions(tx: sa.Connection, workspace: Workspace, now: datetime) -> tuple[Action, ...]:
    """Return what is not done, overdue first."""
    return _named(tx, workspace, actions.open_ones(tx, workspace.id), now)


def lately_done(tx: sa.Connection, workspace: Workspace, now: datetime) -> tuple[Action, ...]:
    """Return the last few that were done in the last two weeks, the newest first."""
    return _named(tx, workspace, actions.done_since(tx, workspace.id, now - LATELY, DONE_SHOWN), now)


def find(tx: sa.Connection, workspace: Workspace, action_id: int, now: datetime) -> Action | None:
    """One action, open or done."""
    item = actions.get(tx, workspace.id, action_id)
    if item is None:
        return None
    (named,) = _named(tx, workspace, [item], now)
    return named


def _named(tx: sa.Connection, workspace: Workspace, items: Sequence[ActionItem], now: datetime) -> tuple[Action, ...]:
    names = team.names(members.roster(tx, workspace.id))
    put_off = _put_off(actions.history(tx, workspace.id, [item.id for item in items]))
    day = day_in(workspace.timezone, now)
    return tuple(
        Action(
            item=item,
            owner=names.get(item.owner, item.owner),
            by=names.get(item.by, item.by),
            done_by=names.get(item.done_by, item.done_by) if item.done_by else None,
            overdue=item.done_at is None and date.fromisoformat(item.due_on) < day,
            put_off=put_off[item.id],
        )
        for item in items
    )


def _put_off(changes: Sequence[ActionChange]) -> Counter[int]:
    counted, last = Counter[int](), dict[int, str]()
    for change in changes:
        counted[change.action_id] += change.due_on > last.get(change.action_id, change.due_on)
        last[change.action_id] = change.due_on
    return counted


def told_at(tx: sa.Connection, workspace: Workspace, due_on: date) -> datetime:
    """Return when its owner is told that an action is due: on its day at the digest's time, or on the next working day
    where that is a holiday or a closure."""
    day = working_days.next_open_day(tx, workspace)(due_on)
    at = datetime.combine(day, time.fromisoformat(workspace.digest_time), ZoneInfo(workspace.timezone))
    return at.astimezone(UTC)


def record(tx: sa.Connection, workspace: Workspace, what: str, owner: str, due_on: date, by: str, now: datetime) -> int:
    """Keep what was agreed. Its owner is told on the day it is due, at the digest's time; returns its id."""
    at = told_at(tx, workspace, due_on)
    values = {"what": what, "owner": owner, "due_on": due_on.isoformat(), "remind_at": at}
    action_id = actions.add(tx, workspace.id, **values, by=by, at=now)
    step(tx, workspace.id, action_id, ActionStep.RECORDED, by, now)
    return action_id


def finish(tx: sa.Connection, workspace: Workspace, action_id: int, by: str, now: datetime) -> bool:
    """Mark an action as done. False: it was done before, or there is none."""
    done = actions.finish(tx, workspace.id, action_id, by, now)
    if done:
        step(tx, workspace.id, action_id, ActionStep.DONE, by, now)
    return done


def step(tx: sa.Connection, workspace_id: str, action_id: int, kind: ActionStep, by: str, now: datetime) -> int:
    """Write down what was done to an action, and bring the messages to its owners up to date; returns the id of the
    entry."""
    item = actions.get(tx, workspace_id, action_id)
    if item is None:
        raise LookupError(f"{workspace_id} has no action {action_id}")
    before = actions.history(tx, workspace_id, [action_id])
    entry = actions.log(tx, item, kind, by, now)
    owners = {change.owner for change in before} | {item.owner}
    keys = {_due_key(action_id, change.due_on, change.owner) for change in before}
    keys |= {changed_key(change.id, owner) for change in before for owner in owners}
    for original in outbox.by_keys(tx, workspace_id, sorted(keys)):
        notifications.edit_message(tx, workspace_id, original.key, f"action:{entry}", now)
    return entry


def remind(tx: sa.Connection, seen: ActionItem, now: datetime) -> None:
    """Tell the owner of an action, once, that it is due today: after the quiet hours. Where they have left, whoever
    recorded it."""
    workspace = workspaces.get(tx, seen.workspace_id)
    if workspace is None or not actions.reminded(tx, seen):
        return
    here = (is_here(members.get(tx, workspace.id, user)) for user in (seen.owner, seen.by))
    reader = next((member for member in here if member), None)
    if reader is not None:
        content = kinds.ACTION_DUE(action=seen.id, owner=seen.owner, due_on=date.fromisoformat(seen.due_on))
        key, until = _due_key(seen.id, seen.due_on, seen.owner), awake(tx, workspace, now)
        outgoing.add(tx, workspace.id, key, content, reader.user_id, now, not_before=until)


def is_here(member: Member | None) -> Member | None:
    """Somebody who is still with the team, else None."""
    return member if member is not None and member.active and not member.deactivated else None


def awake(tx: sa.Connection, workspace: Workspace, now: datetime) -> datetime:
    """Now, or when the quiet hours are over."""
    agreed = clocks.current_agreement(tx, workspace.id)
    return agreed.awake_at(now) if agreed else now


def _due_key(action_id: int, due_on: str, owner: str) -> str:
    return f"action:{action_id}:{due_on}:{owner}"


def changed_key(entry: int, reader: str) -> str:
    """Return the key of the message that tells somebody of a change."""
    return f"action_changed:{entry}:{reader}"
