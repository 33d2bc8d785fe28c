"""Real HTTP against a server that gives out a calendar well, badly, or never."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bot.connectors.calendars import NotRead
from bot.connectors.calendars.fetch import MOST_BYTES, Read, Version, fetch, trouble

HERE = ("127.0.0.1",)
BODY = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
UNKNOWN = Version()
FIRST = Version('"1"', "Mon, 30 Nov 2026 00:00:00 GMT")


class Server:
    """Gives out a calendar at /, and its bad habits at other paths."""

    def __init__(self) -> None:
        server = self
        self.asked: list[str] = []
        self.sent = 0

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked.append(self.path)
                server.answer(self)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        path = request.path
        if path.startswith("/to/"):
            self._head(request, 302, {"Location": path.removeprefix("/to/")})
        elif path.isascii() and path[1:].isdigit():
            self._head(request, int(path[1:]), {})
        elif request.headers.get("If-None-Match") == FIRST.etag:
            self._head(request, 304, {})
        elif path in ("/endless", "/slow"):
            self._head(request, 200, {})
            self._goes_on(request, *((65536, 0.0) if path == "/endless" else (1, 0.05)))
        else:
            self._head(request, 200, {"ETag": FIRST.etag, "Last-Modified": FIRST.modified})
            request.wfile.write(BODY)

    def _head(self, request: BaseHTTPRequestHandler, status: int, headers: dict[str, str]) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.end_headers()

    def _goes_on(self, request: BaseHTTPRequestHandler, size: int, pause: float) -> None:
        try:
            while True:
                request.wfile.write(b"x" * size)
                self.sent += size
                time.sleep(pause)
        except OSError:
            pass

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


def _fetch(url: str, known: Version = UNKNOWN, timeout: float = 5.0) -> Read:
    return fetch(url, known, ssl.create_default_context(), HERE, timeout)


def test_a_calendar_is_read_once_and_then_only_where_it_has_changed(server: Server) -> None:
    first = _fetch(server.url)

    assert first == Read(BODY, FIRST)
    assert _fetch(server.url, first.version) == Read(None, FIRST)


def test_redirects_are_followed_three_times(server: Server) -> None:
    assert _fetch(server.url + "/to//to//to//calendar").body == BODY
    with pytest.raises(NotRead, match="redirects"):
        _fetch(server.url + "/to//to//to//to//calendar")


@pytest.mark.parametrize(
    ("place", "code"),
    [("https://10.0.0.1/", "not_public"), ("https://[::1]/", "not_public"), ("http://example.com/", "needs_https")],
)
def test_a_redirect_does_not_lead_where_the_first_address_could_not(server: Server, place: str, code: str) -> None:
    with pytest.raises(NotRead, match=code):
        _fetch(f"{server.url}/to/{place}")
    assert trouble(place) == code


@pytest.mark.parametrize(
    ("status", "code"), [(404, "gone"), (403, "gone"), (410, "gone"), (500, "refused"), (204, "refused")]
)
def test_any_other_answer_is_no_calendar(server: Server, status: int, code: str) -> None:
    with pytest.raises(NotRead, match=code):
        _fetch(f"{server.url}/{status}")


def test_two_gigabytes_are_not_read(server: Server) -> None:
    with pytest.raises(NotRead, match="too_large"):
        _fetch(server.url + "/endless")
    assert server.sent < 10 * MOST_BYTES  # what the sockets between us had taken


def test_an_answer_that_drips_ends_in_time(server: Server) -> None:
    with pytest.raises(NotRead, match="timeout"):
        _fetch(server.url + "/slow", timeout=0.3)


def test_nobody_there(server: Server) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(NotRead, match="connection"):
            _fetch(f"http://127.0.0.1:{taken.getsockname()[1]}/")


def test_the_address_that_outlook_hands_out_is_one_of_https() -> None:
    assert trouble("webcal://outlook.office365.com/owa/calendar/1/calendar.ics") is None
    assert trouble("ftp://example.com/calendar.ics") == "needs_https"
    assert trouble("not an address") == "needs_https"
