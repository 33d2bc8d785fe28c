"""Who was considered is stored as JSON, and read as values."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa

from storage import mqls
from storage.database import Database
from storage.models import Considered
from storage.vocabulary import AssignmentVerdict
from tests.storage import samples
from tests.workspace import NOW, WORKSPACE, configure, receive

SATO = Considered("U1", AssignmentVerdict.CHOSEN, 3, balance=-7)
MORI = Considered("U2", AssignmentVerdict.BY_HAND, 0, by="U3")


def stored() -> list[dict[str, Any]]:
    """Return everyone who was considered in the database of the first release, as JSON."""
    rows = samples.read(samples.RELEASED / "0001.json")["tables"]["assignment"]
    return [member for row in rows for member in row["considered"]]


def test_what_the_first_release_stored_is_read_and_written_with_the_same_keys() -> None:
    assert {member["verdict"] for member in stored()} >= {"chosen", "eligible", "away", "by_hand"}
    assert [Considered.of_stored(member).stored() for member in stored()] == stored()


def test_a_verdict_that_is_not_known_is_no_value() -> None:
    with pytest.raises(ValueError, match="perhaps"):
        Considered.of_stored({"user": "U1", "verdict": "perhaps", "last_turn": 1})


def test_a_decision_is_read_as_it_was_made_and_is_plain_json_in_the_database(any_database: Database) -> None:
    configure(any_database)
    mql_id = receive(any_database)
    with any_database.transaction() as tx:
        subject = mqls.get(tx, WORKSPACE, mql_id)
        assert subject is not None
        made = mqls.decide(tx, subject, "U1", [SATO, MORI], NOW)
        decision = mqls.last_decision(tx, WORKSPACE, mql_id)
        text = sa.text("SELECT CAST(considered AS TEXT) FROM assignment WHERE id = :id")
        plain = tx.execute(text, {"id": made.id}).scalar_one()
    assert decision == made
    assert decision.considered == (SATO, MORI)
    assert (decision.by_turn, decision.by_hand) == (True, True)
    assert [decision.waited_since(user) for user in ("U1", "U2", "U9")] == [3, 0, 0]
    assert [decision.balance_of(user) for user in ("U1", "U2", "U9")] == [-7, 0, 0]
    assert json.loads(plain) == [
        {"user": "U1", "verdict": "chosen", "last_turn": 3, "balance": -7},
        {"user": "U2", "verdict": "by_hand", "last_turn": 0, "by": "U3"},
    ]
