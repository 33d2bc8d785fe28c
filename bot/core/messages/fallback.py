"""Whom to tell instead, where Slack will not take a message for whom it was meant.

Always the next who can act: the manager of the MQL's owner, then the heads, then the admins. That a Slack channel takes
no messages is told once a day of the workspace, since it meets every MQL alike. What only one reader would miss (an
offer that others got too, a digest, the answer to a press) goes to nobody else; the admins hear of it by the watch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa

from bot.core.base import team, wall_clock
from bot.core.messages import kinds, outgoing, relevance
from bot.core.messages.kinds import KINDS, Content, Reader
from bot.core.messages.outgoing import Row
from bot.core.messages.payloads import Forwarded, Payload, Unreachable
from storage import members, mqls, outbox, workspaces
from storage.models import Member, Mql, Outbox, Workspace
from storage.vocabulary import MessageKind

# Slack's words for an account that is closed, or was never there.
NO_ACCOUNT = ("account_inactive", "user_not_found", "user_disabled", "users_not_found")


def tell(tx: sa.Connection, refused: Outbox, error: str, now: datetime) -> None:
    """Queue what others are to hear in the place of a refused message; `error` is Slack's word for why."""
    if error in NO_ACCOUNT:
        # The roster is read anew: what a closed account has not answered is handed on.
        members.update(tx, refused.workspace_id, refused.target, refreshed_at=None)
    workspace = workspaces.get(tx, refused.workspace_id)
    if workspace is None:
        return
    roster = members.roster(tx, refused.workspace_id)
    for single in relevance.singles(refused):
        outbox.add_all(tx, list(_instead(tx, workspace, single, roster, error, now)))


def _instead(
    tx: sa.Connection, workspace: Workspace, refused: Outbox, roster: Sequence[Member], error: str, now: datetime
) -> Iterator[Row]:
    kind, tried = KINDS[refused.kind], _tried(refused)
    subject = mqls.get(tx, refused.workspace_id, refused.mql_id) if refused.mql_id is not None else None
    unreachable = Unreachable(whom=refused.target, error=error, tried=tried)
    if refused.kind == MessageKind.UNREACHABLE and refused.mql_id is None:
        # What its reader was to hear of a Slack channel.
        known = kinds.UNREACHABLE.read(refused)
        unreachable = Unreachable(whom=known.whom, error=known.error, tried=tried)
        yield from _once_a_day(workspace, unreachable, roster, now)
    elif kind.reader is Reader.CHANNEL:
        yield from _once_a_day(workspace, unreachable, roster, now)
    elif subject is not None and kind.reader is Reader.OWNER:
        for reader in _next_level(roster, subject, tried):
            key = f"unreachable:{subject.id}:{refused.target}:{reader}"
            yield _about_the_same(refused, key, Content(kinds.UNREACHABLE, unreachable), reader, now)
    elif subject is not None and kind.reader is Reader.LEADER:
        for reader in _next_level(roster, subject, tried):
            key = f"{refused.kind}:{refused.event_id}:{reader}"
            yield _about_the_same(refused, key, Content(kind, _forwarded(refused, tried)), reader, now)


def _once_a_day(
    workspace: Workspace, unreachable: Unreachable, roster: Sequence[Member], now: datetime
) -> Iterator[Row]:
    today = wall_clock.day_in(workspace.timezone, now)
    for reader in _next_level(roster, None, unreachable.tried):
        key = f"unreachable:{unreachable.whom}:{today}:{reader}"
        yield outgoing.row(workspace.id, key, Content(kinds.UNREACHABLE, unreachable), reader, now)


def _tried(refused: Outbox) -> tuple[str, ...]:
    payload = KINDS[refused.kind].read(refused)
    return (*(payload.tried if isinstance(payload, Forwarded) else ()), refused.target)


def _forwarded(refused: Outbox, tried: tuple[str, ...]) -> Payload:
    """Return the payload of a refused message for the next reader, who is told as a manager is."""
    role = {"to": "manager"} if refused.kind == MessageKind.ESCALATION else {}
    return KINDS[refused.kind].read(refused).model_copy(update={"tried": tried, **role})


def _next_level(roster: Sequence[Member], subject: Mql | None, tried: Sequence[str]) -> list[str]:
    """Return the users of the first level with somebody who has not been tried yet."""
    owner = subject.owner if subject else None
    for level in (team.managers_of(roster, owner), team.heads(roster), team.admins(roster)):
        left = [member.user_id for member in level if member.user_id not in tried]
        if left:
            return left
    return []


def _about_the_same(refused: Outbox, key: str, content: Content, reader: str, now: datetime) -> Row:
    mql_id, event_id = refused.mql_id, refused.event_id
    return outgoing.row(refused.workspace_id, key, content, reader, now, mql_id=mql_id, event_id=event_id)
