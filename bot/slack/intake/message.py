"""One message of the intake channel, from when it is posted to its last edit.

Its receipt keeps what became of it: which MQLs, and a checksum of what was read last, by which an edit that changes no
word (a preview of a link, a retry) is known.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.connectors import content, notification
from bot.connectors.notification import Confirmed
from bot.connectors.parser.ours import Ours
from bot.connectors.sources.contract import NotALead
from bot.core.mql import gate, intake, layouts, queue, senders
from bot.core.mql.intake import Received
from bot.core.mql.lead import Lead
from bot.core.mql.queue import Origin, Sender
from bot.slack.web_api import timestamps
from storage import members, mqls, receipts, unreadables, workspaces
from storage import senders as sender_rows
from storage.models import Unreadable
from storage.vocabulary import ReceiptKind, Source, UnreadableState

A_RETRY = timedelta(minutes=10)
"""So much later the same words of the same app are another attempt of its tool."""
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
        bot = self.message.get("bot_id") or self.message.get("user") or self.channel
        return Sender(str(bot), str(name) if name else None, content.headline(self.written))


@dataclass(frozen=True)
class Reading:
    """What a message says."""

    values: dict[str, str]
    leads: tuple[Lead, ...] = ()
    reason: str = ""
    """Why there is no lead in it."""
    set_aside: bool = False
    """Whether it is no lead, rather than one that could not be read."""
    guess: Mapping[str, Any] = field(default_factory=dict)
    """What was guessed or doubted, and the layout that a person may confirm."""
    lead: Mapping[str, Any] = field(default_factory=dict)
    """What was read all the same where there is such a layout."""
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
        return Reading(values, reason=RULE, set_aside=True, silent=True)
    ours = of_roster(tx, workspace_id)
    general = notification.read(posted.written, ours, _confirmed(tx, workspace_id, sender))
    if isinstance(general, NotALead):
        return Reading(values, reason=general.reason, set_aside=True)
    fields = senders.taught(tx, workspace_id, sender.id)
    several = isinstance(general, list) and len(general) > 1
    taught = content.lead(values, fields, ours) if fields and not several else None
    if taught is not None:
        return Reading(values, (taught,))
    if isinstance(general, list):
        return Reading(values, tuple(general))
    shown = values if general.lead is None else content.with_lead(values, general.lead, ours)
    if general.lead is None or general.layout is None:
        return Reading(shown, reason=general.reason)
    guess: dict[str, Any] = {"parts": list(general.layout.parts), "unsure": list(general.layout.unsure)}
    if general.guess is not None:
        guess |= {"field": general.guess.field, "about": general.guess.about}
    read_anyway = general.lead.model_dump(mode="json", exclude_none=True)
    return Reading(shown, reason=general.reason, guess=guess, lead=read_anyway)


def _confirmed(tx: sa.Connection, workspace_id: str, sender: Sender) -> list[Confirmed]:
    """Return the layouts of a sender that a person has confirmed, the newest first."""
    known = sender_rows.layouts(tx, workspace_id, sender.id)
    return [Confirmed(layouts.of_row(row), content.known_fields(row.fields)) for row in known]


def of_roster(tx: sa.Connection, workspace_id: str) -> Ours:
    """Return our own people, who are never the lead."""
    roster = members.roster(tx, workspace_id)
    return Ours.of([member.name for member in roster], [member.email for member in roster if member.email])


def take_new(tx: sa.Connection, workspace_id: str, posted: Posted, now: datetime) -> None:
    """Turn a message that was not taken yet into MQLs, or into an entry of the queue."""
    reading = read(tx, workspace_id, posted)
    if not reading.leads:
        _keep(tx, workspace_id, posted, reading, now)
    spoken = f"said:{posted.sender.id}:{reading.checksum}"
    twin = _said_lately(tx, workspace_id, spoken, now) if reading.leads else []
    taken = _bring_up_to_date(tx, workspace_id, posted, reading.leads, twin, now)
    if reading.leads:
        receipts.note_answer(tx, workspace_id, ReceiptKind.EVENT, spoken, {"mqls": taken})
    _remember(tx, workspace_id, posted, reading, taken)


def _said_lately(tx: sa.Connection, workspace_id: str, spoken: str, now: datetime) -> list[int]:
    """Return the MQLs of a message of the same app in the same words a moment ago: a retry of its tool, by which a lead
    without an address would be known only here."""
    mine = (workspace_id, ReceiptKind.EVENT, spoken)
    if receipts.first_lately(tx, *mine, now, A_RETRY):
        return []
    taken: list[int] = receipts.get(tx, *mine).answer.get("mqls", [])
    return taken


def _keep(tx: sa.Connection, workspace_id: str, posted: Posted, reading: Reading, now: datetime) -> None:
    origin: Origin = {"channel": posted.channel, "ts": posted.ts, "sender": posted.sender}
    came_at, reason, values = timestamps.moment(posted.ts) or now, reading.reason, reading.values
    if not reading.set_aside:
        read = {"lead": dict(reading.lead), "guess": dict(reading.guess)}
        queue.keep(tx, workspace_id, reason=reason, values=values, came_at=came_at, now=now, held=read, **origin)
        return
    silent = reading.silent
    queue.set_aside(tx, workspace_id, reason=reason, values=values, came_at=came_at, now=now, silent=silent, **origin)


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
    taken: list[int] = known.get("mqls", [])
    if entry is not None and entry.state == UnreadableState.ENTERED and entry.mql_id is not None:
        taken = taken or [entry.mql_id]
    if reading.leads:
        taken = _bring_up_to_date(tx, workspace_id, posted, reading.leads, taken, now)
    if entry is not None and not taken:
        _show_anew(tx, entry, reading, now)
    elif entry is not None:
        queue.close(tx, workspace_id, entry.id, None, now, taken[0])
    _remember(tx, workspace_id, posted, reading, taken)


def take_deleted(tx: sa.Connection, workspace_id: str, channel: str, ts: str, now: datetime) -> None:
    """Close the open entry of a message that was deleted. What is an MQL already stays one."""
    entry = unreadables.of_message(tx, workspace_id, channel, ts)
    if entry is not None:
        queue.delete(tx, entry, now)


def _receive(tx: sa.Connection, workspace_id: str, posted: Posted, leads: Sequence[Lead], now: datetime) -> list[int]:
    """Take the leads of a message in; returns the MQLs of those that are not held."""
    sent = {"sent_at": timestamps.moment(posted.ts)}
    taken = [gate.take(tx, workspace_id, lead.model_copy(update=sent), Source.NOTIFICATION, now) for lead in leads]
    return [received.mql_id for received in taken if isinstance(received, Received)]


def _bring_up_to_date(
    tx: sa.Connection, workspace_id: str, posted: Posted, leads: Sequence[Lead], taken: Sequence[int], now: datetime
) -> list[int]:
    """Add what the leads of an edited message say now to the MQLs that they are, in their order; what is new becomes an
    MQL. Returns the MQLs."""
    edited_at = timestamps.moment(posted.edited_ts)
    for mql_id, lead in zip(taken, leads, strict=False):
        subject = mqls.get(tx, workspace_id, mql_id)
        if subject is not None and subject.erased_at is None:
            again = lead.model_copy(update={"sent_at": edited_at})
            intake.join(tx, subject, again, Source.NOTIFICATION, now)
    return [*taken, *_receive(tx, workspace_id, posted, leads[len(taken) :], now)]


def _show_anew(tx: sa.Connection, entry: Unreadable, reading: Reading, now: datetime) -> None:
    if entry.state in (UnreadableState.OPEN, UnreadableState.SET_ASIDE):
        read = {"lead": dict(reading.lead), "guess": dict(reading.guess)}
        queue.reread(tx, entry, reading.reason, reading.values, now, **(read if entry.definition_id is None else {}))


def _remember(tx: sa.Connection, workspace_id: str, posted: Posted, reading: Reading, taken: Sequence[int]) -> None:
    answer: dict[str, Any] = {"checksum": reading.checksum, "edited": posted.edited_ts, "mqls": list(taken)}
    receipts.note_answer(tx, workspace_id, ReceiptKind.EVENT, posted.key, answer)
