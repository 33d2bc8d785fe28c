"""What only the caller is told."""

from __future__ import annotations

import sqlalchemy as sa

from bot.core.base.results import Refused
from bot.core.messages import notifications
from bot.core.messages.notifications import Below
from bot.core.mql.refusals import AGAIN_AFTER
from bot.i18n import Mrkdwn, Translator
from bot.slack.blocks.base.kit import Message
from bot.slack.blocks.base.reply_keys import ReplyKey
from bot.slack.blocks.setup import screens
from bot.slack.caller import Caller
from bot.slack.context import AppContext
from storage import receipts, setups
from storage.vocabulary import Locale, ReceiptKind


def explain(tx: sa.Connection, context: AppContext, caller: Caller, refused: Refused, about: str) -> None:
    """Tell the caller privately why nothing was changed; `about`: what they pressed, with its value. Whoever presses it
    again within ten minutes, in the same place, has the explanation there and gets no other."""
    words = words_of(refused)
    key = ":".join(("private", caller.user_id, caller.channel_id or "", about, refused.reason, refused.by))
    if receipts.first_lately(tx, caller.workspace_id, ReceiptKind.REFUSAL, key, context.now(), AGAIN_AFTER):
        reply(tx, context, caller, refused.reason, None, **words)


def words_of(refused: Refused) -> dict[str, str | int]:
    """Return what the sentence that explains a refusal may name."""
    return {"by": refused.by, "rep": refused.by, "number": refused.number or 0}


def reply(
    tx: sa.Connection,
    context: AppContext,
    caller: Caller,
    key: ReplyKey,
    below: Below | None = None,
    **words: str | int,
) -> None:
    """Tell the caller something privately; `below`: what can be pressed there."""
    notifications.explain_privately(
        tx,
        caller.workspace_id,
        caller.trigger_id,
        caller.channel_id,
        caller.user_id,
        context.now(),
        f"reply.{key.value}",
        words,
        **(below or Below()),
    )


def not_configured(tx: sa.Connection, workspace_id: str) -> Message:
    """Return what everyone is told until the workspace has a team: who sets it up, or who can. In every language, since
    nobody's is known."""
    known = setups.get(tx, workspace_id)
    keepers = known.keepers if known is not None else []
    messages = [screens.waiting(keepers, Translator(locale, "UTC")) for locale in Locale]
    text = Mrkdwn("\n".join(message.text for message in messages))
    return Message(text, [block for message in messages for block in message.blocks])
