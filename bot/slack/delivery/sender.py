"""Send one outbox row to Slack: render, call, settle. The call is made between transactions.

A message is neither lost nor doubled. What Slack refuses for good is kept as dead for the admins; what it has not taken
is tried again; and where nobody knows (no answer, a killed process), the sender looks for the row's key in the metadata
of the conversation's messages before it posts again, and adopts the message that it finds.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from time import sleep
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.core.messages import fallback, kinds, limits, lists, relevance
from bot.core.messages.kinds import ONCE
from bot.core.messages.lookup import Lookup
from bot.core.reports import own_week
from bot.slack.delivery.pacing import Arrivals, Pacing
from bot.slack.delivery.rendering import METADATA_EVENT, Call, place, render
from bot.slack.messages.context import Nothing
from bot.slack.messages.kept_week import KeptWeek
from bot.slack.web_api.gateway import TOKEN_TROUBLE, Denied, Gateway, NotTaken, OutcomeUnknown, SlackFailure
from storage import claims, committed_events, lanes, mqls, outbox
from storage.database import Database
from storage.models import Outbox
from storage.vocabulary import EventType, MessageKind, OutboxState

LEASE = timedelta(seconds=60)
LONGEST_WAIT = timedelta(minutes=1)
"""The longest pause between two attempts: after a trouble is over, every message is tried again within it."""
TOKEN_WAIT = timedelta(minutes=5)
TOO_LONG = {"msg_blocks_too_long", "msg_too_long"}
GONE = {"message_not_found", "thread_not_found"}
# It stands there, and Slack takes no edit of it any more.
FIXED = {"block_mismatch", "cant_update_message", "edit_window_closed"}
# What one person got and Slack lets nobody edit stays as it is: to try once more would come to the same.
LEFT_AS_IT_IS = {
    "cant_update_message": "Slack takes no edit: another bot wrote the message",
    "edit_window_closed": "Slack takes no edit of the message any more",
    "channel_not_found": "another bot wrote the message, to the same person",
}
POSTED_ANEW = "the card cannot be edited any more; it is posted anew"
SHORTEST_LOOK = timedelta(seconds=2)
CLOCK_SKEW = timedelta(minutes=10)
PRIVATE_IS_STALE = timedelta(minutes=10)
# A message is taken, read and rendered so long before its conversation is free: that does not come on top of the pace.
AHEAD = timedelta(milliseconds=100)

log = structlog.get_logger(__name__)


class RowSender:
    """Send claimed rows, any number at once, each in a thread of the delivery."""

    def __init__(
        self,
        database: Database,
        gateway: Gateway,
        now: Callable[[], datetime],
        pacing: Pacing,
        is_free: Callable[[str, datetime], None],
        wake: Callable[[], None],
    ) -> None:
        """`is_free` is called with the time from which the next message of a conversation may be taken, `wake` when
        there is more to send."""
        self._database = database
        self._gateway = gateway
        self._now = now
        self._pacing = pacing
        self._is_free = is_free
        self._wake = wake
        self._arrivals = Arrivals()
        self._weeks = KeptWeek()

    def send(self, row: Outbox, free_at: datetime) -> None:
        """Send a claimed row to Slack, not before `free_at`, and settle it. An error that the row may be at fault for
        is never raised."""
        try:
            self._attempt(row, free_at)
        except SQLAlchemyError:
            # Nothing was settled: the lease runs out and the row comes back as one whose outcome is unknown.
            log.exception("delivery_without_database", workspace=row.workspace_id, outbox=row.id)
        except Exception:
            # A row that cannot be rendered must not hold up its conversation for ever, nor be lost: dead, and shown.
            log.exception("message_broken", workspace=row.workspace_id, outbox=row.id, kind=row.kind)
            with self._database.transaction() as tx:
                self._settle(tx, row, OutboxState.DEAD, None, error="rendering_failed")

    def _attempt(self, row: Outbox, free_at: datetime) -> None:
        if row.kind in _SETTLED:
            with self._database.transaction() as tx:
                row = _SETTLED[row.kind](tx, row, self._now())
        with self._database.snapshot() as tx:
            lookup = Lookup(tx, row.workspace_id, self._now())
            subject = lookup.mql(row.mql_id) if row.mql_id is not None else None
            number = subject.number if subject else None
            call = self._prepare(row, lookup, self._now())
        try:
            if row.maybe_sent and row.kind not in ONCE and self._is_settled_by_look(row, number):
                return
            if isinstance(call, Nothing):
                with self._database.transaction() as tx:
                    self._settle(tx, row, OutboxState.DROPPED, number, error=call.reason)
                return
            began = self._wait_for(free_at)
            answer = self._deliver(row, call)
        except Denied as denied:
            self._denied(row, number, denied)
        except NotTaken as busy:
            self._not_taken(row, number, busy)
        except OutcomeUnknown as unknown:
            # An edit may simply be repeated; for a post the next attempt looks first.
            self._retry(row, number, _backoff(row), unknown.code, maybe_sent=True, paced=self._pacing.between)
        else:
            self._sent(row, number, answer, began)

    def _deliver(self, row: Outbox, call: Call) -> dict[str, Any]:
        """Make the call; if Slack finds the message too long, once more with a shortened one."""
        try:
            return self._gateway.call(call.method, **call.arguments)
        except Denied as denied:
            if denied.code not in TOO_LONG:
                raise
            log.error("message_too_long", workspace=row.workspace_id, outbox=row.id, kind=row.kind)
            short = call.shortened()
            return self._gateway.call(short.method, **short.arguments)

    def _is_settled_by_look(self, row: Outbox, number: int | None) -> bool:
        """Look for a message that may be in Slack. Return True if the row needs nothing more here: the message was
        found, could not be looked for now, or another process has taken the row meanwhile."""
        try:
            # Who has looked for longer than the lease must not post beside the next one.
            return self._adopt(row, number) or not self._renew(row)
        except NotTaken as busy:
            self._look_again(row, number, busy.code, timedelta(seconds=busy.retry_after or 0))
        except OutcomeUnknown as unknown:
            self._look_again(row, number, unknown.code)
        return True

    def _look_again(self, row: Outbox, number: int | None, code: str, at_least: timedelta = timedelta(0)) -> None:
        """Put back a message that could not be looked for. This counts as no attempt, so later waits do not grow.

        The wait is a tenth of the message's lateness, so that a Slack that is away is not asked all the time."""
        trouble = (self._now() - row.due_at) / 10
        wait = max(at_least, SHORTEST_LOOK, min(trouble, LONGEST_WAIT))
        self._retry(row, number, wait, code, attempts=row.attempts - 1)

    def _wait_for(self, free_at: datetime) -> datetime:
        """Wait until the conversation is free; return the time after the wait."""
        rest = free_at - self._now()
        # What is further ahead was written before somebody set the clock back.
        if timedelta(0) < rest <= AHEAD:
            sleep(rest.total_seconds())
        return self._now()

    def _prepare(self, row: Outbox, lookup: Lookup, now: datetime) -> Call | Nothing:
        if row.kind == MessageKind.PRIVATE and (row.maybe_sent or now - row.created_at > PRIVATE_IS_STALE):
            # Nobody can look for an ephemeral message; an explanation heard twice or hours later only confuses.
            return Nothing("a private explanation is not repeated")
        reason = relevance.reason_gone(lookup.tx, row, lookup) or limits.why_muted(lookup.tx, row)
        return Nothing(reason) if reason else render(lookup, row, now, self._weeks)

    def _adopt(self, row: Outbox, number: int | None) -> bool:
        """Look for a message that an attempt may have posted whose answer was lost, and adopt it.

        A message whose reason is gone is looked for too: it stands in Slack, and an edit that says so waits for it."""
        with self._database.snapshot() as tx:
            parent = outbox.get(tx, row.workspace_id, row.parent_id) if row.parent_id else None
        channel, thread = place(row, parent)
        if channel is None:  # what it answers never reached Slack
            return False
        if not channel.startswith(("C", "G", "D")):
            channel = self._gateway.call("conversations.open", users=channel)["channel"]["id"]
        method = "conversations.replies" if thread else "conversations.history"
        # By Slack's own clock, for ours may be off. Before the bot's first words others may have talked for years.
        oldest = row.after_ts or "0"
        if oldest == "0" and channel.startswith(("C", "G")):
            oldest = f"{(row.created_at - CLOCK_SKEW).timestamp():.6f}"
        messages = self._gateway.pages(
            method, "messages", channel=channel, ts=thread, oldest=oldest, include_all_metadata=True
        )
        for message in messages:
            if _key(message) == row.key:
                self._sent(row, number, {"channel": channel, "ts": message["ts"]})
                return True
        return False

    def _renew(self, row: Outbox) -> bool:
        with self._database.transaction() as tx:
            return claims.renew(tx, row, self._now() + LEASE)

    def _sent(self, row: Outbox, number: int | None, answer: dict[str, Any], began: datetime | None = None) -> None:
        where = {"channel": answer.get("channel"), "ts": answer.get("ts") or answer.get("message_ts")}
        now = self._now()
        posted = row.kind not in ONCE  # only those are stamped anew
        arrived = self._arrivals.latest(answer["ts"], began, now) if posted and began else now
        free_at = arrived + self._pacing.between
        with self._database.transaction() as tx:
            self._settle(tx, row, OutboxState.SENT, number, sent_at=now, error=None, **where)
            lanes.pace(tx, row.workspace_id, row.target, free_at, where["ts"])
        self._is_free(row.target, free_at - AHEAD)

    def _denied(self, row: Outbox, number: int | None, denied: Denied) -> None:
        if denied.code in TOKEN_TROUBLE or (denied.code == "account_inactive" and not self._token_works()):
            # The messages wait: they are not at fault.
            log.error("slack_token_trouble", workspace=row.workspace_id, code=denied.code, needed=denied.needed)
            self._retry(row, number, TOKEN_WAIT, denied.code)
            return
        if row.parent_id is not None and denied.code in GONE | FIXED | LEFT_AS_IT_IS.keys():
            in_channel = row.target.startswith(("C", "G"))  # one that is gone is told to the leaders
            elsewhere = denied.code == "channel_not_found" and in_channel
            if not elsewhere and self._is_replaced(row, number, denied.code):
                return
        with self._database.transaction() as tx:
            if self._settle(tx, row, OutboxState.DEAD, number, error=denied.code):
                fallback.tell(tx, row, denied.code, self._now())
        self._wake()

    def _is_replaced(self, row: Outbox, number: int | None, code: str) -> bool:
        """Settle an edit of, or a reply to, a message that was deleted or cannot be edited any more.

        A card is posted anew, once, so that its MQL keeps buttons and a thread in the Slack channel. Other messages
        stay deleted. Return False if the refusal has another reason."""
        now, is_edit = self._now(), row.kind == MessageKind.EDIT
        card = self._card(row)
        earlier = self._earlier(card, code) if card is not None else None
        data = kinds.CARD(earlier=earlier).payload.to_json()
        with self._database.transaction() as tx:
            card = card and outbox.get(tx, row.workspace_id, card.id)
            anew = card is not None and outbox.post_anew_once(tx, card, now, POSTED_ANEW, data)
            if is_edit and (anew or code in GONE | LEFT_AS_IT_IS.keys()):
                error = POSTED_ANEW if anew else LEFT_AS_IT_IS.get(code, "the message was deleted")
                self._settle(tx, row, OutboxState.DROPPED, number, error=error)
            elif not is_edit and (anew or (card is not None and card.state != OutboxState.SENT)):
                self._settle(tx, row, OutboxState.PENDING, number, next_attempt_at=now, error=POSTED_ANEW)
            else:
                return False
        log.warning("message_replaced", workspace=row.workspace_id, outbox=row.parent_id, code=code, posted_anew=anew)
        self._wake()
        return True

    def _card(self, row: Outbox) -> Outbox | None:
        """Return the row of the card that an edit or a reply belongs to; None if it belongs to another message."""
        with self._database.snapshot() as tx:
            parent = outbox.get(tx, row.workspace_id, row.parent_id or 0)
        return parent if parent is not None and parent.kind == MessageKind.CARD else None

    def _earlier(self, card: Outbox, code: str) -> tuple[str, str] | None:
        """Return the place of the thread of a card that is to be posted anew; None if Slack has none.

        Slack keeps the thread of a deleted message as long as it has replies."""
        if card.channel is None or card.ts is None:
            return None
        if code in GONE:
            try:
                self._gateway.call("conversations.replies", channel=card.channel, ts=card.ts, limit=1)
            except Denied:
                return None
            except SlackFailure:
                pass  # nobody knows; a link that leads nowhere is better than a thread that nobody finds
        return card.channel, card.ts

    def _token_works(self) -> bool:
        """Return whether our token works. Slack says account_inactive both of a closed account that we write to and of
        our own token when the app is removed."""
        try:
            self._gateway.call("auth.test")
        except SlackFailure:
            return False
        return True

    def _not_taken(self, row: Outbox, number: int | None, busy: NotTaken) -> None:
        if busy.retry_after is None:
            self._retry(row, number, _backoff(row), busy.code)
            return
        wait, budgets = timedelta(seconds=busy.retry_after), self._pacing.budgets
        self._retry(row, number, wait, busy.code)
        # Slack counts by method and workspace: whoever goes on calling meanwhile is kept out for longer.
        budget = budgets and {"chat.update": budgets.edits, "chat.postMessage": budgets.posts}.get(busy.method)
        if budget:
            with self._database.transaction() as tx:
                lanes.pause(tx, row.workspace_id, budget, self._now() + wait)

    def _retry(
        self,
        row: Outbox,
        number: int | None,
        wait: timedelta,
        code: str,
        *,
        maybe_sent: bool = False,
        paced: timedelta = timedelta(0),
        **values: Any,
    ) -> None:
        """Put a message back for a while. `paced` is how long nothing is sent into its conversation, because Slack may
        have taken this message."""
        doubt, now = row.maybe_sent or maybe_sent, self._now()
        values |= {"maybe_sent": doubt, "next_attempt_at": now + wait, "error": code}
        with self._database.transaction() as tx:
            self._settle(tx, row, OutboxState.PENDING, number, **values)
            if paced:
                lanes.pace(tx, row.workspace_id, row.target, now + paced)

    def _settle(self, tx: sa.Connection, row: Outbox, state: OutboxState, number: int | None, **values: Any) -> bool:
        """Write the result of a message. `number` is that of its MQL if it was read before. Return False if another
        process has taken the row meanwhile."""
        now = self._now()
        tells = state in _EVENTS and row.mql_id is not None and row.kind != MessageKind.EDIT
        # The MQL before its message, like everyone who changes both.
        read = mqls.locked if tells else mqls.get
        wanted = row.mql_id if tells or number is None else None
        subject = read(tx, row.workspace_id, wanted) if wanted is not None else None
        if not claims.settle(tx, row, state, **values):
            return False
        if subject is not None and tells:
            data = {"kind": row.kind, "target": row.target, "event": row.event_id}
            mqls.log(tx, subject, _EVENTS[state], now, now, reason=values["error"], data=data)
        about_it = {"kind": row.kind, "mql": subject.number if subject else number, "outbox": row.id}
        committed_events.note(tx, f"message_{state}", row.workspace_id, **about_it, code=values["error"])
        return True


# What a list of MQLs names is said for good before it is first sent.
_SETTLED: dict[MessageKind, Callable[[sa.Connection, Outbox, datetime], Outbox]] = {
    MessageKind.HELD: lists.settle,
    MessageKind.OWN_WEEK: own_week.settle,
}
_EVENTS = {OutboxState.DROPPED: EventType.MESSAGE_DROPPED, OutboxState.DEAD: EventType.MESSAGE_DEAD}


def _backoff(row: Outbox) -> timedelta:
    """Return the wait before the next attempt: doubled after each, from one second to LONGEST_WAIT."""
    return min(timedelta(seconds=2 ** min(row.attempts - 1, 10)), LONGEST_WAIT)


def _key(message: dict[str, Any]) -> str | None:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != METADATA_EVENT:
        return None
    key = metadata.get("event_payload", {}).get("key")
    return str(key) if key is not None else None
