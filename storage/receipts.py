"""Receipts of what came in from outside and was dealt with."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from storage import rows
from storage.models import Receipt, receipt
from storage.vocabulary import ReceiptKind


def first_time(
    tx: sa.Connection,
    workspace_id: str,
    kind: ReceiptKind,
    key: str,
    now: datetime,
    answer: dict[str, Any],
    *,
    lasting: bool = False,
) -> bool:
    """Write the receipt. Return False if it was there already; the caller then changes nothing. `lasting`: it is never
    forgotten."""
    values = {"workspace_id": workspace_id, "kind": kind, "key": key, "at": now, "answer": answer}
    return rows.insert_once(tx, receipt, **values, lasting=lasting)


def first_lately(
    tx: sa.Connection, workspace_id: str, kind: ReceiptKind, key: str, now: datetime, within: timedelta
) -> bool:
    """Write the receipt, or renew one that is at least so old. Return False if a younger one was there, which stays."""
    if first_time(tx, workspace_id, kind, key, now, {}):
        return True
    # One from the future was written before somebody set the clock back.
    old = sa.or_(receipt.c.at <= now - within, receipt.c.at > now)
    return tx.execute(receipt.update().where(_is(workspace_id, kind, key), old).values(at=now)).rowcount == 1


def get(tx: sa.Connection, workspace_id: str, kind: ReceiptKind, key: str) -> Receipt:
    """Return an earlier receipt. Raises LookupError if there is none."""
    row = rows.find(tx, Receipt, receipt, {"workspace_id": workspace_id, "kind": kind, "key": key})
    if row is None:
        raise LookupError(f"no receipt of {kind} {key}")
    return row


def note_answer(tx: sa.Connection, workspace_id: str, kind: ReceiptKind, key: str, answer: dict[str, Any]) -> None:
    """Keep the answer, for when the same request comes again."""
    rows.change(tx, receipt, {"workspace_id": workspace_id, "kind": kind, "key": key}, answer=answer)


def _is(workspace_id: str, kind: ReceiptKind, key: str) -> sa.ColumnElement[bool]:
    return sa.and_(receipt.c.workspace_id == workspace_id, receipt.c.kind == kind, receipt.c.key == key)
