"""Whether a database is what the first release made.

Before 0.1.0 the first revision was edited in place, so that databases of different shapes bear its number.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

REVISION = "0001"


def lacking(tx: sa.Connection, settings: Config) -> tuple[str, ...]:
    """Return the tables, and the columns as table.column, that a database at REVISION should have and has not."""
    there = _columns(tx)
    missing = []
    for table, columns in _released(str(settings.get_main_option("script_location"))).items():
        if table in there:
            missing += [f"{table}.{column}" for column in sorted(columns - there[table])]
        else:
            missing.append(table)
    return tuple(missing)


@cache
def _released(script_location: str) -> Mapping[str, frozenset[str]]:
    # Read from the revision itself, which is frozen. It takes a tenth of a second, and only a database that was not
    # upgraded since the first release is compared.
    settings = Config()
    settings.set_main_option("script_location", script_location)
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, REVISION)
        columns = _columns(connection)
    engine.dispose()
    return columns


def _columns(tx: sa.Connection) -> dict[str, frozenset[str]]:
    tables = sa.inspect(tx).get_multi_columns()
    return {name: frozenset(column["name"] for column in columns) for (_, name), columns in tables.items()}
