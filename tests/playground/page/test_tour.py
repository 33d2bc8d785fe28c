"""What a newcomer meets: the tour, and the quiet hours, at whatever time of day the playground is started."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.playground.page.conftest import OpenTab
from tests.playground.page.stage import START, Company
from tests.thorough import thoroughly

MORNING = START
EVENING = START + timedelta(hours=9, minutes=50)  # 19:50 in Tokyo, ten minutes before the quiet hours
LAST_SECONDS = EVENING + timedelta(minutes=9, seconds=15)
NIGHT = START + timedelta(hours=16)  # 02:00
HOLIDAY = datetime.fromisoformat("2026-11-23T14:00+09:00")  # a Monday

TIMES = (MORNING, EVENING, LAST_SECONDS, NIGHT, HOLIDAY)
times_of_day = pytest.mark.parametrize("start", thoroughly(TIMES, but=[LAST_SECONDS]), ids=str)


@pytest.mark.thorough
@times_of_day
def test_the_tour_walks_through_the_story_and_is_remembered(
    open_tab: OpenTab, company: Company, start: datetime
) -> None:
    tab = open_tab("sato", tour=True)
    tour = tab.page.locator(".tour")
    for number in range(1, 6):
        expect(tour).to_contain_text(company.w(f"tour.title_{number}"))
        tour.locator("[data-tour=try]").click()
        expect(tour.locator(".busy")).to_have_count(0)
        if number in (1, 4):
            tab.shot(f"tour-{number}")
        tour.locator("[data-tour=next]").click()
    expect(tour).to_have_count(0)
    expect(tab.page.locator("[data-person=tanaka]")).to_have_attribute("aria-pressed", "true")
    expect(tab.message(company.t("button.reassign")).first).to_be_visible()  # the escalation
    expect(tab.message(company.t("digest.footnote"))).to_be_visible()
    tab.page.reload()
    tab.page.wait_for_selector("html[data-ready=yes]")
    expect(tour).to_have_count(0)
    tab.page.locator("[data-tour=again]").click()
    tour.locator("[data-tour=skip]").click()
    expect(tour).to_have_count(0)


@pytest.mark.thorough
@pytest.mark.parametrize("start", [NIGHT], ids=str)
def test_whoever_lets_time_pass_at_night_reads_why_nothing_comes(
    open_tab: OpenTab, company: Company, start: datetime
) -> None:
    tab = open_tab("tanaka")
    tab.open("app")
    night, messages = tab.page.locator(".night"), tab.page.locator("main .message")
    expect(night).to_contain_text("8:00")
    tab.feed("webhook")
    tab.jump("checkpoint")  # half of the time is up at 14:00
    expect(night).to_have_count(0)
    for _ in range(2):
        tab.jump("checkpoint")  # four fifths at 21:12, all of it at 02:00
    quiet = company.companion.quiet()
    assert quiet is not None
    assert quiet.held > 0
    assert company.companion.next_checkpoint() == quiet.until
    words = company.w("night.held", count=quiet.held, time="|").partition("|")
    expect(night).to_contain_text(words[0])
    expect(messages).to_have_count(0)
    tab.shot("night")
    night.locator("[data-jump=morning]").click()
    expect(messages).to_have_count(1)
    expect(night).to_have_count(0)


@pytest.mark.thorough
@pytest.mark.parametrize("start", [NIGHT], ids=str)
def test_what_was_held_back_comes_at_its_hour_also_in_a_longer_jump(
    open_tab: OpenTab, company: Company, start: datetime
) -> None:
    tab = open_tab("tanaka")
    tab.open("app")
    tab.feed("webhook")
    for _ in range(2):
        tab.jump("24h")
    expect(tab.page.locator("main .message")).to_have_count(1)
    expect(tab.page.locator("main .message time, main .message .time").first).to_contain_text("8:00")
