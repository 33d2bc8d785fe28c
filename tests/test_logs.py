from __future__ import annotations

import io
import json
import logging
import sys
import threading
from datetime import timedelta
from typing import Literal

import pytest
import structlog
from sqlalchemy.exc import IntegrityError, OperationalError

from bot import logs
from bot.schedule import Schedule
from storage.database import Database
from tests.patience import LONGEST


def test_a_line_goes_to_what_is_stderr_when_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", first)
    logs.configure("WARNING", "console")
    first.close()
    monkeypatch.setattr(sys, "stderr", second)
    logging.getLogger("here").warning("still heard")
    assert "still heard" in second.getvalue()
    assert "Logging error" not in second.getvalue()


@pytest.mark.parametrize("form", ["json", "console"])
def test_an_error_is_told_by_its_place_and_kind_and_never_by_words_that_may_be_a_leads(
    form: Literal["json", "console"], capsys: pytest.CaptureFixture[str], postgres_url: str
) -> None:
    logs.configure("INFO", form)
    database = Database(postgres_url)
    try:
        with database.transaction() as tx:
            tx.exec_driver_sql("INSERT INTO lane (workspace_id, target) VALUES ('T1', '山田 花子')")
    except IntegrityError:
        structlog.get_logger().exception("row_broken")
    try:
        try:
            raise ValueError("hanako@example.com")
        except ValueError as error:
            raise KeyError("03-5550-0100") from error
    except KeyError:
        logging.getLogger("a library").exception("it failed")
    database.close()
    output = capsys.readouterr().err
    for place_or_kind in ("NotNullViolation", "IntegrityError", "test_logs.py:", "builtins.ValueError", "KeyError"):
        assert place_or_kind in output
    for word in ("山田", json.dumps("山田")[1:-1], "hanako", "5550"):
        assert word not in output


def test_an_error_of_the_connection_says_what_the_driver_says(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("INFO", "json")
    away = Database("postgresql+psycopg://bot:opensesame@127.0.0.1:9/mql")
    try:
        with away.snapshot():
            pass
    except OperationalError:
        structlog.get_logger().exception("database_away")
    output = capsys.readouterr().err
    assert "Connection refused" in output
    assert "opensesame" not in output


def test_no_run_of_a_job_is_a_line_of_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("INFO", "json")
    ran = threading.Event()
    schedule = Schedule()
    schedule.every(timedelta(hours=1), ran.set)
    schedule.start()
    assert ran.wait(LONGEST)
    schedule.stop()
    assert capsys.readouterr().err == ""
