"""The user groups of the Slack workspace by id and @handle, for menus: asked for at most once a minute, because Slack
allows twenty such questions a minute and asks us at every letter that somebody types."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from threading import Lock

import structlog

from bot.slack.web_api.gateway import Gateway, SlackFailure

FRESH = 60.0
"""Seconds for which an answer is good, and for which Slack is left alone where it gave none."""
log = structlog.get_logger(__name__)


class UserGroups:
    """What is known of them. Whoever asks waits for Slack once a minute, whoever only looks never."""

    def __init__(self, gateway: Gateway, clock: Callable[[], float] = time.monotonic) -> None:
        self._gateway, self._clock = gateway, clock
        self._asking, self._asked_at = Lock(), float("-inf")
        self.known: Mapping[str, str] = {}
        """Handles by id, as they were last; empty before anybody has asked."""

    def asked(self) -> Mapping[str, str]:
        """Return the handles by id. Where Slack does not answer, or the plan or token has none: what was known last."""
        with self._asking:
            if self._clock() - self._asked_at >= FRESH:
                self._asked_at = self._clock()
                self._ask()
        return self.known

    def _ask(self) -> None:
        try:
            groups = self._gateway.call("usergroups.list")["usergroups"]
        except SlackFailure as failure:
            log.info("user_groups_not_known", code=failure.code)
            return
        self.known = {str(group["id"]): f"@{group['handle']}" for group in groups if not group["date_delete"]}
