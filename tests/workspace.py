"""A configured workspace without Slack: what tests of the core and benches begin with."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.core.mql import intake
from bot.core.mql.lead import Lead
from bot.core.sla.policy import Policy
from storage import members, policies, workspaces
from storage.database import Database
from storage.vocabulary import Locale, Source

NOW = datetime(2026, 11, 17, 1, 0, tzinfo=UTC)
WORKSPACE = "T1"


def configure(database: Database, workspace_id: str = WORKSPACE) -> None:
    """Set up a workspace with two reps and a manager."""
    with database.transaction() as tx:
        where = {"mql_channel": "C1", "digest_weekday": 0, "digest_time": "09:00"}
        words = {"name": "Sample Inc.", "locale": Locale.JA, "timezone": "Asia/Tokyo"}
        workspaces.save(tx, workspace_id, NOW, **where, **words)
        policies.add(tx, workspace_id, Policy().model_dump(mode="json"), "Asia/Tokyo", {}, NOW)
        for user, role in (("U1", "rep"), ("U2", "rep"), ("U3", "manager")):
            members.save(tx, workspace_id, user, name=user, roles=[role])


def receive(database: Database, company: str = "Acme", workspace_id: str = WORKSPACE, **fields: object) -> int:
    """Take a lead in and return the MQL's id."""
    with database.transaction() as tx:
        lead = Lead.model_validate({"company": company, **fields})
        return intake.receive(tx, workspace_id, lead, Source.GENERIC, NOW).mql_id
