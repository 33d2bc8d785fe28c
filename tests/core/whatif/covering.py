"""An office whose people cover for each other, under any team file."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import sqlalchemy as sa

from bot.core.mql import covers
from bot.core.mql.lead import Lead
from storage import mqls
from storage.database import Database
from storage.models import Mql
from storage.vocabulary import Status
from tests.core.whatif.living import AN_HOUR, MANAGERS, REPS, START
from tests.core.whatif.team_files import team_file
from tests.core.whatif.test_any_past import AFTERWARDS, DAYS, LEADS, AnyLiving

PERSONS, COMPANIES = 25, 4
A_QUARTER = timedelta(minutes=15)


class Covering(AnyLiving):
    """Leaders ask somebody to cover what an absent rep has; who covers may decline; it is taken back or left. Leads
    come again, and from companies whose leads are known."""

    def _new_lead(self) -> Lead:
        person = self.random.randrange(PERSONS)
        company = person % COMPANIES
        known = {"company": f"Company {company}", "email": f"p{person}@{company}.example", "title": "CTO"}
        return super()._new_lead().model_copy(update=known)

    def due(self) -> list[datetime]:
        """Also every quarter of an hour while something waits for an owner, and when an offer of it is over."""
        waiting = mqls.with_status(self.tx, "T1", Status.UNASSIGNED)
        offers = [subject.offered_until for subject in waiting]
        quarter = self.now - (self.now - START) % A_QUARTER + A_QUARTER
        soon = [at for at in offers if at is not None and at > self.now]
        return [*super().due(), *soon, *([quarter] if waiting else [])]

    def covers_for(self, user: str, after: timedelta, until: datetime) -> None:
        """What a rep has is covered some time into an absence, and settled after it."""
        to = self.random.choice([None, *(rep for rep in REPS if rep != user)])
        by = self.random.choice(MANAGERS)
        self.plan(after + timedelta(minutes=10), lambda tx, now: covers.cover_unaccepted(tx, "T1", user, by, to, now))
        self.plan(after + timedelta(minutes=40), self._one_declines)
        self.plan(until - START + timedelta(minutes=5), lambda tx, now: self._settle(tx, user, now))

    def _one_declines(self, tx: sa.Connection, now: datetime) -> None:
        for subject in mqls.covered(tx, "T1")[:1]:
            covers.decline(tx, "T1", subject.id, str(subject.cover), "busy", now)

    def _settle(self, tx: sa.Connection, user: str, now: datetime) -> None:
        act = self.random.choice([covers.take_back, covers.leave])
        for cover in sorted({str(subject.cover) for subject in mqls.covered(tx, "T1", owner=user)}):
            act(tx, "T1", user, cover, self.random.choice([user, MANAGERS[0]]), now)

    def _accept(self, tx: sa.Connection, subject: Mql, now: datetime) -> None:
        super()._accept(tx, subject.model_copy(update={"owner": subject.cover or subject.owner}), now)


def lived(database: Database, seed: int, *, capped: bool = True) -> datetime:
    """An office has lived under a random team file, with absences and covers. Returns the present."""
    rng = Random(seed)
    with database.transaction() as tx:
        living = Covering(tx, team_file(rng, capped=capped), seed=seed)
        living.receives(LEADS, DAYS)
        for user in REPS:
            gone = timedelta(hours=rng.randrange(24 * DAYS))
            back = START + gone + rng.choice([5, 40, 130]) * AN_HOUR
            living.goes_away(user, gone, back)
            living.covers_for(user, gone, back)
        living.until(START + timedelta(days=DAYS + AFTERWARDS))
        return living.now
