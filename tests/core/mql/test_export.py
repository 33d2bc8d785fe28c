"""What a row of the export says of an MQL, also where there is nothing to say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.core.mql import export, feedback, response
from bot.core.mql.feedback import Answer
from storage import workspaces
from storage.database import Database
from storage.vocabulary import Disposition
from tests.core.kit import Engine
from tests.core.mql.test_history import MARCH, UNFIT, brings
from tests.workspace import NOW, WORKSPACE


def exported(database: Database) -> list[dict[str, Any]]:
    with database.snapshot() as tx:
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        return export.batch(tx, workspace, 0)[1]


def test_an_outcome_has_its_reason_and_its_day_and_what_is_open_has_neither(office: Database) -> None:
    engine = Engine(office)
    decided = engine.receives()
    engine.receives(company="Beta")
    engine.does(response.accept, decided, "U1", now=NOW)
    answer = Answer(disposition=Disposition.DISQUALIFIED, lost_reason="other", comment="no budget")
    engine.does(feedback.give, decided, "U1", answer, now=NOW)  # at the very moment at which it came in
    brings(office, UNFIT, replace(UNFIT, lead=UNFIT.lead.model_copy(update={"external_id": "x", "email": None})))
    names = ("outcome", "outcome_date", "lost_reason", "comment")
    rows = [tuple(row[name] for name in names) for row in exported(office)]
    assert rows[0] == ("disqualified", "2026-11-17T10:00:00+09:00", "other", "no budget")
    assert rows[1] == ("open", None, None, None)
    assert rows[2] == ("disqualified", None, "other", "no"), "its file told no day"


def test_an_import_of_the_own_export_adds_nothing(office: Database) -> None:
    engine = Engine(office)
    engine.receives(MARCH, external_id=None)
    nameless = replace(UNFIT, lead=UNFIT.lead.model_copy(update={"external_id": None, "email": None}))
    other = replace(nameless, lead=nameless.lead.model_copy(update={"company": "Other"}))
    _, stored = brings(office, replace(nameless, number=1), replace(other, number=7))
    assert (stored.added, len(exported(office))) == (1, 2)
