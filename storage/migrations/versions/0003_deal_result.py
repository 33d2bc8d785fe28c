"""mql.outcome is called mql.deal_result, as what it is: the result of the opportunity, not what sales says of an MQL"""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

COLUMNS = {"outcome": "deal_result", "outcome_at": "deal_result_at"}
CONSTRAINTS = {
    "dealoutcome_known": "dealresult_known",
    "outcome_has_day": "deal_result_has_day",
    "outcome_of_qualified": "deal_result_of_qualified",
    "amount_of_outcome": "amount_of_deal_result",
}


def upgrade() -> None:
    # Both databases write the new name into the constraints' own text.
    for old, new in COLUMNS.items():
        op.execute(f"ALTER TABLE mql RENAME COLUMN {old} TO {new}")
    if op.get_bind().dialect.name == "sqlite":
        _make_anew(op.get_bind(), CONSTRAINTS)
        return
    for old, new in CONSTRAINTS.items():
        op.execute(f"ALTER TABLE mql RENAME CONSTRAINT {old} TO {new}")


def _make_anew(tx: sa.Connection, names: Mapping[str, str]) -> None:
    """SQLite cannot rename a constraint: the table is made anew under the names, in the steps that SQLite's
    documentation gives (https://www.sqlite.org/lang_altertable.html#otheralter). Foreign keys are off meanwhile."""
    (table,) = tx.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'mql'").scalars()
    indexes = (
        tx.exec_driver_sql("SELECT sql FROM sqlite_master WHERE tbl_name = 'mql' AND type = 'index'").scalars().all()
    )
    for old, new in names.items():
        table = table.replace(f"CONSTRAINT {old} ", f"CONSTRAINT {new} ")
    _, parenthesis, body = table.partition("(")
    tx.exec_driver_sql(f"CREATE TABLE mql_anew {parenthesis}{body}")
    tx.exec_driver_sql("INSERT INTO mql_anew SELECT * FROM mql")
    tx.exec_driver_sql("DROP TABLE mql")
    tx.exec_driver_sql("ALTER TABLE mql_anew RENAME TO mql")
    for index in filter(None, indexes):  # those of a primary key or a unique constraint have no text of their own
        tx.exec_driver_sql(index)
