"""HTTP servers under attack, and how an honest signed webhook fares meanwhile.

python -m bench.servers [--python INTERPRETER] [candidate …]

Each candidate serves the same small application (`bench.server_candidates`) on a port of this machine. Only waitress is
a dependency of ours: the others are measured with an interpreter that has them (pip install flask standardwebhooks
structlog waitress cheroot gunicorn granian uvicorn a2wsgi).
"""

from __future__ import annotations

import argparse
import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bench.server_candidates import CANDIDATES
from tests.attack import sizes, slow, smuggling, wire
from tests.installation import ROOT, free_port

SECONDS = 22
ATTACKS: dict[str, Callable[[int, float], str]] = {
    "16 slow requests": slow.slow_requests,
    "500 silent connections": slow.silent_connections,
    "100 heads, a byte a second": slow.dripping_heads,
    "100 bodies, a byte a second": slow.dripping_bodies,
    "300 MB in chunks": sizes.chunked_body,
    "a head of 200 MB": sizes.large_head,
    "1,000,000 headers": sizes.many_headers,
    "a URL of 1 MB": sizes.long_url,
    "60 bodies of 4 MB but a byte": sizes.many_bodies,
}


@contextmanager
def running(name: str, interpreter: str) -> Iterator[tuple[int, int]]:
    """Run a candidate; yields its port and process."""
    port = free_port()
    process = subprocess.Popen(
        [interpreter, "-m", "bench.server_candidates", name, str(port)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                if wire.ask(port, smuggling.HIDDEN, 0.2) == "200":
                    break
            except OSError:
                time.sleep(0.1)
        yield port, process.pid
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def attacked(name: str, interpreter: str) -> None:
    """Print a row for each attack."""
    for attack, run in ATTACKS.items():
        with running(name, interpreter) as (port, pid):
            with wire.honest(port, lambda pid=pid: wire.family(pid), "bench") as health:  # type: ignore[misc]
                began = time.monotonic()
                try:
                    answer = run(port, SECONDS)
                except OSError as error:
                    answer = type(error).__name__
                took = time.monotonic() - began
            memory = f"{health.memory_before:.0f} | {health.memory:.0f}"
            times = f"{health.p50:.0f} | {health.slowest:.0f} | {health.failed} of {len(health.seconds)}"
            print(f"| {name} | {attack} | {answer} | {took:.1f} | {memory} | {times} |", flush=True)


def ambiguous(names: list[str], interpreter: str) -> None:
    """Print what each candidate answers to what two servers could read in two ways."""
    replies = {}
    for name in names:
        with running(name, interpreter) as (port, _):
            replies[name] = smuggling.answers(port) | {"three pipelined": wire.ask(port, smuggling.pipelined(), 1.0)}
    print("\n| | " + " | ".join(names) + " |\n|---|" + "---|" * len(names))
    for attack in replies[names[0]]:
        print(f"| {attack} | " + " | ".join(replies[name][attack] for name in names) + " |", flush=True)


def healthy(name: str, interpreter: str, seconds: float = 5.0) -> None:
    """Print how many signed webhooks a second it takes from 16 connections that are kept."""
    with running(name, interpreter) as (port, pid):
        counts, over = [0] * 16, time.monotonic() + seconds

        def send(number: int) -> None:
            connection = http.client.HTTPConnection("127.0.0.1", port)
            head, _, body = wire.webhook(f"healthy-{number}").partition(b"\r\n\r\n")
            headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:] if "onnection" not in line)
            while time.monotonic() < over:
                connection.request("POST", "/webhooks/generic", body, headers)
                answer = connection.getresponse()
                answer.read()
                counts[number] += answer.status == 202

        threads = [threading.Thread(target=send, args=(number,)) for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print(f"| {name} | {sum(counts) / seconds:,.0f} | {wire.megabytes(wire.family(pid)):.0f} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("candidates", nargs="*", default=list(CANDIDATES))
    given = parser.parse_args()
    print("| server | attack | answer | s | MB before | MB at most | p50, ms | slowest, ms | failed |")
    print("|---|---|---|--:|--:|--:|--:|--:|--:|")
    for candidate in given.candidates:
        attacked(candidate, given.python)
    ambiguous(given.candidates, given.python)
    print("\n| server | signed webhooks a second | MB |\n|---|--:|--:|")
    for candidate in given.candidates:
        healthy(candidate, given.python)
