from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from urllib.request import urlopen

from typer.testing import CliRunner, Result

from bot.__main__ import app
from bot.core.base.wall_clock import utcnow
from storage.database import Database
from tests.databases import make_once
from tests.patience import LONGEST, own_seconds

ROOT = Path(__file__).parents[2]


class Process:
    """A command as a user runs it."""

    def __init__(self, *arguments: str, **variables: str) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot", *arguments], env=environment, stdout=subprocess.PIPE, text=True
        )

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().rstrip("\n")

    def stop(self, number: signal.Signals) -> float:
        """Ask it to stop; returns after how many seconds of its own it ended well."""
        asked = own_seconds()
        self.process.send_signal(number)
        assert self.process.wait(timeout=LONGEST) == 0
        return own_seconds() - asked


def cli(*arguments: str, answer: str | None = None) -> Result:
    return CliRunner().invoke(app, list(arguments), input=answer)


def agree(team_file: Path) -> None:
    """Have a team file applied to the database of the folder, as `config apply` does. What it makes there on a day is
    made once in a process of the tests, and copied for the next ones."""
    with closing(Database("sqlite:///data/mql-bot.db")) as database:
        with_slack = "SLACK_BOT_TOKEN" in os.environ
        name = f"{utcnow().date()} {with_slack} {team_file.read_text(encoding='utf-8')}"
        make_once(database, name, lambda: _applies(team_file))


def _applies(team_file: Path) -> None:
    done = cli("config", "apply", str(team_file), "--yes")
    assert done.exit_code == 0, done.output


def complaint(*arguments: str) -> str:
    """The one line that a command leaves with."""
    done = cli(*arguments)
    assert done.exit_code == 1, done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)
    (line,) = done.stderr.splitlines()
    return line


def answering(address: str) -> bool:
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        try:
            with urlopen(address, timeout=LONGEST) as response:
                return bool(response.status == 200)
        except OSError:
            time.sleep(0.1)
    return False
