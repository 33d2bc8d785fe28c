"""The CRM beside Slack, in a browser."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import expect

from playground.crm.hubspot import HubSpot, HubSpotPane
from storage.vocabulary import Locale
from tests.playground.page.conftest import OpenTab
from tests.playground.page.stage import Company

pytestmark = pytest.mark.parametrize("locale", [Locale.JA], indirect=True)


def test_a_lead_is_changed_called_and_handed_over_on_a_phone(open_tab: OpenTab, company: Company) -> None:
    crm = HubSpot(company.clock.now, time.monotonic, company.slack.changes)
    company.slack.add_crm(HubSpotPane.filled(crm, [("佐藤 葵", "sato@sample.example")]))
    tab = open_tab("sato")
    tab.page.set_viewport_size({"width": 400, "height": 860})
    lead = tab.panel("crm").locator(".crm-lead").first
    lead.locator("[data-crm=status]").select_option("CONNECTED")
    lead.locator("[data-crm=call]").click()
    expect(lead.locator(".crm-marks")).to_have_text(company.w("crm.calls", count=1))
    assert next(iter(crm.records.records["contacts"].values())).properties["hs_lead_status"] == "CONNECTED"
    lead.locator("[data-crm=win]").click()
    expect(lead.locator(".won")).to_have_text(company.w("crm.won"))
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= 400
    lead.locator("[data-crm=hand-over]").click()
    expect(tab.page.locator(".note").last).to_contain_text(company.w("crm.handed"))
    tab.page.locator("aside.panel .head .icon").click()
    expect(tab.message("株式会社あおぞら電機")).to_be_visible()
