"""Workspaces, their lost reasons and the pace of their Slack conversations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache

import sqlalchemy as sa

from storage import rows
from storage.models import LostReason, Workspace, feedback, lost_reason, workspace
from storage.vocabulary import OutcomesTold


def get(tx: sa.Connection, workspace_id: str) -> Workspace | None:
    """Return the workspace, or None while it is not configured."""
    return rows.find(tx, Workspace, workspace, {"id": workspace_id})


def locked(tx: sa.Connection, workspace_id: str) -> Workspace | None:
    """Return the workspace, held until the transaction ends: intake and assignment of one workspace take turns, so
    that two requests neither make twins of one lead nor give two MQLs to one rep's turn. Taken before any MQL's
    lock."""
    return rows.find(tx, Workspace, workspace, {"id": workspace_id}, hold=True)


def every(tx: sa.Connection) -> list[Workspace]:
    """Return all configured workspaces."""
    return rows.many(tx, Workspace, _every())


@cache
def _every() -> rows.Query:
    return sa.select(workspace).order_by(workspace.c.id)


def save(tx: sa.Connection, workspace_id: str, now: datetime, **values: object) -> None:
    """Create the workspace, or change the named columns of it."""
    if get(tx, workspace_id) is None:
        new = {"last_number": 0, "outcomes_told": OutcomesTold.EACH, "outcomes_time": "17:00"}
        new |= {"daily_messages": 20, "anew_after_days": 90}
        tx.execute(workspace.insert().values(id=workspace_id, created_at=now, **new | values))
    else:
        rows.change(tx, workspace, {"id": workspace_id}, **values)


def know_bot(tx: sa.Connection, workspace_id: str, url: str, bot_user_id: str, bot_id: str) -> None:
    """Note who the bot is in the workspace."""
    rows.change(tx, workspace, {"id": workspace_id}, url=url, bot_user_id=bot_user_id, bot_id=bot_id)


def take_number(tx: sa.Connection, workspace_id: str) -> int:
    """Take the next MQL number of the workspace. Numbers have no gaps, because the lock falls with the
    transaction."""
    return int(tx.execute(_taking_number(), {"workspace": workspace_id}).scalar_one())


@cache
def _taking_number() -> sa.Executable:
    mine = workspace.update().where(workspace.c.id == sa.bindparam("workspace"))
    return mine.values(last_number=workspace.c.last_number + 1).returning(workspace.c.last_number)


def move_cursor(tx: sa.Connection, workspace_id: str, ts: str) -> None:
    """Note that every intake message up to `ts` has been dealt with. Never moves back."""
    behind = sa.or_(workspace.c.intake_cursor.is_(None), workspace.c.intake_cursor < ts)
    tx.execute(workspace.update().where(workspace.c.id == workspace_id, behind).values(intake_cursor=ts))


def reasons(tx: sa.Connection, workspace_id: str, *, only_active: bool = True) -> list[LostReason]:
    """Return the lost reasons in the order of the form."""
    known = rows.all_of(tx, LostReason, lost_reason, {"workspace_id": workspace_id}, order_by="position")
    return [reason for reason in known if reason.active or not only_active]


def reasons_used(tx: sa.Connection, workspace_id: str, keys: Sequence[str]) -> dict[str, int]:
    """Return how many MQLs were disqualified for each of these reasons, corrected since or not; only those that were
    used."""
    mine = sa.and_(feedback.c.workspace_id == workspace_id, feedback.c.lost_reason.in_(keys))
    count = sa.func.count(feedback.c.mql_id.distinct())
    query = sa.select(feedback.c.lost_reason, count).where(mine).group_by(feedback.c.lost_reason)
    return {key: number for key, number in tx.execute(query)} if keys else {}


def save_reasons(tx: sa.Connection, workspace_id: str, wanted: Sequence[LostReason]) -> None:
    """Make `wanted` the lost reasons. One that is not named any more is switched off: old feedback refers to it."""
    mine = lost_reason.c.workspace_id == workspace_id
    tx.execute(lost_reason.update().where(mine).values(active=False))
    for reason in wanted:
        values = reason.model_dump()
        if not rows.insert_once(tx, lost_reason, **values):
            tx.execute(lost_reason.update().where(mine, lost_reason.c.key == reason.key).values(**values))
