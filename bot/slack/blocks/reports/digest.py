"""The weekly digest: the one sentence that matters, both sides of the agreement beside last week and what was agreed,
and what to act on now. Everything else stands in its thread (digest_thread)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import chain

from bot.core.reports import headline
from bot.core.reports.figures import Overdue, WeeklyReport
from bot.core.reports.headline import Matter
from bot.core.views.disputes import Undecided
from bot.core.views.mql import MqlView
from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks.base import budget
from bot.slack.blocks.base.kit import (
    Block,
    Element,
    Message,
    actions,
    and_more,
    bulleted,
    context,
    divider,
    first_of,
    header,
    heading,
    lines,
    message,
    section,
    sentence,
    table,
    titled,
)
from bot.slack.blocks.base.phrases import (
    WHY_SHOWN,
    deadline,
    due_text,
    link,
    numbered,
    owner_called,
    paused,
    paused_deadline,
    paused_until,
    timing_text,
)
from bot.slack.blocks.base.text import line
from bot.slack.blocks.mql import buttons
from bot.slack.blocks.mql.replies import row
from bot.slack.blocks.reports import figures, nurturing
from bot.slack.blocks.reports.digest_people import busy, people_lines
from bot.slack.blocks.reports.figures import Row
from bot.slack.blocks.review import meeting

WAITING_SHOWN = 5
DEBT_SHOWN = 3
WHY_IN_DIGEST = 60
ROWS_SHOWN = 10
MAIN = (
    "received",
    "in_time",
    "speed",
    "breached",
    "feedback",
    "debt",
    "outcomes",
    "contactable",
    "rejected",
    "contacted",
)
"""Which figures are taken first, of those without a goal."""


def weekly(
    report: WeeklyReport, t: Translator, *, whole: bool = False, may_act: bool = True, marketer: bool = False
) -> Message:
    """Return the digest as a message, within a minute's reading; `whole`: with what else stands in its thread;
    `may_act`: the reader may give an overdue MQL to somebody else, have its owner asked, and decide disputes;
    `marketer`: the reader is told which figures of marketing's are not supplied."""
    head, also = _first(report, t)
    top: list[Block] = [header(_title(report, t)), section(lines([Mrkdwn(f"*{escape(head)}*"), escape(also)]))]
    notes = _nurturing_notes(report, t, marketer=marketer)
    below = _below_waiting(report, t, whole=whole, may_act=may_act)
    rows: Sequence[Sequence[Block]] = [
        _waiting_row(view, t, may_act=may_act) for view in report.waiting.oldest[:WAITING_SHOWN]
    ]
    blocks = [
        *top,
        _table(report, t, whole=whole, bold=True),
        *notes,
        *_titled("waiting", report.waiting, rows, t),
        *below,
    ]
    if not budget.fits(blocks):
        above = [*top, _table(report, t, whole=whole, bold=False), *notes]
        rows = budget.rows_that_fit(rows, [*above, *_titled("waiting", report.waiting, [], t), *below])
        blocks = [*above, *_titled("waiting", report.waiting, rows, t), *below]
    return message(t.md("digest.notification", head=head), blocks)


def _nurturing_notes(report: WeeklyReport, t: Translator, *, marketer: bool) -> list[Block]:
    notes = nurturing.notes(report.nurturing, report.period, t, marketer=marketer)
    return [context(lines([escape(note) for note in notes]))] if notes else []


def _below_waiting(report: WeeklyReport, t: Translator, *, whole: bool, may_act: bool) -> list[Block]:
    blocks = [*_debt(report.debt, t), *(_undecided(report.undecided, t) if may_act else [])]
    blocks += meeting.in_digest(report.actions, t)
    for title, items in _details(report, t) if whole else ():
        blocks += bulleted(title, items)
    notes = [t("digest.footnote")]
    if not whole and headline.went(report) != Matter.QUIET and (below := _below(report, t)):
        notes.append(t("digest.footnote_thread", parts=t.listed(below)))
    return [*blocks, context(escape(t.flow(*notes)))]


def overdue_list(key: str, overdue: Overdue, t: Translator, now: datetime) -> Message:
    """Return what is overdue now, `key` "waiting" or "open_debt", the oldest first."""
    if not overdue.count:
        return sentence(t.md("digest.list_nothing"))
    heading_text = t.md(f"digest.list_{key}", count=overdue.count)
    above, oldest, more = [section(heading_text)], overdue.oldest, "digest.list_more"
    rows = first_of(
        oldest,
        len(oldest),
        lambda view: [row(view, t, now, owner=True)],
        t,
        count=overdue.count,
        more=more,
        beside=above,
    )
    return message(heading_text, [*above, *rows])


def erased(period: str, t: Translator) -> Message:
    """In the place of a digest, once somebody whom it may have named has been erased."""
    return sentence(t.md("digest.erased", period=period))


def weekly_text(report: WeeklyReport, t: Translator) -> str:
    """Return the same figures as plain text, for a terminal."""
    parts = [_title(report, t), "\n".join(item for item in _first(report, t) if item)]
    for key, rows in _sides(report, t):
        parts.append("\n".join([t(key), *(f"  {figures.line_of(row, t)}" for row in rows)]))
    if notes := nurturing.notes(report.nurturing, report.period, t, marketer=True):
        parts.append("\n".join(notes))
    overdue = (("digest.waiting", report.waiting), ("digest.open_debt", report.debt))
    listed = [(t(key, count=of.count), _listed(of, t)) for key, of in overdue]
    listed.append((t("meeting.actions", count=len(report.actions)), meeting.in_text(report.actions, t)))
    for title, items in chain(_details(report, t), listed):
        if items:
            parts.append("\n".join([title, *(f"  {item}" for item in items)]))
    return "\n\n".join(parts) + "\n"


def _details(report: WeeklyReport, t: Translator) -> list[tuple[str, list[str]]]:
    parts = {
        "digest.contacts": figures.contacts(report, t),
        "digest.lost_reasons": figures.lost_reasons(report, t),
        "digest.reps": people_lines(report, t),
        "digest.segments": nurturing.segments(report.nurturing, t),
    }
    return [(t(key), items) for key, items in parts.items() if items]


def _below(report: WeeklyReport, t: Translator) -> list[str]:
    """Return what the thread of the digest has for certain: a trend needs two weeks in which something was due."""
    there = {
        "figures": rest(report, t),
        "people": busy(report),
        "reasons": figures.lost_reasons(report, t),
        "segments": report.nurturing.segments,
        "trend": report.now.due and report.before.due,
    }
    return [t(f"digest.below.{part}") for part, content in there.items() if content]


def _title(report: WeeklyReport, t: Translator) -> str:
    return t("digest.title", first=t.day(report.first), last=t.day(report.last))


def _first(report: WeeklyReport, t: Translator) -> tuple[str, str]:
    """Return what matters most, and how the week went where that is something else."""
    first, went = headline.first(report), headline.went(report)
    says_it_all = first in (went, Matter.LATE, Matter.WORSE)
    went = Matter.LATE if headline.late(report) else went
    return _worded(first, report, t), "" if says_it_all else _worded(went, report, t)


def _worded(matter: Matter, report: WeeklyReport, t: Translator) -> str:
    week, before, goals = report.now, report.before, report.goals
    if matter == Matter.QUIET and report.unreadable:
        return t("digest.first_unread", count=report.unreadable)
    if matter == Matter.WENT:
        key = "digest.first_well" if week.in_time == week.due else "digest.first_went"
        return t(key, count=week.due, due=t.number(week.due), in_time=t.number(week.in_time))
    share = {
        Matter.LATE: (week.in_time, week.due, goals.answered_in_time),
        Matter.WORSE: (week.in_time, week.due, None),
        Matter.REJECTED: (week.disqualified, week.reported, goals.disqualified),
        Matter.UNREACHABLE: (week.contactable, week.received, goals.contactable),
    }
    values: dict[str, object] = {"count": week.received}
    if matter in share:
        part, whole, goal = share[matter]
        values = {"part": t.number(part), "whole": t.number(whole), "percent": t.percent(part / whole)}
        values |= {"goal": t.percent((goal or 0) / 100)}
    if matter == Matter.WORSE:
        values["before"] = t.percent(before.in_time / before.due)
    elif matter == Matter.SLOW and week.median_open is not None:
        values = {"median": t.hours(week.median_open), "goal": t.number(goals.median_response_hours or 0)}
    elif matter == Matter.WAITING:
        values = {"count": report.waiting.count}
    elif matter == Matter.DEBT:
        values = {"count": report.debt.count}
    elif matter == Matter.BEHIND and (plan := report.plan):
        values = {"received": t.number(plan.received), "planned": t.number(plan.planned)}
        values |= {"until": t.day(plan.until), "month": t.month(plan.month)}
    return t(f"digest.first_{matter}", **values)


def _sides(report: WeeklyReport, t: Translator) -> list[tuple[str, list[Row]]]:
    """Both sides of the agreement. In a week in which nothing came in, only what there is something to tell of."""
    quiet = headline.went(report) == Matter.QUIET
    sides = {"digest.sales": figures.sales(report, t), "digest.marketing": figures.marketing(report, t)}
    sides["digest.nurturing"] = nurturing.rows(report.nurturing, t)
    shown_rows = {key: [row for row in rows if row.says or not quiet] for key, rows in sides.items()}
    return [(key, rows) for key, rows in shown_rows.items() if rows]


def rest(report: WeeklyReport, t: Translator) -> list[str]:
    """Return the figures for which the table has no room, a line each, for the thread."""
    main = _main(report, t)
    return [figures.line_of(row, t) for _, rows in _sides(report, t) for row in rows if row.name not in main]


def _main(report: WeeklyReport, t: Translator) -> set[str]:
    """Return the names of those figures that stand in the table: what has a goal, then what is asked about most."""
    rows = [row for _, rows in _sides(report, t) for row in rows]
    ranked = sorted(rows, key=lambda row: (not row.goal, MAIN.index(row.name) if row.name in MAIN else len(MAIN)))
    return {row.name for row in ranked[:ROWS_SHOWN]}


def _table(report: WeeklyReport, t: Translator, *, whole: bool, bold: bool) -> Block:
    """Return the figures as a phone shows them without a swipe: three columns, this week below the name of its figure,
    then the goal, then last week."""
    main = _main(report, t)
    every = [(key, [row for row in rows if whole or row.name in main]) for key, rows in _sides(report, t)]
    sides = [(key, rows) for key, rows in every if rows]
    with_goal = any(row.goal for _, rows in sides for row in rows)
    columns = [*(["goal"] if with_goal else []), "last_week"]
    cells_of_rows: list[list[str | Element]] = []
    for key, rows in sides:
        this_week = t("digest.column.this_week_of", side=t(key))
        cells_of_rows.append([heading(text) for text in (this_week, *(t(f"digest.column.{name}") for name in columns))])
        goals = [[figure.goal] if with_goal else [] for figure in rows]
        named = [titled(figure.title(t), figure.now, bold=bold) for figure in rows]
        cells_of_rows += [[name, *goal, figure.before] for name, goal, figure in zip(named, goals, rows, strict=True)]
    return table(cells_of_rows)


def _waiting_row(view: MqlView, t: Translator, *, may_act: bool) -> list[Block]:
    if not may_act:
        return [section(_one(view, t), buttons.show(view, t))]
    act = [buttons.reassign(view, t), *buttons.urge(view, t), buttons.show(view, t)]
    return [section(_one(view, t)), *actions(act)]


def _debt(overdue: Overdue, t: Translator) -> list[Block]:
    rows = [[section(_one(view, t), buttons.show(view, t))] for view in overdue.oldest[:DEBT_SHOWN]]
    return _titled("open_debt", overdue, rows, t)


def _undecided(left: Undecided | None, t: Translator) -> list[Block]:
    if left is None:
        return []
    sentence = t.md("digest.undecided", count=left.count, number=left.oldest, at=t.day(t.local_date(left.since)))
    return [divider(), section(sentence)]


def _titled(key: str, overdue: Overdue, rows: Sequence[Sequence[Block]], t: Translator) -> list[Block]:
    if not overdue.count:
        return []
    title = section(Mrkdwn(f"*{escape(t(f'digest.{key}', count=overdue.count))}*"))
    left = and_more(overdue.count - len(rows), t, f"digest.more_{key}")
    return [divider(), title, *chain.from_iterable(rows), *left]


def _one(view: MqlView, t: Translator) -> Mrkdwn:
    return lines([Mrkdwn(f"*{link(view, t)}*"), escape(_since(view, t)), paused(view, t, WHY_IN_DIGEST)])


def _listed(overdue: Overdue, t: Translator) -> list[str]:
    items = [_in_text(view, t) for view in overdue.oldest]
    left = overdue.count - len(items)
    return [*items, t("list.more", count=left)] if left else items


def _in_text(view: MqlView, t: Translator) -> str:
    """Return one that is overdue as a line of plain text; of a paused one until when it is paused, and why."""
    parts = [numbered(view.mql, t), _since(view, t)]
    if paused_until(view) is not None:
        parts += [timing_text(view, t) or "", line(view.why_paused, WHY_SHOWN)]
    return " ".join(part for part in parts if part)


def _since(view: MqlView, t: Translator) -> str:
    """Return who has it and since when it is overdue."""
    due = deadline(view) or paused_deadline(view)
    rep = t("card.owner_name", name=owner_called(view, t)) if view.mql.owner else t("status.unassigned")
    return t("digest.since", rep=rep, due=due_text(due, t)) if due else rep
