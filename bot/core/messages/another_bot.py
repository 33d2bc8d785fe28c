"""The bot is another user of the Slack workspace than before: somebody made the app anew (ADR 42).

It can neither edit what the earlier one wrote nor be answered there, and the direct messages are others. So what waits
for somebody is posted once more, as the message that its edits and replies belong to from now on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.core.messages import kinds
from bot.core.messages.kinds import KINDS, LIVE, Reader
from bot.core.messages.lookup import Lookup
from storage import outbox, unreadables
from storage.models import Outbox
from storage.vocabulary import MessageKind, UnreadableState

REACH = timedelta(days=90)
"""What was sent before is left to the App Home and to `/mql`."""
# Besides what shows an MQL and asks for something: what else has buttons that somebody is to press.
TO_PRESS = (
    MessageKind.UNREADABLE,
    MessageKind.QUEUE_WAITING,
    MessageKind.QUEUE_OVERDUE,
    MessageKind.ACTION_DUE,
    MessageKind.DEFINITION_PROPOSED,
    MessageKind.ALERT,
)
# The owner's place to work on an MQL: it stands for every reminder of it.
PLACES = (MessageKind.ASSIGNMENT, MessageKind.REOPENED)


def speak_anew(tx: sa.Connection, workspace_id: str, now: datetime) -> int:
    """Queue what waits for somebody once more. Returns how many messages that are."""
    lookup = Lookup(tx, workspace_id)
    shown = [kind for kind in LIVE if KINDS[kind].reader is not Reader.OWNER or kind in PLACES]
    sent = outbox.sent(tx, workspace_id, [*shown, *TO_PRESS], now - REACH)
    waiting = list(_newest_of_each(row for row in sent if _waits(lookup, row)))
    count = sum(outbox.post_anew(tx, row, now, _data(row)) for row in waiting)
    outbox.leave_threads(tx, workspace_id)
    return count


def _waits(lookup: Lookup, row: Outbox) -> bool:
    if row.kind == MessageKind.CARD:
        subject = lookup.mql(row.mql_id or 0)
        return subject is not None and not subject.disposed
    if row.kind == MessageKind.UNREADABLE:
        entry = unreadables.get(lookup.tx, row.workspace_id, kinds.UNREADABLE.read(row).unreadable)
        return entry is not None and entry.state == UnreadableState.OPEN
    return KINDS[row.kind].gone(lookup, row) is None


def _newest_of_each(rows: Iterable[Outbox]) -> Iterator[Outbox]:
    """Return of what one reader got about one MQL the newest, or the news that it is theirs; of all else each."""
    chosen: dict[tuple[object, ...], Outbox] = {}
    for row in rows:
        key = (row.target, row.mql_id) if row.mql_id is not None else (row.id,)
        known = chosen.get(key)
        if known is None or known.kind not in (MessageKind.ASSIGNMENT, MessageKind.CARD):
            chosen[key] = row
    yield from chosen.values()


def _data(row: Outbox) -> dict[str, object]:
    if row.kind == MessageKind.CARD and row.channel is not None and row.ts is not None:
        return kinds.CARD(earlier=(row.channel, row.ts)).payload.to_json()
    return row.data
