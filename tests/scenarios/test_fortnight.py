"""A fortnight of the sample team: how often the bot makes somebody's telephone ring, and the taps of daily life.

A push is a new direct message, in a thread too, or a message elsewhere that mentions its reader; an edit is none. A tap
is a press, a line that is typed or a form that is sent; a choice from a menu is two. docs/noise.md has the table, which
`-s` prints.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.i18n import Translator
from playground import Message
from storage.database import Database
from storage.vocabulary import Status
from tests.scenarios.stage import START, TOKYO, Team

REPS, LEADERS = ("sato", "suzuki", "brown"), ("tanaka", "yamada")
READERS = (*REPS, *LEADERS, "ito", "kim")
BURST = 20
QUIET_FROM, QUIET_UNTIL = 20, 8


def said_at(message: Message) -> datetime:
    return datetime.fromtimestamp(float(message.ts), TOKYO)


class Noise:
    """What the bot has said up to now, by reader."""

    def __init__(self, team: Team) -> None:
        self.team = team

    def pushes(self, who: str, *words: str) -> list[Message]:
        """Return the messages with these words that made somebody's telephone ring."""
        name = f"@{self.team.slack.user(who).real_name}"
        heard = self._said(self.team.dm(who).messages, words)
        return [*heard, *(message for message in self._said(self._channel(), words) if name in message.mentions)]

    def cards(self, *words: str) -> list[Message]:
        return [message for message in self._said(self._channel(), words) if message.thread is None]

    def replies(self, company: str) -> list[Message]:
        """Return what stands in the thread of one MQL."""
        (card,) = self.cards(company)
        return [message for message in self._channel() if message.thread == card.ts]

    def most_in_a_day(self, who: str) -> int:
        days = Counter(said_at(push).date() for push in self.pushes(who))
        return max(days.values(), default=0)

    def _channel(self) -> list[Message]:
        return self.team.channel("mql").messages

    def _said(self, messages: list[Message], words: tuple[str, ...]) -> list[Message]:
        return [
            message
            for message in messages
            if message.author == "mql-bot" and all(word in message.text for word in words)
        ]


class Hand:
    """A person whose taps are counted from one job to the next."""

    def __init__(self, person: Any) -> None:
        self.person, self._taps = person, 0

    def types(self, text: str) -> Any:
        self._taps += 1
        return self.person.types(text, channel="sales").message

    def press(self, what: str, in_: Any) -> None:
        self._taps += 1
        in_.press(what) if in_ is self.person.modal else self.person.press(what, in_=in_)

    def chooses(self, what: str, value: str, in_: Any) -> None:
        self._taps += 2
        self.person.choose(what, value, in_=in_)

    def fills(self, field: str, value: str) -> None:
        self._taps += 2
        self.person.modal.fill({field: value})

    def sends(self) -> None:
        self._taps += 1
        assert self.person.modal.submit().errors == {}

    def done(self) -> int:
        """Return the taps of the job that has been done."""
        taps, self._taps = self._taps, 0
        return taps


class Fortnight:
    """From Tuesday 17 to Monday 30 November 2026."""

    def __init__(self, team: Team, t: Translator) -> None:
        self.team, self.t, self.noise = team, t, Noise(team)
        self.count = 0
        self.prompt: list[str] = []
        self.taps: dict[str, int] = {}

    def until(self, day: int, hour: int) -> None:
        """Let the hours pass, each with its tick; in the quiet hours every second."""
        moment = datetime(2026, 11, day, hour, tzinfo=TOKYO)
        while (now := self.team.time.now().astimezone(TOKYO)) < moment:
            self.team.advance(hours=1 if QUIET_UNTIL <= now.hour < QUIET_FROM else 2)

    def receives(self, company: str) -> int:
        self.count += 1
        self.team.receives(company)
        return self.count

    def owner(self, number: int) -> str:
        owner = self.team.mql(number).owner
        return next(name for name in REPS if self.team.slack.user(name).id == owner)

    def dm_about(self, who: str, company: str) -> Message:
        return next(message for message in self.team.dm(who).messages if company in message.text)

    def workday(self, day: int) -> None:
        """Two leads in the morning, accepted within the hour, with an outcome in the afternoon."""
        self.until(day, 10)
        numbers = {f"Daily{day}{half}": self.receives(f"Daily{day}{half}") for half in "ab"}
        self.prompt += numbers
        self.until(day, 11)
        for company, number in numbers.items():
            hand, who = Hand(self.team.user(self.owner(number))), self.owner(number)
            hand.press(self.t("button.accept"), in_=self.dm_about(who, company))
            self.taps["accept"] = hand.done()
        self.until(day, 16)
        for company, number in numbers.items():
            who = self.owner(number)
            hand = Hand(self.team.user(who))
            hand.chooses("mql_quick", f"qualified::{self.team.mql(number).id}", in_=self.dm_about(who, company))
            assert self.team.mql(number).status == Status.QUALIFIED
            self.taps["outcome"] = hand.done()

    def live(self) -> None:
        self.neglected = self.owner(self.receives("Neglected"))
        for day in (17, 18, 19):
            self.workday(day)
        self.team.user(self.neglected).press(self.t("button.accept"), in_=self.dm_about(self.neglected, "Neglected"))
        for day in (20, 24):
            self.workday(day)
        first = self.count + 1
        for number in range(BURST):
            self.receives(f"Burst{number:02}")
        self.until(25, 16)
        self.reassigned(first)
        self.sought()
        for day in (26, 27):
            self.workday(day)
        self.goes_away()
        self.until(30, 20)

    def reassigned(self, first: int) -> None:
        """Everything that is overdue goes to one rep, who accepts it."""
        (escalation,) = self.noise.pushes("tanaka", "Burst")
        tanaka, sato = Hand(self.team.user("tanaka")), self.team.slack.user("sato").id
        tanaka.press(self.t("button.reassign_several"), in_=escalation)
        tanaka.fills("new_owner", sato)
        tanaka.sends()
        self.taps["reassign 20 overdue"] = tanaka.done()
        tanaka.person.modal.close()
        assert {self.team.mql(first + number).owner for number in range(BURST)} == {sato}
        for number in range(BURST):
            self.team.accepts(first + number)

    def sought(self) -> None:
        tanaka = Hand(self.team.user("tanaka"))
        tanaka.press(self.t("button.show"), in_=tanaka.types("/mql search Burst07"))
        assert "Burst07" in tanaka.person.modal.text
        self.taps["find an MQL by company"] = tanaka.done()
        tanaka.person.modal.close()

    def goes_away(self) -> None:
        suzuki = Hand(self.team.user("suzuki"))
        suzuki.press(self.t("button.away"), in_=suzuki.person.opens_home())
        suzuki.press(self.t("away.preset.today", day=""), in_=suzuki.person.modal)
        self.taps["away"] = suzuki.done()
        assert "🌴" in self.team.user("tanaka").opens_home().text

    def table(self) -> str:
        """Return the figures of docs/noise.md."""
        lines = ["| reader | pushes | most in a day |", "|---|--:|--:|"]
        lines += [f"| {who} | {len(self.noise.pushes(who))} | {self.noise.most_in_a_day(who)} |" for who in READERS]
        return "\n".join([*lines, "", *(f"{job}: {taps} taps" for job, taps in self.taps.items())])


@pytest.fixture
def lived(database: Database, locale: Any) -> Iterator[Fortnight]:
    team = Team(database, locale)
    fortnight = Fortnight(team, Translator(locale, "Asia/Tokyo"))
    fortnight.live()
    yield fortnight
    team.close()


@pytest.mark.thorough
def test_a_fortnight_rings_no_telephone_more_than_it_must(lived: Fortnight) -> None:
    sys.stdout.write(f"\n{lived.table()}\n")
    noise = lived.noise

    # What is accepted within the hour and has its outcome the same day: its rep hears of it once, and nobody else.
    for company in lived.prompt:
        (heard,) = [(who, len(pushes)) for who in READERS if (pushes := noise.pushes(who, company))]
        assert heard[0] in REPS
        assert heard[1] == 1
        assert (len(noise.cards(company)), len(noise.replies(company))) == (1, 1)

    # What nobody touches for 48 hours.
    by_then = START + timedelta(hours=49)
    within = {who: [push for push in noise.pushes(who, "Neglected") if said_at(push) < by_then] for who in READERS}
    assert {who: len(pushes) for who, pushes in within.items() if pushes} == {
        lived.neglected: 2,
        "tanaka": 1,
        "yamada": 1,
    }

    # Twenty that breach together on the Wednesday, and go to another rep.
    thursday = datetime(2026, 11, 26, tzinfo=TOKYO)
    assert (len(noise.pushes("tanaka", "Burst")), noise.pushes("yamada", "Burst")) == (1, [])
    for number in range(BURST):
        heard_of = [push for who in REPS for push in noise.pushes(who, f"Burst{number:02}") if said_at(push) < thursday]
        assert len(heard_of) in (3, 4), "the MQL and two reminders, in a list with others; and whoever has it now"

    assert lived.taps == {"accept": 1, "outcome": 2, "reassign 20 overdue": 4, "find an MQL by company": 2, "away": 2}
    assert all(noise.most_in_a_day(who) <= 3 for who in LEADERS)
    assert noise.pushes("kim") == []
