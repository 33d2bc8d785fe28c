"""What an import of history writes, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.base.results import Refusal, Refused
from bot.core.mql import deals, erasure, history, identity, intake, response
from bot.core.mql.deals import Deal
from bot.core.mql.history import NotUndoable, Past, StillUsed, Stored, Undone
from bot.core.mql.lead import Lead
from storage import imports, mqls, workspaces
from storage.database import Database
from storage.models import Mql, Workspace, event, feedback, imported_row, mql
from storage.vocabulary import DealResult, Disposition, ErasedFor, ImportKind, ImportState, Source, Status
from tests.workspace import WORKSPACE, receive

pytestmark = pytest.mark.rules

NOW = datetime(2026, 11, 17, 1, tzinfo=UTC)
MARCH = datetime(2026, 3, 2, 1, tzinfo=UTC)


def past(name: str, **values: Any) -> Past:
    return Past(Lead(external_id=name, company=name, email=f"{name}@example.com", score=50), MARCH, **values)


WON = past(
    "won",
    disposition=Disposition.QUALIFIED,
    disposed_at=MARCH + timedelta(days=3),
    deal=Deal(result=DealResult.WON, on=date(2026, 4, 1), amount=100),
)
UNFIT = past("unfit", disposition=Disposition.DISQUALIFIED, lost_reason="other", comment="no", contacted_at=MARCH)
OPEN = past("open")


def workspace_in(tx: sa.Connection) -> Workspace:
    workspace = workspaces.get(tx, WORKSPACE)
    assert workspace is not None
    return workspace


def brings(database: Database, *rows: Past, now: datetime = NOW) -> tuple[int, Stored]:
    with database.transaction() as tx:
        import_id = imports.start(tx, WORKSPACE, ImportKind.HISTORY, "digest", "past.csv", now)
        stored = history.store(tx, workspace_in(tx), import_id, rows, now)
        imports.close(tx, WORKSPACE, import_id, ImportState.DONE, now)
    return import_id, stored


def undo(database: Database, import_id: int) -> Undone:
    with database.transaction() as tx:
        return history.undo(tx, workspace_in(tx), import_id, NOW)


def known(database: Database, external_id: str) -> Mql:
    with database.snapshot() as tx:
        (only,) = identity.with_record(tx, WORKSPACE, external_id)
    return only


def count(database: Database, table: sa.Table) -> int:
    with database.snapshot() as tx:
        return tx.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


@pytest.mark.sql
def test_rows_are_written_once_and_moved_on_and_put_back(office: Database) -> None:
    first, stored = brings(office, WON, UNFIT, OPEN)
    assert (stored.added, stored.changed, stored.unchanged) == (3, 0, 0)
    assert (known(office, "won").status, known(office, "open").status) == (Status.QUALIFIED, Status.UNKNOWN)
    before = [known(office, name) for name in ("won", "unfit", "open")]
    assert [subject.number for subject in before] == [1, 2, 3]

    further = replace(OPEN, disposition=Disposition.RECYCLED, disposed_at=MARCH + timedelta(days=9), comment="later")
    second, stored = brings(office, WON, further)
    assert (stored.added, stored.changed, stored.unchanged) == (0, 1, 1)
    assert known(office, "open").status == Status.RECYCLED
    with pytest.raises(StillUsed) as used:
        undo(office, first)
    assert used.value.numbers == (3,)
    assert undo(office, second) == Undone(dropped=0, put_back=1)
    assert [known(office, name) for name in ("won", "unfit", "open")] == before
    assert (count(office, feedback), count(office, event)) == (2, 3)
    assert undo(office, first) == Undone(dropped=3, put_back=0)
    assert [count(office, table) for table in (mql, event, feedback, imported_row)] == [0, 0, 0, 0]
    with pytest.raises(NotUndoable):
        undo(office, first)


@pytest.mark.sql
def test_history_is_not_searched_and_takes_no_place_among_the_newest(
    office: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for company in ("Green Leaf", "Greenhouse"):
        mql_id = receive(office, company, email=f"{company.split()[0].lower()}@live.example")
        with office.transaction() as tx:
            mqls.update(tx, WORKSPACE, mql_id, status=Status.RECYCLED, disposed_at=NOW)
    brings(office, WON, UNFIT, OPEN, past("greenfield"))

    def searching(most: int) -> tuple[list[str | None], bool]:
        monkeypatch.setattr(mqls, "SEARCHED", most)
        with office.snapshot() as tx:
            searched = mqls.search(tx, WORKSPACE, "green", 9)
        return [subject.company for subject in searched.mqls], searched.in_all

    assert searching(2) == (["Greenhouse", "Green Leaf"], True)
    assert searching(1) == (["Greenhouse"], False)


def test_what_a_crm_says_later_holds(office: Database) -> None:
    import_id, _ = brings(office, WON, OPEN)
    lost = Deal(result=DealResult.LOST, on=date(2026, 5, 1))
    with office.transaction() as tx:
        lead = deals.Lead(source=Source.IMPORT, external_id="won")
        deals.report(tx, WORKSPACE, deals.DealReport(lead, lost), NOW)
        refused = deals.record(tx, workspace_in(tx), known(office, "won").id, "U1", lost, NOW)
    assert refused == Refused(Refusal.IMPORTED, number=1)
    assert known(office, "won").deal_result == DealResult.LOST
    _, stored = brings(office, replace(WON, comment="another word"))
    assert (stored.changed, stored.touched) == (0, [0])
    with pytest.raises(StillUsed):
        undo(office, import_id)


def test_a_person_acts_on_none_of_them(office: Database) -> None:
    brings(office, WON, OPEN)
    with office.transaction() as tx:
        for name in ("won", "open"):
            outcome = response.accept(tx, WORKSPACE, known(office, name).id, "U3", NOW)
            assert isinstance(outcome, Refused)
            assert outcome.reason == Refusal.IMPORTED


@pytest.mark.sql
def test_who_is_erased_does_not_come_back_with_the_file(office: Database) -> None:
    brings(office, WON)
    with office.transaction() as tx:
        assert erasure.erase(tx, WORKSPACE, known(office, "won").id, ErasedFor.REQUEST, NOW) is not None
    _, stored = brings(office, WON, replace(OPEN, comment="also new"))
    assert (stored.added, stored.unchanged) == (1, 1)
    with office.snapshot() as tx:
        erased = mqls.by_number(tx, WORKSPACE, 1)
    assert erased is not None
    assert (erased.email, erased.amount, erased.status) == (None, 100, Status.QUALIFIED)


def test_a_crm_that_speaks_of_a_lead_means_the_live_one(office: Database) -> None:
    with office.transaction() as tx:
        lead = Lead(company="Acme", email="one@example.com")
        live = intake.receive(tx, WORKSPACE, lead, Source.GENERIC, NOW)
    old = Past(Lead(external_id="x", email="one@example.com"), MARCH)
    brings(office, old, now=NOW + timedelta(hours=1))
    with office.snapshot() as tx:
        assert [
            subject.number for subject in identity.named(tx, WORKSPACE, Source.GENERIC, None, "one@example.com")
        ] == [
            live.number,
            2,
        ]
    with office.transaction() as tx:
        again = intake.receive(tx, WORKSPACE, Lead(email="one@example.com"), Source.GENERIC, NOW)
    assert (again.number, again.repeated) == (live.number, True)
