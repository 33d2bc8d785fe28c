"""The bot's side of the playground's page: its clock, its webhook, its life. Satisfies playground.companion."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from standardwebhooks import Webhook

from bot.app import Bot
from bot.cli.sample.team import TIMEZONE
from bot.core.base import wall_clock
from bot.core.setup.answers import Answers
from bot.core.sla import clocks
from playground import Playground
from playground.companion import Quiet
from storage import due_work, reports_due, setups, undelivered, workspaces
from storage.database import Database
from storage.vocabulary import Locale, ReportKind

# After so long delivery may speak again in every conversation.
A_STEP = timedelta(seconds=1, milliseconds=100)
# A jump must not keep its reader waiting where Slack hangs: after so many seconds the rest of the way is one leap.
PATIENCE = 12.0
MOST_MESSAGES_IN_A_ROW = 60


class Companion:
    """A bot that can be stopped and started, and whose time can be moved on."""

    def __init__(
        self,
        slack: Playground,
        database: Database,
        make_bot: Callable[[], Bot],
        webhook_secret: str,
        *,
        now: Callable[[], datetime] = wall_clock.utcnow,
        move: Callable[[timedelta], object] = wall_clock.advance,
        patience: float = PATIENCE,
        language: Locale | None = None,
        begin_again: Callable[[Locale], object] = lambda _: None,
    ) -> None:
        """`language`: that of the team, where `begin_again` can let everything begin anew in another one."""
        self._slack, self._database, self._make_bot = slack, database, make_bot
        self._webhook = Webhook(webhook_secret)
        self._now, self._move, self._patience = now, move, patience
        self._language, self._begin_again = language, begin_again
        self._bot: Bot | None = None
        self._lock = threading.RLock()

    # Its life

    def start_bot(self) -> None:
        """Start a bot on the database as it is, and let Slack's requests go to it."""
        with self._lock:
            if self._bot is None:
                bot = self._make_bot()
                bot.start()
                self._bot = bot
                self._slack.connect(bot.address + "/slack/events")

    def stop_bot(self) -> None:
        """Stop it. Slack's requests and webhooks then find nobody."""
        with self._lock:
            bot, self._bot = self._bot, None
        if bot is not None:
            bot.stop()

    @property
    def bot_is_running(self) -> bool:
        """Whether it is up."""
        return self._bot is not None

    # Its time

    def now(self) -> datetime:
        """Return the bot's present moment."""
        return self._now()

    @property
    def timezone(self) -> str:
        """Where the team works."""
        with self._database.snapshot() as tx:
            workspace = workspaces.get(tx, self._slack.team_id)
            draft = setups.get(tx, self._slack.team_id)
        return workspace.timezone if workspace else Answers.of(draft.answers).timezone if draft else TIMEZONE.key

    @property
    def language(self) -> str:
        """What the team speaks; empty where it cannot begin anew."""
        return self._language or ""

    def begin_again(self, language: str) -> None:
        """Ask for a beginning in another language. Raises ValueError for one that we do not speak."""
        self._begin_again(Locale(language))

    def next_checkpoint(self) -> datetime | None:
        """Return when the bot has something to do next."""
        with self._database.snapshot() as tx:
            workspace, now = self._slack.team_id, self._now()
            moments = (due_work.next_after(tx, workspace, now), undelivered.next_after(tx, workspace, now))
            return min((moment for moment in moments if moment is not None), default=None)

    def next_digest(self) -> datetime | None:
        """Return when the next weekly digest goes out."""
        with self._database.snapshot() as tx:
            return reports_due.next_due(tx, self._slack.team_id, ReportKind.WEEKLY, self._now())

    def quiet(self) -> Quiet | None:
        """Return until when the quiet hours of the policy last, and how many messages wait for their end."""
        with self._database.snapshot() as tx:
            workspace, now = self._slack.team_id, self._now()
            agreed = clocks.current_agreement(tx, workspace)
            until = agreed.awake_at(now) if agreed else now
            return Quiet(until, undelivered.count_between(tx, workspace, now, until)) if until > now else None

    def advance(self, by: timedelta) -> None:
        """Let time pass. A running bot lives through it, checkpoint by checkpoint; a stopped one misses it.

        Raises ValueError for a jump back.
        """
        if by < timedelta(0):
            raise ValueError("time does not go back")
        with self._lock:
            until, give_up = self._now() + by, time.monotonic() + self._patience
            self._live(until, give_up)  # what waits for its second is not to wait for the end of the jump
            while self._bot is not None and time.monotonic() < give_up:
                checkpoint = self.next_checkpoint()
                if checkpoint is None or checkpoint >= until:
                    break
                self._move(max(timedelta(0), checkpoint - self._now()))
                self._live(until, give_up)
            self._move(max(timedelta(0), until - self._now()))
            self._live(until + A_STEP, give_up)

    def _live(self, until: datetime, give_up: float) -> None:
        """Tick, and say what there is to say: one message a second and conversation, as the bot does by itself."""
        if self._bot is None:
            return
        self._bot.tick()
        for _ in range(MOST_MESSAGES_IN_A_ROW):
            sent = self._bot.parts.delivery.drain()
            if time.monotonic() > give_up or self._now() + A_STEP > until or not (sent or self._something_waits()):
                return
            self._step()

    def _step(self) -> None:
        """Let a second pass; where something falls due within it, only until then, and tick."""
        due = self.next_checkpoint()
        self._move(A_STEP if due is None else min(A_STEP, max(timedelta(0), due - self._now())))
        if due is not None and due <= self._now() and self._bot is not None:
            self._bot.tick()

    def _something_waits(self) -> bool:
        """Also what the bot's own thread has in hand, or may not say in this second."""
        with self._database.snapshot() as tx:
            count, _ = undelivered.waiting(tx, self._slack.team_id, self._now())
        return count > 0

    # What comes in

    def send_webhook(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Post a lead to the webhook as an MA tool does, signed. Raises OSError where nobody listens."""
        bot = self._bot
        if bot is None:
            raise ConnectionRefusedError("the bot is stopped")
        data, name, sent = json.dumps(body, ensure_ascii=False), f"msg_{uuid.uuid4().hex}", datetime.now(UTC)
        headers = {
            "Content-Type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": str(int(sent.timestamp())),
            "webhook-signature": self._webhook.sign(name, sent, data),
        }
        request = Request(f"{bot.address}/webhooks/generic", data.encode(), headers)  # noqa: S310 - our own bot
        try:
            with urlopen(request, timeout=10) as answer:  # noqa: S310
                return answer.status, json.load(answer)
        except HTTPError as error:
            with error:
                return error.code, json.load(error)
