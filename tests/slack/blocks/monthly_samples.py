"""Monthly reports and checks of the scoring rule for the tests of their messages: with 0, 1, 40 and 4,000 MQLs."""

from __future__ import annotations

import random
from datetime import timedelta

from bot.core import cohorts
from bot.core.cohorts import Cohort, Dimension, MonthlyReport
from bot.core.monthly import month_of, months_on, period_of
from bot.core.scoring import ScoringCheck, check
from storage.models import LostReason
from storage.monthly import Lost, Scored, Stamps, Tally
from storage.vocabulary import Source, Status
from tests.slack.blocks.samples import HOSTILE, INFO, NOW

PERIOD = "2026-10"
FIRST = month_of(PERIOD)
NAMES = {"U1": "佐藤 葵", "U2": HOSTILE}
OUTCOMES = (Status.QUALIFIED, Status.DISQUALIFIED, Status.RECYCLED, Status.CONTACTED)


def report(counted: list[list[Tally]], stamps: list[list[Stamps]], lost: list[Lost]) -> MonthlyReport:
    """A report of six months as the core makes it."""
    firsts = [months_on(FIRST, back) for back in range(-5, 1)]
    stages = ("accepted_at", "contacted_at", "disposed_at")
    nasty = INFO.model_copy(update={"key": "nasty", "ja": HOSTILE, "en": HOSTILE})
    known: dict[str, LostReason] = {"info": INFO, "nasty": nasty}
    return MonthlyReport(
        period=PERIOD,
        as_of=NOW,
        cohorts=tuple(
            Cohort(period_of(first), first, cohorts.total(mine), *(cohorts.times(reached, one) for one in stages))
            for first, mine, reached in zip(firsts, counted, stamps, strict=True)
        ),
        total=cohorts.total([one for mine in counted for one in mine]),
        groups={
            dimension: cohorts.groups(counted, dimension, NAMES if dimension == Dimension.REP else {})
            for dimension in Dimension
        },
        losses=cohorts.losses(lost, known),
    )


def chance(mqls: int, kinds: int, name: str) -> MonthlyReport:
    """So many MQLs in each month, of so many channels and campaigns."""
    dice = random.Random(mqls)
    counted, stamps = [], []
    for _ in range(6):
        counted.append([_tally(dice, kinds, name) for _ in range(mqls)])
        late = [NOW + timedelta(hours=dice.uniform(0, 900)) for _ in range(mqls)]
        stamps.append([Stamps(NOW, at, at if dice.random() < 0.5 else None, None) for at in late])
    channels = [f"{name}{number}" for number in range(min(mqls, kinds))]
    lost = [Lost(channel, key, 3) for channel in [*channels, None] for key in ("info", "nasty")]
    return report(counted, stamps, lost)


def _tally(dice: random.Random, kinds: int, name: str) -> Tally:
    decided = dice.random() < 0.8
    return Tally(
        channel=f"{name}{dice.randrange(kinds)}",
        campaign=f"{name}{dice.randrange(10 * kinds)}",
        source=dice.choice(list(Source)),
        owner=dice.choice(["U1", "U2", "U9", None]),
        tier=dice.choice(["hot", name[:40], None]),
        received=1,
        decided=int(decided),
        qualified=int(decided and dice.random() < 0.3),
    )


def scored(mqls: int, kinds: int, name: str) -> list[Scored]:
    """MQLs of which those with a higher score become opportunities more often, but for two values."""
    dice = random.Random(mqls)
    found = []
    for _ in range(mqls):
        score = dice.randrange(100)
        size = dice.choice(["small", "large"])
        form = f"{name}{dice.randrange(kinds)}"
        won = dice.random() < (score + 60 * (size == "large")) / 200
        status = Status.QUALIFIED if won else dice.choice(OUTCOMES[1:])
        found.append(Scored(score, status, form, form, form, {"size": size, name[:200]: [name], "n": 1.5, "b": True}))
    return found


ONE = report(
    [[]] * 5 + [[Tally(None, None, Source.MANUAL, None, None, 1, 0, 0)]],
    [[]] * 5 + [[Stamps(NOW, NOW, None, None)]],
    [],
)
REPORTS: dict[str, MonthlyReport] = {
    "nothing": report([[]] * 6, [[]] * 6, []),
    "one": ONE,
    "forty": chance(40, 3, "webinar "),
    "4,000": chance(4000, 400, HOSTILE),
}
CHECKS: dict[str, ScoringCheck] = {
    "nothing": check(PERIOD, months_on(FIRST, -11), []),
    "one": check(PERIOD, FIRST, scored(1, 1, "form ")),
    "forty": check(PERIOD, FIRST, scored(40, 2, "form ")),
    "4,000": check(PERIOD, FIRST, scored(4000, 30, HOSTILE)),
    "reversed": check(PERIOD, FIRST, [one._replace(score=999_900 - one.score) for one in scored(400, 2, "form ")]),
    "chance": check(PERIOD, FIRST, [one._replace(score=50 + i % 3) for i, one in enumerate(scored(60, 2, "form "))]),
}
