"""How a lead comes in through Slack: a message in the intake channel, the form, and what could not be read."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from slack_bolt import App

from bot.core.base import team
from bot.core.base.results import Refused
from bot.core.mql import intake
from bot.core.mql.lead import Lead
from bot.slack import timestamps
from bot.slack.blocks import ids, modals
from bot.slack.blocks.kit import View
from bot.slack.blocks.reply_keys import Reply
from bot.slack.context import AppContext
from bot.slack.intake import take_message
from bot.slack.listeners.form import Form, Invalid, sending
from bot.slack.listeners.pipeline import Interaction, Press, acting, having, opening, roster
from storage import unreadables
from storage.vocabulary import Role, Source, UnreadableState

_sees_to_intake = having(*team.LEADERS, Role.MARKETER, refusal=Reply.INTAKE_NOT_ALLOWED)


def register(app: App, context: AppContext) -> None:
    """Connect the event, the buttons and the form."""

    def message(body: dict[str, Any], event: dict[str, Any]) -> None:
        with context.database.transaction() as tx:
            take_message(tx, context, body["team_id"], event["channel"], event)
        context.wake()

    app.event("message")(message)
    app.action(ids.ENTER_UNREADABLE)(opening(context, _enter, _admission))
    app.action(ids.DISMISS_UNREADABLE)(acting(context, _dismiss, _admission))
    app.view(ids.NEW_MQL_FORM)(sending(context, _take, roster, title="new.title"))


def _admission(interaction: Interaction) -> Refused | Reply | None:
    return roster(interaction) or _sees_to_intake(interaction)


def _enter(press: Press) -> View | Reply:
    return (
        modals.new_mql(press.t, unreadable_id=press.row_id, from_home=press.in_home)
        if _waits(press)
        else Reply.UNREADABLE_DONE
    )


def _dismiss(press: Press) -> Reply | None:
    if not _waits(press):
        return Reply.UNREADABLE_DONE
    intake.close_unreadable(press.tx, press.workspace.id, press.row_id, press.by, press.now, None)
    return None


def _waits(press: Press) -> bool:
    entry = unreadables.get(press.tx, press.workspace.id, press.row_id)
    return entry is not None and entry.state == UnreadableState.OPEN


def _take(form: Form) -> View | Refused | Reply:
    entry_id = form.metadata.get("unreadable")
    entry = None if entry_id is None else unreadables.get(form.tx, form.workspace.id, int(entry_id))
    # What the form keeps came back from outside: whoever may not press Enter may not close the message with it either.
    if entry_id is not None and (refused := _sees_to_intake(form)):
        return refused
    if entry_id is not None and entry is None:
        return Reply.UNREADABLE_DONE
    # What nobody could read by itself came when it was posted.
    lead = _lead(form).model_copy(update={"sent_at": timestamps.moment(entry.ts) if entry else None})
    received = intake.receive(form.tx, form.workspace.id, lead, Source.MANUAL, form.now, by=form.by)
    if entry is not None:
        intake.close_unreadable(form.tx, form.workspace.id, entry.id, form.by, form.now, received.mql_id)
    key = "reply.new_repeated" if received.repeated else "reply.new_created"
    return modals.notice("new.title", form.t.md(key, number=received.number), form.t)


def _lead(form: Form) -> Lead:
    names = (ids.COMPANY, ids.PERSON, ids.EMAIL, ids.PHONE, ids.CHANNEL, ids.SCORE, ids.MESSAGE)
    entered = {name: form.values[name] for name in names if form.values.get(name)}
    if not entered.keys() & {ids.COMPANY, ids.PERSON, ids.EMAIL}:
        raise Invalid({ids.COMPANY: form.t("error.nobody")})
    try:
        return Lead.model_validate(entered)
    except ValidationError as error:
        fields = {str(problem["loc"][0]) for problem in error.errors()}
        raise Invalid({field: form.t(f"error.{_kind(field)}") for field in fields}) from error


def _kind(field: str) -> str:
    return field if field in (ids.EMAIL, ids.SCORE) else "too_long"
