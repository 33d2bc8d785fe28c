"""What only the caller is told."""

from __future__ import annotations

import sqlalchemy as sa

from bot.core.base.results import Refused
from bot.core.messages import notifications
from bot.i18n import Mrkdwn, Translator
from bot.slack.blocks import replies
from bot.slack.blocks.kit import Message
from bot.slack.caller import Caller
from bot.slack.context import AppContext
from storage.vocabulary import Locale


def explain(tx: sa.Connection, context: AppContext, caller: Caller, refused: Refused) -> None:
    """Tell the caller privately why nothing was changed."""
    reply(tx, context, caller, refused.reason.value, **words_of(refused))


def words_of(refused: Refused) -> dict[str, str | int]:
    """What the sentence that explains a refusal may name."""
    return {"by": refused.by, "rep": refused.by, "number": refused.number or 0}


def reply(tx: sa.Connection, context: AppContext, caller: Caller, key: str, **words: str | int) -> None:
    """Say something to the caller alone."""
    notifications.explain_privately(
        tx,
        caller.workspace_id,
        caller.trigger_id,
        caller.channel_id,
        caller.user_id,
        context.now(),
        f"reply.{key}",
        words,
    )


def not_configured() -> Message:
    """What everyone is told until an admin has applied the team file: in every language, since none is known yet."""
    said = [replies.private("reply.not_configured", Translator(locale, "UTC")) for locale in Locale]
    return Message(Mrkdwn("\n".join(one.text for one in said)), [block for one in said for block in one.blocks])
