from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, expect, sync_playwright

from storage.database import Database
from storage.vocabulary import Locale
from tests.patience import LONGEST
from tests.playground.page.stage import START, Company, Tab

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
]
OpenTab = Callable[..., Tab]

# What is expected of a page is waited for as long as all else; Playwright itself would give up after five seconds.
expect.set_options(timeout=LONGEST * 1000)


@pytest.fixture(scope="session")
def _playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(_playwright: Playwright) -> Iterator[Browser]:
    """Debian's Chromium. Without it these tests are skipped; on CI they fail instead."""
    if not Path(CHROMIUM).exists():
        why = "no Chromium at /usr/bin/chromium; install it with: sudo apt install chromium fonts-noto-cjk"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    browser = _playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
    yield browser
    browser.close()


@pytest.fixture(params=[Locale.JA, Locale.EN])
def locale(request: pytest.FixtureRequest) -> Locale:
    """Both languages."""
    return Locale(request.param)


@pytest.fixture
def start() -> datetime:
    """When the playground starts; a test of another time of day has it as a parameter."""
    return START


@pytest.fixture
def company(database: Database, locale: Locale, start: datetime) -> Iterator[Company]:
    company = Company(database, locale, start=start)
    yield company
    company.close()


@pytest.fixture
def context(browser: Browser, locale: Locale) -> Iterator[BrowserContext]:
    """A browser of a reader of this language; its tabs know of each other."""
    language = {Locale.JA: "ja-JP", Locale.EN: "en-US"}[locale]
    context = browser.new_context(locale=language, viewport={"width": 1280, "height": 800}, color_scheme="light")
    yield context
    context.close()


@pytest.fixture
def open_tab(context: BrowserContext, company: Company) -> Iterator[OpenTab]:
    """Open tabs; afterwards none of them may have met an error, or asked anything of another machine."""
    tabs: list[Tab] = []

    def open_one(person: str = "", *, tour: bool = False) -> Tab:
        tab = Tab(context, company, person, tour=tour)
        tabs.append(tab)
        return tab

    yield open_one
    for tab in tabs:
        assert tab.problems == []
        elsewhere = [
            request for request in tab.requests if not request.startswith((company.slack.base_url + "/", "data:"))
        ]
        assert elsewhere == []
