"""What a transaction has made true, told once it is committed: to the log and to the counters.

Words of the vocabularies, codes, numbers and our own ids only: no name, address or text, and no id of a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

Values = Mapping[str, str | int | float | None]
_KEY = "facts"


@dataclass(frozen=True)
class Fact:
    """One thing that has happened."""

    name: str
    workspace_id: str
    values: Values


def note(tx: sa.Connection, name: str, workspace_id: str, **values: str | int | float | None) -> None:
    """Note a fact of this transaction. A transaction that is rolled back has made nothing true."""
    tx.info.setdefault(_KEY, []).append(Fact(name, workspace_id, values))


def begin(tx: sa.Connection) -> None:
    """Forget what an earlier transaction on the same connection left behind when it failed."""
    tx.info.pop(_KEY, None)


def noted(tx: sa.Connection) -> list[Fact]:
    """What has been noted, in order."""
    return list(tx.info.pop(_KEY, ()))
