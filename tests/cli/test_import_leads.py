from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core.base import wall_clock
from storage import mqls
from storage.database import Database
from storage.vocabulary import ClockKind, Source, Status
from tests.cli.kit import cli
from tests.scenarios.stage import Team


@pytest.fixture
def team(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Team]:
    monkeypatch.setenv("DATABASE_URL", database.url.render_as_string())
    team = Team(database)
    monkeypatch.setattr(wall_clock, "utcnow", team.time.now)
    yield team
    team.close()


SANSAN = "名刺ID,会社名,部署名,役職,姓,名,e-mail,TEL,名刺交換日\n"


def test_leads_of_a_file_are_handed_to_sales_each_once(team: Team, language: str) -> None:
    team.receives("青空商事", email="yamada@aozora.example")
    known = "7,青空商事,営業部,部長,山田,太郎,yamada@aozora.example,03-1,2026/11/10\n"
    others = "8,Acme,,,Doe,Jane,,,\n,,,,,,,,\n9,,,,,,x,,\n"
    Path("cards.csv").write_bytes((SANSAN + known + others).encode("cp932"))
    dry = cli("import", "leads", "cards.csv", "--keep", "部署名", "--dry-run")
    assert dry.exit_code == 1  # one row cannot be imported
    done = cli("import", "leads", "cards.csv", "--keep", "部署名", "--yes")
    assert done.exit_code == 1
    assert "cards.bad.csv" in done.output
    new = team.mql(2)
    assert (new.company, new.person, new.source, new.status) == ("Acme", "Jane Doe", Source.IMPORT, Status.ASSIGNED)
    with team.database.snapshot() as tx:
        assert mqls.running_clock(tx, team.id, new.id, ClockKind.RESPONSE) is not None
    joined = team.mql(1)
    assert (joined.title, joined.person) == ("部長", "山田 太郎")
    team.settle()
    assert any("Acme" in message.text for message in team.channel("mql").messages)

    before = len(team.log(1))
    assert cli("import", "leads", "cards.csv", "--keep", "部署名", "--yes").exit_code == 1
    assert len(team.log(1)) == before
    undone = cli("import", "undo", "1", "--yes")
    assert undone.exit_code == 2  # they are with sales


def test_nothing_is_handed_over_where_nobody_says_yes(team: Team, language: str) -> None:
    Path("cards.csv").write_text(SANSAN + "8,Acme,,,Doe,Jane,,,\n", encoding="utf-8")
    assert cli("import", "leads", "cards.csv", answer="n\n").exit_code == 0
    with team.database.snapshot() as tx:
        assert mqls.by_number(tx, team.id, 1) is None
