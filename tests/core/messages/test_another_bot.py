"""What another bot of the same workspace says anew: of each reader and MQL one message, and only what still waits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from bot.core.messages import another_bot
from bot.core.mql import response
from storage.database import Database
from storage.models import outbox as table
from storage.vocabulary import MessageKind, OutboxState
from tests import queued
from tests.core.kit import Engine
from tests.workspace import NOW, WORKSPACE

HOUR = timedelta(hours=1)


def test_of_each_reader_and_mql_one_message_is_said_anew_and_only_what_waits(office: Database) -> None:
    engine = Engine(office)
    first, second = engine.receives(), engine.receives(company="Beta")
    engine.does(response.accept, second, "U2", now=NOW)
    about: list[tuple[str, MessageKind, str, int | None, dict[str, Any]]] = [
        ("card 1", MessageKind.CARD, "C1", first, {}),
        ("card 2", MessageKind.CARD, "C1", second, {}),
        ("news", MessageKind.ASSIGNMENT, "U1", first, {}),
        ("reminder", MessageKind.REMINDER, "U1", first, {}),
        ("answered", MessageKind.ESCALATION, "U3", second, {}),
        ("earlier", MessageKind.ESCALATION, "U3", first, {}),
        ("later", MessageKind.UNREACHABLE, "U3", first, {"whom": "U1", "error": "x"}),
        ("digest", MessageKind.DIGEST, "U3", None, {}),
    ]
    with office.transaction() as tx:
        tx.execute(table.delete())
        for key, kind, target, mql_id, data in about:
            queued.add(tx, WORKSPACE, key, kind, target, NOW, mql_id=mql_id, data=data)
        tx.execute(table.update().values(state=OutboxState.SENT, sent_at=NOW, channel="D1", ts=table.c.key))
        parents = {row.key: row.id for row in tx.execute(sa.select(table.c.key, table.c.id))}
        for key, kind, target in (("people", MessageKind.DIGEST_PEOPLE, "U3"), ("note", MessageKind.NOTE, "C1")):
            parent = parents["digest" if target == "U3" else "card 1"]
            queued.add(tx, WORKSPACE, key, kind, target, NOW, parent_id=parent)
        assert another_bot.speak_anew(tx, WORKSPACE, NOW + HOUR) == 4
        rows = {row.key: row for row in tx.execute(table.select())}
    pending = {key for key, row in rows.items() if row.state == OutboxState.PENDING}
    assert pending == {"card 1", "card 2", "news", "later", "people", "note"}
    assert rows["card 1"].data == {"earlier": ["D1", "card 1"]}
    assert (rows["news"].data, rows["news"].ts, rows["news"].due_at) == ({}, None, NOW + HOUR)
    assert (rows["people"].parent_id, rows["note"].parent_id) == (None, parents["card 1"])
    with office.transaction() as tx:
        later = NOW + another_bot.REACH + HOUR
        tx.execute(table.update().values(state=OutboxState.SENT, sent_at=NOW))
        assert another_bot.speak_anew(tx, WORKSPACE, later) == 0, "too long ago"
