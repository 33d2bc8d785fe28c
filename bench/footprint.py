"""What `mql-bot run` takes of a machine: memory after its start and after 10,000 MQLs, and how soon it is ready.

python -m bench.footprint [count]

Beside the strict local Slack, which is a process of its own. The MQLs come in by signed webhook over eight connections.
"""

from __future__ import annotations

import http.client
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from standardwebhooks import Webhook

from bench import goals
from bench.interaction import local_slack, serving
from tests.databases import new_sqlite
from tests.installation import Access, free_port
from tests.workspace import configure

COUNT, CONNECTIONS = 10_000, 8
RUNS = 5
COMMANDS = {"help": ("--help",), "report": ("report", "weekly")}
SECRET = "whsec_c2FtcGxlLXNlY3JldC1vZi10aGlydHktdHdvLWJ5dGU="


@dataclass(frozen=True)
class Memory:
    """The memory of one process, in MiB."""

    resident: float
    peak: float


def main(count: int = COUNT) -> None:
    with local_slack() as slack, tempfile.TemporaryDirectory(prefix="mql-bench-") as folder:
        database = new_sqlite(Path(folder) / "mql.db")
        url = database.url.render_as_string(hide_password=False)
        configure(database)
        database.close()
        starts = [measured(slack, url, 0) for _ in range(3)]
        ready, idle, _ = min(starts, key=lambda start: start[0])
        _, before, after = measured(slack, url, count)
        commands = {name: processor(arguments, url) for name, arguments in COMMANDS.items()}
    print("`mql-bot run`, SQLite\n\n| | |\n|---|--:|")
    print(f"| start to ready, the quickest of {len(starts)} | {ready:.2f} s |")
    print(f"| memory, idle | {idle.resident:.0f} MiB |")
    print(f"| memory after {count:,} MQLs | {after.resident:.0f} MiB |")
    print(f"| the same, at most | {after.peak:.0f} MiB |")
    print(f"| memory of that process before them | {before.resident:.0f} MiB |")
    for name, seconds in commands.items():
        print(f"| `mql-bot {' '.join(COMMANDS[name])}`, of the processor | {seconds:.2f} s |")
        goals.note(name, seconds)
    for name, value in (("start", ready), ("idle", idle.resident), ("afterwards", after.resident)):
        goals.note(name, value)


def measured(slack: Access, url: str, count: int) -> tuple[float, Memory, Memory]:
    """Return the seconds to ready; the memory then, and after so many MQLs."""
    port = free_port()
    address = {"PORT": str(port), "HOST": "127.0.0.1"}
    variables = slack.environment(WEBHOOK_SECRET=SECRET, DATABASE_URL=url, LOG_LEVEL="ERROR", **address)
    began = time.perf_counter()
    with serving([sys.executable, "-m", "bot", "run"], port, variables) as pid:
        ready = time.perf_counter() - began
        time.sleep(3)  # the first ticks
        idle = memory(pid)
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            list(pool.map(lambda share: post(port, share), [range(i, count, CONNECTIONS) for i in range(CONNECTIONS)]))
        return ready, idle, memory(pid)


def processor(arguments: Sequence[str], url: str) -> float:
    """Return the seconds of processor that a command takes, the least of some runs."""
    environment = {**os.environ, "DATABASE_URL": url}
    taken = []
    for _ in range(RUNS):
        before = sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
        command = [sys.executable, "-m", "bot", *arguments]
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
        taken.append(sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2]) - before)
    return min(taken)


def post(port: int, numbers: Sequence[int]) -> None:
    """Send these leads in."""
    connection, signing = http.client.HTTPConnection("127.0.0.1", port, timeout=60), Webhook(SECRET)
    for number in numbers:
        lead = {"company": f"Sample {number} Inc.", "email": f"person.{number}@example.com", "message": "Hello. " * 20}
        body, moment = json.dumps(lead), datetime.now(UTC)
        headers = {"webhook-id": f"msg_{number}", "webhook-timestamp": str(int(moment.timestamp()))}
        headers |= {"webhook-signature": signing.sign(f"msg_{number}", moment, body)}
        connection.request("POST", "/webhooks/generic", body, headers | {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 202, answer.status


def memory(pid: int) -> Memory:
    """Read what the system says of a process."""
    status = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return Memory(*(int(status[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM")))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT)
