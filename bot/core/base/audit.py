"""The audit log: who changed what, by which way, written in the transaction of the change (ADR 50).

What happens to an MQL is in its own log. Here is what happens to everything else: settings, roles, sources, secrets,
erasures, exports, imports, backups.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from storage import audits
from storage.vocabulary import AuditKind, Door

KEPT = timedelta(days=400, hours=1)
"""How long entries stay at least, also where persons are named for less: a year, and the time to ask about it. The
database refuses what is younger than 400 days by its own clock (ADR 61), which may be behind ours."""
CALENDAR = "calendar of"
"""The subject of the secret address of somebody's calendar; no source can be called so."""
SUBJECT_MOST = 200
"""Characters of a subject that somebody has chosen, such as the name of a file."""


@dataclass(frozen=True)
class Author:
    """Who does something, and by which way."""

    door: Door
    by: str | None = None
    """Slack user id."""
    machine_user: str | None = None
    """Who is logged in where the command line runs."""

    @classmethod
    def in_slack(cls, user_id: str) -> Author:
        """Return somebody who acts in Slack."""
        return cls(Door.SLACK, user_id)


BOT = Author(Door.BOT)
"""The bot, by itself."""


def record(
    tx: sa.Connection,
    workspace_id: str,
    kind: AuditKind,
    author: Author,
    now: datetime,
    subject: str | None = None,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Add an entry. `before` and `after`: only what has changed, as JSON, without secrets; None: it was not there."""
    who = {"door": author.door, "by": author.by, "machine_user": author.machine_user}
    what = {"kind": kind, "subject": subject[:SUBJECT_MOST] if subject else None, "before": before, "after": after}
    audits.add(tx, workspace_id, now, **who, **what)


def without_secret(url: str | None) -> str | None:
    """Return an address without what may be secret in it: user, path and query. None stays None."""
    if url is None:
        return None
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}/…"
