"""Answers that are not Slack's: what proxies, portals, filters and stubs between a bot and Slack send in its place."""

from collections.abc import Callable

from flask import Response

from playground.faults import Fault

PAGE = "<!doctype html><html><head><title>Log in</title></head><body>Log in to use this network.</body></html>"
PORTAL = "http://portal.example/login"


def page() -> Response:
    """Return a page that asks for a login, with 200 as portals have it."""
    return Response(PAGE, 200, mimetype="text/html")


def redirect() -> Response:
    """Send whoever asks to such a page."""
    return Response(PAGE, 302, {"Location": PORTAL}, mimetype="text/html")


def bare_ok() -> Response:
    """Return the answer of a stub that knows no method."""
    return Response('{"ok": true}', 200, mimetype="application/json")


def empty(_answer: Response) -> Response:
    """Return nothing, as a success."""
    return Response("", 200)


def truncated(answer: Response) -> Response:
    """Return the first half of an answer; its head says so, too."""
    text = answer.get_data()
    return Response(text[: len(text) // 2], answer.status_code, mimetype="application/json")


def wrong_type(answer: Response) -> Response:
    """Return an answer as a proxy does that takes everything for a web page."""
    return Response(answer.get_data(), answer.status_code, mimetype="text/html")


INSTEAD: dict[Fault, Callable[[], Response]] = {
    Fault.HTML_PAGE: page,
    Fault.REDIRECT: redirect,
    Fault.BARE_OK: bare_ok,
}
AFTER: dict[Fault, Callable[[Response], Response]] = {
    Fault.HTML_PAGE_AFTER: lambda _answer: page(),
    Fault.EMPTY_ANSWER: empty,
    Fault.TRUNCATED: truncated,
    Fault.WRONG_TYPE: wrong_type,
}
