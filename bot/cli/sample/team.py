"""The sample company: its people in Slack, and its team file, in the language of whoever looks at it."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.resources import files
from zoneinfo import ZoneInfo

from playground import TeamSpec
from playground.sample import ENGLISH, SAMPLE_TEAM
from storage.vocabulary import Locale

TIMEZONE = ZoneInfo("Asia/Tokyo")
BEGINS = datetime(2026, 11, 30, 9, tzinfo=TIMEZONE).astimezone(UTC)
"""The Monday on which the playground begins: no holiday, and neither is any day of its week."""
PEOPLE: dict[Locale, TeamSpec] = {Locale.JA: SAMPLE_TEAM, Locale.EN: ENGLISH}


def sample_team(locale: Locale = Locale.JA) -> str:
    """Return the team file of the playground; also the example for a first file of one's own."""
    text = (files("bot.cli.sample") / "sample_team.toml").read_text(encoding="utf-8")
    if locale == Locale.JA:
        return text
    for person, here in zip(SAMPLE_TEAM.people, PEOPLE[locale].people, strict=True):
        text = text.replace(f'"{person.real_name}"', f'"{here.real_name}"')
    return text.replace('locale = "ja"', f'locale = "{locale}"', 1)
