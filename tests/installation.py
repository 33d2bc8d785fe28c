"""One bot beside one playground, set up the same way by every kind of test.

The bot runs over real HTTP (`new_bot`, `start_bot`), in this process without a socket (`parts`), or as a process of
its own that finds everything in its `environment`.
"""

from __future__ import annotations

import inspect
import random
import socket
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import yaml
from pydantic import SecretStr
from slack_bolt.util import utils as bolt_utils

from bot import app
from bot.app import Bot, Parts
from bot.core import teamfile
from bot.core.sla.policy import Policy
from bot.core.teamfile import TeamFile
from bot.core.teamfile.schema import Person, Reason
from bot.settings import Settings
from bot.slack.delivery.pacing import UNPACED, Pacing
from playground import SAMPLE_TEAM, Playground, TeamSpec
from storage.database import Database
from storage.vocabulary import Locale, Role
from tests.databases import copy_into, copy_of, holds_rows
from tests.patience import LONGEST, unhurried

ROOT = Path(__file__).parents[1]
SECRET = "whsec_c2FtcGxlLXNlY3JldC1vZi10aGlydHktdHdvLWJ5dGU="
PUBLIC_URL = "https://mql.example.co.jp"
ENCRYPTION_KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
MANIFEST: dict[str, Any] = yaml.safe_load((ROOT / "manifest.yml").read_text(encoding="utf-8"))
REASONS = (Reason("no_budget", "予算なし", "No budget"), Reason("other", "その他", "Other", comment_required=True))


def _read_once(real: Callable[..., inspect.FullArgSpec]) -> Callable[..., inspect.FullArgSpec]:
    known: dict[object, inspect.FullArgSpec] = {}

    def arguments(function: Callable[..., object]) -> inspect.FullArgSpec:
        code = getattr(function, "__code__", None)
        if code is None:
            return real(function)
        if code not in known:
            known[code] = real(function)
        return known[code]

    return arguments


# Bolt asks each listener and each condition of a new bot for the names of its arguments: 260 questions, a quarter of
# what a bot costs to make. Bots differ by what their functions have enclosed, not by their code.
vars(bolt_utils).update(
    inspect=SimpleNamespace(
        getfullargspec=_read_once(inspect.getfullargspec),
        unwrap=inspect.unwrap,
        iscoroutinefunction=inspect.iscoroutinefunction,
    )
)

# Nobody sends a story's bot more at once, and threads that only wait took a tenth of what it costs to start one.
app.THREADS = 4

_agreed: dict[tuple[TeamFile, datetime], bytes] = {}
"""What a database holds after its first team file."""


@dataclass(frozen=True)
class Access:
    """How a bot reaches a Slack, and what others need to reach the bot."""

    api_url: str
    bot_token: str
    signing_secret: str
    app_token: str = ""

    @classmethod
    def of(cls, slack: Playground) -> Access:
        """Return the access to a playground that has been started."""
        return cls(slack.api_url, slack.bot_token, slack.signing_secret, slack.app_token)

    def settings(self, *, socket_mode: bool = False) -> Settings:
        """Return the settings of a bot in this process, which listens on any free port."""
        access = {"slack_bot_token": self.bot_token, "slack_signing_secret": self.signing_secret}
        if socket_mode:
            access["slack_app_token"] = self.app_token
        secrets = {name: SecretStr(value) for name, value in access.items()}
        return _settings().model_copy(update={**secrets, "slack_api_url": self.api_url, "port": 0})

    def environment(self, **variables: str) -> dict[str, str]:
        """Return the access as variables of a process, and these besides."""
        access = {
            "SLACK_BOT_TOKEN": self.bot_token,
            "SLACK_SIGNING_SECRET": self.signing_secret,
            "SLACK_API_URL": self.api_url,
        }
        return access | variables


class Installation:
    """A playground, a database, and the bot between them. `now` is the bot's clock, and Slack's where none is given."""

    def __init__(
        self,
        database: Database,
        now: Callable[[], datetime],
        *,
        slack_now: Callable[[], datetime] | None = None,
        manifest: dict[str, Any] = MANIFEST,
        people: TeamSpec = SAMPLE_TEAM,
        port: int = 0,
    ) -> None:
        self.database, self.now = database, now
        self.slack = unhurried(Playground(deepcopy(manifest), people, port=port, now=slack_now or now)).start()
        self.access = Access.of(self.slack)

    def agree(self, wanted: TeamFile, *, move_open: bool = False) -> None:
        """Apply a team file, as `mql-bot config apply` does."""
        with self.database.transaction() as tx:
            teamfile.apply(tx, wanted, self.now(), move_open=move_open)

    def begin(self, wanted: TeamFile) -> None:
        """Apply a team file at the beginning of a story. What it makes of an SQLite file without rows is computed once
        in a process of the tests, and copied for the other stories."""
        begun = (wanted, self.now())
        if not self.database.is_sqlite or holds_rows(self.database):
            self.agree(wanted)
        elif begun in _agreed:
            copy_into(self.database, _agreed[begun])
        else:
            self.agree(wanted)
            _agreed[begun] = copy_of(self.database)

    def new_bot(self, pacing: Pacing = UNPACED, *, socket_mode: bool = False) -> Bot:
        """Return a bot that has not been started."""
        bot = Bot(self.access.settings(socket_mode=socket_mode), self.database, now=self.now, pacing=pacing)
        bot.parts.gateway.timeout = bot.parts.gateway.view_timeout = LONGEST
        return bot

    def start_bot(self, *, socket_mode: bool = False) -> Bot:
        """Start a bot whose ticks are the test's own, and let Slack send its requests there."""
        bot = self.new_bot(socket_mode=socket_mode)
        bot.start(ticking=False)
        self.slack.connect(None if socket_mode else bot.address + "/slack/events")
        return bot

    def parts(self) -> Parts:
        """Return the parts of a bot that has no socket."""
        return Parts(self.access.settings(), self.database, self.now)


def sample_office(locale: Locale = Locale.JA) -> TeamFile:
    """Return the team file of the sample people, each in the role they play, all reading one language."""
    members = tuple(
        Person(person.id, person.real_name, (Role(person.role),), locale=locale) for person in SAMPLE_TEAM.people
    )
    place = ("Asia/Tokyo", "C0MQL00001", "C0INTAKE01")
    return TeamFile(SAMPLE_TEAM.id, SAMPLE_TEAM.name, locale, *place, 0, "09:00", Policy(), members, REASONS)


@cache
def _settings() -> Settings:
    """Return what is the same for all bots in this process: to read it takes a tenth of what a bot costs to make."""
    return Settings(
        slack_bot_token=SecretStr("xoxb-set-for-each-bot"),
        slack_signing_secret=SecretStr("set for each bot"),
        webhook_secret=SecretStr(SECRET),
        public_url=PUBLIC_URL,
        encryption_keys=(ENCRYPTION_KEY,),
        _env_file=None,
    )


def free_port() -> int:
    """Return a port that is free, as is the next: below those that the system gives to outgoing connections."""
    while True:
        port = random.randint(10_000, 30_000)
        try:
            with socket.create_server(("127.0.0.1", port)), socket.create_server(("127.0.0.1", port + 1)):
                return port
        except OSError:
            continue
