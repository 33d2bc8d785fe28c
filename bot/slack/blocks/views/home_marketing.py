"""The App Home of marketers: the outcomes of their leads, and the state of the MQL definition."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.views.home import Marketing
from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks.base.kit import Block, context, divider, lines, section
from bot.slack.blocks.base.text import line
from storage.boards import Became
from storage.models import Definition

ORIGINS_SHOWN = 8
NAME = 40
BETWEEN = " / "


def became(marketing: Marketing, t: Translator) -> list[Block]:
    """Return what became of the leads of this month and of this week, by channel and campaign."""
    title = section(Mrkdwn(f"*{escape(t('home.became'))}*"))
    if not marketing.month and not marketing.week:
        return [divider(), title, section(t.md("home.became_nothing"))]
    of_week = {(row.channel, row.campaign): row for row in marketing.week}
    rows = {(row.channel, row.campaign): row for row in (*marketing.week, *marketing.month)}
    origins = [lines(_origin(row, of_week.get(key), t)) for key, row in list(rows.items())[:ORIGINS_SHOWN]]
    totals = lines([_total("home.became_month", marketing.month, t), _total("home.became_week", marketing.week, t)])
    left = len(rows) - len(origins)
    rest = [context(t.md("list.more", count=left))] if left > 0 else []
    return [divider(), title, section(totals), *map(section, origins), *rest]


def _origin(month: Became, week: Became | None, t: Translator) -> list[str]:
    named = BETWEEN.join(line(part, NAME) for part in (month.channel, month.campaign) if line(part, NAME))
    texts = [f"*{escape(named or t('home.became_unknown'))}*", _counts("home.became_month", month, t)]
    return texts if week is None else [*texts, _counts("home.became_week", week, t)]


def _total(key: str, rows: Sequence[Became], t: Translator) -> Mrkdwn:
    sums = [sum(column) for column in zip(*(row[2:] for row in rows), strict=True)] or [0] * 5
    return _counts(key, Became(None, None, *sums), t)


def _counts(key: str, row: Became, t: Translator) -> Mrkdwn:
    """Return one line of counts; zeros are left out."""
    counts = {name: getattr(row, name) for name in ("accepted", "qualified", "disqualified", "won")}
    parts = [t(f"home.became_{name}", count=count) for name, count in counts.items() if count]
    total = t(key, count=row.received)
    return escape(t("home.became_line", total=total, parts=t("people.between").join(parts)) if parts else total)


def definition(marketing: Marketing, t: Translator) -> list[Block]:
    """Return which version of the definition is in force, and whether another waits for agreement."""
    agreed, proposed = marketing.agreed, marketing.newest
    texts = [_agreed(agreed, t) if agreed is not None else t.md("home.definition_none")]
    if proposed is not None:
        missing = [t(f"home.side_{side}") for side in ("marketing", "sales") if getattr(proposed, f"{side}_at") is None]
        texts.append(t.md("home.definition_waits", number=proposed.number, sides=t.listed(missing)))
    return [divider(), section(lines([Mrkdwn(f"*{escape(t('home.definition'))}*"), *texts]))]


def _agreed(version: Definition, t: Translator) -> Mrkdwn:
    day = t.day(t.local_date(version.agreed_at)) if version.agreed_at is not None else ""
    return t.md("home.definition_agreed", number=version.number, day=day)
