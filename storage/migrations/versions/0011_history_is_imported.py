"""what was before the bot may be imported: MQLs that are over, marked with their import"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

STATUSES = "'unassigned', 'assigned', 'accepted', 'contacted', 'qualified', 'disqualified', 'recycled', 'withdrawn'"
WIDER = {
    "status_known": (f"status IN ({STATUSES})", f"status IN ({STATUSES}, 'unknown')"),
    "owned_unless_unassigned": (
        "status = 'withdrawn' OR (owner IS NULL) = (status = 'unassigned')",
        "status = 'withdrawn' OR import_id IS NOT NULL OR (owner IS NULL) = (status = 'unassigned')",
    ),
}
"""Constraints that allow more than before: what each said, and what it says now."""
NEW = {
    "unknown_is_imported": "status <> 'unknown' OR import_id IS NOT NULL",
    "imported_is_over": "import_id IS NULL OR disposed_at IS NOT NULL",
}
LINK = "fk_mql_import_id"
OPEN_LEAD = "uq_mql_open_external_id"
WITH_SALES = "status NOT IN ('disqualified', 'recycled', 'withdrawn', 'unknown') AND import_id IS NULL"


def upgrade() -> None:
    _add_tables()
    op.drop_index(OPEN_LEAD, table_name="mql")
    if op.get_bind().dialect.name == "sqlite":
        _make_anew(op.get_bind())
    else:
        _alter()
    _add_indexes()


def _add_tables() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "import_run",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("workspace_id",)),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("digest", "file")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("position", "added", "changed")),
        sa.Column("started_at", moment, nullable=False),
        sa.Column("finished_at", moment, nullable=True),
        sa.CheckConstraint("(finished_at IS NULL) = (state = 'running')", name="finished_unless_running"),
        sa.CheckConstraint("state IN ('running', 'done', 'undone')", name="importstate_known"),
        sa.PrimaryKeyConstraint("id", name="pk_import_run"),
    )
    op.create_index("ix_import_run_digest", "import_run", ["workspace_id", "digest"])
    op.create_table(
        "imported_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("key", "content")),
        sa.Column("mql_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["import_run.id"], name="fk_imported_row_import_id"),
        sa.ForeignKeyConstraint(["mql_id"], ["mql.id"], name="fk_imported_row_mql_id"),
        sa.PrimaryKeyConstraint("id", name="pk_imported_row"),
        sa.UniqueConstraint("workspace_id", "key", name="uq_imported_row_workspace_id_key"),
    )
    op.create_index("ix_imported_row_import", "imported_row", ["import_id", "id"])
    op.create_index("ix_imported_row_mql", "imported_row", ["mql_id"])


def _alter() -> None:
    op.add_column("mql", sa.Column("import_id", sa.Integer(), nullable=True))
    op.create_foreign_key(LINK, "mql", "import_run", ["import_id"], ["id"])
    for name, (_, now) in WIDER.items():
        op.drop_constraint(name, "mql", type_="check")
        op.create_check_constraint(name, "mql", now)
    for name, condition in NEW.items():
        op.create_check_constraint(name, "mql", condition)


def _make_anew(tx: sa.Connection) -> None:
    """SQLite cannot change a constraint: the table is made anew with the new ones, in the steps that SQLite's
    documentation gives (https://www.sqlite.org/lang_altertable.html#otheralter). Foreign keys are off meanwhile."""
    (table,) = tx.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'mql'").scalars()
    indexes = (
        tx.exec_driver_sql("SELECT sql FROM sqlite_master WHERE tbl_name = 'mql' AND type = 'index'").scalars().all()
    )
    columns = ", ".join(column["name"] for column in sa.inspect(tx).get_columns("mql"))
    for name, (before, now) in WIDER.items():
        if before not in table:
            raise RuntimeError(f"the constraint {name} of mql is not as it was")
        table = table.replace(before, now)
    body = table.partition("(")[2]
    checks = "".join(f", CONSTRAINT {name} CHECK ({condition})" for name, condition in NEW.items())
    link = f", CONSTRAINT {LINK} FOREIGN KEY(import_id) REFERENCES import_run (id)"
    body = f"import_id INTEGER, {body.rstrip().removesuffix(')')}{link}{checks})"
    tx.exec_driver_sql(f"CREATE TABLE mql_anew ({body}")
    tx.exec_driver_sql(f"INSERT INTO mql_anew ({columns}) SELECT {columns} FROM mql")  # noqa: S608
    tx.exec_driver_sql("DROP TABLE mql")
    tx.exec_driver_sql("ALTER TABLE mql_anew RENAME TO mql")
    for index in filter(None, indexes):  # those of a primary key or a unique constraint have no text of their own
        tx.exec_driver_sql(index)


def _add_indexes() -> None:
    partial = {
        OPEN_LEAD: (["workspace_id", "source", "external_id"], WITH_SALES),
        "ix_mql_import": (["import_id"], "import_id IS NOT NULL"),
    }
    for name, (columns, where) in partial.items():
        condition = sa.text(where)
        op.create_index(
            name, "mql", columns, unique=name == OPEN_LEAD, sqlite_where=condition, postgresql_where=condition
        )
