"""What a task and a note say, in the language of the workspace: read when they are sent."""

from __future__ import annotations

from datetime import timedelta
from html import escape

import sqlalchemy as sa

from bot.connectors.crm.contract import AddNote, AddTask
from bot.core.base import team
from bot.core.crm.facts import is_told
from bot.core.crm.mapping import Mapping
from bot.core.crm.records import MARK
from bot.i18n import Translator
from storage import crm_links, mqls, workspaces
from storage.models import CrmConnection, CrmWrite, Event, Mql, Workspace
from storage.vocabulary import ClockKind, CrmWriteKind, EventType

NOT_FOUND_YET = timedelta(minutes=1)
"""So long a task waits for the record of its MQL to be found."""


def change_of(tx: sa.Connection, connection: CrmConnection, write: CrmWrite) -> AddTask | AddNote | timedelta | None:
    """Return the task or the note of a write; None where it is not true any more; how long to wait where the record is
    still looked for."""
    subject, workspace = mqls.get(tx, write.workspace_id, write.mql_id), workspaces.get(tx, write.workspace_id)
    link = crm_links.get(tx, write.workspace_id, write.link_id)
    event = mqls.get_event(tx, write.workspace_id, write.event_id or 0)
    if subject is None or workspace is None or link is None or event is None or not is_told(subject):
        return None
    if link.gone_at is not None or (link.record_id is None and link.look_up_at is None):
        return None
    if link.record_id is None:
        return NOT_FOUND_YET
    reference = f"{MARK}{subject.number}/{event.id}]"
    t = Translator(workspace.locale, workspace.timezone)
    if write.kind == CrmWriteKind.TASK:
        return _task(tx, connection, subject, event, link.record_id, reference, t)
    body = _outcome(tx, workspace, subject, event, t)
    return AddNote(link.record_id, reference, body, event.at) if body is not None else None


def _task(
    tx: sa.Connection,
    connection: CrmConnection,
    subject: Mql,
    event: Event,
    record_id: str,
    reference: str,
    t: Translator,
) -> AddTask | None:
    """Return the task of an owner who has not answered yet, due when the response is."""
    clock = mqls.open_clock(tx, subject.workspace_id, subject.id, ClockKind.RESPONSE)
    if clock is None or event.after is None or event.after != subject.owner:
        return None
    user = Mapping.of(connection.mapping).owners.get(event.after)
    owner = team.name_of(tx, subject.workspace_id, event.after)
    heading = t("crm.task.subject", number=subject.number, owner=owner)
    return AddTask(record_id, reference, heading, escape(t("crm.task.body")), clock.due_at, user)


def _outcome(tx: sa.Connection, workspace: Workspace, subject: Mql, event: Event, t: Translator) -> str | None:
    """Return what became of an MQL, as text without marks; None where the event says nothing of that any more."""
    actor = team.name_of(tx, subject.workspace_id, event.actor) if event.actor else ""
    heading = t("crm.note.heading", number=subject.number, actor=actor)
    if event.type == EventType.DEAL:
        result = t(f"crm.note.deal.{event.after}") if event.after else t("crm.note.deal.open")
        return escape(f"{heading} {result}")
    if event.type == EventType.REOPENED:
        return escape(f"{heading} {t('crm.note.reopened')}")
    given = mqls.get_feedback(tx, subject.workspace_id, event.data.get("feedback") or 0)
    if given is None or event.type == EventType.UNDONE:
        return None
    lines = [f"{heading} {t(f'crm.note.{given.disposition}')}"]
    if given.lost_reason is not None:
        reasons = {each.key: each for each in workspaces.reasons(tx, workspace.id, only_active=False)}
        known = reasons.get(given.lost_reason)
        label = known.label(workspace.locale) if known else given.lost_reason
        lines.append(t("crm.note.reason", reason=label))
    if given.recycle_on is not None:
        lines.append(t("crm.note.recycle_on", day=given.recycle_on))
    lines += [text for text in (given.next_step, given.comment) if text]
    return "<br>".join(escape(line) for line in lines)
