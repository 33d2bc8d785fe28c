"""The form of a setting: checked, previewed, and saved when it is sent unchanged. Slack is asked about new people and
channels between the transactions, never inside one."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass, replace
from functools import cached_property
from threading import Timer
from typing import Any

import structlog
from slack_bolt import Ack

from bot.connectors import outbound
from bot.core.base.audit import Author
from bot.core.settings import (
    Change,
    Overtaken,
    Past,
    Settings,
    concerns_past,
    draft,
    entry,
    present,
    preview,
    read_past,
    replayed,
    save,
)
from bot.core.settings.change import Document, changed, resolved
from bot.core.teamfile import BadFile, Problem, TeamFile
from bot.i18n import Mrkdwn, Translator
from bot.slack import deferred_answers
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.kit import View
from bot.slack.blocks.settings import entering, pages
from bot.slack.blocks.settings.effect import MOVE, Effect
from bot.slack.blocks.settings.hours import DAYS
from bot.slack.blocks.settings.kinds import given
from bot.slack.blocks.settings.pages import Sheet, fingerprint
from bot.slack.blocks.settings.screens import NEW, Place, above, form_of, listing_of
from bot.slack.blocks.teamfile import problems as file_problems
from bot.slack.caller import Caller
from bot.slack.context import AppContext
from bot.slack.listeners.base.form import Errors, Form, refusal_page
from bot.slack.listeners.base.pipeline import Admission, Body, Listener
from bot.slack.people.directory import SlackDirectory
from bot.slack.web_api.gateway import NotTaken, SlackFailure
from storage import receipts, workspaces
from storage.models import Workspace
from storage.vocabulary import ReceiptKind

PATIENCE = 2.3
"""Seconds from the press, after which the effect on the past is promised; the rest of Slack's three is for the way."""
FOLLOWS = 5
"""How often what follows is tried where Slack asks to wait."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Answer:
    """What a sent form is answered with: another view, or errors on its fields."""

    view: View | None = None
    errors: Errors | None = None


@dataclass(frozen=True)
class Sent:
    """A sent form of an admin, and the settings that hold now."""

    context: AppContext
    caller: Caller
    view: View
    workspace: Workspace
    settings: Settings
    t: Translator
    since: float
    """When it came, by the monotonic clock."""

    @cached_property
    def metadata(self) -> dict[str, Any]:
        """What the form kept with it."""
        kept: dict[str, Any] = json.loads(self.view["private_metadata"])
        return kept

    @cached_property
    def place(self) -> Place:
        """The setting that the form is about."""
        return Place.read(self.metadata["place"])

    @property
    def state(self) -> dict[str, Any]:
        """What was entered."""
        entered: dict[str, Any] = self.view["state"]["values"]
        return entered

    @property
    def document(self) -> Document:
        """The tables of the settings that hold now."""
        return self.settings.document

    @property
    def overtaken(self) -> bool:
        """Whether somebody has saved since the form was shown."""
        return bool(self.metadata["seen"] != self.settings.version)

    @cached_property
    def removes(self) -> bool:
        """Whether the entry is to go."""
        return given(self.state, ids.SETTING_REMOVE) is not None

    @cached_property
    def sheet(self) -> Sheet:
        """The form as it was sent."""
        shown = entering.stated(self.place, self.state, self.document)
        at = entering.place_after(self.place, self.state, self.document)
        return Sheet(self.place, self.settings, shown, self.context.user_groups.known, at, self.removes)


def is_gone(place: Place, document: Document) -> bool:
    """Return whether a place is about an entry that somebody has taken out."""
    if place.screen in ("pool_person", "member", *DAYS) or place.path[-1:] == (NEW,):
        return False
    about_entry = listing_of(place.screen) is not None or place.screen in ("tier", "pool_page")
    return about_entry and entry(document, place.path) is None


def listener(context: AppContext, admits: Admission) -> Listener:
    """Return the listener that takes the form."""

    def taken(ack: Ack, body: Body) -> None:
        answer = _answer(context, body, admits, time.monotonic())
        context.wake()
        if answer.errors:
            ack(response_action="errors", errors=answer.errors)
        elif answer.view:
            ack(response_action="update", view=answer.view)
        else:
            ack()

    return taken


def _answer(context: AppContext, body: Body, admits: Admission, since: float) -> Answer:
    caller = Caller.of(body)
    with context.database.snapshot() as tx:
        form = Form(tx, context, caller, context.now(), body["view"])
        if not form.configured:
            return Answer()
        if (refusal := admits(form)) is not None:
            return Answer(refusal_page(refusal, form.t, "settings.title"))
        settings = present(tx, form.workspace.id)
        if settings is None:
            return Answer()
        sent = Sent(context, caller, body["view"], form.workspace, settings, form.t, since)
    return _taken(sent)


def _taken(sent: Sent) -> Answer:
    """Answer by the settings that `sent` knows."""
    if is_gone(sent.place, sent.document):
        return Answer(pages.page(above(sent.place), sent.settings, sent.t, _gone(sent)))
    if faults := entering.faults(sent.place, sent.state, sent.document):
        return Answer(errors={block: sent.t(f"settings.fault.{fault}") for block, fault in faults.items()})
    asked = entering.changes(sent.place, sent.state, sent.document)
    if not asked:
        return Answer(pages.page(above(sent.place), sent.settings, sent.t, sent.t.md("settings.unchanged")))
    return _checked(sent, asked)


def _gone(sent: Sent) -> Mrkdwn:
    at = sent.settings.edition.at
    when = sent.t.moment(at) if at else "–"
    return sent.t.md("settings.gone_meanwhile", who=pages.who(sent.settings, sent.t), when=when)


def _checked(sent: Sent, asked: list[Change]) -> Answer:
    """Show what is wrong, or what would become of it; save where that was seen."""
    try:
        asked = _with_name(sent, asked)
        wanted = draft(sent.settings, asked, SlackDirectory(sent.context.gateway, attempts=1))
        _require_reachable(sent, wanted)
        sign = fingerprint([sent.settings.version, [[change.path, change.value] for change in asked]])
        return _saved(sent, wanted) if sign == sent.metadata.get("asked") else _previewed(sent, wanted, sign)
    except BadFile as bad:
        return Answer(errors=_errors(sent, asked, bad.problems))
    except SlackFailure as failure:
        log.warning("settings_not_checked", workspace=sent.workspace.id, code=failure.code)
        return Answer(errors={_first_block(sent): sent.t("settings.slack_silent")})


def _with_name(sent: Sent, asked: list[Change]) -> list[Change]:
    """Return the change with the name that Slack has for somebody new, where none was typed."""
    if sent.place.screen != "member" or not entering.is_new(sent.place, sent.document):
        return asked
    if any(change.path == sent.place.path and "name" in change.value for change in asked):
        return asked
    user = sent.context.gateway.call("users.info", user=str(sent.place.path[-1]))["user"]
    name = user["profile"].get("real_name") or user["profile"].get("display_name") or user["name"]
    return [
        replace(change, value={**change.value, "name": name}) if change.path == sent.place.path else change
        for change in asked
    ]


def _require_reachable(sent: Sent, wanted: TeamFile) -> None:
    """Raise BadFile where the address of the webhook is a new one to which nothing may go."""
    url = wanted.webhook_url
    if url is None or url == sent.settings.team.webhook_url:
        return
    if code := outbound.trouble(url, sent.context.private_hosts):
        raise BadFile([Problem(0, "webhook.url", code, {"given": url}, ("webhook", "url"))])


def _previewed(sent: Sent, wanted: TeamFile, sign: str) -> Answer:
    with sent.context.database.snapshot() as tx:
        seen = preview(tx, wanted, sent.context.now())
    known = pages.differences(sent.place, sent.document, sent.sheet.shown, sent.t)
    names = {person.user_id: person.name for person in (*sent.settings.team.members, *wanted.members)}
    inherits = sent.removes and listing_of(sent.place.screen) is None
    effect = Effect([] if sent.removes else known, sent.removes, seen, names, inherits=inherits)
    if form_of(sent.place).previews or sent.removes or sent.overtaken or effect.entails_something:
        return Answer(_with_effect(sent, wanted, effect, sign))
    return _saved(sent, wanted)


def _first_block(sent: Sent) -> str:
    return str(next(block["block_id"] for block in sent.view["blocks"] if block["type"] == "input"))


def _errors(sent: Sent, asked: list[Change], problems: list[Problem]) -> Errors:
    """Return each problem on the field that it is about; what is about no field of the form stands on the first."""
    after = changed(sent.document, asked)
    fields = form_of(sent.place).fields
    paths = {entering.block_of(each): resolved(after, (*sent.place.path, *each.path)) for each in fields}
    errors: Errors = {}
    for problem in problems:
        # A step that comes before its deadline is at fault elsewhere, and the deadline is what was changed here.
        deadline = (*sent.place.path, str(problem.values.get("deadline")))
        at = next((block for block, path in paths.items() if path in (problem.path[: len(path)], deadline)), None)
        text = file_problems.sentence(sent.t, problem)
        if at is None:
            text = sent.t("settings.elsewhere", field=problem.field, text=text)
        errors.setdefault(at or _first_block(sent), text)
    return errors


def _with_effect(sent: Sent, wanted: TeamFile, effect: Effect, sign: str) -> View:
    """Return the form with the effect below it. What the past would have been is shown if it is known in time; else it
    is promised, and replaces the form that is found by its token. A form that has gone on meanwhile has another one."""
    token = f"settings:{uuid.uuid4().hex}"
    notice = _overtaken(sent) if sent.overtaken else None

    def shown(past: Past | None = None, *, counting: bool = False, failed: bool = False) -> View:
        known = replace(effect, past=past, counting=counting, failed=failed)
        return pages.form(replace(sent.sheet, effect=known, asked=sign, token=token), sent.t, notice)

    if not concerns_past(sent.settings.team, wanted):
        return shown()
    counted = deferred_answers.begin(lambda: _past(sent, wanted))
    wait([counted], max(PATIENCE - (time.monotonic() - sent.since), 0))
    if not counted.done():
        counted.add_done_callback(lambda done: _follow(sent, token, _outcome(done, shown)))
        return shown(counting=True)
    return _outcome(counted, shown)


def _outcome(counted: Future[Past | None], shown: Callable[..., View]) -> View:
    """Return the form with what was counted, or with the word that it could not be."""
    failure = counted.exception()
    if failure is not None:
        log.error("past_not_counted", exc_info=failure)
    return shown(failed=True) if failure is not None else shown(counted.result())


def _past(sent: Sent, wanted: TeamFile) -> Past | None:
    with sent.context.database.snapshot() as tx:
        workspace = workspaces.get(tx, sent.workspace.id)
        past = read_past(tx, workspace, sent.context.now()) if workspace else None
    return replayed(past, wanted) if past else None


def _follow(sent: Sent, token: str, view: View, attempts: int = FOLLOWS) -> None:
    """Put the view into the open form. Where Slack asks to wait it is tried again: the form would promise for ever."""
    try:
        sent.context.gateway.call("views.update", external_id=token, view=view)
    except SlackFailure as failure:  # the form was closed, or shows something else by now
        wait_for = failure.retry_after if isinstance(failure, NotTaken) else None
        if wait_for is None or attempts == 1:
            log.info("form_not_changed", workspace=sent.workspace.id, code=failure.code)
            return
        again = Timer(wait_for, _follow, (sent, token, view, attempts - 1))
        again.daemon = True
        again.start()


def _overtaken(sent: Sent) -> Mrkdwn:
    """Say who has saved since, and what holds by now where it is the same thing."""
    at = sent.settings.edition.at
    words = {"who": pages.who(sent.settings, sent.t), "when": sent.t.moment(at) if at else "–"}
    if sent.metadata["was"] == pages.held(sent.place, sent.document):
        return sent.t.md("settings.overtaken", **words)
    holds = pages.summary(sent.place, sent.settings, sent.t)
    return sent.t.md("settings.overtaken_same", holds=holds, **words)


def _saved(sent: Sent, wanted: TeamFile) -> Answer:
    now = sent.context.now()
    with sent.context.database.transaction() as tx:
        # As with every form: the version of the view that was sent stays the same when it is delivered twice.
        key = f"{sent.view['id']}:{sent.view['hash']}"
        if not receipts.first_time(tx, sent.workspace.id, ReceiptKind.VIEW, key, now, {}):
            return Answer()
        move = given(sent.state, ids.SETTING_MOVE) == MOVE
        outcome = save(tx, wanted, sent.settings.version, now, Author.in_slack(sent.caller.user_id), move_open=move)
        after = present(tx, sent.workspace.id)
    if after is None:
        return Answer()
    if isinstance(outcome, Overtaken):
        return _taken(replace(sent, settings=after))  # somebody was quicker by a moment: as if it came after theirs
    moved = len(outcome.moved.moves)
    notice = sent.t.md("settings.saved_moved", count=moved) if moved else sent.t.md("settings.saved")
    return Answer(pages.page(above(sent.place), after, sent.t, notice))
