"""Faults on demand: what goes wrong between the bot and Slack, at a chosen method, a chosen number of times."""

import threading
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar


class Fault(StrEnum):
    """What goes wrong. *Taken* means that Slack did what was asked before the fault."""

    LOSE_ANSWER = "lose_answer"
    """Taken; the connection closes without an answer."""
    ERROR_500 = "error_500"
    """Not taken; answers 500."""
    ERROR_500_AFTER = "error_500_after"
    """Taken; answers 500."""
    HANG = "hang"
    """Not taken; holds for some seconds, then closes without an answer."""
    HANG_AFTER = "hang_after"
    """Taken; holds for some seconds, then answers."""
    REFUSE = "refuse"
    """Not taken; the connection closes at once."""
    RATE_LIMIT = "rate_limit"
    """Not taken; answers 429 with Retry-After."""
    HTML_PAGE = "html_page"
    """Not taken; a proxy or portal in front of Slack answers 200 with a page of its own."""
    HTML_PAGE_AFTER = "html_page_after"
    """Taken; a filter puts a page in the place of Slack's answer."""
    REDIRECT = "redirect"
    """Not taken; sent on to a page to log in (302)."""
    EMPTY_ANSWER = "empty_answer"
    """Taken; answers 200 with nothing."""
    BARE_OK = "bare_ok"
    """Not taken; a stub answers 200 with `{"ok": true}` and nothing of what the method promises."""
    TRUNCATED = "truncated"
    """Taken; the first half of Slack's answer, as long as its head says."""
    WRONG_TYPE = "wrong_type"
    """Taken; Slack's answer, labelled as a web page."""


BEFORE = {
    Fault.ERROR_500,
    Fault.HANG,
    Fault.REFUSE,
    Fault.RATE_LIMIT,
    Fault.HTML_PAGE,
    Fault.REDIRECT,
    Fault.BARE_OK,
}


_HANGING = {"hang", "hang_after"}
Kind = TypeVar("Kind", bound=StrEnum)


@dataclass
class FaultRule(Generic[Kind]):
    """One standing order.

    `times` counts down, None means until cleared; `seconds` is a hold or a Retry-After; `channel` is the one
    conversation that it is for, by id, None for all.
    """

    method: str
    fault: Kind
    times: int | None = None
    seconds: float = 1.0
    channel: str | None = None


class FaultRules(Generic[Kind]):
    """The faults that wait for their call. Rules are tried in the order in which they were added."""

    def __init__(self, kinds: type[Kind]) -> None:
        self._kinds = kinds
        self._lock = threading.Lock()
        self._released = threading.Event()
        self._rules: list[FaultRule[Kind]] = []

    def add(
        self, method: str, fault: Kind, times: int | None = None, seconds: float = 1.0, channel: str | None = None
    ) -> None:
        """Let calls of a method (or `*`, or `response_url`) fail, to all conversations or to one.

        `seconds` are held, or named in Retry-After.
        """
        with self._lock:
            self._released.clear()
            self._rules.append(FaultRule(method, self._kinds(fault), times, seconds, channel))

    def clear(self) -> None:
        """Forget all faults and let go of calls that hang."""
        with self._lock:
            self._rules.clear()
            self._released.set()

    def remove(self, fault: Kind) -> None:
        """Forget the faults of one kind and let go of calls that hang."""
        with self._lock:
            self._rules = [rule for rule in self._rules if rule.fault != fault]
            if fault in _HANGING:
                self._released.set()

    def take(self, method: str, channel: str | None = None) -> FaultRule[Kind] | None:
        """Return the fault for this call, if there is one, and count it."""
        with self._lock:
            for rule in self._rules:
                if rule.method in (method, "*") and rule.channel in (None, channel) and rule.times != 0:
                    if rule.times is not None:
                        rule.times -= 1
                    return rule
        return None

    def hold(self, seconds: float) -> None:
        """Wait as a hanging call does, until the time is over or faults are cleared."""
        self._released.wait(seconds)

    @property
    def rules(self) -> list[FaultRule[Kind]]:
        """The faults that can still strike."""
        with self._lock:
            return [rule for rule in self._rules if rule.times != 0]


class Faults(FaultRules[Fault]):
    """The faults between the bot and Slack."""

    def __init__(self) -> None:
        super().__init__(Fault)
