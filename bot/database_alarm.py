"""Tells the admins that nothing can be stored. The outbox is in the database, so this goes past it."""

from __future__ import annotations

import threading
from contextlib import suppress
from time import monotonic

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.core.base import team
from bot.i18n import Translator
from bot.slack.blocks.base.kit import Message
from bot.slack.blocks.health import alerts as blocks
from bot.slack.context import AppContext
from bot.slack.web_api.gateway import SlackFailure
from storage import members, process_lock, workspaces
from storage.trouble import Trouble

# SQLite's look through a file takes about a second of processor a GB. So seldom it is half a hundredth of one at most.
CHECK_EVERY, CHECK_SHARE = 3600.0, 200

log = structlog.get_logger(__name__)


class DatabaseAlarm:
    """Looks after the database file, for one process.

    Whom to tell is remembered while the database can be read. What was told is not, so a process that is started again
    tells it again. Of several processes on a SQLite file the one that ticks tells, and others only where none does.
    """

    def __init__(self, context: AppContext, *, ticking: bool) -> None:
        self._context, self._ticking = context, ticking
        self._readers: dict[str, Translator] = {}
        self._told: Trouble | None = None
        self._sent: dict[str, tuple[str, str]] = {}
        """Where each admin was told: Slack channel and ts."""
        self._check_at = monotonic()
        self._checking: threading.Thread | None = None

    def look(self) -> bool:
        """See what is wrong, say so, and return whether the database can be used."""
        self._check_if_due()
        trouble = self._context.database.look()
        if trouble is None:
            self._end()
            self._remember()
            return True
        if not self._readers:
            with suppress(SQLAlchemyError):  # what is damaged may be elsewhere
                self._remember()
        if trouble is not self._told:
            log.error("database_unusable", trouble=trouble, evidence=self._context.database.evidence)
            self._told, self._sent = trouble, {}
        if self._speaks():
            self._tell(trouble)
        return False

    def wait(self) -> None:
        """Wait for a check of the file that runs."""
        if self._checking is not None:
            self._checking.join()

    def _check_if_due(self) -> None:
        if monotonic() < self._check_at or (self._checking is not None and self._checking.is_alive()):
            return
        self._check_at = monotonic() + CHECK_EVERY
        self._checking = threading.Thread(target=self._check, name="database-check", daemon=True)
        self._checking.start()

    def _check(self) -> None:
        began = monotonic()
        try:
            self._context.database.quick_check()
        except SQLAlchemyError:
            # It is away, or another file: the next look says so.
            log.exception("database_check_failed")
        took = monotonic() - began
        self._check_at = monotonic() + max(CHECK_EVERY, CHECK_SHARE * took)
        log.info("database_checked", seconds=round(took, 2))

    def _remember(self) -> None:
        with self._context.database.snapshot() as tx:
            workspace = workspaces.get(tx, self._context.identity.team_id)
            roster = members.roster(tx, workspace.id) if workspace else []
        if workspace is not None:
            admins = team.admins(roster)
            locales = {a.user_id: a.locale or a.slack_locale or workspace.locale for a in admins}
            self._readers = {user: Translator(locale, workspace.timezone) for user, locale in locales.items()}

    def _speaks(self) -> bool:
        if self._ticking:
            return True
        try:
            return not process_lock.is_ticked(self._context.database)
        except OSError:
            return True

    def _tell(self, trouble: Trouble) -> None:
        for user, t in self._readers.items():
            if user not in self._sent and (where := self._post(user, blocks.database(trouble, t))):
                self._sent[user] = where

    def _end(self) -> None:
        for user, (channel, ts) in list(self._sent.items()):
            if self._post(channel, blocks.database_over(self._readers[user]), thread_ts=ts):
                del self._sent[user]
        self._told = None

    def _post(self, channel: str, message: Message, **where: str) -> tuple[str, str] | None:
        words = {"text": message.text, "blocks": message.blocks}
        try:
            answer = self._context.gateway.call("chat.postMessage", channel=channel, **words, **where)
        except SlackFailure as failure:
            log.warning("database_alarm_not_sent", code=failure.code)
            return None
        return answer["channel"], answer["ts"]
