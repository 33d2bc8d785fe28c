"""A rep's own week, by direct message."""

from __future__ import annotations

from bot.core.reports.figures import Overdue
from bot.core.reports.own_week import OwnWeek
from bot.core.views.mql import MqlView
from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.kit import (
    Block,
    Element,
    Message,
    actions,
    button,
    context,
    divider,
    first_of,
    header,
    lines,
    message,
    section,
)
from bot.slack.blocks.base.phrases import link, timing_text, why_paused
from bot.slack.blocks.mql import buttons
from bot.slack.blocks.mql.answered import struck
from bot.slack.blocks.reports.figures import week_parts
from storage.vocabulary import Disposition, Status

ON, OFF = "1", "0"


def own_week(report: OwnWeek, t: Translator) -> Message:
    """Return the message."""
    head = _headline(report, t)
    figures = [Mrkdwn(f"• {escape(text)}") for text in _figures(report, t)]
    blocks: list[Block] = [header(t("own_week.heading", first=t.day(report.first), last=t.day(report.last)))]
    blocks.append(section(lines([Mrkdwn(f"*{escape(head)}*"), *figures])))
    for key, overdue in (("waiting", report.waiting), ("debt", report.debt), ("next", report.next)):
        blocks += _listed(key, overdue, report, t)
    blocks += [context(t.md("own_week.footnote")), *actions([switch(t, wanted=True)])]
    return message(t.md("own_week.notification", head=head), blocks)


def switch(t: Translator, *, wanted: bool) -> Element:
    """Return the button that stops or starts it."""
    return button(t(f"own_week.{'stop' if wanted else 'start'}"), ids.OWN_WEEK, OFF if wanted else ON)


def _headline(report: OwnWeek, t: Translator) -> str:
    """Return what to do first; else how it went."""
    if report.waiting.count:
        return t("own_week.first_waiting", count=report.waiting.count)
    if report.debt.count:
        return t("own_week.first_debt", count=report.debt.count)
    if report.week.breached:
        return t("own_week.first_breached", count=report.week.breached)
    if report.week.in_time:
        return t("own_week.first_well", count=report.week.in_time)
    return t("own_week.first_next", count=report.next.count) if report.next.count else t("own_week.first_nothing")


def _figures(report: OwnWeek, t: Translator) -> list[str]:
    week = report.week
    counts = {"received": week.received, "in_time": week.in_time}
    texts = [t(f"own_week.{name}", count=count) for name, count in counts.items() if count]
    if week.breached:
        texts.append(t("own_week.breached", count=week.breached, parts=week_parts(week, t, mine="own_week.idle")))
    counted = [(outcome, report.outcomes.get(Status(outcome), 0)) for outcome in Disposition]
    if reported := [t(f"own_week.outcome.{outcome}", count=count) for outcome, count in counted if count]:
        texts.append(t("own_week.outcomes", parts=t("people.between").join(reported)))
    return texts


def _listed(key: str, overdue: Overdue, report: OwnWeek, t: Translator) -> list[Block]:
    if not overdue.count and not overdue.oldest:
        return []
    title = escape(t(f"own_week.{key}", count=overdue.count))

    def rows(mql: MqlView) -> list[Block]:
        if report.over(mql):
            return [section(struck(mql, t, report.week.user_id))]
        return [section(_line(mql, t)), *([] if key == "next" else actions(buttons.for_owner(mql, t)))]

    waits = sum(not report.over(mql) for mql in overdue.oldest)
    count = len(overdue.oldest) + max(0, overdue.count - waits)
    shown = first_of(overdue.oldest, len(overdue.oldest), rows, t, count=count, more="own_week.more")
    return [divider(), section(Mrkdwn(f"*{title}*")), *shown]


def _line(view: MqlView, t: Translator) -> Mrkdwn:
    timing = timing_text(view, t)
    return lines([Mrkdwn(f"*{link(view, t)}*"), escape(timing) if timing else None, why_paused(view, t)])
