"""The director's desk of the page: the bot's clock, what comes in from outside, stopping and starting the bot."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playground.blocks import problems
from playground.companion import Companion
from playground.dispatch.events import Events
from playground.errors import ClientRefused
from playground.log import Changes, Log
from playground.model import Json

A_MOMENT = timedelta(seconds=1)
"""Past a checkpoint by this much, so that it is due."""


class Desk:
    """What the page can do to the bot, by a companion that may be set later; without one most of it is refused.

    `advance` moves the bot's clock, where it can be moved.
    """

    def __init__(self, events: Events, log: Log, changes: Changes, now: Callable[[], datetime]) -> None:
        self._events, self._log, self._changes, self._now = events, log, changes, now
        self.companion: Companion | None = None
        self.advance: Callable[[timedelta], None] | None = None

    def state(self) -> Json | None:
        """Return what the desk shows; None where the playground has no companion."""
        companion = self.companion
        if companion is None:
            return None
        checkpoint, digest, quiet = companion.next_checkpoint(), companion.next_digest(), companion.quiet()
        return {
            "running": companion.bot_is_running,
            "timezone": companion.timezone,
            "language": companion.language,
            "next_checkpoint": checkpoint.isoformat() if checkpoint else None,
            "next_digest": digest.isoformat() if digest else None,
            "quiet": {"until": quiet.until.isoformat(), "held": quiet.held} if quiet else None,
        }

    def _needed_companion(self) -> Companion:
        if self.companion is None:
            raise ClientRefused("this playground was started without a bot to look after")
        return self.companion

    def jump(self, to: str = "", seconds: float = 0.0) -> Json:
        """Let time pass: so many seconds, to `checkpoint`, to `digest`, to `morning` (the end of the
        quiet hours; no time passes outside of them), or to a moment in ISO 8601. Never back."""
        companion = self._needed_companion()
        by = timedelta(seconds=seconds) if not to else _until(companion, to)
        if by < timedelta(0):
            raise ClientRefused("time does not go back")
        companion.advance(by)
        self._events.retry_due()
        self._changes.bump()
        quiet = companion.quiet()
        return {"ok": True, "now": companion.now().isoformat(), "held": quiet.held if quiet else 0}

    def webhook(self, body: Json) -> Json:
        """Send a lead to the bot's webhook, signed, and show the exchange in the log."""
        try:
            status, answer = self._needed_companion().send_webhook(body)
        except OSError as error:
            self._log.add(self._now(), "to_bot", "webhook", body, None, broken=(f"webhook: {error}",))
            raise ClientRefused("the bot cannot be reached") from error
        self._log.add(self._now(), "to_bot", "webhook", body, answer, status=status)
        return {"status": status, "answer": answer}

    def begin_again(self, language: str) -> Json:
        """Let the whole playground begin anew in another language."""
        try:
            self._needed_companion().begin_again(language)
        except ValueError as error:
            raise ClientRefused(str(error)) from error
        return {"ok": True}

    def switch(self, running: bool) -> Json:
        """Start or stop the bot."""
        companion = self._needed_companion()
        if running:
            companion.start_bot()
        else:
            companion.stop_bot()
        self._changes.bump()
        return {"ok": True, "running": companion.bot_is_running}


def _until(companion: Companion, to: str) -> timedelta:
    now = companion.now()
    if to == "morning":
        quiet = companion.quiet()
        return quiet.until - now + A_MOMENT if quiet else timedelta(0)
    if to in ("checkpoint", "digest"):
        moment = companion.next_checkpoint() if to == "checkpoint" else companion.next_digest()
        if moment is None:
            raise ClientRefused("nothing is waiting for its time")
        return max(timedelta(0), moment - now) + A_MOMENT
    try:
        moment = datetime.fromisoformat(to)
    except ValueError:
        raise ClientRefused(f"{to!r} is not a moment") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(companion.timezone))
    return moment - now


def validate(body: Json) -> Json:
    """Hold blocks to the rules of a surface, as blocks.validate does."""
    surface = body.get("surface", "message")
    if surface not in ("message", "modal", "home"):
        raise ClientRefused(f"unknown surface {surface!r}")
    return {"broken": problems(body.get("blocks"), surface)}
