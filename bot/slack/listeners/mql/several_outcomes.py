"""Several outcomes at once: all that were chosen are stored, or none."""

from __future__ import annotations

from slack_bolt import App

from bot.core.base.results import Refused
from bot.core.mql import feedback
from bot.core.mql.feedback import Answer
from bot.slack.blocks.base import forms, ids
from bot.slack.blocks.base.kit import View
from bot.slack.blocks.base.reply_keys import Reply
from bot.slack.blocks.mql import quick_disposition
from bot.slack.blocks.mql.quick_disposition import Chosen
from bot.slack.blocks.mql.several_outcomes import LATER, block_of
from bot.slack.context import AppContext
from bot.slack.listeners.base.form import Errors, Form, Invalid, field_error, sending
from bot.slack.listeners.base.pipeline import Press, opening
from bot.slack.listeners.mql.form_data import several_view
from storage import mqls, workspaces
from storage.vocabulary import Disposition


def register(app: App, context: AppContext) -> None:
    """Connect the button and the form."""
    app.action(ids.SEVERAL)(opening(context, _form))
    app.view(ids.SEVERAL_FORM)(sending(context, _take))


def _form(press: Press) -> View | Reply:
    return several_view(press, from_home=True) or Reply.SEVERAL_NOTHING


def _take(form: Form) -> View:
    """Store every answer, with all the MQLs held first, so that two forms cannot wait for each other."""
    answers, errors = _answers(form), Errors()
    mqls.hold(form.tx, form.workspace.id, [chosen.mql_id for chosen, _ in answers])
    for chosen, answer in answers:
        outcome = feedback.give_first(form.tx, form.workspace.id, chosen.mql_id, form.by, answer, form.now)
        if isinstance(outcome, Refused):
            errors[block_of(chosen.mql_id)] = field_error(form, outcome) or form.t("several.changed")
    if errors:
        raise Invalid(errors)  # and what was stored before is rolled back
    return forms.notice("notice.title", form.t.md("several.done", count=len(answers)), form.t)


def _answers(form: Form) -> list[tuple[Chosen, Answer]]:
    values = {name: value for name, value in form.values.items() if name.startswith(f"{ids.SEVERAL_ANSWER}:")}
    choices = sorted(
        (quick_disposition.read(value) for value in values.values() if value and value != LATER), key=_by_mql
    )
    if not choices:
        first = next(iter(values), ids.COMMENT)
        raise Invalid({first: form.t("several.choose_one")})
    reasons = {reason.key: reason for reason in workspaces.reasons(form.tx, form.workspace.id)}
    strict = {key for key, reason in reasons.items() if reason.comment_required}
    comment, errors = form.values.get(ids.COMMENT), Errors()
    answers = []
    for chosen in choices:
        needs_comment = chosen.disposition == Disposition.RECYCLED or chosen.lost_reason in strict
        if chosen.disposition == Disposition.DISQUALIFIED and chosen.lost_reason not in reasons:
            errors[block_of(chosen.mql_id)] = form.t("error.choose_reason")
        elif needs_comment and not comment:
            errors[ids.COMMENT] = form.t("several.comment_missing")
        else:
            words = comment if needs_comment else None
            answer = Answer(disposition=chosen.disposition, lost_reason=chosen.lost_reason, comment=words)
            answers.append((chosen, answer))
    if errors:
        raise Invalid(errors)
    return answers


def _by_mql(chosen: Chosen) -> int:
    return chosen.mql_id
