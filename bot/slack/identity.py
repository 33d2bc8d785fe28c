"""Who the bot is in a Slack workspace."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa

from storage import workspaces


class Identity(NamedTuple):
    """Who the bot is in Slack, as auth.test says."""

    team_id: str
    url: str
    user_id: str
    bot_id: str


def remember(tx: sa.Connection, identity: Identity) -> None:
    """Keep with the workspace who we are in it, once it is configured: for links to cards, and for a start while Slack
    cannot be asked."""
    known = workspaces.get(tx, identity.team_id)
    if known is not None and (known.url, known.bot_user_id, known.bot_id) != identity[1:]:
        workspaces.know_bot(tx, *identity)
