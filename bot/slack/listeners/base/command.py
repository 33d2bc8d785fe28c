"""Typed commands, on the one way through a listener (see `pipeline`). Each is answered privately at once, or opens a
form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import sqlalchemy as sa
from slack_bolt import Ack

from bot.core.base.results import Refusal, Refused
from bot.core.base.typed import narrow
from bot.slack import deferred_answers
from bot.slack.blocks.base.kit import Message, View
from bot.slack.blocks.base.reply_keys import Reply, ReplyKey
from bot.slack.blocks.mql import replies
from bot.slack.caller import Caller, first_time
from bot.slack.context import AppContext
from bot.slack.deferred_answers import Words
from bot.slack.forms import open_form
from bot.slack.listeners.base.pipeline import Admission, Body, Interaction, Listener, anybody, roster
from bot.slack.listeners.base.typed import nearest, people_named, unquoted
from bot.slack.replies import not_configured, words_of
from storage import members, mqls
from storage.models import Member, Mql
from storage.vocabulary import ReceiptKind

NAMED = 5
"""How many people one sentence names at most."""


@dataclass(frozen=True)
class CommandContext(Interaction):
    """A typed command, inside the transaction that answers it."""

    words: list[str]
    """What was typed after the subcommand."""
    first_time: bool
    """False where Slack delivers this very command again: it is answered as before, and nothing is written."""

    def say(self, key: ReplyKey, **values: object) -> Message:
        """Return a private sentence."""
        return replies.private(key, self.t, **values)

    @property
    def first_word(self) -> str:
        """The first word in lower case, or an empty one."""
        return narrow(self.words[0]).lower() if self.words else ""


@dataclass(frozen=True)
class Counting:
    """An answer that is counted from many rows, outside of the transaction that holds up whoever writes."""

    count: Callable[[sa.Connection], Message]
    words: Words
    """What is answered where that takes too long."""


Answer = Message | View | Counting | Refused | Reply
Answering = Callable[[CommandContext], Answer]


@dataclass(frozen=True)
class HelpLine:
    """A line of `/mql help`, and of the table in docs/commands.md."""

    example: str
    """What can be typed: `/mql show 12`."""
    words: str
    """The catalogue key of what it does."""


@dataclass(frozen=True)
class Subcommand:
    """A word after `/mql`. Raises ValueError for one that `/mql help` would not name."""

    word: str
    answer: Answering
    help: tuple[HelpLine, ...]
    admits: Admission = anybody
    """Who on the roster may use it."""

    def __post_init__(self) -> None:
        if not any(line.example.split()[:2] == ["/mql", self.word] for line in self.help):
            raise ValueError(f"/mql {self.word} has no line of help")


def typing(context: AppContext, answering: Answering) -> Listener:
    """Return the listener of a command."""

    def listener(ack: Ack, body: Body) -> None:
        caller = Caller.of_command(body)
        with context.database.transaction() as tx:
            answer = _answer(tx, context, caller, body.get("text", ""), answering)
        context.wake()
        if isinstance(answer, Counting):
            answer = deferred_answers.answer(context, body, partial(_counted, context, answer), answer.words)
        if isinstance(answer, Message):
            ack(text=answer.text, blocks=answer.blocks, response_type="ephemeral")
        else:
            ack()
            open_form(context, caller, answer)

    return listener


def within(command: CommandContext, subcommand: Subcommand) -> Answer:
    """Answer a subcommand; its word is taken away from the words."""
    rest = replace(command, words=command.words[1:])
    return subcommand.admits(rest) or subcommand.answer(rest)


def is_name(typed: str) -> bool:
    """Return whether a word stands for a person: @sato, <@U12>."""
    return typed.startswith(("@", "＠", "<@"))


def somebody(command: CommandContext, typed: str) -> Member | Message:
    """Return the one person whom a word names, or the sentence that it is nobody, with who is meant perhaps, or that it
    may be several."""
    people = members.roster(command.tx, command.workspace.id)
    named = people_named(people, typed)
    if len(named) == 1:
        return named[0]
    if named:
        return command.say(Reply.AWAY_WHO_SEVERAL, names=command.t.listed([member.name for member in named[:NAMED]]))
    if typed.startswith("<@"):
        return command.say(Reply.PERSON_NOT_ON_ROSTER)
    bare, close = typed.lstrip("@＠"), nearest(people, typed)
    if close:
        return command.say(Reply.NAME_UNKNOWN_NEAR, typed=bare, names=command.t.listed(close))
    return command.say(Reply.NAME_UNKNOWN, typed=bare)


def numbered(command: CommandContext) -> Mql | Message:
    """Return the MQL whose number was typed: 12, #12 or １２; or the sentence that there is none."""
    return with_number(command, command.first_word)


def with_number(command: CommandContext, typed: str) -> Mql | Message:
    """Return the MQL of a number as it was typed, or the sentence that there is none."""
    word = narrow(typed).lstrip("#")
    if not word.isdecimal():
        return command.say(Reply.BAD_NUMBER)
    number = word.lstrip("0") or "0"
    # No workspace has as many; and the database could not hold the number.
    mql = mqls.by_number(command.tx, command.workspace.id, int(number)) if len(number) <= 9 else None
    if mql is not None and mql.import_id is not None:
        return command.say(Refusal.IMPORTED, number=number)
    return mql or command.say(Refusal.NOT_FOUND, number=number)


def _answer(
    tx: sa.Connection, context: AppContext, caller: Caller, text: str, answering: Answering
) -> Message | View | Counting:
    if not Interaction(tx, context, caller, context.now()).configured:
        return not_configured(tx, caller.workspace_id)
    new = first_time(tx, context, caller, ReceiptKind.COMMAND)
    command = CommandContext(tx, context, caller, context.now(), unquoted(text), new)
    answer = roster(command) or answering(command)
    if isinstance(answer, Refused):
        return command.say(answer.reason, **words_of(answer))
    return command.say(answer) if isinstance(answer, Reply) else answer


def _counted(context: AppContext, counting: Counting) -> Message:
    with context.database.snapshot() as tx:
        return counting.count(tx)
