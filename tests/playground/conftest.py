from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, request
from slack_bolt import App
from slack_bolt.adapter.flask import SlackRequestHandler
from slack_sdk import WebClient

from playground import Playground
from tests.patience import unhurried
from tests.playground.kit import Clock, Served, bolt_of, client_of


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def slack(clock: Clock) -> Iterator[Playground]:
    playground = Playground(now=clock.now, monotonic=clock.monotonic, advance=clock.advance)
    with unhurried(playground, clock.monotonic):
        yield playground


@pytest.fixture
def client(slack: Playground) -> WebClient:
    return client_of(slack)


@pytest.fixture
def bolt(slack: Playground, client: WebClient) -> App:
    return bolt_of(slack)


@pytest.fixture
def bot(slack: Playground, bolt: App) -> Iterator[App]:
    """A small Bolt app behind a real HTTP server, connected as the bot."""
    handler = SlackRequestHandler(bolt)
    flask = Flask("bot")
    flask.post("/slack/events")(lambda: handler.handle(request))
    served = Served(flask)
    slack.connect(served.url)
    yield bolt
    served.stop()


@pytest.fixture
def serve(slack: Playground) -> Iterator[Callable[[Callable[[], Any]], str]]:
    """Serve a plain function as the bot; for answers that no Bolt app would give."""
    running: list[Served] = []

    def start(answer: Callable[[], Any]) -> str:
        flask = Flask("plain")
        flask.post("/slack/events", endpoint="answer")(answer)
        running.append(Served(flask))
        slack.connect(running[-1].url)
        return running[-1].url

    yield start
    for server in running:
        server.stop()
