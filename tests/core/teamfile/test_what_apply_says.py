"""What the preview says of what a person may not know: quiet hours that begin, days that change, holidays left open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from bot.cli.teamfile import config_words
from bot.core.sla import holidays
from bot.core.sla.policy import NIGHT, read_policy
from bot.core.teamfile import TeamFile, export, parse
from bot.core.teamfile.changes import Change, diff, holiday_hints
from bot.i18n import Translator
from storage.vocabulary import Locale
from tests.core.teamfile.kit import GOOD, bad, changed, good

TODAY = date(2026, 11, 17)


def with_policy(text: str) -> str:
    return changed("response_hours = 24", f"response_hours = 24\n{text}")


def stored(team: TeamFile, **terms: object) -> TeamFile:
    """A team as it is stored, where its policy says so."""
    return replace(team, policy=read_policy(team.policy.model_dump(mode="json") | terms))


def worded(changes: list[Change]) -> Iterator[str]:
    for locale in Locale:
        for change in changes:
            text = config_words.change(Translator(locale, "Asia/Tokyo"), change)
            assert "{" not in text
            yield text


def codes(before: TeamFile | None, after: TeamFile) -> list[str]:
    changes = diff(before, after)
    assert list(worded(changes))
    return [change.code for change in changes]


def test_a_file_without_quiet_hours_has_them_at_night() -> None:
    assert good().policy.quiet == NIGHT
    assert (NIGHT.start, NIGHT.end) == ("20:00", "08:00")


def test_the_preview_says_that_quiet_hours_begin_and_how_to_have_none() -> None:
    before = stored(good(), quiet=None)
    assert codes(before, good()) == ["policy", "quiet_hours"]
    texts = list(worded(diff(before, good())))
    assert sum("quiet = false" in text and "20:00" in text for text in texts) == 2
    assert "quiet_hours" in codes(None, good())
    assert diff(good(), good()) == []


@pytest.mark.parametrize(
    "text", ["quiet = false", 'quiet = { start = "22:00", end = "07:00" }'], ids=["none", "others"]
)
def test_who_has_chosen_otherwise_hears_nothing_of_it(text: str) -> None:
    assert "quiet_hours" not in codes(None, good(with_policy(text)))


def test_no_quiet_hours_are_written_and_read_as_false() -> None:
    tier = '\n[[policy.tiers]]\nname = "hot"\nwhen = { min_score = 80 }\nquiet = false\n'
    none, tiered = good(with_policy("quiet = false")), good(with_policy("") + tier)
    assert none.policy.quiet is None
    assert [tiered.policy.quiet, tiered.policy.terms("hot").quiet] == [NIGHT, None]
    for team in (none, tiered):
        assert "quiet = false" in export(team)
        assert parse(export(team), None) == team


@pytest.mark.parametrize("text", ["quiet = true", "quiet = 0"])
def test_nothing_else_stands_for_no_quiet_hours(text: str) -> None:
    (problem,) = bad(with_policy(text))
    assert (problem.field, problem.code) == ("policy.quiet", "wrong_type")


def test_a_policy_that_was_stored_without_quiet_hours_keeps_none() -> None:
    body = good().policy.model_dump(mode="json")
    assert read_policy(body | {"quiet": None}).quiet is None


def test_the_preview_says_that_days_become_working_days() -> None:
    wanted = good(with_policy('calendar = "business_hours"'))
    before = stored(wanted, calendar={"kind": "business_hours", "day_hours": 24.0})
    assert codes(before, wanted) == ["policy", "working_days"]
    changes = [change for change in diff(before, wanted) if change.code == "working_days"]
    assert all("day_hours = 24" in text and "9" in text for text in worded(changes))
    assert diff(before, parse(export(before), None)) == []


def test_the_preview_says_for_whom_the_hours_of_a_deadline_are_working_hours_alone() -> None:
    before = good(with_policy('calendar = "business_days"'))
    first, *others = before.members
    wanted = replace(before, members=(replace(first, hours={"every": ("10:00-19:00",)}), *others))
    by_owner = replace(wanted, policy=wanted.policy.model_copy(update={"response_calendar": "owner"}))
    assert "own_hours" not in codes(before, wanted)
    (change,) = [change for change in diff(wanted, by_owner) if change.code == "own_hours"]
    assert all(first.name in text and "24" in text for text in worded([change]))
    assert diff(by_owner, by_owner) == []


def hints(code: str, before: str | None = None, today: date = TODAY, **rules: object) -> list[str]:
    """What is said in English of a file that names these holidays, where another named some before."""

    def team(named: str | None) -> TeamFile:
        calendar = {"kind": "business_days", **rules} | ({"holidays": named} if named else {})
        return replace(stored(good(), calendar=calendar), locale=Locale.EN)

    changes = list(holiday_hints(team(before) if before else None, team(code), today))
    return list(worded(changes))[len(changes) :]


def test_easter_monday_is_named_to_who_chose_all_of_great_britain() -> None:
    (text,) = hints("GB")
    assert "2027-03-29 Easter Monday (GB-ENG, GB-NIR, GB-WLS)" in text
    (early,) = hints("GB", today=date(2026, 1, 1))
    assert "more" in early
    (kept,) = holidays.left_open("GB", [2026])[2:3]
    assert (kept.day, kept.name) == (date(2026, 4, 6), "Easter Monday")
    assert not any("Easter Monday" in line for line in hints("GB-ENG"))


def test_the_assumption_of_mary_is_named_to_who_chose_bavaria() -> None:
    left_open = holidays.left_open("DE-BY", [2026, 2027], "en")
    assert [(other.day, other.where) for other in left_open] == [
        (date(2026, 8, 15), ("catholic",)),
        (date(2027, 8, 15), ("catholic",)),
    ]
    # In these years it is a Saturday and a Sunday: said where these are worked.
    assert hints("DE-BY") == []
    worked: dict[str, Any] = {"working_days": ["monday", "saturday"]}
    (text,) = hints("DE-BY", today=date(2026, 8, 15), **worked)
    assert "2026-08-15" in text
    assert "catholic" in text
    assert "2027" not in text
    # It is over, and the next one is a Sunday.
    assert hints("DE-BY", today=date(2026, 8, 16), **worked) == []


def test_the_days_around_new_year_are_named_to_who_chose_japan() -> None:
    (text,) = hints("JP")
    assert "2026-12-31" in text
    assert "(bank)" in text
    assert "more" not in text
    # No part of Japan has holidays of its own, and what is over is no news.
    assert "part of the country" not in text
    assert "2026-01" not in text
    assert "part of the country" in hints("GB")[0]


def test_what_is_closed_anyway_or_was_chosen_before_is_not_named() -> None:
    closed = [{"first": "2026-12-29", "last": "2027-01-03"}, {"first": "2027-12-29", "last": "2028-01-03"}]
    days = hints("JP", closures=closed)
    assert all("2026-12-31" not in text and "2027-12-31" not in text for text in days)
    assert hints("JP", closures=closed[:1]) == [], "whoever has named the next ones knows of them"
    assert hints("JP", before="JP") == []
    assert hints("JP", before="GB") != []


def test_where_parts_and_categories_agree_nothing_is_said() -> None:
    assert holidays.left_open("GB-ENG", [2026, 2027]) == []
    assert hints("GB-ENG") == []
    assert list(holiday_hints(None, parse(GOOD, None), TODAY)) == []
