"""Whoever takes an MQL, and whatever moves its deadline, every message that shows it is brought up to date."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.core.routing import assignment
from storage import claims, mqls
from storage.database import Database
from storage.models import outbox as table
from storage.vocabulary import MessageKind, OutboxState
from tests.workspace import NOW, WORKSPACE, receive

pytestmark = pytest.mark.rules


def test_who_takes_it_without_a_word_changes_every_message_about_it(office: Database) -> None:
    mql_id = receive(office)
    with office.transaction() as tx:
        for row in claims.claim(tx, WORKSPACE, NOW, NOW + timedelta(minutes=1), 50):
            claims.settle(tx, row, OutboxState.SENT, sent_at=NOW, channel="C1", ts=f"1.{row.id}")
        subject = mqls.locked(tx, WORKSPACE, mql_id)
        assert subject is not None
        taker = "U2" if subject.owner == "U1" else "U1"
        assignment.hand_over(tx, subject, taker, NOW, by=taker)
        shown = set(tx.execute(sa.select(table.c.id).where(table.c.state == "sent")).scalars())
        edited = tx.execute(sa.select(table.c.parent_id).where(table.c.kind == MessageKind.EDIT)).scalars()
        assert set(edited) == shown
        assert shown
