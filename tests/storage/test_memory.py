"""Tables in memory answer as a database does, also where something is unknown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from storage import members, mqls, routing, rows, workspaces
from storage.database import Database
from storage.memory import Memory
from storage.models import assignment, event, member, mql, pool_standing, workspace
from storage.vocabulary import EventType, Source, Status

NOON = datetime(2026, 9, 1, 3, tzinfo=UTC)
E, M, S = event.c, member.c, mql.c
LATER = sa.bindparam("later", type_=E.at.type)
OTHER = mql.alias()
NEWEST = sa.select(sa.func.max(E.id)).where(E.mql_id.in_([1, 2])).group_by(E.mql_id)

QUESTIONS: dict[str, sa.Select[Any]] = {
    "null is no value": sa.select(S.id).where(S.score != 5).order_by(S.id),
    "nor is its opposite": sa.select(S.id).where(sa.not_(S.score == 5)).order_by(S.id),
    "one of two": sa.select(S.id).where(sa.or_(S.score > 1, S.owner.is_(None))).order_by(S.id),
    "null is less": sa.select(S.id, S.score).order_by(S.score.desc(), S.id.desc()),
    "the first": sa.select(S.id).order_by(S.id.desc()).limit(2),
    "between two moments": sa.select(E.id).where(E.at > NOON, E.at <= LATER).order_by(E.at.desc()),
    "between two numbers": sa.select(E.id).where(E.id.between(2, 3)).order_by(E.id),
    "the newest of each": sa.select(E.id, E.type).where(E.id.in_(NEWEST)).order_by(E.id),
    "none of those, of which one is unknown": sa.select(S.id)
    .where(sa.or_(S.score.not_in(sa.select(OTHER.c.score).where(OTHER.c.id > 1)), S.id == 2))
    .order_by(S.id),
    "of two tables": sa.select(E.id, S.number).join(mql, S.id == E.mql_id).where(E.after == "U1").order_by(E.id),
    "perhaps of two": sa.select(workspace.c.id, M.name)
    .join(member, sa.and_(M.workspace_id == workspace.c.id, M.user_id == "U9"), isouter=True)
    .where(workspace.c.id == "T1"),
    "without another": sa.select(S.id)
    .where(~sa.exists().where(E.mql_id == S.id, E.type == EventType.ASSIGNED))
    .order_by(S.id),
    "counted": sa.select(E.mql_id, sa.func.count(), sa.func.count(sa.distinct(E.after)))
    .group_by(E.mql_id)
    .order_by(None),
    "none to count": sa.select(sa.func.coalesce(sa.func.max(assignment.c.id), 0)),
    "with a value of another": sa.select(S.id, sa.select(sa.func.max(E.id)).where(E.mql_id == S.id).label("newest"))
    .where(S.id < 3)
    .order_by(S.id),
    "in JSON": sa.select(E.id).where(E.data["restarted"].as_boolean()).order_by(E.id),
}


def fill(tx: sa.Connection) -> None:
    """Three MQLs of one workspace, one of them without a score, with what happened to them."""
    known = {"name": "Sample", "locale": "en", "timezone": "Asia/Tokyo", "mql_channel": "C1"}
    workspaces.save(tx, "T1", NOON, **known, digest_weekday=0, digest_time="09:00")
    members.save(tx, "T1", "U1", name="Sato", roles=["rep"])
    for number, score in ((1, 5), (2, None), (3, 9)):
        values = {"source": Source.GENERIC, "status": Status.UNASSIGNED, "received_at": NOON, "score": score}
        subject = mqls.add(tx, "T1", number, attributes={}, **values)
        for after in ("U1", "U2", "U1")[:number]:
            words = {"after": after, "data": {"restarted": number == 3}}
            mqls.log(tx, subject, EventType.PAUSED, NOON + timedelta(hours=number), NOON, **words)
    mqls.update(tx, "T1", 3, status=Status.ASSIGNED, owner="U1")
    mqls.log(tx, subject, EventType.ASSIGNED, NOON, NOON, after="U1")


@pytest.mark.parametrize("query", QUESTIONS.values(), ids=QUESTIONS.keys())
def test_a_question_has_the_same_answer(database: Database, query: sa.Select[Any]) -> None:
    memory, asked = Memory(), {"later": NOON + timedelta(hours=2)}
    fill(memory)
    with database.transaction() as tx:
        fill(tx)
        answer = [tuple(row) for row in tx.execute(query, asked).fetchall()]
    assert [tuple(row) for row in memory.execute(query, asked).fetchall()] == answer
    assert answer


def test_what_is_there_is_not_added_again() -> None:
    memory = Memory()
    fill(memory)
    own = {"workspace_id": "T1", "pool": "East", "user_id": "U1", "last_turn": 0, "balance": 0}
    routing.joins(memory, "T1", "East", ["U1", "U1"])
    assert not rows.insert_once(memory, pool_standing, **own)
    with pytest.raises(ValueError, match="pool_standing"):
        rows.insert(memory, pool_standing, **own)


def test_a_statement_that_is_not_known_is_refused() -> None:
    with pytest.raises(NotImplementedError, match="in memory"):
        Memory().execute(sa.select(mql).union_all(sa.select(mql)))
