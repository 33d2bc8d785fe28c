"""A Slack workspace into which the bot has just been installed: no team, and the bot in no channel."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot import worker
from bot.app import Bot
from bot.core.setup.answers import Part
from bot.i18n import Translator
from bot.slack import setup
from bot.slack.blocks.base import ids
from playground import Person
from playground.client.modal import View
from playground.sample import SAMPLE_TEAM, PersonSpec, TeamSpec
from storage import mqls, setups, workspaces
from storage.database import Database
from storage.models import Mql, Setup, Workspace
from storage.vocabulary import Locale
from tests.installation import Installation
from tests.patience import LONGEST
from tests.scenarios.stage import START, Time

ADMIN = "kim"


def office(locale: Locale) -> TeamSpec:
    """The sample people, all of one language, with no channel yet."""
    spoken = {Locale.JA: "ja-JP", Locale.EN: "en-US"}[locale]
    people = (PersonSpec(p.id, p.name, p.real_name, spoken, p.tz, p.is_admin) for p in SAMPLE_TEAM.people)
    return TeamSpec(people=tuple(people))


class Newcomers:
    """People and their bot, before anybody has set it up."""

    def __init__(self, database: Database, locale: Locale = Locale.JA) -> None:
        self.t, self.time = Translator(locale, "Asia/Tokyo"), Time(START)
        self.installation = Installation(database, self.time.now, people=office(locale))
        self.database, self.slack = database, self.installation.slack
        self.slack.admin.add_channel("general", bot=False)
        self.slack.admin.add_channel("sales", ("sato", "suzuki", "brown"), bot=False)
        self.bot: Bot = self.installation.start_bot()
        self.may_break: tuple[str, ...] = ()

    def restart(self) -> None:
        """Stop the bot and start it on the same database."""
        self.slack.settle(LONGEST)
        self.bot.stop()
        self.bot = self.installation.start_bot()

    def close(self) -> None:
        """Stop everything. Whatever the story, the bot must not have broken a rule of Slack's."""
        self.slack.settle(LONGEST)
        self.bot.stop()
        self.slack.stop()
        expected = ("fault: ", *self.may_break)
        broken = [line for line in self.slack.log.broken() if not any(words in line for words in expected)]
        assert not broken, broken

    def settle(self) -> None:
        """Let the bot do what is due, say what it has to say, and draw what has changed."""
        self.time.advance(timedelta(seconds=3))
        setup.work(self.bot.parts.context)
        worker.tick(self.bot.parts.context)
        self.bot.parts.delivery.drain()
        self.bot.worker.homes.drain()

    def user(self, name: str) -> Person:
        return self.slack.user(name)

    def home_of(self, name: str) -> str:
        return str(self.user(name).opens_home().text)

    def modal_of(self, name: str) -> View:
        modal = self.user(name).modal
        assert modal is not None, "no form is open"
        return modal

    def presses(self, name: str, what: str) -> None:
        """Press a button of the App Home or of the open form, by its words or its id."""
        self.user(name).press(what)
        self.settle()

    def sends(self, name: str, button: str, answers: dict[str, Any]) -> dict[str, str]:
        """Open a form by a button of the App Home, fill it and send it. Returns the errors on its fields."""
        self.user(name).opens_home().press(button)
        errors = self.modal_of(name).fill(answers).submit().errors
        self.settle()
        return errors

    def adds(self, name: str, part: Part, **where: Any) -> dict[str, str]:
        """Add people: `channel`, `group` or `people`."""
        fields = {"channel": ids.SETUP_FROM, "group": ids.SETUP_GROUP, "people": ids.SETUP_NAMED}
        chosen = {fields[field]: value for field, value in where.items()}
        return self.sends(name, ids.SETUP_PEOPLE, {ids.SETUP_AS: part.value, **chosen})

    def chooses_all(self, name: str = ADMIN) -> None:
        """Answer what has no usual answer: the channel of the cards, the reps, their manager."""
        assert self.sends(name, ids.SETUP_CHANNELS, {}) == {}
        assert self.adds(name, Part.REP, channel="sales") == {}
        assert self.adds(name, Part.MANAGER, people=["tanaka"]) == {}

    def inside(self, channel: str) -> set[str]:
        """Return the ids of whoever is in a channel."""
        return set(self.slack.workspace.conversation(channel).members)

    @property
    def draft(self) -> Setup | None:
        with self.database.snapshot() as tx:
            return setups.get(tx, self.slack.team_id)

    @property
    def workspace(self) -> Workspace | None:
        with self.database.snapshot() as tx:
            return workspaces.get(tx, self.slack.team_id)

    def mql(self, number: int) -> Mql | None:
        with self.database.snapshot() as tx:
            return mqls.by_number(tx, self.slack.team_id, number)
