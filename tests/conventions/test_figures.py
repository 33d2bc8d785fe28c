"""A figure of a report has its line in docs/metrics.md, its column in CSV or a reason for having none, and a recount of
its own in the tests; and none of these tells of a figure that is not there."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin
from zoneinfo import ZoneInfo

import pytest

from bot.cli.base.report_columns import columns, figure_rows
from bot.cli.reports.monthly import monthly_rows, scoring_rows
from bot.cli.reports.noise import HEADER
from bot.cli.reports.weekly import rows as weekly_rows
from bot.core.agreement.goals import NO_GOALS
from bot.core.base.figure import Declared, Figure, Key, declared, figures_in, hints_of
from bot.core.base.statistics import Estimate
from bot.core.reports import cohorts, figures, held_leads, noise, nurturing, own_week, scoring, trend
from bot.core.reports.charges import Charge
from bot.core.reports.kpi_target import Progress
from bot.core.reports.pauses import Pauses
from bot.core.views.disputes import Undecided
from storage.vocabulary import MessageKind
from tests.core.reports import slow_held, slow_monthly, slow_noise, slow_nurturing
from tests.simulation import slow_figures, slow_trend
from tests.slack.blocks import monthly_samples, nurturing_samples, samples

DOCUMENT = Path(__file__).parents[2] / "docs" / "metrics.md"
# The reports of each section of the document.
SECTIONS: dict[str, tuple[type, ...]] = {
    "The weekly digest": (
        figures.WeeklyReport,
        figures.Figures,
        figures.Contacts,
        Pauses,
        figures.RepWeek,
        Charge,
        figures.Overdue,
        figures.PeopleWeek,
        figures.Detail,
        Progress,
        Undecided,
    ),
    "Leads and e-mails": (
        nurturing.Nurturing,
        nurturing.Counts,
        nurturing.Share,
        nurturing.Segment,
        nurturing.Odd,
    ),
    "The last twelve weeks": (trend.Trend, trend.Point),
    "A rep's own week": (own_week.OwnWeek,),
    "What messages lead to": (noise.NoiseReport, noise.Share, noise.Silenced),
    "The monthly report": (
        cohorts.MonthlyReport,
        cohorts.Cohort,
        cohorts.Conversion,
        cohorts.Wins,
        cohorts.Times,
        cohorts.Group,
        cohorts.Losses,
    ),
    "The check of the scoring rule": (
        scoring.ScoringCheck,
        scoring.Band,
        scoring.Threshold,
        scoring.Factor,
        held_leads.HeldLeads,
    ),
}
EVERY = [(section, report) for section, reports in SECTIONS.items() for report in reports]

WEEK = slow_figures.Week((), date(2026, 11, 16), ZoneInfo("UTC"), datetime(2026, 11, 23, tzinfo=UTC)).figures()
# What the recounts tell of each report; where they cannot be asked, with the test that recounts.
RECOUNTS: dict[type, Iterable[str]] = {
    figures.Figures: WEEK,
    figures.Detail: (
        "received",
        "contacted",
        "proven",
        "proven_by_crm",
        "lost_reasons",
    ),  # test_weekly: the same as in Figures
    figures.Contacts: figures_in(WEEK["contacted"]),
    Pauses: figures_in(WEEK["pauses"]),
    figures.RepWeek: slow_figures.nothing(),
    Charge: ("shares", "parts"),  # slow_figures.Week.charges
    figures.Overdue: ("count",),  # slow_trend._unlike
    nurturing.Counts: slow_nurturing.NAMES,
    nurturing.Share: ("part", "whole"),  # slow_nurturing.share
    nurturing.Nurturing: ("weeks", "weeks_before"),  # test_nurturing
    trend.Point: slow_trend.POINT,
    trend.Trend: ("stages",),  # slow_trend._stages
    own_week.OwnWeek: ("outcomes", *slow_trend.LISTS),
    noise.Share: slow_noise.share(1, 1),
    cohorts.Conversion: slow_monthly.conversion(()),
    cohorts.Wins: slow_monthly.wins(()),
    cohorts.Cohort: slow_monthly.times((), "UTC"),
    cohorts.Times: slow_monthly.took(()),
    cohorts.MonthlyReport: ("groups",),  # test_monthly.test_every_figure_is_what_the_log_tells
    cohorts.Losses: ("reasons",),  # there too
    scoring.ScoringCheck: ("received", "decided", "qualified", "auc"),  # test_monthly.test_the_scoring_check_...
    scoring.Threshold: ("unseen", "missed"),  # there too
    scoring.Factor: ("lift",),  # there too
    held_leads.HeldLeads: slow_held.became([]),
}
# Why a figure has no recount.
NOT_RECOUNTED: dict[tuple[type, str], str] = {
    (figures.WeeklyReport, "unreadable"): "the length of a list of rows, tests/scenarios/test_intake.py",
    (figures.WeeklyReport, "set_aside"): "a count of rows, tests/scenarios/test_queue.py",
    (nurturing.Nurturing, "weeks_of"): "the length of a list of weeks, tests/core/reports/test_nurturing.py",
    (nurturing.Nurturing, "weeks_before_of"): "the length of a list of weeks, there too",
    (nurturing.Odd, "count"): "as supplied, tests/core/reports/test_nurturing.py",
    (nurturing.Odd, "sent"): "as supplied, tests/core/reports/test_nurturing.py",
    (figures.WeeklyReport, "held"): "counts of rows, tests/scenarios/test_gate.py",
    (figures.WeeklyReport, "handed_over"): "counts of rows, tests/scenarios/test_gate.py",
    (figures.WeeklyReport, "nurtured"): "counts of rows, tests/scenarios/test_gate.py",
    (Progress, "received"): "tests/scenarios/test_kpi.py",
    (Progress, "planned"): "a plan, tests/core/reports/test_kpi.py",
    (Undecided, "count"): "tests/scenarios/test_disputes.py",
    (cohorts.Losses, "count"): "the sum of its reasons",
}


def documented() -> dict[str, list[str]]:
    """The first cells of the tables of figures, by the heading above them."""
    lines: dict[str, list[str]] = {}
    heading, within = "", False
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("#"):
            heading = line.lstrip("# ")
        within = line.startswith("|") and (within or cells[0] == "figure")
        if within and cells[0] != "figure" and not cells[0].startswith("---"):
            lines.setdefault(heading, []).append(cells[0])
    return lines


def counts(hint: Any) -> bool:
    """Whether a type holds a number or a length of time."""
    if get_origin(hint) is Annotated:
        return counts(get_args(hint)[0])
    if inner := get_args(hint):
        return any(counts(part) for part in inner)
    numbers = (int, float, timedelta, Estimate)
    return isinstance(hint, type) and issubclass(hint, numbers) and not issubclass(hint, bool)


def undeclared(report: type) -> Iterator[str]:
    """Numbers of which nothing is said."""
    for name, hint in hints_of(report).items():
        marks = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
        if counts(hint) and not any(isinstance(mark, Figure | Key) for mark in marks):
            yield f"{report.__name__}.{name} counts something, and declares neither a Figure nor a Key"


def undocumented(report: type, section: str, lines: Mapping[str, list[str]]) -> Iterator[str]:
    """Figures without their line."""
    for figure in declared(report):
        for line in figure.figure.metrics or ("",):
            if line not in lines.get(section, []):
                yield f"{report.__name__}.{figure.field}: docs/metrics.md has no line {line!r} under {section!r}"


def not_recounted(report: type, recounts: Mapping[type, Iterable[str]]) -> Iterator[str]:
    """Figures that nobody counts again, and recounts of what is no figure."""
    known = next((set(recounts[base]) for base in report.__mro__ if base in recounts), set())
    named = {figure.field for figure in declared(report)}
    excused = {name for base in report.__mro__ for kind, name in NOT_RECOUNTED if kind is base}
    yield from (f"{report.__name__}.{name} is not recounted" for name in sorted(named - known - excused))
    yield from (f"{report.__name__}.{name} is recounted and no figure" for name in sorted(known - named))


@pytest.mark.parametrize(("section", "report"), EVERY)
def test_every_number_is_declared_documented_and_recounted(section: str, report: type) -> None:
    assert list(undeclared(report)) == []
    assert list(undocumented(report, section, documented())) == []
    assert list(not_recounted(report, RECOUNTS)) == []


@pytest.mark.parametrize("section", SECTIONS)
def test_every_line_of_the_document_is_told(section: str) -> None:
    lines = {line for report in SECTIONS[section] for figure in declared(report) for line in figure.figure.metrics}
    assert set(documented()[section]) == lines


def test_the_parts_of_a_report_are_held_too() -> None:
    known = {report for _, report in EVERY}
    for report in known:
        for part in _parts(hints_of(report).values()):
            assert part in known, f"{part.__name__} stands in {report.__name__} and in no section of this test"


def _parts(hints: Iterable[Any]) -> Iterator[type]:
    for hint in hints:
        if dataclasses.is_dataclass(hint) and isinstance(hint, type):
            if hint.__module__.startswith("bot.core.reports"):
                yield hint
        else:
            yield from _parts(get_args(hint))


def _named(report: type) -> list[Declared]:
    return [figure for figure in declared(report) if figure.column is not None]


def _has(column: str, names: Iterable[str]) -> bool:
    return any(name == column or name.startswith(f"{column}_") for name in names)


PLAN = Progress(20, 60, date(2026, 11, 1), date(2026, 11, 22))
WEEKLY = list(
    weekly_rows(
        samples.report(
            plan=PLAN,
            undecided=Undecided(2, 7, samples.NOW),
            unreadable=3,
            set_aside=2,
            goals=NO_GOALS,
            nurturing=nurturing_samples.WEEKS["one"],
        )
    )
)
MONTHLY = list(monthly_rows(monthly_samples.REPORTS["forty"]))
SCORING = list(scoring_rows(monthly_samples.CHECKS["forty"]))


def _cells(rows: Iterable[Mapping[str, Any]]) -> set[str]:
    return {name for row in rows for name in row}


@pytest.mark.parametrize(
    ("report", "names"),
    [
        *(
            (report, {str(row["name"]) for row in WEEKLY if row["kind"] == "figure"})
            for report in (figures.WeeklyReport, figures.Figures, Progress, Undecided)
        ),
        *(
            (report, _cells(row for row in WEEKLY if str(row["kind"]).startswith("nurturing")))
            for report in (nurturing.Nurturing, nurturing.Counts)
        ),
        (figures.RepWeek, _cells(row for row in WEEKLY if row["kind"] == "rep")),
        *((report, _cells(MONTHLY)) for report in (cohorts.Conversion, cohorts.Wins, cohorts.Cohort, cohorts.Losses)),
        *((report, _cells(SCORING)) for report in (scoring.ScoringCheck, scoring.Threshold, scoring.Factor)),
        (noise.Share, set(HEADER)),
    ],
)
def test_every_figure_has_its_column_or_row(report: type, names: set[str]) -> None:
    assert [figure.field for figure in _named(report) if not _has(str(figure.column), names)] == []


def test_every_row_of_the_week_is_a_figure() -> None:
    columns_of = [
        str(figure.column)
        for report in (figures.WeeklyReport, figures.Figures, Progress, Undecided)
        for figure in _named(report)
    ]
    names = [str(row["name"]) for row in WEEKLY if row["kind"] == "figure"]
    assert len(names) == len(set(names))
    assert [name for name in names if not any(_has(column, [name]) for column in columns_of)] == []


# That it is so: a figure is added, and something is left out.


@dataclass(frozen=True)
class Undeclared(figures.Figures):
    """A week with one number more, of which nothing is said."""

    invented: int = 7


@dataclass(frozen=True)
class Grown(figures.Figures):
    """A week with one figure more, without line and recount."""

    invented: Annotated[int, Figure("invented", of="received")] = 7


def _grown() -> Grown:
    return Grown(**vars(samples.figures()))


def test_a_number_of_which_nothing_is_said_is_noticed() -> None:
    assert list(undeclared(Undeclared)) == [
        "Undeclared.invented counts something, and declares neither a Figure nor a Key"
    ]


def test_a_figure_without_its_line_is_noticed() -> None:
    section = "The weekly digest"
    assert list(undocumented(Grown, section, documented())) == [
        "Grown.invented: docs/metrics.md has no line 'invented' under 'The weekly digest'"
    ]
    assert list(undocumented(Grown, section, {section: [*documented()[section], "invented"]})) == []


def test_a_figure_without_a_recount_is_noticed() -> None:
    assert list(not_recounted(Grown, RECOUNTS)) == ["Grown.invented is not recounted"]
    assert list(not_recounted(Grown, {Grown: [*WEEK, "invented"]})) == []
    grown, expected = figures_in(_grown()), figures_in(samples.figures())
    assert list(slow_figures.compare("week", grown, expected)) == ["week: invented is told or recounted, and not both"]
    assert list(slow_figures.compare("week", expected, grown)) == ["week: invented is told or recounted, and not both"]


def test_a_figure_gets_its_column_by_being_declared_and_can_only_lack_it_for_a_reason() -> None:
    assert columns(_grown())["invented"] == 7
    (row,) = [row for row in figure_rows(_grown(), _grown()) if row["name"] == "invented"]
    assert row == {
        "kind": "figure",
        "name": "invented",
        "value": 7,
        "week_before": 7,
        "of": 12,
        "week_before_of": 12,
    }
    for words in ({"csv": None}, {"why": "none is needed"}):
        with pytest.raises(ValueError, match="or a reason for having none"):
            Figure("invented", **words)


def test_a_kind_of_message_has_all_columns_also_without_data() -> None:
    assert set(columns(noise.Share(MessageKind.REMINDER, 0, 0))) <= set(HEADER)
