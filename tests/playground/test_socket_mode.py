"""Socket Mode with Bolt's own handler over a real WebSocket."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from slack_bolt import Ack, App, BoltRequest
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from websockets.sync.client import connect

from playground import NotAcknowledged, Playground
from playground.dispatch.transport import Answer, Dispatch
from tests.patience import LONGEST
from tests.playground.kit import actions, bolt_of, button, modal, remember, text_input

Json = dict[str, Any]


def wait_until(true: Callable[[], bool], seconds: float = LONGEST) -> None:
    end = time.perf_counter() + seconds
    while not true():
        assert time.perf_counter() < end, "waited in vain"
        time.sleep(0.01)


@pytest.fixture
def connected(slack: Playground) -> Iterator[Callable[[App], None]]:
    """Connect Bolt apps over Socket Mode, and let go of them in the end."""
    handlers: list[Any] = []

    def connect_app(app: App) -> None:
        handlers.append(SocketModeHandler(app, slack.app_token))
        handlers[-1].connect()
        wait_until(lambda: slack.socket_mode.connections == len(handlers))

    yield connect_app
    for handler in handlers:
        handler.client.auto_reconnect_enabled = False
    # The SDK's reader holds a lock in a receive of three seconds; it ends at once when Slack closes first.
    slack.socket_mode.stop()
    for handler in handlers:
        wait_until(lambda session=handler.client.current_session: session.sock is None)  # type: ignore[misc]
        handler.close()


@pytest.fixture
def socket_bot(slack: Playground, connected: Callable[[App], None]) -> App:
    """A Bolt app that has connected over Socket Mode."""
    app = bolt_of(slack)
    connected(app)
    return app


def test_commands_presses_and_events_arrive_over_the_socket(
    slack: Playground, socket_bot: App, client: WebClient
) -> None:
    heard: list[Json] = []
    pressed: list[Json] = []
    socket_bot.command("/mql")(lambda ack: ack("Nothing is open."))
    socket_bot.action("accept")(remember(pressed))
    socket_bot.event("message")(lambda event: heard.append(event))  # noqa: PLW0108
    sato = slack.user("sato")
    assert sato.types("/mql list").text == "Nothing is open."
    client.chat_postMessage(channel="#mql", text="x", blocks=[actions(button())])
    assert sato.press("Accept").status == 200
    assert sato.says("Hello", channel="mql").delivered is True
    assert pressed[0]["user"]["id"] == sato.id
    assert heard[-1]["text"] == "Hello"


def test_a_submission_is_answered_over_the_socket(slack: Playground, socket_bot: App, client: WebClient) -> None:
    @socket_bot.command("/mql-feedback")
    def feedback(ack: Ack, body: Json) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=modal(text_input()))

    @socket_bot.view("feedback")
    def refuse(ack: Ack) -> None:
        ack(response_action="errors", errors={"comment": "Please say more"})

    sato = slack.user("sato")
    sato.types("/mql-feedback")
    assert sato.modal is not None
    assert sato.modal.fill({"Comment": "x"}).submit().errors == {"comment": "Please say more"}


def test_a_listener_that_raises_is_not_acknowledged(slack: Playground, socket_bot: App) -> None:
    slack.delivery.patience = 0.1

    @socket_bot.command("/mql")
    def broken(ack: Ack) -> None:
        raise RuntimeError("broken")

    with pytest.raises(NotAcknowledged, match="operation_timeout"):
        slack.user("sato").types("/mql list")


def test_an_event_that_is_not_acknowledged_comes_again_with_its_number(
    slack: Playground, socket_bot: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[Any] = []
    tried = threading.Event()
    send = slack.socket_mode.send

    def lose_patience_once(dispatch: Dispatch, patience: float, at: int) -> Answer:
        """The first time after the listener has begun, and as soon as possible."""
        if tries:
            return send(dispatch, patience, at)
        answer = send(dispatch, 0.1, at)
        assert tried.wait(LONGEST)
        return answer

    monkeypatch.setattr(slack.socket_mode, "send", lose_patience_once)

    @socket_bot.event("message")
    def listen(request: BoltRequest) -> None:
        tries.append((request.headers.get("x-slack-retry-num"), request.headers.get("x-slack-retry-reason")))
        if len(tries) == 1:
            tried.set()
            raise RuntimeError("broken once")

    assert slack.user("sato").says("Hello", channel="mql").delivered is True
    assert tries[1] == (["1"], ["http_timeout"])


def test_without_a_connection_the_person_sees_an_error(slack: Playground) -> None:
    with pytest.raises(NotAcknowledged, match="no Socket Mode connection"):
        slack.user("sato").types("/mql list")


def test_a_refreshed_connection_comes_back(slack: Playground, socket_bot: App) -> None:
    socket_bot.command("/mql")(lambda ack: ack("Here"))
    before = slack.socket_mode.opened
    slack.refresh_connections()
    # The new one may be there before refresh_connections has said goodbye to the old one: only a count can tell.
    wait_until(lambda: slack.socket_mode.opened > before)
    wait_until(lambda: slack.socket_mode.connections == 1)
    assert slack.user("sato").types("/mql list").text == "Here"


def test_any_one_of_several_connections_gets_an_event(slack: Playground, connected: Callable[[App], None]) -> None:
    first: list[Json] = []
    second: list[Json] = []
    for bodies in (first, second):
        app = bolt_of(slack)
        app.command("/mql")(remember(bodies))
        connected(app)
    for _ in range(4):
        slack.user("sato").types("/mql list")
    assert len(first) + len(second) == 4
    assert first
    assert second


def test_an_address_works_once_and_ten_connections_are_the_most(slack: Playground) -> None:
    url = slack.socket_mode.new_url()
    sockets = [connect(url, proxy=None)]
    assert '"hello"' in str(sockets[0].recv(2))
    again = connect(url, proxy=None)
    assert '"link_disabled"' in str(again.recv(2))
    for _ in range(9):
        sockets.append(connect(slack.socket_mode.new_url(), proxy=None))
        assert '"hello"' in str(sockets[-1].recv(2))
    eleventh = connect(slack.socket_mode.new_url(), proxy=None)
    assert '"too_many_websockets"' in str(eleventh.recv(2))
    for connection in (*sockets, again, eleventh):
        connection.close()
