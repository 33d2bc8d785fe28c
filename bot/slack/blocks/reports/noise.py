"""What the bot's messages led to, and which kind to mute."""

from __future__ import annotations

from bot.core.reports.noise import ENOUGH, NoiseReport, Share, Silenced
from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.forms import modal
from bot.slack.blocks.base.kit import Block, Element, View, button, context, lines, section
from bot.slack.blocks.base.text import bare_name
from bot.slack.blocks.reports.monthly import ends


def page(report: NoiseReport, t: Translator) -> View:
    """Return the report, with a button at what is proposed and at what is muted."""
    bullets = [Mrkdwn(f"• {escape(_counted(item, t))}") for item in report.shares]
    blocks: list[Block] = [section(lines([escape(_about(report, t)), *bullets]))]
    blocks += [section(escape(_proposal(item, t)), _button("kind_mute", ids.MUTE, item, t)) for item in report.proposed]
    blocks += [section(escape(_muted(item, t)), _button("kind_unmute", ids.UNMUTE, item, t)) for item in report.muted]
    blocks.append(context(t.md("noise.footnote", count=ENOUGH)))
    return modal(t("noise.title"), blocks, t)


def _button(word: str, action_id: str, item: Share | Silenced, t: Translator) -> Element:
    return button(t(f"button.{word}"), action_id, item.kind, say=f"{t(f'button.{word}')}: {kind(item, t)}")


def text(report: NoiseReport, t: Translator) -> str:
    """Return the same as plain text, for a terminal."""
    parts = [t("noise.title"), "\n".join([_about(report, t), *(f"  {_counted(item, t)}" for item in report.shares)])]
    parts += [_proposal(item, t) for item in report.proposed] + [_muted(item, t) for item in report.muted]
    return "\n\n".join([*parts, t("noise.footnote", count=ENOUGH)]) + "\n"


def kind(item: Share | Silenced, t: Translator) -> str:
    """Return what people call a kind of message."""
    return t(f"noise.kind.{item.kind}")


def _about(report: NoiseReport, t: Translator) -> str:
    if not report.shares:
        return t("noise.nothing", limit=report.daily_limit)
    first, last = (t.day(t.local_date(at)) for at in (report.since, report.until))
    return t("noise.about", first=first, last=last, limit=report.daily_limit)


def _counted(share: Share, t: Translator) -> str:
    numbers = {"what": kind(share, t), "sent": t.number(share.sent), "acted": t.number(share.acted)}
    if share.rate is None:
        return t("noise.line_counts", **numbers)
    rate = t("noise.rate", percent=t.percent(share.rate.value), **ends(share.rate, t))
    return t("noise.line", rate=rate, **numbers)


def _proposal(share: Share, t: Translator) -> str:
    high = t.percent(share.rate.interval.high) if share.rate else ""
    return t("noise.proposal", what=kind(share, t), high=high)


def _muted(silenced: Silenced, t: Translator) -> str:
    return t("noise.muted", what=kind(silenced, t), day=t.day(t.local_date(silenced.at)), by=bare_name(silenced.by))
