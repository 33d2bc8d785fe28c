"""The holidays of a policy are those that were known when it was agreed: an update of the library moves no deadline."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import holidays
import pytest

from bot.cli.teamfile import config_words
from bot.core.mql import intake, pauses
from bot.core.mql.lead import Lead
from bot.core.sla import calendar, clocks
from bot.core.sla import holidays as known
from bot.core.sla.calendar import Calendar
from bot.core.sla.calendar_rules import CalendarRules
from bot.core.sla.holidays import Pinned
from bot.core.sla.policy import PINNED_YEARS, Policy
from bot.core.teamfile import Change, Preview, TeamFile, apply, preview
from bot.core.teamfile.schema import DEFAULT_REASONS, Person
from bot.i18n import Translator
from storage import mqls, policies, workspaces
from storage.database import Database
from storage.models import Clock, PolicyVersion
from storage.vocabulary import CalendarKind, ClockKind, Locale, Role, Source
from tests.core import agreements
from tests.core.calendars import local

pytestmark = pytest.mark.rules

FRIDAY = local("2026-12-04 10:00").astimezone(UTC)
MONDAY = date(2026, 12, 7)
JP = agreements.policy({"calendar": {"kind": "business_days", "holidays": "JP"}})
MEMBERS = (Person("U1", "佐藤 葵", (Role.REP,)), Person("U2", "田中 美咲", (Role.MANAGER,)))
TEAM = TeamFile("T1", "Sample", Locale.JA, "Asia/Tokyo", "C1", None, 0, "09:00", JP, MEMBERS, DEFAULT_REASONS)


def _forget() -> None:
    """What a process that starts anew with another library does not know."""
    caches: tuple[Callable[..., Any], ...] = (known.in_year, calendar._local, calendar._year, clocks._agreement)
    for cache in caches:
        cache.cache_clear()  # type: ignore[attr-defined]


@contextmanager
def library(new: tuple[date, ...] = (), gone: tuple[date, ...] = ()) -> Iterator[None]:
    """The library knows these Japanese holidays more, and those no more."""
    real = holidays.country_holidays

    def country_holidays(country: str, subdiv: str | None = None, **given: Any) -> Any:
        days = real(country, subdiv, **given)
        if country == "JP" and given.get("years"):
            for day in new:
                if day.year == given["years"]:
                    days[day] = "新しい祝日"
            for day in gone:
                days.pop(day, None)
        return days

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(holidays, "country_holidays", country_holidays)
        _forget()
        yield
    _forget()


def applied(database: Database, team: TeamFile = TEAM, now: datetime = FRIDAY, *, move_open: bool = False) -> Preview:
    with database.transaction() as tx:
        shown = preview(tx, team, now)
        apply(tx, team, now, move_open=move_open)
    return shown


def received(database: Database, company: str = "Acme", at: datetime = FRIDAY) -> int:
    with database.transaction() as tx:
        return intake.receive(tx, "T1", Lead(company=company), Source.GENERIC, at).mql_id


def clock(database: Database, mql_id: int) -> Clock:
    with database.snapshot() as tx:
        row = mqls.open_clock(tx, "T1", mql_id, ClockKind.RESPONSE)
    assert row is not None
    return row


def version(database: Database) -> PolicyVersion:
    with database.snapshot() as tx:
        row = policies.current(tx, "T1")
    assert row is not None
    return row


def test_a_holiday_that_becomes_known_later_moves_no_deadline_by_itself(any_database: Database) -> None:
    applied(any_database)
    before = received(any_database)
    with library(new=(MONDAY,)):
        assert received(any_database, "Beta") != before
        for mql_id in (1, 2):
            assert clock(any_database, mql_id).due_at == local("2026-12-07 10:00")
        with any_database.transaction() as tx:
            pauses.pause(tx, "T1", before, "U2", FRIDAY + timedelta(days=1), "later", FRIDAY)
            pauses.resume(tx, "T1", before, "U2", FRIDAY + timedelta(hours=1))
        assert clock(any_database, before).due_at == local("2026-12-07 11:00")


def test_what_is_known_better_by_now_is_shown_and_becomes_a_version_of_its_own(any_database: Database) -> None:
    applied(any_database)
    received(any_database)
    with library(new=(MONDAY,), gone=(date(2026, 11, 23),)):
        shown = applied(any_database)
        (change,) = shown.changes
        assert (change.code, dict(change.values)) == (
            "holidays",
            {"code": "JP", "new": "2026-12-07", "gone": "2026-11-23"},
        )
        (move,) = shown.deadlines.moves
        assert (move.before, move.after, move.effect) == (
            local("2026-12-07 10:00"),
            local("2026-12-08 10:00"),
            None,
        )
        assert version(any_database).version == 2
        assert clock(any_database, 1).due_at == local("2026-12-07 10:00")
        assert clock(any_database, received(any_database, "Beta")).due_at == local("2026-12-08 10:00")
        again = applied(any_database)
        assert again.changes == []
        assert [move.number for move in again.deadlines.moves] == [1]
        applied(any_database, move_open=True)
        assert clock(any_database, 1).due_at == local("2026-12-08 10:00")
        assert version(any_database).version == 2
        assert applied(any_database).deadlines.moves == ()


def test_the_difference_of_holidays_reads_well() -> None:
    change = Change("holidays", {"code": "JP", "new": "2026-12-07", "gone": "–"})
    assert config_words.change(Translator(Locale.JA, "UTC"), change) == "祝日データの更新(JP): 追加 2026-12-07、削除 –"
    assert "JP" in config_words.change(Translator(Locale.EN, "UTC"), change)


def test_a_holiday_that_was_dropped_still_holds_for_the_version_that_knew_it(database: Database) -> None:
    monday = local("2026-11-20 10:00").astimezone(UTC)
    applied(database, now=monday)
    with library(gone=(date(2026, 11, 23),)):
        assert clock(database, received(database, at=monday)).due_at == local("2026-11-24 10:00")
        applied(database, now=monday)
        assert clock(database, received(database, "Beta", at=monday)).due_at == local("2026-11-23 10:00")


def test_a_policy_without_holidays_hears_nothing_of_the_library(database: Database) -> None:
    plain = replace(TEAM, policy=Policy())
    applied(database, plain)
    assert version(database).holidays == {}
    with library(new=(MONDAY,)):
        assert applied(database, plain).changes == []
        assert version(database).version == 1


def test_a_country_that_the_new_policy_does_not_ask_for_is_no_change_of_holidays(database: Database) -> None:
    applied(database)
    with library(new=(MONDAY,)):
        shown = applied(database, replace(TEAM, policy=Policy()))
    assert [change.code for change in shown.changes] == ["policy"]


def test_the_holidays_of_every_tier_are_pinned(database: Database) -> None:
    abroad = {"calendar": {"kind": "business_days", "holidays": "US-CA"}}
    tiers = [{"name": "abroad", "when": {"channels": ["us"]}} | abroad, {"name": "hot", "when": {"min_score": 9}}]
    team = replace(
        TEAM, policy=agreements.policy({"calendar": {"kind": "business_days", "holidays": "JP"}, "tiers": tiers})
    )
    applied(database, team)
    stored = version(database).holidays
    assert sorted(stored) == ["JP", "US-CA"]
    assert "2026-11-26" in stored["US-CA"]["days"]
    assert "2026-11-23" in stored["JP"]["days"]
    with database.snapshot() as tx:
        assert workspaces.get(tx, "T1") is not None
        held = policies.current(tx, "T1")
        assert held is not None
        calendars = [clocks.agreement(held, tier).calendar for tier in ("abroad", "hot", None)]
    thanksgiving, labour = local("2026-11-26 12:00"), local("2026-11-23 12:00")
    assert [calendar.is_open(thanksgiving) for calendar in calendars] == [False, True, True]
    assert [calendar.is_open(labour) for calendar in calendars] == [True, False, False]


def test_years_after_the_pinned_ones_are_looked_up() -> None:
    rules = CalendarRules(kind=CalendarKind.BUSINESS_DAYS, holidays="JP")
    pinned = Pinned.of("JP", 2025, 2026 + PINNED_YEARS)
    last, beyond = date(2026 + PINNED_YEARS, 3, 3), date(2027 + PINNED_YEARS, 3, 3)
    assert last.weekday() < 5
    assert beyond.weekday() < 5
    with library(new=(last, beyond)):
        held = Calendar(rules, "Asia/Tokyo", pinned)
        assert [held.is_open(local(f"{day} 12:00")) for day in (last, beyond)] == [True, False]


def test_an_mql_is_pinned_for_longer_than_any_clock_runs() -> None:
    stored = JP.pins(2026)["JP"]
    assert (stored["first"], stored["last"]) == (2025, 2031)
    assert Pinned.read(stored).stored() == stored
