"""One act on several MQLs at once. Each is done or refused by itself, and each reader hears of all of them once."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bot.core.base.permissions import Permission
from bot.core.base.results import ActionResult, Done, Refusal, Refused
from bot.core.messages import lists
from bot.core.mql import response
from bot.core.routing import assignment
from storage import mqls, workspaces
from storage.models import Workspace
from storage.vocabulary import EventType

MOST = 100
"""How many MQLs one act takes: what one form can show."""


@dataclass(frozen=True)
class Bulk:
    """What an act on several MQLs came to."""

    done: tuple[Done, ...]
    refused: tuple[Refused, ...]


def reassign(
    tx: sa.Connection,
    workspace_id: str,
    mql_ids: Collection[int],
    by: str,
    to: str | None,
    reason: str | None,
    now: datetime,
) -> Bulk:
    """Hand MQLs to another member of the team; with None each to the rep whose turn it is, who has not had it."""
    # A turn may be taken: the workspace is locked before the MQLs, as everywhere.
    workspace = workspaces.locked(tx, workspace_id)

    def hand_over(mql_id: int) -> ActionResult:
        if to is not None or workspace is None:
            return response.reassign(tx, workspace_id, mql_id, by, to or "", reason, now)
        return _to_next(tx, workspace, mql_id, by, reason, now)

    return _each(tx, workspace_id, mql_ids, hand_over)


def remind(tx: sa.Connection, workspace_id: str, mql_ids: Collection[int], by: str, now: datetime) -> Bulk:
    """Remind the owners of MQLs without a response, as a leader asks."""
    return _each(tx, workspace_id, mql_ids, lambda mql_id: response.remind(tx, workspace_id, mql_id, by, now))


def _each(tx: sa.Connection, workspace_id: str, mql_ids: Collection[int], act: Callable[[int], ActionResult]) -> Bulk:
    wanted = sorted(set(mql_ids))[:MOST]
    mqls.hold(tx, workspace_id, wanted)
    outcomes = [act(mql_id) for mql_id in wanted]
    done = tuple(outcome for outcome in outcomes if isinstance(outcome, Done))
    lists.tell_together(tx, workspace_id, [outcome.event_id for outcome in done])
    return Bulk(done, tuple(outcome for outcome in outcomes if isinstance(outcome, Refused)))


def _to_next(
    tx: sa.Connection, workspace: Workspace, mql_id: int, by: str, reason: str | None, now: datetime
) -> ActionResult:
    subject = mqls.locked(tx, workspace.id, mql_id)
    if subject is None:
        return Refused(Refusal.NOT_FOUND)
    if refused := response.refusal(tx, subject, by, now, Permission.REASSIGN):
        return refused
    if assignment.assign(tx, workspace, subject, now, reason=reason, by=by) is None:
        return Refused(Refusal.NOBODY_FREE, number=subject.number)
    return Done(subject, mqls.events_of(tx, workspace.id, [mql_id], [EventType.ASSIGNED])[-1].id)
