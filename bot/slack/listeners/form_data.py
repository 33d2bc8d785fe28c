"""What a form needs before it opens."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bot.core.base import team
from bot.core.base.results import Refusal, Refused, gone
from bot.core.mql import feedback
from bot.core.views import home, mql
from bot.core.views.mql import MqlView
from bot.i18n import Translator
from bot.slack.blocks import modals, replies, several_outcomes
from bot.slack.blocks.kit import View
from bot.slack.caller import Caller, configured
from bot.slack.replies import words_of
from storage import members, workspaces
from storage.models import Workspace
from storage.vocabulary import Disposition


def view_or_refusal(
    tx: sa.Connection, caller: Caller, mql_id: int, *, may_read: bool = False
) -> tuple[Workspace, Translator, MqlView] | Refused:
    """The MQL for a caller who may act on it (`may_read`: for anyone on the roster), or why not."""
    ready = configured(tx, caller)
    member = members.get(tx, caller.workspace_id, caller.user_id)
    if ready is None or member is None or not member.active:
        return Refused(Refusal.NOT_ON_ROSTER)
    workspace, t = ready
    view = mql.mql_view(tx, workspace, mql_id)
    if view is None:
        return Refused(Refusal.NOT_FOUND)
    if not may_read and (refused := gone(view.mql)):
        return refused
    if not may_read and not team.may_act_on(member, view.mql):
        return Refused(Refusal.NOT_ALLOWED, number=view.mql.number)
    return workspace, t, view


def report_or_refusal(
    tx: sa.Connection, caller: Caller, mql_id: int
) -> tuple[Workspace, Translator, MqlView] | Refused:
    """The MQL for a caller who may report its outcome now, or why not."""
    found = view_or_refusal(tx, caller, mql_id)
    return found if isinstance(found, Refused) else feedback.too_early(tx, found[2].mql, caller.user_id) or found


def refusal_page(refused: Refused, t: Translator) -> View:
    """The reason in the place of a form."""
    return modals.notice("notice.title", replies.private(f"reply.{refused.reason}", t, **words_of(refused)).text, t)


def feedback_view(
    tx: sa.Connection,
    workspace: Workspace,
    view: MqlView,
    t: Translator,
    chosen: Disposition | None = None,
    *,
    reason: str | None = None,
) -> View:
    """The feedback form, filled with what was said before and still holds; with the lost reason that was just chosen,
    if one was."""
    reasons = workspaces.reasons(tx, workspace.id)
    before = view.feedback if view.mql.disposed else None
    return modals.feedback(view, reasons, t, disposition=chosen, reason=reason, prefill=before)


def several_view(
    tx: sa.Connection, workspace: Workspace, user_id: str, t: Translator, *, from_home: bool = False
) -> View | None:
    """The form for all that a person has accepted and not reported yet; None where there is nothing."""
    waiting = home.to_report(tx, workspace, user_id)
    return several_outcomes.several(waiting, t, from_home=from_home) if waiting else None


def show_view(tx: sa.Connection, workspace: Workspace, view: MqlView, t: Translator, now: datetime) -> View:
    """Everything about one MQL."""
    history = mql.history(tx, workspace.id, view.mql.id)
    return modals.show(view, history, t, now, mql.breakdown_until(tx, workspace, view, now))
