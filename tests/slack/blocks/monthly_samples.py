"""Monthly reports and checks of the scoring rule for the tests of their messages: with 0, 1, 40 and 4,000 MQLs: the
report of 40 has as many in each of its six months, that of 4,000 in all of them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import Any, Generic, NamedTuple, TypeVar

from bot.core.reports import cohorts, scoring
from bot.core.reports.cohorts import Cohort, Dimension, MonthlyReport, Times
from bot.core.reports.held_leads import HeldLeads
from bot.core.reports.monthly import month_of, months_on, period_of
from bot.core.reports.scoring import ScoringCheck
from storage.models import DECIDED, LostReason
from storage.monthly import Lost, Scored, Tally, Valued
from storage.vocabulary import Source, Status
from tests.slack.blocks.samples import HOSTILE, INFO, NOW

PERIOD = "2026-10"
FIRST = month_of(PERIOD)
NAMES = {"U1": "佐藤 葵", "U2": HOSTILE}
OUTCOMES = (Status.QUALIFIED, Status.DISQUALIFIED, Status.RECYCLED, Status.CONTACTED)


NONE = Times(0, None, None)


def report(counted: list[list[Tally]], accepted: Times = NONE, lost: Sequence[Lost] = ()) -> MonthlyReport:
    """A report of six months as the core makes it."""
    firsts = [months_on(FIRST, back) for back in range(-5, 1)]
    nasty = INFO.model_copy(update={"key": "nasty", "ja": HOSTILE, "en": HOSTILE})
    known: dict[str, LostReason] = {"info": INFO, "nasty": nasty}
    return MonthlyReport(
        period=PERIOD,
        as_of=NOW,
        cohorts=tuple(
            Cohort(period_of(first), first, cohorts.total(mine), cohorts.wins(mine), accepted, NONE, NONE, NONE)
            for first, mine in zip(firsts, counted, strict=True)
        ),
        total=cohorts.total([tally for mine in counted for tally in mine]),
        wins=cohorts.wins([tally for mine in counted for tally in mine]),
        groups={
            dimension: cohorts.groups(counted, dimension, NAMES if dimension == Dimension.REP else {})
            for dimension in Dimension
        },
        losses=cohorts.losses(lost, known),
    )


def chance(mqls: int, kinds: int, name: str) -> MonthlyReport:
    """So many MQLs in each month, of so many channels and campaigns."""
    dice = random.Random(mqls)
    counted = [[_tally(dice, kinds, name) for _ in range(mqls)] for _ in range(6)]
    accepted = Times(mqls, timedelta(hours=dice.uniform(0, 90)), timedelta(hours=dice.uniform(90, 900)))
    channels = [f"{name}{number}" for number in range(min(mqls, kinds))]
    lost = [Lost(channel, key, 3) for channel in [*channels, None] for key in ("info", "nasty")]
    return report(counted, accepted, lost)


@cache
def _numbered(name: str, number: int) -> str:
    """Return the same text for the same name: a hostile one is long, and a month has thousands of them."""
    return f"{name}{number}"


def _tally(dice: random.Random, kinds: int, name: str) -> Tally:
    decided = dice.random() < 0.8
    qualified = int(decided and dice.random() < 0.3)
    won = int(qualified and dice.random() < 0.3)
    return Tally(
        channel=_numbered(name, dice.randrange(kinds)),
        campaign=_numbered(name, dice.randrange(10 * kinds)),
        source=dice.choice(list(Source)),
        owner=dice.choice(["U1", "U2", "U9", None]),
        tier=dice.choice(["hot", name[:40], None]),
        received=1,
        decided=int(decided),
        qualified=qualified,
        won=won,
        lost=int(qualified and not won and dice.random() < 0.7),
        amount=won * dice.randrange(10**9),
    )


Sample = TypeVar("Sample")


class Lazy(Mapping[str, Sample], Generic[Sample]):
    """Samples by name, each made when it is first asked for: the large ones take a second, in each process."""

    def __init__(self, makers: Mapping[str, Callable[[], Sample]]) -> None:
        self._makers, self._made = makers, dict[str, Sample]()

    def __getitem__(self, name: str) -> Sample:
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


class Came(NamedTuple):
    """One MQL that came with a score."""

    score: int
    status: Status
    channel: str | None
    campaign: str | None
    form: str | None
    attributes: dict[str, Any]

    def values(self) -> Iterator[tuple[str, str, str]]:
        for aspect in ("channel", "campaign", "form"):
            if value := getattr(self, aspect):
                yield aspect, "", value
        for name, given in self.attributes.items():
            if isinstance(given, str | int | float):
                yield "attribute", name, str(given).lower() if isinstance(given, bool) else str(given)


def check(period: str, first: date, came: Sequence[Came]) -> ScoringCheck:
    """The check of some MQLs, counted one by one."""
    scored = Counter((mql.score, mql.status) for mql in came)
    decided = [mql for mql in came if mql.status in DECIDED]
    shared = Counter(value for mql in decided for value in mql.values())
    valued = Counter(
        (*value, mql.score, mql.status == Status.QUALIFIED)
        for mql in decided
        for value in mql.values()
        if value[0] != "attribute" or shared[value] >= cohorts.ENOUGH
    )
    return scoring.check(
        period, first, [Scored(*key, n) for key, n in scored.items()], [Valued(*key, n) for key, n in valued.items()]
    )


def scored(mqls: int, kinds: int, name: str) -> list[Came]:
    """MQLs of which those with a higher score become opportunities more often, but for two values."""
    dice = random.Random(mqls)
    leads = []
    for _ in range(mqls):
        score = dice.randrange(100)
        size = dice.choice(["small", "large"])
        form = f"{name}{dice.randrange(kinds)}"
        won = dice.random() < (score + 60 * (size == "large")) / 200
        status = Status.QUALIFIED if won else dice.choice(OUTCOMES[1:])
        leads.append(Came(score, status, form, form, form, {"size": size, name[:200]: [name], "n": 1.5, "b": True}))
    return leads


EMPTY: list[Tally] = []
ONE = report(
    [*[EMPTY] * 5, [Tally(None, None, Source.MANUAL, None, None, 1, 0, 0, 0, 0, 0)]],
    Times(1, timedelta(0), timedelta(0)),
)
REPORTS: Mapping[str, MonthlyReport] = Lazy(
    {
        "nothing": lambda: report([EMPTY] * 6),
        "one": lambda: ONE,
        "forty": lambda: chance(40, 3, "webinar "),
        "4,000": lambda: chance(667, 400, HOSTILE),
    }
)
CHECKS: Mapping[str, ScoringCheck] = Lazy(
    {
        "nothing": lambda: check(PERIOD, months_on(FIRST, -11), []),
        "one": lambda: check(PERIOD, FIRST, scored(1, 1, "form ")),
        "held": lambda: replace(check(PERIOD, FIRST, scored(1, 1, "form ")), held=HeldLeads(9, 1, 4, 4, 3, 2, 1)),
        "held, none handed over": lambda: replace(check(PERIOD, FIRST, []), held=HeldLeads(1, 1)),
        "forty": lambda: check(PERIOD, FIRST, scored(40, 2, "form ")),
        "4,000": lambda: check(PERIOD, FIRST, scored(4000, 30, HOSTILE)),
        "reversed": lambda: check(
            PERIOD, FIRST, [mql._replace(score=999_900 - mql.score) for mql in scored(400, 2, "form ")]
        ),
        "chance": lambda: check(
            PERIOD, FIRST, [mql._replace(score=50 + i % 3) for i, mql in enumerate(scored(60, 2, "form "))]
        ),
    }
)
