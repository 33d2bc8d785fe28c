"""How the bot acknowledged what a person did, and what the person was shown because of it."""

from dataclasses import dataclass, field
from typing import Any

from playground.client.message import Message
from playground.dispatch.transport import Answer
from playground.errors import NotAcknowledged

CODES = {"http_timeout": "operation_timeout", "http_error": "http_client_error", "connection_failed": "dispatch_failed"}


@dataclass(frozen=True)
class Acknowledgement:
    """`status` and `elapsed` (seconds) of the bot's answer; `text` is what the person was shown because of it.

    `errors` are the messages under the inputs of a modal that the bot refused; `message` is the message that
    the act itself put into the conversation, if it did. `delivered` is False where nothing reached the bot.
    """

    status: int | None = 200
    elapsed: float = 0.0
    text: str = ""
    body: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    message: Message | None = None
    delivered: bool = True

    def as_json(self) -> dict[str, Any]:
        """Return the acknowledgement as plain JSON values."""
        return {
            "status": self.status,
            "elapsed": self.elapsed,
            "text": self.text,
            "errors": self.errors,
            "ts": self.message.ts if self.message else None,
            "delivered": self.delivered,
        }


NOTHING_SENT = Acknowledgement(None, delivered=False)


def acknowledged(answer: Answer) -> Answer:
    """Return the answer, or raise what Slack would show the person."""
    if answer.failure:
        raise NotAcknowledged(CODES[answer.failure], answer.sentence, answer.status, answer.elapsed)
    return answer


def of_event(answer: Answer | None, message: Message | None = None) -> Acknowledgement:
    """Make the acknowledgement of an act that only causes events: a person never sees whether those arrive."""
    if answer is None:
        return Acknowledgement(None, message=message, delivered=False)
    delivered = not answer.failure
    return Acknowledgement(answer.status, answer.elapsed, body=answer.text, message=message, delivered=delivered)
