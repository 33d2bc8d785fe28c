"""What is attacked: the real command on a port of this machine, with a strict local Slack and a database of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from storage.vocabulary import Locale
from tests.attack import wire
from tests.databases import new_sqlite
from tests.installation import ROOT, SECRET, Installation, free_port, sample_office
from tests.patience import LONGEST

SLOWEST = 1000.0
"""Milliseconds: the honest sender must have its answer by then, whoever else sends. Slack waits three times as long."""
MOST_MEMORY = 100.0
"""MB that an attack may add."""


@dataclass(frozen=True)
class Outcome:
    """What an attack was answered, and whether that is as it should be."""

    answer: str
    ok: bool
    health: wire.Health | None = None


class Stage:
    """A workspace and its bot."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "mql.db"
        self.log = folder / "bot.log"
        self.database = new_sqlite(self.file)
        self.installation = Installation(self.database, lambda: datetime.now(UTC))
        self.installation.agree(sample_office(Locale.EN))
        self.database.close()
        self.slack = self.installation.slack
        self.port = free_port()
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self, *command: str, **variables: str) -> None:
        """Start one of the bot's commands, and wait until it answers where it has a port."""
        access = self.installation.access.environment(
            DATABASE_URL=f"sqlite:///{self.file}", PORT=str(self.port), WEBHOOK_SECRET=SECRET, LC_ALL="C"
        )
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "bot", *command],
                cwd=ROOT,
                env=os.environ | access | variables,
                stdout=log,
                stderr=log,
            )
        self._processes.append(process)
        if command[0] != "worker":
            self.wait_for(lambda: self.status("/healthz") == 200, LONGEST)

    def pids(self) -> list[int]:
        """Return every process of the bot."""
        return [pid for process in self._processes for pid in wire.family(process.pid)]

    def status(self, path: str) -> int:
        """Return the status of a page; 0 where nobody answers."""
        return self.page(path)[0]

    def page(self, path: str) -> tuple[int, str]:
        """Return a page; status 0 where nobody answers."""
        try:
            with urlopen(f"http://{wire.HOST}:{self.port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def checks(self) -> dict[str, Any]:
        """Return what /readyz says of each check."""
        _, text = self.page("/readyz")
        return {check["name"]: check["value"] for check in json.loads(text)["checks"]} if text else {}

    def send(self, number: str, moment: float | None = None) -> str:
        """Send a signed lead; returns the status."""
        return wire.ask(self.port, wire.webhook(number, moment=moment), 10.0)

    def heard(self, words: str, seconds: float = 60.0) -> bool:
        """Return whether the admin is told something within some seconds."""
        return self.wait_for(lambda: any(words in m.text for m in self.slack.dm("kim").messages), seconds)

    @staticmethod
    def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
        """Wait until something holds; returns whether it does."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if condition():
                return True
            time.sleep(0.1)
        return condition()

    def tracebacks(self) -> int:
        """Return how many tracebacks stand in the log."""
        return self.log.read_text(encoding="utf-8").count("Traceback")

    def close(self) -> None:
        """End everything."""
        for process in self._processes:
            process.send_signal(signal.SIGTERM)
        for process in self._processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
                continue
            process.kill()
            process.wait()
        self.slack.stop()


@contextmanager
def stage(folder: Path, *commands: tuple[str, ...], **variables: str) -> Iterator[Stage]:
    """Yield a bot that runs these commands."""
    folder.mkdir(parents=True, exist_ok=True)
    bot = Stage(folder)
    try:
        for command in commands:
            bot.start(*command, **variables)
        yield bot
    finally:
        bot.close()
