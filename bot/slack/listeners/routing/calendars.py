"""/mql calendar: a rep links the calendar from which the bot learns when they are away; and statuses in Slack."""

from __future__ import annotations

import uuid
from concurrent.futures import wait
from typing import Any

import structlog
from slack_bolt import App

from bot.connectors.calendars.fetch import trouble
from bot.connectors.sources.vault import NoKey
from bot.core.base.permissions import Permission
from bot.core.messages import kinds, notifications
from bot.core.routing import absences, learnt_absences
from bot.slack import deferred_answers
from bot.slack.blocks.base import forms, ids
from bot.slack.blocks.base.kit import View
from bot.slack.blocks.base.reply_keys import Reply
from bot.slack.blocks.routing import calendars as blocks
from bot.slack.caller import Caller
from bot.slack.context import AppContext
from bot.slack.deferred_answers import PATIENCE
from bot.slack.listeners.base.form import Form, Invalid, sending
from bot.slack.listeners.base.pipeline import Interaction, Press, acting, opening
from bot.slack.people import calendars
from bot.slack.people import members as profiles
from bot.slack.web_api.gateway import SlackFailure
from storage import absences as absence_rows
from storage import calendar_links
from storage.vocabulary import AbsenceSource

log = structlog.get_logger(__name__)


def register(app: App, context: AppContext) -> None:
    """Connect the event, the buttons and the form."""

    def status_changed(body: dict[str, Any], event: dict[str, Any]) -> None:
        if body["team_id"] == context.identity.team_id:
            profiles.changed(context, event["user"])

    app.event("user_status_changed")(status_changed)
    app.action(ids.CALENDAR)(opening(context, form_view))
    app.action(ids.CALENDAR_UNLINK)(acting(context, _unlink))
    app.action(ids.AWAY_NOT)(acting(context, _overrule))
    app.action(ids.TRIP_AT_WORK)(acting(context, lambda _: Reply.TRIP_AT_WORK))
    app.view(ids.CALENDAR_FORM)(sending(context, _link, _reps, title="calendar.title", following=_read_meanwhile))


def form_view(interaction: Interaction) -> View | Reply:
    """Return the form of whoever acts."""
    if not interaction.may(Permission.OWN_ABSENCE):
        return Reply.ONLY_REPS
    link = calendar_links.of(interaction.tx, interaction.workspace.id, interaction.by)
    known = absence_rows.of(interaction.tx, interaction.workspace.id, interaction.by, interaction.now)
    learnt = [row for row in known if row.source in (AbsenceSource.CALENDAR, AbsenceSource.STATUS)]
    return blocks.form(link, learnt, interaction.t)


def _reps(interaction: Interaction) -> Reply | None:
    return None if interaction.may(Permission.OWN_ABSENCE) else Reply.ONLY_REPS


def _link(form: Form) -> View | None:
    address = form.values.get(ids.CALENDAR_ADDRESS)
    if not address:
        return None
    if code := trouble(address, form.context.private_hosts):
        raise Invalid({ids.CALENDAR_ADDRESS: form.t(f"calendar.news.{code}")})
    try:
        sealed = form.context.vault.seal(address)
    except NoKey:
        raise Invalid({ids.CALENDAR_ADDRESS: form.t("calendar.news.no_key")}) from None
    learnt_absences.link(form.tx, form.workspace.id, form.by, sealed, form.now)
    return forms.notice("calendar.title", form.t.md("calendar.reading"), form.t)


def _read_meanwhile(context: AppContext, caller: Caller, waiting: View) -> View:
    """Read the calendar, and return the form as it is then; where that takes longer, the page that says so, which is
    replaced afterwards."""
    token = f"calendar:{uuid.uuid4().hex}"
    reading = deferred_answers.begin(lambda: calendars.read_now(context, caller.user_id))
    wait([reading], PATIENCE)
    if not reading.done():
        reading.add_done_callback(lambda _: _follow(context, caller, token))
        return {**waiting, "external_id": token}
    return _present_form(context, caller) or waiting


def _follow(context: AppContext, caller: Caller, token: str) -> None:
    view = _present_form(context, caller)
    if view is None:
        return
    try:
        context.gateway.call("views.update", external_id=token, view=view)
    except SlackFailure as failure:  # it was closed
        log.info("form_not_changed", workspace=caller.workspace_id, code=failure.code)
        calendars.tell_state(context, caller.user_id)


def _present_form(context: AppContext, caller: Caller) -> View | None:
    with context.database.snapshot() as tx:
        view = form_view(Interaction(tx, context, caller, context.now()))
    return view if isinstance(view, dict) else None


def _unlink(press: Press) -> View | Reply:
    """Forget the address, and what was learnt from it."""
    learnt_absences.unlink(press.tx, press.workspace.id, press.by, press.now)
    return form_view(press)


def _overrule(press: Press) -> View | Reply:
    """Take back what the bot learnt: the person knows better."""
    row = absence_rows.get(press.tx, press.workspace.id, press.row_id)
    if row is None or not press.may(Permission.OVERRULE_ABSENCE, whose=row.user_id):
        return Reply.ABSENCE_GONE
    absences.cancel(press.tx, press.workspace.id, row.id, press.now)
    if press.in_form:
        return form_view(press)
    key = notifications.absence_key(kinds.ABSENCES_LEARNT.word, row, press.by)
    notifications.edit_message(press.tx, press.workspace.id, key, press.caller.trigger_id, press.now)
    return Reply.ABSENCE_OVERRULED
