"""The reports in a browser, at every size: what a manager with a minute sees."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from slack_sdk import WebClient

from bot.i18n import Translator
from bot.slack.blocks.base.kit import Message
from bot.slack.blocks.reports import digest, digest_people, digest_trend, monthly, own_week, scoring
from tests.playground.page.conftest import OpenTab
from tests.playground.page.stage import Company
from tests.slack.blocks import monthly_samples, weeks
from tests.thorough import thoroughly

FITS = "document.querySelector('.messages').scrollWidth <= document.querySelector('.messages').clientWidth"


def post(company: Company, message: Message, thread: str | None = None, to: str = "U0TANAKA01") -> str:
    client = WebClient(company.slack.bot_token, base_url=company.slack.api_url, retry_handlers=[])
    answer = client.chat_postMessage(channel=to, thread_ts=thread, text=message.text, blocks=message.blocks)
    return str(answer["ts"])


@pytest.mark.parametrize("size", thoroughly(weeks.SIZES, but=[4000]))
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
    assert tab.page.evaluate(FITS)
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


@pytest.mark.thorough
@pytest.mark.parametrize("name", thoroughly(weeks.OWN, but=["hundreds", "debt only"]))
def test_a_rep_reads_their_own_week(open_tab: OpenTab, company: Company, name: str) -> None:
    t = Translator(company.locale, "Asia/Tokyo")
    message = own_week.own_week(weeks.OWN[name], t)
    post(company, message, to="U0SATO0001")
    tab = open_tab("sato")
    tab.page.set_viewport_size({"width": 1280, "height": 1500})
    tab.open("app")
    expect(tab.message(t("own_week.stop"))).to_be_visible()
    tab.shot(f"own-week-{name.replace(' ', '-')}")


@pytest.mark.thorough
@pytest.mark.parametrize("name", thoroughly(monthly_samples.REPORTS, but=["4,000"]))
def test_a_month_of_any_size_can_be_read(open_tab: OpenTab, company: Company, name: str) -> None:
    t = Translator(company.locale, "Asia/Tokyo")
    top = post(company, monthly.report(monthly_samples.REPORTS[name], t))
    post(company, scoring.check(monthly_samples.CHECKS[name], t), top)
    tab = open_tab("tanaka")
    tab.page.set_viewport_size({"width": 1280, "height": 2200})
    tab.open("app")
    shown = tab.message("MQL")
    expect(shown.locator(".thread-link")).to_be_visible()
    assert tab.page.evaluate(FITS)
    tab.shot(f"monthly-{name}")
    shown.locator(".thread-link").click()
    expect(tab.page.locator(".thread .message")).not_to_have_count(0)
    tab.shot(f"scoring-{name}")


@pytest.mark.thorough
def test_a_target_is_set_and_read(open_tab: OpenTab, company: Company) -> None:
    tab = open_tab("tanaka")
    tab.say("/mql kpi")
    fields = tab.modal.locator("input[type=text], input[type=number]")
    fields.nth(0).fill("100000000")
    fields.nth(1).fill("5000000")
    tab.shot("kpi-form")
    tab.modal.locator("button[type=submit]").click()
    expect(tab.modal).to_contain_text("134")
    expect(tab.modal).to_contain_text("893")
    tab.page.set_viewport_size({"width": 1280, "height": 2000})
    tab.shot("kpi")


@pytest.mark.thorough
def test_the_self_check_asks_only_for_what_it_cannot_know(open_tab: OpenTab, company: Company) -> None:
    tab = open_tab("tanaka")
    tab.page.set_viewport_size({"width": 1280, "height": 2000})
    tab.say("/mql checkup")
    expect(tab.modal.locator("button[type=submit]")).to_be_visible()
    tab.shot("checkup-form")
    for asked in tab.modal.get_by_role("radiogroup").all():
        asked.get_by_role("radio").first.check()
    tab.modal.locator("button[type=submit]").click()
    expect(tab.modal).to_contain_text(company.t("checkup.legend")[:8])
    tab.shot("checkup")
