"""What a form about an MQL needs before it opens."""

from __future__ import annotations

import json

from bot.core.base.permissions import Permission
from bot.core.base.results import Refusal, Refused, gone
from bot.core.crm import conflicts, engagement
from bot.core.mql import feedback, merge
from bot.core.views import home, mql, related
from bot.core.views.mql import MqlView
from bot.slack.blocks.base import forms
from bot.slack.blocks.base.kit import View
from bot.slack.blocks.mql import feedback as feedback_blocks
from bot.slack.blocks.mql import merge as merge_blocks
from bot.slack.blocks.mql import several_outcomes
from bot.slack.blocks.views import mql as mql_page
from bot.slack.listeners.base.pipeline import Interaction, Press
from storage import workspaces
from storage.vocabulary import Disposition


def view_or_refusal(
    interaction: Interaction,
    mql_id: int,
    act: Permission = Permission.USE,
    otherwise: Refusal = Refusal.NOT_ALLOWED,
) -> MqlView | Refused:
    """Return the MQL for a caller who may do an act with it, also `USE`: only read it; or why not: `otherwise` for whom
    the matrix does not let."""
    if not interaction.may(Permission.USE):
        return Refused(Refusal.NOT_ON_ROSTER)
    view = mql.mql_view(interaction.tx, interaction.workspace, mql_id)
    if view is None:
        return Refused(Refusal.NOT_FOUND)
    if act == Permission.USE:
        return view
    if refusal := gone(view.mql):
        return refusal
    if not interaction.may(act, view.mql):
        return Refused(otherwise, number=view.mql.number)
    return view


def report_or_refusal(interaction: Interaction, mql_id: int) -> MqlView | Refused:
    """Return the MQL for a caller who may report its outcome now, or why not. What nobody has accepted and they may
    accept is accepted with the report: whoever reports is never sent back to another button."""
    view = view_or_refusal(interaction, mql_id, Permission.FEEDBACK)
    early = None if isinstance(view, Refused) else feedback.too_early(interaction.tx, view.mql, interaction.by)
    return view if early is None or early.reason == Refusal.NOT_ACCEPTED else early


def feedback_view(
    interaction: Interaction, view: MqlView, chosen: Disposition | None = None, *, reason: str | None = None
) -> View:
    """Return the feedback form, filled with what was reported before and still holds; with the disposition and the lost
    reason that were just chosen, if any."""
    reasons = workspaces.reasons(interaction.tx, interaction.workspace.id)
    before = view.feedback if view.mql.disposed else None
    back = feedback.back_as(interaction.tx, view.mql)
    return feedback_blocks.feedback(
        view, reasons, interaction.t, disposition=chosen, reason=reason, prefill=before, back_as=back
    )


def several_view(interaction: Interaction, *, from_home: bool = False) -> View | None:
    """Return the form for all that the caller has accepted and not reported yet; None where there is nothing."""
    waiting = home.to_report(interaction.tx, interaction.workspace, interaction.by)
    return several_outcomes.several(waiting, interaction.t, from_home=from_home) if waiting else None


def details_page(press: Press) -> View:
    """Return the page with everything about the MQL in whose page a button was pressed."""
    kept = json.loads(press.body["view"].get("private_metadata") or "{}")
    view = mql.mql_view(press.tx, press.workspace, int(kept.get("mql") or 0))
    if view is None:  # it was pressed in no page of ours
        return forms.notice("notice.title", press.t("reply.form_expired"), press.t)
    return show_view(press, view)


def show_view(interaction: Interaction, view: MqlView) -> View:
    """Return the page with everything about one MQL."""
    tx, workspace, now = interaction.tx, interaction.workspace, interaction.now
    history = mql.history(tx, workspace.id, view.mql.id)
    view = related.with_related(tx, workspace, view)
    parts = mql.breakdown_until(tx, workspace, view, now)
    shown = merge_blocks.offered(view, merge.offered(tx, interaction.member, view.mql, now), interaction.t)
    decided = conflicts.decided(tx, workspace.id, view.mql.id, interaction.t.locale)
    engaged = engagement.views(tx, workspace.id, view.mql.id)
    return mql_page.show(view, history, interaction.t, now, parts, shown, interaction.member, decided, engaged)
