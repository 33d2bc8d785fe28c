"""The ledger of turns, and the balances that it explains."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import NamedTuple

import sqlalchemy as sa

from storage import rows
from storage.models import Assignment, Turn, assignment, member, turn


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
    tx: sa.Connection, decision: Assignment, sharing: Collection[str], *, whole: int, part: int, last_turn: int
) -> None:
    """Take `part` from the balance of everyone who shares in the turn of a decision, add `whole` to that of the chosen
    one, and note their last turn that counts."""
    amounts = {"whole": whole, "part": part, "latest": last_turn, "sharing": list(sharing)}
    tx.execute(_moving(), {**amounts, "workspace": decision.workspace_id, "chosen": decision.chosen})


@cache
def _moving() -> sa.Update:
    whole, part = (sa.bindparam(name, type_=sa.BigInteger()) for name in ("whole", "part"))
    is_chosen = member.c.user_id == sa.bindparam("chosen")
    sharing = member.c.user_id.in_(sa.bindparam("sharing", expanding=True))
    mine = sa.and_(member.c.workspace_id == sa.bindparam("workspace"), sharing)
    return (
        member.update()
        .where(mine)
        .values(
            balance=member.c.balance - part + sa.case((is_chosen, whole), else_=0),
            last_turn=sa.case((is_chosen, sa.bindparam("latest", type_=sa.Integer())), else_=member.c.last_turn),
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
