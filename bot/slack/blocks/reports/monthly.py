"""The monthly report: how many MQLs became opportunities, by what they have in common, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import dropwhile

from bot.core.base.statistics import Estimate
from bot.core.reports.cohorts import (
    ENOUGH,
    Cohort,
    Conversion,
    Dimension,
    Group,
    MonthlyReport,
    Times,
    Wins,
    conversion,
    summed,
)
from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks.base.kit import (
    Block,
    Element,
    Message,
    bulleted,
    context,
    header,
    heading,
    message,
    section,
    table,
    titled,
)
from bot.slack.blocks.base.text import bare_name, line
from bot.slack.blocks.reports import nurturing

# So many lines of a part are read within a minute; the others are added up in one.
SHOWN = {Dimension.CHANNEL: 6, Dimension.CAMPAIGN: 5, Dimension.SOURCE: 3, Dimension.REP: 8, Dimension.TIER: 4}
LOSSES_SHOWN = 4
REASONS_SHOWN = 3

Part = tuple[str, list[str]]
Cell = tuple[str] | tuple[str, str]
"""What stands in a cell of a table: one line, or two."""
Row = list[Cell]


def report(report: MonthlyReport, t: Translator) -> Message:
    """Return the report as a message."""
    head = _headline(report, t)
    blocks: list[Block] = [header(_heading(report, t)), section(Mrkdwn(f"*{escape(head)}*"))]
    if rows := _rows(report, t):
        blocks.append(in_table(rows))
    for title, items in _parts(report, t):
        blocks += bulleted(title, items)
    blocks.append(context(t.md("monthly.footnote", count=ENOUGH)))
    return message(t.md("monthly.notification", head=head), blocks)


def text(report: MonthlyReport, t: Translator) -> str:
    """Return the same as plain text, for a terminal."""
    parts = [_heading(report, t), _headline(report, t)]
    parts += [in_text(rows)] if (rows := _rows(report, t)) else []
    parts += ["\n".join([title, *(f"  {item}" for item in items)]) for title, items in _parts(report, t)]
    return "\n\n".join([*parts, t("monthly.footnote", count=ENOUGH)]) + "\n"


def in_table(rows: Sequence[Row]) -> Block:
    """Return rows as a phone shows them without a swipe, the first one as their heading: what stands in a cell stands
    below each other."""
    above, *others = rows
    columns = [heading(" ".join(cell)) for cell in above]
    return table([columns, *([_lines(cell) for cell in row] for row in others)])


def _lines(cell: Cell) -> str | Element:
    return cell[0] if len(cell) == 1 else titled(*cell, bold=False)


def in_text(rows: Sequence[Row]) -> str:
    """Return the same for a terminal, a line for each row."""
    return "\n".join("  " + " | ".join(" ".join(cell) for cell in row) for row in rows)


def rate(estimate: Estimate, t: Translator) -> str:
    """Return a share with its interval."""
    return t("monthly.rate", percent=t.percent(estimate.value), **ends(estimate, t))


def ends(estimate: Estimate, t: Translator) -> dict[str, str]:
    """Return the ends of an interval of a share, of which one percent sign is enough: 24 and 56%."""
    return {"low": t.number(round(100 * estimate.interval.low)), "high": t.percent(estimate.interval.high)}


def came(counted: Conversion, t: Translator) -> str:
    """Return how many came in, and which part of them is decided."""
    if counted.maturity is None:
        return t("monthly.received", count=counted.received)
    return t("monthly.received_decided", count=counted.received, maturity=t.percent(counted.maturity))


def qualified(counted: Conversion, t: Translator) -> Cell:
    """Return how many of the decided became opportunities."""
    return share(counted.rate, counted.qualified, counted.decided, t)


def share(estimate: Estimate | None, part: int, whole: int, t: Translator) -> Cell:
    """Return a share above its counts; of too few the counts alone."""
    counts = t("monthly.of", part=t.number(part), whole=t.number(whole)) if whole else t.number(0)
    return (counts,) if estimate is None else (rate(estimate, t), counts)


def _heading(report: MonthlyReport, t: Translator) -> str:
    return t("monthly.heading", month=t.month(report.month.first))


def _headline(report: MonthlyReport, t: Translator) -> str:
    counted, month = report.month.total, t.month(report.month.first)
    if counted.maturity is None:
        return t("monthly.went_none", month=month)
    if not counted.decided:
        return t("monthly.went_undecided", count=counted.received, month=month)
    came = t("monthly.went", count=counted.received, month=month, decided=t.number(counted.decided))
    went = t("monthly.went_rate", rate=rate(counted.rate, t)) if counted.rate else t("monthly.went_few")
    return t.flow(came, went)


def _rows(report: MonthlyReport, t: Translator) -> list[Row]:
    """Return the months from the first one in which an MQL came in, below their heading; none where none came in."""
    began = list(dropwhile(lambda cohort: not cohort.total.received, report.cohorts))
    columns: Row = [(t(f"monthly.column.{name}"),) for name in ("month", "qualified", "won")]
    return [columns, *(_row(cohort, t) for cohort in began)] if began else []


def _row(cohort: Cohort, t: Translator) -> Row:
    won = share(cohort.wins.rate, cohort.wins.won, cohort.wins.closed, t)
    return [(t.month(cohort.first), came(cohort.total, t)), qualified(cohort.total, t), won]


def _parts(report: MonthlyReport, t: Translator) -> Iterator[Part]:
    months = len(report.cohorts)
    if report.wins.opportunities:
        yield t("monthly.wins", count=months), [_won(report.wins, t)]
    several = {dimension: groups for dimension, groups in report.groups.items() if len(groups) > 1}
    known = {name: groups for name, groups in several.items() if any(group.total.rate for group in groups)}
    # One value for all says nothing that the table has not said, and values without a rate say nothing at all.
    for dimension, groups in known.items():
        yield t(f"monthly.by.{dimension}", count=months), list(_groups(dimension, groups, t))
    if report.losses:
        yield t("monthly.losses", count=months), list(_losses(report, t))
    yield from nurturing.month(report.nurturing, t)
    if times := list(_times(report.month, t)):
        yield t("monthly.times", month=t.month(report.month.first)), times


def _groups(dimension: Dimension, groups: Sequence[Group], t: Translator) -> Iterator[str]:
    most = SHOWN[dimension]
    # A line of "others" takes no more room than the one it would stand for.
    shown = groups if len(groups) == most + 1 else groups[:most]
    for group in shown:
        if group.total.rate is not None:
            yield _counted(_name(dimension, group, t), group.total, group.wins, t)
    if few := [group for group in shown if group.total.rate is None]:
        yield t("monthly.groups_few", names=t.listed([_name(dimension, group, t) for group in few]), count=ENOUGH)
    if rest := groups[len(shown) :]:
        counts = [(other.total.received, other.total.decided, other.total.qualified) for other in rest]
        together = conversion(*(sum(column) for column in zip(*counts, strict=True)))
        yield _counted(t("monthly.others", count=len(rest)), together, summed(other.wins for other in rest), t)


def _counted(what: str, counted: Conversion, wins: Wins, t: Translator) -> str:
    numbers = {name: t.number(getattr(counted, name)) for name in ("received", "decided", "qualified")}
    if counted.rate is not None:
        text = t("monthly.group", what=what, rate=rate(counted.rate, t), **numbers)
    else:
        text = t("monthly.group_counts", what=what, **numbers)
    if not wins.closed:
        return text
    won = t("monthly.group_won", won=t.number(wins.won), closed=t.number(wins.closed), amount=t.money(wins.amount))
    return text + won + (t("monthly.group_win_rate", rate=rate(wins.rate, t)) if wins.rate else "")


def _won(wins: Wins, t: Translator) -> str:
    """Return all opportunities of the months together: how many were won, what that brought, and how many are under
    way."""
    counts = {
        name: t.number(count)
        for name, count in (
            ("opportunities", wins.opportunities),
            ("won", wins.won),
            ("lost", wins.lost),
            ("open", wins.opportunities - wins.closed),
        )
    }
    text = t("monthly.won_all", amount=t.money(wins.amount), **counts)
    if wins.won_by_crm + wins.lost_by_crm:
        amount = t.money(wins.amount_by_crm)
        text += t("monthly.won_by_crm", won=t.number(wins.won_by_crm), lost=t.number(wins.lost_by_crm), amount=amount)
    return t("monthly.won_all_rate", rate=rate(wins.rate, t), counts=text) if wins.rate else text


def _name(dimension: Dimension, group: Group, t: Translator) -> str:
    if not group.value:
        return t(f"monthly.none.{dimension}")
    if dimension == Dimension.SOURCE:
        return t(f"source.kind.{group.value}")
    if dimension == Dimension.REP:
        return t("monthly.rep_name", name=bare_name(group.name) or group.value)
    return line(group.name, 60) or group.name


def _losses(report: MonthlyReport, t: Translator) -> Iterator[str]:
    for loss in report.losses[:LOSSES_SHOWN]:
        what = line(loss.channel, 60) or t("monthly.none.channel")
        named = loss.reasons[:REASONS_SHOWN]
        reasons = [t("monthly.reason", reason=line(why.label(t.locale), 50), count=count) for why, count in named]
        yield t("monthly.loss", what=what, count=loss.count, reasons=t.listed(reasons))


def _times(cohort: Cohort, t: Translator) -> Iterator[str]:
    stages: dict[str, Times] = {
        "accepted": cohort.accepted,
        "contacted": cohort.contacted,
        "decided": cohort.decided,
        "won": cohort.won,
    }
    nothing = timedelta(0)
    for name, took in stages.items():
        if took.count:
            spans = {"median": t.duration(took.median or nothing), "p90": t.duration(took.p90 or nothing)}
            yield t("monthly.time", stage=t(f"monthly.time.{name}"), count=took.count, **spans)
