"""The whole story by clicking, in both languages."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.playground.page.conftest import OpenTab
from tests.playground.page.stage import Company, Tab


def test_a_lead_is_accepted_another_escalated_and_the_outcome_reaches_the_digest(
    open_tab: OpenTab, company: Company
) -> None:
    tab = open_tab("sato")
    _a_lead_is_accepted(tab, company)
    _another_one_is_escalated_and_reassigned(tab, company)
    _the_outcome_is_reported(tab, company)
    tab.jump("digest")  # 09:00 on Tuesday: the Monday is a holiday in Japan
    tab.act_as("tanaka")
    tab.open("app")
    digest = tab.message("100%")
    expect(digest).to_contain_text("MQL")
    expect(tab.page.locator("[data-person=tanaka] .count")).to_have_count(0)  # It has been read.
    tab.shot("digest")


def _a_lead_is_accepted(tab: Tab, company: Company) -> None:
    t = company.t
    tab.feed("webhook")
    card = tab.message("MQL #1")
    expect(card).to_contain_text("佐藤 葵")
    tab.shot("card-and-backstage")
    card.get_by_role("button", name=t("button.accept")).click()
    expect(card).to_contain_text(t("status.accepted"))
    expect(card).to_contain_text(company.w("message.edited"))


def _another_one_is_escalated_and_reassigned(tab: Tab, company: Company) -> None:
    t, page = company.t, tab.page
    tab.feed("hubspot")
    expect(tab.message("MQL #2")).to_contain_text("鈴木 蓮")
    expect(page.locator("[data-person=suzuki] .count")).to_have_text("1")
    tab.jump("24h")
    expect(page.locator("[data-person=tanaka] .count")).to_have_text("1")
    tab.act_as("suzuki")
    tab.open("app")
    expect(page.locator("main .message")).to_have_count(2)  # assignment, and in the morning both reminders of the night
    tab.act_as("tanaka")
    tab.open("app")
    escalation = tab.message("24")
    tab.shot("escalation")
    escalation.get_by_role("button", name=t("button.reassign")).click()
    tab.modal.locator("select").select_option(label="Alex Brown")
    tab.shot("modal-reassign")
    tab.modal.get_by_role("button", name=t("reassign.submit"), exact=True).click()
    expect(tab.modal).to_have_count(0)
    tab.open("mql")
    expect(tab.message("MQL #2")).to_contain_text("Alex Brown")


def _the_outcome_is_reported(tab: Tab, company: Company) -> None:
    t, page = company.t, tab.page
    tab.act_as("sato")
    tab.open("mql")
    page.locator("#message-box").press_sequentially("/mql-f")
    expect(page.locator(".completion [role=option]")).to_have_count(1)
    tab.shot("completion")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    tab.modal.get_by_text(t("status.disqualified")).click()
    tab.modal.locator("select").select_option("other")
    tab.modal.locator("button[type=submit]").click()
    wrong = tab.modal.locator(".field.wrong")
    expect(wrong).to_have_count(1)
    expect(wrong.locator("textarea")).to_be_focused()
    tab.shot("modal-error")
    wrong.locator("textarea").fill("Budget is planned for 2028")
    tab.modal.locator("button[type=submit]").click()
    expect(tab.modal).to_have_count(0)
    card = tab.message("MQL #1")
    expect(card).to_contain_text(t("status.disqualified"))
    card.locator(".thread-link").click()
    expect(page.locator(".thread .message")).not_to_have_count(0)
    tab.shot("thread")
