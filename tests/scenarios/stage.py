"""The stage of the stories: a real bot over real HTTP, a strict local Slack, a clock that we move."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from zoneinfo import ZoneInfo

from standardwebhooks import Webhook

from bot import worker
from bot.app import Bot
from bot.core import teamfile
from bot.core.routing import assignment
from bot.core.sla.policy import Policy
from bot.i18n import Translator
from bot.slack import deferred_answers
from playground import Conversation, Person
from storage import members, mqls
from storage.database import Database
from storage.models import Event, Mql
from storage.vocabulary import Locale, Status
from tests.installation import SECRET, Installation, sample_office
from tests.patience import LONGEST

TOKYO = ZoneInfo("Asia/Tokyo")
# A Tuesday morning: the deadlines of the day's MQLs fall on the Wednesday.
START = datetime(2026, 11, 17, 10, 0, tzinfo=TOKYO)


# However busy the machine is, a report is in its answer; tests/slack/test_deferred_answers.py has those that are late.
deferred_answers.PATIENCE = LONGEST
ja = Translator(Locale.JA, "Asia/Tokyo")
en = Translator(Locale.EN, "Asia/Tokyo")


class Time:
    """The clock of the stage."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> None:
        self._now += by


class Answer:
    """What the webhook answered."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        self.status, self.body = status, body


class Team:
    """Marketing, sales and their bot."""

    def __init__(self, database: Database, locale: Locale = Locale.JA, twice: bool = False) -> None:
        self.twice, self.time = twice, Time(START)
        self.installation = Installation(database, self.time.now)
        self.slack = self.installation.slack
        self.slack.delivery_twice = twice
        self.id = self.slack.team_id
        self.installation.begin(sample_office(locale))
        self.bot: Bot | None = None
        self.may_break: tuple[str, ...] = ()
        """Words of the rules that this story breaks on purpose."""
        self.start_bot()

    @property
    def database(self) -> Database:
        """The database that the bot works on, from its next start on another one where it is set."""
        return self.installation.database

    @database.setter
    def database(self, database: Database) -> None:
        self.installation.database = database

    def agrees(self, *, move_open: bool = False, **policy: Any) -> None:
        """Marketing and sales agree on another policy, for the MQLs from now on; with `move_open` for all."""
        with self.database.snapshot() as tx:
            known = teamfile.current(tx, self.id)
        assert known is not None
        body = known.policy.model_dump(mode="json") | policy
        wanted = replace(known, policy=Policy.model_validate(body, strict=False))
        self.installation.agree(wanted, move_open=move_open)
        self.settle()

    def works(self, name: str, **own: Any) -> None:
        """Somebody has hours (`hours`) or a timezone of their own (`timezone`), as the team file says by now."""
        with self.database.snapshot() as tx:
            known = teamfile.current(tx, self.id)
        assert known is not None
        user = self.slack.user(name).id
        people = tuple(replace(person, **own) if person.user_id == user else person for person in known.members)
        self.installation.agree(replace(known, members=people), move_open=False)
        self.settle()

    def hears_at_night(self) -> None:
        """The team has agreed on no quiet hours: for stories in which a message merely happens to come at night."""
        self.agrees(quiet=None)

    # The bot's life

    def start_bot(self, *, socket_mode: bool = False) -> None:
        self.bot = self.installation.start_bot(socket_mode=socket_mode)
        self.settle()

    def stop_bot(self) -> None:
        if self.bot is not None:
            self.slack.settle(LONGEST)
            self.bot.stop()
            self.bot = None

    def close(self) -> None:
        """Stop everything. Whatever the story, the bot must not have broken a rule of Slack's."""
        self.stop_bot()
        self.slack.stop()
        expected = ("fault: ", *self.may_break)
        broken = [line for line in self.slack.log.broken() if not any(words in line for words in expected)]
        assert not broken, broken

    def settle(self) -> None:
        """Let the bot do what is due and say what it has to say."""
        if self.bot is not None:
            for _ in range(2 if self.twice else 1):
                worker.tick(self.bot.parts.context)
                worker.erase(self.bot.parts.context)
                self.bot.parts.delivery.drain()

    def catch_up(self) -> None:
        assert self.bot is not None
        self.bot.refresh()
        self.settle()

    def advance(self, *, step: timedelta | None = None, **by: float) -> None:
        """Let time pass, and the bot tick at the end of it."""
        self.time.advance(timedelta(**by))
        self.slack.retry_due()
        self.settle()

    def at(self, weekday: int, hour: int, minute: int = 0) -> None:
        """Let time pass until the next such moment in Tokyo. 0 is Monday."""
        local = self.time.now().astimezone(TOKYO)
        wanted = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
        wanted += timedelta(days=(weekday - wanted.weekday()) % 7)
        if wanted <= local:
            wanted += timedelta(days=7)
        self.advance(seconds=(wanted - local).total_seconds())

    def looks_after_itself(self, *, ticking: bool = True, **by: float) -> None:
        """Let time pass in which the bot's watch looks twice a minute; without `ticking` the worker stands still."""
        assert self.bot is not None
        until = self.time.now() + timedelta(**by)
        while self.time.now() < until:
            self.time.advance(timedelta(seconds=30))
            if ticking:
                self.settle()
            self.bot.parts.watch.look()

    # What comes in

    def receives(self, company: str, **lead: Any) -> Answer:
        """A lead comes in by a signed webhook."""
        answer = self.posts_webhook({"company": company, **lead})
        assert answer.status == 202, answer.body
        return answer

    def reports_activity(self, kind: str, ago: timedelta = timedelta(0), **activity: Any) -> Answer:
        """The CRM reports by a signed webhook that somebody contacted a lead some time `ago`."""
        body = {"kind": kind, "at": (self.time.now() - ago).isoformat(), **activity}
        return self.posts_webhook(body, path="/webhooks/activity")

    def posts_webhook(
        self,
        body: dict[str, Any] | bytes,
        *,
        path: str = "/webhooks/generic",
        id: str | None = None,
        secret: str = SECRET,
        sent_at: datetime | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        name = id or f"msg_{uuid.uuid4().hex}"
        moment = sent_at or datetime.now(UTC)
        signature = Webhook(secret).sign(name, moment, data.decode(errors="replace"))
        signed = {
            "webhook-id": name,
            "webhook-timestamp": str(int(moment.timestamp())),
            "webhook-signature": signature,
            "content-type": "application/json",
        } | (headers or {})
        answers = [self._post(path, data, signed) for _ in range(2 if self.twice else 1)]
        assert answers[0].body == answers[-1].body
        self.settle()
        return answers[0]

    def _post(self, path: str, data: bytes, headers: dict[str, str]) -> Answer:
        assert self.bot is not None
        try:
            with urlopen(Request(self.bot.address + path, data, headers), timeout=LONGEST) as response:
                return Answer(response.status, json.load(response))
        except HTTPError as error:
            return Answer(error.code, json.load(error))

    # People

    def user(self, name: str) -> Any:
        """A person whose every act is followed by what the bot does next."""
        return Settling(self.slack.user(name), self.settle)

    def app(self, name: str) -> Any:
        return Settling(self.slack.app(name), self.settle)

    def dm(self, name: str) -> Conversation:
        return self.slack.dm(name)

    def channel(self, name: str) -> Conversation:
        return self.slack.channel(name)

    def accepts(self, number: int) -> None:
        """The owner of an MQL presses Accept on its card, unless it has been accepted already."""
        known = self.mql(number)
        if known.status == Status.ASSIGNED:
            cards = self.channel("mql").messages
            card = next(message for message in cards if re.search(rf"MQL #{number}\b", str(message.blocks)))
            self.user(known.owner or "").press("mql_accept", in_=card)

    # What is stored

    def mql(self, number: int) -> Mql:
        with self.database.snapshot() as tx:
            mql = mqls.by_number(tx, self.id, number)
        assert mql is not None
        return mql

    def log(self, number: int) -> list[Event]:
        with self.database.snapshot() as tx:
            return mqls.history(tx, self.id, self.mql(number).id)

    def away(self, name: str, **by: float) -> None:
        with self.database.transaction() as tx:
            members.update(tx, self.id, self.slack.user(name).id, away_until=self.time.now() + timedelta(**by))

    def assign_waiting(self) -> None:
        with self.database.transaction() as tx:
            assignment.assign_waiting(tx, self.id, self.time.now())
        self.settle()


class Settling:
    """Wraps a person or an app, so that the bot gets on with its work after each act."""

    def __init__(self, wrapped: Any, settle: Callable[[], None]) -> None:
        self._wrapped, self._settle = wrapped, settle

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._wrapped, name)
        if name == "modal":
            return None if value is None else Settling(value, self._settle)
        if not callable(value) or isinstance(value, Person):
            return value

        @wraps(value)
        def act(*given: Any, **named: Any) -> Any:
            in_ = named.get("in_")
            if isinstance(in_, Settling):
                named["in_"] = in_._wrapped
            result = value(*given, **named)
            self._settle()
            return result

        return act
