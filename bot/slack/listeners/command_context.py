"""A typed command, as those who answer it get it."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bot.i18n import Translator
from bot.slack.blocks import replies
from bot.slack.blocks.kit import Message, View
from bot.slack.caller import Caller
from bot.slack.deferred_answers import Words
from storage.models import Member, Workspace

# What a Japanese keyboard may give for a hyphen and NFKC leaves as it is.
_HYPHENS = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fc"), "-")


@dataclass(frozen=True)
class CommandContext:
    """A command, its caller and the transaction that answers it."""

    tx: sa.Connection
    caller: Caller
    workspace: Workspace
    member: Member
    t: Translator
    now: datetime
    words: list[str]
    """What was typed after the subcommand."""
    first_time: bool
    """False where Slack delivers this very command again: it is answered as before, and nothing is written."""

    def say(self, key: str, **values: object) -> Message:
        """A private sentence."""
        return replies.private(f"reply.{key}", self.t, **values)


@dataclass(frozen=True)
class Counting:
    """What is counted from many rows, outside of the transaction that holds up whoever writes."""

    count: Callable[[sa.Connection], Message]
    words: Words
    """What is answered where that takes too long."""


# A subcommand answers with a message, or opens a view.
Answer = Message | View | Counting


def narrow(word: str) -> str:
    """What was typed, with full-width digits, signs and hyphens as ASCII."""
    return unicodedata.normalize("NFKC", word).translate(_HYPHENS)
