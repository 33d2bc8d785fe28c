"""What an answer means: Slack's, or of something that answers in its place."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from bot.slack.web_api.gateway import Denied, Gateway, NotTaken, OutcomeUnknown, SlackFailure
from bot.slack.web_api.promises import PROMISES
from playground import Fault, Playground
from tests.patience import LONGEST

BOT = Path(__file__).parents[3] / "bot"
MESSAGE = {"channel": "C0MQL00001", "text": "x"}
OK = b'{"ok": true, "channel": "C1", "ts": "1.0"}'


@pytest.fixture
def slack() -> Iterator[Playground]:
    with Playground() as playground:
        yield playground


@pytest.fixture
def gateway(slack: Playground) -> Gateway:
    return Gateway(slack.bot_token, slack.api_url, LONGEST)


def failure(gateway: Gateway, method: str = "chat.postMessage", **arguments: str) -> SlackFailure:
    with pytest.raises(SlackFailure) as caught:
        gateway.call(method, **(arguments or MESSAGE))
    assert gateway.trouble == caught.value.code
    return caught.value


@pytest.mark.parametrize(
    ("fault", "kind", "code", "posted"),
    [
        (Fault.HTML_PAGE, OutcomeUnknown, "not_slack", 0),
        (Fault.HTML_PAGE_AFTER, OutcomeUnknown, "not_slack", 1),
        (Fault.REDIRECT, NotTaken, "not_slack", 0),
        (Fault.EMPTY_ANSWER, OutcomeUnknown, "not_slack", 1),
        (Fault.BARE_OK, OutcomeUnknown, "not_slack", 0),
        (Fault.TRUNCATED, OutcomeUnknown, "not_slack", 1),
        (Fault.ERROR_500, OutcomeUnknown, "http_500", 0),
        (Fault.REFUSE, OutcomeUnknown, "connection_lost", 0),
        (Fault.LOSE_ANSWER, OutcomeUnknown, "connection_lost", 1),
        (Fault.RATE_LIMIT, NotTaken, "ratelimited", 0),
    ],
)
def test_nobody_but_slack_refuses_a_message_for_good(
    slack: Playground, gateway: Gateway, fault: Fault, kind: type[SlackFailure], code: str, posted: int
) -> None:
    slack.faults.add("chat.postMessage", fault, times=1)
    with pytest.raises(kind, match=code):
        gateway.call("chat.postMessage", **MESSAGE)
    assert len(slack.channel("mql").messages) == posted
    assert gateway.trouble == (None if code == "ratelimited" else code)
    gateway.call("chat.postMessage", **MESSAGE)
    assert gateway.trouble is None


def test_an_answer_of_slacks_is_known_by_its_body_whatever_its_label(slack: Playground, gateway: Gateway) -> None:
    slack.faults.add("chat.postMessage", Fault.WRONG_TYPE, times=1)
    assert gateway.call("chat.postMessage", **MESSAGE)["channel"] == "C0MQL00001"


def test_what_slack_refuses_is_refused(slack: Playground, gateway: Gateway) -> None:
    slack.revoke_token()
    assert isinstance(failure(gateway), Denied)
    slack.revoke_token("")
    with pytest.raises(Denied, match="channel_not_found"):
        gateway.call("chat.postMessage", channel="C0NOBODY01", text="x")
    assert gateway.trouble is None


class Stub:
    """Answers every request on a port with the same bytes; it keeps what it was sent."""

    def __init__(self, answer: bytes, pause: float = 0.0) -> None:
        self.answer, self.pause, self.heads = answer, pause, list[bytes]()
        self.server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.server.getsockname()[1]}/api/"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self.server.accept()
            except OSError:
                return
            with line, suppress(OSError):
                self.heads.append(line.recv(65_536))
                for start in range(0, len(self.answer), 16) if self.pause else (0,):
                    end = start + 16 if self.pause else len(self.answer)
                    line.sendall(self.answer[start:end])
                    time.sleep(self.pause)


@pytest.fixture
def stub() -> Iterator[Callable[..., Stub]]:
    stubs: list[Stub] = []

    def make(status: str, body: bytes, *heads: str, length: int | None = None, pause: float = 0.0) -> Stub:
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *heads]
        stubs.append(Stub("\r\n".join([*lines, "", ""]).encode() + body, pause))
        return stubs[-1]

    yield make
    for started in stubs:
        started.server.close()


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        ("200 OK", b"[]", OutcomeUnknown, "not_slack"),
        ("200 OK", b"null", OutcomeUnknown, "not_slack"),
        ("200 OK", b"{}", OutcomeUnknown, "not_slack"),
        ("200 OK", b'{"ok": 1, "channel": "C1", "ts": "1.0"}', OutcomeUnknown, "not_slack"),
        ("200 OK", b'{"ok": true, "channel": "C1"}', OutcomeUnknown, "not_slack"),
        ("200 OK", b'{"ok": true, "channel": "C1", "ts": null}', OutcomeUnknown, "not_slack"),
        ("200 OK", b'{"ok": false}', OutcomeUnknown, "not_slack"),
        ("200 OK", b"\xff\xfe", OutcomeUnknown, "not_slack"),
        ("204 No Content", b"", OutcomeUnknown, "not_slack"),
        ("403 Forbidden", b"<html>", OutcomeUnknown, "not_slack"),
        ("403 Forbidden", OK, OutcomeUnknown, "not_slack"),
        ("404 Not Found", b"", OutcomeUnknown, "not_slack"),
        ("301 Moved", b"", NotTaken, "not_slack"),
        ("307 Temporary Redirect", b"", NotTaken, "not_slack"),
        ("407 Proxy Authentication Required", b"<html>", NotTaken, "not_slack"),
        ("511 Network Authentication Required", b"<html>", NotTaken, "not_slack"),
        ("429 Too Many Requests", b"<html>", NotTaken, "ratelimited"),
        ("503 Service Unavailable", b"<html>", OutcomeUnknown, "http_503"),
        ("200 OK", b'{"ok": false, "error": "internal_error"}', OutcomeUnknown, "internal_error"),
        ("200 OK", b'{"ok": false, "error": "channel_not_found"}', Denied, "channel_not_found"),
        ("403 Forbidden", b'{"ok": false, "error": "channel_not_found"}', Denied, "channel_not_found"),
    ],
)
def test_each_answer_is_one_of_three_failures(
    stub: Callable[..., Stub], status: str, body: bytes, kind: type[SlackFailure], code: str
) -> None:
    place = stub(status, body)
    with pytest.raises(kind, match=code):
        Gateway("xoxb-1", place.url, LONGEST).call("chat.postMessage", **MESSAGE)


def test_nobody_else_is_shown_the_token(stub: Callable[..., Stub]) -> None:
    portal = stub("200 OK", OK)
    place = stub("302 Found", b"", f"Location: {portal.url}")
    with pytest.raises(NotTaken):
        Gateway("xoxb-1", place.url, LONGEST).call("chat.postMessage", **MESSAGE)
    assert len(place.heads) == 1
    assert b"Bearer xoxb-1" in place.heads[0]
    assert portal.heads == []


def test_an_answer_that_breaks_off_is_none(stub: Callable[..., Stub]) -> None:
    place = stub("200 OK", OK, length=len(OK) + 1)
    with pytest.raises(OutcomeUnknown, match="connection_lost"):
        Gateway("xoxb-1", place.url, LONGEST).call("chat.postMessage", **MESSAGE)


def test_what_somebody_waits_for_ends_in_time_however_slowly_it_comes(stub: Callable[..., Stub]) -> None:
    place = stub("200 OK", b'{"ok": true, "view": {}}' + b" " * 10_000, pause=0.05)
    gateway = Gateway("xoxb-1", place.url, LONGEST)
    gateway.view_timeout = 0.2
    with pytest.raises(OutcomeUnknown, match="timeout"):
        gateway.call_in_time("views.open", trigger_id="1", view={})
    place.pause = 0.0


@pytest.mark.parametrize(
    ("url", "kind", "code"),
    [
        ("http://127.0.0.1:9/api/", NotTaken, "connection_refused"),
        ("http://no-such-host.invalid/api/", NotTaken, "dns"),
    ],
)
def test_where_no_connection_is_made_slack_has_nothing(url: str, kind: type[SlackFailure], code: str) -> None:
    with pytest.raises(kind, match=code):
        Gateway("xoxb-1", url, LONGEST).call("chat.postMessage", **MESSAGE)


def test_trouble_with_tls_is_called_so(slack: Playground) -> None:
    gateway = Gateway("xoxb-1", slack.api_url.replace("http:", "https:"), LONGEST)
    assert (type(failure(gateway)), gateway.trouble) == (NotTaken, "tls")


def test_an_answer_that_does_not_come_is_called_so(slack: Playground, gateway: Gateway) -> None:
    slack.faults.add("chat.postMessage", Fault.HANG, seconds=LONGEST)
    gateway.timeout = 0.1
    assert (type(failure(gateway)), gateway.trouble) == (OutcomeUnknown, "timeout")


def test_a_proxy_that_lets_nobody_through_is_not_slack(
    stub: Callable[..., Stub], monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.slack.web_api import wire

    proxy = stub("403 Forbidden", b"<html>")
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    wire._opener.cache_clear()
    try:
        with pytest.raises(NotTaken, match="not_slack"):
            Gateway("xoxb-1", "https://slack.example/api/", LONGEST).call("chat.postMessage", **MESSAGE)
        assert proxy.heads[0].startswith(b"CONNECT slack.example:443")
        assert b"xoxb-1" not in proxy.heads[0]
    finally:
        wire._opener.cache_clear()


@pytest.mark.parametrize(
    ("fault", "code"),
    [(Fault.HTML_PAGE, "not_slack"), (Fault.REDIRECT, "http_302"), (Fault.ERROR_500, "http_500")],
)
def test_an_answer_to_a_command_has_arrived_only_where_slack_says_so(
    slack: Playground, gateway: Gateway, fault: Fault, code: str
) -> None:
    url = f"{slack.base_url}/response/{slack.views.new_response_url('C0MQL00001', 'U0SATO0001')}"
    slack.faults.add("response_url", fault, times=1)
    with pytest.raises(SlackFailure, match=code):
        gateway.respond(url, "Done.", [])
    gateway.respond(url, "Done.", [])
    assert [message.text for message in slack.user("sato").sees("mql").messages] == ["Done."]


def test_scopes_that_are_not_named_are_not_known(stub: Callable[..., Stub], slack: Playground) -> None:
    who = b'{"ok": true, "team_id": "T1", "url": "u", "user_id": "U1", "bot_id": "B1"}'
    assert Gateway("xoxb-1", stub("200 OK", who).url, LONGEST).scopes() is None
    assert Gateway("xoxb-1", stub("200 OK", who, "X-OAuth-Scopes: a, b").url, LONGEST).scopes() == {"a", "b"}
    with pytest.raises(OutcomeUnknown, match="not_slack"):
        Gateway("xoxb-1", stub("200 OK", b'{"ok": true}').url, LONGEST).scopes()


def test_every_method_that_the_bot_calls_says_what_it_promises() -> None:
    source = "\n".join(file.read_text() for file in sorted(BOT.rglob("*.py")))
    methods = r'"((?:apps|auth|chat|conversations|files|functions|usergroups|users|views)\.[a-zA-Z.]+)"'
    called = set(re.findall(methods, source))
    assert called == set(PROMISES)
