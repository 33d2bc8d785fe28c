"""Hand the events of a transaction to the log and the counters, once it is committed.

Words of the vocabularies, codes, numbers and our own ids only: no name, address or text, and no id of a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa

from storage.vocabulary import EventType

# What a clock makes happen by itself (a leader may remind by hand, too).
FIRED = (EventType.REMINDED, EventType.BREACHED, EventType.ESCALATED)
Values = Mapping[str, str | int | float | None]
_KEY = "facts"


class CommittedEvent(NamedTuple):
    """One event, with the words and numbers that may be logged."""

    name: str
    workspace_id: str
    values: Values


def note(tx: sa.Connection, name: str, workspace_id: str, **values: str | int | float | None) -> None:
    """Note an event of this transaction. It is dropped if the transaction is rolled back."""
    if heard(tx):
        tx.info[_KEY].append(CommittedEvent(name, workspace_id, values))


def note_event(tx: sa.Connection, number: int, entry: Mapping[str, Any]) -> None:
    """Note an event of the log of MQL `number`, as it is written: of what became of each message delivery tells by
    itself."""
    kind = entry["type"]
    if heard(tx) and kind not in (EventType.MESSAGE_DROPPED, EventType.MESSAGE_DEAD):
        note(tx, kind, entry["workspace_id"], mql=number, **_tellable(kind, entry))


def _tellable(kind: EventType, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Of an event what may stand in a log: reasons and whatever a lead said are people's own words."""
    if kind in (EventType.RECEIVED, EventType.RECEIVED_AGAIN):
        return {"source": entry.get("after")}
    if kind in FIRED and entry.get("actor") is None:
        late = (entry["recorded_at"] - entry["at"]).total_seconds()
        return {"clock": entry["data"].get("clock"), "late": late}
    if kind == EventType.REFUSED:
        return {"act": entry.get("reason")}
    return {}


def begin(tx: sa.Connection) -> None:
    """Note from now on what happens, and forget what an earlier transaction on the same connection left behind when it
    failed."""
    tx.info[_KEY] = []


def heard(tx: sa.Connection) -> bool:
    """Return whether anybody hears of a transaction after its commit: of a replay nobody does."""
    return _KEY in tx.info


def count(tx: sa.Connection) -> int:
    """Return how many events have been noted so far."""
    return len(tx.info.get(_KEY, ()))


def forget_after(tx: sa.Connection, count: int) -> None:
    """Forget all but the first so many, because the rest was rolled back to a savepoint."""
    del tx.info.get(_KEY, [])[count:]


def noted(tx: sa.Connection) -> list[CommittedEvent]:
    """Return what has been noted, in order."""
    return list(tx.info.pop(_KEY, ()))
