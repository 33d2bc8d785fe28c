from __future__ import annotations

import os
import re
import signal
import tempfile
import threading
from pathlib import Path
from urllib.request import urlopen

import pytest

from playground import Playground
from storage import process_lock
from storage.database import Database
from tests.attack.wire import family
from tests.cli.kit import Process, answering, complaint
from tests.installation import free_port
from tests.patience import LONGEST, wait_for


def test_run_connects_to_slack_migrates_by_itself_and_leaves_its_place_when_it_is_killed(
    slack: Playground, started: list[Process]
) -> None:
    """The next one takes it, and uses Socket Mode where there is an app token."""
    port = free_port()
    process = Process("run", PORT=str(port))
    started.append(process)
    assert f"http://127.0.0.1:{port}/slack/events" in process.line()
    assert answering(f"http://127.0.0.1:{port}/healthz")
    assert refused(complaint("worker"))
    process.process.kill()
    process.process.wait()
    started.append(Process("run", PORT=str(port), SLACK_APP_TOKEN=slack.app_token))
    assert "Socket Mode" in started[1].line()
    assert started[1].stop(signal.SIGINT) < 5


def test_an_app_token_that_slack_refuses_ends_the_start(
    slack: Playground, migrated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-wrong")
    before = set(threading.enumerate())
    assert "SLACK_APP_TOKEN" in complaint("run")
    wait_for(lambda: all(thread.daemon for thread in set(threading.enumerate()) - before))


def refused(line: str, language: str = "en") -> bool:
    return "mql-bot.db" in line and {"en": "only one", "ja": "1つだけ"}[language] in line


def test_serve_and_worker_share_the_work_and_a_second_worker_is_refused(
    migrated: Path, slack: Playground, started: list[Process], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker has a port for monitors where one is set, and serve sees its ticks; each counts as a running bot."""
    port = free_port()
    started.append(Process("worker", METRICS_PORT=str(port + 1)))
    assert started[0].line()
    assert answering(f"http://127.0.0.1:{port + 1}/readyz")
    assert "mqlbot_tick_age_seconds" in text_of(f"http://127.0.0.1:{port + 1}/metrics")
    monkeypatch.setenv("PORT", str(port))
    assert refused(complaint("worker"), language)
    assert refused(complaint("run"), language)
    serve = Process("serve", "--workers", "2", "--threads", "2")
    started.append(serve)
    assert answering(f"http://127.0.0.1:{port}/readyz")
    monkeypatch.setenv("DATABASE_URL", "sqlite:///link.db")
    Path("link.db").symlink_to(migrated)
    assert refused(complaint("worker"), language)
    its_processes_tell_of_all_of_them(f"http://127.0.0.1:{port}")
    database = Database(f"sqlite:///{migrated}")
    assert process_lock.is_bot_running(database)
    assert started[0].stop(signal.SIGTERM) < 5
    assert process_lock.is_bot_running(database)
    folders = set(Path(tempfile.gettempdir()).glob("mql-bot-metrics-*"))
    for pid in children(serve):  # the terminal sends it to parent and children
        os.kill(pid, signal.SIGINT)
    assert serve.stop(signal.SIGINT) < 5
    assert len(folders - set(Path(tempfile.gettempdir()).glob("mql-bot-metrics-*"))) >= 1
    assert not process_lock.is_bot_running(database)
    database.close()


def its_processes_tell_of_all_of_them(address: str) -> None:
    for _ in range(30):
        text_of(f"{address}/healthz")
    counted = re.compile(r'mqlbot_request_seconds_count\{endpoint="healthz",status="2xx"\} (\d+)')
    counts = [int(counted.findall(text_of(f"{address}/metrics"))[0]) for _ in range(12)]
    assert counts == [counts[0]] * 12
    assert counts[0] >= 30


def text_of(address: str) -> str:
    with urlopen(address, timeout=LONGEST) as response:
        return str(response.read().decode())


def children(process: Process) -> set[int]:
    return set(family(process.process.pid)[1:])


@pytest.mark.thorough
def test_a_web_process_that_ends_by_itself_is_started_again_and_all_end_with_their_parent(
    migrated: Path, slack: Playground, started: list[Process]
) -> None:
    port = free_port()
    serve = Process("serve", "--workers", "2", "--threads", "2", PORT=str(port))
    started.append(serve)
    serve.line()
    wait_for(lambda: len(children(serve)) == 2)
    first = children(serve)
    os.kill(min(first), signal.SIGKILL)
    wait_for(lambda: len(children(serve)) == 2 and children(serve) != first)
    assert answering(f"http://127.0.0.1:{port}/healthz")
    left = children(serve)
    serve.process.kill()  # nobody could pass a signal on
    serve.process.wait()
    wait_for(
        lambda: (
            not any(Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes() for pid in left)
        )
    )
