"""A newcomer's hour on a phone: from a bot that was just installed to the first card, by taps alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest
from playwright.sync_api import BrowserContext, Locator, expect

from bot.cli.playground import newcomer
from bot.core.base import wall_clock
from bot.i18n import Translator
from playground import Playground
from storage.vocabulary import Locale
from tests.installation import Access
from tests.patience import LONGEST
from tests.playground.page.stage import Company, Tab

PHONE = {"width": 400, "height": 860}
MOST_TAPS = 18


class Phone:
    """A tab of a phone, which counts every tap."""

    def __init__(self, tab: Tab, t: Translator) -> None:
        self.tab, self.t, self.taps = tab, t, 0

    def tap(self, what: Locator) -> None:
        self.taps += 1
        what.click()

    def button(self, key: str, *, within: Locator | None = None) -> None:
        place = within or self.tab.page.locator(".home")
        self.tap(place.get_by_role("button", name=self.t(key), exact=True).first)

    def choose(self, key: str, option: str) -> None:
        self.taps += 1
        self.tab.modal.get_by_label(self.t(key)).first.select_option(label=option)

    def send(self, key: str) -> None:
        self.button(key, within=self.tab.modal)
        expect(self.tab.modal).to_have_count(0)

    def reads(self, text: str) -> None:
        expect(self.tab.page.locator(".home")).to_contain_text(text)


@pytest.fixture
def slack(locale: Locale, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Playground]:
    monkeypatch.chdir(tmp_path)  # where its database is
    settings = Access("https://slack.com/api/", "xoxb-1", "secret", "xapp-1").settings()
    opened = newcomer.start(settings, locale, 0, lambda _: None)
    opened.slack.acknowledge_within = LONGEST
    yield opened.slack
    opened.close()
    wall_clock.set_to(datetime.now(UTC))


@pytest.fixture
def phone(context: BrowserContext, slack: Playground, locale: Locale) -> Phone:
    company = cast(Company, type("NewCompany", (), {"slack": slack}))
    tab = Tab(context, company, newcomer.ADMIN)
    tab.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    return Phone(tab, Translator(locale, "Asia/Tokyo"))


def test_the_tour_leads_whoever_comes_first_to_the_set_up(
    context: BrowserContext, slack: Playground, locale: Locale
) -> None:
    tab = Tab(context, cast(Company, type("NewCompany", (), {"slack": slack})), "sato", tour=True)
    page, tour = tab.page, tab.page.locator(".tour")
    tour.locator("[data-tour=try]").click()
    expect(tour).to_have_count(0)
    expect(page.locator(f"[data-person={newcomer.ADMIN}]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".home")).to_contain_text(Translator(locale, "Asia/Tokyo")("setup.title"))
    assert tab.problems == []


@pytest.mark.thorough
def test_a_newcomer_reaches_the_first_card_without_typing(phone: Phone, slack: Playground) -> None:
    t, page = phone.t, phone.tab.page
    phone.tap(page.locator("main button.icon.drawer"))
    phone.tap(page.locator("[data-channel=app]"))
    phone.tap(page.locator("#tab-home"))
    phone.reads(t("setup.title"))
    phone.button("button.setup_choose")
    phone.send("button.setup_save")
    phone.button("button.setup_add")
    phone.choose("setup.from", "#sales")
    phone.send("button.setup_add")
    phone.reads(t("setup.reading.done", count=3))
    phone.button("button.setup_add")
    phone.choose("setup.as", t("setup.part.manager"))
    phone.tap(phone.tab.modal.locator("#setup_named-setup_named").get_by_text(slack.user("tanaka").real_name))
    phone.send("button.setup_add")
    phone.reads(t("setup.reading.done", count=1))
    phone.button("button.setup_start")
    phone.reads(t("setup.begun").strip("*"))
    assert page.locator(".home").evaluate("home => home.scrollTop") == 0, "what opened begins at its top"
    (card,) = [message for message in slack.channel("mql").messages if message.thread is None]
    assert t("setup.test_lead.company") in card.text
    phone.button("button.setup_withdraw")
    expect(page.get_by_role("button", name=t("button.setup_withdraw"))).to_have_count(0)
    assert phone.taps <= MOST_TAPS
    assert phone.tab.problems == []
