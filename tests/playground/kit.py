import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from slack_bolt import Ack, App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from werkzeug.serving import make_server

from playground import Playground
from tests.patience import LONGEST


class Clock:
    """A clock that tests turn by hand: wall time and monotonic seconds move together."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
        self.seconds = 1000.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.seconds

    def advance(self, by: timedelta) -> None:
        self.at += by
        self.seconds += by.total_seconds()


class Served:
    """A Flask application served over real HTTP."""

    def __init__(self, flask: Flask) -> None:
        self.server = make_server("127.0.0.1", 0, flask, threaded=True)
        self.url = f"http://127.0.0.1:{self.server.server_port}/slack/events"
        self.thread = threading.Thread(target=lambda: self.server.serve_forever(0.02), daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def client_of(slack: Playground, token: str | None = None) -> WebClient:
    return WebClient(token=token or slack.bot_token, base_url=slack.api_url, timeout=LONGEST, retry_handlers=[])


def bolt_of(slack: Playground) -> App:
    return App(
        name="tests",
        client=client_of(slack),
        signing_secret=slack.signing_secret,
        process_before_response=True,
        raise_error_for_unhandled_request=False,
    )


def remember(bodies: list[dict[str, Any]]) -> Callable[..., None]:
    """Make a listener that acknowledges and keeps the body."""

    def listen(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        bodies.append(body)

    return listen


def refusal(call: Callable[..., Any], /, *args: Any, **kwargs: Any) -> str:
    """Make a call that Slack must refuse and return the error code."""
    with pytest.raises(SlackApiError) as caught:
        call(*args, **kwargs)
    return str(caught.value.response["error"])


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


def button(text: str = "Accept", action_id: str = "accept", **more: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain(text), "action_id": action_id, **more}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def section(text: str = "x", **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": mrkdwn(text), **more}


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "modal",
        "title": plain("Feedback"),
        "submit": plain("Send"),
        "callback_id": "feedback",
        "blocks": list(blocks) or [section()],
        **more,
    }


def text_input(label: str = "Comment", block_id: str = "comment", **element: Any) -> dict[str, Any]:
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(label),
        "element": {"type": "plain_text_input", "action_id": "value", **element},
    }
