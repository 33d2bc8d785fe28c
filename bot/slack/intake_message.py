"""One message of the intake channel, from when it is posted to its last edit.

Its receipt keeps what became of it: which MQL, and a checksum of what was read last, by which an edit that changes no
word (a preview of a link, a retry) is known.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.connectors import content, notification
from bot.core.mql import intake, queue, senders
from bot.core.mql.lead import Lead
from bot.core.mql.queue import Sender
from bot.slack import timestamps
from storage import mqls, receipts, unreadables, workspaces
from storage.models import Unreadable
from storage.vocabulary import ReceiptKind, Source, UnreadableState

RULE = "rule"
"""The reason of what is set aside because a person has said so."""
_PREVIEWS = ("from_url", "is_app_unfurl", "app_unfurl_url", "is_msg_unfurl")


@dataclass(frozen=True)
class Posted:
    """A message as Slack shows it now."""

    channel: str
    message: dict[str, Any]

    @property
    def ts(self) -> str:
        """When it was posted, as Slack writes it; an edit leaves it as it was."""
        return str(self.message["ts"])

    @property
    def key(self) -> str:
        """The key of its receipt."""
        return f"intake:{self.channel}:{self.ts}"

    @property
    def is_edited(self) -> bool:
        """Whether its author has changed it. Slack's own previews of links are no edits."""
        return isinstance(self.message.get("edited"), dict)

    @property
    def edited_ts(self) -> str:
        """When that was, as Slack writes it; empty where it is not known."""
        edited = self.message.get("edited")
        return str(edited.get("ts", "")) if isinstance(edited, dict) else ""

    @property
    def is_tombstone(self) -> bool:
        """Whether it was deleted and only stands there because of its thread."""
        return self.message.get("subtype") == "tombstone"

    @property
    def written(self) -> dict[str, Any]:
        """The message without previews of links, which speak of other things."""
        attachments = self.message.get("attachments")
        if not isinstance(attachments, list):
            return self.message
        own = [each for each in attachments if not isinstance(each, dict) or not any(map(each.get, _PREVIEWS))]
        return {**self.message, "attachments": own}

    @property
    def sender(self) -> Sender:
        """The app that posted it."""
        profile = self.message.get("bot_profile")
        name = (profile.get("name") if isinstance(profile, dict) else None) or self.message.get("username")
        bot = self.message.get("bot_id") or self.message.get("user")
        return Sender(str(bot), str(name) if name else None, content.headline(self.written))


@dataclass(frozen=True)
class Reading:
    """What a message says."""

    lead: Lead | None
    reason: str
    """Why there is no lead in it."""
    values: dict[str, str]
    set_aside: bool = False
    silent: bool = False
    """Whether a person has said so before."""

    @property
    def checksum(self) -> str:
        """What tells whether a later message says something else."""
        return hashlib.sha256(json.dumps(self.values, sort_keys=True).encode()).hexdigest()


def read(tx: sa.Connection, workspace_id: str, posted: Posted) -> Reading:
    """Read a message: by what was learnt of its sender first, then by the general rules."""
    sender, values = posted.sender, content.of_message(posted.written)
    if senders.rule_of(tx, workspace_id, sender.id, sender.headline):
        return Reading(None, RULE, values, set_aside=True, silent=True)
    general = notification.read(posted.written)
    fields = senders.taught(tx, workspace_id, sender.id)
    taught = content.lead(values, fields) if fields else None
    if taught is not None:
        return Reading(taught, "", values)
    if isinstance(general, Lead):
        return Reading(general, "", values)
    return Reading(None, general.reason, values)


def take_new(tx: sa.Connection, workspace_id: str, posted: Posted, now: datetime) -> None:
    """Turn a message that was not taken yet into an MQL, or into an entry of the queue."""
    reading = read(tx, workspace_id, posted)
    mql_id = None
    if reading.lead is not None:
        mql_id = _receive(tx, workspace_id, posted, reading.lead, now)
    else:
        came_at = timestamps.moment(posted.ts) or now
        told = {"reason": reading.reason, "values": reading.values, "came_at": came_at, "now": now}
        origin = {"channel": posted.channel, "ts": posted.ts, "sender": posted.sender}
        if reading.set_aside:
            queue.set_aside(tx, workspace_id, **told, **origin, silent=reading.silent)
        else:
            queue.keep(tx, workspace_id, **told, **origin)
    _remember(tx, workspace_id, posted, reading, mql_id)


def take_edited(tx: sa.Connection, workspace_id: str, posted: Posted, now: datetime) -> None:
    """Bring up to date what became of a message that its app has edited: a placeholder that has become a lead closes
    its entry; what was added to a lead is added to its MQL. A message that was never taken is left alone."""
    # Two edits at once take turns, as does the message itself.
    workspaces.locked(tx, workspace_id)
    try:
        known = receipts.get(tx, workspace_id, ReceiptKind.EVENT, posted.key).answer
    except LookupError:
        return
    reading = read(tx, workspace_id, posted)
    if known.get("checksum") == reading.checksum or posted.edited_ts < known.get("edited", ""):
        return
    entry = unreadables.of_message(tx, workspace_id, posted.channel, posted.ts)
    mql_id = known.get("mql") or (entry.mql_id if entry else None)
    if mql_id is not None:
        _add(tx, workspace_id, mql_id, posted, reading, now)
    elif entry is not None:
        mql_id = _become(tx, entry, posted, reading, now)
    _remember(tx, workspace_id, posted, reading, mql_id)


def take_deleted(tx: sa.Connection, workspace_id: str, channel: str, ts: str, now: datetime) -> None:
    """Close the open entry of a message that was deleted. What is an MQL already stays one."""
    entry = unreadables.of_message(tx, workspace_id, channel, ts)
    if entry is not None:
        queue.delete(tx, entry, now)


def _receive(tx: sa.Connection, workspace_id: str, posted: Posted, lead: Lead, now: datetime) -> int:
    lead = lead.model_copy(update={"sent_at": timestamps.moment(posted.ts)})
    return intake.receive(tx, workspace_id, lead, Source.NOTIFICATION, now).mql_id


def _add(tx: sa.Connection, workspace_id: str, mql_id: int, posted: Posted, reading: Reading, now: datetime) -> None:
    subject = mqls.get(tx, workspace_id, mql_id)
    if subject is None or subject.erased_at is not None or reading.lead is None:
        return
    lead = reading.lead.model_copy(update={"sent_at": timestamps.moment(posted.edited_ts)})
    intake.join(tx, subject, lead, Source.NOTIFICATION, now)


def _become(tx: sa.Connection, entry: Unreadable, posted: Posted, reading: Reading, now: datetime) -> int | None:
    """Make an MQL of what waits, or show what stands there now."""
    if reading.lead is None:
        if entry.state in (UnreadableState.OPEN, UnreadableState.SET_ASIDE):
            queue.reread(tx, entry, reading.reason, reading.values, now)
        return None
    mql_id = _receive(tx, entry.workspace_id, posted, reading.lead, now)
    queue.close(tx, entry.workspace_id, entry.id, None, now, mql_id)
    return mql_id


def _remember(tx: sa.Connection, workspace_id: str, posted: Posted, reading: Reading, mql_id: int | None) -> None:
    answer: dict[str, Any] = {"checksum": reading.checksum, "edited": posted.edited_ts}
    answer |= {"mql": mql_id} if mql_id is not None else {}
    receipts.note_answer(tx, workspace_id, ReceiptKind.EVENT, posted.key, answer)
