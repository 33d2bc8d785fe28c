"""/mql and /mql-feedback. A command answers privately at once, or opens a form."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from slack_bolt import Ack, App

from bot.core.base import team
from bot.core.base.results import ACCEPT_FIRST, ActionResult, Refusal, Refused
from bot.core.mql import withdrawal
from bot.core.reports import weekly
from bot.core.routing import assignment
from bot.core.views import home as home_views
from bot.core.views import mql
from bot.slack import deferred_answers
from bot.slack.blocks import digest, modals, replies
from bot.slack.blocks.kit import Message
from bot.slack.caller import Caller, configured, first_time
from bot.slack.context import AppContext
from bot.slack.forms import open_form
from bot.slack.listeners import definition, goals, meeting, reports
from bot.slack.listeners.command_context import Answer, CommandContext, Counting, narrow
from bot.slack.listeners.form_data import feedback_view, report_or_refusal, several_view, show_view
from bot.slack.replies import not_configured, words_of
from storage import members, mqls
from storage.models import Mql
from storage.vocabulary import ClockKind, EventType, ReceiptKind, Role

MOST_AWAY_DAYS = 365
LONGEST_REASON = 3000
ALL = ("all", "まとめて")
OVERDUE = {"overdue": ("waiting", ClockKind.RESPONSE), "outcomes": ("open_debt", ClockKind.FEEDBACK)}
_DAY = re.compile(r"([0-9]{4})([-/])([0-9]{1,2})\2([0-9]{1,2})")


def register(app: App, context: AppContext) -> None:
    """Connect the commands."""
    app.command("/mql")(_listener(context, _mql))
    app.command("/mql-feedback")(_listener(context, _feedback))


def _listener(context: AppContext, answer: Callable[[CommandContext], Answer]) -> Callable[..., None]:
    def listener(ack: Ack, body: dict[str, Any]) -> None:
        caller = Caller.of_command(body)
        with context.database.transaction() as tx:
            given = _answer(tx, context, caller, body.get("text", ""), answer)
        context.wake()
        if isinstance(given, Counting):
            given = deferred_answers.answer(context, body, partial(_counted, context, given), given.words)
        if isinstance(given, Message):
            ack(text=given.text, blocks=given.blocks, response_type="ephemeral")
        else:
            ack()
            open_form(context, caller, given)

    return listener


def _counted(context: AppContext, asked_for: Counting) -> Message:
    with context.database.snapshot() as tx:
        return asked_for.count(tx)


def _answer(
    tx: sa.Connection, context: AppContext, caller: Caller, text: str, answer: Callable[[CommandContext], Answer]
) -> Answer:
    ready = configured(tx, caller)
    if ready is None:
        return not_configured()
    workspace, t = ready
    member = members.get(tx, caller.workspace_id, caller.user_id)
    if member is None or not member.active:
        return replies.private("reply.not_on_roster", t)
    new = first_time(tx, context, caller, ReceiptKind.COMMAND)
    return answer(CommandContext(tx, caller, workspace, member, t, context.now(), text.split(), new))


def _mql(command: CommandContext) -> Answer:
    if not command.words:
        return replies.help_text(command.t)
    word, *rest = command.words
    subcommand = SUBCOMMANDS.get(word.lower())
    if subcommand is None:
        return command.say("unknown_command")
    return subcommand(replace(command, words=rest))


def _feedback(command: CommandContext) -> Answer:
    if command.words and narrow(command.words[0]).lower() in ALL:
        return several_view(command.tx, command.workspace, command.caller.user_id, command.t) or command.say(
            "several_nothing"
        )
    if command.words:
        found = _numbered(command)
        return found if isinstance(found, Message) else _form(command, found)
    mine = mqls.open_of(command.tx, command.workspace.id, command.caller.user_id)
    accepted = [one for one in mine if one.awaits_outcome]
    if not mine:
        return command.say("no_open_mqls")
    if len(mine) == 1 or len(accepted) == 1:
        return _form(command, (accepted or mine)[0])
    views = mql.mql_views(command.tx, command.workspace, accepted or mine)
    if not accepted:
        return replies.accept_first(command.say("none_accepted", count=len(mine)), views, command.t)
    return modals.pick(views, command.t, len(mine) - len(accepted))


def _form(command: CommandContext, subject: Mql) -> Answer:
    found = report_or_refusal(command.tx, command.caller, subject.id)
    if isinstance(found, Refused):
        if found.reason == Refusal.NOT_ALLOWED and command.first_time:
            by = command.caller.user_id
            mqls.log(command.tx, subject, EventType.REFUSED, command.now, command.now, actor=by, reason="feedback")
        said = command.say(found.reason, **words_of(found))
        early = found.reason in ACCEPT_FIRST
        views = mql.mql_views(command.tx, command.workspace, [subject]) if early else []
        return replies.accept_first(said, views, command.t) if early else said
    workspace, t, view = found
    return feedback_view(command.tx, workspace, view, t)


def _numbered(command: CommandContext) -> Mql | Message:
    """The MQL whose number was typed: 12, #12 or １２."""
    word = narrow(command.words[0]).lstrip("#") if command.words else ""
    if not word.isdecimal():
        return command.say("bad_number")
    number = word.lstrip("0") or "0"
    # No workspace has as many; and the database could not hold the number.
    found = mqls.by_number(command.tx, command.workspace.id, int(number)) if len(number) <= 9 else None
    return found or command.say("not_found", number=number)


def _new(command: CommandContext) -> Answer:
    return modals.new_mql(command.t)


def _list(command: CommandContext) -> Answer:
    """My open MQLs; after "overdue" or "outcomes" what is overdue of everybody's."""
    if command.words and command.words[0].lower() in OVERDUE:
        return _overdue(command, *OVERDUE[command.words[0].lower()])
    if command.words:
        return command.say("list_word")
    home = home_views.home(command.tx, command.workspace, command.caller.user_id, command.now)
    return replies.mql_list(home.mine, command.t, command.now)


def _overdue(command: CommandContext, key: str, kind: ClockKind) -> Answer:
    if not command.member.has(*team.LEADERS, Role.MARKETER):
        return command.say("list_not_allowed")
    overdue = weekly.overdue(command.tx, command.workspace, kind, command.now, replies.LISTED)
    return digest.overdue_list(key, overdue, command.t, command.now)


def _show(command: CommandContext) -> Answer:
    found = _numbered(command)
    if isinstance(found, Message):
        return found
    (view,) = mql.mql_views(command.tx, command.workspace, [found])
    return show_view(command.tx, command.workspace, view, command.t, command.now)


def _withdraw(command: CommandContext) -> Answer:
    """Take back what was a test or a mistake; what is typed after the number is the reason."""
    found = _numbered(command)
    if isinstance(found, Message):
        return found
    outcome: ActionResult | None
    if command.first_time:
        reason = " ".join(command.words[1:])[:LONGEST_REASON] or None
        outcome = withdrawal.withdraw(
            command.tx, command.workspace.id, found.id, command.caller.user_id, reason, command.now
        )
    else:
        outcome = withdrawal.refusal(command.member, found)
        if outcome is not None and outcome.reason == Refusal.WITHDRAWN:
            outcome = None  # it was this very command that withdrew it
    return command.say(outcome.reason if isinstance(outcome, Refused) else "withdraw_done", number=found.number)


def _away(command: CommandContext) -> Answer:
    """Away until the start of the day that was typed; without one, until the start of tomorrow."""
    today = command.t.local_date(command.now)
    back = _day(command.words[0]) if command.words else today + timedelta(days=1)
    if back is None or back <= today or back > today + timedelta(days=MOST_AWAY_DAYS):
        return command.say("away_bad_date")
    until = datetime.combine(back, time(), ZoneInfo(command.workspace.timezone)).astimezone(UTC)
    if not team.set_away(command.tx, command.workspace.id, command.caller.user_id, command.now, until):
        return command.say("only_reps")
    return command.say("away_set", until=until)


def _back(command: CommandContext) -> Answer:
    until = command.member.away_until
    was_away = until is not None and until > command.now
    if not team.set_away(command.tx, command.workspace.id, command.caller.user_id, command.now, None):
        return command.say("only_reps")
    assignment.assign_waiting(command.tx, command.workspace.id, command.now)
    # The same command once more finds nobody away any longer.
    return command.say("back" if was_away or not command.first_time else "not_away")


def _kpi(command: CommandContext) -> Answer:
    if not team.may_plan(command.member):
        return command.say("kpi_not_allowed")
    return goals.kpi_view(command.tx, command.workspace, command.t, command.now)


def _checkup(command: CommandContext) -> Answer:
    if not team.may_plan(command.member):
        return command.say("checkup_not_allowed")
    return goals.checkup_view(command.tx, command.workspace, command.t, command.now)


def _definition(command: CommandContext) -> Answer:
    return definition.page_view(command.tx, command.workspace.id, command.caller.user_id, command.t)


def _meeting(command: CommandContext) -> Answer:
    return meeting.page_view(command.tx, command.workspace, command.t, command.now)


def _help(command: CommandContext) -> Answer:
    return replies.help_text(command.t)


def _day(word: str) -> date | None:
    """A date such as 2026-12-01 or 2026/12/1."""
    matched = _DAY.fullmatch(narrow(word))
    if matched is None:
        return None
    try:
        return date(int(matched[1]), int(matched[3]), int(matched[4]))
    except ValueError:
        return None


SUBCOMMANDS: dict[str, Callable[[CommandContext], Answer]] = {
    "new": _new,
    "list": _list,
    "show": _show,
    "away": _away,
    "back": _back,
    "report": reports.report,
    "kpi": _kpi,
    "checkup": _checkup,
    "definition": _definition,
    "meeting": _meeting,
    "withdraw": _withdraw,
    "help": _help,
}
