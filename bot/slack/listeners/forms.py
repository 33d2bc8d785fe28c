"""Forms that people send. Each is answered at once: closed, or with every error on its field."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from pydantic import ValidationError
from slack_bolt import Ack, App

from bot.core.base.results import ACCEPT_FIRST, ActionResult, Refusal, Refused
from bot.core.mql import deals, feedback, intake, response
from bot.core.mql.deals import Deal
from bot.core.mql.feedback import Answer
from bot.core.mql.lead import Lead
from bot.i18n import Translator
from bot.slack.blocks import ids, modals
from bot.slack.blocks.text import bare_name
from bot.slack.caller import Caller, configured
from bot.slack.context import AppContext
from bot.slack.listeners.form_data import refusal_page
from storage import members, mqls, receipts, workspaces
from storage.models import Workspace
from storage.vocabulary import DealResult, Disposition, Evidence, ReceiptKind, Source

MOST_PAUSE_DAYS = 366
# Three years have one leap day at most.
MOST_RECYCLE_DAYS = 3 * 365 + 1
Body = dict[str, Any]
Errors = dict[str, str]
Values = dict[str, str | None]
Answered = Errors | dict[str, Any] | None


def register(app: App, context: AppContext) -> None:
    """Connect the forms."""
    app.view(ids.HOW_FORM)(sent(context, _how))
    app.view(ids.FEEDBACK_FORM)(sent(context, _feedback))
    app.view(ids.REASSIGN_FORM)(sent(context, _reassign))
    app.view(ids.DECLINE_FORM)(sent(context, _decline))
    app.view(ids.PAUSE_FORM)(sent(context, _pause))
    app.view(ids.NEW_MQL_FORM)(sent(context, _new))


class Invalid(Exception):
    """The form cannot be taken as it is. `errors` is a sentence for each block id that is wrong."""

    def __init__(self, errors: Errors) -> None:
        super().__init__("; ".join(errors))
        self.errors = errors


class Form:
    """A sent form, inside the transaction that takes it."""

    def __init__(self, tx: sa.Connection, context: AppContext, body: Body, workspace: Workspace, t: Translator) -> None:
        self.tx, self.workspace, self.t = tx, workspace, t
        self.now = context.now()
        self.by = body["user"]["id"]
        self.metadata: dict[str, Any] = json.loads(body["view"]["private_metadata"] or "{}")
        self.values = _values(body["view"]["state"]["values"])


def sent(context: AppContext, take: Callable[[Form], dict[str, Any] | None]) -> Callable[..., None]:
    """A listener that takes a form once and answers a repeat as before: by closing it."""

    def listener(ack: Ack, body: Body) -> None:
        caller, view = Caller.of(body), body["view"]
        key = f"{view['id']}:{view['hash']}"
        try:
            with context.database.transaction() as tx:
                ready = configured(tx, caller)
                if ready is None or not receipts.first_time(
                    tx, caller.workspace_id, ReceiptKind.VIEW, key, context.now(), {}
                ):
                    ack()
                    return
                page = take(Form(tx, context, body, *ready))
        except Invalid as invalid:
            ack(response_action="errors", errors=invalid.errors)
            return
        if page is None:
            ack()
        else:
            ack(response_action="update", view=page)
        context.wake()

    return listener


def _how(form: Form) -> dict[str, Any] | None:
    kind, note = form.values.get(ids.CONTACT_KIND), form.values.get(ids.CONTACT_NOTE)
    if not kind:
        raise Invalid({ids.CONTACT_KIND: form.t("error.choose_how")})
    how = Evidence(kind)
    if how == Evidence.NOTE and not note:
        raise Invalid({ids.CONTACT_NOTE: form.t("error.contact_note")})
    mql_id = int(form.metadata["mql"])
    return page_of(form, response.contacted(form.tx, form.workspace.id, mql_id, form.by, form.now, how, note))


def _feedback(form: Form) -> dict[str, Any] | None:
    mql_id = int(form.metadata["mql"])
    subject = mqls.get(form.tx, form.workspace.id, mql_id)
    # Before the fields: those of a choice do not open any more for whoever had it.
    if subject is not None and (lost := in_form(form, feedback.handed_on(form.tx, subject, form.by))):
        raise Invalid({ids.DISPOSITION: lost})
    answer = _answer(form)
    asked = ids.DEAL_RESULT in form.values and answer.disposition == Disposition.QUALIFIED
    deal = _deal(form, mql_id) if asked else None
    if not asked or not feedback.stands(form.tx, form.workspace.id, mql_id, answer):
        given = feedback.give(form.tx, form.workspace.id, mql_id, form.by, answer, form.now)
        if wrong := in_form(form, given):
            raise Invalid({ids.DISPOSITION: wrong})
        page = page_of(form, given)
        if page is not None or not asked:
            return page
    return page_of(form, deals.record(form.tx, form.workspace, mql_id, form.by, deal, form.now))


def _deal(form: Form, mql_id: int) -> Deal | None:
    """What came of the opportunity; None: it is still under way. Without a day it was decided today."""
    subject = mqls.get(form.tx, form.workspace.id, mql_id)
    errors, day = Errors(), form.values.get(ids.DEAL_ON)
    amount = _amount(form, errors, ids.DEAL_AMOUNT)
    if form.values[ids.DEAL_RESULT] not in tuple(DealResult):
        # What the form was filled with goes with the result that is taken back; what was typed is not dropped.
        if errors or amount not in (None, subject.amount if subject else None):
            raise Invalid({ids.DEAL_RESULT: form.t("error.amount_without_outcome")})
        return None
    result = DealResult(form.values[ids.DEAL_RESULT] or "")
    if result == DealResult.WON and amount is None:
        errors.setdefault(ids.DEAL_AMOUNT, form.t("error.won_amount"))
    on = date.fromisoformat(day) if day else form.t.local_date(form.now)
    if wrong := deals.wrong_day(form.workspace, subject, on, form.now):
        errors[ids.DEAL_ON] = form.t(f"error.{wrong}")
    if errors:
        raise Invalid(errors)
    return Deal(result=result, on=on, amount=amount)


def _answer(form: Form) -> Answer:
    """The form as an answer. Only the fields of the chosen disposition count: what was typed before the choice
    changed is not said any more."""
    values, errors = form.values, Errors()
    if not values.get(ids.DISPOSITION):
        raise Invalid({ids.DISPOSITION: form.t("error.choose_disposition")})
    disposition = Disposition(values[ids.DISPOSITION] or "")
    said: dict[str, Any] = {"disposition": disposition, "comment": values.get(ids.COMMENT)}
    if disposition == Disposition.DISQUALIFIED:
        said["lost_reason"] = _lost_reason(form, errors)
    elif disposition == Disposition.QUALIFIED:
        said |= {"amount": _amount(form, errors), "next_step": values.get(ids.NEXT_STEP)}
    else:
        said["recycle_on"] = _day_to_come_back(form, errors)
    if errors:
        raise Invalid(errors)
    return Answer(**said)


def _lost_reason(form: Form, errors: Errors) -> str | None:
    key = form.values.get(ids.LOST_REASON)
    known = {reason.key: reason for reason in workspaces.reasons(form.tx, form.workspace.id, only_active=False)}
    if key not in known:
        errors[ids.LOST_REASON] = form.t("error.choose_reason")
    elif known[key].comment_required and not form.values.get(ids.COMMENT):
        reason = known[key].label(form.t.locale)
        errors[ids.COMMENT] = form.t("error.comment_required", reason=reason)
    return key


def _amount(form: Form, errors: Errors, block: str = ids.AMOUNT) -> int | None:
    given = form.values.get(block)
    if given is None:
        return None
    if not given.isdecimal() or len(given) > 15:
        errors[block] = form.t("error.amount")
        return None
    return int(given)


def _day_to_come_back(form: Form, errors: Errors) -> date | None:
    given = form.values.get(ids.RECYCLE_ON)
    day, today = date.fromisoformat(given) if given else None, form.t.local_date(form.now)
    if day is None and not form.values.get(ids.COMMENT):
        errors[ids.RECYCLE_ON] = form.t("error.date_or_comment")
    elif day is not None and day <= today:
        errors[ids.RECYCLE_ON] = form.t("error.date_past")
    elif day is not None and day > today + timedelta(days=MOST_RECYCLE_DAYS):
        errors[ids.RECYCLE_ON] = form.t("error.date_far")
    return day


def _reassign(form: Form) -> dict[str, Any] | None:
    to = form.values.get(ids.NEW_OWNER)
    if not to:
        raise Invalid({ids.NEW_OWNER: form.t("error.choose_owner")})
    mql_id, reason = int(form.metadata["mql"]), form.values.get(ids.COMMENT)
    return page_of(form, response.reassign(form.tx, form.workspace.id, mql_id, form.by, to, reason, form.now))


def _decline(form: Form) -> dict[str, Any] | None:
    reason = form.values.get(ids.WHY_NOT)
    if not reason:
        raise Invalid({ids.WHY_NOT: form.t("error.why_not")})
    mql_id = int(form.metadata["mql"])
    return page_of(form, response.decline(form.tx, form.workspace.id, mql_id, form.by, reason, form.now))


def _pause(form: Form) -> dict[str, Any] | None:
    given, reason, errors = form.values.get(ids.PAUSE_UNTIL), form.values.get(ids.WHY_PAUSE), Errors()
    day = date.fromisoformat(given) if given else None
    mql_id, today = int(form.metadata["mql"]), form.t.local_date(form.now)
    longest = response.longest_pause(form.tx, form.workspace.id, mql_id, form.by)
    if day is None or day <= today:
        errors[ids.PAUSE_UNTIL] = form.t("error.date_past")
    elif longest is not None and day > today + timedelta(days=longest):
        errors[ids.PAUSE_UNTIL] = form.t("error.pause_too_long", count=longest)
    elif day > today + timedelta(days=MOST_PAUSE_DAYS):
        errors[ids.PAUSE_UNTIL] = form.t("error.pause_too_long", count=MOST_PAUSE_DAYS)
    if not reason:
        errors[ids.WHY_PAUSE] = form.t("error.why_pause")
    if errors or day is None or reason is None:
        raise Invalid(errors)
    until = datetime.combine(day, time(), ZoneInfo(form.workspace.timezone)).astimezone(UTC)
    return page_of(form, response.pause(form.tx, form.workspace.id, mql_id, form.by, until, reason, form.now))


def _new(form: Form) -> dict[str, Any] | None:
    member = members.get(form.tx, form.workspace.id, form.by)
    if member is None or not member.active:
        return modals.notice("new.title", form.t.md("reply.not_on_roster"), form.t)
    received = intake.receive(form.tx, form.workspace.id, _lead(form), Source.MANUAL, form.now, by=form.by)
    entry = form.metadata.get("unreadable")
    if entry is not None:
        intake.close_unreadable(form.tx, form.workspace.id, int(entry), form.by, form.now, received.mql_id)
    key = "reply.new_repeated" if received.repeated else "reply.new_created"
    return modals.notice("new.title", form.t.md(key, number=received.number), form.t)


def _lead(form: Form) -> Lead:
    names = (ids.COMPANY, ids.PERSON, ids.EMAIL, ids.PHONE, ids.CHANNEL, ids.SCORE, ids.MESSAGE)
    given = {name: form.values[name] for name in names if form.values.get(name)}
    if not given.keys() & {ids.COMPANY, ids.PERSON, ids.EMAIL}:
        raise Invalid({ids.COMPANY: form.t("error.nobody")})
    try:
        return Lead.model_validate(given)
    except ValidationError as error:
        fields = {str(problem["loc"][0]) for problem in error.errors()}
        raise Invalid({field: form.t(f"error.{_kind(field)}") for field in fields}) from error


def _kind(field: str) -> str:
    return field if field in (ids.EMAIL, ids.SCORE) else "too_long"


def page_of(form: Form, outcome: ActionResult | None) -> dict[str, Any] | None:
    """Nothing more where it was done; where it was refused, the reason in place of the form."""
    if not isinstance(outcome, Refused):
        return None
    return refusal_page(outcome, form.t)


def in_form(form: Form, outcome: ActionResult | None) -> str | None:
    """The error to show where an outcome was refused because the MQL is to be accepted first, or because somebody else
    has it by now; None for any other. What was typed stays."""
    if not isinstance(outcome, Refused) or outcome.reason not in (*ACCEPT_FIRST, Refusal.OWNER_CHANGED):
        return None
    return form.t(f"error.{outcome.reason}", rep=bare_name(outcome.by))


def _values(state: dict[str, dict[str, dict[str, Any]]]) -> Values:
    """What was entered, by block id, trimmed; None where a field was left empty."""
    return {block: _value(next(iter(actions.values()))) for block, actions in state.items() if actions}


def _value(element: dict[str, Any]) -> str | None:
    option = element.get("selected_option") or {}
    given = element.get("value") or option.get("value") or element.get("selected_date")
    return str(given).strip() or None if given is not None else None
