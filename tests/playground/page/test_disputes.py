"""Disputes in the App Home: who raised one sees it wait, a leader decides it there."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from bot.core.base.results import Done
from bot.core.mql import disputes, feedback, response
from bot.core.mql.feedback import Answer
from storage import mqls
from storage.vocabulary import Disposition, Locale
from tests.playground.page.conftest import OpenTab
from tests.playground.page.stage import Company

WHY = {
    Locale.JA: "昨日のお電話で、来月の予算が決まっているとうかがいました。",
    Locale.EN: "They told us on the phone yesterday that next month's budget is approved.",
}

REPLY = {
    Locale.JA: "来月の予算は別の案件のものでした。",
    Locale.EN: "Next month's budget is for another project.",
}


def _does(company: Company, act: Any, name: str, *given: Any) -> None:
    with company.database.transaction() as tx:
        subject = mqls.by_number(tx, company.slack.team_id, 1)
        assert subject is not None
        user = company.slack.user(name).id if name else subject.owner
        done = act(tx, company.slack.team_id, subject.id, user, *given, company.clock.now())
        assert isinstance(done, Done)


@pytest.mark.thorough
def test_marketing_sees_its_dispute_wait_and_the_manager_decides_it(open_tab: OpenTab, company: Company) -> None:
    t, tab, why = company.t, open_tab("ito"), WHY[company.locale]
    tab.feed("webhook")
    tab.panel("desk").get_by_role("button", name=company.w("dialog.close")).click()
    _does(company, response.accept, "")
    _does(company, feedback.give, "", Answer(disposition=Disposition.DISQUALIFIED, lost_reason="no_budget"))
    _does(company, disputes.dispute, "ito", why)

    home = tab.page.locator(".home")
    tab.open("app")
    tab.page.get_by_role("tab", name=company.w("tab.home")).click()
    expect(home).to_contain_text(t("home.own_disputes", count=1))
    expect(home).to_contain_text(why)
    expect(home.get_by_role("button", name=t("button.uphold"))).to_have_count(0)
    tab.shot("home-own-dispute")

    tab = open_tab("tanaka")
    home = tab.page.locator(".home")
    tab.open("app")
    tab.page.get_by_role("tab", name=company.w("tab.home")).click()
    expect(home).to_contain_text(t("home.disputes", count=1))
    expect(home.get_by_role("button", name=t("button.accept_dispute"))).to_be_visible()
    tab.shot("home-disputes")
    home.get_by_role("button", name=t("button.uphold")).click()
    tab.modal.locator("textarea, input[type=text]").first.fill(REPLY[company.locale])
    tab.modal.get_by_role("button", name=t("dispute.uphold_submit"), exact=True).click()
    expect(home).not_to_contain_text(why)
    expect(home).to_contain_text(t("home.first_nothing"))
