"""The reports in a browser, at every size: what a manager with a minute sees."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from slack_sdk import WebClient

from bot.i18n import Translator
from bot.slack.blocks import digest, digest_people, digest_trend, own_week
from bot.slack.blocks.kit import Message
from tests.playground.page.conftest import OpenTab
from tests.playground.page.stage import Company
from tests.slack.blocks import weeks


def post(company: Company, message: Message, thread: str | None = None, to: str = "U0TANAKA01") -> str:
    client = WebClient(company.slack.bot_token, base_url=company.slack.api_url, retry_handlers=[])
    answer = client.chat_postMessage(channel=to, thread_ts=thread, text=message.text, blocks=message.blocks)
    return str(answer["ts"])


@pytest.mark.parametrize("size", weeks.SIZES)
def test_a_digest_of_any_size_can_be_read(open_tab: OpenTab, company: Company, size: int) -> None:
    t = Translator(company.locale, "Asia/Tokyo")
    report = weeks.week(size)
    top = post(company, digest.weekly(report, t))
    for below in (digest_people.people(report, t), digest_trend.trend(weeks.trend(size), t)):
        if below is not None:
            post(company, below, top)
    tab = open_tab("tanaka")
    tab.page.set_viewport_size({"width": 1280, "height": 1600})
    tab.open("app")
    shown = tab.message("MQL")
    expect(shown.locator("table").first).to_be_visible()
    tab.shot(f"digest-{size}")
    fits = "document.querySelector('.messages').scrollWidth <= document.querySelector('.messages').clientWidth"
    assert tab.page.evaluate(fits)
    if size == 40:
        tab.page.set_viewport_size({"width": 400, "height": 1600})
        tab.shot("digest-narrow")
        assert tab.page.evaluate("document.documentElement.scrollWidth") <= 400
        tab.page.set_viewport_size({"width": 1280, "height": 1600})
    if size:
        shown.locator(".thread-link").click()
        expect(tab.page.locator(".thread .message")).not_to_have_count(0)
        tab.page.set_viewport_size({"width": 1280, "height": 2600})
        tab.shot(f"digest-{size}-thread")


@pytest.mark.parametrize("name", weeks.OWN)
def test_a_rep_reads_their_own_week(open_tab: OpenTab, company: Company, name: str) -> None:
    t = Translator(company.locale, "Asia/Tokyo")
    told = own_week.own_week(weeks.OWN[name], t)
    assert told is not None
    post(company, told, to="U0SATO0001")
    tab = open_tab("sato")
    tab.page.set_viewport_size({"width": 1280, "height": 1500})
    tab.open("app")
    expect(tab.message(t("own_week.stop"))).to_be_visible()
    tab.shot(f"own-week-{name.replace(' ', '-')}")
