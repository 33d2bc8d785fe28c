"""What people teach about an app that posts into the intake channel: which field a label is, what is never a lead."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from bot.core.base import audit
from bot.core.base.audit import Author
from bot.core.mql import queue
from storage import senders, unreadables, workspaces
from storage.models import SenderMapping, SenderRule, Unreadable
from storage.vocabulary import AuditKind


def taught(tx: sa.Connection, workspace_id: str, sender: str | None) -> dict[str, str]:
    """Return the field of each label that was taught about a sender; empty where nothing was."""
    version = senders.mapping(tx, workspace_id, sender) if sender else None
    return version.fields if version else {}


def teach(tx: sa.Connection, workspace_id: str, sender: str, fields: Mapping[str, str], by: str, now: datetime) -> bool:
    """Store which field each label of a sender is, as a new version: what it does not name stays as it was. False: all
    of it is known."""
    workspaces.locked(tx, workspace_id)
    known = senders.mapping(tx, workspace_id, sender)
    before = known.fields if known else {}
    wanted = {**before, **fields}
    if wanted == before:
        return False
    _store(tx, workspace_id, sender, wanted, by, now)
    return True


def go_back(tx: sa.Connection, version: SenderMapping, by: str, now: datetime) -> int:
    """Store what a version says of a sender's labels as the newest one, and return its number."""
    workspaces.locked(tx, version.workspace_id)
    return _store(tx, version.workspace_id, version.sender, version.fields, by, now)


def _store(tx: sa.Connection, workspace_id: str, sender: str, wanted: Mapping[str, str], by: str, now: datetime) -> int:
    known = senders.mapping(tx, workspace_id, sender)
    before, number = (known.fields, known.number + 1) if known else ({}, 1)
    senders.add_mapping(tx, workspace_id, sender, number, dict(wanted), by, now)
    changed = [label for label in {**before, **wanted} if before.get(label) != wanted.get(label)]
    was, has = ({label: each[label] for label in changed if label in each} for each in (before, wanted))
    author = Author.in_slack(by)
    audit.record(tx, workspace_id, AuditKind.SENDER_RULE, author, now, sender, before=was or None, after=has or None)
    return number


def remove_rule(tx: sa.Connection, workspace_id: str, rule_id: int, by: str, now: datetime) -> bool:
    """Let messages that were never a lead be read again. False: the rule is not there."""
    rule = next((each for each in senders.rules(tx, workspace_id) if each.id == rule_id), None)
    if rule is None or not senders.remove_rule(tx, workspace_id, rule_id, by, now):
        return False
    _record_rule(tx, workspace_id, rule.sender, by, now, added=False)
    return True


def _record_rule(tx: sa.Connection, workspace_id: str, sender: str, by: str, now: datetime, *, added: bool) -> None:
    """Write down that what an app posts is never a lead, or is again: without the headline, which may name a person."""
    rule = {"never": True}
    before, after = (None, rule) if added else (rule, None)
    author = Author.in_slack(by)
    audit.record(tx, workspace_id, AuditKind.SENDER_RULE, author, now, sender, before=before, after=after)


def rule_of(tx: sa.Connection, workspace_id: str, sender: str, headline: str | None) -> SenderRule | None:
    """Return the rule by which a message of this sender is never a lead; None: none holds."""
    shape = shape_of(headline)
    for rule in senders.rules(tx, workspace_id, sender):
        if rule.headline is None or (shape and shape_of(rule.headline) == shape):
            return rule
    return None


def never(tx: sa.Connection, entry: Unreadable, by: str, now: datetime, *, whole_app: bool) -> bool:
    """Learn from an entry that what its app posts is never a lead, or only what has its headline; whatever of it waits
    in the queue is no lead either. False: that is known, or the entry has no app or headline."""
    workspaces.locked(tx, entry.workspace_id)
    headline = None if whole_app else entry.headline
    if entry.sender is None or (headline is None and not whole_app):
        return False
    held = senders.rules(tx, entry.workspace_id, entry.sender)
    if any(rule.headline is None or (headline and _same(rule.headline, headline)) for rule in held):
        return False
    senders.add_rule(tx, entry.workspace_id, entry.sender, entry.sender_name, headline, by, now)
    _record_rule(tx, entry.workspace_id, entry.sender, by, now, added=True)
    for waiting in unreadables.waiting_of(tx, entry.workspace_id, entry.sender):
        if whole_app or _same(waiting.headline, entry.headline):
            queue.close(tx, entry.workspace_id, waiting.id, by, now)
    return True


def shape_of(headline: str | None) -> str:
    """Return what headlines of one sort have in common: their words, without digits, signs and case."""
    folded = unicodedata.normalize("NFKC", headline or "").casefold()
    return " ".join(re.findall(r"[^\W\d_]+", folded))


def _same(first: str | None, second: str | None) -> bool:
    return bool(shape_of(first)) and shape_of(first) == shape_of(second)
