"""Random changes on both sides, by the thousand: `python -m tests.crm` (`--edits 10000 --seed 1 --kind marketo`).
With `--calls`: how many calls each CRM gets where 100 leads come in an hour."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from playground.crm.hubspot import HubSpot
from storage import migrate
from storage.database import Database
from storage.models import CrmConflict
from storage.vocabulary import CrmKind
from tests.connectors.crm.office import Moment
from tests.crm.calls import LEADS, line, measure
from tests.crm.disruptions import WIDE
from tests.crm.marketing import MarketingStory
from tests.crm.pane_story import PaneStory, filled
from tests.crm.process import hurried
from tests.crm.story import Story

A_STORY = 1000
OF_MARKETING = (CrmKind.MARKETO, CrmKind.ACCOUNT_ENGAGEMENT)


class Outcome(NamedTuple):
    """What happened in a story, and what does not hold."""

    counts: Counter[str]
    faults: list[str]


def main() -> int:
    """Tell stories until so many changes were made; print what happened, and what does not hold."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--edits", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", type=CrmKind, choices=list(CrmKind), default=None)
    parser.add_argument("--calls", action="store_true")
    parser.add_argument("--leads", type=int, default=LEADS)
    given = parser.parse_args()
    if given.calls:
        with tempfile.TemporaryDirectory() as folder:
            for kind in [given.kind] if given.kind else CrmKind:
                print(line(kind, measure(Path(folder), kind, given.leads), given.leads), flush=True)
        return 0
    return edits(given.kind or CrmKind.HUBSPOT, given.seed, given.edits)


def edits(kind: CrmKind, first_seed: int, wanted: int) -> int:
    """Tell stories of one kind, and print their counts together. Returns 1 where something does not hold."""
    counts, wrong = Counter[str](), 0
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder, "template.db")
        with closing(hurried(Database(f"sqlite:///{template}"))) as database:
            migrate.upgrade(database)
        for seed in range(first_seed, first_seed + -(-wanted // A_STORY)):
            file = shutil.copy(template, Path(folder, f"{seed}.db"))
            with closing(hurried(Database(f"sqlite:///{file}"))) as database:
                outcome = tell(database, kind, seed, min(A_STORY, wanted))
            counts += outcome.counts
            wrong += len(outcome.faults)
            print(f"{kind}, seed {seed}: {dict(outcome.counts)}", flush=True)
            for fault in outcome.faults:
                print(f"seed {seed}: {fault}", flush=True)
    print(f"{kind}, together: {dict(counts)}")
    print(f"{wrong} things do not hold")
    return 1 if wrong else 0


def tell(database: Database, kind: CrmKind, seed: int, edits: int) -> Outcome:
    """Tell one story of a connection with random changes."""
    clock = Moment()
    if kind in OF_MARKETING:
        story = MarketingStory(database, kind, clock, seed, WIDE)
        try:
            story.run(edits)
            faults = story.faults()
            return _outcome(story.counts.done + story.disruptions.counts, story.conflicts(), faults)
        finally:
            story.stop()
    if kind == CrmKind.HUBSPOT:
        with HubSpot(clock.now, clock.monotonic) as hubspot:
            of_hubspot = Story(database, hubspot, clock, seed, WIDE)
            of_hubspot.run(edits)
            faults = of_hubspot.faults()
            return _outcome(
                of_hubspot.counts.done + of_hubspot.disruptions.counts, of_hubspot.office.conflicts(), faults
            )
    pane = filled(kind, clock)
    with pane.service:
        of_sales = PaneStory(database, pane, kind, clock, seed, WIDE)
        of_sales.run(edits)
        faults = of_sales.faults()
        return _outcome(of_sales.counts, of_sales.conflicts(), faults)


def _outcome(counts: Counter[str], conflicts: Sequence[CrmConflict], faults: list[str]) -> Outcome:
    counts["conflicts shown"] = len(conflicts)
    return Outcome(counts, faults)


if __name__ == "__main__":
    sys.exit(main())
