"""Pauses beyond the limit that wait for a leader's consent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from bot.core.base.wall_clock import day_in
from bot.core.sla import pauses as log_of_pauses
from bot.core.views.mql import MqlView, Timeline, mql_views, timeline
from storage import mqls, pauses
from storage.models import Workspace


@dataclass(frozen=True)
class OpenConsent:
    """A pause that waits for a leader's consent."""

    view: MqlView
    asked: Timeline
    """The event that asked: who, when, until when in its after, and why in its reason."""


def open_consents(tx: sa.Connection, workspace: Workspace, now: datetime) -> list[OpenConsent]:
    """Return the pauses to which a leader may consent now, in the order in which they were asked for. One whose day has
    come is none of them."""
    today = day_in(workspace.timezone, now)
    requests = [
        asked
        for asked in pauses.asked(tx, workspace.id, log_of_pauses.SETTLES_REQUEST)
        if date.fromisoformat(asked.data[log_of_pauses.DAY]) > today
    ]
    about = {subject.id: subject for subject in mqls.of_ids(tx, workspace.id, {asked.mql_id for asked in requests})}
    views = mql_views(tx, workspace, [about[asked.mql_id] for asked in requests])
    openings = timeline(tx, workspace.id, requests)
    return [OpenConsent(*pair) for pair in zip(views, openings, strict=True)]
