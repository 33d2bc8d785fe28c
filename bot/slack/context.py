"""What every listener works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from bot.connectors.sources.vault import Vault
from bot.slack.delivery.pacing import AS_SLACK_ASKS
from bot.slack.heartbeat import Heartbeat
from bot.slack.identity import Identity
from bot.slack.web_api.gateway import Gateway
from bot.slack.web_api.user_groups import UserGroups
from storage.database import Database


@dataclass(frozen=True)
class AppContext:
    """The database, the way to Slack, and the clock."""

    database: Database
    gateway: Gateway
    identity: Identity
    now: Callable[[], datetime]
    wake: Callable[[], None]
    """Called after a commit that put something into the outbox."""
    heartbeat: Heartbeat
    homes_every: timedelta = AS_SLACK_ASKS.homes
    """At least so much lies between two drawings of one App Home."""
    vault: Vault = field(default_factory=lambda: Vault(()))
    """What encrypts secrets that must be read again."""
    private_hosts: frozenset[str] = frozenset()
    """Hosts inside our own network that may be called."""
    public_url: str | None = None
    """How tools reach the bot; None: not at all, or nobody has said."""

    @cached_property
    def user_groups(self) -> UserGroups:
        """The user groups of the workspace."""
        return UserGroups(self.gateway)
