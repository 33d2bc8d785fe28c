"""Whom to tell instead, where Slack will not take a message for whom it was meant.

Always the next who can act: the manager of the MQL's owner, then the heads, then the admins. That a Slack channel takes
no messages is told once a day of the workspace, since it meets every MQL alike. What only one reader would miss (an
offer that others got too, a digest, the answer to a press) goes to nobody else; the admins hear of it by the watch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.core.base import team, wall_clock
from bot.core.messages import relevance
from storage import members, mqls, outbox, workspaces
from storage.models import Member, Mql, Outbox
from storage.vocabulary import MessageKind

TO_OWNER = (
    MessageKind.ASSIGNMENT,
    MessageKind.REOPENED,
    MessageKind.REMINDER,
    MessageKind.FEEDBACK_REMINDER,
    MessageKind.FEEDBACK_AGAIN,
)
TO_LEADER = (
    MessageKind.UNASSIGNED,
    MessageKind.ESCALATION,
    MessageKind.UNREACHABLE,
    MessageKind.OWNER_LEFT,
    MessageKind.FEEDBACK_OVERDUE,
    MessageKind.DISPUTED,
)
TO_CHANNEL = (
    MessageKind.CARD,
    MessageKind.NOTE,
    MessageKind.UNREADABLE,
    MessageKind.OUTCOME,
    MessageKind.OUTCOMES,
    MessageKind.MEETING,
)
# Slack's words for an account that is closed, or was never there.
NO_ACCOUNT = ("account_inactive", "user_not_found", "user_disabled", "users_not_found")


def tell(tx: sa.Connection, refused: Outbox, error: str, now: datetime) -> None:
    """Queue what others are to hear in the place of a refused message; `error` is Slack's word for why."""
    if error in NO_ACCOUNT:
        # The roster is read anew: what a closed account has not answered is handed on.
        members.update(tx, refused.workspace_id, refused.target, refreshed_at=None)
    roster = members.roster(tx, refused.workspace_id)
    told = [one for single in relevance.singles(refused) for one in _instead(tx, single, roster, error, now)]
    outbox.add_all(tx, told)


def _instead(
    tx: sa.Connection, refused: Outbox, roster: Sequence[Member], error: str, now: datetime
) -> Iterator[dict[str, Any]]:
    about = {"whom": refused.target, "error": error}
    workspace = workspaces.get(tx, refused.workspace_id)
    if workspace is None:
        return
    if refused.kind in TO_CHANNEL or (refused.kind == MessageKind.UNREACHABLE and refused.mql_id is None):
        about = refused.data if refused.kind == MessageKind.UNREACHABLE else about
        for reader, data in _next(roster, None, refused, about):
            key = f"unreachable:{about['whom']}:{wall_clock.day_in(workspace.timezone, now)}:{reader}"
            yield outbox.message(refused.workspace_id, key, MessageKind.UNREACHABLE, reader, now, data=data)
        return
    subject = mqls.get(tx, refused.workspace_id, refused.mql_id) if refused.mql_id is not None else None
    if subject is None:
        return
    if refused.kind in TO_OWNER:
        for reader, data in _next(roster, subject, refused, about):
            key = f"unreachable:{subject.id}:{refused.target}:{reader}"
            yield _message(refused, MessageKind.UNREACHABLE, key, reader, data, now)
    elif refused.kind in TO_LEADER:
        role = {"to": "manager"} if refused.kind == MessageKind.ESCALATION else {}
        for reader, data in _next(roster, subject, refused, refused.data | role):
            yield _message(refused, refused.kind, f"{refused.kind}:{refused.event_id}:{reader}", reader, data, now)


def _next(
    roster: Sequence[Member], subject: Mql | None, refused: Outbox, data: dict[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The first level with somebody who has not been tried yet: the users of it, and what their message carries."""
    tried = [*refused.data.get("tried", ()), refused.target]
    owner = subject.owner if subject else None
    for level in (team.managers_of(roster, owner), team.heads(roster), team.admins(roster)):
        left = [one.user_id for one in level if one.user_id not in tried]
        if left:
            yield from ((user, data | {"tried": tried}) for user in left)
            return


def _message(
    refused: Outbox, kind: MessageKind, key: str, reader: str, data: dict[str, Any], now: datetime
) -> dict[str, Any]:
    about = {"mql_id": refused.mql_id, "event_id": refused.event_id, "data": data}
    return outbox.message(refused.workspace_id, key, kind, reader, now, **about)
