"""An open lead that writes again reaches whoever has it; nobody is told of what says nothing new, or ten times."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.mql import intake
from bot.core.mql.lead import Lead
from bot.core.routing import absences
from bot.core.views import related
from bot.core.views.mql import Words
from storage import models, mqls
from storage.database import Database
from storage.vocabulary import MessageKind, OutboxState, Source
from tests.workspace import NOW, WORKSPACE, receive

pytestmark = pytest.mark.rules
JANE = {"email": "jane@acme.example"}
SOON = NOW + timedelta(hours=1)


def writes(office: Database, text: str | None, now: datetime = SOON, by: str | None = None, **fields: Any) -> None:
    with office.transaction() as tx:
        lead = Lead.model_validate({**JANE, "message": text, **fields})
        assert intake.receive(tx, WORKSPACE, lead, Source.GENERIC, now, by=by).repeated


def queued_rows(office: Database) -> list[Any]:
    mine = models.outbox.c.kind == MessageKind.NEW_WORDS
    with office.snapshot() as tx:
        return list(tx.execute(sa.select(models.outbox).where(mine).order_by(models.outbox.c.id)))


def sent(office: Database) -> None:
    """Slack has got everything that waits."""
    with office.transaction() as tx:
        tx.execute(models.outbox.update().values(state=OutboxState.SENT, attempts=1, sent_at=SOON))


def test_the_owner_gets_the_new_words_and_every_text_is_kept_newest_first(office: Database) -> None:
    mql_id = receive(office, message="Send prices", **JANE)
    writes(office, "Please call me today")
    (row,) = queued_rows(office)
    with office.snapshot() as tx:
        subject = mqls.get(tx, WORKSPACE, mql_id)
        assert subject is not None
        assert row.target == subject.owner
        assert subject.message == "Send prices"
        assert [words.text for words in related.words(tx, subject)] == ["Please call me today", "Send prices"]


@pytest.mark.parametrize("text", [None, "Send prices", " ＳＥＮＤ  prices "])
def test_enrichment_alarms_nobody(office: Database, text: str | None) -> None:
    receive(office, message="Send prices", **JANE)
    writes(office, text, title="CTO", score=90, phone="03-1234-5678")
    assert queued_rows(office) == []


def test_the_first_words_of_a_lead_that_had_written_none_are_new_and_have_their_own_time(office: Database) -> None:
    mql_id = receive(office, **JANE)
    writes(office, "Please call me")
    assert len(queued_rows(office)) == 1
    with office.snapshot() as tx:
        subject = mqls.get(tx, WORKSPACE, mql_id)
        assert subject is not None
        assert related.words(tx, subject) == [Words(SOON, "Please call me")]


def test_a_storm_of_ten_in_a_minute_is_two_messages(office: Database) -> None:
    receive(office, message="Send prices", **JANE)
    writes(office, "one")
    sent(office)
    for number in range(2, 11):
        writes(office, f"text {number}", SOON + timedelta(seconds=5 * number))
    first, second = queued_rows(office)
    assert len(first.data["events"]) == 1
    assert len(second.data["events"]) == 9
    assert second.due_at == SOON + timedelta(minutes=10)


def test_what_waits_to_be_sent_takes_the_next_words_along(office: Database) -> None:
    receive(office, message="Send prices", **JANE)
    writes(office, "one")
    writes(office, "two")
    (row,) = queued_rows(office)
    assert len(row.data["events"]) == 2
    assert row.due_at == SOON


def test_an_hour_later_it_is_told_at_once(office: Database) -> None:
    receive(office, message="Send prices", **JANE)
    writes(office, "one")
    sent(office)
    writes(office, "two", SOON + timedelta(hours=1))
    assert queued_rows(office)[-1].due_at == SOON + timedelta(hours=1)


def test_while_the_owner_is_away_a_leader_hears_of_it_too(office: Database) -> None:
    mql_id = receive(office, message="Send prices", **JANE)
    with office.transaction() as tx:
        subject = mqls.get(tx, WORKSPACE, mql_id)
        assert subject is not None
        assert subject.owner is not None
        absences.announce(tx, WORKSPACE, subject.owner, NOW, NOW + timedelta(days=3))
    writes(office, "It is urgent")
    assert {row.target for row in queued_rows(office)} == {subject.owner, "U3"}


def test_without_an_owner_a_leader_hears_of_it(office: Database) -> None:
    with office.transaction() as tx:
        for user in ("U1", "U2"):
            absences.announce(tx, WORKSPACE, user, NOW, NOW + timedelta(days=3))
    receive(office, message="Send prices", **JANE)
    writes(office, "It is urgent")
    assert [row.target for row in queued_rows(office)] == ["U3"]


def test_who_has_entered_the_words_is_not_told_of_them(office: Database) -> None:
    mql_id = receive(office, message="Send prices", **JANE)
    with office.snapshot() as tx:
        subject = mqls.get(tx, WORKSPACE, mql_id)
    assert subject is not None
    writes(office, "They called", by=subject.owner)
    assert queued_rows(office) == []
