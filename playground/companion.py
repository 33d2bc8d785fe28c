"""What the page can ask of the bot's side: its clock, its webhook, its life. Whoever starts both hands it over."""

from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from playground.model import Json


class Quiet(NamedTuple):
    """Hours in which the bot says nothing that nobody has asked for."""

    until: datetime
    held: int
    """How many messages wait for their end."""


class Companion(Protocol):
    """The bot's process as the page sees it. A playground without one shows Slack alone."""

    def now(self) -> datetime:
        """Return the bot's present moment, aware."""

    @property
    def timezone(self) -> str:
        """The IANA name of the timezone that the team works in."""

    @property
    def language(self) -> str:
        """The language that the team speaks, `ja` or `en`; empty where it cannot begin anew in another one."""

    def begin_again(self, language: str) -> None:
        """Let everything begin anew in another language, soon after the answer. Raises ValueError for one that there
        is not."""

    def advance(self, by: timedelta) -> None:
        """Let the bot's time jump ahead, and let it do what is then due. Raises ValueError for a jump back."""

    def next_checkpoint(self) -> datetime | None:
        """Return when the bot has something to do next: a reminder, an escalation, a digest, a message held back."""

    def next_digest(self) -> datetime | None:
        """Return when the next weekly digest goes out; None where none is scheduled."""

    def quiet(self) -> Quiet | None:
        """Return until when the bot's quiet hours last, and what waits for their end; None outside of them."""

    def send_webhook(self, body: Json) -> tuple[int, Json]:
        """Sign a body and post it to the bot's webhook; return the status and the answer."""

    def stop_bot(self) -> None:
        """Stop the bot, as a crash or a deployment does. Harmless where it is stopped."""

    def start_bot(self) -> None:
        """Start the bot again on the same database. Harmless where it runs."""

    @property
    def bot_is_running(self) -> bool:
        """Whether the bot is up."""
