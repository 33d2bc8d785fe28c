"""`erase` finds every spelling, leaves nothing in a file, names what it cannot reach, and lasts beyond a restore."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core.base import wall_clock
from bot.core.mql import queue
from storage import models, mqls, receipts
from storage.database import Database
from storage.vocabulary import ReceiptKind
from tests.cli.kit import cli
from tests.scenarios.stage import Team

JANE = {"person": "Jane Secret", "email": "jane@bücher.example", "phone": "03-0000-1234"}
SPELLINGS = (
    "JANE@bücher.example",
    "jane@xn--bcher-kva.example",
    "jane@bu\u0308cher.example",
    "ｊａｎｅ＠bücher．example",
)
TRACES = [name.encode() for name in ("jane@", "Jane Secret", "0000-1234")]


@pytest.fixture
def team(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Team]:
    monkeypatch.setenv("DATABASE_URL", database.url.render_as_string())
    team = Team(database)
    monkeypatch.setattr(wall_clock, "utcnow", team.time.now)
    yield team
    team.close()


def comes_in(team: Team, spelling: str) -> None:
    """Somebody's lead, an intake message that nobody could read, and a receipt that their tool has named."""
    team.receives("Acme", **JANE | {"email": spelling.replace("＠", "@").replace("．", ".")})
    notice = team.slack.user("ito").says("メモ", channel="mql-intake").message
    assert notice is not None
    with team.database.transaction() as tx:
        now = team.time.now()
        values = {"": f"連絡先は{spelling}です"}
        where: queue.Origin = {"channel": team.channel("mql-intake").id, "ts": notice.ts}
        queue.keep(tx, team.id, reason="nobody", values=values, came_at=now, now=now, **where)
        receipts.first_time(tx, team.id, ReceiptKind.WEBHOOK, f"form:{spelling}", team.time.now(), {})


def intake(database: Database) -> tuple[list[str], int]:
    with database.snapshot() as tx:
        read = [
            text
            for (texts,) in tx.execute(models.unreadable.select().with_only_columns(models.unreadable.c.content))
            for text in texts
        ]
        return read, len([row for row in tx.execute(models.receipt.select()) if row.key.startswith("form:")])


@pytest.mark.alike
@pytest.mark.parametrize("stored", SPELLINGS)
@pytest.mark.parametrize("asked", SPELLINGS[1:])
def test_every_spelling_of_an_address_is_found(team: Team, stored: str, asked: str) -> None:
    comes_in(team, stored)
    assert cli("erase", "--email", asked, "--yes").exit_code == 0
    assert team.mql(1).person is None
    assert intake(team.database) == ([], 0)


def test_nothing_of_it_is_left_in_any_file_of_the_database_though_the_bot_runs(team: Team) -> None:
    comes_in(team, JANE["email"])
    file = Path(str(team.database.url.database))
    team.settle()
    assert TRACES[0] in file.read_bytes() + Path(f"{file}-wal").read_bytes()
    assert cli("erase", "--email", JANE["email"], "--yes").exit_code == 0
    beside = sorted(file.parent.glob(f"{file.name}*"))
    assert {f"{file.name}{suffix}" for suffix in ("", "-wal", "-shm", ".erased")} <= {path.name for path in beside}
    assert [(path.name, trace) for path in beside for trace in TRACES if trace in path.read_bytes()] == []


@pytest.mark.thorough
@pytest.mark.parametrize("lost", [False, True])
def test_a_restore_of_an_older_backup_brings_back_neither_lead_nor_message_nor_receipt(team: Team, lost: bool) -> None:
    comes_in(team, JANE["email"])
    assert cli("backup", "backup.db").exit_code == 0
    assert cli("erase", "--email", JANE["email"], "--with-company", "--yes").exit_code == 0
    team.stop_bot()
    team.database.close()
    if lost:
        Path(str(team.database.url.database)).unlink()
    done = cli("restore", "backup.db")
    assert done.exit_code == 0, done.output
    assert "もう一度削除" in done.output or "had been erased" in done.output
    restored = Database(team.database.url.render_as_string())
    with restored.snapshot() as tx:
        mql = mqls.by_number(tx, team.id, 1)
    assert mql is not None
    assert (mql.person, mql.company, mql.email) == (None, None, None)
    assert intake(restored) == ([], 0)
    restored.close()


def test_by_number_what_the_intake_holds_of_its_address_goes_too(team: Team) -> None:
    comes_in(team, JANE["email"])
    assert cli("erase", "--number", "1", "--yes").exit_code == 0
    assert intake(team.database) == ([], 0)


def test_what_only_people_can_erase_is_named(team: Team) -> None:
    comes_in(team, JANE["email"])
    with team.database.transaction() as tx:
        values = {"owner": "U1", "due_on": "2026-12-01", "by": "U1", "at": team.time.now()}
        tx.execute(models.action_item.insert().values(workspace_id=team.id, what="Call ＪＡＮＥ Secret", **values))
        words = {"proposed_by": "U1", "proposed_at": team.time.now()}
        tx.execute(models.definition.insert().values(workspace_id=team.id, number=3, text="Not 0300001234", **words))
    done = cli("erase", "--email", JANE["email"], "--yes")
    assert "(ID: 1)" in done.output or "(ids 1)" in done.output
    assert ": 3" in done.output
    assert "Secret" not in done.output
