"""What every listener works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bot.i18n import Translator
from bot.slack.caller import Caller
from bot.slack.gateway import Gateway
from bot.slack.heartbeat import Pulse
from bot.slack.identity import Identity
from bot.slack.messages.context import translator
from storage import workspaces
from storage.database import Database
from storage.models import Workspace


@dataclass(frozen=True)
class Office:
    """The database, the way to Slack, and the clock."""

    database: Database
    gateway: Gateway
    identity: Identity
    now: Callable[[], datetime]
    wake: Callable[[], None]
    """Called after a commit that put something into the outbox."""
    pulse: Pulse


def configured(tx: sa.Connection, caller: Caller) -> tuple[Workspace, Translator] | None:
    """The caller's workspace and their words, or None while nobody has configured it."""
    workspace = workspaces.get(tx, caller.workspace_id)
    if workspace is None or workspace.policy_id is None:
        return None
    return workspace, translator(tx, workspace, caller.user_id)
