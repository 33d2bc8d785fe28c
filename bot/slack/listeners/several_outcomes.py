"""Several outcomes at once: all that were chosen are stored, or none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App

from bot.core.base.results import Refused
from bot.core.mql import feedback
from bot.core.mql.feedback import Answer
from bot.slack.blocks import ids, modals, quick_outcome
from bot.slack.blocks.quick_outcome import Chosen
from bot.slack.blocks.several_outcomes import LATER, block_of
from bot.slack.caller import Caller, configured, first_time
from bot.slack.context import AppContext
from bot.slack.forms import open_form
from bot.slack.listeners.events import publish_home
from bot.slack.listeners.form_data import several_view
from bot.slack.listeners.forms import Errors, Form, Invalid, in_form, sent
from bot.slack.replies import reply
from storage import members, workspaces
from storage.vocabulary import Disposition, ReceiptKind


def register(app: App, context: AppContext) -> None:
    """Connect the button and the form."""
    app.action(ids.SEVERAL)(_opening(context))
    app.view(ids.SEVERAL_FORM)(_sent(context))


def _opening(context: AppContext) -> Callable[..., None]:
    def listener(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        caller = Caller.of(body)
        with context.database.transaction() as tx:
            ready, member = configured(tx, caller), members.get(tx, caller.workspace_id, caller.user_id)
            here = ready is not None and member is not None and member.active
            form = several_view(tx, ready[0], caller.user_id, ready[1], from_home=True) if here and ready else None
            if form is None and first_time(tx, context, caller, ReceiptKind.ACTION):
                reply(tx, context, caller, "several_nothing" if here else "not_on_roster")
        context.wake()
        if form is not None:
            open_form(context, caller, form)

    return listener


def _sent(context: AppContext) -> Callable[..., None]:
    taking = sent(context, _take)

    def listener(ack: Ack, body: dict[str, Any]) -> None:
        taking(ack, body)
        if '"home"' in body["view"].get("private_metadata", ""):
            publish_home(context, body["team"]["id"], body["user"]["id"])

    return listener


def _take(form: Form) -> dict[str, Any] | None:
    """Store every answer in the order of the MQLs, so that two forms cannot wait for each other."""
    answers, errors = _answers(form), Errors()
    for chosen, answer in answers:
        given = feedback.give_first(form.tx, form.workspace.id, chosen.mql_id, form.by, answer, form.now)
        if isinstance(given, Refused):
            errors[block_of(chosen.mql_id)] = in_form(form, given) or form.t("several.changed")
    if errors:
        raise Invalid(errors)  # and what was stored before is rolled back
    return modals.notice("notice.title", form.t.md("several.done", count=len(answers)), form.t)


def _answers(form: Form) -> list[tuple[Chosen, Answer]]:
    given = {name: value for name, value in form.values.items() if name.startswith(f"{ids.SEVERAL_ANSWER}:")}
    chosen = sorted((quick_outcome.read(value) for value in given.values() if value and value != LATER), key=_by_mql)
    if not chosen:
        first = next(iter(given), ids.COMMENT)
        raise Invalid({first: form.t("several.choose_one")})
    reasons = {one.key: one for one in workspaces.reasons(form.tx, form.workspace.id)}
    strict = {key for key, one in reasons.items() if one.comment_required}
    comment, errors = form.values.get(ids.COMMENT), Errors()
    answers = []
    for one in chosen:
        needs = one.disposition == Disposition.RECYCLED or one.lost_reason in strict
        if one.disposition == Disposition.DISQUALIFIED and one.lost_reason not in reasons:
            errors[block_of(one.mql_id)] = form.t("error.choose_reason")
        elif needs and not comment:
            errors[ids.COMMENT] = form.t("several.comment_missing")
        else:
            said = comment if needs else None
            answers.append((one, Answer(disposition=one.disposition, lost_reason=one.lost_reason, comment=said)))
    if errors:
        raise Invalid(errors)
    return answers


def _by_mql(chosen: Chosen) -> int:
    return chosen.mql_id
