"""What stands in the thread of the digest: the week of each rep, why MQLs were disqualified, how contacts are known."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.reports.figures import PeopleWeek, RepWeek, WeeklyReport
from bot.i18n import Translator
from bot.slack.blocks.base import budget
from bot.slack.blocks.base.kit import (
    Block,
    Element,
    Message,
    and_more,
    bulleted,
    context,
    header,
    heading,
    message,
    table,
    titled,
)
from bot.slack.blocks.base.text import bare_name
from bot.slack.blocks.reports import figures, nurturing

REPS_SHOWN = 30
"""Fewer where a message has no room for so many."""
COLUMNS = ("rep", "breached", "debt", "in_time")
"""So few that a telephone shows them all: what somebody was given stands below the name."""


def people(report: PeopleWeek | WeeklyReport, t: Translator, rest: Sequence[str] = ()) -> Message | None:
    """Return the message; None where the week has nothing of this. `rest`: figures for which the digest has no room."""
    reps = busy(report)
    reasons, contacts = figures.lost_reasons(report, t), figures.contacts(report, t)
    segments = nurturing.segments(report.nurturing, t)
    if not (reps or reasons or contacts or segments or rest):
        return None
    lists = (
        (t("digest.more_figures"), rest),
        (t("digest.lost_reasons"), reasons),
        (t("digest.contacts"), contacts),
        (t("digest.segments"), segments),
    )
    below = [block for title, items in lists for block in bulleted(title, items)]
    below += [context(t.md("people.footnote"))] if reps else []
    title = header(t("digest.nurturing") if segments and not (reps or reasons or contacts) else t("people.title"))
    tables = ([title, *_table(reps, most, t), *below] for most in range(REPS_SHOWN, 0, -1))
    blocks = next(blocks for blocks in tables if budget.fits(blocks))
    return message(t.md("people.notification", first=t.day(report.first), last=t.day(report.last)), blocks)


def busy(report: PeopleWeek | WeeklyReport) -> list[RepWeek]:
    """Return those with anything to tell, whoever has most overdue first."""
    weeks = [week for week in report.reps if week.received or week.in_time or week.breached or week.debt]
    return sorted(weeks, key=lambda week: (-week.breached, -week.debt, -week.received))


def people_lines(report: WeeklyReport, t: Translator) -> list[str]:
    """Return the same as lines of text."""
    reps = busy(report)
    left = len(reps) - REPS_SHOWN
    return [*(_line(week, t) for week in reps[:REPS_SHOWN]), *([t("people.more", count=left)] if left > 0 else [])]


def _table(reps: Sequence[RepWeek], most: int, t: Translator) -> list[Block]:
    if not reps:
        return []
    rows: list[list[str | Element]] = [[heading(t(f"people.column.{name}")) for name in COLUMNS]]
    rows += [_row(*_counts(week, t)) for week in reps[:most]]
    if len(reps) > 1:
        sums = [t.number(sum(column)) for column in zip(*map(_numbers, reps), strict=True)]
        rows.append(_row(t("people.total"), *sums))
    times = [_times(week, t) for week in reps[:most] if week.breached]
    return [table(rows), *and_more(len(reps) - most, t, "people.more"), *bulleted(t("people.times"), times)]


def _row(name: str, received: str, *others: str) -> list[str | Element]:
    return [titled(name, received, bold=True), *others]


def _times(week: RepWeek, t: Translator) -> str:
    """Where the time of a rep's overdue MQLs went."""
    rep = _name(week, t) if week.user_id else t("people.nobody")
    return t("people.times_of", name=rep, parts=figures.week_parts(week, t))


def _counts(week: RepWeek, t: Translator) -> list[str]:
    counts = _numbers(week)
    if not week.user_id:
        return [t("people.nobody"), *(t.number(count) if count else "" for count in counts)]
    return [_name(week, t), *(t.number(count) for count in counts)]


def _numbers(week: RepWeek) -> tuple[int, ...]:
    return week.received, week.breached, week.debt, week.in_time


def _name(week: RepWeek, t: Translator) -> str:
    return t("people.name", rep=bare_name(week.name, 40) or week.user_id)


def _line(week: RepWeek, t: Translator) -> str:
    """One rep's week. The parts of lost time are named only where a deadline passed."""
    clauses = []
    if week.user_id:
        clauses = [t("digest.rep_received", count=week.received), t("digest.rep_in_time", count=week.in_time)]
    elif week.in_time:
        clauses = [t("digest.rep_in_time", count=week.in_time)]
    if week.breached:
        clauses.append(t("digest.rep_breached", count=week.breached, parts=figures.week_parts(week, t)))
    if week.debt:
        clauses.append(t("digest.rep_debt", count=week.debt))
    return t(
        "digest.rep" if week.user_id else "digest.nobody",
        rep=bare_name(week.name) or week.user_id,
        week=t("digest.between").join(clauses),
    )
