"""The weekly digest: the one sentence that matters, both sides of the agreement, and what to act on now."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.core.views import MqlView, WeeklyReport
from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks import buttons, figures, meeting
from bot.slack.blocks.kit import (
    Block,
    Element,
    Message,
    actions,
    context,
    divider,
    header,
    lines,
    message,
    section,
    sentence,
)
from bot.slack.blocks.phrases import deadline, link, numbered, owner_name
from storage.vocabulary import ClockKind

BREACHES_SHOWN = 6
DEBT_SHOWN = 5
REPS_SHOWN = 30

Rows = list[tuple[str, str]]


def weekly(report: WeeklyReport, t: Translator) -> Message:
    """The digest as a message, within a minute's reading."""
    head = _headline(report, t)
    blocks: list[Block] = [header(_title(report, t)), section(Mrkdwn(f"*{escape(head)}*"))]
    blocks += _to_act_on("digest.open_breaches", report.open_breaches, BREACHES_SHOWN, t, _for_breach)
    blocks += [divider(), *_side("digest.sales", figures.sales(report, t), t)]
    blocks += _side("digest.marketing", figures.marketing(report, t), t)
    blocks += _side("digest.outcomes", figures.outcomes(report, t), t)
    blocks += _paragraph("digest.lost_reasons", figures.lost_reasons(report, t), t)
    blocks += _paragraph("digest.reps", [figures.rep(one, t) for one in report.reps[:REPS_SHOWN]], t)
    blocks += _to_act_on("digest.open_debt", report.debt, DEBT_SHOWN, t, _for_debt)
    blocks += meeting.in_digest(report.actions, t)
    blocks.append(context(t.md("digest.footnote")))
    return message(t.md("digest.notification", head=head), blocks)


def erased(period: str, t: Translator) -> Message:
    """In the place of a digest, once somebody whom it may have named has been erased."""
    return sentence(t.md("digest.erased", period=period))


def weekly_text(report: WeeklyReport, t: Translator) -> str:
    """The same figures as plain text, for a terminal."""
    parts = [_title(report, t), _headline(report, t)]
    for key, rows in (
        ("digest.sales", figures.sales(report, t)),
        ("digest.marketing", figures.marketing(report, t)),
        ("digest.outcomes", figures.outcomes(report, t)),
    ):
        parts.append("\n".join([t(key), *(f"  {one}" for one in _worded(rows, t))]))
    for key, told in (
        ("digest.lost_reasons", figures.lost_reasons(report, t)),
        ("digest.reps", [figures.rep(one, t) for one in report.reps]),
        ("digest.open_breaches", [_overdue(one, t) for one in report.open_breaches]),
        ("digest.open_debt", [_overdue(one, t) for one in report.debt]),
    ):
        if told:
            parts.append("\n".join([t(key, count=len(told)), *(f"  {one}" for one in told)]))
    return "\n\n".join(parts) + "\n"


def _title(report: WeeklyReport, t: Translator) -> str:
    return t("digest.title", first=t.day(report.first), last=t.day(report.last))


def _headline(report: WeeklyReport, t: Translator) -> str:
    """What to do first; then how the week went."""
    week = report.now
    if not week.received:
        went = t("digest.went_none")
    elif not week.due:
        went = t("digest.went_not_due", count=week.received)
    elif week.in_time == week.due:
        went = t("digest.went_well", count=week.due)
    else:
        went = t("digest.went", count=week.due, in_time=week.in_time)
    if report.open_breaches:
        return t.flow(t("digest.first_breaches", count=len(report.open_breaches)), went)
    if report.debt:
        return t.flow(went, t("digest.first_debt", count=len(report.debt)))
    return went


def _worded(rows: Rows, t: Translator) -> list[str]:
    return [t("digest.line", what=t(f"digest.figure.{name}"), value=value) for name, value in rows]


def _side(key: str, rows: Rows, t: Translator) -> list[Block]:
    return _paragraph(key, _worded(rows, t), t)


def _paragraph(key: str, told: Sequence[str], t: Translator) -> list[Block]:
    if not told:
        return []
    bullets = [Mrkdwn(f"• {escape(one)}") for one in told]
    title = Mrkdwn(f"*{escape(t(key, count=len(told)))}*")
    chunks = [bullets[i : i + 10] for i in range(0, len(bullets), 10)]
    return [section(lines([title, *chunks[0]])), *(section(lines(chunk)) for chunk in chunks[1:])]


def _to_act_on(
    key: str,
    views: Sequence[MqlView],
    most: int,
    t: Translator,
    elements: Callable[[MqlView, Translator], list[Element]],
) -> list[Block]:
    if not views:
        return []
    blocks: list[Block] = [divider(), section(Mrkdwn(f"*{escape(t(key, count=len(views)))}*"))]
    for one in views[:most]:
        blocks += [section(lines([Mrkdwn(f"*{link(one, t)}*"), escape(_since(one, t))])), *actions(elements(one, t))]
    left = len(views) - most
    return [*blocks, context(t.md("list.more", count=left))] if left > 0 else blocks


def _for_breach(view: MqlView, t: Translator) -> list[Element]:
    return [buttons.reassign(view, t, primary=True), *buttons.remind(view, t), buttons.show(view, t)]


def _for_debt(view: MqlView, t: Translator) -> list[Element]:
    return [buttons.show(view, t), buttons.reassign(view, t)]


def _overdue(view: MqlView, t: Translator) -> str:
    return f"{numbered(view.mql, t)} {_since(view, t)}"


def _since(view: MqlView, t: Translator) -> str:
    """Who has it and since when it is overdue."""
    due = deadline(view)
    clock = due.clock if due else view.response
    rep = t("card.owner_name", name=owner_name(view, t)) if view.mql.owner else t("status.unassigned")
    kind = due.kind if due else ClockKind.RESPONSE
    return t("digest.since", rep=rep, due=t(f"due.{kind}", at=t.moment(clock.due_at)))
