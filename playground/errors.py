"""What can go wrong, for the bot (SlackError) and for a person (ClientRefused, NotAcknowledged)."""

from typing import Any


class SlackError(Exception):
    """A Web API call that Slack refuses: its error code, and sentences that say which rule was broken where."""

    def __init__(self, code: str, *sentences: str, **extra: Any) -> None:
        super().__init__(code, *sentences)
        self.code = code
        self.sentences = sentences
        self.extra = extra


class ClientRefused(Exception):
    """Slack's client would not let a person do this: a required input is empty, a button is not there."""


class NotAcknowledged(Exception):
    """Slack shows the person an error, because the bot answered late, wrongly, or not at all."""

    def __init__(self, code: str, sentence: str, status: int | None = None, elapsed: float = 0.0) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code
        self.status = status
        self.elapsed = elapsed
