from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.base import wall_clock
from bot.core.mql import intake
from bot.core.mql.lead import Lead
from storage import workspaces
from storage.database import Database
from storage.models import outbox as outbox_table
from storage.vocabulary import MessageKind, OutboxState, Source
from tests import queued
from tests.cli.kit import agree, cli


@pytest.fixture
def unheeded(team_file: Path, migrated: Path) -> None:
    """A team whose reps got 80 reminders two weeks ago and did nothing, and a few assignments."""
    agree(team_file)
    database = Database(f"sqlite:///{migrated}")
    now = wall_clock.utcnow()
    with database.transaction() as tx:
        (workspace,) = workspaces.every(tx)
        mql_id = intake.receive(tx, workspace.id, Lead(company="Acme"), Source.MANUAL, now).mql_id
        for kind, count in ((MessageKind.REMINDER, 80), (MessageKind.ASSIGNMENT, 5)):
            for number in range(count):
                at = now - timedelta(days=20) + timedelta(minutes=number)
                row = queued.message(workspace.id, f"{kind}{number}", kind, "U0SATO0001", at, mql_id=mql_id)
                tx.execute(outbox_table.insert().values(**row | {"state": OutboxState.SENT, "sent_at": at}))
    database.close()


def test_text_csv_and_json_tell_the_same(unheeded: None) -> None:
    done = cli("report", "noise", "--format", "csv")
    assert done.exit_code == 0, done.output
    rows = {row["kind"]: row for row in csv.DictReader(io.StringIO(done.stdout.removeprefix("\ufeff")))}
    assert (rows["reminder"]["sent"], rows["reminder"]["acted"], rows["reminder"]["rate"]) == ("80", "0", "0.0")
    assert (rows["reminder"]["proposed"], rows["reminder"]["muted"]) == ("True", "False")
    assert (rows["assignment"]["sent"], rows["assignment"]["rate"]) == ("5", "")
    figures = json.loads(cli("report", "noise", "--format", "json").stdout)
    assert figures["daily_limit"] == 20
    assert [(share["kind"], share["sent"], share["rate"]) for share in figures["shares"]] == [
        ("reminder", 80, 0.0),
        ("assignment", 5, None),
    ]
    assert 0.04 < figures["shares"][0]["rate_high"] < 0.05
    text = cli("report", "noise").stdout
    assert "80件のうち0件" in text
    assert re.search(r"5件のうち\d件\n", text)
    assert "停止しますか?" in text


def test_without_any_message_there_is_a_header_and_a_sentence(team_file: Path, migrated: Path) -> None:
    agree(team_file)
    assert cli("report", "noise", "--format", "csv").stdout.startswith("\ufeffkind,sent,acted,rate")
    assert "まだありません" in cli("report", "noise").stdout
