"""Timezones and holidays are found by the words that a reader would type."""

from __future__ import annotations

import pytest

from bot.core.sla.holidays import is_known
from bot.core.teamfile.schema import timezones
from bot.i18n import Translator
from bot.slack.blocks.base.place_menus import (
    AS_THE_TEAM,
    MOST,
    NO_HOLIDAYS,
    holidays_matching,
    own_timezones_matching,
    timezones_matching,
)
from storage.vocabulary import Locale

EN, JA = (Translator(locale, "Asia/Tokyo") for locale in (Locale.EN, Locale.JA))


@pytest.mark.parametrize(
    ("t", "typed", "first"),
    [
        (JA, "東京", "東京 (Asia/Tokyo)"),
        (JA, "tokyo", "東京 (Asia/Tokyo)"),
        (JA, "ﾆｭｰﾖｰｸ", "ニューヨーク (America/New_York)"),
        (JA, "ベトナム", "ホーチミン (Asia/Ho_Chi_Minh)"),
        (EN, "india", "Kolkata (Asia/Kolkata)"),
        (EN, "america/indiana knox", "Knox, Indiana (America/Indiana/Knox)"),
        (EN, "UTC", "UTC"),
    ],
)
def test_a_timezone_is_found_by_city_country_or_name(t: Translator, typed: str, first: str) -> None:
    assert timezones_matching(typed, t)[0]["text"]["text"] == first


@pytest.mark.parametrize(
    ("t", "typed", "first"),
    [
        (JA, "日本", "日本 (JP)"),
        (JA, "ドイツ bayern", "ドイツ – バイエルン州 (DE-BY)"),
        (EN, "germany bayern", "Germany – Bavaria (DE-BY)"),
        (JA, "アメリカ カリフォルニア", "アメリカ合衆国 – カリフォルニア州 (US-CA)"),
        (EN, "united states calif", "United States – California (US-CA)"),
        (EN, "US-CA", "United States – California (US-CA)"),
        (EN, "us", "United States (US)"),
        (JA, "none", JA("menu.holidays_worked")),
    ],
)
def test_holidays_are_found_by_country_and_then_by_region(t: Translator, typed: str, first: str) -> None:
    assert holidays_matching(typed, t)[0]["text"]["text"] == first


@pytest.mark.parametrize("t", [EN, JA])
def test_what_is_offered_can_be_set(t: Translator) -> None:
    zones, countries = timezones_matching("", t), holidays_matching("", t)
    assert len(zones) == len(countries) == MOST
    assert {zone["value"] for zone in zones} <= timezones()
    assert countries[0]["value"] == NO_HOLIDAYS
    assert all(is_known(country["value"]) for country in (*countries[1:], *holidays_matching("gb", t)))
    assert own_timezones_matching("", t)[0]["value"] == AS_THE_TEAM
    assert timezones_matching("no such place", t) == holidays_matching("no such place", t) == []
