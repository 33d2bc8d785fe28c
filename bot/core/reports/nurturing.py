"""Marketing's own figures as plain values: new leads, and the e-mails of nurturing, by week or month and by segment.

They are supplied from outside (`core.reports.nurturing_delivery`): what nobody supplied is None, never 0.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Annotated

import sqlalchemy as sa

from bot.core.base.figure import Figure
from storage import nurturing, sources
from storage.models import NurturingWeek
from storage.vocabulary import SourceKind

SEGMENTS_SHOWN = 20
NAMES = ("new_leads", "sent", "opened", "clicked")
RATED = ("opened", "clicked")
RATES = "open rate, click rate"


@dataclass(frozen=True)
class Share:
    """How many of the e-mails that were sent, where both were supplied and the first is no more than the second."""

    part: Annotated[int, Figure(RATES)]
    whole: Annotated[int, Figure(RATES)]


@dataclass(frozen=True)
class Counts:
    """The figures of some weeks. None: nobody supplied it."""

    new_leads: Annotated[int | None, Figure("new leads")] = None
    sent: Annotated[int | None, Figure("e-mails sent")] = None
    opened: Annotated[int | None, Figure("opened")] = None
    clicked: Annotated[int | None, Figure("clicked")] = None
    open_rate: Annotated[Share | None, Figure(RATES)] = None
    click_rate: Annotated[Share | None, Figure(RATES)] = None

    @property
    def supplied(self) -> bool:
        """Whether anything is known."""
        return any(getattr(self, name) is not None for name in NAMES)


NOTHING = Counts()


@dataclass(frozen=True)
class Segment:
    """The figures of one segment, beside those of the time before."""

    name: str
    now: Counts
    before: Counts


@dataclass(frozen=True)
class Odd:
    """Figures that cannot be right: more opened or clicked than sent. They are kept, and no rate is made of them."""

    week: str
    segment: str
    figure: str
    """`opened` or `clicked`."""
    count: Annotated[int, Figure("more than were sent", csv=None, why="a row for each")]
    sent: Annotated[int, Figure("more than were sent", csv=None, why="a row for each")]


@dataclass(frozen=True)
class Nurturing:
    """Marketing's figures of some weeks beside those of the weeks before."""

    now: Counts = NOTHING
    before: Counts = NOTHING
    segments: tuple[Segment, ...] = ()
    """Those with a name, the one with most e-mails sent, then most new leads, first."""
    odd: tuple[Odd, ...] = ()
    """Of the weeks themselves, not of those before."""
    weeks: Annotated[int, Figure("weeks supplied", of="weeks_of")] = 0
    """Weeks of which anything was supplied."""
    weeks_of: Annotated[int, Figure("weeks supplied", csv=None, why="the whole of weeks")] = 0
    weeks_before: Annotated[int, Figure("weeks supplied", of="weeks_before_of")] = 0
    weeks_before_of: Annotated[int, Figure("weeks supplied", csv=None, why="the whole of weeks_before")] = 0
    newest: str | None = None
    """The last week of which anything was ever supplied."""
    missing: bool = False
    """Nothing was ever supplied, and other tools do send."""

    @property
    def shown(self) -> bool:
        """Whether there is anything to tell of now or before."""
        return self.now.supplied or self.before.supplied


NO_NURTURING = Nurturing()


def of_weeks(tx: sa.Connection, workspace_id: str, weeks: Collection[str], before: Collection[str]) -> Nurturing:
    """Return the figures of some ISO weeks (2026-W47) beside those of others, as they are known now."""
    rows = nurturing.newest(tx, workspace_id, [*weeks, *before])
    now, earlier = ([row for row in rows if row.week in which] for which in (weeks, before))
    newest = nurturing.newest_week(tx, workspace_id)
    return Nurturing(
        now=total(now),
        before=total(earlier),
        segments=_segments(now, earlier),
        odd=tuple(odd for row in now for odd in oddities(row)),
        weeks=_supplied(now),
        weeks_of=len(weeks),
        weeks_before=_supplied(earlier),
        weeks_before_of=len(before),
        newest=newest,
        missing=newest is None and _others_send(tx, workspace_id),
    )


def _supplied(rows: Iterable[NurturingWeek]) -> int:
    return len({row.week for row in rows if _counts(row).supplied})


def _others_send(tx: sa.Connection, workspace_id: str) -> bool:
    """Whether tools are connected, and none of them for these figures."""
    kinds = {source.kind for source in sources.every(tx, workspace_id)}
    return bool(kinds) and SourceKind.FIGURES not in kinds


def total(rows: Iterable[NurturingWeek]) -> Counts:
    """Return the whole of some weeks, by figure: in each week what was told without a segment, else the sum of the
    segments."""
    by_week = groupby(sorted(rows, key=attrgetter("week")), key=attrgetter("week"))
    return together([_week(list(of_week)) for _, of_week in by_week])


def _week(rows: Sequence[NurturingWeek]) -> Counts:
    whole = next((_counts(row) for row in rows if not row.segment), NOTHING)
    parts = together([_counts(row) for row in rows if row.segment])
    names = (*NAMES, "open_rate", "click_rate")
    named = {name: getattr(whole, name) for name in names}
    return Counts(**{name: getattr(parts, name) if named[name] is None else named[name] for name in names})


def _counts(row: NurturingWeek) -> Counts:
    rates = [_share(getattr(row, name), row.sent) for name in RATED]
    return Counts(row.new_leads, row.sent, row.opened, row.clicked, *rates)


def _share(part: int | None, whole: int | None) -> Share | None:
    return Share(part, whole) if part is not None and whole and part <= whole else None


def together(several: Sequence[Counts]) -> Counts:
    """Return a sum, by figure, of those that know it."""
    sums = {name: _sum(getattr(counts, name) for counts in several) for name in NAMES}
    return Counts(
        **sums,
        open_rate=_shares(counts.open_rate for counts in several),
        click_rate=_shares(counts.click_rate for counts in several),
    )


def _sum(counts: Iterable[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _shares(shares: Iterable[Share | None]) -> Share | None:
    known = [share for share in shares if share is not None]
    return Share(sum(share.part for share in known), sum(share.whole for share in known)) if known else None


def oddities(row: NurturingWeek) -> list[Odd]:
    """Return what in the figures of a week and segment cannot be right."""
    counts = {name: getattr(row, name) for name in RATED}
    return [
        Odd(row.week, row.segment, name, count, row.sent)
        for name, count in counts.items()
        if count is not None and row.sent is not None and count > row.sent
    ]


def _segments(now: Sequence[NurturingWeek], before: Sequence[NurturingWeek]) -> tuple[Segment, ...]:
    names = {row.segment for row in (*now, *before) if row.segment}
    segments = [
        Segment(name, *(together([_counts(row) for row in rows if row.segment == name]) for rows in (now, before)))
        for name in names
    ]
    known = [segment for segment in segments if segment.now.supplied or segment.before.supplied]
    return tuple(sorted(known, key=lambda each: (-(each.now.sent or 0), -(each.now.new_leads or 0), each.name)))


def first_segments(segments: Sequence[Segment]) -> tuple[Sequence[Segment], Segment | None, int]:
    """Return the segments that are shown, the sum of all others and how many these are. A line of others takes no
    more room than the one it would stand for."""
    if len(segments) <= SEGMENTS_SHOWN:
        return segments, None, 0
    shown, rest = segments[: SEGMENTS_SHOWN - 1], segments[SEGMENTS_SHOWN - 1 :]
    return (
        shown,
        Segment("", together([each.now for each in rest]), together([each.before for each in rest])),
        len(rest),
    )
