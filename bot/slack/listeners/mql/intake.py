"""How a lead comes in through Slack: a message in the intake channel, and the form."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from slack_bolt import App

from bot.core.base.results import Refused
from bot.core.mql import intake, layouts, queue
from bot.core.mql.intake import Received
from bot.core.mql.lead import Lead
from bot.core.views import mql
from bot.i18n import escape
from bot.slack.blocks.base import forms, ids
from bot.slack.blocks.base.kit import View, lines
from bot.slack.blocks.base.phrases import owner_name, timing_text
from bot.slack.blocks.base.reply_keys import Reply
from bot.slack.context import AppContext
from bot.slack.intake.channel import take_message
from bot.slack.listeners.base.form import Form, Invalid, sending
from bot.slack.listeners.base.pipeline import roster
from bot.slack.listeners.mql import talk
from bot.slack.listeners.mql.queue import read_of, sees_to_intake
from storage import unreadables, workspaces
from storage.vocabulary import Source, UnreadableState


def register(app: App, context: AppContext) -> None:
    """Connect the event and the form."""

    def message(body: dict[str, Any], event: dict[str, Any]) -> None:
        if talk.is_talk(event):
            talk.answer(context, body["team_id"], event)
            return
        with context.database.transaction() as tx:
            take_message(tx, context, body["team_id"], event["channel"], event)
        context.wake()

    app.event("message")(message)
    app.event("app_mention")(lambda body, event: talk.answer(context, body["team_id"], event))
    app.view(ids.NEW_MQL_FORM)(sending(context, _take, roster, title="new.title"))


def _take(form: Form) -> View | Refused | Reply:
    if form.metadata.get("unreadable") is None:
        received = intake.receive(form.tx, form.workspace.id, _lead(form), Source.MANUAL, form.now, by=form.by)
        return _received(form, received)
    # What the form keeps came back from outside: whoever may not press Enter may not close the entry with it either.
    if refused := sees_to_intake(form):
        return refused
    workspaces.locked(form.tx, form.workspace.id)  # before the entry, as every intake does
    entry = unreadables.locked(form.tx, form.workspace.id, int(form.metadata["unreadable"]))
    if entry is None or entry.state == UnreadableState.ENTERED:
        return Reply.UNREADABLE_DONE
    # It came when it was sent, and what the form has no field for was read as well.
    lead = _lead(form, read_of(form, entry)).model_copy(update={"sent_at": entry.came_at})
    received = intake.receive(form.tx, form.workspace.id, lead, Source.MANUAL, form.now, by=form.by)
    layouts.learn(form.tx, entry, lead, form.by, form.now)
    queue.close(form.tx, form.workspace.id, entry.id, form.by, form.now, received.mql_id)
    return _received(form, received)


def _received(form: Form, received: Received) -> View:
    """Return the page that says which MQL it is, who has it and until when."""
    key = "reply.new_repeated" if received.repeated else "reply.new_created"
    texts = [form.t.md(key, number=received.number)]
    if (view := mql.mql_view(form.tx, form.workspace, received.mql_id)) is not None:
        owner, when = owner_name(view, form.t), timing_text(view, form.t)
        texts.append(form.t.md("new.owner", rep=owner) if view.mql.owner else form.t.md("new.no_owner"))
        texts += [escape(when)] if when else []
    return forms.notice("new.title", lines(texts), form.t)


INPUTS = (ids.COMPANY, ids.PERSON, ids.EMAIL, ids.PHONE, ids.CHANNEL, ids.SCORE, ids.MESSAGE)


def _lead(form: Form, read: Lead | None = None) -> Lead:
    """Return what was entered; of what was `read` before, that for which the form has no field."""
    entered = {name: form.values[name] for name in INPUTS if form.values.get(name)}
    if other := form.values.get(ids.CHANNEL_OTHER):
        entered[ids.CHANNEL] = other
    if not entered.keys() & {ids.COMPANY, ids.PERSON, ids.EMAIL}:
        raise Invalid({ids.COMPANY: form.t("error.nobody")})
    try:
        beside = read.model_dump(mode="json", exclude=set(INPUTS)) if read else {}
        return Lead.model_validate({**beside, **entered})
    except ValidationError as error:
        fields = {str(problem["loc"][0]) for problem in error.errors()}
        raise Invalid({field: form.t(f"error.{_kind(field)}") for field in fields}) from error


def _kind(field: str) -> str:
    return field if field in (ids.EMAIL, ids.SCORE) else "too_long"
