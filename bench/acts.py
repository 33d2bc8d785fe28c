"""What the acts of every day cost beside 1,000 MQLs and 300 that are open, and beside 1,000,000 and 10,000.

python -m bench.acts [copies]

Each act is a signed request to `mql-bot serve`, answered and committed, and costs what the threads of that process
used of a processor from the request on until all that followed from it is done. The two servers take turns. Takes about
6 GB of disk, of which nothing is left afterwards.
"""

from __future__ import annotations

import http.client
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa

from bench import goals, stage, years
from bench.interaction import local_slack, press_of, serving, signed
from bot.slack.blocks.base import ids
from storage import members
from storage.database import Database
from storage.models import mql
from storage.vocabulary import SourceKind, Status
from tests import postgres
from tests.installation import ENCRYPTION_KEY, Access, free_port
from tests.tools import Tool, signature
from tests.workspace import WORKSPACE

FEW, MANY = (5, 60), (5_000, 313)
"""Copies of 200 MQLs, and how many stay open for each of the last 32 of them."""
ROUNDS = 24
WARM = 3
GOAL = 1.2
HOME_GOAL = 100
HOME = "App Home"
READERS = {"rep": ["rep"], "manager": ["manager"], "marketer": ["marketer"], "admin": ["rep", "manager", "admin"]}
SETTLED = 0.05


@dataclass(frozen=True)
class Request:
    """What is sent, signed when it goes."""

    path: str
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True)
class Office:
    """A server with a workspace behind it."""

    port: int
    pid: int
    slack: Access
    tool: Tool
    open: dict[Status, list[tuple[int, str]]]
    """By status: the id and the owner of MQLs."""


Act = Callable[[Office, int], Request]


def main(copies: int = MANY[0]) -> None:
    print(f"Processor, ms: the median of {ROUNDS}\n")
    print("| database | act | 1,000 | 1,000,000 | ratio | goal |\n|---|---|--:|--:|--:|--:|")
    with local_slack() as slack, postgres.server() as server:
        with stage.sqlite() as few, stage.sqlite() as many:
            dearest = [compare("SQLite", slack, few, many, copies)]
        with stage.postgresql(server, "few") as few, stage.postgresql(server, "many") as many:
            dearest.append(compare("PostgreSQL", slack, few, many, copies))
    goals.note("home", max(dearest))


def compare(name: str, slack: Access, few: Database, many: Database, copies: int) -> float:
    """Print the lines of a database; return what its dearest App Home takes, in milliseconds."""
    ratios, homes = [], []
    years.fill(few, *FEW)
    years.fill(many, copies, MANY[1])
    with office(slack, few) as small, office(slack, many) as large:
        for act, request in ACTS.items():
            times = [tuple(cost(each, request, number) for each in (small, large)) for number in range(ROUNDS + WARM)]
            less, more = (median(column) * 1e3 for column in zip(*times[WARM:], strict=True))
            ratios.append(more / less)
            homes += [more] if act.startswith(HOME) else []
            goal = f"< {HOME_GOAL} ms" if act.startswith(HOME) else f"≤ {GOAL}"
            print(f"| {name} | {act} | {less:.1f} | {more:.1f} | {more / less:.2f} | {goal} |", flush=True)
    goals.note(f"acts {name}", max(ratios))
    return float(max(homes))


@contextmanager
def office(slack: Access, database: Database) -> Iterator[Office]:
    """Serve a workspace."""
    with database.transaction() as tx:
        for role, roles in READERS.items():
            for number in range(ROUNDS + WARM):
                members.save(tx, WORKSPACE, reader(role, number), name=f"{role} {number}", roles=roles, paused=True)
    tool = Tool(database, WORKSPACE, "", SourceKind.TYPEFORM, name="form")
    waiting = {status: _of_status(database, status) for status in (Status.ASSIGNED, Status.CONTACTED)}
    port, url = free_port(), database.url.render_as_string(hide_password=False)
    variables = slack.environment(
        DATABASE_URL=url, PORT=str(port), HOST="127.0.0.1", LOG_LEVEL="ERROR", ENCRYPTION_KEYS=ENCRYPTION_KEY
    )
    with serving([sys.executable, "-m", "bot", "serve", "--workers", "1"], port, variables) as pid:
        yield Office(port, pid, slack, tool, waiting)


def _of_status(database: Database, status: Status) -> list[tuple[int, str]]:
    with database.snapshot() as tx:
        waiting = sa.select(mql.c.id, mql.c.owner).where(mql.c.status == status).order_by(mql.c.id.desc())
        return [(row.id, row.owner) for row in tx.execute(waiting.limit(ROUNDS + WARM))]


def reader(role: str, number: int) -> str:
    """Return somebody with this role alone; each opens their App Home once, because the next is not drawn at once."""
    return f"U{role.upper()}{number:03}"


def cost(office: Office, act: Act, number: int) -> float:
    """Return the seconds of processor that one request took."""
    request = act(office, number)
    before = busy(office.pid)
    connection = http.client.HTTPConnection("127.0.0.1", office.port, timeout=60)
    connection.request("POST", request.path, request.body, request.headers)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    assert answer.status == 200, (answer.status, text[:500])
    spent = busy(office.pid)
    while True:  # a Home is drawn after its event was acknowledged
        time.sleep(SETTLED)
        spent, last = busy(office.pid), spent
        if spent - last < SETTLED / 20:
            return last - before


def busy(pid: int) -> float:
    """Return the seconds of processor that the threads of a process and of its children have used."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    times = (
        int(path.read_text().split()[0])
        for each in (pid, *children)
        for path in Path(f"/proc/{each}/task").glob("*/schedstat")
    )
    return sum(times) / 1e9


# The acts


def accept(office: Office, number: int) -> Request:
    mql_id, owner = office.open[Status.ASSIGNED][number]
    return _pressed(office, owner, {"type": "button", "action_id": ids.ACCEPT, "value": str(mql_id)})


def qualify(office: Office, number: int) -> Request:
    mql_id, owner = office.open[Status.CONTACTED][number]
    option = {"text": {"type": "plain_text", "text": "Qualified"}, "value": f"qualified::{mql_id}"}
    return _pressed(office, owner, {"type": "static_select", "action_id": ids.QUICK, "selected_option": option})


def command(office: Office, number: int, text: str) -> Request:
    fields = {
        "command": "/mql",
        "text": text.format(number=number + 1),
        "team_id": WORKSPACE,
        "user_id": "U3",
        "channel_id": "C1",
        "trigger_id": f"2.{number}.{abs(hash(text))}",
        "response_url": "http://127.0.0.1:9/",
    }
    return _signed(office, urlencode(fields).encode(), "application/x-www-form-urlencoded")


def home(office: Office, number: int, role: str) -> Request:
    opened = {"type": "app_home_opened", "user": reader(role, number), "tab": "home"}
    event = {"type": "event_callback", "team_id": WORKSPACE, "event": opened, "event_id": f"Ev{role}{number}"}
    return _signed(office, json.dumps(event | {"api_app_id": "A1"}).encode(), "application/json")


def delivery(office: Office, number: int, again: bool) -> Request:
    person = f"person.{number}@example.com" if again else f"new.{number}@elsewhere.example"
    answers = {"会社名": f"会社{number}", "お名前": "田中 花子", "メールアドレス": person}
    given = [
        {"type": "text", "text": text, "field": {"id": name, "type": "short_text"}} for name, text in answers.items()
    ]
    fields = [{"id": name, "title": name, "type": "short_text"} for name in answers]
    response = {"token": f"{again}{number}", "definition": {"fields": fields}, "answers": given}
    form = {"event_id": f"e{again}{number}", "event_type": "form_response", "form_response": response}
    body = json.dumps(form, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", **signature(SourceKind.TYPEFORM, office.tool.key, body, "")}
    return Request(office.tool.path, body, headers)


ACTS: dict[str, Act] = {
    "a lead comes in, signed, and is assigned": partial(delivery, again=False),
    "a lead of before comes in again": partial(delivery, again=True),
    "Accept": accept,
    "the outcome": qualify,
    "`/mql list`": partial(command, text="list"),
    "`/mql list overdue`": partial(command, text="list overdue"),
    "`/mql show 7`": partial(command, text="show {number}"),
    "`/mql search`": partial(command, text="search Sample {number}"),
    **{f"{HOME} of a {role}": partial(home, role=role) for role in READERS},
}


def _pressed(office: Office, user: str, action: dict[str, Any]) -> Request:
    body = press_of(user, action, f"1.1.{time.monotonic_ns()}")
    return _signed(office, body, "application/x-www-form-urlencoded")


def _signed(office: Office, body: bytes, kind: str) -> Request:
    return Request("/slack/events", body, signed(office.slack, body, kind))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else MANY[0])
