"""The ledger of turns, and the balances that it explains."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import NamedTuple

import sqlalchemy as sa

from storage import rows
from storage.models import Assignment, Turn, assignment, member, pool_standing, turn


class Posting(NamedTuple):
    """An entry of the ledger, and the decision that it is about."""

    turn: Turn
    decision: Assignment


def add(tx: sa.Connection, decision: Assignment, weight: int, at: datetime) -> int:
    """Append to the ledger that the turn of a decision was taken (1) or given back (-1), and return the entry's id."""
    return rows.insert(
        tx,
        turn,
        workspace_id=decision.workspace_id,
        mql_id=decision.mql_id,
        assignment_id=decision.id,
        user_id=decision.chosen,
        weight=weight,
        at=at,
    )


def move_balances(
    tx: sa.Connection, decision: Assignment, parts: Mapping[str, int], *, whole: int, last_turn: int
) -> None:
    """Take its part from the balance of everyone who shares in the turn of a decision, add `whole` to that of the
    chosen one, and note their last turn that counts; all in the pool of the decision."""
    in_pool = decision.pool is not None
    stands = pool_standing if in_pool else member
    same: dict[int, list[str]] = {}
    for user, part in parts.items():
        same.setdefault(part, []).append(user)
    amounts = {"whole": whole, "latest": last_turn, "workspace": decision.workspace_id, "chosen": decision.chosen}
    for part, users in same.items():  # where all weigh the same, one statement
        where = {"sharing": users, "part": part} | ({"in_pool": decision.pool} if in_pool else {})
        tx.execute(_moving(stands, in_pool), amounts | where)


@cache
def _moving(stands: sa.Table, in_pool: bool) -> sa.Update:
    whole, part = (sa.bindparam(name, type_=sa.BigInteger()) for name in ("whole", "part"))
    is_chosen = stands.c.user_id == sa.bindparam("chosen")
    sharing = stands.c.user_id.in_(sa.bindparam("sharing", expanding=True))
    mine = [stands.c.workspace_id == sa.bindparam("workspace"), sharing]
    mine += [stands.c.pool == sa.bindparam("in_pool")] if in_pool else []
    return (
        stands.update()
        .where(*mine)
        .values(
            balance=stands.c.balance - part + sa.case((is_chosen, whole), else_=0),
            last_turn=sa.case((is_chosen, sa.bindparam("latest", type_=sa.Integer())), else_=stands.c.last_turn),
        )
    )


def ledger(tx: sa.Connection, workspace_id: str, since: datetime | None = None) -> list[Posting]:
    """Return the entries of a workspace with their decisions, as they were written; from a moment on, or all."""
    query = sa.select(*turn.c, *assignment.c).join(assignment, assignment.c.id == turn.c.assignment_id)
    mine = [turn.c.workspace_id == workspace_id, *([] if since is None else [turn.c.at >= since])]
    result = tx.execute(query.where(*mine).order_by(turn.c.id))
    width = len(turn.c)
    names, decided = turn.c.keys(), assignment.c.keys()
    return [
        Posting(rows.value(Turn, names, row[:width]), rows.value(Assignment, decided, row[width:]))
        for row in result.fetchall()
    ]
