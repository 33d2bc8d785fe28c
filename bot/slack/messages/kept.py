"""For whom an MQL waits without an owner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from bot.core.base import team
from bot.core.routing import backlog
from bot.core.views.mql import KeptFor, MqlView
from storage import members


def with_kept(tx: sa.Connection, workspace_id: str, views: Sequence[MqlView], now: datetime) -> tuple[MqlView, ...]:
    """Return MQLs with the rep for whom each is kept, where it has no owner and is kept for somebody."""
    if all(view.mql.owner is not None or view.mql.disposed for view in views):
        return tuple(views)
    kept, names = backlog.kept(tx, workspace_id, now), team.names(members.roster(tx, workspace_id))
    waits = {mql_id: KeptFor(names[keeping.user], keeping.back_at) for mql_id, keeping in kept.items()}
    return tuple(replace(view, kept=waits.get(view.mql.id)) for view in views)
