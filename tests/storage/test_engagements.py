"""The history of a score that marketing's tool tells: once by its key, and in figures only up to the hand-over."""

from __future__ import annotations

from datetime import timedelta

from storage import checkups, engagements, monthly, mqls
from storage.database import Database
from storage.reports import Span
from storage.vocabulary import CrmKind, EngagementKind
from tests.workspace import NOW, WORKSPACE, configure, receive

DAY = Span(NOW - timedelta(days=1), NOW + timedelta(days=1))
HOUR = timedelta(hours=1)


def test_where_no_score_came_the_newest_by_then_counts_and_none_that_came_later(any_database: Database) -> None:
    configure(any_database, WORKSPACE)
    without, scored = receive(any_database), receive(any_database, company="Beta", score=90)
    receive(any_database, company="Gamma")
    with any_database.transaction() as tx:
        for mql_id in (without, scored):
            subject = mqls.get(tx, WORKSPACE, mql_id)
            assert subject is not None
            for number, hours in enumerate((-30, -2, 5)):
                key, at = str(number), subject.received_at + hours * HOUR
                values = {"score": 10 * (number + 1)}
                assert engagements.add(tx, subject, CrmKind.MARKETO, key, EngagementKind.SCORE, at, **values)
                assert not engagements.add(tx, subject, CrmKind.MARKETO, key, EngagementKind.SCORE, at, **values)
    with any_database.snapshot() as tx:
        assert sorted(each.score for each in monthly.scored(tx, WORKSPACE, DAY)) == [20, 90]
        assert checkups.scored(tx, WORKSPACE, DAY) == (2, 3)
        assert monthly.valued(tx, WORKSPACE, DAY, 1) == []
