"""One message of the intake channel, from when it is posted to its last edit.

Its receipt keeps what became of it: which MQLs, and a checksum of what was read last, by which an edit that changes no
word (a preview of a link, a retry) is known.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.connectors import content, notification
from bot.connectors.parser.ours import Ours
from bot.connectors.sources.contract import NotALead
from bot.core.mql import intake, queue, senders
from bot.core.mql.lead import Lead
from bot.core.mql.queue import Sender
from bot.slack import timestamps
from storage import members, mqls, receipts, unreadables, workspaces
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

    leads: tuple[Lead, ...]
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
        return Reading((), RULE, values, set_aside=True, silent=True)
    general = notification.read(posted.written, _ours(tx, workspace_id))
    fields = senders.taught(tx, workspace_id, sender.id)
    taught = content.lead(values, fields) if fields else None
    if isinstance(general, NotALead):
        # Whoever taught the reader meant this sender's leads, not all that it posts.
        return Reading((), "perhaps_no_lead" if taught else general.reason, values, set_aside=taught is None)
    if isinstance(general, list) and (taught is None or len(general) > 1):
        return Reading(tuple(general), "", values)
    if taught is not None:
        return Reading((taught,), "", values)
    return Reading((), general.reason, values)


def _ours(tx: sa.Connection, workspace_id: str) -> Ours:
    return Ours.of([member.name for member in members.roster(tx, workspace_id)], [])


def take_new(tx: sa.Connection, workspace_id: str, posted: Posted, now: datetime) -> None:
    """Turn a message that was not taken yet into MQLs, or into an entry of the queue."""
    reading = read(tx, workspace_id, posted)
    if not reading.leads:
        came_at = timestamps.moment(posted.ts) or now
        told = {"reason": reading.reason, "values": reading.values, "came_at": came_at, "now": now}
        origin = {"channel": posted.channel, "ts": posted.ts, "sender": posted.sender}
        if reading.set_aside:
            queue.set_aside(tx, workspace_id, **told, **origin, silent=reading.silent)
        else:
            queue.keep(tx, workspace_id, **told, **origin)
    _remember(tx, workspace_id, posted, reading, _receive(tx, workspace_id, posted, reading, now))


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
    mql_ids = known.get("mqls") or ([entry.mql_id] if entry and entry.mql_id is not None else [])
    if mql_ids:
        _add(tx, workspace_id, mql_ids, posted, reading, now)
    elif entry is not None:
        mql_ids = _become(tx, entry, posted, reading, now)
    _remember(tx, workspace_id, posted, reading, mql_ids)


def take_deleted(tx: sa.Connection, workspace_id: str, channel: str, ts: str, now: datetime) -> None:
    """Close the open entry of a message that was deleted. What is an MQL already stays one."""
    entry = unreadables.of_message(tx, workspace_id, channel, ts)
    if entry is not None:
        queue.delete(tx, entry, now)


def _receive(tx: sa.Connection, workspace_id: str, posted: Posted, reading: Reading, now: datetime) -> list[int]:
    sent_at = timestamps.moment(posted.ts)
    leads = [lead.model_copy(update={"sent_at": sent_at}) for lead in reading.leads]
    return [intake.receive(tx, workspace_id, lead, Source.NOTIFICATION, now).mql_id for lead in leads]


def _add(
    tx: sa.Connection, workspace_id: str, mql_ids: Sequence[int], posted: Posted, reading: Reading, now: datetime
) -> None:
    if len(mql_ids) != len(reading.leads):
        return  # Which of the leads is which nobody can tell.
    for mql_id, lead in zip(mql_ids, reading.leads, strict=True):
        subject = mqls.get(tx, workspace_id, mql_id)
        if subject is not None and subject.erased_at is None:
            said = lead.model_copy(update={"sent_at": timestamps.moment(posted.edited_ts)})
            intake.join(tx, subject, said, Source.NOTIFICATION, now)


def _become(tx: sa.Connection, entry: Unreadable, posted: Posted, reading: Reading, now: datetime) -> list[int]:
    """Make MQLs of what waits, or show what stands there now."""
    if not reading.leads:
        if entry.state in (UnreadableState.OPEN, UnreadableState.SET_ASIDE):
            queue.reread(tx, entry, reading.reason, reading.values, now)
        return []
    mql_ids = _receive(tx, entry.workspace_id, posted, reading, now)
    queue.close(tx, entry.workspace_id, entry.id, None, now, mql_ids[0])
    return mql_ids


def _remember(tx: sa.Connection, workspace_id: str, posted: Posted, reading: Reading, mql_ids: Sequence[int]) -> None:
    answer: dict[str, Any] = {"checksum": reading.checksum, "edited": posted.edited_ts}
    answer |= {"mqls": list(mql_ids)} if mql_ids else {}
    receipts.note_answer(tx, workspace_id, ReceiptKind.EVENT, posted.key, answer)
