"""Leads of a file that are handed to sales now, each as if a tool had sent it: with its owner, its clock, its card."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bot.core.mql import history, intake
from bot.core.mql.intake import Received
from bot.core.mql.lead import Lead
from storage import imports, mqls, workspaces
from storage.vocabulary import Source


def key_of(lead: Lead) -> str:
    """Return what tells a lead of a file from every other, as a hash: its id, or else who it is."""
    who = (lead.email, lead.phone, lead.company, lead.person)
    return history.hash_of(["lead", lead.external_id or who])


def is_known(tx: sa.Connection, workspace_id: str, lead: Lead) -> bool:
    """Return whether a file has brought this lead before."""
    key = key_of(lead)
    return key in imports.known(tx, workspace_id, [key])


def is_with_sales(tx: sa.Connection, workspace_id: str, lead: Lead) -> bool:
    """Return whether sales has this lead already: it would join its MQL."""
    return mqls.same_lead(tx, workspace_id, Source.IMPORT, lead.external_id, lead.email) is not None


def hand_over(tx: sa.Connection, workspace_id: str, import_id: int, lead: Lead, now: datetime) -> Received | None:
    """Hand one lead to sales; None where a file has brought it before. Raises NotConfigured."""
    workspaces.locked(tx, workspace_id)
    if is_known(tx, workspace_id, lead):
        return None
    received = intake.receive(tx, workspace_id, lead, Source.IMPORT, now)
    content = history.hash_of(lead.model_dump())
    imports.add_rows(tx, workspace_id, import_id, [(key_of(lead), content, received.mql_id)])
    return received
