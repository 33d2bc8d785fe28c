"""How often and how long MQLs were paused in a week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

import sqlalchemy as sa

from bot.core.base.figure import Figure
from storage import pauses
from storage.models import Workspace
from storage.reports import Span

PAUSES = "pauses"
NOTHING = timedelta(0)


@dataclass(frozen=True)
class Pauses:
    """The pauses of one week."""

    begun: Annotated[int, Figure(PAUSES)]
    """Pauses that began in the week."""
    paused: Annotated[int, Figure(PAUSES)]
    """MQLs that were paused at its end."""
    time: Annotated[timedelta, Figure(PAUSES)]
    """For how long MQLs were paused within it, added up."""


NO_PAUSES = Pauses(0, 0, NOTHING)


def of_week(tx: sa.Connection, workspace: Workspace, span: Span, as_of: datetime) -> Pauses:
    """Return the pauses of a week as they were known at a moment of it, or at its end."""
    known = pauses.within(tx, workspace.id, span)
    return Pauses(
        begun=sum(span.start <= pause.began for pause in known),
        paused=len({pause.mql_id for pause in known if pause.began <= as_of < pause.ended}),
        time=sum((max(min(pause.ended, as_of) - max(pause.began, span.start), NOTHING) for pause in known), NOTHING),
    )
