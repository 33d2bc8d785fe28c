"""What every listener works with."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import metadata
from typing import Any, NamedTuple

import sqlalchemy as sa
import structlog

from bot.core.base.results import Refused
from bot.core.messages import notifications
from bot.i18n import Mrkdwn, Translator
from bot.slack.blocks import replies
from bot.slack.blocks.kit import Message
from bot.slack.gateway import Denied, Gateway, SlackFailure
from bot.slack.messages.context import translator
from storage import heartbeats, receipts, workspaces
from storage.database import Database
from storage.models import Workspace
from storage.vocabulary import Locale, ReceiptKind

BEAT = timedelta(seconds=5)
FORGOTTEN = timedelta(days=7)

log = structlog.get_logger(__name__)


class Identity(NamedTuple):
    """Who the bot is in Slack, as auth.test says."""

    team_id: str
    url: str
    user_id: str
    bot_id: str


def remember(tx: sa.Connection, identity: Identity) -> None:
    """Keep with the workspace who we are in it, once it is configured: for links to cards, and for a start while Slack
    cannot be asked."""
    known = workspaces.get(tx, identity.team_id)
    if known is not None and (known.url, known.bot_user_id, known.bot_id) != identity[1:]:
        workspaces.know_bot(tx, *identity)


class Pulse:
    """Notes in the database that this process ticks, at most every five seconds."""

    def __init__(self, database: Database, workspace_id: str, now: Callable[[], datetime]) -> None:
        self._database, self._workspace_id, self._now = database, workspace_id, now
        self._process = f"{socket.gethostname()}:{os.getpid()}"
        self._version = metadata.version("mql-bot")
        self._started = now()
        self._last: datetime | None = None

    def beat(self) -> None:
        """Something has been done."""
        now = self._now()
        # A clock that was set back does not silence it.
        if self._last is not None and timedelta(0) <= now - self._last < BEAT:
            return
        with self._database.transaction() as tx:
            if self._last is None:
                heartbeats.forget(tx, self._workspace_id, now - FORGOTTEN)
            heartbeats.beat(tx, self._workspace_id, self._process, self._version, self._started, now)
        self._last = now


@dataclass(frozen=True)
class Office:
    """The database, the way to Slack, and the clock."""

    database: Database
    gateway: Gateway
    identity: Identity
    now: Callable[[], datetime]
    wake: Callable[[], None]
    """Called after a commit that put something into the outbox."""
    pulse: Pulse


@dataclass(frozen=True)
class Caller:
    """Who did something in Slack, and where."""

    workspace_id: str
    user_id: str
    channel_id: str | None
    """None in a form or the App Home."""
    trigger_id: str
    """Unique for each interaction; opens one form within three seconds."""

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Caller:
        """The caller of a block action or a form."""
        channel = body.get("channel") or {}
        return cls(body["team"]["id"], body["user"]["id"], channel.get("id"), body.get("trigger_id", ""))

    @classmethod
    def of_command(cls, body: Mapping[str, Any]) -> Caller:
        """The caller of a slash command."""
        return cls(body["team_id"], body["user_id"], body["channel_id"], body["trigger_id"])


def first_time(tx: sa.Connection, office: Office, caller: Caller, kind: ReceiptKind) -> bool:
    """Whether this very interaction has not been dealt with yet: networks deliver one press twice."""
    return receipts.first_time(tx, caller.workspace_id, kind, caller.trigger_id, office.now(), {})


def explain(tx: sa.Connection, office: Office, caller: Caller, refused: Refused) -> None:
    """Tell the caller privately why nothing was changed."""
    reply(tx, office, caller, refused.reason.value, **words_of(refused))


def words_of(refused: Refused) -> dict[str, str | int]:
    """What the sentence that explains a refusal may name."""
    return {"by": refused.by, "rep": refused.by, "number": refused.number or 0}


def reply(tx: sa.Connection, office: Office, caller: Caller, key: str, **words: str | int) -> None:
    """Say something to the caller alone."""
    notifications.private(
        tx,
        caller.workspace_id,
        caller.trigger_id,
        caller.channel_id,
        caller.user_id,
        office.now(),
        f"reply.{key}",
        words,
    )


def configured(tx: sa.Connection, caller: Caller) -> tuple[Workspace, Translator] | None:
    """The caller's workspace and their words, or None while nobody has configured it."""
    workspace = workspaces.get(tx, caller.workspace_id)
    if workspace is None or workspace.policy_id is None:
        return None
    return workspace, translator(tx, workspace, caller.user_id)


def not_configured() -> Message:
    """What everyone is told until an admin has applied the team file: in every language, since none is known yet."""
    said = [replies.private("reply.not_configured", Translator(locale, "UTC")) for locale in Locale]
    return Message(Mrkdwn("\n".join(one.text for one in said)), [block for one in said for block in one.blocks])


def open_or_explain(office: Office, caller: Caller, shown: dict[str, Any] | Refused) -> None:
    """Open a form for whoever pressed a button, or tell them why there is none: once for each press."""
    if not isinstance(shown, Refused):
        open_form(office, caller, shown)
        return
    with office.database.transaction() as tx:
        if first_time(tx, office, caller, ReceiptKind.ACTION):
            explain(tx, office, caller, shown)
    office.wake()


def open_form(office: Office, caller: Caller, view: dict[str, Any]) -> dict[str, Any] | None:
    """Open a form for the caller, and return it as Slack has it; where Slack will not, tell them to press again."""
    try:
        opened: dict[str, Any] = office.gateway.call("views.open", trigger_id=caller.trigger_id, view=view)["view"]
        return opened
    except SlackFailure as failure:
        if isinstance(failure, Denied) and failure.code == "exchanged_trigger_id":
            return None  # the same press came twice, and the form is open already
        log.warning("form_not_opened", workspace=caller.workspace_id, code=failure.code)
        with office.database.transaction() as tx:
            reply(tx, office, caller, "form_expired")
        office.wake()
        return None


def show_instead(office: Office, body: Mapping[str, Any], view: dict[str, Any]) -> None:
    """Show a form in the place of the open one, if there is one. Where Slack will not, it stays as it was."""
    if body.get("view") is None:
        return
    try:
        # The hash makes an answer to an older press lose against a newer one.
        office.gateway.call("views.update", view_id=body["view"]["id"], hash=body["view"]["hash"], view=view)
    except SlackFailure as failure:
        log.info("form_not_changed", workspace=body["team"]["id"], code=failure.code)
