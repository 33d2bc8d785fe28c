"""Proposing a definition of an MQL, and agreeing to it."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from slack_bolt import Ack, App

from bot.core.agreement import definition, definition_history
from bot.core.agreement.definition import TEXT_MOST, WHY_MOST
from bot.core.base import team
from bot.core.base.results import Refusal, Refused
from bot.core.reports import scoring
from bot.i18n import Translator
from bot.slack.blocks import definition as definition_blocks
from bot.slack.blocks import definition_history as history_blocks
from bot.slack.blocks import ids
from bot.slack.blocks import scoring as scoring_blocks
from bot.slack.blocks.definition import Draft
from bot.slack.blocks.kit import View
from bot.slack.blocks.modals import SCORE_MOST
from bot.slack.blocks.text import clean, clip, size
from bot.slack.caller import Caller, configured, first_time
from bot.slack.context import AppContext
from bot.slack.forms import open_form, open_or_explain, show_instead
from bot.slack.listeners.forms import Errors, Form, Invalid, page_of, sent
from bot.slack.replies import explain, reply
from storage import definitions, members
from storage.models import Member, Workspace
from storage.vocabulary import ReceiptKind

Page = Callable[[sa.Connection, Member, Translator, int], View | None]


def register(app: App, context: AppContext) -> None:
    """Connect the buttons and the forms."""
    app.action(ids.PROPOSE_DEFINITION)(_opening(context))
    app.action(ids.AGREE_DEFINITION)(_agreeing(context))
    app.action(ids.DEFINITION_NOW)(_showing(context, _now))
    app.action(ids.DEFINITION_VERSIONS)(_showing(context, _versions))
    app.action(ids.DEFINITION_VERSION)(_showing(context, _version))
    app.view(ids.DEFINITION_PAGE)(sent(context, _asked))
    app.view(ids.DEFINITION_FORM)(sent(context, _proposed))


def page_view(tx: sa.Connection, workspace_id: str, user_id: str, t: Translator) -> View:
    """What `/mql definition` shows."""
    now, member = definition.standing(tx, workspace_id), members.get(tx, workspace_id, user_id)
    may_agree = now.proposed is not None and definition.may_agree(member, now.proposed)
    return definition_blocks.page(now, t, may_propose=team.may_plan(member), may_agree=may_agree)


def _opening(context: AppContext) -> Callable[..., None]:
    def listener(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        caller, period = Caller.of(body), body["actions"][0]["value"]
        with context.database.snapshot() as tx:
            ready = configured(tx, caller)
            allowed = team.may_plan(members.get(tx, caller.workspace_id, caller.user_id))
        if ready is None or not allowed:
            open_or_explain(context, caller, Refused(Refusal.PROPOSE_NOT_ALLOWED))
            return
        # A form has to be opened within three seconds of the press, and a check of many MQLs may take longer.
        opened = open_form(context, caller, definition_blocks.counting(ready[1]))
        if opened is not None:
            with context.database.snapshot() as tx:
                form = definition_blocks.form(_draft(tx, *ready, period), ready[1])
            show_instead(context, {**body, "view": opened}, form)

    return listener


def _draft(tx: sa.Connection, workspace: Workspace, t: Translator, period: str | None = None) -> Draft:
    """The newest version; with what the scoring check of a month says against it."""
    before = definitions.newest(tx, workspace.id)
    text, threshold = (before.text, before.threshold) if before else (None, None)
    if period is None:
        return Draft(text, threshold)
    told = scoring.report(tx, workspace, period)
    advised = told.advised.score if told.advised else threshold
    return Draft(text, advised, clip(scoring_blocks.verdict(told, t), WHY_MOST) or None)


def _agreeing(context: AppContext) -> Callable[..., None]:
    def listener(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        caller, definition_id, page = Caller.of(body), int(body["actions"][0]["value"]), None
        with context.database.transaction() as tx:
            ready = configured(tx, caller)
            if ready is None or not first_time(tx, context, caller, ReceiptKind.ACTION):
                return
            refused = definition.agree(tx, caller.workspace_id, definition_id, caller.user_id, context.now())
            if refused is not None:
                explain(tx, context, caller, refused)
            page = page_view(tx, caller.workspace_id, caller.user_id, ready[1]) if body.get("view") else None
        context.wake()
        if page is not None:
            show_instead(context, body, page)

    return listener


def _showing(context: AppContext, page: Page) -> Callable[..., None]:
    """A button of a form that shows something else in its place."""

    def listener(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        caller, value, shown, refused = Caller.of(body), int(body["actions"][0]["value"]), None, "not_on_roster"
        with context.database.snapshot() as tx:
            ready = configured(tx, caller)
            member = members.get(tx, caller.workspace_id, caller.user_id)
            if ready is not None and member is not None and member.active:
                shown, refused = page(tx, member, ready[1], value), "definition_gone"
        if shown is not None:
            show_instead(context, body, shown)
            return
        with context.database.transaction() as tx:
            if first_time(tx, context, caller, ReceiptKind.ACTION):
                reply(tx, context, caller, refused)
        context.wake()

    return listener


def _now(tx: sa.Connection, member: Member, t: Translator, _: int) -> View:
    return page_view(tx, member.workspace_id, member.user_id, t)


def _versions(tx: sa.Connection, member: Member, t: Translator, skipped: int) -> View:
    every = definition_history.editions(tx, member.workspace_id)
    return history_blocks.versions(every, min(max(skipped, 0), len(every)), t)


def _version(tx: sa.Connection, member: Member, t: Translator, definition_id: int) -> View | None:
    every = definition_history.editions(tx, member.workspace_id)
    place = next((i for i, one in enumerate(every) if one.version.row.id == definition_id), None)
    return None if place is None else history_blocks.version(every[place], history_blocks.page_of(place), t)


def _asked(form: Form) -> View | None:
    if not team.may_plan(members.get(form.tx, form.workspace.id, form.by)):
        return page_of(form, Refused(Refusal.PROPOSE_NOT_ALLOWED))
    return definition_blocks.form(_draft(form.tx, form.workspace, form.t), form.t)


def _proposed(form: Form) -> View | None:
    text, why, errors = *(clean(form.values.get(name)) for name in (ids.DEFINITION_TEXT, ids.DEFINITION_WHY)), Errors()
    threshold = _threshold(form, errors)
    if not text or size(text) > TEXT_MOST:
        errors[ids.DEFINITION_TEXT] = form.t("error.definition_text", most=form.t.number(TEXT_MOST))
    if size(why) > WHY_MOST:
        errors[ids.DEFINITION_WHY] = form.t("error.definition_why", most=form.t.number(WHY_MOST))
    if errors:
        raise Invalid(errors)
    refused = definition.propose(form.tx, form.workspace.id, text, threshold, why or None, form.by, form.now)
    if refused is not None and refused.reason == Refusal.DEFINITION_UNCHANGED:
        raise Invalid({ids.DEFINITION_TEXT: form.t(f"reply.{refused.reason}", number=refused.number)})
    return page_of(form, refused) or page_view(form.tx, form.workspace.id, form.by, form.t)


def _threshold(form: Form, errors: Errors) -> int | None:
    given = unicodedata.normalize("NFKC", form.values.get(ids.DEFINITION_THRESHOLD) or "")
    if not given:
        return None
    if not (given.isascii() and given.isdecimal()) or len(given) > 9 or int(given) > SCORE_MOST:
        errors[ids.DEFINITION_THRESHOLD] = form.t("error.definition_threshold", most=form.t.number(SCORE_MOST))
        return None
    return int(given)
