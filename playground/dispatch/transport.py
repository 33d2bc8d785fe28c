"""What is sent to the bot and what comes back."""

import json
from dataclasses import dataclass
from typing import Literal, Protocol

from playground.model import Json

Kind = Literal["events_api", "slash_commands", "interactive"]
Failure = Literal["", "http_timeout", "http_error", "connection_failed"]


@dataclass(frozen=True)
class Dispatch:
    """One request to the bot. A retry carries its number and the reason, as Slack words it."""

    kind: Kind
    payload: Json
    retry_num: int = 0
    retry_reason: str = ""

    @property
    def name(self) -> str:
        """What it is, for the log: an event type, a command, or an interaction type."""
        payload = self.payload
        if self.kind == "events_api":
            event = payload.get("event", payload)
            return ".".join(str(event[key]) for key in ("type", "subtype") if event.get(key))
        return str(payload.get("command") or payload.get("type"))


@dataclass(frozen=True)
class Answer:
    """The bot's acknowledgement. `elapsed` is in seconds; `failure` is empty where Slack is content."""

    status: int | None
    text: str = ""
    elapsed: float = 0.0
    failure: Failure = ""
    sentence: str = ""
    no_retry: bool = False

    @property
    def body(self) -> Json | None:
        """The body as a JSON object, None if it is not one."""
        try:
            body = json.loads(self.text)
        except ValueError:
            return None
        return body if isinstance(body, dict) else None


class Transport(Protocol):
    """A way to the bot."""

    def send(self, dispatch: Dispatch, patience: float, at: int) -> Answer:
        """Send and wait for the acknowledgement, at most `patience` seconds; `at` is the Unix time to sign."""
        ...
