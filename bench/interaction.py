"""How many Accept presses a second `mql-bot serve` takes, beside a Bolt listener that does nothing.

python -m bench.interaction [presses]

Each press is signed, committed and answered; both run under the same server in the same run.
32 connections press as fast as they are answered; every press is for another MQL, and in the end every one of them is
accepted. The strict local Slack and the pressing are processes of their own.
"""

from __future__ import annotations

import http.client
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import quantiles
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from slack_sdk.signature import SignatureVerifier

from bench import goals, stage
from bot.slack.blocks.base import ids
from playground import Playground
from playground.sample import SAMPLE_TEAM
from storage.database import Database
from storage.models import mql
from storage.vocabulary import Status
from tests import postgres
from tests.installation import Access, free_port
from tests.workspace import WORKSPACE

CONNECTIONS, THREADS = 32, 16
PRESSES = 3000
GOAL, P99_GOAL = 0.50, 100


@dataclass(frozen=True)
class Run:
    """What one server did."""

    rate: float
    p50: float
    p99: float
    processor: float
    """Seconds of processor of the server, all its processes, for each second of the run."""


def main(presses: int = PRESSES) -> None:
    print(f"{presses:,} presses of Accept over {CONNECTIONS} connections, {THREADS} threads\n")
    print("| server | presses a second | of the bare one | goal | p50, ms | p99, ms | goal | processors busy |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    with local_slack() as slack, postgres.server() as server:
        bare = {workers: bare_server(slack, presses, workers) for workers in (1, 2)}
        report("Bolt listener that does nothing", bare[1])
        with stage.sqlite() as database:
            sqlite = ours(slack, database, presses, 1)
            report("ours, SQLite", sqlite, bare[1], f"≥ {GOAL}", f"< {P99_GOAL}")
        with stage.postgresql(server, "one") as database:
            alone = ours(slack, database, presses, 1)
            report("ours, PostgreSQL, 1 web process", alone, bare[1])
        report("Bolt listener that does nothing, 2 processes", bare[2])
        with stage.postgresql(server, "two") as database:
            both = ours(slack, database, presses, 2)
            report("ours, PostgreSQL, 2 web processes", both, bare[2])
    goals.note("press", sqlite.rate / bare[1].rate)
    goals.note("press p99", sqlite.p99)
    goals.note("press PostgreSQL", alone.rate / bare[1].rate)
    goals.note("press PostgreSQL 2", both.rate / bare[2].rate)
    goals.note("two processes", both.rate / alone.rate)


def report(name: str, run: Run, bare: Run | None = None, goal: str = "", p99_goal: str = "") -> None:
    """Print a line of the table."""
    share = f"{run.rate / bare.rate:.2f}" if bare else ""
    times = f"{run.p50:.0f} | {run.p99:.0f} | {p99_goal} | {run.processor:.1f}"
    print(f"| {name} | {run.rate:,.0f} | {share} | {goal} | {times} |", flush=True)


@contextmanager
def local_slack() -> Iterator[Access]:
    """Run the strict local Slack in a process of its own."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_be_slack, args=(theirs,))
    process.start()
    theirs.close()
    yield Access(*ours.recv())
    ours.send(None)
    process.join()


def _be_slack(pipe: Connection) -> None:
    with Playground(team=replace(SAMPLE_TEAM, id=WORKSPACE)) as slack:
        pipe.send((slack.api_url, slack.bot_token, slack.signing_secret))
        pipe.recv()


def bare_server(slack: Access, presses: int, workers: int) -> Run:
    """Measure the listener that does nothing."""
    port = free_port()
    arguments = [
        str(argument) for argument in (port, slack.signing_secret, slack.bot_token, slack.api_url, workers, THREADS)
    ]
    with serving([sys.executable, "-m", "bench.bare", *arguments], port, {}) as pid:
        return pressed(slack, port, pid, [(number, "U1") for number in range(1, presses + 1)])


def ours(slack: Access, database: Database, presses: int, workers: int) -> Run:
    """Measure `mql-bot serve` with so many MQLs to accept."""
    stage.fill(database, presses, *stage.TABLES, start=datetime.now(UTC) - timedelta(hours=1))
    with database.snapshot() as tx:
        owned = [(row.id, row.owner) for row in tx.execute(sa.select(mql.c.id, mql.c.owner).order_by(mql.c.id))]
    port = free_port()
    url = database.url.render_as_string(hide_password=False)
    variables = slack.environment(DATABASE_URL=url, PORT=str(port), HOST="127.0.0.1", LOG_LEVEL="ERROR")
    command = [sys.executable, "-m", "bot", "serve", "--workers", str(workers), "--threads", str(THREADS)]
    with serving(command, port, variables) as pid:
        run = pressed(slack, port, pid, owned)
    with database.snapshot() as tx:
        accepted = tx.execute(sa.select(sa.func.count()).where(mql.c.status == Status.ACCEPTED)).scalar_one()
    assert accepted == presses, f"{accepted} of {presses} accepted"
    return run


@contextmanager
def serving(command: list[str], port: int, variables: dict[str, str]) -> Iterator[int]:
    """Run a server until it answers; yield its process id."""
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd()), **variables}
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            _await(port, process)
            yield process.pid
        finally:
            process.terminate()
            process.wait(timeout=20)


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert process.poll() is None, "the server has ended"
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("the server does not answer")


def pressed(slack: Access, port: int, pid: int, owned: Sequence[tuple[int, str]]) -> Run:
    """Press for every one of these (MQL, owner), from a process of its own, after some that warm the server up."""
    with ThreadPoolExecutor(1) as pool, multiprocessing.get_context("spawn").Pool(1) as elsewhere:
        warm, rest = owned[: CONNECTIONS * 4], owned[CONNECTIONS * 4 :]
        elsewhere.apply(press_all, (slack, port, warm))
        busy = _processor(pid)
        took, times = pool.submit(elsewhere.apply, press_all, (slack, port, rest)).result()
        busy = _processor(pid) - busy
    cuts = quantiles(times, n=100)
    return Run(len(rest) / took, cuts[49] * 1e3, cuts[98] * 1e3, busy / took)


def press_all(slack: Access, port: int, owned: Sequence[tuple[int, str]]) -> tuple[float, list[float]]:
    """Return the seconds in all, and for each press."""
    bodies = [_signed(slack, mql_id, owner) for mql_id, owner in owned]
    shares = [bodies[place::CONNECTIONS] for place in range(CONNECTIONS)]
    began = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        times = [seconds for share in pool.map(lambda share: _press(port, share), shares) for seconds in share]
    return time.perf_counter() - began, times


def _press(port: int, share: Sequence[tuple[bytes, dict[str, str]]]) -> list[float]:
    connection, times = http.client.HTTPConnection("127.0.0.1", port, timeout=30), []
    for body, headers in share:
        began = time.perf_counter()
        connection.request("POST", "/slack/events", body, headers)
        answer = connection.getresponse()
        answer.read()
        times.append(time.perf_counter() - began)
        assert answer.status == 200, answer.status
    return times


def _signed(slack: Access, mql_id: int, owner: str) -> tuple[bytes, dict[str, str]]:
    action = {"type": "button", "action_id": ids.ACCEPT, "value": str(mql_id)}
    body = press_of(owner, action, f"1.1.{mql_id}")
    return body, signed(slack, body, "application/x-www-form-urlencoded")


def press_of(user: str, action: dict[str, Any], trigger_id: str) -> bytes:
    """Return a press as Slack sends it, from the card in the MQL channel."""
    payload: dict[str, Any] = {
        "type": "block_actions",
        "team": {"id": WORKSPACE, "domain": "sample-inc"},
        "user": {"id": user, "username": user, "name": user, "team_id": WORKSPACE},
        "api_app_id": "A1",
        "token": "unused",
        "container": {"type": "message", "message_ts": "1763341200.000100", "channel_id": "C1", "is_ephemeral": False},
        "trigger_id": trigger_id,
        "channel": {"id": "C1", "name": "mql"},
        "message": {"type": "message", "ts": "1763341200.000100", "text": "An MQL", "blocks": []},
        "state": {"values": {}},
        "response_url": "http://127.0.0.1:9/",
        "actions": [{"block_id": "b", "action_ts": "1.1", **action}],
    }
    return urlencode({"payload": json.dumps(payload)}).encode()


def signed(slack: Access, body: bytes, kind: str) -> dict[str, str]:
    """Return the headers with which Slack sends a body of this kind now."""
    moment = str(int(time.time()))
    proof = SignatureVerifier(slack.signing_secret).generate_signature(timestamp=moment, body=body) or ""
    return {"X-Slack-Request-Timestamp": moment, "X-Slack-Signature": proof, "Content-Type": kind}


def _processor(pid: int) -> float:
    """Return the processor seconds that a process and its children have used."""
    children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    every = [pid, *map(int, children.stdout.split())]
    fields = [Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split() for process in every]
    return sum(int(stat[11]) + int(stat[12]) for stat in fields) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else PRESSES)
