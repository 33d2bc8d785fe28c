"""Saying that the bot is another user of the Slack workspace than before (ADR 42)."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bot.core.health import alerts
from bot.core.health.conditions import Condition, ConditionContext
from bot.core.messages.another_bot import speak_anew
from storage.models import Workspace
from storage.vocabulary import AlertKind


def begin(tx: sa.Connection, workspace: Workspace, bot: str, now: datetime) -> int:
    """Say anew what waits for somebody, and tell the admins. `bot`: our Slack user id from now on. Returns how many
    messages that are. The caller holds the workspace."""
    count = speak_anew(tx, workspace.id, now)
    context = ConditionContext(tx, workspace, now, now, arrivals_too=False)
    alerts.open_alert(context, Condition(AlertKind.ANOTHER_BOT, bot, {"bot": bot, "count": count}))
    return count
