"""Messages that tell of several MQLs: what one says for good, and how it is kept up to date.

What waits for one reader at the same moment becomes one message (`claims.merge`, `notifications.hold_all`). Before that
is sent it is settled: what is no longer true by then is left out, and each MQL that is named is noted (`listing`). From
then on every change of one of them edits the list (`notifications`), which strikes the row through.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.core.messages import kinds, outgoing, relevance
from bot.core.messages.payloads import Held
from storage import claims, listings, mqls, outbox
from storage.models import Outbox


def settle(tx: sa.Connection, row: Outbox, _: datetime) -> Outbox:
    """Leave out of a list what is no longer true, note the MQLs that it names, and return it as it is to be sent: with
    a single thing left, as the message that this would have been by itself."""
    # What may be in Slack shows what it showed then.
    if row.maybe_sent:
        return row
    named = _named(row)
    # Whoever changes one of them now is done when we read it, or sees that the list names it.
    mqls.hold(tx, row.workspace_id, named)
    true = relevance.still_true(tx, row)
    alone = len(true) == 1
    values = _alone(true[0]) if alone else _list(row, true)
    if not claims.amend(tx, row, **values):
        return row
    shown = [] if alone else [single.mql_id for single in true if single.mql_id is not None]
    listings.replace(tx, row.workspace_id, row.id, shown)
    return row.model_copy(update=values)


def tell_together(tx: sa.Connection, workspace_id: str, events: Collection[int]) -> None:
    """Let what these events of one act tell each reader be one message: whoever gets ten MQLs at once hears it once."""
    waiting = [row for row in outbox.of_events(tx, workspace_id, events) if row.kind in kinds.HOLDABLE]
    for target in sorted({row.target for row in waiting}):
        mine = [row for row in waiting if row.target == target]
        if len(mine) > 1:
            outbox.become_one(tx, mine[0], mine, outgoing.combined(mine))


def _named(row: Outbox) -> list[int]:
    return [item.mql for item in kinds.HELD.read(row).items if item.mql is not None]


def _alone(single: Outbox) -> dict[str, Any]:
    values = {name: getattr(single, name) for name in ("kind", "mql_id", "event_id", "data")}
    return values | {"priority": int(kinds.KINDS[single.kind].priority)}


def _list(row: Outbox, true: list[Outbox]) -> dict[str, Any]:
    items = tuple(outgoing.item_of(single) for single in true)
    return {"data": Held(items=items, by_day=kinds.HELD.read(row).by_day).to_json()}
