"""Marketing's own figures: stored once, replaced with their history, and counted as a slow recount counts them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.base import period_words
from bot.core.reports import kpi_target, monthly, nurturing, nurturing_delivery
from bot.core.reports.kpi import Origin
from bot.core.reports.nurturing import NAMES, Counts, first_segments
from bot.core.reports.nurturing_delivery import WeekSupplied, Wrong, week_named
from storage import nurturing as storage
from storage import sources, workspaces
from storage.database import Database
from storage.models import NurturingWeek
from storage.vocabulary import Proof, SourceKind
from tests.core.reports import slow_nurturing
from tests.scenarios.stage import Team

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
WEEK, BEFORE = "2026-W47", "2026-W46"
FIGURES = st.dictionaries(st.sampled_from(NAMES), st.none() | st.integers(0, 40), min_size=1)
DELIVERIES = st.lists(st.tuples(st.sampled_from([BEFORE, WEEK]), st.sampled_from(["", "a", "b"]), FIGURES), max_size=8)


def row(week: str, segment: str, figures: dict[str, int | None]) -> NurturingWeek:
    return NurturingWeek(id=1, workspace_id="T1", week=week, segment=segment, version=1, file="f", at=NOW, **figures)


def plain(counts: Counts) -> dict[str, Any]:
    """As the slow recount tells it."""
    return {name: tuple(value.values()) if isinstance(value, dict) else value for name, value in asdict(counts).items()}


@given(DELIVERIES)
def test_the_whole_is_what_a_recount_of_all_deliveries_tells(deliveries: list[slow_nurturing.Told]) -> None:
    rows = [row(week, segment, figures) for (week, segment), figures in slow_nurturing.known(deliveries).items()]
    assert plain(nurturing.total(rows)) == slow_nurturing.counts(deliveries, [BEFORE, WEEK])


def stores(database: Database, team_id: str, *deliveries: slow_nurturing.Told, at: datetime = NOW) -> int:
    with database.transaction() as tx:
        weeks = [WeekSupplied(*each) for each in deliveries]
        return nurturing_delivery.store(tx, team_id, weeks, at, file="weeks.csv")


def test_a_later_delivery_replaces_what_it_names_and_the_earlier_is_kept(any_database: Database) -> None:
    deliveries: list[slow_nurturing.Told] = [
        (WEEK, "IT", {"new_leads": 80, "sent": 500}),
        (WEEK, "IT", {"sent": 520, "opened": 130}),
        (WEEK, "IT", {"opened": None}),
        (BEFORE, "IT", {"new_leads": 70}),
        (WEEK, "製造業", {"sent": 100, "opened": 120}),
    ]
    for number, each in enumerate(deliveries):
        at = NOW + timedelta(hours=number)
        assert stores(any_database, "T1", each, at=at) == 1
        assert stores(any_database, "T1", each, at=at) == 0
    assert stores(any_database, "T2", (WEEK, "", {"new_leads": 5})) == 1
    with any_database.snapshot() as tx:
        versions = storage.history(tx, "T1", WEEK, "IT")
        view = nurturing.of_weeks(tx, "T1", [WEEK], [BEFORE])
    seen = [(each.version, each.new_leads, each.sent, each.opened, each.file) for each in versions]
    assert seen == [(1, 80, 500, None, "weeks.csv"), (2, 80, 520, 130, "weeks.csv"), (3, 80, 520, None, "weeks.csv")]
    assert versions[1].at == NOW + timedelta(hours=1)
    assert plain(view.now) == slow_nurturing.counts(deliveries, [WEEK])
    assert plain(view.before) == slow_nurturing.counts(deliveries, [BEFORE])
    assert [segment.name for segment in view.segments] == ["IT", "製造業"]
    assert [(odd.segment, odd.figure, odd.count, odd.sent) for odd in view.odd] == [("製造業", "opened", 120, 100)]
    assert (view.weeks, view.weeks_of, view.newest, view.missing) == (1, 1, WEEK, False)
    assert (view.weeks_before, view.weeks_before_of) == (1, 1)


def test_it_is_missed_only_where_other_tools_send(database: Database) -> None:
    def missing() -> bool:
        with database.snapshot() as tx:
            return nurturing.of_weeks(tx, "T1", [WEEK], [BEFORE]).missing

    def connects(kind: SourceKind) -> None:
        with database.transaction() as tx:
            sources.add(tx, "T1", kind.value, kind, Proof.ADDRESS, NOW)

    assert not missing()
    connects(SourceKind.HUBSPOT)
    assert missing()
    connects(SourceKind.FIGURES)
    assert not missing()


def test_twenty_segments_are_shown_and_the_others_summed(database: Database) -> None:
    stores(database, "T1", *((WEEK, f"s{number:02}", {"sent": 100 + number, "opened": 10}) for number in range(30)))
    with database.snapshot() as tx:
        segments = nurturing.of_weeks(tx, "T1", [WEEK], []).segments
    shown, rest, left = first_segments(segments)
    assert rest is not None
    assert (len(segments), len(shown), left, shown[0].name) == (30, 19, 11, "s29")
    assert rest.now.sent == sum(100 + number for number in range(11))
    assert first_segments(segments[:20]) == (segments[:20], None, 0)


def test_the_weeks_of_months_are_all_weeks_once() -> None:
    months = [monthly.months_on(datetime(2026, 1, 1).date(), count) for count in range(12)]  # noqa: DTZ001
    weeks = [week for first in months for week in monthly.weeks_of(first)]
    assert weeks == [f"2026-W{number:02}" for number in range(1, 54)]


@pytest.mark.parametrize(
    ("text", "week"), [("2026-W47", "2026-W47"), ("2026w7", "2026-W07"), (" 2026-W53", "2026-W53")]
)
def test_a_week_is_read_as_people_write_it(text: str, week: str) -> None:
    assert week_named(text) == week


@pytest.mark.parametrize("text", ["2026-W54", "2026-W00", "W47", "2026", "", "2026-11-16", "1999-W01"])
def test_what_is_no_week_is_said_to_be_none(text: str) -> None:
    with pytest.raises(Wrong):
        week_named(text)


@pytest.fixture
def team(database: Database) -> Iterator[Team]:
    team = Team(database)
    yield team
    team.close()


@pytest.mark.thorough
def test_lead_to_mql_is_measured_over_weeks_whose_leads_are_known(team: Team) -> None:
    def measured() -> tuple[int, int]:
        with team.database.snapshot() as tx:
            workspace = workspaces.get(tx, team.id)
            assert workspace is not None
            return kpi_target.leads(tx, workspace, team.time.now())

    def leads(*counts: int) -> None:
        week = period_words.iso_week(team.time.now().date())
        supplied = [WeekSupplied(week, str(number), {"new_leads": count}) for number, count in enumerate(counts)]
        with team.database.transaction() as tx:
            nurturing_delivery.store(tx, team.id, supplied, team.time.now(), file="weeks.csv")

    team.receives("In the week in which the bot came, which is no whole one")
    leads(1000)
    team.time.advance(timedelta(days=7))
    team.receives("Acme")
    team.receives("Northwind")
    leads(30, 10)
    assert measured() == (0, 0)  # the week is not over
    team.time.advance(timedelta(days=7))
    team.receives("In a week of which no leads are known")
    team.time.advance(timedelta(days=7))
    assert measured() == (2, 40)
    with team.database.snapshot() as tx:
        workspace = workspaces.get(tx, team.id)
        assert workspace is not None
        rate = kpi_target.lead_rate(tx, workspace, team.time.now())
    assert rate is not None
    assert (rate.origin, rate.value, rate.successes, rate.trials) == (Origin.OWN, Fraction(2, 40), 2, 40)
