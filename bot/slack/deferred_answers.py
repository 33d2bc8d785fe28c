"""Answers that may take longer than the three seconds for which Slack waits: given at once where they are quick, else
promised, and put in their place by the command's response_url. One at a time: more would slow each other and everybody.

What a stopped process has promised does not come; whoever asked asks again.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Lock, Thread
from typing import Any, TypeVar

import structlog

from bot.slack.blocks.base.kit import Message
from bot.slack.context import AppContext
from bot.slack.web_api.gateway import SlackFailure

Counted = TypeVar("Counted")

PATIENCE = 2.0
"""Seconds; the rest of Slack's three is for the way."""

log = structlog.get_logger(__name__)
_one_at_a_time = Lock()


@dataclass(frozen=True)
class Words:
    """What is said in the place of an answer."""

    promise: Message
    """It will follow."""
    failed: Message
    """It will not."""


def answer(context: AppContext, body: dict[str, Any], count: Callable[[], Message], words: Words) -> Message:
    """Return what `count` comes to, or the promise that it will follow. `body`: the command's."""
    counted = begin(count)
    try:
        return counted.result(PATIENCE)
    except TimeoutError:
        # Called at once where it has just come to its end.
        counted.add_done_callback(lambda done: _send(context, body, done, words.failed))
        return words.promise


def begin(count: Callable[[], Counted]) -> Future[Counted]:
    """Start to count in a thread of its own, after whatever is counted already."""
    counted: Future[Counted] = Future()
    # A daemon: a process that is asked to stop waits for no report.
    Thread(target=_count, args=(count, counted), name="counting", daemon=True).start()
    return counted


def _count(count: Callable[[], Counted], counted: Future[Counted]) -> None:
    with _one_at_a_time:
        try:
            counted.set_result(count())
        except Exception as error:  # noqa: BLE001 - it goes to whoever waits
            counted.set_exception(error)


def _send(context: AppContext, body: dict[str, Any], done: Future[Message], failed: Message) -> None:
    error = done.exception()
    if error is not None:
        log.error("report_failed", workspace=body["team_id"], exc_info=error)
    reply = failed if error is not None else done.result()
    try:
        context.gateway.respond(body["response_url"], reply.text, reply.blocks)
    except SlackFailure as failure:
        log.warning("report_not_delivered", workspace=body["team_id"], code=failure.code)
