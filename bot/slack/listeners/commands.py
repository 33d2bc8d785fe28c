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
from bot.core.base.results import ACCEPT_FIRST, Outcome, Refusal, Refused
from bot.core.mql import withdrawal
from bot.core.reports import weekly
from bot.core.routing import assignment
from bot.core.views import home as home_views
from bot.core.views import mql
from bot.slack import deferred_answers
from bot.slack.blocks import digest, modals, replies
from bot.slack.blocks.kit import Message
from bot.slack.caller import Caller, first_time
from bot.slack.context import Office, configured
from bot.slack.forms import open_form
from bot.slack.listeners import definition, goals, meeting, reports
from bot.slack.listeners.command_context import Answer, Asked, Counting, narrow
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


def register(app: App, office: Office) -> None:
    """Connect the commands."""
    app.command("/mql")(_listener(office, _mql))
    app.command("/mql-feedback")(_listener(office, _feedback))


def _listener(office: Office, answer: Callable[[Asked], Answer]) -> Callable[..., None]:
    def listener(ack: Ack, body: dict[str, Any]) -> None:
        caller = Caller.of_command(body)
        with office.database.transaction() as tx:
            given = _answer(tx, office, caller, body.get("text", ""), answer)
        office.wake()
        if isinstance(given, Counting):
            given = deferred_answers.answer(office, body, partial(_counted, office, given), given.words)
        if isinstance(given, Message):
            ack(text=given.text, blocks=given.blocks, response_type="ephemeral")
        else:
            ack()
            open_form(office, caller, given)

    return listener


def _counted(office: Office, asked_for: Counting) -> Message:
    with office.database.snapshot() as tx:
        return asked_for.count(tx)


def _answer(tx: sa.Connection, office: Office, caller: Caller, text: str, answer: Callable[[Asked], Answer]) -> Answer:
    ready = configured(tx, caller)
    if ready is None:
        return not_configured()
    workspace, t = ready
    member = members.get(tx, caller.workspace_id, caller.user_id)
    if member is None or not member.active:
        return replies.private("reply.not_on_roster", t)
    new = first_time(tx, office, caller, ReceiptKind.COMMAND)
    return answer(Asked(tx, caller, workspace, member, t, office.now(), text.split(), new))


def _mql(asked: Asked) -> Answer:
    if not asked.words:
        return replies.help_text(asked.t)
    word, *rest = asked.words
    subcommand = SUBCOMMANDS.get(word.lower())
    if subcommand is None:
        return asked.say("unknown_command")
    return subcommand(replace(asked, words=rest))


def _feedback(asked: Asked) -> Answer:
    if asked.words and narrow(asked.words[0]).lower() in ALL:
        return several_view(asked.tx, asked.workspace, asked.caller.user_id, asked.t) or asked.say("several_nothing")
    if asked.words:
        found = _numbered(asked)
        return found if isinstance(found, Message) else _form(asked, found)
    mine = mqls.open_of(asked.tx, asked.workspace.id, asked.caller.user_id)
    accepted = [one for one in mine if one.awaits_outcome]
    if not mine:
        return asked.say("no_open_mqls")
    if len(mine) == 1 or len(accepted) == 1:
        return _form(asked, (accepted or mine)[0])
    views = mql.mql_views(asked.tx, asked.workspace, accepted or mine)
    if not accepted:
        return replies.accept_first(asked.say("none_accepted", count=len(mine)), views, asked.t)
    return modals.pick(views, asked.t, len(mine) - len(accepted))


def _form(asked: Asked, subject: Mql) -> Answer:
    found = report_or_refusal(asked.tx, asked.caller, subject.id)
    if isinstance(found, Refused):
        if found.reason == Refusal.NOT_ALLOWED and asked.first_time:
            by = asked.caller.user_id
            mqls.log(asked.tx, subject, EventType.REFUSED, asked.now, asked.now, actor=by, reason="feedback")
        said = asked.say(found.reason, **words_of(found))
        early = found.reason in ACCEPT_FIRST
        views = mql.mql_views(asked.tx, asked.workspace, [subject]) if early else []
        return replies.accept_first(said, views, asked.t) if early else said
    workspace, t, view = found
    return feedback_view(asked.tx, workspace, view, t)


def _numbered(asked: Asked) -> Mql | Message:
    """The MQL whose number was typed: 12, #12 or １２."""
    word = narrow(asked.words[0]).lstrip("#") if asked.words else ""
    if not word.isdecimal():
        return asked.say("bad_number")
    number = word.lstrip("0") or "0"
    # No workspace has as many; and the database could not hold the number.
    found = mqls.by_number(asked.tx, asked.workspace.id, int(number)) if len(number) <= 9 else None
    return found or asked.say("not_found", number=number)


def _new(asked: Asked) -> Answer:
    return modals.new_mql(asked.t)


def _list(asked: Asked) -> Answer:
    """My open MQLs; after "overdue" or "outcomes" what is overdue of everybody's."""
    if asked.words and asked.words[0].lower() in OVERDUE:
        return _overdue(asked, *OVERDUE[asked.words[0].lower()])
    if asked.words:
        return asked.say("list_word")
    home = home_views.home(asked.tx, asked.workspace, asked.caller.user_id, asked.now)
    return replies.mql_list(home.mine, asked.t, asked.now)


def _overdue(asked: Asked, key: str, kind: ClockKind) -> Answer:
    if not asked.member.has(*team.LEADERS, Role.MARKETER):
        return asked.say("list_not_allowed")
    overdue = weekly.overdue(asked.tx, asked.workspace, kind, asked.now, replies.LISTED)
    return digest.overdue_list(key, overdue, asked.t, asked.now)


def _show(asked: Asked) -> Answer:
    found = _numbered(asked)
    if isinstance(found, Message):
        return found
    (view,) = mql.mql_views(asked.tx, asked.workspace, [found])
    return show_view(asked.tx, asked.workspace, view, asked.t, asked.now)


def _withdraw(asked: Asked) -> Answer:
    """Take back what was a test or a mistake; what is typed after the number is the reason."""
    found = _numbered(asked)
    if isinstance(found, Message):
        return found
    outcome: Outcome | None
    if asked.first_time:
        reason = " ".join(asked.words[1:])[:LONGEST_REASON] or None
        outcome = withdrawal.withdraw(asked.tx, asked.workspace.id, found.id, asked.caller.user_id, reason, asked.now)
    else:
        outcome = withdrawal.refusal(asked.member, found)
        if outcome is not None and outcome.reason == Refusal.WITHDRAWN:
            outcome = None  # it was this very command that withdrew it
    return asked.say(outcome.reason if isinstance(outcome, Refused) else "withdraw_done", number=found.number)


def _away(asked: Asked) -> Answer:
    """Away until the start of the day that was typed; without one, until the start of tomorrow."""
    today = asked.t.local_date(asked.now)
    back = _day(asked.words[0]) if asked.words else today + timedelta(days=1)
    if back is None or back <= today or back > today + timedelta(days=MOST_AWAY_DAYS):
        return asked.say("away_bad_date")
    until = datetime.combine(back, time(), ZoneInfo(asked.workspace.timezone)).astimezone(UTC)
    if not team.set_away(asked.tx, asked.workspace.id, asked.caller.user_id, asked.now, until):
        return asked.say("only_reps")
    return asked.say("away_set", until=until)


def _back(asked: Asked) -> Answer:
    until = asked.member.away_until
    was_away = until is not None and until > asked.now
    if not team.set_away(asked.tx, asked.workspace.id, asked.caller.user_id, asked.now, None):
        return asked.say("only_reps")
    assignment.assign_waiting(asked.tx, asked.workspace.id, asked.now)
    # The same command once more finds nobody away any longer.
    return asked.say("back" if was_away or not asked.first_time else "not_away")


def _kpi(asked: Asked) -> Answer:
    if not team.may_plan(asked.member):
        return asked.say("kpi_not_allowed")
    return goals.kpi_view(asked.tx, asked.workspace, asked.t, asked.now)


def _checkup(asked: Asked) -> Answer:
    if not team.may_plan(asked.member):
        return asked.say("checkup_not_allowed")
    return goals.checkup_view(asked.tx, asked.workspace, asked.t, asked.now)


def _definition(asked: Asked) -> Answer:
    return definition.page_view(asked.tx, asked.workspace.id, asked.caller.user_id, asked.t)


def _meeting(asked: Asked) -> Answer:
    return meeting.page_view(asked.tx, asked.workspace, asked.t, asked.now)


def _help(asked: Asked) -> Answer:
    return replies.help_text(asked.t)


def _day(word: str) -> date | None:
    """A date such as 2026-12-01 or 2026/12/1."""
    matched = _DAY.fullmatch(narrow(word))
    if matched is None:
        return None
    try:
        return date(int(matched[1]), int(matched[3]), int(matched[4]))
    except ValueError:
        return None


SUBCOMMANDS: dict[str, Callable[[Asked], Answer]] = {
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
