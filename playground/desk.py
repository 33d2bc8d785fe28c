"""The director's desk of the page: the bot's clock, what comes in from outside, stopping and starting the bot."""

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from playground.blocks import problems
from playground.companion import Companion
from playground.errors import ClientRefused
from playground.model import Json

if TYPE_CHECKING:
    from playground.playground import Playground

MONDAY_AT = time(9)
A_MOMENT = timedelta(seconds=1)
"""Past a checkpoint by this much, so that it is due."""


def state(playground: "Playground") -> Json | None:
    """Tell what the desk shows; None where the playground has no companion."""
    companion = playground.companion
    if companion is None:
        return None
    checkpoint = companion.next_checkpoint()
    return {
        "running": companion.bot_is_running,
        "timezone": companion.timezone,
        "next_checkpoint": checkpoint.isoformat() if checkpoint else None,
        "next_monday": next_monday(companion).isoformat(),
    }


def of(playground: "Playground") -> Companion:
    """Return the companion; refuses where there is none."""
    if playground.companion is None:
        raise ClientRefused("this playground was started without a bot to look after")
    return playground.companion


def jump(playground: "Playground", to: str = "", seconds: float = 0.0) -> Json:
    """Let time pass: so many seconds, to `checkpoint`, to `monday`, or to a moment in ISO 8601. Never back."""
    companion = of(playground)
    by = timedelta(seconds=seconds) if not to else _until(companion, to)
    if by < timedelta(0):
        raise ClientRefused("time does not go back")
    companion.advance(by)
    playground.retry_due()
    playground.changes.bump()
    return {"ok": True, "now": companion.now().isoformat()}


def next_monday(companion: Companion) -> datetime:
    """Return the next Monday 09:00 of the team, always ahead."""
    zone = ZoneInfo(companion.timezone)
    local = companion.now().astimezone(zone)
    day = local.date() + timedelta(days=-local.weekday() % 7)
    moment = datetime.combine(day, MONDAY_AT, zone)
    return moment if moment > local else datetime.combine(day + timedelta(days=7), MONDAY_AT, zone)


def _until(companion: Companion, to: str) -> timedelta:
    now = companion.now()
    if to == "monday":
        return next_monday(companion) - now + A_MOMENT
    if to == "checkpoint":
        checkpoint = companion.next_checkpoint()
        if checkpoint is None:
            raise ClientRefused("nothing is waiting for its time")
        return max(timedelta(0), checkpoint - now) + A_MOMENT
    try:
        moment = datetime.fromisoformat(to)
    except ValueError:
        raise ClientRefused(f"{to!r} is not a moment") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(companion.timezone))
    return moment - now


def webhook(playground: "Playground", body: Json) -> Json:
    """Send a lead to the bot's webhook, signed, and show the exchange in the log."""
    try:
        status, answer = of(playground).send_webhook(body)
    except OSError as error:
        playground.log.add(playground.now(), "to_bot", "webhook", body, None, broken=(f"webhook: {error}",))
        raise ClientRefused("the bot cannot be reached") from error
    playground.log.add(playground.now(), "to_bot", "webhook", body, answer, status=status)
    return {"status": status, "answer": answer}


def switch(playground: "Playground", running: bool) -> Json:
    """Start or stop the bot."""
    companion = of(playground)
    if running:
        companion.start_bot()
    else:
        companion.stop_bot()
    playground.changes.bump()
    return {"ok": True, "running": companion.bot_is_running}


def validate(body: Json) -> Json:
    """Hold blocks to the rules of a surface, as blocks.validate does."""
    surface = body.get("surface", "message")
    if surface not in ("message", "modal", "home"):
        raise ClientRefused(f"unknown surface {surface!r}")
    return {"broken": problems(body.get("blocks"), surface)}
