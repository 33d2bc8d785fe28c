"""Random changes on both sides, by the thousand: `python -m tests.crm` (`--edits 10000 --seed 1 --kind marketo`).
With `--calls`: how many calls each CRM gets where 100 leads come in an hour."""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from playground.crm.hubspot import HubSpot
from storage import migrate
from storage.database import Database
from storage.vocabulary import CrmKind
from tests.connectors.crm.office import Moment
from tests.crm.calls import LEADS, line, measure
from tests.crm.marketing import MarketingStory
from tests.crm.pane_story import PaneStory, filled
from tests.crm.story import Story

A_STORY = 500
OF_MARKETING = (CrmKind.MARKETO, CrmKind.ACCOUNT_ENGAGEMENT)


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
    wrong = 0
    for number in range(-(-given.edits // A_STORY)):
        seed = given.seed + number
        with tempfile.TemporaryDirectory() as folder:
            faults = tell(Path(folder), given.kind or CrmKind.HUBSPOT, seed, min(A_STORY, given.edits))
        wrong += len(faults)
        for fault in faults:
            print(f"seed {seed}: {fault}")
    print(f"{wrong} things do not hold")
    return 1 if wrong else 0


def tell(folder: Path, kind: CrmKind, seed: int, edits: int) -> list[str]:
    """Tell one story and return what does not hold."""
    if kind in OF_MARKETING:
        return _tell_of_marketing(folder, kind, seed, edits)
    clock = Moment()
    with closing(Database(f"sqlite:///{folder / 'crm.db'}")) as database:
        migrate.upgrade(database)
        if kind != CrmKind.HUBSPOT:
            pane = filled(kind, clock)
            with pane.service:
                beside = PaneStory(database, pane, kind, clock, seed)
                beside.run(edits)
                faults = beside.faults()
                print(f"{kind}, seed {seed}: {dict(beside.counts)}, {len(beside.conflicts())} conflicts", flush=True)
            return faults
        with HubSpot(clock.now, clock.monotonic) as hubspot:
            story = Story(database, hubspot, clock, seed)
            story.run(edits)
            faults = story.faults()
            conflicts = len(story.office.conflicts())
            counts = story.counts
            print(f"seed {seed}: {dict(counts.done)}, {conflicts} conflicts, {counts.updates} updates")
    return faults


def _tell_of_marketing(folder: Path, kind: CrmKind, seed: int, edits: int) -> list[str]:
    with closing(Database(f"sqlite:///{folder / 'crm.db'}")) as database:
        migrate.upgrade(database)
        story = MarketingStory(database, kind, Moment(), seed)
        story.run(edits)
        faults = story.faults()
        story.stop()
        counts = story.counts
        print(f"seed {seed}: {dict(counts.done)}, {len(story.conflicts())} conflicts, {counts.updates} updates")
    return faults


if __name__ == "__main__":
    sys.exit(main())
