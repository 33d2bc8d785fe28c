"""How a lead was contacted: the button, its form, and taking it."""

from __future__ import annotations

from slack_bolt import App

from bot.core.base.permissions import Permission
from bot.core.base.results import Refused
from bot.core.mql import response
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.kit import View
from bot.slack.blocks.mql import contact
from bot.slack.context import AppContext
from bot.slack.listeners.base.form import Form, Invalid, sending
from bot.slack.listeners.base.pipeline import Press, opening, refused
from bot.slack.listeners.mql.form_data import view_or_refusal
from storage.vocabulary import Evidence


def register(app: App, context: AppContext) -> None:
    """Connect the button and the form."""
    app.action(ids.HOW)(opening(context, lambda press: contact_form(press, press.row_id)))
    app.view(ids.HOW_FORM)(sending(context, _take))


def contact_form(press: Press, mql_id: int) -> View | Refused:
    """Return the form that asks how the lead was contacted."""
    view = view_or_refusal(press, mql_id, Permission.CONTACTED)
    return view if isinstance(view, Refused) else contact.how(view, press.t)


def _take(form: Form) -> Refused | None:
    kind, note = form.values.get(ids.CONTACT_KIND), form.values.get(ids.CONTACT_NOTE)
    if not kind:
        raise Invalid({ids.CONTACT_KIND: form.t("error.choose_how")})
    how = Evidence(kind)
    if how == Evidence.NOTE and not note:
        raise Invalid({ids.CONTACT_NOTE: form.t("error.contact_note")})
    return refused(response.contacted(form.tx, form.workspace.id, form.mql_id, form.by, form.now, how, note))
