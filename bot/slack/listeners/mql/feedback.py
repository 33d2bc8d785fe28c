"""The outcome of one MQL: the button, the choice among my MQLs, the form, and taking it with what came of the deal."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from slack_bolt import App

from bot.core.base.permissions import Permission
from bot.core.base.results import Refused
from bot.core.mql import deals, feedback, report
from bot.core.mql.deals import Deal
from bot.core.mql.feedback import Answer
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.kit import View
from bot.slack.context import AppContext
from bot.slack.listeners.base.form import Errors, Form, Invalid, field_error, refusal_page, sending
from bot.slack.listeners.base.pipeline import Press, anybody, opening, refused, turning
from bot.slack.listeners.mql.form_data import feedback_view, report_or_refusal, view_or_refusal
from storage import mqls, workspaces
from storage.vocabulary import DealResult, Disposition

# Three years have one leap day at most.
MOST_RECYCLE_DAYS = 3 * 365 + 1


def register(app: App, context: AppContext) -> None:
    """Connect the buttons, the menus and the form."""
    app.action(ids.REPORT)(opening(context, _report))
    app.action(ids.PICK_MQL)(turning(context, _pick, anybody))
    app.action(ids.DISPOSITION)(turning(context, _choose, anybody))
    app.view(ids.FEEDBACK_FORM)(sending(context, _take, grown=_grown))


def _report(press: Press) -> View | Refused:
    view = report_or_refusal(press, press.row_id)
    return view if isinstance(view, Refused) else feedback_view(press, view)


def _pick(press: Press) -> View:
    """Return the feedback form, or the page that says why there is none."""
    answer = _report(press)
    return refusal_page(answer, press.t) if isinstance(answer, Refused) else answer


def _choose(press: Press) -> View | None:
    """Return the form with the fields of the chosen outcome. Whether it can be reported is said when it is sent."""
    view = view_or_refusal(press, ids.mql_of(press.body["view"]), Permission.FEEDBACK)
    return None if isinstance(view, Refused) else feedback_view(press, view, Disposition(press.value))


def _grown(form: Form) -> View | None:
    """Return the form with the fields of the outcome that was chosen in it."""
    view, chosen = view_or_refusal(form, form.mql_id, Permission.FEEDBACK), form.values.get(ids.DISPOSITION)
    return feedback_view(form, view, Disposition(chosen)) if chosen and not isinstance(view, Refused) else None


def _take(form: Form) -> Refused | None:
    mql_id = form.mql_id
    subject = mqls.get(form.tx, form.workspace.id, mql_id)
    # Before the fields: those of a choice do not open any more for whoever had it.
    if subject is not None and (error := field_error(form, feedback.handed_on(form.tx, subject, form.by))):
        raise Invalid({ids.DISPOSITION: error})
    answer = _answer(form)
    with_deal = ids.DEAL_RESULT in form.values and answer.disposition == Disposition.QUALIFIED
    deal = _deal(form, mql_id) if with_deal else None
    if not with_deal or not feedback.stands(form.tx, form.workspace.id, mql_id, answer):
        outcome = report.report(form.tx, form.workspace.id, mql_id, form.by, answer, form.now)
        if error := field_error(form, outcome):
            raise Invalid({ids.DISPOSITION: error})
        if isinstance(outcome, Refused) or not with_deal:
            return refused(outcome)
    return refused(deals.record(form.tx, form.workspace, mql_id, form.by, deal, form.now))


def _deal(form: Form, mql_id: int) -> Deal | None:
    """Return what came of the opportunity; None: it is still under way. Without a day it was decided today."""
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
    if problem := deals.wrong_day(form.workspace, subject, on, form.now):
        errors[ids.DEAL_ON] = form.t(f"error.{problem}")
    if errors:
        raise Invalid(errors)
    return Deal(result=result, on=on, amount=amount)


def _answer(form: Form) -> Answer:
    """Return the form as an answer. Only the fields of the chosen disposition count: what was typed before the choice
    changed is not part of it any more."""
    values, errors = form.values, Errors()
    if not values.get(ids.DISPOSITION):
        raise Invalid({ids.DISPOSITION: form.t("error.choose_disposition")})
    disposition = Disposition(values[ids.DISPOSITION] or "")
    answer: dict[str, Any] = {"disposition": disposition, "comment": values.get(ids.COMMENT)}
    if disposition == Disposition.DISQUALIFIED:
        answer["lost_reason"] = _lost_reason(form, errors)
    elif disposition == Disposition.QUALIFIED:
        answer |= {"amount": _amount(form, errors), "next_step": values.get(ids.NEXT_STEP)}
    else:
        answer["recycle_on"] = _day_to_come_back(form, errors)
    if errors:
        raise Invalid(errors)
    return Answer(**answer)


def _lost_reason(form: Form, errors: Errors) -> str | None:
    key = form.values.get(ids.LOST_REASON)
    known = {reason.key: reason for reason in workspaces.reasons(form.tx, form.workspace.id, only_active=False)}
    if key not in known:
        errors[ids.LOST_REASON] = form.t("error.choose_reason")
    elif known[key].comment_required and not form.values.get(ids.COMMENT):
        errors[ids.COMMENT] = form.t("error.comment_required", reason=known[key].label(form.t.locale))
    return key


def _amount(form: Form, errors: Errors, block: str = ids.AMOUNT) -> int | None:
    entered = form.values.get(block)
    if entered is None:
        return None
    if not entered.isdecimal() or len(entered) > 15:
        errors[block] = form.t("error.amount")
        return None
    return int(entered)


def _day_to_come_back(form: Form, errors: Errors) -> date | None:
    entered = form.values.get(ids.RECYCLE_ON)
    day, today = date.fromisoformat(entered) if entered else None, form.t.local_date(form.now)
    if day is None and not form.values.get(ids.COMMENT):
        errors[ids.RECYCLE_ON] = form.t("error.date_or_comment")
    elif day is not None and day <= today:
        errors[ids.RECYCLE_ON] = form.t("error.date_past")
    elif day is not None and day > today + timedelta(days=MOST_RECYCLE_DAYS):
        errors[ids.RECYCLE_ON] = form.t("error.date_far")
    return day
