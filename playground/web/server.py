"""The HTTP side: Slack's Web API and response URLs, with faults where they were ordered."""

import json
from typing import Any

from flask import Flask, Response, request

from playground.faults import BEFORE, Fault, FaultRule
from playground.http_server import hang_up
from playground.model import Json
from playground.parts import Parts
from playground.web import control, not_slack, pages, response_urls


def make_app(parts: Parts) -> Flask:
    """Make the Flask application of a parts."""
    app = Flask("playground", static_folder=None)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]

    app.before_request(lambda: control.only_same_origin(parts))

    @app.route("/api/<method>", methods=["GET", "POST"])
    def api(method: str) -> Response:
        return _api(parts, method)

    @app.get("/files-pri/<key>/download/<_name>")
    def download(key: str, _name: str) -> Response:
        return _download(parts, key)

    @app.post("/response/<key>")
    def response_url(key: str) -> Response:
        return _response_url(parts, key)

    app.register_blueprint(pages.make_blueprint())
    app.register_blueprint(control.make_blueprint(parts))
    return app


def _api(parts: Parts, method: str) -> Response:
    given, problem = _arguments()
    token = given.pop("token", None) or _bearer()
    fault = parts.faults.take(method, given.get("channel"))
    if fault is not None and fault.fault in BEFORE:
        parts.record_call(method, given, {"fault": fault.fault}, None, (f"fault: {fault.fault}",))
        return _instead(parts, fault)
    if problem:
        body: Json = {"ok": False, "error": problem}
        parts.record_call(method, given, body, 200, (f"body: {problem}",))
        return _json(parts, body)
    reply = parts.web_api.call(method, given, token)
    parts.record_call(method, given, reply.body, reply.status, reply.broken)
    parts.events.deliver_later(reply.events)
    if fault is not None:
        return _after(parts, fault, _json(parts, reply.body, reply.status, reply.headers))
    return _json(parts, reply.body, reply.status, reply.headers)


def _download(parts: Parts, key: str) -> Response:
    """Answer as Slack does: with the file to whoever may read it, with a page to log in to anybody else."""
    given = {"file": key.rpartition("-")[2]}
    fault = parts.faults.take("file")
    if fault is not None and fault.fault in BEFORE:
        parts.record_call("file", given, {"fault": fault.fault}, None, (f"fault: {fault.fault}",))
        return _instead(parts, fault)
    shared = parts.workspace.files.get(given["file"])
    allowed = parts.web_api.tokens.get(str(_bearer())) == "xoxb" and parts.workspace.grants.has("files:read")
    if not allowed:
        parts.record_call("file", given, {"redirect": "login"}, 302, ("file: needs a token with the scope files:read",))
        return not_slack.INSTEAD[Fault.REDIRECT]()
    if shared is None or shared.deleted:
        parts.record_call("file", given, {"error": "not found"}, 404, ())
        return Response("", 404, mimetype="text/plain")
    parts.record_call("file", given, {"bytes": len(shared.content)}, 200, ())
    answer = Response(shared.content, 200, mimetype="text/csv")
    return answer if fault is None else _after(parts, fault, answer)


def _arguments() -> tuple[dict[str, Any], str]:
    """Read arguments from the query, a form or a JSON object; return them with an error code, mostly empty."""
    given: dict[str, Any] = dict(request.args)
    if request.mimetype == "application/json" and request.get_data():
        try:
            body = json.loads(request.get_data())
        except ValueError:
            return given, "invalid_json"
        if not isinstance(body, dict):
            return given, "json_not_object"
        return given | body, ""
    return given | dict(request.form), ""


def _bearer() -> str | None:
    word, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if word.lower() == "bearer" else None


def _json(parts: Parts, body: Json, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    response = Response(json.dumps(body, ensure_ascii=False), status, mimetype="application/json")
    response.headers["X-OAuth-Scopes"] = ",".join(parts.workspace.grants.scopes)
    response.headers.update(headers or {})
    return response


def _instead(parts: Parts, rule: FaultRule[Fault]) -> Response:
    if rule.fault == Fault.RATE_LIMIT:
        seconds = {"Retry-After": str(max(1, round(rule.seconds)))}
        return _json(parts, {"ok": False, "error": "ratelimited"}, 429, seconds)
    if rule.fault == Fault.ERROR_500:
        return Response("Internal Server Error", 500, mimetype="text/plain")
    if rule.fault in not_slack.INSTEAD:
        return not_slack.INSTEAD[rule.fault]()
    if rule.fault == Fault.HANG:
        parts.faults.hold(rule.seconds)
    return hang_up()


def _after(parts: Parts, rule: FaultRule[Fault], answer: Response) -> Response:
    if rule.fault == Fault.ERROR_500_AFTER:
        return Response("Internal Server Error", 500, mimetype="text/plain")
    if rule.fault == Fault.HANG_AFTER:
        parts.faults.hold(rule.seconds)
        return answer
    if rule.fault in not_slack.AFTER:
        return not_slack.AFTER[rule.fault](answer)
    return hang_up()


def _response_url(parts: Parts, key: str) -> Response:
    body = request.get_json(silent=True, force=True)
    given = body if isinstance(body, dict) else {}
    fault = parts.faults.take("response_url")
    if fault is not None and fault.fault in BEFORE:
        parts.record_call("response_url", given, {"fault": fault.fault}, None, (f"fault: {fault.fault}",))
        return _instead(parts, fault)
    text, status, broken = response_urls.respond(parts, key, body)
    parts.record_call("response_url", given, text, status, broken)
    answer = Response(text, status, mimetype="text/plain")
    return answer if fault is None else _after(parts, fault, answer)
