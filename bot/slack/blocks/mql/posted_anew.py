"""A card in the place of one that was deleted or can be edited no more."""

from __future__ import annotations

from bot.i18n import Mrkdwn, Translator
from bot.slack.blocks.base.kit import Message, context, message
from bot.slack.blocks.base.phrases import web_address


def card(shown: Message, earlier: str | None, t: Translator) -> Message:
    """Return the card with the way to the thread of the one before. `earlier`: its address in Slack."""
    if not web_address(earlier):
        return shown
    return message(Mrkdwn(shown.text), [*shown.blocks, context(Mrkdwn(f"<{earlier}|{t('card.earlier')}>"))])
