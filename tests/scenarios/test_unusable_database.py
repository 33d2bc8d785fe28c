"""A database file that is deleted, damaged or full while the bot works: senders are asked to come again, monitors see
it, and the admins hear of it past the outbox, which is in that file."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.app import Parts
from bot.slack.delivery.pacing import UNPACED
from storage import process_lock, workspaces
from tests.scenarios.stage import Team
from tests.test_monitoring import ask, metrics, ready


def file_of(team: Team) -> Path:
    assert team.database.url.database is not None
    return Path(team.database.url.database)


def looks(team: Team, times: int = 2) -> None:
    assert team.bot is not None
    for _ in range(times):
        team.bot.parts.watch.look()
        team.bot.parts.watch.alarm.wait()


def heard(team: Team) -> list[str]:
    return [message.text for message in team.dm("kim").unread()]


def send(team: Team, company: str) -> tuple[int, str]:
    """Send a lead, without what the bot does next: its delivery needs the database."""
    team.settle, settle = (lambda: None), team.settle  # type: ignore[method-assign]
    try:
        answer = team.posts_webhook({"company": company})
    finally:
        team.settle = settle  # type: ignore[method-assign]
    return answer.status, str(answer.body.get("error", ""))


def test_a_deleted_file_is_no_202_and_the_admin_is_told_once(team: Team) -> None:
    team.receives("青空商事")
    looks(team)
    assert heard(team) == []
    file_of(team).unlink()
    assert send(team, "緑川工業") == (503, "database_replaced")
    looks(team, 3)
    (alert,) = heard(team)
    assert "削除されたか置き換えられました" in alert
    assert "mql-bot restore" in alert
    status, checks = ready(team)
    assert (status, checks["database"]["value"]) == (503, "replaced")
    assert metrics(team)[("mqlbot_database_up",)] == 0
    assert ask(team, "/healthz")[0] == 200


def test_a_damaged_file_is_found_by_the_watch(team: Team) -> None:
    assert team.bot is not None
    looks(team)
    with team.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        place = connection.exec_driver_sql("SELECT rootpage FROM sqlite_master WHERE name = 'event'").scalar_one()
    with file_of(team).open("r+b") as damaged:
        damaged.seek((place - 1) * 4096)
        damaged.write(b"\xff" * 4096)
    team.database.engine.dispose()
    team.bot.parts.watch.alarm._check_at = 0.0  # an hour has passed
    looks(team)
    (alert,) = heard(team)
    assert "壊れています" in alert
    assert send(team, "緑川工業") == (503, "database_damaged")
    assert ready(team)[1]["database"]["value"] == "damaged"


@contextmanager
def no_room(team: Team) -> Iterator[None]:
    """Let no file grow beyond the size of the database's log: what a quota does. Somebody reads meanwhile, or SQLite
    could begin its log anew and find room in it, whenever the connection that failed was the last one."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = Path(f"{file_of(team)}-wal").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        with team.database.snapshot() as tx:
            workspaces.get(tx, team.id)
            yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_has_its_name_and_the_bot_goes_on_when_there_is_room(team: Team) -> None:
    team.receives("青空商事")
    looks(team)
    with no_room(team):
        assert send(team, "緑川工業") == (503, "database_full")
        status, checks = ready(team)
        assert (status, checks["database"]["value"]) == (503, "full")
        looks(team, 3)
        (alert,) = heard(team)
        assert "いっぱいです" in alert
    looks(team)
    (over,) = heard(team)
    assert "再開しています" in over
    assert ready(team)[0] == 200
    assert send(team, "緑川工業") == (202, "")


def test_only_the_process_that_ticks_tells_where_there_is_one(team: Team) -> None:
    assert team.bot is not None
    web = Parts(team.bot.parts.settings, team.database, team.time.now, UNPACED, ticking=False)
    web.watch.look()
    ticking = process_lock.work(team.database, ticking=True)
    file_of(team).unlink()
    web.watch.look()
    assert heard(team) == []
    ticking.release()
    web.watch.look()
    assert len(heard(team)) == 1
