"""What the bot's messages led to, and which kind to mute."""

from __future__ import annotations

from bot.core.reports.noise import ENOUGH, NoiseReport, Share, Silenced
from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks import ids
from bot.slack.blocks.forms import modal
from bot.slack.blocks.kit import Block, Element, View, button, context, lines, section
from bot.slack.blocks.monthly import ends
from bot.slack.blocks.text import bare_name


def page(told: NoiseReport, t: Translator) -> View:
    """The report, with a button at what is proposed and at what is muted."""
    said = [Mrkdwn(f"• {escape(_counted(one, t))}") for one in told.shares]
    blocks: list[Block] = [section(lines([escape(_about(told, t)), *said]))]
    blocks += [section(escape(_proposal(one, t)), _button("kind_mute", ids.MUTE, one, t)) for one in told.proposed]
    blocks += [section(escape(_muted(one, t)), _button("kind_unmute", ids.UNMUTE, one, t)) for one in told.muted]
    blocks.append(context(t.md("noise.footnote", count=ENOUGH)))
    return modal(t("noise.title"), blocks, t)


def _button(word: str, action_id: str, one: Share | Silenced, t: Translator) -> Element:
    return button(t(f"button.{word}"), action_id, one.kind, say=f"{t(f'button.{word}')}: {kind(one, t)}")


def text(told: NoiseReport, t: Translator) -> str:
    """The same as plain text, for a terminal."""
    parts = [t("noise.title"), "\n".join([_about(told, t), *(f"  {_counted(one, t)}" for one in told.shares)])]
    parts += [_proposal(one, t) for one in told.proposed] + [_muted(one, t) for one in told.muted]
    return "\n\n".join([*parts, t("noise.footnote", count=ENOUGH)]) + "\n"


def kind(one: Share | Silenced, t: Translator) -> str:
    """What people call a kind of message."""
    return t(f"noise.kind.{one.kind}")


def _about(told: NoiseReport, t: Translator) -> str:
    if not told.shares:
        return t("noise.nothing", limit=told.daily_limit)
    first, last = (t.day(t.local_date(at)) for at in (told.since, told.until))
    return t("noise.about", first=first, last=last, limit=told.daily_limit)


def _counted(share: Share, t: Translator) -> str:
    numbers = {"sent": t.number(share.sent), "acted": t.number(share.acted)}
    rate = t("noise.few")
    if share.rate is not None:
        rate = t("noise.rate", percent=t.percent(share.rate.value), **ends(share.rate, t))
    return t("noise.line", what=kind(share, t), rate=rate, **numbers)


def _proposal(share: Share, t: Translator) -> str:
    high = t.percent(share.rate.interval.high) if share.rate else ""
    return t("noise.proposal", what=kind(share, t), high=high)


def _muted(one: Silenced, t: Translator) -> str:
    return t("noise.muted", what=kind(one, t), day=t.day(t.local_date(one.at)), by=bare_name(one.by))
