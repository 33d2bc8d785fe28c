"""Who did something in Slack, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from bot.slack.context import AppContext
from storage import receipts
from storage.vocabulary import ReceiptKind


@dataclass(frozen=True)
class Caller:
    """Who did something in Slack, and where."""

    workspace_id: str
    user_id: str
    channel_id: str | None
    """None in a form or the App Home."""
    trigger_id: str
    """Unique for each interaction; opens one form within three seconds."""

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Caller:
        """Return the caller of a block action or a form."""
        channel = body.get("channel") or {}
        return cls(body["team"]["id"], body["user"]["id"], channel.get("id"), body.get("trigger_id", ""))

    @classmethod
    def of_command(cls, body: Mapping[str, Any]) -> Caller:
        """Return the caller of a slash command."""
        return cls(body["team_id"], body["user_id"], body["channel_id"], body["trigger_id"])


def first_time(tx: sa.Connection, context: AppContext, caller: Caller, kind: ReceiptKind) -> bool:
    """Write the receipt of an interaction. Return False where it was there: networks deliver one press twice."""
    return receipts.first_time(tx, caller.workspace_id, kind, caller.trigger_id, context.now(), {})
