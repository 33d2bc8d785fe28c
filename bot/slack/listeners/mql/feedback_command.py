"""/mql-feedback: reporting the outcome of one of my MQLs, of one that is named, or of several."""

from __future__ import annotations

from bot.core.base.permissions import Permission
from bot.core.base.results import ACCEPT_FIRST, Refusal, Refused
from bot.core.mql import refusals
from bot.core.views import mql
from bot.slack.blocks.base.kit import Message
from bot.slack.blocks.base.reply_keys import Reply
from bot.slack.blocks.mql import feedback as feedback_blocks
from bot.slack.blocks.mql import replies
from bot.slack.listeners.base.command import Answer, CommandContext, HelpLine, numbered
from bot.slack.listeners.mql.form_data import feedback_view, report_or_refusal, several_view
from bot.slack.replies import words_of
from storage import mqls
from storage.models import Mql

ALL = ("all", "まとめて")
HELP = (
    HelpLine("/mql-feedback", "help.feedback"),
    HelpLine("/mql-feedback 12", "help.feedback_number"),
    HelpLine("/mql-feedback all", "help.feedback_all"),
)


def feedback(command: CommandContext) -> Answer:
    """Answer the command: the form, or the choice among several MQLs, or why there is none."""
    if command.first_word in ALL:
        return several_view(command) or Reply.SEVERAL_NOTHING
    if command.words:
        subject = numbered(command)
        return subject if isinstance(subject, Message) else _form(command, subject)
    mine = mqls.work_of(command.tx, command.workspace.id, command.by)
    accepted = [subject for subject in mine if subject.awaits_outcome]
    if not mine:
        return Reply.NO_OPEN_MQLS
    if len(mine) == 1 or len(accepted) == 1:
        return _form(command, (accepted or mine)[0])
    return feedback_blocks.pick(mql.mql_views(command.tx, command.workspace, mine), command.t)


def _form(command: CommandContext, subject: Mql) -> Answer:
    view = report_or_refusal(command, subject.id)
    return _refusal(command, subject, view) if isinstance(view, Refused) else feedback_view(command, view)


def _refusal(command: CommandContext, subject: Mql, refused: Refused) -> Message:
    if refused.reason == Refusal.NOT_ALLOWED and command.first_time:
        refusals.note(command.tx, subject, command.by, Permission.FEEDBACK, command.now)
    message = command.say(refused.reason, **words_of(refused))
    if refused.reason not in ACCEPT_FIRST:
        return message
    return replies.accept_first(message, mql.mql_views(command.tx, command.workspace, [subject]), command.t)
