"""Deciding which value holds, the CRM's or the bot's."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from slack_bolt import App

from bot.core.base.results import Refused
from bot.core.crm import conflicts
from bot.slack.blocks.base import ids
from bot.slack.context import AppContext
from bot.slack.listeners.base.pipeline import Press, acting, core_decides, refused
from storage.vocabulary import CrmDecision


def register(app: App, context: AppContext) -> None:
    """Connect the buttons."""
    app.action(ids.CRM_THEIRS)(acting(context, _deciding(CrmDecision.THEIRS), core_decides))
    app.action(ids.CRM_OURS)(acting(context, _deciding(CrmDecision.OURS), core_decides))


def _deciding(decision: CrmDecision) -> Callable[[Press], Refused | None]:
    return partial(_decide, decision)


def _decide(decision: CrmDecision, press: Press) -> Refused | None:
    workspace_id = press.caller.workspace_id
    return refused(conflicts.decide(press.tx, workspace_id, press.row_id, decision, press.by, press.now))
