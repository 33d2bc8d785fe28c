"""How many signed deliveries to sources a second become committed MQLs, beside a Flask route with one durable insert.

python -m bench.sources [deliveries]

Each delivery is signed as Typeform signs, is another lead, and is answered after the commit; in the end every one is an
MQL. The bare route checks the same signature and writes the body into one table, as durable. 32 connections send as
fast as they are answered; a source takes 1,000 at once, so there are several. Memory is that of the server's processes
after the first tenth, and at the end.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

import sqlalchemy as sa
from flask import Flask, Response, request

from bench import stage
from bench.interaction import CONNECTIONS, THREADS, local_slack, serving
from bot.cli.base.stop_signal import Stop
from bot.cli.process import processes
from bot.hooks import AT_ONCE, MOST_BYTES
from bot.server import Server, listen
from storage.database import Database
from storage.models import mql
from storage.vocabulary import SourceKind
from tests import postgres
from tests.installation import ENCRYPTION_KEY, Access, free_port
from tests.tools import Tool, signature
from tests.workspace import WORKSPACE

DELIVERIES = 3000
KEY = "key of the bare route"
OF_ONE = AT_ONCE - 100


@dataclass(frozen=True)
class Run:
    """What one server did."""

    rate: float
    p50: float
    p99: float
    grown: float
    """MB of memory that the server's processes took on after the first tenth."""


def main(deliveries: int = DELIVERIES) -> None:
    print(f"{deliveries:,} signed deliveries over {CONNECTIONS} connections, {THREADS} threads\n")
    print("| server | committed a second | of the bare one | p50, ms | p99, ms | memory grown by, MB |")
    print("|---|--:|--:|--:|--:|--:|")
    with local_slack() as slack, postgres.server() as server:
        with stage.sqlite() as database:
            bare = bare_server(database, deliveries)
            report("Flask, one insert, SQLite", bare)
        with stage.sqlite() as database:
            report("ours, SQLite", ours(slack, database, deliveries), bare)
        with stage.postgresql(server, "bare") as database:
            bare = bare_server(database, deliveries)
            report("Flask, one insert, PostgreSQL", bare)
        with stage.postgresql(server, "ours") as database:
            report("ours, PostgreSQL", ours(slack, database, deliveries), bare)


def report(name: str, run: Run, bare: Run | None = None) -> None:
    """Print a line of the table."""
    share = f"{run.rate / bare.rate:.2f}" if bare else ""
    print(f"| {name} | {run.rate:,.0f} | {share} | {run.p50:.0f} | {run.p99:.0f} | {run.grown:.1f} |", flush=True)


def bare_server(database: Database, deliveries: int) -> Run:
    """Measure the route that does next to nothing."""
    port = free_port()
    url = database.url.render_as_string(hide_password=False)
    with serving([sys.executable, "-m", "bench.sources", "--serve", str(port), url], port, {}) as pid:
        return sent(port, pid, [("/hook", KEY)], deliveries)


def ours(slack: Access, database: Database, deliveries: int) -> Run:
    """Measure `mql-bot serve`."""
    names = [f"form-{number}" for number in range(1 + deliveries // OF_ONE)]
    tools = [Tool(database, WORKSPACE, "", SourceKind.TYPEFORM, name=name) for name in names]
    port = free_port()
    url = database.url.render_as_string(hide_password=False)
    variables = slack.environment(
        DATABASE_URL=url, PORT=str(port), HOST="127.0.0.1", LOG_LEVEL="ERROR", ENCRYPTION_KEYS=ENCRYPTION_KEY
    )
    command = [sys.executable, "-m", "bot", "serve", "--workers", "1", "--threads", str(THREADS)]
    with serving(command, port, variables) as pid:
        run = sent(port, pid, [(tool.path, tool.key) for tool in tools], deliveries)
    with database.snapshot() as tx:
        count = tx.execute(sa.select(sa.func.count()).select_from(mql)).scalar_one()
    assert count == deliveries, f"{count} MQLs of {deliveries} deliveries"
    return run


def sent(port: int, pid: int, addresses: Sequence[tuple[str, str]], deliveries: int) -> Run:
    """Send so many, and measure."""
    tenth = deliveries // 10
    seconds = [*_all_at_once(port, addresses, range(tenth))]
    before, begun = memory(pid), time.perf_counter()
    seconds = [*_all_at_once(port, addresses, range(tenth, deliveries))]
    rate = len(seconds) / (time.perf_counter() - begun)
    cuts = quantiles(seconds, n=100)
    return Run(rate, 1000 * cuts[49], 1000 * cuts[98], memory(pid) - before)


def _all_at_once(port: int, addresses: Sequence[tuple[str, str]], numbers: range) -> Iterator[float]:
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        for of_one in pool.map(lambda first: _send(port, addresses, numbers[first::CONNECTIONS]), range(CONNECTIONS)):
            yield from of_one


def _send(port: int, addresses: Sequence[tuple[str, str]], numbers: Sequence[int]) -> list[float]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    taken = []
    for number in numbers:
        path, key = addresses[number % len(addresses)]
        body = _form(number)
        headers = {"content-type": "application/json", **signature(SourceKind.TYPEFORM, key, body, "")}
        begun = time.perf_counter()
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status == 200, (answer.status, text)
        taken.append(time.perf_counter() - begun)
    connection.close()
    return taken


def _form(number: int) -> bytes:
    answers = {"会社名": f"会社{number}", "お名前": "田中 花子", "メールアドレス": f"p{number}@example.com"}
    given = [
        {"type": "text", "text": text, "field": {"id": name, "type": "short_text"}} for name, text in answers.items()
    ]
    fields = [{"id": name, "title": name, "type": "short_text"} for name in answers]
    response = {"token": str(number), "definition": {"fields": fields}, "answers": given}
    form = {"event_id": f"e{number}", "event_type": "form_response", "form_response": response}
    return json.dumps(form, ensure_ascii=False).encode()


def memory(pid: int) -> float:
    """Return how many MB the processes of a server hold."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return sum(_resident(child) for child in (str(pid), *children))


def _resident(pid: str) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def _table(url: str) -> Iterator[tuple[Database, sa.Table]]:
    database = Database(url)
    bodies = sa.Table(
        "bare", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("body", sa.String)
    )
    bodies.create(database.engine, checkfirst=True)
    yield database, bodies
    database.close()


def serve(port: int, url: str) -> None:
    """Run the bare route as `mql-bot serve` runs ours."""
    listening = listen("127.0.0.1", port)

    def work(stop: Stop) -> None:
        with _table(url) as (database, bodies):
            server = Server(bare(database, bodies), THREADS, MOST_BYTES)
            server.start(listening)
            stop.wait()
            server.stop()

    processes.keep(1, work)


def bare(database: Database, bodies: sa.Table) -> Flask:
    """Return a route that checks a signature and writes the body."""
    flask = Flask("bare")

    @flask.post("/hook")
    def hook() -> Response:
        body = request.get_data()
        mac = base64.b64encode(hmac.digest(KEY.encode(), body, hashlib.sha256)).decode()
        if not hmac.compare_digest(request.headers.get("typeform-signature", ""), f"sha256={mac}"):
            return Response(status=401)
        with database.engine.begin() as tx:
            tx.execute(bodies.insert().values(body=body.decode()))
        return Response("{}", 200)

    @flask.get("/healthz")
    def healthz() -> str:
        return "ok"

    return flask


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve(int(sys.argv[2]), sys.argv[3])
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else DELIVERIES)
