"""The bot's way to the playground without sockets, and what goes wrong on it, in an order that a seed repeats."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

from bot.slack.web_api import gateway
from bot.slack.web_api.gateway import Denied, Gateway, NotTaken, OutcomeUnknown, SlackFailure
from playground import Fault, Playground
from playground.faults import BEFORE, FaultRule


class Killed(BaseException):
    """The process is gone, and nothing that it still wanted to write is written."""


class Wire(Gateway):
    """Calls the playground's Web API: directly, or with `http` as in production.

    `meanwhile`, where set, happens once, between what the bot has decided to say and its call. `dies_in` counts the
    calls until the process is killed: after an odd one was made, or before an even one is.
    """

    def __init__(self, slack: Playground, *, http: bool) -> None:
        super().__init__(slack.bot_token, slack.api_url)
        self.slack, self.http = slack, http
        self.meanwhile: Callable[[], None] | None = None
        self.dies_in = 0
        self.broken: list[str] = []

    def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Like Gateway.call."""
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        dies, self.dies_in = self.dies_in, max(self.dies_in - 2, 0)
        if dies == 2:
            raise Killed
        answer = super().call(method, **arguments) if self.http else self._direct(method, arguments)
        if dies == 1:
            raise Killed
        return answer

    def call_in_time(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Like `call`: nobody is slow here."""
        return self.call(method, **arguments)

    def _direct(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        fault = self.slack.faults.take(method)
        if fault is not None and fault.fault in BEFORE:
            raise _failure(method, fault)
        given = {name: value for name, value in arguments.items() if value is not None}
        reply = self.slack.web_api.call(method, gateway._form(given), self.slack.bot_token)
        if fault is not None:
            raise _failure(method, fault)
        if not reply.body["ok"]:
            self.broken += reply.broken
            raise Denied(method, reply.body["error"], str(reply.body.get("needed") or ""))
        return reply.body


def _failure(method: str, rule: FaultRule[Fault]) -> SlackFailure:
    if rule.fault == Fault.RATE_LIMIT:
        return NotTaken(method, "ratelimited", rule.seconds)
    if rule.fault == Fault.REDIRECT:
        return NotTaken(method, "not_slack")
    return OutcomeUnknown(method, "http_500" if rule.fault in (Fault.ERROR_500, Fault.ERROR_500_AFTER) else "timeout")


class OneAfterAnother(Executor):
    """A pool without threads: what is submitted is done at once."""

    def submit(self, work: Callable[..., Any], /, *given: Any, **named: Any) -> Future[Any]:
        """Do it."""
        done: Future[Any] = Future()
        work(*given, **named)
        done.set_result(None)
        return done
