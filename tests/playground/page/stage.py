"""The page in a real browser, in front of the real bot: what a person sees and presses."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import BrowserContext, Locator, Page, Request, expect

from bot.app import Bot
from bot.cli.playground.companion import Companion
from bot.cli.sample.team import sample_team
from bot.cli.sample_manifest import MANIFEST
from bot.core import teamfile
from bot.i18n import Translator
from bot.slack.delivery.pacing import UNPACED, Pacing
from playground.sample import SAMPLE_TEAM, TeamSpec
from storage.database import Database
from storage.vocabulary import Locale
from tests.installation import SECRET, Installation
from tests.patience import LONGEST

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "playground" / "page"
SHOTS = ROOT / "screenshots"
WORDS: dict[str, dict[str, str]] = json.loads((PAGE / "words.json").read_text(encoding="utf-8"))
# A Tuesday morning in Tokyo: 24 hours later is a working day too.
START = datetime(2026, 11, 17, 10, 0, tzinfo=ZoneInfo("Asia/Tokyo")).astimezone(UTC)


class Clock:
    """A clock that runs, from a fixed moment on, and can be moved ahead."""

    def __init__(self, start: datetime) -> None:
        self._start, self._from, self._moved = start, time.monotonic(), timedelta(0)

    def now(self) -> datetime:
        return self._start + self._moved + timedelta(seconds=time.monotonic() - self._from)

    def move(self, by: timedelta) -> None:
        self._moved += by


class Company:
    """The sample company with its bot, all of it reading one language."""

    def __init__(self, database: Database, locale: Locale, pacing: Pacing = UNPACED, start: datetime = START) -> None:
        self.database, self.locale, self.clock, self.pacing = database, locale, Clock(start), pacing
        self.t = Translator(locale, "Asia/Tokyo")
        self.installation = Installation(database, self.clock.now, manifest=MANIFEST, people=_people(locale))
        self.slack = self.installation.slack
        text = sample_team().replace('locale = "ja"', f'locale = "{locale}"', 1)
        self.installation.agree(teamfile.parse(text, None))
        self.companion = Companion(
            self.slack, database, self._bot, SECRET, now=self.clock.now, move=self.clock.move, patience=LONGEST
        )
        self.slack.companion = self.companion
        self.companion.start_bot()

    def _bot(self) -> Bot:
        return self.installation.new_bot(self.pacing)

    def w(self, key: str, **values: object) -> str:
        """The page's words."""
        return WORDS[key][self.locale].format(**values)

    def close(self) -> None:
        self.companion.stop_bot()
        self.slack.stop()


def _people(locale: Locale) -> TeamSpec:
    slacks = {Locale.JA: "ja-JP", Locale.EN: "en-US"}[locale]
    return replace(SAMPLE_TEAM, people=tuple(replace(person, locale=slacks) for person in SAMPLE_TEAM.people))


class Tab:
    """One browser tab, used by one person of the company at a time."""

    def __init__(self, context: BrowserContext, company: Company, person: str = "", *, tour: bool = False) -> None:
        self.company, self.problems, self.requests = company, list[str](), list[str]()
        self.page: Page = context.new_page()
        self.page.set_default_timeout(LONGEST * 1000)
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", lambda message: self.problems.append(message.text) if message.type == "error" else None)
        self.page.on("request", self._noted)
        if not tour:
            self.page.add_init_script("localStorage.setItem('playground.tour', 'done')")
        self.page.goto(f"{company.slack.base_url}/{f'#/{person}' if person else ''}")
        self.page.wait_for_selector("html[data-ready=yes]")

    def _noted(self, request: Request) -> None:
        self.requests.append(request.url)

    def act_as(self, name: str) -> None:
        self.page.locator(f"[data-person={name}]").click()
        expect(self.page.locator(f"[data-person={name}]")).to_have_attribute("aria-pressed", "true")

    def open(self, channel: str) -> None:
        self.page.locator(f"[data-channel='{channel}']").click()
        expect(self.page.locator(f"[data-channel='{channel}']")).to_have_attribute("aria-current", "page")

    def panel(self, name: str) -> Locator:
        if not self.page.locator(f"aside.panel.{name}").count():
            self.page.locator(f"[data-panel={name}]").click()
        return self.page.locator(f"aside.panel.{name}")

    def feed(self, kind: str) -> None:
        self.panel("desk").locator(f"[data-feed={kind}]").click()
        expect(self.page.locator(".feed.busy")).to_have_count(0)

    def jump(self, to: str) -> None:
        self.page.locator(f"[data-jump='{to}']").click()
        expect(self.page.locator(".jumps .busy")).to_have_count(0)

    def message(self, *words: str) -> Locator:
        """The newest message of the open conversation that contains the words."""
        messages = self.page.locator("main .message")
        for word in words:
            messages = messages.filter(has_text=word)
        return messages.last

    @property
    def modal(self) -> Locator:
        return self.page.locator("dialog.modal")

    def say(self, text: str) -> None:
        self.page.locator("#message-box").fill(text)
        self.page.keyboard.press("Enter")

    def shot(self, name: str) -> None:
        """Keep what is seen now, in light and dark, where somebody has made the folder for it."""
        if not SHOTS.is_dir():
            return
        self.page.evaluate("document.querySelectorAll('.note .icon').forEach((one) => one.click())")
        for look in ("light", "dark"):
            self.page.emulate_media(color_scheme=look)
            self.page.screenshot(path=SHOTS / f"{name}-{self.company.locale}-{look}.png")
        self.page.emulate_media(color_scheme="light")
