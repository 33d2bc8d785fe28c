"""A rep's own week, by direct message."""

from __future__ import annotations

from bot.core.reports.figures import Overdue
from bot.core.reports.own_week import OwnWeek
from bot.core.views.mql import MqlView
from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks import buttons, ids
from bot.slack.blocks.kit import (
    Block,
    Element,
    Message,
    actions,
    button,
    context,
    divider,
    header,
    lines,
    message,
    section,
    sentence,
)
from bot.slack.blocks.phrases import deadline, due_text, link
from storage.vocabulary import Status

ON, OFF = "1", "0"


def own_week(told: OwnWeek, t: Translator) -> Message | None:
    """The message; None where there is nothing at all to say."""
    if told.empty:
        return None
    head = _headline(told, t)
    figures = [Mrkdwn(f"• {escape(one)}") for one in _figures(told, t)]
    blocks: list[Block] = [header(t("own_week.heading", first=t.day(told.first), last=t.day(told.last)))]
    blocks.append(section(lines([Mrkdwn(f"*{escape(head)}*"), *figures])))
    for key, overdue in (("waiting", told.waiting), ("debt", told.debt), ("next", told.next)):
        blocks += _listed(key, overdue, t)
    blocks += [context(t.md("own_week.footnote")), *actions([switch(t, wanted=True)])]
    return message(t.md("own_week.notification", head=head), blocks)


def erased(t: Translator) -> Message:
    """In its place, once somebody whom it may have named has been erased."""
    return sentence(t.md("own_week.erased"))


def switch(t: Translator, *, wanted: bool) -> Element:
    """The button that stops or starts it."""
    return button(t(f"own_week.{'stop' if wanted else 'start'}"), ids.OWN_WEEK, OFF if wanted else ON)


def _headline(told: OwnWeek, t: Translator) -> str:
    """What to do first; else how it went."""
    if told.waiting.count:
        return t("own_week.first_waiting", count=told.waiting.count)
    if told.debt.count:
        return t("own_week.first_debt", count=told.debt.count)
    if told.week.breached:
        return t("own_week.first_breached", count=told.week.breached)
    if told.week.in_time:
        return t("own_week.first_well", count=told.week.in_time)
    return t("own_week.first_next", count=told.next.count) if told.next.count else t("own_week.first_nothing")


def _figures(told: OwnWeek, t: Translator) -> list[str]:
    week = told.week
    counts = {"received": week.received, "in_time": week.in_time}
    said = [t(f"own_week.{name}", count=count) for name, count in counts.items() if count]
    if week.breached:
        spans = {"idle": week.idle, "off": week.off_duty, "none": week.unassigned}
        hours = {name: t.brief(span) for name, span in spans.items()}
        said.append(t("own_week.breached", count=week.breached, **hours))
    if any(told.outcomes.values()):
        names = ("qualified", "disqualified", "recycled")
        reported = {name: told.outcomes.get(Status(name), 0) for name in names}
        said.append(t("own_week.outcomes", **reported))
    return said


def _listed(key: str, overdue: Overdue, t: Translator) -> list[Block]:
    if not overdue.count:
        return []
    title = escape(t(f"own_week.{key}", count=overdue.count))
    blocks: list[Block] = [divider(), section(Mrkdwn(f"*{title}*"))]
    for one in overdue.oldest:
        blocks += [section(_one(one, t)), *([] if key == "next" else actions(buttons.for_owner(one, t)))]
    left = overdue.count - len(overdue.oldest)
    return [*blocks, *([context(t.md("own_week.more", count=left))] if left else [])]


def _one(view: MqlView, t: Translator) -> Mrkdwn:
    due = deadline(view)
    return lines([Mrkdwn(f"*{link(view, t)}*"), escape(due_text(due, t)) if due else None])
