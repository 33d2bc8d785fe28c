"""Entries of the queue as values for screens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from bot.core.base import team
from bot.core.views.mql import link
from storage import members, mqls, senders, unreadables
from storage.models import SenderRule, Unreadable, Workspace
from storage.vocabulary import UnreadableState


@dataclass(frozen=True)
class QueueEntry:
    """One entry, with what its sentences need."""

    entry: Unreadable
    permalink: str | None = None
    """Of its message in Slack; None for a delivery."""
    number: int | None = None
    """Of the MQL that it became."""
    by: str | None = None
    """Display name of who dealt with it."""
    rules: tuple[SenderRule, ...] = ()
    """What was learnt of its sender, where it is no lead."""


def waiting(tx: sa.Connection, workspace: Workspace) -> list[QueueEntry]:
    """Return what nobody has dealt with yet, the oldest first."""
    return views(tx, workspace, unreadables.waiting(tx, workspace.id))


def views(tx: sa.Connection, workspace: Workspace, entries: Sequence[Unreadable]) -> list[QueueEntry]:
    """Return entries with what their sentences need."""
    names = team.names(members.roster(tx, workspace.id)) if any(entry.closed_by for entry in entries) else {}
    entered = {entry.mql_id for entry in entries if entry.mql_id is not None}
    numbers = {subject.id: subject.number for subject in mqls.of_ids(tx, workspace.id, entered)} if entered else {}
    return [
        QueueEntry(
            entry=entry,
            permalink=link(workspace, entry.channel, entry.ts),
            number=numbers.get(entry.mql_id or 0),
            by=names.get(entry.closed_by, entry.closed_by) if entry.closed_by else None,
            rules=_rules(tx, entry),
        )
        for entry in entries
    ]


def _rules(tx: sa.Connection, entry: Unreadable) -> tuple[SenderRule, ...]:
    no_lead = entry.state in (UnreadableState.DISMISSED, UnreadableState.SET_ASIDE)
    if not no_lead or entry.sender is None:
        return ()
    return tuple(senders.rules(tx, entry.workspace_id, entry.sender))
