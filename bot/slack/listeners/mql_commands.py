"""/mql list, /mql show and /mql withdraw."""

from __future__ import annotations

from bot.core.base import team
from bot.core.base.results import ActionResult, Refusal, Refused
from bot.core.mql import withdrawal
from bot.core.reports import weekly
from bot.core.views import home, mql
from bot.slack.blocks import digest, replies
from bot.slack.blocks.kit import Message
from bot.slack.blocks.reply_keys import Reply
from bot.slack.listeners.command import Answer, CommandContext, numbered
from bot.slack.listeners.form_data import show_view
from bot.slack.listeners.pipeline import having
from storage.models import Mql
from storage.vocabulary import ClockKind, Role

LONGEST_REASON = 3000
OVERDUE = {"overdue": ("waiting", ClockKind.RESPONSE), "outcomes": ("open_debt", ClockKind.FEEDBACK)}
_sees_overdue = having(*team.LEADERS, Role.MARKETER, refusal=Reply.LIST_NOT_ALLOWED)


def listed(command: CommandContext) -> Answer:
    """Return the caller's open MQLs; after "overdue" or "outcomes" what is overdue of everybody's."""
    if command.words:
        kind = OVERDUE.get(command.words[0].lower())
        return _overdue(command, *kind) if kind else Reply.LIST_WORD
    mine = home.open_of(command.tx, command.workspace, command.by)
    return replies.mql_list(mine, command.t, command.now)


def _overdue(command: CommandContext, key: str, kind: ClockKind) -> Answer:
    if refusal := _sees_overdue(command):
        return refusal
    overdue = weekly.overdue(command.tx, command.workspace, kind, command.now, replies.LISTED)
    return digest.overdue_list(key, overdue, command.t, command.now)


def show(command: CommandContext) -> Answer:
    """Return the page of one MQL."""
    subject = numbered(command)
    if isinstance(subject, Message):
        return subject
    (view,) = mql.mql_views(command.tx, command.workspace, [subject])
    return show_view(command, view)


def withdraw(command: CommandContext) -> Answer:
    """Take back what was a test or a mistake; what is typed after the number is the reason."""
    subject = numbered(command)
    if isinstance(subject, Message):
        return subject
    outcome = _withdraw(command, subject) if command.first_time else _as_before(command, subject)
    key = outcome.reason if isinstance(outcome, Refused) else Reply.WITHDRAW_DONE
    return command.say(key, number=subject.number)


def _withdraw(command: CommandContext, subject: Mql) -> ActionResult:
    reason = " ".join(command.words[1:])[:LONGEST_REASON] or None
    return withdrawal.withdraw(command.tx, command.workspace.id, subject.id, command.by, reason, command.now)


def _as_before(command: CommandContext, subject: Mql) -> Refused | None:
    refusal = withdrawal.refusal(command.member, subject)
    # It was this very command that withdrew it.
    return None if refusal is not None and refusal.reason == Refusal.WITHDRAWN else refusal
