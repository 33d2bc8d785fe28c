from __future__ import annotations

import tomllib
from typing import Any

import pytest
from pydantic import ValidationError

from bot.core.sla.calendar_rules import CalendarRules
from storage.vocabulary import CalendarKind

EVERYTHING: dict[str, Any] = {
    "kind": "business_hours",
    "hours": {"monday": ["09:00-12:00", "13:00-18:00"], "friday": ["22:00-06:00"]},
    "working_days": ["friday", "monday"],
    "holidays": "JP",
    "closures": ["2026-08-14", {"first": "2026-12-29", "last": "2027-01-03", "name": "年末年始"}],
    "half_days": {"2026-12-28": ["09:00-12:00"]},
    "extra_days": {"2026-12-12": ["10:00-15:00"]},
}
HALF = {"first": "2027-01-01", "last": "2027-08-31"}
TEXT = """
kind = "business_hours"
working_days = ["monday", "friday"]
holidays = "JP"
closures = [2026-08-14, { first = 2026-12-29, last = 2027-01-03, name = "年末年始" }]

[hours]
monday = ["09:00-12:00", "13:00-18:00"]
friday = ["22:00-06:00"]

[half_days]
2026-12-28 = ["09:00-12:00"]

[extra_days]
2026-12-12 = ["10:00-15:00"]
"""


def _complaints(**rules: Any) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as caught:
        CalendarRules.model_validate({"kind": "business_hours", **rules})
    return [(error["type"], error["msg"]) for error in caught.value.errors()]


def test_rules_survive_being_stored_and_being_written_in_toml() -> None:
    rules = CalendarRules.model_validate(EVERYTHING)
    assert CalendarRules.model_validate_json(rules.model_dump_json()) == rules
    assert CalendarRules.model_validate(rules.model_dump(mode="json", exclude_none=True)) == rules
    assert CalendarRules.model_validate(tomllib.loads(TEXT)) == rules


def test_equal_rules_have_one_hash_whatever_the_order_of_their_tables() -> None:
    turned = {**EVERYTHING, "hours": dict(reversed(list(EVERYTHING["hours"].items())))}
    rules, other = CalendarRules.model_validate(EVERYTHING), CalendarRules.model_validate(turned)
    assert rules == other
    assert hash(rules) == hash(other)
    assert rules != CalendarRules(kind=CalendarKind.BUSINESS_HOURS)


@pytest.mark.parametrize(
    "block",
    [
        "9:00-18:00",
        "09:00",
        "09:00-25:00",
        "24:00-06:00",
        "09:60-10:00",
        "09:00–18:00",
        " 09:00-18:00",
        "09:00-24:30",
        "",
    ],
)
def test_a_block_is_written_in_one_way(block: str) -> None:
    message = f'write a block of hours as "09:00-18:00", not "{block}"; "22:00-06:00" ends on the next day'
    assert _complaints(hours={"monday": [block]}) == [("not_a_block", message)]


@pytest.mark.parametrize("day", ["2026/12/29", "20261229", "1735689600", 1735689600, "12-29", "2026-12-29T00:00", True])
def test_a_date_is_written_in_one_way(day: object) -> None:
    assert _complaints(closures=[{"first": day}])[0] == ("not_a_date", f"write a date as YYYY-MM-DD, not {day}")


def test_a_date_that_does_not_exist_or_is_far_away_is_refused() -> None:
    assert _complaints(extra_days={"2026-02-30": ["09:00-12:00"]})[0][0] == "date_from_datetime_parsing"
    assert _complaints(closures=["9999-12-31"])[0] == ("not_our_time", "9999-12-31 does not lie between 2000 and 2199")


@pytest.mark.parametrize("code", ["XX", "US-ZZ", "jp", "Japan", "", "US-", "HolidayBase", "JP-JP-JP", "US-California"])
def test_an_unknown_country_is_refused(code: str) -> None:
    message = f'no holidays are known for "{code}": write a country such as JP or a part of one such as US-CA'
    assert _complaints(holidays=code) == [("not_a_holiday_country", message)]


@pytest.mark.parametrize(
    ("rules", "code", "message"),
    [
        (
            {"kind": "always", "holidays": "JP", "half_days": {"2026-12-28": ["09:00-12:00"]}},
            "always_with_rules",
            "an always calendar counts every minute of every day: leave out holidays, half_days",
        ),
        (
            {"kind": "business_days", "hours": {"monday": ["09:00-18:00"]}},
            "days_with_hours",
            "business_days counts whole days: leave out hours, or choose business_hours",
        ),
        (
            {"working_days": ["monday"], "hours": {"monday": ["09:00-18:00"], "sunday": ["09:00-18:00"]}},
            "half_working_day",
            "sunday is only in one of working_days and hours",
        ),
        (
            {"working_days": ["monday", "sunday"], "hours": {"monday": ["09:00-18:00"]}},
            "half_working_day",
            "sunday is only in one of working_days and hours",
        ),
        (
            {"half_days": {"2026-12-28": ["09:00-12:00"]}, "extra_days": {"2026-12-28": ["09:00-12:00"]}},
            "half_and_extra",
            "2026-12-28 is both a half day and an extra day",
        ),
        (
            {"half_days": {"2026-12-28": ["09:00-12:00"]}, "closures": ["2026-12-28"]},
            "half_of_nothing",
            "2026-12-28 is closed anyway, so it cannot be a half day: make it an extra day",
        ),
        (
            {"half_days": {"2026-12-27": ["09:00-12:00"]}},
            "half_of_nothing",
            "2026-12-27 is closed anyway, so it cannot be a half day: make it an extra day",
        ),
        (
            {"closures": [{"first": "2027-01-03", "last": "2026-12-29"}]},
            "ends_before_it_begins",
            "the closure of 2027-01-03 ends before it: 2026-12-29",
        ),
    ],
)
def test_rules_that_contradict_themselves_say_how(rules: dict[str, Any], code: str, message: str) -> None:
    assert _complaints(**rules) == [(code, message)]


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        ({"working_days": []}, "no_working_days"),
        ({"kind": "business_days", "working_days": []}, "no_working_days"),
        ({"hours": {}}, "no_hours"),
        ({"hours": {"monday": []}}, "no_blocks"),
        ({"closures": [{"first": "2026-01-01", "last": "2199-12-31"}]}, "nothing_open"),
        # Each for itself is short enough.
        ({"closures": [HALF, {"first": "2027-09-01", "last": "2028-06-30"}]}, "nothing_open"),
    ],
)
def test_rules_that_leave_nothing_open_are_refused(rules: dict[str, Any], code: str) -> None:
    assert _complaints(**rules)[0][0] == code


def test_a_long_closure_that_ends_within_a_year_is_the_companys_own_affair() -> None:
    assert CalendarRules.model_validate({"kind": "business_days", "closures": [HALF]}).closures[0].name is None
