"""What the local CRMs have in common: a port of their own, routes, faults, a log of every call."""

import json
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from types import TracebackType
from typing import Any, ClassVar, Self

from flask import Flask, Response, request

from playground.address import Address
from playground.crm.faults import AFTER, CrmFault
from playground.faults import FaultRule, FaultRules
from playground.http_server import Server, hang_up
from playground.log import Changes, Log
from playground.model import Json

PAGE = "<!doctype html><title>Sign in</title><h1>Sign in to the network</h1>"


@dataclass(frozen=True)
class Call:
    """One request of the bot. `path` holds the named parts of the path; `operation` is what the log and faults name."""

    method: str
    operation: str
    path: Mapping[str, str]
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body, parsed; None where there is none. Raises ValueError for what is no JSON."""
        return json.loads(self.body) if self.body else None

    def given(self, name: str, default: str = "") -> str:
        """Return one value of the query."""
        return self.query.get(name, [default])[0]

    def logged(self) -> Json:
        """Return what was asked, as the log keeps it: no credentials."""
        try:
            body = self.json()
        except ValueError:
            body = self.body.decode(errors="replace")
        query = {name: values[0] if len(values) == 1 else values for name, values in self.query.items()}
        return {"method": self.method, **dict(self.path), **({"query": query} if query else {}), "body": body}


@dataclass
class Answer:
    """What a call comes to. `broken` holds a sentence for each rule of the tool that the caller broke."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    broken: tuple[str, ...] = ()


class Refused(Exception):
    """A call that the tool refuses, with its answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status, answer.body)
        self.answer = answer


@dataclass(frozen=True)
class Route:
    """One operation: a method, a pattern of the whole path, a name that may use the pattern's groups, what answers."""

    method: str
    pattern: re.Pattern[str]
    name: str
    handler: Callable[[Call], Answer]


def route(method: str, pattern: str, name: str, handler: Callable[[Call], Answer]) -> Route:
    """Make a route; `{word}` in the pattern is one segment of the path."""
    return Route(method, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern) + "$"), name, handler)


class Service:
    """A local CRM. Use it as a context manager or start and stop it.

    `now` stamps what is written; `monotonic` counts seconds for rate limits. One lock serialises the calls.
    """

    kind: ClassVar[str] = ""

    def __init__(
        self,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        changes: Changes | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.now, self.monotonic = now, monotonic
        self.changes = changes or Changes()
        self.log = Log(self.changes)
        self.faults = FaultRules(CrmFault)
        self.lock = threading.RLock()
        self.address = Address(host, port)
        self._server: Server | None = None
        self._routes: Sequence[Route] = ()

    # Life

    def start(self) -> None:
        """Open the port. Harmless where it is open."""
        if self._server is None:
            app = Flask(f"playground.crm.{self.kind}", static_folder=None)
            methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
            app.add_url_rule("/<path:path>", "serve", self._serve, methods=methods)
            self._server = Server(app, self.address.host, self.address.port or self.address.wanted_port)
            self.address.port = self._server.port

    def unplug(self) -> None:
        """Close the port, as if the tool were out of reach; `start` opens the same one. What it knows stays."""
        server, self._server = self._server, None
        if server is not None:
            server.stop()

    def stop(self) -> None:
        """Close the port for good; calls that hang are let go."""
        self.faults.clear()
        self.unplug()
        self.address.port = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def base_url(self) -> str:
        """The address of the tool, without a slash at the end."""
        return self.address.base_url

    # What a tool says in its own way

    def refusal(self, fault: CrmFault, seconds: float, operation: str) -> Answer | None:
        """Return how the tool words this fault; None for one that it does not know."""
        raise NotImplementedError

    def unknown(self, call: Call) -> Answer:
        """Return the answer to a path that there is not."""
        raise NotImplementedError

    def perform(self, call: Call, handler: Callable[[Call], Answer]) -> Answer:
        """Answer a call: credentials, limits, then the handler."""
        raise NotImplementedError

    def operations(self) -> list[str]:
        """List the names of the operations."""
        return sorted({each.name for each in self._routes})

    # One call

    def _serve(self, path: str) -> Response:
        call, handler = self._matched(path)
        rule = self.faults.take(call.operation)
        if rule is not None and rule.fault not in AFTER:
            return self._instead(call, rule)
        with self.lock:
            answer = self.unknown(call) if handler is None else self.perform(call, handler)
        self._record(call, answer)
        return self._response(answer) if rule is None else self._after(rule, self._response(answer))

    def _matched(self, path: str) -> tuple[Call, Callable[[Call], Answer] | None]:
        headers = {name.lower(): value for name, value in request.headers.items()}
        query = {name: request.args.getlist(name) for name in request.args}
        body = request.get_data()
        for each in self._routes:
            match = each.pattern.match("/" + path) if each.method == request.method else None
            if match is not None:
                name = each.name.format(**match.groupdict())
                return Call(request.method, name, match.groupdict(), query, headers, body), each.handler
        return Call(request.method, f"/{path}", {}, query, headers, body), None

    def _record(self, call: Call, answer: Answer) -> None:
        shown = answer.body.decode() if isinstance(answer.body, bytes) else answer.body
        self.log.add(
            self.now(), "from_bot", call.operation, call.logged(), shown, status=answer.status, broken=answer.broken
        )

    def _instead(self, call: Call, rule: FaultRule[CrmFault]) -> Response:
        self.log.add(
            self.now(),
            "from_bot",
            call.operation,
            call.logged(),
            {"fault": rule.fault},
            broken=(f"fault: {rule.fault}",),
        )
        worded = self.refusal(rule.fault, rule.seconds, call.operation)
        if worded is not None:
            return self._response(worded)
        if rule.fault is CrmFault.HTML_PAGE:
            return Response(PAGE, 200, mimetype="text/html")
        if rule.fault is CrmFault.REDIRECT:
            return Response("", 302, {"Location": "https://login.example.com/"})
        if rule.fault is CrmFault.HANG:
            self.faults.hold(rule.seconds)
        return hang_up()

    def _after(self, rule: FaultRule[CrmFault], answer: Response) -> Response:
        if rule.fault is CrmFault.HANG_AFTER:
            self.faults.hold(rule.seconds)
            return answer
        if rule.fault is CrmFault.TRUNCATED:
            whole = answer.get_data()
            answer.set_data(whole[: len(whole) // 2])
            return answer
        worded = self.refusal(rule.fault, rule.seconds, "")
        return hang_up() if worded is None else self._response(worded)

    def _response(self, answer: Answer) -> Response:
        body = answer.body
        if body is not None and not isinstance(body, bytes | str):
            body = json.dumps(body, ensure_ascii=False)
        response = Response(body or b"", answer.status, content_type=f"{answer.content_type};charset=utf-8")
        response.headers["Date"] = format_datetime(self.now().astimezone(UTC), usegmt=True)
        response.headers.update(answer.headers)
        return response
