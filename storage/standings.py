"""How an MQL stands that somebody acts on, and who that is: what an act asks once it holds the MQL."""

from __future__ import annotations

from collections.abc import Sized
from functools import cache
from itertools import accumulate, chain
from typing import Any, NamedTuple

import sqlalchemy as sa

from storage import policies, rows
from storage.models import Clock, Member, Mql, Workspace, clock, event, member, policy_version, workspace
from storage.policies import PolicyText
from storage.vocabulary import ClockKind


class Standing(NamedTuple):
    """An MQL that is held, and who acts on it."""

    workspace: Workspace
    member: Member | None
    """Who acts; None: nobody of the roster."""
    clocks: list[Clock]
    versions: dict[int, PolicyText]
    """The policy versions that the clocks are pinned to, by their ids."""
    last_event_id: int
    """The newest event of the MQL; 0: none."""

    def waiting(self, kind: ClockKind) -> tuple[Clock, PolicyText] | None:
        """Return the clock of this kind, with its policy version, if it has not been stopped: running or paused."""
        known = ((clock, self.versions[clock.policy_id]) for clock in self.clocks if clock.stopped_at is None)
        return next((both for both in known if both[0].kind == kind), None)


def of(tx: sa.Connection, subject: Mql, by: str | None) -> Standing:
    """Return how an MQL stands that the caller holds: read after it is held, because others change its clocks then."""
    asked = {"workspace": subject.workspace_id, "mql": subject.id, "by": by}
    read = tx.execute(_standing(), asked).fetchall()
    clocks, versions = [], {}
    for row in read:
        if row[_CLOCK.start] is not None:
            clocks.append(rows.value(Clock, rows.names_of(clock), row[_CLOCK]))
            versions[clocks[-1].policy_id] = PolicyText(*row[_VERSION])
    where, who = read[0][_WORKSPACE], read[0][_MEMBER]
    acting = rows.value(Member, rows.names_of(member), who) if who[0] is not None else None
    return Standing(rows.value(Workspace, rows.names_of(workspace), where), acting, clocks, versions, read[0][-1] or 0)


def _slices(*parts: Sized) -> list[slice]:
    ends = list(accumulate(map(len, parts)))
    return [slice(end - len(part), end) for end, part in zip(ends, parts, strict=True)]


_PARTS = (workspace.c, member.c, clock.c, policies.TEXT)
_WORKSPACE, _MEMBER, _CLOCK, _VERSION = _slices(*_PARTS)


@cache
def _standing() -> sa.Select[Any]:
    workspace_id: sa.BindParameter[str] = sa.bindparam("workspace")
    mql_id: sa.BindParameter[int] = sa.bindparam("mql")
    acts = sa.and_(member.c.workspace_id == workspace.c.id, member.c.user_id == sa.bindparam("by"))
    its = sa.and_(clock.c.workspace_id == workspace.c.id, clock.c.mql_id == mql_id)
    pinned = sa.and_(policy_version.c.id == clock.c.policy_id, policy_version.c.workspace_id == clock.c.workspace_id)
    its_events = sa.and_(event.c.workspace_id == workspace_id, event.c.mql_id == mql_id)
    last = sa.select(sa.func.max(event.c.id)).where(its_events).label("last_event_id")
    query = sa.select(*chain(*_PARTS), last).select_from(workspace).join(member, acts, isouter=True)
    query = query.join(clock, its, isouter=True).join(policy_version, pinned, isouter=True)
    return query.where(workspace.c.id == workspace_id).order_by(clock.c.id)
