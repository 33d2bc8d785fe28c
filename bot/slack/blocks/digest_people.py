"""What stands in the thread of the digest: the week of each rep, why MQLs were disqualified, how contacts are known."""

from __future__ import annotations

from datetime import timedelta

from bot.core.reports.figures import PeopleWeek, RepWeek, WeeklyReport
from bot.i18n import Translator
from bot.slack.blocks import figures
from bot.slack.blocks.kit import Block, Message, and_more, bulleted, context, header, message, table
from bot.slack.blocks.text import bare_name

REPS_SHOWN = 30
COLUMNS = ("rep", "received", "breached", "debt", "in_time", "idle", "off_duty", "unassigned")


def people(report: PeopleWeek | WeeklyReport, t: Translator) -> Message | None:
    """Return the message; None where the week has nothing of this."""
    reps = busy(report)
    reasons, contacts = figures.lost_reasons(report, t), figures.contacts(report, t)
    if not (reps or reasons or contacts):
        return None
    blocks: list[Block] = [header(t("people.title"))]
    if reps:
        rows = [[t(f"people.column.{name}") for name in COLUMNS], *(_row(week, t) for week in reps[:REPS_SHOWN])]
        blocks.append(table(rows))
        blocks += and_more(len(reps) - REPS_SHOWN, t, "people.more")
    for key, items in (("digest.lost_reasons", reasons), ("digest.contacts", contacts)):
        blocks += bulleted(t(key), items)
    blocks += [context(t.md("people.footnote"))] if reps else []
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


def _row(week: RepWeek, t: Translator) -> list[str]:
    spans = (week.idle, week.off_duty, week.unassigned)
    if not week.user_id:
        return [t("people.nobody"), "", t.number(week.breached), "", "", *(_hours(span, t) for span in spans)]
    counts = [t.number(count) for count in (week.received, week.breached, week.debt, week.in_time)]
    return [_name(week, t), *counts, *(_hours(span, t) for span in spans)]


def _hours(span: timedelta, t: Translator) -> str:
    return t.brief(span) if span else ""


def _name(week: RepWeek, t: Translator) -> str:
    return t("people.name", rep=bare_name(week.name, 40) or week.user_id)


def _line(week: RepWeek, t: Translator) -> str:
    """One rep's week. The parts of lost time are named only where a deadline passed."""
    if not week.user_id:
        return t("digest.nobody", count=week.breached, none=t.hours(week.unassigned), off=t.hours(week.off_duty))
    clauses = [t("digest.rep_received", count=week.received), t("digest.rep_in_time", count=week.in_time)]
    if week.breached:
        spent = t(
            "digest.rep_parts", idle=t.hours(week.idle), off=t.hours(week.off_duty), none=t.hours(week.unassigned)
        )
        clauses.append(t("digest.rep_breached", count=week.breached, parts=spent))
    if week.debt:
        clauses.append(t("digest.rep_debt", count=week.debt))
    return t("digest.rep", rep=bare_name(week.name) or week.user_id, week=t("digest.between").join(clauses))
