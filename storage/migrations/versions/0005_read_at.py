"""when an MQL was read is kept beside when it came in; stored policies say that their days have 24 open hours"""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

RULE = "read_at >= received_at"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _make_anew(op.get_bind())
    else:
        op.add_column("mql", sa.Column("read_at", sa.DateTime(timezone=True), nullable=True))
        op.execute("UPDATE mql SET read_at = received_at")
        op.alter_column("mql", "read_at", nullable=False)
        op.create_check_constraint("read_after_it_came", "mql", RULE)
    _keep_the_days_of_policies(op.get_bind())


def _make_anew(tx: sa.Connection) -> None:
    """SQLite adds no column that must be filled: the table is made anew, in the steps that SQLite's documentation gives
    (https://www.sqlite.org/lang_altertable.html#otheralter). Foreign keys are off meanwhile."""
    (table,) = tx.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'mql'").scalars()
    indexes = (
        tx.exec_driver_sql("SELECT sql FROM sqlite_master WHERE tbl_name = 'mql' AND type = 'index'").scalars().all()
    )
    names = ", ".join(row[1] for row in tx.exec_driver_sql("PRAGMA table_info(mql)"))
    filled = f"INSERT INTO mql_anew ({names}, read_at) SELECT {names}, received_at FROM mql"  # noqa: S608
    _, parenthesis, body = table.partition("(")
    key = "CONSTRAINT pk_mql PRIMARY KEY"
    body = body.replace(key, f"read_at DATETIME NOT NULL, {key}")
    body = f"{body.rstrip().removesuffix(')')}, CONSTRAINT read_after_it_came CHECK ({RULE}))"
    tx.exec_driver_sql(f"CREATE TABLE mql_anew {parenthesis}{body}")
    tx.exec_driver_sql(filled)
    tx.exec_driver_sql("DROP TABLE mql")
    tx.exec_driver_sql("ALTER TABLE mql_anew RENAME TO mql")
    for index in filter(None, indexes):  # those of a primary key or a unique constraint have no text of their own
        tx.exec_driver_sql(index)


def _keep_the_days_of_policies(tx: sa.Connection) -> None:
    """A day of `feedback_days` was 24 open hours where the calendar has opening hours. From here on it is a working day,
    unless the calendar says otherwise: so that no agreed deadline moves, the stored ones say it."""
    version = sa.table("policy_version", sa.column("id", sa.Integer()), sa.column("body", sa.JSON()))
    for row in tx.execute(sa.select(version.c.id, version.c.body)).all():
        body = json.loads(row.body) if isinstance(row.body, str) else row.body
        kept = _kept(body) | {"tiers": [_kept(tier) for tier in body.get("tiers", [])]}
        if kept != body:
            tx.execute(version.update().where(version.c.id == row.id).values(body=kept))


def _kept(terms: dict[str, Any]) -> dict[str, Any]:
    calendar = terms.get("calendar")
    rules = {"kind": calendar} if isinstance(calendar, str) else calendar
    if not rules or rules["kind"] != "business_hours":
        return terms
    return {**terms, "calendar": {**rules, "day_hours": 24.0}}
