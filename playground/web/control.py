"""The JSON control interface under /playground/, for a browser page of the same origin and for nobody else."""

import json
from base64 import b64decode
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, request

from playground.client.acknowledgement import Acknowledgement
from playground.client.containers import Surface
from playground.client.message import Message
from playground.client.modal import View
from playground.client.person import Person
from playground.desk import validate
from playground.errors import ClientRefused, NotAcknowledged
from playground.faults import Fault
from playground.model import Json
from playground.parts import Parts
from playground.web import crm, feed, snapshot

LONG_POLL_SECONDS = 25.0
LARGEST = 366 * 86_400.0
LATEST = 4_102_444_800.0
"""The year 2100 in Unix seconds."""
Act = Callable[[Parts, Person, Json], Acknowledgement]


class _BadRequest(Exception):
    """The page sent something the interface does not know."""


def make_blueprint(parts: Parts) -> Blueprint:
    """Make the routes; requests of other origins are refused (DNS rebinding, forged forms)."""
    control = Blueprint("control", __name__, url_prefix="/playground")
    control.before_request(_only_json)
    control.register_error_handler(ClientRefused, lambda e: _problem(409, "client_refused", str(e)))
    control.register_error_handler(LookupError, lambda e: _problem(404, "not_found", str(e)))
    control.register_error_handler(_BadRequest, lambda e: _problem(400, "bad_request", str(e)))
    control.register_error_handler(
        NotAcknowledged, lambda e: _problem(502, "not_acknowledged", str(e), code=e.code, elapsed=e.elapsed)
    )
    _add_reading(control, parts)
    _add_acts(control, parts)
    _add_settings(control, parts)
    _add_desk(control, parts)
    crm.add_to(control, parts)
    return control


def _add_reading(control: Blueprint, parts: Parts) -> None:
    @control.get("/state")
    def state() -> Json:
        first = parts.directory.people[0].name
        with_messages = request.args.get("messages") != "none"
        shown = snapshot.state(parts, request.args.get("as", first), with_messages)
        return shown | {"desk": parts.desk.state()}

    @control.get("/conversation")
    def conversation() -> Json:
        reader, channel = request.args.get("as", ""), request.args.get("channel", "")
        return feed.conversation(parts.workspace, reader, channel, request.args.get("since", -1, int))

    @control.get("/log")
    def log() -> Json:
        since = request.args.get("since", 0, int)
        return {"exchanges": [exchange.as_json() for exchange in parts.log if exchange.number > since]}

    @control.get("/changes")
    def changes() -> Response | Json:
        since = request.args.get("since", parts.changes.revision, int)
        if "text/event-stream" in request.headers.get("Accept", ""):
            return Response(_stream(parts, since), mimetype="text/event-stream")
        timeout = min(request.args.get("timeout", LONG_POLL_SECONDS, float), LONG_POLL_SECONDS)
        return {"revision": parts.changes.wait(since, timeout)}

    @control.get("/faults")
    def faults() -> Json:
        waiting = [
            {"method": rule.method, "fault": rule.fault, "times": rule.times, "seconds": rule.seconds}
            for rule in parts.faults.rules
        ]
        return {"faults": waiting, "known": [str(fault) for fault in Fault]}


def _add_acts(control: Blueprint, parts: Parts) -> None:
    @control.post("/acts/<act>")
    def act(act: str) -> Json:
        body = _body()
        if act not in ACTS:
            raise _BadRequest(f"unknown act {act!r}; there are {', '.join(ACTS)}")
        return ACTS[act](parts, parts.directory.person(_text(body, "user")), body).as_json()

    @control.post("/suggestions")
    def suggestions() -> Json:
        body = _body()
        person = parts.directory.person(_text(body, "user"))
        where = _where(parts, person, body)
        typed, block = _text(body, "typed", ""), _text(body, "block", "")
        return {"options": parts.actions.suggestions(person.user, _text(body, "what"), typed, where, block)}

    @control.post("/apps")
    def app_posts() -> Json:
        body = _body()
        app = parts.admin.app(_text(body, "app"))
        channel, text, classic = _text(body, "channel"), _text(body, "text", ""), bool(_switch(body, "classic"))
        return app.posts(channel, text, _list(body, "attachments"), _list(body, "blocks"), classic).as_json()

    @control.post("/workflows/<step>")
    def run_step(step: str) -> Json:
        run = parts.workflow_builder.run_step(step, _values(_body(), "inputs"))
        return {"status": run.status, "outputs": run.outputs, "error": run.error}


def _add_settings(control: Blueprint, parts: Parts) -> None:
    @control.post("/faults")
    def add_fault() -> Json:
        body = _body()
        fault = _fault(_text(body, "fault"))
        times = None if body.get("times") is None else int(_number(body, "times"))
        parts.faults.add(_text(body, "method"), fault, times, _number(body, "seconds", 1))
        parts.changes.bump()
        return {"ok": True}

    @control.post("/faults/clear")
    def clear_faults() -> Json:
        kind = _body().get("fault")
        if kind is None:
            parts.faults.clear()
        else:
            parts.faults.remove(_fault(kind))
        parts.changes.bump()
        return {"ok": True}

    @control.post("/workspace/<change>")
    def change(change: str) -> Json:
        if change not in CHANGES:
            raise _BadRequest(f"unknown change {change!r}; there are {', '.join(CHANGES)}")
        CHANGES[change](parts, _text(_body(), "name"))
        return {"ok": True}

    @control.post("/settings")
    def settings() -> Json:
        body = _body()
        twice, limits = _switch(body, "delivery_twice"), _switch(body, "rate_limits")
        parts.delivery.twice = parts.delivery.twice if twice is None else twice
        parts.rates.on = parts.rates.on if limits is None else limits
        return {"ok": True}

    @control.post("/advance")
    def advance() -> Json:
        if parts.desk.advance is None:
            raise _BadRequest("this playground cannot move the clock")
        parts.desk.advance(timedelta(seconds=_number(_body(), "seconds", 0)))
        parts.changes.bump()
        return {"ok": True, "now": parts.now().isoformat(), "retried": parts.events.retry_due()}


def _add_desk(control: Blueprint, parts: Parts) -> None:
    @control.post("/desk/<act>")
    def at_desk(act: str) -> Json:
        body = _body()
        if act not in DESK:
            raise _BadRequest(f"unknown act {act!r}; there are {', '.join(DESK)}")
        return DESK[act](parts, body)


DESK: dict[str, Callable[[Parts, Json], Json]] = {
    "jump": lambda parts, body: parts.desk.jump(_text(body, "to", ""), _number(body, "seconds", 0)),
    "webhook": lambda parts, body: parts.desk.webhook(body),
    "switch": lambda parts, body: parts.desk.switch(bool(_switch(body, "running"))),
    "language": lambda parts, body: parts.desk.begin_again(_text(body, "language")),
    "validate": lambda _parts, body: validate(body),
}

CHANGES: dict[str, Callable[[Parts, str], None]] = {
    "deactivate": lambda parts, name: parts.admin.deactivate(name),
    "archive": lambda parts, name: parts.admin.archive(name),
    "remove-bot": lambda parts, name: parts.admin.remove_bot(name),
}


def _press(parts: Parts, person: Person, body: Json) -> Acknowledgement:
    block, value = _text(body, "block", ""), _text(body, "value", "")
    return person.press(_text(body, "what"), _where(parts, person, body), block, value)


def _choose(parts: Parts, person: Person, body: Json) -> Acknowledgement:
    where = _where(parts, person, body)
    return person.choose(_text(body, "what"), body.get("value"), where, _text(body, "block", ""))


def _submit(_parts: Parts, person: Person, body: Json) -> Acknowledgement:
    return _modal(person).fill(_values(body)).submit()


def _close(_parts: Parts, person: Person, body: Json) -> Acknowledgement:
    return _modal(person).close(everything=bool(_switch(body, "everything")))


def _message(parts: Parts, body: Json) -> Message:
    channel = parts.workspace.conversation(_text(body, "channel"))
    record = parts.workspace.message(channel, _text(body, "ts"), ephemeral=True)
    if record is None:
        raise LookupError(f"no message {body['ts']} in {channel.id}")
    return Message(parts.workspace, record)


ACTS: dict[str, Act] = {
    "press": _press,
    "choose": _choose,
    "submit": _submit,
    "close": _close,
    "type": lambda _parts, person, body: person.types(_text(body, "line"), _given(body, "channel")),
    "say": lambda _parts, person, body: person.says(
        _text(body, "text"), _given(body, "channel"), _given(body, "thread")
    ),
    "share": lambda _parts, person, body: person.shares(_text(body, "name"), _content(body), _given(body, "channel")),
    "edit": lambda parts, person, body: person.edits(_message(parts, body), _text(body, "text")),
    "status": lambda parts, person, body: parts.admin.set_status(
        person.id, _text(body, "text", ""), _text(body, "emoji", ""), int(_number(body, "expires", 0, LATEST))
    ),
    "home": lambda _parts, person, _body: person.opens_home().acknowledgement,
    "read": lambda _parts, person, body: Acknowledgement(
        None, text=str(len(person.sees(_text(body, "channel")).unread()))
    ),
}


def _content(body: Json) -> bytes:
    """Return a file's bytes, which come as base64."""
    try:
        return b64decode(_text(body, "content", ""), validate=True)
    except ValueError:
        raise _BadRequest("content must be base64") from None


def _where(parts: Parts, person: Person, body: Json) -> Surface | None:
    if body.get("in") == "modal":
        return _modal(person)
    if body.get("in") == "home":
        return person.home
    return _message(parts, body) if _given(body, "ts") else None


def _modal(person: Person) -> View:
    modal = person.modal
    if modal is None:
        raise ClientRefused(f"{person.name} has no open modal")
    return modal


def _only_json() -> Response | None:
    """Refuse what a form of another site could send."""
    if request.method == "POST" and request.mimetype != "application/json":
        return _problem(415, "forbidden", "the body must be application/json")
    return None


def only_same_origin(parts: Parts) -> Response | None:
    """Let in who is no browser, or a page of this server: Host is ours, and Origin too if a browser sends one.

    A link from elsewhere may open the page itself, which is the same for everybody.
    """
    if not parts.address.is_known:
        return _problem(503, "stopped", "the parts is stopping")
    port = parts.address.base_url.rpartition(":")[2]
    own = {parts.address.base_url.removeprefix("http://"), f"localhost:{port}", f"127.0.0.1:{port}"}
    if request.host not in own:
        return _problem(403, "forbidden", "unknown Host")
    if request.headers.get("Origin", f"http://{request.host}") != f"http://{request.host}":
        return _problem(403, "forbidden", "foreign Origin")
    opened = request.path == "/" and request.method == "GET" and request.headers.get("Sec-Fetch-Dest") == "document"
    if not opened and request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return _problem(403, "forbidden", "foreign site")
    return None


def _problem(status: int, error: str, message: str, **more: Any) -> Response:
    body = json.dumps({"error": error, "message": message, **more}, ensure_ascii=False)
    return Response(body, status, mimetype="application/json")


def _fault(name: object) -> Fault:
    try:
        return Fault(str(name))
    except ValueError:
        raise _BadRequest(f"unknown fault {name!r}") from None


def _body() -> Json:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise _BadRequest("the body must be a JSON object")
    return body


def _text(body: Json, key: str, default: str | None = None) -> str:
    """Return a text; without a default it has to be there, and to say something."""
    value = body.get(key, default)
    if not isinstance(value, str) or not (value or default is not None):
        raise _BadRequest(f"{key} must be a text" + ("" if default is not None else " that is not empty"))
    return value


def _given(body: Json, key: str) -> str | None:
    """Return a text that may be left out."""
    return None if body.get(key) is None else _text(body, key)


def _number(body: Json, key: str, default: float | None = None, largest: float = LARGEST) -> float:
    """Return a number of at most a year's seconds, or as many as are named: what is larger does not fit into a time."""
    value = body.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= largest:
        raise _BadRequest(f"{key} must be a number from 0 to {largest:.0f}")
    return value


def _switch(body: Json, key: str) -> bool | None:
    """Return true or false, None where it is left out."""
    value = body.get(key)
    if not isinstance(value, bool | None):
        raise _BadRequest(f"{key} must be true or false")
    return value


def _list(body: Json, key: str) -> list[Any]:
    """Return a list, empty where it is left out. What stands in it is held to Slack's rules elsewhere."""
    value = body.get(key) or []
    if not isinstance(value, list):
        raise _BadRequest(f"{key} must be a list")
    return value


def _values(body: Json, key: str = "values") -> Json:
    """Return what a person enters into a form, by its labels or ids; or what a step is given."""
    values = body.get(key) or {}
    if not isinstance(values, dict):
        raise _BadRequest(f"{key} must be an object")
    return values


def _stream(parts: Parts, since: int) -> Iterator[str]:
    """Say each new revision as a server-sent event, and something every few seconds to notice a page that left."""
    # At once: a page that comes back learns what it missed, and its browser that the line is open.
    since = max(since, parts.changes.revision)
    yield f"data: {since}\n\n"
    while parts.address.is_known:
        now = parts.changes.wait(since, 5.0)
        yield f"data: {now}\n\n" if now > since else ": still here\n\n"
        since = now
