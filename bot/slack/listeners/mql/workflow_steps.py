"""The steps that the bot brings to Workflow Builder: register an MQL, report an outcome.

Slack sends `function_executed` and waits for one call that ends the step. What a step came to is kept in its receipt
by the transaction that acts, so that Slack's next attempt changes nothing and only says it again: an end that did not
get through raises, Slack is answered 500, and it sends the event anew. Whoever makes a workflow chooses in whose name
a step reports, so that it reports in the owner's name only, whatever else a person may do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog
from pydantic import ValidationError
from slack_bolt import App

from bot.connectors import workflow_step
from bot.core.base import permissions
from bot.core.base.permissions import Permission
from bot.core.base.results import Refused
from bot.core.mql import feedback, gate
from bot.core.mql.feedback import Answer
from bot.core.mql.gate import Held
from bot.core.views.mql import mql_view
from bot.i18n import Translator
from bot.slack.blocks.base import ids, phrases
from bot.slack.context import AppContext
from bot.slack.listeners.mql.feedback import MOST_RECYCLE_DAYS
from bot.slack.replies import words_of
from bot.slack.web_api import timestamps
from bot.slack.web_api.gateway import Denied
from storage import members, mqls, receipts, workspaces
from storage.models import LostReason, Workspace
from storage.vocabulary import Disposition, Locale, ReceiptKind, Source

log = structlog.get_logger(__name__)

Json = dict[str, Any]


class Failed(Exception):
    """The step cannot do what it is asked for, and nothing was changed; the text says why, for whoever made the
    workflow."""


@dataclass(frozen=True)
class Run:
    """One run of a step, inside the transaction that deals with it."""

    tx: sa.Connection
    context: AppContext
    workspace: Workspace
    came_at: datetime | None
    inputs: Mapping[str, object]
    t: Translator


Act = Callable[[Run], Json]


def register(app: App, context: AppContext) -> None:
    """Connect the steps."""
    app.function(ids.REGISTER_MQL)(_running(context, _register))
    app.function(ids.REPORT_OUTCOME)(_running(context, _report))


def _running(context: AppContext, act: Act) -> Callable[[Json], None]:
    def listener(body: Json) -> None:
        event = body["event"]
        ended = _ended(context, body["team_id"], event, act)
        context.wake()
        _end(context, event, ended)

    return listener


def _ended(context: AppContext, team_id: str, event: Json, act: Act) -> Json:
    """Return how a run ends; where it has ended already, as it did then."""
    key = f"step:{event['function_execution_id']}"
    with context.database.transaction() as tx:
        workspace = workspaces.get(tx, team_id)
        if workspace is None or workspace.policy_id is None:
            return {"error": " / ".join(Translator(locale, "UTC")("step.not_configured") for locale in Locale)}
        if not receipts.first_time(tx, team_id, ReceiptKind.EVENT, key, context.now(), {}):
            return receipts.get(tx, team_id, ReceiptKind.EVENT, key).answer
        t = Translator(workspace.locale, workspace.timezone)
        run = Run(tx, context, workspace, timestamps.moment(event["event_ts"]), event["inputs"], t)
        try:
            ended: Json = {"outputs": act(run)}
        except Failed as failed:
            ended = {"error": str(failed)}
        receipts.note_answer(tx, team_id, ReceiptKind.EVENT, key, ended)
    return ended


def _end(context: AppContext, event: Json, ended: Json) -> None:
    """Tell Slack how a run has ended. Raises SlackFailure where that is not known to have got through."""
    method = "functions.completeError" if "error" in ended else "functions.completeSuccess"
    # The run's own token, where Slack sends one: it lives no longer than the run.
    gateway = context.gateway.with_token(event.get("bot_access_token"))
    try:
        gateway.call_in_time(method, function_execution_id=event["function_execution_id"], **ended)
    except Denied as denied:
        # Ended already, or given up by Slack meanwhile: to say it again would change nothing.
        log.warning("step_not_ended", step=event["function"]["callback_id"], code=denied.code)


def _register(run: Run) -> Json:
    lead = workflow_step.lead(run.inputs)
    if lead is None:
        raise Failed(run.t("step.nobody"))
    lead = lead.model_copy(update={"sent_at": run.came_at})
    received = gate.take(run.tx, run.workspace.id, lead, Source.WORKFLOW, run.context.now())
    if isinstance(received, Held):
        raise Failed(run.t("step.held"))
    view = mql_view(run.tx, run.workspace, received.mql_id)
    if view is None:
        raise LookupError(received.mql_id)
    outputs: Json = {
        "number": received.number,
        "repeated": received.repeated,
        "due": int(view.response.due_at.timestamp()),
        # The card is not in Slack yet: the channel is, and the number stands on the card.
        "link": view.permalink or f"{run.workspace.url or ''}archives/{run.workspace.mql_channel}",
    }
    return outputs | ({"owner": view.mql.owner} if view.mql.owner else {})


def _report(run: Run) -> Json:
    number = workflow_step.whole(run.inputs.get("number"))
    subject = mqls.by_number(run.tx, run.workspace.id, number) if number is not None else None
    if subject is None:
        raise Failed(run.t("step.no_such_mql", number=workflow_step.written(run.inputs.get("number")) or "–"))
    by = workflow_step.written(run.inputs.get("reported_by"))
    reporter = members.get(run.tx, run.workspace.id, by)
    if not permissions.may(reporter, Permission.FEEDBACK_BY_WORKFLOW, subject):
        raise Failed(run.t("step.not_the_owner", number=subject.number))
    given = feedback.give(run.tx, run.workspace.id, subject.id, by, _answer(run), run.context.now())
    if isinstance(given, Refused):
        raise Failed(run.t(f"reply.{given.reason}", **words_of(given)))
    return {"number": subject.number}


def _answer(run: Run) -> Answer:
    disposition = _disposition(run)
    comment = workflow_step.written(run.inputs.get("comment"))[:3000] or None
    values: Json = {"disposition": disposition, "comment": comment}
    if disposition == Disposition.DISQUALIFIED:
        values["lost_reason"] = _lost_reason(run, comment)
    elif disposition == Disposition.QUALIFIED:
        values["amount"] = _amount(run)
    else:
        values["recycle_on"] = _recycle_on(run)
    try:
        return Answer.model_validate(values)
    except ValidationError:
        raise Failed(run.t("error.date_or_comment")) from None


def _disposition(run: Run) -> Disposition:
    typed = _folded(run.inputs.get("disposition"))
    for disposition in Disposition:
        if typed in {disposition.value, *(_folded(phrases.disposition(disposition, t)) for t in _both(run))}:
            return disposition
    known = ", ".join(f"{phrases.disposition(word, run.t)} ({word.value})" for word in Disposition)
    raise Failed(run.t("step.disposition", known=known))


def _lost_reason(run: Run, comment: str | None) -> str:
    reasons, typed = workspaces.reasons(run.tx, run.workspace.id), _folded(run.inputs.get("lost_reason"))
    chosen = next((reason for reason in reasons if typed in _names(reason)), None)
    if chosen is None:
        known = ", ".join(reason.label(run.t.locale) for reason in reasons)
        raise Failed(run.t("step.lost_reason", known=known))
    if chosen.comment_required and not comment:
        raise Failed(run.t("error.comment_required", reason=chosen.label(run.t.locale)))
    return chosen.key


def _names(reason: LostReason) -> set[str]:
    return {_folded(reason.key), *(_folded(reason.label(locale)) for locale in Locale)}


def _amount(run: Run) -> int | None:
    given = run.inputs.get("amount")
    amount = workflow_step.whole(given)
    if amount is None and workflow_step.written(given):
        raise Failed(run.t("error.amount"))
    return amount


def _recycle_on(run: Run) -> date | None:
    given = run.inputs.get("recycle_on")
    day = workflow_step.day(given)
    if day is None and workflow_step.written(given):
        raise Failed(run.t("step.day", day=workflow_step.written(given)))
    today = run.t.local_date(run.context.now())
    if day is not None and day <= today:
        raise Failed(run.t("error.date_past"))
    if day is not None and day > today + timedelta(days=MOST_RECYCLE_DAYS):
        raise Failed(run.t("error.date_far"))
    return day


def _both(run: Run) -> list[Translator]:
    return [Translator(locale, run.workspace.timezone) for locale in Locale]


def _folded(value: object) -> str:
    return workflow_step.written(value).casefold()
