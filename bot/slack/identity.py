"""Who the bot is in a Slack workspace."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
import structlog

from bot.core.health import another_bot
from storage import workspaces

log = structlog.get_logger(__name__)


class Identity(NamedTuple):
    """Who the bot is in Slack, as auth.test says."""

    team_id: str
    url: str
    user_id: str
    bot_id: str


class OtherTeam(Exception):
    """The token is of another Slack workspace than the database. `team_id` is the token's, `known` the database's."""

    def __init__(self, team_id: str, known: str) -> None:
        super().__init__(team_id, known)
        self.team_id, self.known = team_id, known


def require_own(tx: sa.Connection, team_id: str) -> None:
    """Raise OtherTeam where the database is somebody else's: leads of one company never come into Slack of another."""
    known = [workspace.id for workspace in workspaces.every(tx)]
    if known and team_id not in known:
        raise OtherTeam(team_id, ", ".join(known))


def remember(tx: sa.Connection, identity: Identity, now: datetime) -> None:
    """Keep with the workspace who we are in it, once it is configured: for links to cards, and for a start while Slack
    cannot be asked. Where we are another bot than before, what waits for somebody is said anew. Raises OtherTeam."""
    require_own(tx, identity.team_id)
    seen = workspaces.get(tx, identity.team_id)
    if seen is None or (seen.url, seen.bot_user_id, seen.bot_id) == identity[1:]:
        return
    # Several processes start at once, and one of them says it.
    known = workspaces.locked(tx, identity.team_id)
    if known is None or (known.url, known.bot_user_id, known.bot_id) == identity[1:]:
        return
    workspaces.know_bot(tx, *identity)
    if known.bot_user_id not in (None, identity.user_id):
        count = another_bot.begin(tx, known, identity.user_id, now)
        log.warning("another_bot", workspace=known.id, was=known.bot_user_id, now=identity.user_id, said_anew=count)
