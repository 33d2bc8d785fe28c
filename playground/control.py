"""The JSON control interface under /playground/, for a browser page of the same origin and for nobody else."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request

from playground import desk, reels, snapshot
from playground.conversation import Message
from playground.errors import ClientRefused, NotAcknowledged
from playground.faults import Fault
from playground.modal import View
from playground.model import Json
from playground.outcome import Outcome

if TYPE_CHECKING:
    from playground.people import Person
    from playground.playground import Playground

LONG_POLL_SECONDS = 25.0
Act = Callable[["Playground", "Person", Json], Outcome]


class _BadRequest(Exception):
    """The page sent something the interface does not know."""


def make_blueprint(playground: "Playground") -> Blueprint:
    """Make the routes; requests of other origins are refused (DNS rebinding, forged forms)."""
    control = Blueprint("control", __name__, url_prefix="/playground")
    control.before_request(_only_json)
    control.register_error_handler(ClientRefused, lambda e: _problem(409, "client_refused", str(e)))
    control.register_error_handler(LookupError, lambda e: _problem(404, "not_found", str(e)))
    control.register_error_handler(_BadRequest, lambda e: _problem(400, "bad_request", str(e)))
    control.register_error_handler(
        NotAcknowledged, lambda e: _problem(502, "not_acknowledged", str(e), code=e.code, elapsed=e.elapsed)
    )
    _add_reading(control, playground)
    _add_acts(control, playground)
    _add_settings(control, playground)
    _add_desk(control, playground)
    return control


def _add_reading(control: Blueprint, playground: "Playground") -> None:
    @control.get("/state")
    def state() -> Json:
        first = playground.people[0].name
        with_messages = request.args.get("messages") != "none"
        shown = snapshot.state(playground, request.args.get("as", first), with_messages)
        return shown | {"desk": desk.state(playground)}

    @control.get("/conversation")
    def conversation() -> Json:
        reader, channel = request.args.get("as", ""), request.args.get("channel", "")
        return reels.conversation(playground, reader, channel, request.args.get("since", -1, int))

    @control.get("/log")
    def log() -> Json:
        since = request.args.get("since", 0, int)
        return {"exchanges": [one.as_json() for one in playground.log if one.number > since]}

    @control.get("/changes")
    def changes() -> Response | Json:
        since = request.args.get("since", playground.revision, int)
        if "text/event-stream" in request.headers.get("Accept", ""):
            return Response(_stream(playground, since), mimetype="text/event-stream")
        timeout = min(request.args.get("timeout", LONG_POLL_SECONDS, float), LONG_POLL_SECONDS)
        return {"revision": playground.wait_for_change(since, timeout)}

    @control.get("/faults")
    def faults() -> Json:
        waiting = [
            {"method": one.method, "fault": one.fault, "times": one.times, "seconds": one.seconds}
            for one in playground.faults.rules
        ]
        return {"faults": waiting, "known": [str(one) for one in Fault]}


def _add_acts(control: Blueprint, playground: "Playground") -> None:
    @control.post("/acts/<act>")
    def act(act: str) -> Json:
        body = _body()
        if act not in ACTS:
            raise _BadRequest(f"unknown act {act!r}; there are {', '.join(ACTS)}")
        return ACTS[act](playground, playground.user(_text(body, "user")), body).as_json()

    @control.post("/apps")
    def app_posts() -> Json:
        body = _body()
        app = playground.app(_text(body, "app"))
        known = {key: body[key] for key in ("text", "attachments", "blocks", "classic") if key in body}
        return app.posts(_text(body, "channel"), **known).as_json()


def _add_settings(control: Blueprint, playground: "Playground") -> None:
    @control.post("/faults")
    def add_fault() -> Json:
        body = _body()
        fault = _fault(_text(body, "fault"))
        playground.faults.add(_text(body, "method"), fault, body.get("times"), float(body.get("seconds", 1)))
        playground.changes.bump()
        return {"ok": True}

    @control.post("/faults/clear")
    def clear_faults() -> Json:
        kind = _body().get("fault")
        if kind is None:
            playground.faults.clear()
        else:
            playground.faults.remove(_fault(kind))
        playground.changes.bump()
        return {"ok": True}

    @control.post("/workspace/<change>")
    def change(change: str) -> Json:
        if change not in CHANGES:
            raise _BadRequest(f"unknown change {change!r}; there are {', '.join(CHANGES)}")
        CHANGES[change](playground, _text(_body(), "name"))
        return {"ok": True}

    @control.post("/settings")
    def settings() -> Json:
        body = _body()
        playground.delivery_twice = bool(body.get("delivery_twice", playground.delivery_twice))
        playground.rate_limits = bool(body.get("rate_limits", playground.rate_limits))
        return {"ok": True}

    @control.post("/advance")
    def advance() -> Json:
        if playground.advance is None:
            raise _BadRequest("this playground cannot move the clock")
        playground.advance(timedelta(seconds=float(_body().get("seconds", 0))))
        playground.changes.bump()
        return {"ok": True, "now": playground.now().isoformat(), "retried": playground.retry_due()}


def _add_desk(control: Blueprint, playground: "Playground") -> None:
    @control.post("/desk/<act>")
    def at_desk(act: str) -> Json:
        body = _body()
        if act not in DESK:
            raise _BadRequest(f"unknown act {act!r}; there are {', '.join(DESK)}")
        return DESK[act](playground, body)


DESK: dict[str, Callable[["Playground", Json], Json]] = {
    "jump": lambda playground, body: desk.jump(playground, str(body.get("to", "")), float(body.get("seconds", 0))),
    "webhook": desk.webhook,
    "switch": lambda playground, body: desk.switch(playground, bool(body.get("running"))),
    "validate": lambda _playground, body: desk.validate(body),
}

CHANGES: dict[str, Callable[["Playground", str], None]] = {
    "deactivate": lambda playground, name: playground.deactivate(name),
    "archive": lambda playground, name: playground.archive(name),
    "remove-bot": lambda playground, name: playground.remove_bot(name),
}


def _press(playground: "Playground", person: "Person", body: Json) -> Outcome:
    return person.press(_text(body, "what"), _where(playground, person, body), str(body.get("block", "")))


def _choose(playground: "Playground", person: "Person", body: Json) -> Outcome:
    where = _where(playground, person, body)
    return person.choose(_text(body, "what"), body.get("value"), where, str(body.get("block", "")))


def _submit(_playground: "Playground", person: "Person", body: Json) -> Outcome:
    return _modal(person).fill(body.get("values") or {}).submit()


def _close(_playground: "Playground", person: "Person", body: Json) -> Outcome:
    return _modal(person).close(everything=bool(body.get("everything")))


def _message(playground: "Playground", body: Json) -> Message:
    channel = playground.workspace.conversation(_text(body, "channel"))
    record = playground.workspace.message(channel, _text(body, "ts"), ephemeral=True)
    if record is None:
        raise LookupError(f"no message {body['ts']} in {channel.id}")
    return Message(playground, record)


ACTS: dict[str, Act] = {
    "press": _press,
    "choose": _choose,
    "submit": _submit,
    "close": _close,
    "type": lambda _p, person, body: person.types(_text(body, "line"), body.get("channel")),
    "say": lambda _p, person, body: person.says(_text(body, "text"), body.get("channel"), body.get("thread")),
    "edit": lambda playground, person, body: person.edits(_message(playground, body), _text(body, "text")),
    "home": lambda _p, person, _body: person.opens_home().outcome,
    "read": lambda _p, person, body: Outcome(None, text=str(len(person.sees(_text(body, "channel")).unread()))),
}


def _where(playground: "Playground", person: "Person", body: Json) -> Any:
    if body.get("in") == "modal":
        return _modal(person)
    if body.get("in") == "home":
        return person.home
    return _message(playground, body) if body.get("ts") else None


def _modal(person: "Person") -> View:
    modal = person.modal
    if modal is None:
        raise ClientRefused(f"{person.name} has no open modal")
    return modal


def _only_json() -> Response | None:
    """Refuse what a form of another site could send."""
    if request.method == "POST" and request.mimetype != "application/json":
        return _problem(415, "forbidden", "the body must be application/json")
    return None


def only_same_origin(playground: "Playground") -> Response | None:
    """Let in who is no browser, or a page of this server: Host is ours, and Origin too if a browser sends one.

    A link from elsewhere may open the page itself, which is the same for everybody.
    """
    if not playground.running:
        return _problem(503, "stopped", "the playground is stopping")
    port = playground.base_url.rpartition(":")[2]
    own = {playground.base_url.removeprefix("http://"), f"localhost:{port}", f"127.0.0.1:{port}"}
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


def _text(body: Json, key: str) -> str:
    if not isinstance(body.get(key), str) or not body[key]:
        raise _BadRequest(f"needs {key}")
    return str(body[key])


def _stream(playground: "Playground", since: int) -> Iterator[str]:
    """Say each new revision as a server-sent event, and something every few seconds to notice a page that left."""
    # At once: a page that comes back learns what it missed, and its browser that the line is open.
    since = max(since, playground.revision)
    yield f"data: {since}\n\n"
    while playground.running:
        now = playground.wait_for_change(since, 5.0)
        yield f"data: {now}\n\n" if now > since else ": still here\n\n"
        since = now
