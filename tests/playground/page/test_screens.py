"""Every other screen, looked at and used: Home, inspector, feeds, a narrow window, hostile text."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.playground.page.conftest import OpenTab
from tests.playground.page.stage import Company


def test_the_home_tab_is_published_when_it_is_opened(open_tab: OpenTab, company: Company) -> None:
    tab = open_tab("sato")
    tab.feed("webhook")
    tab.panel("desk").get_by_role("button", name=company.w("dialog.close")).click()
    tab.open("app")
    tab.page.get_by_role("tab", name=company.w("tab.home")).click()
    home = tab.page.locator(".home")
    expect(home).to_contain_text("#1")
    tab.shot("home")
    home.get_by_role("button", name=f"{company.t('button.accept')} #1").click()
    expect(home.get_by_role("button", name=f"{company.t('button.report')} #1")).to_be_visible()
    home.get_by_role("button", name=f"{company.t('button.show')} #1").click()
    expect(tab.modal).to_contain_text("#1")
    tab.shot("modal-show")
    tab.page.keyboard.press("Escape")
    expect(tab.modal).to_have_count(0)


def test_a_screen_that_takes_the_place_of_another_in_a_modal_begins_at_its_top(
    open_tab: OpenTab, company: Company
) -> None:
    tab, t = open_tab("kim"), company.t
    tab.say("/mql settings")
    name = f"{t('settings.change')} {t('settings.screen.lost_reasons')}"
    tab.modal.get_by_role("button", name=name, exact=True).click()
    expect(tab.modal.locator(".body")).to_contain_text(t("settings.screen.lost_reasons"))
    expect(tab.modal.get_by_role("button", name=t("settings.add"), exact=True)).to_be_in_viewport()


def test_a_hostile_lead_shows_as_text_pings_nobody_and_links_nowhere(open_tab: OpenTab, company: Company) -> None:
    tab = open_tab("sato")
    for _ in range(2):
        tab.feed("hostile")
    expect(tab.page.locator("main .message")).to_have_count(2)
    page = tab.page
    expect(page.locator("main .message").first).to_contain_text("<!channel>")
    expect(page.locator("main .mention.loud")).to_have_count(0)
    expect(page.locator("main .message script, main .message img, main a[href^='javascript']")).to_have_count(0)
    expect(page.locator("main .message a[href*='phish']")).to_have_count(0)
    tab.panel("desk").get_by_role("button", name=company.w("dialog.close")).click()
    wide = page.evaluate(
        "document.querySelector('.messages').scrollWidth <= document.querySelector('.messages').clientWidth"
    )
    assert wide
    tab.shot("hostile")


@pytest.mark.thorough
def test_the_feeds_reach_the_bot_and_nothing_is_dropped(open_tab: OpenTab, company: Company) -> None:
    tab = open_tab("ito")
    tab.open("mql-intake")
    tab.feed("unreadable")
    expect(tab.page.locator("main .message .thread-link")).to_have_count(1)
    tab.open("mql")
    tab.feed("burst")
    expect(tab.page.locator("main .message").filter(has_text="MQL #20")).to_have_count(1)
    expect(tab.page.locator("main .message")).to_have_count(20)


@pytest.mark.thorough
def test_the_inspector_shows_each_exchange_and_any_broken_rule(open_tab: OpenTab, company: Company) -> None:
    tab = open_tab("sato")
    tab.feed("webhook")
    refused = _post_broken_blocks(company)
    assert refused["error"] == "invalid_blocks"
    panel = tab.panel("inspector")
    panel.locator("[data-kind=failed]").click()
    broken = panel.locator(".exchange").filter(has_text="chat.postMessage")
    expect(broken).to_have_count(1)
    broken.locator(".exchange-line").click()
    expect(broken.locator(".broken")).to_contain_text("limit 150")
    tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    broken.locator("[data-copy-kit]").click()
    assert '"blocks"' in tab.page.evaluate("navigator.clipboard.readText()")
    tab.shot("inspector")
    panel.locator("[data-kind=all]").click()
    panel.get_by_role("searchbox").fill("webhook")
    expect(panel.locator(".exchange.to_bot").filter(has_text="webhook")).to_have_count(1)
    panel.locator(".check summary").click()
    panel.locator("#check-blocks").fill('[{"type": "section"}]')
    panel.locator(".check .button").click()
    expect(panel.locator(".check .broken")).to_contain_text("text")


def _post_broken_blocks(company: Company) -> dict[str, str]:
    from slack_sdk import WebClient
    from slack_sdk.errors import SlackApiError

    client = WebClient(company.slack.bot_token, base_url=company.slack.api_url, retry_handlers=[])
    header = {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}
    try:
        client.chat_postMessage(channel="C0MQL00001", text="x", blocks=[header])
    except SlackApiError as error:
        return dict(error.response.data)
    return {}


def test_a_window_of_400_pixels_is_enough(open_tab: OpenTab, company: Company) -> None:
    tab = open_tab("sato")
    page = tab.page
    page.set_viewport_size({"width": 400, "height": 780})
    tab.feed("webhook")
    panel = tab.panel("desk")
    tab.shot("narrow-backstage")
    panel.get_by_role("button", name=company.w("dialog.close")).click()
    page.locator(".head .drawer").click()
    expect(page.locator(".side")).to_be_visible()
    tab.shot("narrow-menu")
    tab.open("mql")
    expect(page.locator(".side.open")).to_have_count(0)
    page.wait_for_timeout(250)
    tab.shot("narrow-card")
    tab.message("MQL #1").get_by_role("button", name=company.t("button.accept")).click()
    tab.message("MQL #1").get_by_role("button", name=company.t("button.report")).click()
    expect(tab.modal).to_be_visible()
    tab.shot("narrow-modal")
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
