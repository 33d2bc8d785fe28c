"""by what the same person and the same company are found; one MQL may go on in another"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op
from babel.core import get_global

# Not a copy of these rules: a key is right where the code that looks for it makes the same one. Who changes a rule makes
# every key anew, in a revision of its own.
from storage import company_keys, person_keys
from storage.person_keys import PersonKey

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

KEYS = ("company_key", "company_domain", "corporate_number")
LINKS = ("former_id", "same_company_id", "maybe_same_id", "merged_into_id")
WITH_SALES = "status NOT IN ('disqualified', 'recycled', 'withdrawn')"
INDEXES = {
    "ix_mql_company": (("workspace_id", "company_key", "id"), WITH_SALES),
    "ix_mql_company_domain": (("workspace_id", "company_domain", "id"), WITH_SALES),
    "ix_mql_corporate_number": (("workspace_id", "corporate_number", "id"), WITH_SALES),
    "ix_mql_merged": (("workspace_id", "merged_into_id"), "merged_into_id IS NOT NULL"),
}
MERGED = ("merged_is_withdrawn", "merged_into_id IS NULL OR status = 'withdrawn'")
ANEW = ("anew_after_a_day_at_least", "anew_after_days > 0")
NAMES_SOMEBODY = "external_id, person, title, email, phone, score_reason, message, crm_url"
DOMAIN = "company_domain"
BATCH = 500

COLUMNS = ("id", "workspace_id", "source", "external_id", "company", "person", "email", "phone", "attributes", *KEYS)
mql = sa.table(
    "mql", *(sa.column(name) for name in COLUMNS if name != "attributes"), sa.column("attributes", sa.JSON())
)
event = sa.table("event", sa.column("mql_id"), sa.column("type"), sa.column("data", sa.JSON()))
workspace = sa.table("workspace", sa.column("id"), sa.column("timezone"))
identifier = sa.table(
    "identifier", *(sa.column(name) for name in ("workspace_id", "mql_id", "kind", "system", "value"))
)


def upgrade() -> None:
    # Ids are looked for in `identifier` from here on, addresses too; who is the same is decided under a lock.
    for name in ("uq_mql_open_external_id", "ix_mql_external_id", "ix_mql_email"):
        op.drop_index(name, table_name="mql")
    for name in KEYS:
        op.add_column("mql", sa.Column(name, sa.String(), nullable=True))
    for name in LINKS:
        op.add_column("mql", sa.Column(name, sa.Integer(), nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        _make_anew(op.get_bind(), "mql", {}, MERGED)
        _make_anew(op.get_bind(), "workspace", {"anew_after_days": 90}, ANEW)
    else:
        _add()
    for name, (columns, where) in INDEXES.items():
        condition = sa.text(where)
        op.create_index(name, "mql", list(columns), sqlite_where=condition, postgresql_where=condition)
    _make_identifier()
    _fill(op.get_bind())


def _make_identifier() -> None:
    op.create_table(
        "identifier",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("mql_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.CheckConstraint("(system <> '') = (kind = 'record')", name="record_has_system"),
        sa.ForeignKeyConstraint(["mql_id"], ["mql.id"], name=op.f("fk_identifier_mql_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identifier")),
        sa.UniqueConstraint("mql_id", "kind", "system", "value", name=op.f("uq_identifier_mql_id_kind_system_value")),
    )
    op.create_index("ix_identifier_value", "identifier", ["workspace_id", "value", "mql_id"])


def _add() -> None:
    op.add_column("workspace", sa.Column("anew_after_days", sa.Integer(), nullable=False, server_default="90"))
    op.alter_column("workspace", "anew_after_days", server_default=None)
    op.create_check_constraint(ANEW[0], "workspace", ANEW[1])
    op.create_check_constraint(MERGED[0], "mql", MERGED[1])
    op.drop_constraint("erased_names_nobody", "mql")
    names = f"{NAMES_SOMEBODY}, {DOMAIN}"
    op.create_check_constraint("erased_names_nobody", "mql", f"erased_at IS NULL OR COALESCE({names}) IS NULL")


def _make_anew(tx: sa.Connection, table: str, filled: Mapping[str, int], check: tuple[str, str]) -> None:
    """SQLite adds neither a column that is never empty nor a constraint, and changes none: the table is made anew, in the steps that SQLite's documentation gives
    (https://www.sqlite.org/lang_altertable.html#otheralter). Foreign keys are off meanwhile."""
    master = "SELECT sql FROM sqlite_master WHERE type = ? AND tbl_name = ?"
    (text,) = tx.exec_driver_sql(f"{master} AND name = tbl_name", ("table", table)).scalars()
    indexes = tx.exec_driver_sql(master, ("index", table)).scalars().all()
    names = ", ".join(row[1] for row in tx.exec_driver_sql(f"PRAGMA table_info({table})"))
    _, parenthesis, body = text.partition("(")
    # Before the first constraint, for columns stand before constraints.
    key = f"CONSTRAINT pk_{table} PRIMARY KEY"
    added = "".join(f"{name} INTEGER NOT NULL, " for name in filled)
    body = body.replace(key, f"{added}{key}").replace(f"({NAMES_SOMEBODY})", f"({NAMES_SOMEBODY}, {DOMAIN})")
    body = f"{body.rstrip().removesuffix(')')}, CONSTRAINT {check[0]} CHECK ({check[1]}))"
    tx.exec_driver_sql(f"CREATE TABLE {table}_anew {parenthesis}{body}")
    columns, values = ", ".join([names, *filled]), ", ".join([names, *map(str, filled.values())])
    tx.exec_driver_sql(f"INSERT INTO {table}_anew ({columns}) SELECT {values} FROM {table}")  # noqa: S608
    tx.exec_driver_sql(f"DROP TABLE {table}")
    tx.exec_driver_sql(f"ALTER TABLE {table}_anew RENAME TO {table}")
    for index in filter(None, indexes):  # those of a primary key or a unique constraint have no text of their own
        tx.exec_driver_sql(index)


def _fill(tx: sa.Connection) -> None:
    zones = get_global("zone_territories")
    region = {row.id: zones.get(row.timezone, "JP") for row in tx.execute(sa.select(workspace))}
    later: dict[int, list[str]] = {}
    again = sa.select(event.c.mql_id, event.c.data).where(event.c.type == "received_again")
    for mql_id, data in tx.execute(again):
        if (data or {}).get("email"):
            later.setdefault(mql_id, []).append(str(data["email"]))
    known = tx.execute(sa.select(mql).order_by(mql.c.id)).all()
    for start in range(0, len(known), BATCH):
        rows = known[start : start + BATCH]
        keys = [{"the_id": row.id, **company_keys.of(dict(row._mapping))._asdict()} for row in rows]
        tx.execute(mql.update().where(mql.c.id == sa.bindparam("the_id")).values(**_bound(KEYS)), keys)
        values = [
            {"workspace_id": row.workspace_id, "mql_id": row.id, **key._asdict()}
            for row in rows
            for key in dict.fromkeys(_person(row, later.get(row.id, []), region.get(row.workspace_id, "JP")))
        ]
        if values:
            tx.execute(identifier.insert(), values)


def _bound(names: tuple[str, ...]) -> dict[str, Any]:
    return {name: sa.bindparam(name) for name in names}


def _person(row: Any, later: list[str], region: str) -> Iterator[PersonKey]:
    if row.external_id:
        yield person_keys.record(row.source, row.external_id)
    for address in filter(None, (row.email, *later)):
        yield person_keys.email(address)
        yield from filter(None, (person_keys.mailbox(address),))
    if row.phone and row.person:
        yield from filter(None, (person_keys.named_phone(row.phone, row.person, region),))
