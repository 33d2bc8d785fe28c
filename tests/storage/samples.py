"""What a database of some revision holds, as a file: taken from one, put back into an empty one of either kind.

By reflection, not by models.py: that knows the newest revision only.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command

from bot import logs
from bot.core.crm.mapping import FieldMapping, Rule
from bot.core.crm.mapping import Mapping as CrmMapping
from bot.core.mql import history, intake, next_touch, response
from bot.core.mql.history import Past
from bot.core.mql.lead import Lead
from bot.core.reports import nurturing_delivery
from bot.core.reports.nurturing_delivery import WeekSupplied
from bot.core.routing.conditions import Conditions
from bot.core.routing.routes import Pool, PoolMember, Route, Routing
from storage import (
    alerts,
    crm_conflicts,
    crm_connections,
    crm_links,
    crm_writes,
    engagements,
    imports,
    migrate,
    mqls,
    routing,
    senders,
    setups,
    uploads,
    workspaces,
)
from storage.database import Database
from storage.vocabulary import (
    AlertKind,
    CrmField,
    CrmKind,
    CrmWriteKind,
    EngagementKind,
    ImportKind,
    ImportState,
    Source,
    UploadState,
)
from tests.databases import make_once, new_sqlite

RELEASED = Path(__file__).parent / "released"
Sample = dict[str, Any]
Row = dict[str, Any]
Meant = Callable[[str, Row], Row | None]
"""What a revision makes of a row of a table on purpose; None: it takes the row away."""


def take(database: Database) -> Sample:
    """Every row, by table, and the revision."""
    with database.snapshot() as tx:
        tables = {table.name: _rows(tx, table) for table in _reflected(tx)}
    ((revision,),) = (row.values() for row in tables.pop("alembic_version"))
    return {"revision": revision, "tables": tables}


def write(sample: Sample, folder: Path) -> Path:
    """Store a sample under the name of its revision, a row on a line, so that a difference can be read."""
    file = folder / f"{sample['revision']}.json"
    tables = [
        f"{json.dumps(name)}: [\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]"
        for name, rows in sample["tables"].items()
    ]
    text = ",\n".join(tables)
    file.write_text(f'{{"revision": {json.dumps(sample["revision"])}, "tables": {{\n{text}\n}}}}\n', encoding="utf-8")
    return file


def read(file: Path) -> Sample:
    """A stored sample."""
    sample: Sample = json.loads(file.read_text(encoding="utf-8"))
    return sample


def restore(sample: Sample, database: Database) -> None:
    """Bring an empty database to the sample's revision and put its rows there."""
    create(sample["revision"], database)
    with database.transaction() as tx:
        for table in _reflected(tx):
            if rows := sample["tables"].get(table.name):
                tx.execute(table.insert(), [_typed(table, row) for row in rows])
            if not database.is_sqlite and "id" in table.c and isinstance(table.c.id.type, sa.Integer):
                newest = f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), max(id)) FROM {table.name}"
                tx.execute(sa.text(newest))


def upgraded(database: Database, released: str = "0001") -> None:
    """Bring an empty database to the newest revision from that of a release, with the rows of its sample."""

    def make() -> None:
        restore(read(RELEASED / f"{released}.json"), database)
        migrate.upgrade(database)

    make_once(database, f"{released} upgraded", make)


def create(revision: str, database: Database) -> None:
    """Make the tables of a revision: by the migrations once in a process, and then as a copy of those."""

    def make() -> None:
        with database.engine.connect().execution_options(immediate=True) as tx, tx.begin():
            settings = migrate.config()
            settings.attributes["connection"] = tx
            command.upgrade(settings, revision)

    make_once(database, revision, make)


def retold(sample: Sample, meant: Iterable[Meant]) -> Sample:
    """Return the sample as it should be after revisions that change something on purpose, the oldest first."""
    tables = sample["tables"]
    for change in meant:
        changed = {name: [change(name, dict(row)) for row in rows] for name, rows in tables.items()}
        kept = {name: [row for row in rows if row is not None] for name, rows in changed.items()}
        tables = {name: rows for name, rows in kept.items() if rows or not tables[name]}
    return {**sample, "tables": tables}


def lost(sample: Sample, database: Database) -> list[str]:
    """Return what the sample holds and the database does not, one line each."""
    with database.snapshot() as tx:
        there = {table.name: (table, _rows(tx, table)) for table in _reflected(tx)}
    problems = []
    for name, rows in sample["tables"].items():
        if name not in there:
            problems.append(f"{name}: the table is gone")
            continue
        table, stored = there[name]
        key = [column.name for column in table.primary_key]
        by_key = {tuple(row[part] for part in key): row for row in stored}
        for row in rows:
            named = f"{name} {tuple(row[part] for part in key)}"
            kept = by_key.get(tuple(row[part] for part in key))
            if kept is None:
                problems.append(f"{named}: the row is gone")
                continue
            other = [column for column in row if column not in kept or kept[column] != row[column]]
            problems += [f"{named}: {column} is not what it was" for column in other]
    return problems


def _reflected(tx: sa.Connection) -> list[sa.Table]:
    metadata = sa.MetaData()
    metadata.reflect(tx)
    return metadata.sorted_tables


def _rows(tx: sa.Connection, table: sa.Table) -> list[dict[str, Any]]:
    rows = tx.execute(sa.select(table).order_by(*table.primary_key)).mappings()
    return [{name: _plain(value) for name, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        # SQLite keeps UTC without saying so.
        aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return aware.isoformat(timespec="microseconds")
    return value


def _typed(table: sa.Table, row: dict[str, Any]) -> dict[str, Any]:
    moments = {c.name for c in table.columns if isinstance(c.type, sa.DateTime)}
    return {name: datetime.fromisoformat(value) if value and name in moments else value for name, value in row.items()}


def tell(file: Path) -> dict[str, list[str]]:
    """Make a SQLite file as it is after some weeks with the bot, in every table. Returns what people have read."""
    from tests.scenarios import stage, story

    database = new_sqlite(file)
    team = stage.Team(database)
    try:
        story.live(team)
        with database.transaction() as tx:
            alerts.add(tx, team.id, AlertKind.NOBODY_AVAILABLE, "", team.time.now(), {"away": 3}, ["U0KIM00001"])
            _import_the_past(tx, team.id, team.time.now())
            _promise(tx, team.id, team.time.now())
            figures = [WeekSupplied("2026-W47", "IT", {"new_leads": 80, "sent": 500, "opened": 120})]
            nurturing_delivery.store(tx, team.id, figures, team.time.now(), file="weeks.csv")
            _route(tx, team.id, team.time.now())
            setups.begin(tx, team.id, "U0KIM00001", {"name": "Sample Inc."}, team.time.now())
            _connect(tx, team.id, team.time.now())
            upload_id = uploads.add(tx, team.id, "U0ITO00001", "F0PAST0001", team.time.now())
            over = {"state": UploadState.CANCELLED, "next_attempt_at": None}
            uploads.change(tx, team.id, upload_id, [UploadState.READING], **over)
            layout: dict[str, Any] = {"parts": ["0ca3f4c02da6"], "unsure": [], "fields": {}, "reads": ["company"]}
            senders.add_layout(tx, team.id, "B0FORM0001", "U0ITO00001", team.time.now(), **layout)
        read_by_people = story.transcript(team)
    finally:
        team.close()
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return read_by_people


def _promise(tx: sa.Connection, workspace_id: str, now: datetime) -> None:
    """Have a lead contacted a moment ago, which can be undone, and its next touch promised."""
    mql_id = intake.receive(tx, workspace_id, Lead(company="Today Inc."), Source.GENERIC, now).mql_id
    subject = mqls.get(tx, workspace_id, mql_id)
    if subject is None or subject.owner is None:
        raise LookupError("nobody is there to take it")
    response.contacted(tx, workspace_id, mql_id, subject.owner, now)
    next_touch.promise(tx, workspace_id, mql_id, subject.owner, now.date() + timedelta(days=3), now)


def _import_the_past(tx: sa.Connection, workspace_id: str, now: datetime) -> None:
    workspace = workspaces.get(tx, workspace_id)
    if workspace is None:
        raise LookupError(workspace_id)
    import_id = imports.start(tx, workspace_id, ImportKind.HISTORY, "0" * 64, "past.csv", now)
    lead = Lead(external_id="past-1", company="Yesterday Inc.", score=40)
    history.store(tx, workspace, import_id, [Past(lead=lead, received_at=now - timedelta(days=90))], now)
    imports.advance(tx, workspace_id, import_id, 1, 1, 0)
    imports.close(tx, workspace_id, import_id, ImportState.DONE, now)


def _route(tx: sa.Connection, workspace_id: str, now: datetime) -> None:
    """A pool of one, for leads that nobody sends."""
    east = Pool(name="east", members=(PoolMember(user="U0SATO0001", weight=0.5),))
    route = Route(name="East", when=Conditions(channels=("nobody's",)), pool="east")
    routing.add(tx, workspace_id, Routing(routes=(route,), pools=(east,)).model_dump_json(), now)
    routing.joins(tx, workspace_id, east.name, east.by_user)


def _connect(tx: sa.Connection, workspace_id: str, now: datetime) -> None:
    """A CRM that knows one lead, with a conflict that waits, a write and a notice."""
    mapping = CrmMapping({CrmField.STATUS: FieldMapping("hs_lead_status", Rule.NEWEST)}).to_json()
    about = {"address": "https://api.hubapi.com", "account": "62515", "mapping": mapping, "event_mark": 0}
    crm_connections.add(tx, workspace_id, CrmKind.HUBSPOT, now, **about)
    connection = crm_connections.of_kind(tx, workspace_id, CrmKind.HUBSPOT)
    newest = mqls.newest_open(tx, workspace_id, 1)
    if connection is None or not newest:
        raise LookupError(workspace_id)
    crm_connections.add_secret(tx, connection, "sealed", now)
    crm_connections.notice(tx, connection, "101", now)
    crm_links.add(tx, connection, newest[0].id, "101", now, is_fresh=True)
    link = crm_links.of_mqls(tx, connection, [newest[0].id])[newest[0].id]
    crm_links.keep(tx, link, CrmField.STATUS, theirs="NEW", ours="assigned")
    crm_conflicts.add(tx, link, CrmField.STATUS, now, base_theirs="NEW", theirs="OPEN", ours="accepted")
    crm_writes.add(tx, link, CrmWriteKind.FIELDS, now)
    engagements.add(tx, newest[0], CrmKind.MARKETO, "1", EngagementKind.SCORE, now, score=60, before=50)


if __name__ == "__main__":
    logs.configure("CRITICAL", "console")
    with tempfile.TemporaryDirectory() as folder:
        tell(Path(folder) / "told.db")
        database = Database(f"sqlite:///{folder}/told.db")
        print(write(take(database), RELEASED))  # noqa: T201
        database.close()
