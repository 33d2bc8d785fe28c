"""Labels and rules that people have taught about the apps that post into the intake channel."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage import rows
from storage.models import SenderLayout, SenderMapping, SenderRule, sender_layout, sender_mapping, sender_rule


def mapping(tx: sa.Connection, workspace_id: str, sender: str) -> SenderMapping | None:
    """Return the newest version of what was taught about a sender's labels."""
    mine = sa.and_(sender_mapping.c.workspace_id == workspace_id, sender_mapping.c.sender == sender)
    query = sa.select(sender_mapping).where(mine).order_by(sender_mapping.c.number.desc()).limit(1)
    return rows.one(tx, SenderMapping, query)


def mappings(tx: sa.Connection, workspace_id: str, sender: str) -> list[SenderMapping]:
    """Return all versions of what was taught about a sender, the oldest first."""
    return rows.all_of(tx, SenderMapping, sender_mapping, {"workspace_id": workspace_id, "sender": sender}, "number")


def mapping_of_id(tx: sa.Connection, workspace_id: str, mapping_id: int) -> SenderMapping | None:
    """Return a version by its id."""
    return rows.find(tx, SenderMapping, sender_mapping, {"workspace_id": workspace_id, "id": mapping_id})


def taught(tx: sa.Connection, workspace_id: str) -> list[SenderMapping]:
    """Return the newest version of each sender that something was taught about, the latest first."""
    newest = sa.select(sa.func.max(sender_mapping.c.id)).where(sender_mapping.c.workspace_id == workspace_id)
    counts = sender_mapping.c.id.in_(newest.group_by(sender_mapping.c.sender))
    query = sa.select(sender_mapping).where(sender_mapping.c.workspace_id == workspace_id, counts)
    return rows.many(tx, SenderMapping, query.order_by(sender_mapping.c.id.desc()))


def add_mapping(
    tx: sa.Connection, workspace_id: str, sender: str, number: int, fields: dict[str, str], by: str, now: datetime
) -> None:
    """Store a version. The caller holds the workspace, so that two people do not take one number."""
    values = {"sender": sender, "number": number, "fields": fields, "by": by, "at": now}
    rows.insert(tx, sender_mapping, workspace_id=workspace_id, **values)


def rules(tx: sa.Connection, workspace_id: str, sender: str | None = None) -> list[SenderRule]:
    """Return the rules in force, of one sender or of all, the oldest first."""
    mine = sa.and_(sender_rule.c.workspace_id == workspace_id, sender_rule.c.removed_at.is_(None))
    query = sa.select(sender_rule).where(mine).order_by(sender_rule.c.id)
    return rows.many(tx, SenderRule, query if sender is None else query.where(sender_rule.c.sender == sender))


def add_rule(
    tx: sa.Connection,
    workspace_id: str,
    sender: str,
    sender_name: str | None,
    headline: str | None,
    by: str,
    now: datetime,
) -> int:
    """Store a rule and return its id."""
    values = {"sender": sender, "sender_name": sender_name, "headline": headline, "by": by, "at": now}
    return rows.insert(tx, sender_rule, workspace_id=workspace_id, **values)


def remove_rule(tx: sa.Connection, workspace_id: str, rule_id: int, by: str, now: datetime) -> bool:
    """Remove a rule. Return False if it was removed before, or there is none."""
    mine = sa.and_(sender_rule.c.workspace_id == workspace_id, sender_rule.c.id == rule_id)
    holds = sa.and_(mine, sender_rule.c.removed_at.is_(None))
    return tx.execute(sender_rule.update().where(holds).values(removed_by=by, removed_at=now)).rowcount == 1


def forget_rules(tx: sa.Connection, workspace_id: str, before: datetime) -> int:
    """Delete the rules that were removed before then; return how many."""
    old = sa.and_(sender_rule.c.workspace_id == workspace_id, sender_rule.c.removed_at < before)
    return tx.execute(sender_rule.delete().where(old)).rowcount


def layouts(tx: sa.Connection, workspace_id: str, sender: str | None = None) -> list[SenderLayout]:
    """Return the confirmed layouts in force, of one sender or of all, the newest first."""
    mine = sa.and_(sender_layout.c.workspace_id == workspace_id, sender_layout.c.removed_at.is_(None))
    query = sa.select(sender_layout).where(mine).order_by(sender_layout.c.id.desc())
    return rows.many(tx, SenderLayout, query if sender is None else query.where(sender_layout.c.sender == sender))


def add_layout(tx: sa.Connection, workspace_id: str, sender: str, by: str, now: datetime, **values: Any) -> int:
    """Store a confirmed layout and return its id."""
    return rows.insert(tx, sender_layout, workspace_id=workspace_id, sender=sender, by=by, at=now, **values)


def remove_layout(tx: sa.Connection, workspace_id: str, layout_id: int, by: str, now: datetime) -> bool:
    """Remove a confirmed layout. Return False if it was removed before, or there is none."""
    mine = sa.and_(sender_layout.c.workspace_id == workspace_id, sender_layout.c.id == layout_id)
    holds = sa.and_(mine, sender_layout.c.removed_at.is_(None))
    return tx.execute(sender_layout.update().where(holds).values(removed_by=by, removed_at=now)).rowcount == 1
