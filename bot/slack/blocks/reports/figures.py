"""A week's figures as lines of plain text, each beside the week before, and where the time of a clock went. Nothing is
divided by zero, and no share stands without its counts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from bot.core.agreement.goals import reached
from bot.core.reports import headline
from bot.core.reports.figures import Contacts, Figures, PeopleWeek, RepWeek, WeeklyReport
from bot.core.reports.kpi_target import Progress
from bot.core.reports.pauses import NO_PAUSES, Pauses
from bot.i18n import Translator
from bot.slack.blocks.base.text import line
from bot.slack.blocks.sla.time_breakdown import whole_minutes

Share = tuple[int, int]
Span = timedelta | None
REASONS_SHOWN = 5
SELDOM = (
    *("lead_in_time", "escalated", "pauses", "touches", "debt", "repeated"),
    *("unreadable", "set_aside", "held", "withdrawn", "imported"),
)
"""Of these nothing is said while there are none, neither this week nor last."""


@dataclass(frozen=True)
class Row:
    """One figure of the week, as text."""

    name: str
    now: str
    before: str = ""
    goal: str = ""
    """What was agreed; whether it was kept, is marked in `now`."""
    filled: bool = True
    """Whether there is anything to it, this week or last."""
    says: bool = True
    """Whether there is anything to say of this week."""
    what: str = ""
    """Its title, where that is not always the same."""

    def title(self, t: Translator) -> str:
        """Return what it counts."""
        return self.what or t(f"digest.figure.{self.name}")


def sales(report: WeeklyReport, t: Translator) -> list[Row]:
    """Sales' side of the agreement."""
    now, before, goals = report.now, report.before, report.goals
    in_time, reported = (now.in_time, now.due), (now.feedback_given, now.feedback_due)
    rows = [
        _against(goals.answered_in_time, in_time, _share("in_time", in_time, (before.in_time, before.due), t), t),
        _by_age(now, before, t),
        _share("responded", (now.responded, now.received), (before.responded, before.received), t),
        _speed("speed", (now.median, now.p90), (before.median, before.p90), t),
        _on_calendar(report, t),
        _share("contacted", (now.contacted.count, now.received), (before.contacted.count, before.received), t),
        _count("breached", now.breached, before.breached, t),
        _count("escalated", now.escalated, before.escalated, t),
        _pauses(now.pauses, before.pauses, t),
        _touches(now, before, t),
        _against(
            goals.outcomes_reported,
            reported,
            _share("feedback", reported, (before.feedback_given, before.feedback_due), t),
            t,
        ),
        _outcomes(now, before, t),
        _count("debt", _debt(now), _debt(before), t),
    ]
    return [row for row in rows if row.filled or row.name not in SELDOM]


def _touches(now: Figures, before: Figures, t: Translator) -> Row:
    """Return how many promised contacts were made, where any was promised."""
    kept = _share("touches", (now.touches_kept, now.touches_due), (before.touches_kept, before.touches_due), t)
    return replace(kept, filled=bool(now.touches_due or before.touches_due))


def _of_gate(report: WeeklyReport, t: Translator) -> Row:
    counts = {"held": report.held, "handed_over": report.handed_over, "nurtured": report.nurtured}
    words = {name: t.number(count) for name, count in counts.items()}
    return Row("held", t("digest.held", **words), filled=any(counts.values()))


def marketing(report: WeeklyReport, t: Translator) -> list[Row]:
    """Marketing's side: how many came, whether they could be reached, and how many sales turned down."""
    now, before, goals = report.now, report.before, report.goals
    reachable, rejected = (now.contactable, now.received), _rejected(now)
    rows = [
        _count("received", now.received, before.received, t, always=True),
        *([_progress(report.plan, t)] if report.plan else []),
        _against(
            goals.contactable, reachable, _share("contactable", reachable, (before.contactable, before.received), t), t
        ),
        _count("repeated", now.repeated, before.repeated, t),
        _against(goals.disqualified, rejected, _share("rejected", rejected, _rejected(before), t), t, at_most=True),
        Row("unreadable", t("digest.count", count=t.number(report.unreadable)), filled=report.unreadable > 0),
        Row("set_aside", t("digest.count", count=t.number(report.set_aside)), filled=report.set_aside > 0),
        _of_gate(report, t),
        _count("withdrawn", now.withdrawn, before.withdrawn, t),
        _count("imported", now.imported, before.imported, t),
    ]
    return [row for row in rows if row.filled or row.name not in SELDOM]


def _by_age(now: Figures, before: Figures, t: Translator) -> Row:
    """Return how many were answered in time by the age of their leads, where the clocks say otherwise."""
    ages, clocks = ([(week.lead_in_time, week.lead_due), (week.in_time, week.due)] for week in (now, before))
    row = _share("lead_in_time", ages[0], clocks[0], t)
    return replace(row, filled=ages[0] != ages[1] or clocks[0] != clocks[1])


def contacts(report: PeopleWeek | WeeklyReport, t: Translator) -> list[str]:
    """Return how many were contacted and how fast, all and with proof."""
    now, before = report.now, report.before
    rows = []
    for name, mine, other in (("contacted", now.contacted, before.contacted), ("proven", now.proven, before.proven)):
        if mine.count or other.count:
            row = _share(name, (mine.count, now.received), (other.count, before.received), t)
            times = _times(mine, t)
            rows.append(t("digest.line_and_more", line=line_of(row, t), more=times) if times else line_of(row, t))
    if now.proven_by_crm or before.proven_by_crm:
        share = _share("by_crm", (now.proven_by_crm, now.received), (before.proven_by_crm, before.received), t)
        rows.append(line_of(share, t))
    return rows


def _times(contacts: Contacts, t: Translator) -> str:
    if contacts.median is None or contacts.p90 is None:
        return ""
    return t("digest.contact_times", median=t.brief(contacts.median), p90=t.brief(contacts.p90))


def line_of(row: Row, t: Translator) -> str:
    """Return a figure as a line of text."""
    beside = [t("digest.before", before=row.before)] if row.before else []
    beside += [t("digest.goal", goal=row.goal)] if row.goal else []
    value = t("digest.beside", now=row.now, beside=t("digest.between").join(beside)) if beside else row.now
    return t("digest.line", what=row.title(t), value=value)


def _speed(name: str, now: tuple[Span, Span], before: tuple[Span, Span], t: Translator) -> Row:
    shown = [_both(now, t), _both(before, t)]
    arrow = arrow_of(now[0].total_seconds(), before[0].total_seconds()) if now[0] and before[0] else ""
    return Row(
        name, with_arrow(arrow, shown[0], t), shown[1] or t("digest.no_data"), filled=any(shown), says=bool(shown[0])
    )


def _both(spans: tuple[Span, Span], t: Translator) -> str | None:
    median, p90 = spans
    if median is None or p90 is None:
        return None
    return t("digest.median_and_p90", median=t.brief(median), within=t.brief(p90))


def _on_calendar(report: WeeklyReport, t: Translator) -> Row:
    now, before, goal = report.now, report.before, report.goals.median_response_hours
    row = _speed("speed_open", (now.median_open, now.p90_open), (before.median_open, before.p90_open), t)
    if goal is None:
        return row
    kept = None if now.median_open is None else not headline.slow(report)
    return _held(row, t("digest.goal_hours", goal=t.brief(timedelta(hours=goal))), kept)


def _outcomes(now: Figures, before: Figures, t: Translator) -> Row:
    says, reported = (bool(_rejected(week)[1]) for week in (now, before))
    return Row("outcomes", _three(now, t), _three(before, t), filled=says or reported, says=says)


def _three(week: Figures, t: Translator) -> str:
    counts = {name: t.number(getattr(week, name)) for name in ("qualified", "disqualified", "recycled")}
    return t("digest.outcomes", **counts)


def _pauses(now: Pauses, before: Pauses, t: Translator) -> Row:
    shown = [
        t("digest.pauses", begun=t.number(week.begun), paused=t.number(week.paused), time=t.brief(week.time))
        for week in (now, before)
    ]
    there = [week != NO_PAUSES for week in (now, before)]
    return Row("pauses", shown[0], shown[1], filled=any(there), says=there[0])


def _progress(plan: Progress, t: Translator) -> Row:
    planned = t("digest.about", planned=t.number(plan.planned))
    title = t("digest.figure.plan", month=t.month(plan.month))
    return Row("plan", t("digest.count", count=t.number(plan.received)), goal=planned, what=title)


def _against(percent: int | None, share: Share, row: Row, t: Translator, *, at_most: bool = False) -> Row:
    """Return a share beside its goal."""
    if percent is None:
        return row
    goal = t(f"digest.goal_{'at_most' if at_most else 'at_least'}", goal=t.percent(percent / 100))
    return _held(row, goal, reached(*share, percent, at_most=at_most))


def _held(row: Row, goal: str, kept: bool | None) -> Row:
    # The mark stands at the value: on a phone the column of the goals is out of sight.
    mark = "" if kept is None else "✓ " if kept else "✗ "
    return replace(row, goal=goal, now=f"{mark}{row.now}")


def lost_reasons(report: PeopleWeek | WeeklyReport, t: Translator) -> list[str]:
    """Return the most frequent reasons, with last week's count beside."""
    earlier = {reason.key: count for reason, count in report.before.lost_reasons}
    rows = []
    for reason, count in report.now.lost_reasons[:REASONS_SHOWN]:
        row = _count("", count, earlier.get(reason.key, 0), t)
        value = t("digest.beside", now=row.now, beside=t("digest.before", before=row.before))
        rows.append(t("digest.line", what=line(reason.label(t.locale), 50), value=value))
    return rows


def week_parts(week: RepWeek, t: Translator, mine: str = "people.part.idle") -> str:
    """Return where the time of a rep's overdue MQLs went, in whole minutes that add up to the total. `mine`: the key of
    what lay with the rep."""
    spans = {"idle": week.idle, "others": week.others, **week.parts}
    shown = {name: span for name, span in spans.items() if span}
    minutes = dict(zip(shown, whole_minutes(list(shown.values())), strict=True))
    parts = [t(mine if name == "idle" else f"people.part.{name}", time=t.exact(span)) for name, span in minutes.items()]
    return t("people.parts", total=t.exact(week.total), parts=t("people.between").join(parts))


def _debt(figures: Figures) -> int:
    """Outcomes that were overdue at the end of the week."""
    return figures.feedback_due - figures.feedback_given


def _rejected(figures: Figures) -> Share:
    return figures.disqualified, figures.reported


def _count(name: str, now: int, before: int, t: Translator, *, always: bool = False) -> Row:
    shown = [t("digest.count", count=t.number(count)) for count in (now, before)]
    return Row(
        name,
        with_arrow(arrow_of(now, before), shown[0], t),
        shown[1],
        filled=always or bool(now or before),
        says=always or bool(now or before),
    )


def _share(name: str, now: Share, before: Share, t: Translator) -> Row:
    arrow = arrow_of(now[0] * before[1], before[0] * now[1]) if now[1] and before[1] else ""
    shown = [one_share(*share, t) for share in (now, before)]
    return Row(
        name, with_arrow(arrow, shown[0], t), shown[1] or t("digest.no_data"), filled=any(shown), says=bool(shown[0])
    )


def one_share(part: int, whole: int, t: Translator) -> str | None:
    """Return a share with its counts; None where there is nothing to divide by."""
    if not whole:
        return None
    return t("digest.share", percent=t.percent(part / whole), part=t.number(part), whole=t.number(whole))


def with_arrow(arrow: str, shown: str | None, t: Translator) -> str:
    """Return a value with its arrow, or that there is none."""
    return f"{arrow} {shown or t('digest.no_data')}".strip()


def arrow_of(now: float, before: float) -> str:
    """Return whether a value is higher than the one before."""
    if now == before:
        return "→"
    return "↑" if now > before else "↓"
