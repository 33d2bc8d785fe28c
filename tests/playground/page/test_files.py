"""A file that is attached in the browser reaches the bot, and its answer is on the page."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from storage.vocabulary import Locale
from tests.playground.page.conftest import OpenTab
from tests.playground.page.stage import Company

pytestmark = pytest.mark.parametrize("locale", [Locale.EN], indirect=True)


@pytest.mark.thorough
def test_a_file_is_attached_in_the_direct_message(open_tab: OpenTab, company: Company) -> None:
    tab = open_tab("ito/D0ITO00001")
    content = "会社名,メールアドレス\n青葉,tanaka@aoba.example\n".encode()
    tab.page.locator("#file-box").set_input_files({"name": "leads.csv", "mimeType": "text/csv", "buffer": content})
    expect(tab.message("leads.csv").first).to_be_visible()
    tab.page.get_by_role("button", name="Import").click()
    expect(tab.message("Leads handed to sales: 1").first).to_be_visible()
