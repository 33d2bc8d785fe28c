"""The bot's processes: started, ended in every way, and started again, as a supervisor does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from random import Random
from urllib.request import urlopen

from bot.i18n import Translator
from storage.vocabulary import Locale
from tests.chaos.bot import LEASE
from tests.installation import ROOT, free_port
from tests.patience import LONGEST, own_seconds

_T = Translator(Locale.EN, "UTC")
SERVING, WORKING = _T("run.serving", address="\0").partition("\0")[0], _T("run.working")


class Process:
    """One command that is to run always. Its output is kept."""

    def __init__(self, name: str, arguments: tuple[str, ...], folder: Path, environment: dict[str, str]) -> None:
        self.name, self.kind = name, arguments[0].replace("serve", "web")
        self._command = [sys.executable, "-m", "tests.chaos.bot", *arguments]
        self._folder, self._environment = folder, environment
        self.log = folder / f"{name}.log"
        self.lock = threading.Lock()
        self.wanted = False
        self.slowest_stop = 0.0
        self._read_from = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._groups: list[int] = []

    def start(self) -> None:
        """Begin anew."""
        self._read_from = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._groups.append(self._process.pid)
        self.wanted = True

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def has_started(self) -> bool:
        """Whether it has said since its start that it works."""
        with self.log.open("rb") as log:
            log.seek(self._read_from)
            return (SERVING if self.kind == "web" else WORKING).encode() in log.read()

    @property
    def can_be_asked_to_stop(self) -> bool:
        """Whether it has started and hears SIGTERM. The line in the log alone may be of a child that outlived the
        master before it; it has to do where the system does not say (it is Linux that does)."""
        assert self._process is not None
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
        except OSError:
            return self.has_started
        caught = next(int(line.split()[1], 16) for line in status.splitlines() if line.startswith("SigCgt:"))
        return self.has_started and bool(caught >> (signal.SIGTERM - 1) & 1)

    @property
    def ready(self) -> bool:
        """Whether it has started, and answers where it has an address."""
        if self.kind == "web":
            with suppress(OSError, HTTPException), urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=1):
                return True
            return False
        return self.running and self.has_started

    @property
    def port(self) -> int:
        """Where a web process listens."""
        return int(self._environment["PORT"])

    def kill(self, whom: str) -> None:
        """SIGKILL: to all of its processes at once, to its "master" alone, or to one "child" of it."""
        assert self._process is not None
        children = _children(self._process.pid)
        if whom == "child" and children:
            with suppress(ProcessLookupError):
                os.kill(children[0], signal.SIGKILL)
            return
        if whom == "master" and children:
            self._process.kill()
        else:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> tuple[float, int]:
        """SIGTERM. Returns after how many seconds of its own it ended, and how."""
        assert self._process is not None
        asked = own_seconds()
        self._process.terminate()
        try:
            code = self._process.wait(timeout=LONGEST)
        except subprocess.TimeoutExpired:
            code = -1
        took = own_seconds() - asked
        self.slowest_stop = max(self.slowest_stop, took)
        return took, code

    def wipe(self) -> None:
        """Leave nothing running that ever belonged to it."""
        self.wanted = False
        for group in self._groups:
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
        if self._process is not None:
            self._process.wait()


def _children(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def wait_until_ready(process: Process, seconds: float) -> None:
    """Wait for it, but not longer than so."""
    until = time.monotonic() + seconds
    while not process.ready and time.monotonic() < until:
        time.sleep(0.05)


class Deployment:
    """Web and worker processes on one database, each started again as soon as it has ended."""

    def __init__(self, folder: Path, environment: dict[str, str], webs: int, workers: int, lease: float) -> None:
        ours = {"PYTHONPATH": str(ROOT), "LC_ALL": "C", LEASE: str(lease), "LOG_FORMAT": "json", "HOST": "127.0.0.1"}
        given = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "METRICS_"))}
        environment = given | ours | environment
        self.webs = [
            Process(f"web{n}", ("serve", "--workers", "1"), folder, environment | {"PORT": str(free_port())})
            for n in range(1, webs + 1)
        ]
        self.workers = [Process(f"worker{n}", ("worker",), folder, environment) for n in range(1, workers + 1)]
        self.all = [*self.webs, *self.workers]
        self.figures = Counter[str]()
        self._over = threading.Event()
        self._supervisor = threading.Thread(target=self._supervise, name="supervisor", daemon=True)

    def start(self) -> None:
        """Start everything and keep it running."""
        for process in self.all:
            process.start()
        self._supervisor.start()

    def web(self, rng: Random) -> str:
        """The address of a web process, of one that runs where one does: what a load balancer chooses."""
        running = [web for web in self.webs if web.running] or self.webs
        return f"http://127.0.0.1:{rng.choice(running).port}"

    def _supervise(self) -> None:
        while not self._over.wait(0.05):
            for process in self.all:
                with process.lock:
                    if process.wanted and not process.running:
                        process.start()
                        self.figures["starts"] += 1

    def close(self) -> None:
        """End everything at once."""
        self._over.set()
        if self._supervisor.is_alive():
            self._supervisor.join()
        for process in self.all:
            with process.lock:
                process.wipe()
