"""Giving an MQL to somebody else: by a leader's choice, or because its owner cannot take it."""

from __future__ import annotations

from slack_bolt import App

from bot.core.base.permissions import Permission
from bot.core.base.results import Refusal, Refused
from bot.core.mql import covers, response
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.kit import View
from bot.slack.blocks.base.preset_reasons import reason_field, reason_text
from bot.slack.blocks.mql import handover
from bot.slack.context import AppContext
from bot.slack.listeners.base.form import Form, Invalid, sending
from bot.slack.listeners.base.pipeline import Press, opening, refused
from bot.slack.listeners.mql.form_data import view_or_refusal
from storage import members, mqls


def register(app: App, context: AppContext) -> None:
    """Connect the button and the forms."""
    app.action(ids.REASSIGN)(opening(context, lambda press: reassign_form(press, press.row_id)))
    app.view(ids.REASSIGN_FORM)(sending(context, _reassign))
    app.view(ids.DECLINE_FORM)(sending(context, _decline))


def reassign_form(press: Press, mql_id: int) -> View | Refused:
    """Return the form that asks for the new owner."""
    view = view_or_refusal(press, mql_id, Permission.REASSIGN)
    if isinstance(view, Refused):
        return view
    if view.mql.disposed:
        return Refused(Refusal.DISPOSED_ALREADY, number=view.mql.number)
    return handover.reassign(view, members.roster(press.tx, press.workspace.id), press.t, press.now)


def decline_form(press: Press, mql_id: int) -> View | Refused:
    """Return the form that asks the owner why they cannot take the MQL."""
    view = view_or_refusal(press, mql_id, Permission.DECLINE, Refusal.NOT_OWNER)
    return view if isinstance(view, Refused) else handover.decline(view, press.t)


def _reassign(form: Form) -> Refused | None:
    to, reason = form.values.get(ids.NEW_OWNER), form.values.get(ids.COMMENT)
    if not to:
        raise Invalid({ids.NEW_OWNER: form.t("error.choose_owner")})
    return refused(response.reassign(form.tx, form.workspace.id, form.mql_id, form.by, to, reason, form.now))


def _decline(form: Form) -> Refused | None:
    chosen, typed = form.values.get(ids.WHY_NOT_REASON), form.values.get(ids.WHY_NOT)
    reason = reason_text("decline", chosen, typed, form.team_t)
    if not reason:
        raise Invalid({reason_field(ids.WHY_NOT_REASON, ids.WHY_NOT, form.values): form.t("error.why_not")})
    subject = mqls.get(form.tx, form.workspace.id, form.mql_id)
    act = covers.decline if subject is not None and subject.cover == form.by else response.decline
    return refused(act(form.tx, form.workspace.id, form.mql_id, form.by, reason, form.now))
