"""The small attacks, over real sockets, on a real bot in this process; `make attack` has all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from socket import SO_RCVBUF, SOL_SOCKET
from threading import Event
from time import monotonic, sleep

import pytest
from flask import Flask

from bot import server
from storage.database import Database
from tests.attack import sizes, slow, smuggling, wire
from tests.patience import LONGEST, own_seconds, wait_for
from tests.scenarios.stage import Team

DEADLINES = {"HEAD_SECONDS": 0.5, "BODY_SECONDS": 0.5, "FIRST_SECONDS": 0.5, "IDLE_SECONDS": 0.5}


@pytest.fixture
def team(database: Database) -> Iterator[Team]:
    team = Team(database)
    yield team
    team.close()


@pytest.fixture
def port(team: Team) -> int:
    assert team.bot is not None
    return team.bot._server.port


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in DEADLINES.items():
        monkeypatch.setattr(server, name, seconds)


@pytest.mark.parametrize("name", smuggling.ambiguous())
def test_a_request_with_two_ends_is_refused_and_nothing_behind_it_is_answered(port: int, name: str) -> None:
    assert wire.ask(port, smuggling.ambiguous()[name], LONGEST) in ("400", "501")


def test_requests_that_come_at_once_are_answered_one_after_the_other(port: int) -> None:
    assert wire.ask(port, smuggling.pipelined(), 2.0) == "200 200 200"


@pytest.mark.parametrize(
    ("attack", "status"),
    [
        (sizes.long_url, "431"),
        (sizes.fairly_long_url, "414"),
        (sizes.fairly_many_headers, "431"),
        (sizes.many_headers, "431"),
    ],
)
def test_a_head_has_its_limits(port: int, attack: sizes.Attack, status: str) -> None:
    assert attack(port, LONGEST) == status


def test_more_slow_requests_than_threads_keep_nobody_waiting(team: Team, port: int) -> None:
    with ExitStack() as held:
        for number in range(40):
            held.enter_context(wire.connect(port)).sendall(slow.HEAD if number % 2 else slow.BODY)
        began = own_seconds()
        team.receives("青空商事")
        assert own_seconds() - began < 2


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(
    ("sent", "answer"), [(slow.HEAD, "408"), (slow.BODY, "408"), (b"", "closed"), (smuggling.HIDDEN, "200")]
)
def test_each_part_of_a_request_has_its_time_and_drops_do_not_begin_it_anew(
    port: int, sent: bytes, answer: str
) -> None:
    with wire.connect(port) as connection:
        connection.sendall(sent)
        until = monotonic() + 0.4
        while sent in (slow.HEAD, slow.BODY) and monotonic() < until:
            slow.drip(connection)
            sleep(0.001)  # so that they are far fewer than a head may have
        assert wire.answers(connection, LONGEST) == answer


def test_a_connection_on_which_nothing_comes_gives_way_to_one_that_is_new(
    team: Team, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert team.bot is not None
    listener = team.bot._server._listener
    assert listener is not None
    monkeypatch.setattr(listener, "most", 20)
    with ExitStack() as held:
        silent = [held.enter_context(wire.connect(port)) for _ in range(40)]
        wait_for(lambda: len(listener.active_channels) == 20)
        team.receives("青空商事")
        assert wire.answers(silent[0], LONGEST) == "closed"
        assert wire.answers(silent[-1], 0.1) == "nothing"


def test_bodies_that_arrive_together_are_bounded_and_the_largest_gives_way(
    team: Team, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "MOST_BODY_BYTES", 1_000_000)
    head = b"POST /slack/events HTTP/1.1\r\nHost: bot\r\nContent-Length: 4000000\r\n\r\n"
    with ExitStack() as held:
        small = held.enter_context(wire.connect(port))
        small.sendall(head + b"x" * 10_000)
        assert wire.ask(port, head + b"x" * 2_000_000, LONGEST) == "503"
        assert wire.answers(small, 0.1) == "nothing"
        assert team.bot is not None
        listener = team.bot._server._listener
        assert listener is not None
        wait_for(lambda: bool(listener.held <= 10_000))


def test_nonsense_is_one_line_in_the_log_however_often_it_comes(
    port: int, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(5):
        assert wire.ask(port, smuggling.ambiguous()["a chunk of -5"], LONGEST) == "400"
        assert wire.ask(port, smuggling.ambiguous()["a host in brackets that is none"], LONGEST) == "400"
    seen = capsys.readouterr()
    # Where another test has set the log up, it goes to both.
    assert max((seen.out + seen.err).count("request_refused"), caplog.text.count("request_refused")) == 1
    assert "Traceback" not in seen.out + seen.err + caplog.text


def _gated(gate: Event, asked: list[str]) -> server.Server:
    """A server whose pages wait until the gate opens."""
    pages = Flask("pages")

    def page(name: str) -> str:
        asked.append(name)
        assert name == "open" or gate.wait(LONGEST)
        return name * 1000

    pages.add_url_rule("/<name>", view_func=page)
    web = server.Server(pages, threads=4, most_body_bytes=1000)
    web.start(server.listen("127.0.0.1", 0))
    return web


def test_of_hundreds_of_requests_on_a_connection_one_is_in_hand() -> None:
    """However much comes at once it is read in its turn, and all of it is answered, in order."""
    gate, asked = Event(), list[str]()
    web = _gated(gate, asked)
    listener = web._listener
    assert listener is not None
    lines = [f"GET /{n} HTTP/1.1\r\nHost: bot\r\n\r\n" for n in range(300)]
    asking = "".join(lines[:-1]).encode() + b"GET /299 HTTP/1.1\r\nHost: bot\r\nConnection: close\r\n\r\n"
    with ExitStack() as held:
        many = [held.enter_context(wire.connect(web.port)) for _ in range(3)]
        for connection in many:
            connection.sendall(asking)
        wait_for(lambda: asked == ["0"] * 3)
        assert wire.ask(web.port, b"GET /open HTTP/1.0\r\n\r\n", LONGEST) == "200"
        assert sorted(len(channel.requests) for channel in listener.active_channels.values()) == [1, 1, 1]
        gate.set()
        assert {wire.answers(connection, LONGEST) for connection in many} == {" ".join(["200"] * 300)}
    web.stop()
    assert sorted(asked) == sorted(["open", *3 * [str(n) for n in range(300)]])


def test_nothing_is_read_from_a_connection_whose_answers_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "ANSWER_SECONDS", 0.5)
    gate, asked = Event(), list[str]()
    gate.set()
    web = _gated(gate, asked)
    listener = web._listener
    assert listener is not None
    with wire.connect(web.port) as connection:
        connection.setsockopt(SOL_SOCKET, SO_RCVBUF, 4096)
        connection.settimeout(0.5)
        with suppress(OSError):
            while True:
                connection.sendall(f"GET /{'x' * 1000} HTTP/1.1\r\nHost: bot\r\n\r\n".encode() * 100)
        wait_for(lambda: not listener.active_channels)
    web.stop()
    assert len(asked) < 100


def test_a_server_is_stopped_at_any_moment_of_its_loop_and_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = Flask("pages")
    for _ in range(5):
        web = server.Server(pages, threads=1, most_body_bytes=1000)
        web.start(server.listen("127.0.0.1", 0))
        listener = web._listener
        assert listener is not None
        pull = listener.pull_trigger

        def late(pull: Callable[[], None] = pull) -> None:
            pull()  # the loop sees that it is to stop, and ends, before it is woken
            sleep(0.05)
            pull()

        monkeypatch.setattr(listener, "pull_trigger", late)
        web.stop()
        web.stop()
