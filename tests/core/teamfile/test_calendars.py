"""The calendar of a policy in the team file: read, refused on its line, written out again."""

from __future__ import annotations

from datetime import date

import pytest

from bot.cli.sample.team import sample_team
from bot.cli.teamfile.config_words import problem
from bot.core import teamfile
from bot.core.sla.calendar_rules import CalendarRules, Closed, ClosedWhy, Closure
from bot.i18n import Translator
from storage.vocabulary import CalendarKind, Locale

SAMPLE = sample_team()
START = SAMPLE.index("[policy.calendar]")
END = SAMPLE.index("[[policy.escalations]]")


def _with(calendar: str) -> str:
    return SAMPLE[:START] + f"[policy.calendar]\n{calendar}\n\n" + SAMPLE[END:]


def test_a_japanese_company_writes_down_its_hours_holidays_and_closures() -> None:
    text = _with(
        """
kind = "business_hours"
holidays = "JP"
closures = [{ first = 2026-12-29, last = 2027-01-03, name = "年末年始" }, 2026-08-13]
half_days."2026-12-28" = ["09:00-12:00"]
[policy.calendar.hours]
monday = ["09:00-12:00", "13:00-18:00"]
friday = ["09:00-15:00"]
"""
    )
    rules = teamfile.parse(text, None).policy.calendar
    assert (rules.kind, rules.holidays) == (CalendarKind.BUSINESS_HOURS, "JP")
    assert rules.hours == {"monday": ("09:00-12:00", "13:00-18:00"), "friday": ("09:00-15:00",)}
    assert [closure.name for closure in rules.closures] == ["年末年始", None]


def test_what_is_written_out_reads_back_to_the_same() -> None:
    for calendar in (
        'kind = "business_days"\nholidays = "JP"',
        'kind = "always"',
        'kind = "business_hours"\nclosures = [2026-08-13]\nextra_days."2026-11-28" = ["10:00-16:00"]',
    ):
        wanted = teamfile.parse(_with(calendar), None)
        again = teamfile.parse(teamfile.export(wanted), None)
        assert teamfile.diff(wanted, again, ()) == []
        assert again == wanted


def test_a_calendar_without_rules_is_the_word_for_its_kind() -> None:
    text = SAMPLE[:START] + SAMPLE[END:]
    text = text.replace("[policy]", '[policy]\ncalendar = "always"')
    wanted = teamfile.parse(text, None)
    assert wanted.policy.calendar == CalendarRules(kind=CalendarKind.ALWAYS)
    assert 'calendar = "always"' in teamfile.export(wanted)


@pytest.mark.parametrize(
    ("calendar", "field", "ja", "en"),
    [
        ('kind = "business_days"\nholidays = "XX"', "policy.calendar.holidays", "祝日データ", "No holidays"),
        ('kind = "sometimes"', "policy.calendar.kind", "business_hours", "business_hours"),
        ('kind = "business_hours"\nhours.monday = ["9-18"]', "policy.calendar.hours.monday[1]", "時間帯", "block"),
        (
            'kind = "business_days"\nclosures = [{ first = 2027-01-03, last = 2026-12-29 }]',
            "policy.calendar.closures[1]",
            "休業",
            "closure",
        ),
        (
            'kind = "business_days"\nclosures = [{ first = 2026-01-01, last = 2026-12-31, each_year = true }]',
            "policy.calendar.closures[1]",
            "毎年",
            "each year",
        ),
        ('kind = "always"\nholidays = "JP"', "policy.calendar", "always", "always"),
        (
            'kind = "business_hours"\nclosures = [{ first = 2026-01-01, last = 2028-01-01 }]',
            "policy.calendar",
            "1年",
            "year",
        ),
        ('kind = "business_days"\nholiday = "JP"', "policy.calendar.holiday", "holidays", "holidays"),
    ],
)
def test_a_calendar_that_cannot_be_is_refused_on_its_line_in_the_readers_words(
    calendar: str, field: str, ja: str, en: str
) -> None:
    with pytest.raises(teamfile.BadFile) as refused:
        teamfile.parse(_with(calendar), None)
    (wrong,) = refused.value.problems
    assert wrong.field == field
    assert wrong.line >= SAMPLE[:START].count("\n") + 1
    assert ja in problem(Translator(Locale.JA, "UTC"), wrong)
    assert en in problem(Translator(Locale.EN, "UTC"), wrong)


def test_a_closure_of_one_day_is_a_date() -> None:
    rules = teamfile.parse(_with('kind = "business_days"\nclosures = [2026-08-13]'), None).policy.calendar
    (closure,) = rules.closures
    assert closure == Closure.model_validate({"first": "2026-08-13", "last": "2026-08-13"})


def test_a_closure_comes_round_each_year_also_across_the_new_year() -> None:
    closures = '[{ first = 2026-12-29, last = 2027-01-03, name = "年末年始", each_year = true }, 2026-08-13]'
    rules = teamfile.parse(_with(f'kind = "business_days"\nclosures = {closures}'), None).policy.calendar
    winter = [date(2026, 1, 2), date(2026, 12, 29), date(2027, 1, 3), date(2030, 12, 31), date(2031, 1, 3)]
    assert [rules.closures[0].covers(day) for day in winter] == [False, True, True, True, True]
    assert [rules.closures[1].covers(date(year, 8, 13)) for year in (2026, 2027)] == [True, False]
    assert rules.day_off(date(2031, 1, 3)) == Closed(ClosedWhy.CLOSURE, "年末年始")
