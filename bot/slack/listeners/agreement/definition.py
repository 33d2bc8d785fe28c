"""Proposing a definition of an MQL, agreeing to it, and reading the older ones."""

from __future__ import annotations

import unicodedata

from slack_bolt import App

from bot.core.agreement import definition, definition_history
from bot.core.agreement.definition import TEXT_MOST, WHY_MOST
from bot.core.agreement.rules import Rules
from bot.core.base.permissions import Permission
from bot.core.base.results import Refusal, Refused
from bot.core.reports import scoring
from bot.slack.blocks.agreement import definition as definition_blocks
from bot.slack.blocks.agreement import definition_history as history_blocks
from bot.slack.blocks.agreement.definition import Draft
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.kit import View
from bot.slack.blocks.base.text import clean, clip, size
from bot.slack.blocks.mql.intake import SCORE_MOST
from bot.slack.blocks.reports import scoring as scoring_blocks
from bot.slack.context import AppContext
from bot.slack.listeners.agreement import definition_rules
from bot.slack.listeners.base.form import Errors, Form, Invalid, sending
from bot.slack.listeners.base.pipeline import Interaction, Press, acting, allowing, anybody, opening, turning
from storage import definitions


def register(app: App, context: AppContext) -> None:
    """Connect the buttons and the forms."""
    planners = allowing(Permission.PROPOSE_DEFINITION, refusal=Refused(Refusal.PROPOSE_NOT_ALLOWED))
    app.action(ids.PROPOSE_DEFINITION)(opening(context, _counting, planners, filled=_form_of_month))
    app.action(ids.AGREE_DEFINITION)(acting(context, _agree, anybody, page=page_view))
    app.action(ids.CLOSE_DEFINITION)(opening(context, _close_form))
    app.view(ids.CLOSE_DEFINITION_FORM)(sending(context, _close))
    app.action(ids.DEFINITION_NOW)(turning(context, page_view))
    app.action(ids.DEFINITION_VERSIONS)(turning(context, _versions))
    app.action(ids.DEFINITION_VERSION)(turning(context, _version))
    app.view(ids.DEFINITION_PAGE)(sending(context, _form, planners))
    app.view(ids.DEFINITION_FORM)(sending(context, _take))


def page_view(interaction: Interaction) -> View:
    """Return what `/mql definition` shows."""
    standing, member = definition.standing(interaction.tx, interaction.workspace.id), interaction.member
    may_agree = standing.proposed is not None and definition.may_agree(member, standing.proposed)
    may_close = standing.proposed is not None and definition.may_close(member, standing.proposed)
    may = {"may_propose": interaction.may(Permission.PROPOSE_DEFINITION), "may_agree": may_agree}
    return definition_blocks.page(standing, interaction.t, may_close=interaction.by if may_close else None, **may)


def _counting(press: Press) -> View:
    return definition_blocks.counting(press.t)


def _form_of_month(press: Press) -> View:
    return _form(press, press.value)


def _form(interaction: Interaction, period: str | None = None) -> View:
    return definition_blocks.form(_draft(interaction, period), interaction.t)


def _draft(interaction: Interaction, period: str | None) -> Draft:
    """Return the newest version; with what the scoring check of a month says against it."""
    tx, workspace = interaction.tx, interaction.workspace
    before = definitions.newest(tx, workspace.id)
    text, threshold = (before.text, before.threshold) if before else (None, None)
    rules = Rules.of(before.rules) if before else None
    if period is None:
        return Draft(text, threshold, rules=rules)
    report = scoring.report(tx, workspace, period)
    advised = report.advised.score if report.advised else threshold
    why = clip(scoring_blocks.verdict(report, interaction.t), WHY_MOST) or None
    return Draft(text, advised, why, rules)


def _agree(press: Press) -> Refused | None:
    return definition.agree(press.tx, press.workspace.id, press.row_id, press.by, press.now)


def _close_form(press: Press) -> View | Refused:
    version = definition.find(press.tx, press.workspace.id, press.row_id)
    if version is None:
        return Refused(Refusal.DEFINITION_GONE)
    if not definition.may_close(press.member, version):
        open_still = version.state == definition.State.OPEN
        reason = Refusal.AGREE_NOT_ALLOWED if open_still else Refusal.PROPOSAL_CLOSED
        return Refused(reason, number=version.row.number)
    return definition_blocks.close_form(version, press.by, press.t)


def _close(form: Form) -> View | Refused:
    definition_id = int(form.metadata.get("definition") or 0)
    version = definition.find(form.tx, form.workspace.id, definition_id)
    why = clean(form.values.get(ids.DEFINITION_CLOSED_WHY)) or None
    if version is not None and version.row.proposed_by != form.by and why is None:
        raise Invalid({ids.DEFINITION_CLOSED_WHY: form.t("error.definition_closed_why")})
    refusal = definition.close(form.tx, form.workspace.id, definition_id, form.by, why, form.now)
    return refusal or page_view(form)


def _versions(press: Press) -> View:
    editions = definition_history.editions(press.tx, press.workspace.id)
    return history_blocks.versions(editions, min(max(press.row_id, 0), len(editions)), press.t)


def _version(press: Press) -> View | Refused:
    editions = definition_history.editions(press.tx, press.workspace.id)
    place = next((i for i, edition in enumerate(editions) if edition.version.row.id == press.row_id), None)
    if place is None:
        return Refused(Refusal.DEFINITION_GONE)
    return history_blocks.version(editions[place], history_blocks.page_of(place), press.t)


def _take(form: Form) -> View | Refused:
    text, why, errors = *(clean(form.values.get(name)) for name in (ids.DEFINITION_TEXT, ids.DEFINITION_WHY)), Errors()
    threshold = _threshold(form, errors)
    if not text or size(text) > TEXT_MOST:
        errors[ids.DEFINITION_TEXT] = form.t("error.definition_text", most=form.t.number(TEXT_MOST))
    if size(why) > WHY_MOST:
        errors[ids.DEFINITION_WHY] = form.t("error.definition_why", most=form.t.number(WHY_MOST))
    rules = definition_rules.read(form, threshold, errors)
    if errors:
        raise Invalid(errors)
    words = (text, threshold, why or None)
    refusal = definition.propose(form.tx, form.workspace.id, *words, form.by, form.now, rules=rules)
    if refusal is not None and refusal.reason == Refusal.DEFINITION_UNCHANGED:
        raise Invalid({ids.DEFINITION_TEXT: form.t("reply.definition_unchanged", number=refusal.number)})
    return refusal or page_view(form)


def _threshold(form: Form, errors: Errors) -> int | None:
    entered = unicodedata.normalize("NFKC", form.values.get(ids.DEFINITION_THRESHOLD) or "")
    if not entered:
        return None
    if not (entered.isascii() and entered.isdecimal()) or len(entered) > 9 or int(entered) > SCORE_MOST:
        errors[ids.DEFINITION_THRESHOLD] = form.t("error.definition_threshold", most=form.t.number(SCORE_MOST))
        return None
    return int(entered)
