"""What became of leads before the bot was there, written down with its true dates from somebody's table.

Nobody hears of it: it has no card, no owner's turn, no clock, and nobody can act on it. It counts in what became of
leads and in no figure of how fast they were answered (docs/metrics.md). A lead that comes in is never taken for the
same as an imported one: it is a new MQL.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from bot.core.mql import deals, identity
from bot.core.mql.deals import Deal
from bot.core.mql.lead import Lead
from storage import identifiers, imports, mqls, workspaces
from storage.imports import Known, Live
from storage.models import Feedback, Workspace
from storage.vocabulary import Disposition, Evidence, ImportKind, ImportState, Source, Status

BATCH = 500
"""Rows in one transaction."""
SAME = timedelta(days=1)
"""So near to each other two MQLs of one address came in that they are the same one."""
DEAL = ("deal_result", "deal_result_at", "amount")
BY = ""
"""Who gave the feedback of an imported MQL whose owner nobody here is."""


@dataclass(frozen=True)
class Past:
    """One MQL of the past."""

    lead: Lead
    received_at: datetime
    number: int | None = None
    """That of the bot whose export it is."""
    accepted_at: datetime | None = None
    contacted_at: datetime | None = None
    disposition: Disposition | None = None
    """None: no outcome is on record."""
    disposed_at: datetime | None = None
    lost_reason: str | None = None
    """Its key."""
    comment: str | None = None
    deal: Deal | None = None
    owner: str | None = None
    source: Source = Source.IMPORT
    tier: str | None = None

    @cached_property
    def key(self) -> str:
        """Return what tells this row from every other, as a hash: the number of the bot whose export it is, the id
        of the other system, or else who it is and when they came in."""
        lead = self.lead
        who = (lead.email, lead.phone, lead.company, lead.person, self.received_at.isoformat())
        named = ("number", self.number) if self.number is not None else ("id", lead.external_id)
        return hash_of(named if named[1] is not None else who)

    @cached_property
    def content(self) -> str:
        """Return a hash of all that the row says."""
        values = {name: getattr(self, name) for name in _SAID}
        return hash_of([values, self.lead.model_dump(), self.deal and self.deal.model_dump()])


_SAID = sorted(field.name for field in fields(Past) if field.name not in ("lead", "deal"))


@dataclass
class Stored:
    """What some rows came to."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    live: list[int] = field(default_factory=list)
    """Places of rows among those given whose lead is here already: the bot's own record stands."""
    touched: list[int] = field(default_factory=list)
    """Places of rows that say something else than before, of MQLs of which somebody has said more since."""
    others: list[int] = field(default_factory=list)
    """Places of rows whose id an earlier import has for somebody else: ids of two systems, or apps, that meet."""


def store(tx: sa.Connection, workspace: Workspace, import_id: int, rows: Sequence[Past], now: datetime) -> Stored:
    """Write rows down that no key names twice. A row that is known changes nothing; one that says more than before
    changes its MQL, unless somebody has said something of it since."""
    workspaces.locked(tx, workspace.id)
    stored = Stored()
    sorted_out = _sort_out(tx, workspace, rows, stored)
    _add(tx, workspace, import_id, sorted_out.new, now)
    for past, known in sorted_out.news:
        _change(tx, workspace, import_id, past, known, now)
    return stored


def rehearse(tx: sa.Connection, workspace: Workspace, rows: Sequence[Past]) -> Stored:
    """Return what `store` would do, and do nothing."""
    stored = Stored()
    _sort_out(tx, workspace, rows, stored)
    return stored


@dataclass
class _SortedOut:
    new: list[Past]
    news: list[tuple[Past, Known]]


def _sort_out(tx: sa.Connection, workspace: Workspace, rows: Sequence[Past], stored: Stored) -> _SortedOut:
    known = imports.known(tx, workspace.id, [past.key for past in rows])
    here = _Here.of(tx, workspace.id, rows)
    out = _SortedOut([], [])
    for place, past in enumerate(rows):
        before = known.get(past.key)
        if before is None and past in here:
            stored.live.append(place)
        elif before is None:
            stored.added += 1
            out.new.append(past)
        elif before.content == past.content:
            stored.unchanged += 1
        elif _is_another(past, before):
            stored.others.append(place)
        elif before.touched:
            stored.touched.append(place)
        else:
            stored.changed += 1
            out.news.append((past, before))
    return out


def _is_another(past: Past, known: Known) -> bool:
    """Return whether a row names another person of another company than the MQL that is known by its id. Either may
    change in a CRM; both at once are somebody else."""
    pairs = ((past.lead.email, known.email), (past.lead.company, known.company))
    return all(now and then and now.casefold() != then.casefold() for now, then in pairs)


@dataclass(frozen=True)
class _Here:
    """The MQLs that this bot has of its own time."""

    ids: frozenset[str]
    addresses: Mapping[str, list[datetime]]
    numbers: Mapping[int, datetime]

    @classmethod
    def of(cls, tx: sa.Connection, workspace_id: str, rows: Sequence[Past]) -> _Here:
        ids = [past.lead.external_id for past in rows if past.lead.external_id]
        live: list[Live] = imports.live_of(tx, workspace_id, ids, [p.lead.email for p in rows if p.lead.email])
        addresses: dict[str, list[datetime]] = {}
        for same in live:
            addresses.setdefault(same.email or "", []).append(same.received_at)
        numbers = imports.numbered(tx, workspace_id, [past.number for past in rows if past.number is not None])
        return cls(frozenset(same.external_id for same in live if same.external_id), addresses, numbers)

    def __contains__(self, past: Past) -> bool:
        """Whether a row tells of an MQL that is here: by the other system's id, by its number in this bot's own
        export, or by the address and the day on which it came in."""
        if past.number is not None and self.numbers.get(past.number) == past.received_at:
            return True
        times = self.addresses.get(past.lead.email or "-", [])
        return past.lead.external_id in self.ids or any(abs(at - past.received_at) < SAME for at in times)


def _add(tx: sa.Connection, workspace: Workspace, import_id: int, new: Sequence[Past], now: datetime) -> None:
    entries = [_lead(past) | _progress(workspace, past) | {"import_id": import_id, "read_at": now} for past in new]
    ids = imports.add_mqls(tx, workspace.id, entries)
    pairs = list(zip(ids, new, strict=True))
    keys = [(mql_id, dict.fromkeys(identity.keys_of(past.lead, past.source, workspace))) for mql_id, past in pairs]
    identifiers.add_all(tx, workspace.id, keys)
    imports.add_feedback(tx, workspace.id, [_feedback(mql_id, past) for mql_id, past in pairs if past.disposition])
    imports.add_rows(tx, workspace.id, import_id, [(past.key, past.content, mql_id) for mql_id, past in pairs])
    imports.log(tx, workspace.id, [(mql_id, {"import": import_id}) for mql_id in ids], now)


def _change(tx: sa.Connection, workspace: Workspace, import_id: int, past: Past, known: Known, now: datetime) -> None:
    """Write down what a later file says of an MQL: how far it has come. What the lead came with stays."""
    subject = mqls.locked(tx, workspace.id, known.mql_id)
    if subject is None:
        raise LookupError(known.mql_id)
    values = _progress(workspace, past)
    was: dict[str, Any] = {"content": known.content, **{name: _plain(getattr(subject, name)) for name in values}}
    mqls.update(tx, workspace.id, subject.id, **values)
    newest = mqls.last_feedback(tx, workspace.id, [subject.id])
    answer = _feedback(subject.id, past) if past.disposition else None
    if answer and not any(_same(before, answer) for before in newest):
        was["feedback"] = imports.add_feedback(tx, workspace.id, [answer])[0]
    imports.say_again(tx, workspace.id, past.key, past.content)
    imports.log(tx, workspace.id, [(subject.id, {"import": import_id, "key": past.key, "was": was})], now)


def _same(before: Feedback, answer: Mapping[str, Any]) -> bool:
    return all(getattr(before, name) == answer[name] for name in ("disposition", "lost_reason"))


def _lead(past: Past) -> dict[str, Any]:
    columns = past.lead.model_dump(mode="json")
    return columns | {
        "source": past.source,
        "received_at": past.received_at,
        "received_tier": past.tier,
    }


def _progress(workspace: Workspace, past: Past) -> dict[str, Any]:
    """Return the columns that say how far an MQL has come."""
    status = Status(past.disposition) if past.disposition else Status.UNKNOWN
    known = [at for at in (past.accepted_at, past.contacted_at) if at is not None]
    disposed_at = past.disposed_at if past.disposition else max([past.received_at, *known])
    return {
        "status": status,
        "disposed_at": disposed_at or past.received_at,
        "accepted_at": min(known, default=None),
        "contacted_at": past.contacted_at,
        "contact_evidence": Evidence.CRM if past.contacted_at else None,
        "owner": past.owner,
        **deals.columns(workspace, past.deal),
    }


def _feedback(mql_id: int, past: Past) -> dict[str, Any]:
    return {
        "mql_id": mql_id,
        "disposition": past.disposition,
        "lost_reason": past.lost_reason,
        "comment": past.comment,
        "by": past.owner or BY,
        "at": past.disposed_at or past.received_at,
    }


@dataclass(frozen=True)
class Undone:
    """What an import that was taken back comes to."""

    dropped: int
    put_back: int
    """MQLs of other imports that are as they were before."""


class StillUsed(ValueError):
    """Something hangs on MQLs of the import that was said or imported later. `numbers`: the first of them."""

    def __init__(self, numbers: Sequence[int]) -> None:
        super().__init__(numbers)
        self.numbers = tuple(numbers)


class NotUndoable(LookupError):
    """There is no such import of history, or it was taken back before."""


LISTED = 10


def undo(tx: sa.Connection, workspace: Workspace, import_id: int, now: datetime) -> Undone:
    """Take an import of history back: its MQLs go, and those that it changed are as before. Raises NotUndoable and
    StillUsed; then nothing is changed."""
    workspaces.locked(tx, workspace.id)
    run = imports.get(tx, workspace.id, import_id)
    if run is None or run.kind != ImportKind.HISTORY or run.state == ImportState.UNDONE:
        raise NotUndoable(import_id)
    if numbers := imports.touched(tx, workspace.id, import_id, LISTED):
        raise StillUsed(numbers)
    changed = imports.changed_by(tx, workspace.id, import_id)
    for mql_id, data in changed:
        _put_back(tx, workspace.id, import_id, mql_id, data)
    dropped = 0
    while several := imports.drop(tx, workspace.id, import_id, BATCH):
        dropped += several
    imports.close(tx, workspace.id, import_id, ImportState.UNDONE, now)
    return Undone(dropped, len(changed))


def _put_back(tx: sa.Connection, workspace_id: str, import_id: int, mql_id: int, data: Mapping[str, Any]) -> None:
    was = dict(data["was"])
    imports.say_again(tx, workspace_id, data["key"], was.pop("content"))
    imports.forget_change(tx, workspace_id, import_id, mql_id, was.pop("feedback", None))
    moments = {name: datetime.fromisoformat(value) for name, value in was.items() if value and name.endswith("_at")}
    mqls.update(tx, workspace_id, mql_id, **was | moments)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def hash_of(value: Any) -> str:
    """Return a hash of a plain value, the same each time."""
    text = json.dumps(value, default=str, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
