"""Marketing and sales while all this happens: they send, press and fill in, and remember what they were answered."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPException
from random import Random
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from standardwebhooks import Webhook

from bot.core.mql.lead import Lead
from bot.slack.blocks.base import ids
from playground import ClientRefused, Message, NotAcknowledged, Person, Playground
from playground.blocks import blocks_inside, elements_inside
from storage.vocabulary import EventType
from tests.installation import SECRET
from tests.simulation.story import Journal
from tests.tools import Tool

SALES = (("sato", "tanaka", "kim"), ("suzuki", "brown", "yamada"))
ACTS = {
    ids.ACCEPT: (6, (EventType.ACCEPTED,)),
    ids.CONTACTED: (3, (EventType.CONTACTED,)),
    ids.TAKE_OVER: (2, (EventType.ACCEPTED, EventType.ASSIGNED)),
    ids.REMIND: (1, (EventType.REMINDED,)),
}
FORMS = {ids.REPORT: 3, ids.REASSIGN: 2, ids.OPTION_DECLINE: 2}
WEIGHTS = {name: weight for name, (weight, _) in ACTS.items()} | FORMS


@dataclass
class Sent:
    """A lead as its sender knows it. `number` is what the bot has answered; None: nothing yet. `posted`: it stands in
    the intake channel, and nobody answers that. `became`: what the address of a tool has answered, which tells no
    numbers."""

    company: str
    number: int | None = None
    posted: bool = False
    low: bool = False
    """It fails the definition: it is held, and becomes an MQL only if marketing says so."""
    held: bool = False
    """The bot has answered that it is held."""
    became: str | None = None


@dataclass(frozen=True)
class Did:
    """Something that a person did and the bot acknowledged with 200, and any of the events that say so."""

    user: str
    mql_id: int
    trigger: str | None
    """Of a press: what its receipt and an explanation are known by."""
    refusal: str | None
    """Of a press: how the receipt begins that it was explained a moment ago, to the same person in the same place."""
    events: tuple[str, ...]
    begun: datetime
    ended: datetime


@dataclass(frozen=True)
class Decided:
    """What marketing has decided about a held lead, and the bot acknowledged."""

    entry_id: int
    handed_over: bool


class People:
    """Everybody around the bot. `problems` are answers that should not have been given."""

    def __init__(self, slack: Playground, tool: Tool, web: Callable[[Random], str], seed: int, pause: float) -> None:
        self.slack, self.tool, self._web, self._seed, self._pause = slack, tool, web, seed, pause
        self.journal = Journal()
        self.sent: list[Sent] = []
        self.did: list[Did] = []
        self.decided: list[Decided] = []
        self.figures = Counter[str]()
        self.problems: list[str] = []
        self._asking = threading.Semaphore(0)
        self._over = threading.Event()

    @contextmanager
    def about(self) -> Iterator[None]:
        """While this lasts they are at work."""
        works = [(self._markets, Random(f"{self._seed} marketing"), self._pause * 8)]
        works += [(_Marketing(self).act, Random(f"{self._seed} held"), self._pause * 2)]
        works += [(_Sales(self, names).act, Random(f"{self._seed} {names}"), self._pause) for names in SALES]
        threads = [threading.Thread(target=self._work, args=work) for work in works]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in threads:
                thread.join()

    def _work(self, act: Callable[[Random], None], rng: Random, pause: float) -> None:
        while not self._over.wait(rng.uniform(0, 2 * pause)):
            try:
                act(rng)
            except NotAcknowledged:
                self.figures["presses without an answer"] += 1
            except ClientRefused:
                self.figures["presses too late"] += 1  # the button was not there any more
            except Exception as error:  # a thread must not end unheard
                self.problems.append(f"{threading.current_thread().name}: {error!r}")
                raise

    # Marketing

    def _markets(self, rng: Random) -> None:
        """A lead is posted into the intake channel; or sent until it is taken, or its sender gives up, or by mistake
        once more."""
        number = len(self.sent) + 1
        sent = Sent(f"Company {number}", posted=rng.random() < 0.2)
        lead: dict[str, Any] = {"company": sent.company, "email": f"p{number}@example.com"}
        sent.low = not sent.posted and rng.random() < 0.35
        lead |= {"score": 20} if sent.low else {}
        self.journal.leads[sent.company] = Lead.model_validate(lead).model_dump(mode="json")
        self.sent.append(sent)
        if sent.posted:
            self.figures["leads posted"] += 1
            self.connect(rng)
            text = f"Company: {sent.company}\nEmail: {lead['email']}"
            message = self.slack.app("form tool").posts("mql-intake", text).message
            assert message is not None
            self.journal.posted(sent.company, message.ts)
            return
        tries, once_more = rng.choice([1, 4, 20, 20]), rng.random() < 0.15
        send = self._deliver if rng.random() < 0.4 else self._send
        if send == self._deliver and rng.random() < 0.3:
            lead, sent.low = {"number of the form": sent.company}, False  # which is known to be nobody's name
        for _ in range(tries):
            taken = send(lead, f"msg_{number}", sent, rng)
            if taken and not once_more:
                return
            once_more = once_more and not taken
            self._over.wait(rng.uniform(0.05, 0.6))

    def _send(self, lead: dict[str, Any], name: str, sent: Sent, rng: Random) -> bool:
        body, at = json.dumps(lead), datetime.now(UTC)
        headers = {"webhook-id": name, "webhook-timestamp": str(int(at.timestamp()))}
        headers |= {"webhook-signature": Webhook(SECRET).sign(name, at, body), "content-type": "application/json"}
        self.figures["webhooks"] += 1
        self.ask()
        try:
            with urlopen(Request(f"{self._web(rng)}/webhooks/generic", body.encode(), headers), timeout=5) as answer:
                answered = json.load(answer)
                number, sent.held = answered["number"], sent.held or answered.get("held", False)
        except HTTPError as error:
            self.problems.append(f"the webhook {name} was answered {error.code}: {error.read().decode()}")
            return False
        except (OSError, HTTPException, ValueError):
            self.figures["webhooks without an answer"] += 1
            return False
        if sent.number not in (None, number):
            self.problems.append(f"the webhook {name} was answered {sent.number}, then {number}")
        sent.number = number
        self.figures["webhooks taken"] += 1
        return True

    def _deliver(self, lead: dict[str, Any], name: str, sent: Sent, rng: Random) -> bool:
        """Send it as a tool to its secret address."""
        headers = {"idempotency-key": name, "content-type": "application/json"}
        self.figures["deliveries"] += 1
        self.ask()
        try:
            address = f"{self._web(rng)}{self.tool.path}"
            with urlopen(Request(address, json.dumps(lead).encode(), headers), timeout=5) as answer:
                (became,) = json.load(answer)["results"]
        except HTTPError as error:
            self.problems.append(f"the delivery {name} was answered {error.code}: {error.read().decode()}")
            return False
        except (OSError, HTTPException, ValueError):
            self.figures["deliveries without an answer"] += 1
            return False
        if sent.became not in (None, became):
            self.problems.append(f"the delivery {name} was answered {sent.became}, then {became}")
        sent.became = became
        self.figures["deliveries taken"] += 1
        return True

    def ask(self) -> None:
        """A request goes out."""
        self._asking.release()

    def wait_for_request(self, seconds: float) -> bool:
        """Wait until one goes out; False where none did in time."""
        while self._asking.acquire(blocking=False):
            """Those of before."""
        return self._asking.acquire(timeout=seconds)

    def connect(self, rng: Random) -> None:
        """Slack's next request goes to another web process, perhaps."""
        self.slack.connect(self._web(rng) + "/slack/events")

    def note(self, did: Did) -> None:
        """Remember an act that was answered 200."""
        self.did.append(did)
        self.figures["presses"] += 1


class _Marketing:
    """Somebody of marketing, who decides about held leads."""

    def __init__(self, people: People) -> None:
        self._people, self._slack = people, people.slack
        self._ito = self._slack.user("ito")

    def act(self, rng: Random) -> None:
        """Hand a held lead over, or send it back to nurturing, sometimes with two presses."""
        self._people.connect(rng)
        offered = [offer for message in self._ito.dm.messages[-8:] for offer in _decidable(message)]
        if not offered:
            return
        message, what, block, entry_id = rng.choice(offered)
        self._people.ask()
        self._ito.press(what, in_=message, block=block)
        if what == ids.DISMISS_UNREADABLE:
            self._people.decided.append(Decided(entry_id, handed_over=False))
            self._people.figures["held leads sent back"] += 1
            if rng.random() < 0.3:
                self._ito.press(what, in_=message, block=block)
            return
        modal = self._ito.modal
        if modal is None:
            return
        try:
            # One of an earlier press, which hung, may stand in front.
            if json.loads(modal.record.payload["private_metadata"]).get("unreadable") == entry_id:
                modal.fill({ids.WHY_HAND_OVER: "they have called"})
                self._people.ask()
                if not modal.submit().errors:
                    self._people.decided.append(Decided(entry_id, handed_over=True))
                    self._people.figures["held leads handed over"] += 1
        finally:
            if self._ito.modal is not None:
                self._ito.modal.close(everything=True)


def _decidable(message: Message) -> Iterator[tuple[Message, str, str, int]]:
    """What can be decided in a message: it, the button, its block, its entry."""
    for _, block in blocks_inside(message.blocks):
        for element in elements_inside(block):
            if element.get("action_id") in (ids.HAND_OVER, ids.DISMISS_UNREADABLE):
                yield message, element["action_id"], block["block_id"], int(element["value"])


class _Sales:
    """Some people of sales, one act at a time."""

    def __init__(self, people: People, names: tuple[str, ...]) -> None:
        self._people, self._slack = people, people.slack
        self._persons = [self._slack.user(name) for name in names]

    def act(self, rng: Random) -> None:
        """Somebody presses a button of a message that they see, and fills in the form that opens."""
        person = rng.choice(self._persons)
        self._people.connect(rng)
        messages = [*person.dm.messages[-8:], *self._slack.channel("mql").messages[-30:]]
        offered = [offer for message in messages for offer in _pressable(message)]
        if not offered:
            return
        message, what, label, block, mql_id = rng.choices(offered, [WEIGHTS[offer[1]] for offer in offered])[0]
        begun = datetime.now(UTC)
        self._people.ask()
        person.press(label, in_=message, block=block)
        trigger, ended = self._trigger(person), datetime.now(UTC)
        if what in ACTS:
            refusal = f"private:{person.id}:{message.channel}:{what}:{mql_id}:"
            self._people.note(Did(person.id, mql_id, trigger, refusal, ACTS[what][1], begun, ended))
        elif person.modal is not None:
            try:
                # One of an earlier press, which hung, may stand in front.
                if ids.mql_of(person.modal.record.payload) == mql_id:
                    self._fill(person, what, mql_id, rng)
            finally:
                self._close(person)

    def _trigger(self, person: Person) -> str:
        """Of the newest press of a person."""
        sent = (entry.request for entry in reversed(list(self._slack.log)) if entry.method.startswith("block_actions"))
        return next(str(request["trigger_id"]) for request in sent if request["user"]["id"] == person.id)

    def _fill(self, person: Person, what: str, mql_id: int, rng: Random) -> None:
        assert person.modal is not None
        events: tuple[str, ...]
        if what == ids.REPORT:
            person.choose(ids.DISPOSITION, rng.choice(["qualified", "recycled"]), in_=person.modal)
            # The same answer again would change nothing.
            person.choose(ids.COMMENT, f"so it is, {rng.random()}", in_=person.modal)
            events = EventType.DISPOSED, EventType.CORRECTED
        elif what == ids.REASSIGN:
            person.modal.fill({ids.NEW_OWNER: self._taker(person, rng)})
            events = (EventType.ASSIGNED,)
        else:
            person.modal.fill({ids.WHY_NOT: "on the road"})
            events = (EventType.DECLINED,)
        begun = datetime.now(UTC)
        self._people.ask()
        outcome = person.modal.submit()
        if not outcome.errors and person.modal is None:  # else it says why not
            self._people.note(Did(person.id, mql_id, None, None, events, begun, datetime.now(UTC)))

    def _taker(self, person: Person, rng: Random) -> str:
        assert person.modal is not None
        for _, block in blocks_inside(person.modal.blocks):
            for element in elements_inside(block):
                if element["action_id"] == ids.NEW_OWNER:
                    return str(rng.choice(element["options"])["value"])
        raise ClientRefused("there is nobody to choose")

    def _close(self, person: Person) -> None:
        if person.modal is not None:
            person.modal.close(everything=True)


def _pressable(message: Message) -> Iterator[tuple[Message, str, str, str, int]]:
    """What can be pressed in a message and we know how: the button, its text, its block, its MQL."""
    for _, block in blocks_inside(message.blocks):
        for element in elements_inside(block):
            if element["type"] == "button" and element["action_id"] in WEIGHTS:
                yield message, element["action_id"], element["action_id"], block["block_id"], int(element["value"])
            for option in element.get("options", ()) if element["type"] == "overflow" else ():
                what, _, mql_id = option["value"].partition(":")
                if what in FORMS:
                    yield message, what, option["text"]["text"], block["block_id"], int(mql_id)
