"""What a lead writes again reaches whoever has its MQL, by direct message: at once, and then no more than once in ten
minutes, so that ten messages of a minute are two."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.core.base import team
from bot.core.messages import kinds, outgoing
from bot.core.views import related
from storage import identity, members, outbox
from storage.models import Member, Mql
from storage.vocabulary import MessageKind

APART = timedelta(minutes=10)


def are_new(tx: sa.Connection, subject: Mql, text: str | None) -> bool:
    """Return whether a lead writes something that it has not written before. Spaces, case and width are no news."""
    known = {identity.squeezed(words.text) for words in related.words(tx, subject)}
    return bool(text and text.strip()) and identity.squeezed(text or "") not in known


def tell(tx: sa.Connection, subject: Mql, event_id: int, by: str | None, now: datetime) -> None:
    """Tell whoever has the MQL what its lead wrote; where nobody is there, whoever answers for it, too. Not `by`, who
    has entered it."""
    for reader in _readers(tx, subject, now):
        if reader.user_id != by:
            _tell(tx, subject, event_id, reader.user_id, now)


def _readers(tx: sa.Connection, subject: Mql, now: datetime) -> list[Member]:
    roster = members.roster(tx, subject.workspace_id)
    responder = team.responder(roster, subject, now)
    if responder is not None and responder.active and not responder.deactivated:
        return [responder]
    owner = [
        member for member in roster if member.user_id == subject.owner and member.active and not member.deactivated
    ]
    leaders = team.managers_of(roster, subject.owner)
    return [*owner, *(leader for leader in leaders if leader not in owner)]


def _tell(tx: sa.Connection, subject: Mql, event_id: int, reader: str, now: datetime) -> None:
    earlier = outbox.about(tx, subject.workspace_id, [subject.id], [MessageKind.NEW_WORDS])
    newest = next((row for row in reversed(earlier) if row.target == reader), None)
    if newest is not None and outgoing.add_event(tx, newest, event_id):
        return
    not_before = max(now, newest.due_at + APART) if newest is not None else now
    key, content = f"new_words:{event_id}:{reader}", kinds.NEW_WORDS(events=(event_id,))
    outgoing.add(
        tx, subject.workspace_id, key, content, reader, now, mql_id=subject.id, event_id=event_id, not_before=not_before
    )
