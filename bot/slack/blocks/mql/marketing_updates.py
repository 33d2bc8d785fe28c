"""What marketing reads in its Slack channel: what became of an MQL, or of a day's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.core.mql.marketing_updates import Heard
from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks.base.kit import Message, first_of, lines, message, section
from bot.slack.blocks.base.phrases import EMOJI, SEPARATOR, link, numbered, owner_called
from bot.slack.blocks.base.text import line
from bot.slack.blocks.mql.lead_details import details, headline
from storage.vocabulary import DealResult, EventType, Status

SHOWN = 40
DEALS = {DealResult.WON: "🏆", DealResult.LOST: "📕"}


def outcome(heard: Heard, t: Translator) -> Message:
    """One outcome, with what sales said of it."""
    view, event = heard.view, heard.entry.event
    answered = event.type in (EventType.DISPOSED, EventType.CORRECTED)
    particulars = details(view.feedback, view.reason, t, reasoned=False) if answered and view.feedback else []
    return message(_summary(heard, t), [section(lines([_line(heard, t), *particulars]))])


def day(heard: Sequence[Heard], until: datetime, t: Translator) -> Message:
    """Return the outcomes of a day, a line each."""
    sentence = t.md("origin.day", count=len(heard), day=t.day(t.local_date(until)))
    above = [section(Mrkdwn(f"*{sentence}*"))]
    return message(sentence, [*above, *first_of(heard, SHOWN, lambda item: [section(_line(item, t))], t, beside=above)])


def _summary(heard: Heard, t: Translator) -> Mrkdwn:
    whom = numbered(heard.view.mql, t)
    return t.md("origin.summary", whom=whom, result=_result(heard, t))


def _line(heard: Heard, t: Translator) -> Mrkdwn:
    view = heard.view
    rep = t("card.owner_name", name=owner_called(view, t))
    channel = line(view.mql.channel, 60)
    source = t("origin.channel", channel=channel) if channel else None
    first = Mrkdwn(f"{_emoji(heard)} *{link(view, t)}*{SEPARATOR}{escape(_result(heard, t))}")
    return lines([first, Mrkdwn(SEPARATOR.join(escape(part) for part in (rep, source) if part))])


def _emoji(heard: Heard) -> str:
    event = heard.entry.event
    if event.type == EventType.REOPENED:
        return "⚖️"
    if event.type == EventType.UNDONE:
        return "↩️"
    if event.type == EventType.DEAL:
        return (
            DEALS[DealResult(heard.entry.after)] if heard.entry.after in tuple(DealResult) else EMOJI[Status.QUALIFIED]
        )
    return EMOJI[Status(heard.entry.after)] if heard.entry.after in tuple(Status) else "•"


def _result(heard: Heard, t: Translator) -> str:
    event, view = heard.entry.event, heard.view
    if event.type == EventType.REOPENED:
        return t("origin.reopened")
    if event.type == EventType.UNDONE:
        return t("origin.undone")
    if event.type == EventType.DEAL:
        return _deal(heard, t)
    sentence = headline(view.feedback, view.reason, t) if view.feedback else t(f"status.{view.mql.status}")
    return t("origin.corrected", result=sentence) if event.type == EventType.CORRECTED else sentence


def _deal(heard: Heard, t: Translator) -> str:
    event = heard.entry.event
    word = t(f"deal.{heard.entry.after if heard.entry.after in tuple(DealResult) else 'ongoing'}")
    amount = event.data.get("amount")
    return t("origin.deal", result=word, amount=t.money(amount)) if isinstance(amount, int) else word
