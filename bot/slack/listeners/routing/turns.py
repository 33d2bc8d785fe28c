"""/mql fairness, /mql route, and the buttons by which somebody's turns are paused and go on."""

from __future__ import annotations

import re

from pydantic import ValidationError
from slack_bolt import App

from bot.core import teamfile
from bot.core.base.permissions import Permission
from bot.core.base.results import Refused
from bot.core.mql import route_preview
from bot.core.mql.lead import Lead
from bot.core.routing import assignment, lapses, rehearsal
from bot.core.teamfile import BadFile
from bot.core.whatif import fairness_account
from bot.i18n import Mrkdwn
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.kit import View
from bot.slack.blocks.base.reply_keys import Reply
from bot.slack.blocks.base.text import line
from bot.slack.blocks.mql import route_preview as blocks
from bot.slack.blocks.routing import turns
from bot.slack.blocks.teamfile import problems
from bot.slack.context import AppContext
from bot.slack.deferred_answers import Words
from bot.slack.listeners.base.command import Answer, CommandContext, Counting
from bot.slack.listeners.base.form import Form, Invalid, sending
from bot.slack.listeners.base.pipeline import Press, acting, allowing

triers = allowing(Permission.TRY_ROUTE, refusal=Reply.ROUTE_NOT_ALLOWED)
_FACT = re.compile(r"\s*([^:：]+?)\s*[:：]\s*(.+?)\s*")


def register(app: App, context: AppContext) -> None:
    """Connect the buttons and the form."""
    app.action(ids.PAUSE_TURNS)(acting(context, _pause))
    app.action(ids.LEAVE_TURNS)(acting(context, _leave))
    app.action(ids.RESUME_TURNS)(acting(context, _resume))
    app.view(ids.ROUTE_FORM)(sending(context, _try, triers, title="route.title"))


def fairness(command: CommandContext) -> Answer:
    """Return how the caller's own turns of the last 90 days came about."""
    return Counting(
        lambda tx: turns.fairness(fairness_account.account(tx, command.workspace, command.by, command.now), command.t),
        Words(command.say(Reply.COUNTING), command.say(Reply.COUNT_FAILED)),
    )


def route_form(command: CommandContext) -> Answer:
    """Return the form in which a lead can be tried."""
    return blocks.form(command.t)


def _try(form: Form) -> View:
    paragraphs: list[Mrkdwn] = []
    if form.values.get(ids.COMPANY) or form.values.get(ids.EMAIL):
        preview = route_preview.preview(form.tx, form.workspace, _lead(form), form.now)
        paragraphs += blocks.of_lead(preview, form.t)
    text = form.values.get(ids.ROUTE_FILE)
    if text:
        paragraphs += _rehearsed(form, text)
    if not paragraphs:
        raise Invalid({ids.COMPANY: form.t("error.route_lead")})
    return blocks.page(paragraphs, form.t)


def _lead(form: Form) -> Lead:
    attributes = dict(
        _fact(form, given) for given in (form.values.get(ids.ROUTE_MORE) or "").splitlines() if given.strip()
    )
    score = form.values.get(ids.SCORE)
    if score is not None and not re.fullmatch(r"[0-9]{1,7}", score):
        raise Invalid({ids.SCORE: form.t("error.route_score")})
    try:
        return Lead.model_validate(
            {
                "company": form.values.get(ids.COMPANY),
                "email": form.values.get(ids.EMAIL),
                "channel": form.values.get(ids.CHANNEL),
                "score": int(score) if score else None,
                "attributes": attributes,
            }
        )
    except ValidationError as error:
        where = {"email": ids.EMAIL, "score": ids.SCORE, "attributes": ids.ROUTE_MORE}
        block = where.get(str(error.errors()[0]["loc"][0]), ids.COMPANY)
        raise Invalid({block: form.t("error.route_lead")}) from error


def _fact(form: Form, given: str) -> tuple[str, str]:
    match = _FACT.fullmatch(given)
    if match is None:
        raise Invalid({ids.ROUTE_MORE: form.t("error.route_more", line=line(given, 60))})
    return match[1], match[2]


def _rehearsed(form: Form, text: str) -> list[Mrkdwn]:
    current = teamfile.current(form.tx, form.workspace.id)
    if current is None:
        raise LookupError(form.workspace.id)
    try:
        wanted = teamfile.draft(text, current)
    except BadFile as bad:
        raise Invalid({ids.ROUTE_FILE: problems.problem(form.t, bad.problems[0])}) from bad
    names = {person.user_id: person.name for person in (*current.members, *wanted.members)}
    return blocks.of_quarter(rehearsal.rehearse(form.tx, form.workspace, wanted.routing, form.now), names, form.t)


def _pause(press: Press) -> Refused | None:
    member, asked = _asked_about(press)
    refused = lapses.pause(press.tx, press.workspace.id, member, press.by, press.now)
    lapses.refresh(press.tx, press.workspace.id, member, asked, f"paused:{int(press.now.timestamp())}", press.now)
    return refused


def _leave(press: Press) -> Refused | None:
    member, asked = _asked_about(press)
    refused = lapses.leave(press.tx, press.workspace.id, member, press.by)
    lapses.refresh(press.tx, press.workspace.id, member, asked, f"left:{int(press.now.timestamp())}", press.now)
    return refused


def _resume(press: Press) -> Refused | None:
    refused = lapses.resume(press.tx, press.workspace.id, press.row_id, press.by, press.now)
    if refused is None:
        assignment.assign_waiting(press.tx, press.workspace.id, press.now)
    return refused


def _asked_about(press: Press) -> tuple[int, int]:
    """Return the id of a row of the roster, and when leaders were asked about it."""
    member, _, asked = press.value.partition(":")
    return int(member), int(asked or 0)
