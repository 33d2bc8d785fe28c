"""Layouts of notices whose reading a person has confirmed: what is only guessed in them waits no more (ADR 62)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.core.base import audit
from bot.core.base.audit import Author
from bot.core.mql import intake, queue
from bot.core.mql.intake import Received
from bot.core.mql.lead import Lead
from bot.core.mql.notice_layout import Layout
from storage import senders, unreadables, workspaces
from storage.models import SenderLayout, Unreadable
from storage.vocabulary import AuditKind, Source, UnreadableState

KEPT_ASIDE = "attribute"
"""Of a label whose value is no field of the lead."""
CORRECTABLE = ("company", "person", "title", "email", "phone", "channel", "score", "message")
_NUMBERED = re.compile(r" \(\d+\)$")
"""The second of two like labels is told so, which stands in no message."""


def of_entry(entry: Unreadable) -> Layout | None:
    """Return the layout of what waits; None where nothing can be confirmed of it."""
    if not entry.guess or not entry.lead or entry.sender is None:
        return None
    return Layout(tuple(entry.guess["parts"]), tuple(entry.guess["unsure"]))


def of_row(row: SenderLayout) -> Layout:
    """Return the layout that was confirmed."""
    return Layout(tuple(row.parts), tuple(row.unsure))


def _is_known(tx: sa.Connection, entry: Unreadable) -> bool:
    """Return whether the next notice of an entry's layout passes by itself."""
    layout = of_entry(entry)
    known = senders.layouts(tx, entry.workspace_id, entry.sender) if layout else []
    return layout is not None and any(layout.is_like(of_row(row)) for row in known)


def confirm(tx: sa.Connection, workspace_id: str, entry_id: int, by: str, now: datetime) -> Received | None:
    """Take in what waits as it was read, remember its layout, and take in whatever else of it waits. None: somebody
    else has dealt with it, or there is nothing to confirm."""
    workspaces.locked(tx, workspace_id)
    entry = unreadables.locked(tx, workspace_id, entry_id)
    if entry is None or entry.state != UnreadableState.OPEN or of_entry(entry) is None:
        return None
    received = _take_in(tx, entry, {}, by, now)
    _remember(tx, entry, {}, by, now)
    return received


def learn(tx: sa.Connection, entry: Unreadable, entered: Lead, by: str, now: datetime) -> bool:
    """Remember the layout of what was entered by hand, with what was corrected. False: a correction stands at no label
    of the message, so the next one would be read as wrongly as this one was. The caller holds the workspace."""
    fields = _corrections(entry, entered) if of_entry(entry) else None
    if fields is None:
        return False
    _remember(tx, entry, fields, by, now)
    return True


def forget(tx: sa.Connection, workspace_id: str, layout_id: int, by: str, now: datetime) -> bool:
    """Let notices of a layout wait again. False: it is not there."""
    row = next((each for each in senders.layouts(tx, workspace_id) if each.id == layout_id), None)
    if row is None or not senders.remove_layout(tx, workspace_id, layout_id, by, now):
        return False
    _record(tx, workspace_id, row.sender, row.fields, by, now, added=False)
    return True


def _corrections(entry: Unreadable, entered: Lead) -> dict[str, str] | None:
    """Return the field of each label at which a corrected value stands; None where one stands at none."""
    read, fields = Lead.model_validate(entry.lead), dict[str, str]()
    for name in CORRECTABLE:
        was, is_now = getattr(read, name), getattr(entered, name)
        if is_now == was:
            continue
        value = was if is_now is None else is_now
        at = [label for label, shown in entry.content.items() if shown == str(value)]
        if not at or _NUMBERED.search(at[-1]):
            return None
        fields[at[-1]] = name if is_now is not None else KEPT_ASIDE
    return fields


def _remember(tx: sa.Connection, entry: Unreadable, fields: Mapping[str, str], by: str, now: datetime) -> None:
    """Store the layout unless it is known, and take in whatever waits that is like it."""
    layout = of_entry(entry)
    if layout is None or entry.sender is None:
        return
    workspace_id, sender = entry.workspace_id, entry.sender
    if fields or not _is_known(tx, entry):
        reads = [name for name in CORRECTABLE if name in {**entry.lead, **dict.fromkeys(fields.values())}]
        values = {"parts": list(layout.parts), "unsure": list(layout.unsure), "fields": dict(fields), "reads": reads}
        senders.add_layout(tx, workspace_id, sender, by, now, **values)
        _record(tx, workspace_id, sender, fields, by, now, added=True)
    unreadables.change(tx, entry, guess=_remembered(entry))
    for waiting in unreadables.waiting_of(tx, workspace_id, sender):
        own = of_entry(waiting)
        if waiting.id != entry.id and own is not None and own.is_like(layout):
            unreadables.change(tx, waiting, guess=_remembered(waiting))
            _take_in(tx, waiting, fields, by, now)


def _remembered(entry: Unreadable) -> dict[str, Any]:
    """Return what was guessed of an entry, whose note then says that the next one passes by itself."""
    return {**entry.guess, "remembered": True}


def _take_in(tx: sa.Connection, entry: Unreadable, fields: Mapping[str, str], by: str, now: datetime) -> Received:
    corrected: dict[str, Any] = {name: entry.content[label] for label, name in fields.items() if label in entry.content}
    lead = Lead.model_validate({**entry.lead, **corrected, "sent_at": entry.came_at})
    received = intake.receive(tx, entry.workspace_id, lead, Source.NOTIFICATION, now, by=by)
    queue.close(tx, entry.workspace_id, entry.id, by, now, received.mql_id)
    return received


def _record(
    tx: sa.Connection, workspace_id: str, sender: str, fields: Mapping[str, str], by: str, now: datetime, *, added: bool
) -> None:
    layout: dict[str, Any] = {"layout": True, **fields}
    before, after = (None, layout) if added else (layout, None)
    author = Author.in_slack(by)
    audit.record(tx, workspace_id, AuditKind.SENDER_RULE, author, now, sender, before=before, after=after)
