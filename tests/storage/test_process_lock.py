from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from stat import S_IMODE

import pytest

from storage import process_lock
from storage.database import Database
from tests.patience import wait_for

ROOT = Path(__file__).parents[2]
HOLDER = """
import sys
from storage import process_lock as presence
from storage.database import Database
mark = presence.work(Database(sys.argv[1]), ticking=True)
print("at work", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def held(database: Database) -> Iterator[subprocess.Popen[str]]:
    """Another process that ticks the database."""
    address = database.url.render_as_string()
    command = [sys.executable, "-c", HOLDER, address]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    other = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
    assert other.stdout is not None
    assert other.stdin is not None
    assert other.stdout.readline() == "at work\n"
    yield other
    other.kill()
    other.wait()
    other.stdin.close()
    other.stdout.close()


def test_a_file_has_one_process_that_ticks_and_others_beside_it(database: Database) -> None:
    with process_lock.work(database, ticking=True), process_lock.work(database, ticking=False):
        with pytest.raises(process_lock.Ticked, match=r"mql\.db"):
            process_lock.work(database, ticking=True)
        process_lock.work(database, ticking=False).release()
    process_lock.work(database, ticking=True).release()


def test_who_was_refused_leaves_nothing_behind(database: Database) -> None:
    with process_lock.work(database, ticking=True):
        for _ in range(3):
            with pytest.raises(process_lock.Ticked):
                process_lock.work(database, ticking=True)
    assert not process_lock.is_bot_running(database)


def test_a_killed_process_is_at_work_no_more(database: Database, held: subprocess.Popen[str]) -> None:
    assert process_lock.is_bot_running(database)
    with pytest.raises(process_lock.Ticked):
        process_lock.work(database, ticking=True)
    held.kill()
    held.wait()
    assert not process_lock.is_bot_running(database)
    process_lock.work(database, ticking=True).release()


def test_a_link_leads_to_the_same_file(database: Database, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "link.db"
    link.symlink_to(database.url.database or "")
    (tmp_path / "folder").symlink_to(tmp_path, target_is_directory=True)
    with process_lock.work(database, ticking=True):
        for path in (link, tmp_path / "folder" / "mql.db", tmp_path / "elsewhere" / ".." / "mql.db"):
            other = Database(f"sqlite:///{path}")
            with pytest.raises(process_lock.Ticked):
                process_lock.work(other, ticking=True)
            other.close()
    assert not list((tmp_path / "elsewhere").glob("*.db.*"))


def test_files_left_behind_mean_nothing(database: Database, tmp_path: Path) -> None:
    for name in ("mql.db.running", "mql.db.ticking"):
        (tmp_path / name).write_text("4242")
    assert not process_lock.is_bot_running(database)
    process_lock.work(database, ticking=True).release()


def test_what_is_put_beside_the_database_is_for_its_owner_only(database: Database, tmp_path: Path) -> None:
    with process_lock.work(database, ticking=True):
        modes = {file.name: S_IMODE(file.stat().st_mode) for file in tmp_path.glob("mql.db.*")}
    assert modes == {"mql.db.running": 0o600, "mql.db.ticking": 0o600}


@pytest.mark.parametrize("ticking", [True, False])
def test_who_wants_the_file_alone_waits_for_the_bot_and_the_bot_for_them(database: Database, ticking: bool) -> None:
    with process_lock.work(database, ticking=ticking):
        assert process_lock.is_bot_running(database)
        with pytest.raises(process_lock.BotRunning):
            process_lock.alone(database)
    with process_lock.alone(database):
        assert not process_lock.is_bot_running(database)
        for attempt in (process_lock.alone, lambda target: process_lock.work(target, ticking=ticking)):
            with pytest.raises(process_lock.HeldAlone):
                attempt(database)
    process_lock.work(database, ticking=ticking).release()


def test_on_postgresql_any_number_may_tick_and_are_seen_by_their_connections(postgres_url: str) -> None:
    asking = Database(postgres_url)
    bots = [Database(postgres_url, at_work=True) for _ in range(2)]
    for bot in bots:
        wait_for(lambda: not process_lock.is_bot_running(asking))  # the server may notice later that somebody has gone
        with process_lock.work(bot, ticking=True), bot.snapshot():
            assert process_lock.is_bot_running(asking)
            with pytest.raises(process_lock.BotRunning):
                process_lock.alone(asking)
        bot.close()
    with process_lock.alone(asking), pytest.raises(process_lock.HeldAlone):
        process_lock.alone(asking)
    process_lock.alone(asking).release()
    asking.close()


@pytest.mark.thorough
def test_where_there_are_no_such_locks_it_imports_and_lets_everybody_in(tmp_path: Path) -> None:
    script = f"""
import sys
import storage.database
sys.platform, sys.modules["fcntl"] = "win32", None
from storage import process_lock as presence
database = storage.database.Database("sqlite:///{tmp_path / "mql.db"}")
marks = [presence.work(database, ticking=True) for _ in range(2)]
print(presence.is_bot_running(database))
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=False)
    assert (done.stdout, done.stderr) == ("False\n", "")
