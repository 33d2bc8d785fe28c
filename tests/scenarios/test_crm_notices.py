"""What kintone and Salesforce tell by themselves comes in by the doors of sources, and has the record read."""

from __future__ import annotations

import time

import pytest

from playground.crm.kintone import Kintone, KintonePane
from playground.crm.notices import Notices
from playground.crm.pane import Pane
from playground.crm.salesforce import Salesforce, SalesforcePane
from storage import crm_connections
from storage.vocabulary import CrmKind, Proof, SourceKind
from tests.scenarios.stage import Team
from tests.tools import Tool

PEOPLE = [("佐藤 葵", "sato@sample.example")]


def opened(team: Team, kind: CrmKind) -> tuple[Pane, Notices]:
    if kind == CrmKind.KINTONE:
        kintone = Kintone(team.time.now, time.monotonic)
        return KintonePane.filled(kintone, PEOPLE), kintone.webhook
    salesforce = Salesforce(team.time.now, time.monotonic)
    salesforce.outbound.fields += ("Company", "LastName", "Email")
    return SalesforcePane.filled(salesforce, PEOPLE), salesforce.outbound


@pytest.mark.parametrize("kind", [CrmKind.KINTONE, CrmKind.SALESFORCE])
def test_a_notice_of_a_change_is_acknowledged_and_names_the_record_to_read(team: Team, kind: CrmKind) -> None:
    assert team.bot is not None
    tool = Tool(team.database, team.id, team.bot.address, SourceKind(kind), Proof.ADDRESS, name=kind)
    pane, notices = opened(team, kind)
    with team.database.transaction() as tx:
        values = {"address": "https://crm.example.com", "account": "x", "record_url": "", "options": {}, "mapping": {}}
        crm_connections.add(tx, team.id, kind, team.time.now(), **values, cursor="", lacks=[], event_mark=0)
        connection = crm_connections.of_kind(tx, team.id, kind)
    assert connection is not None
    lead = pane.leads()[0].id
    notices.url = team.bot.address + tool.path
    pane.act("status", lead, pane.statuses()[1].value)
    assert notices.deliver_due() == 1
    assert (notices.waiting, notices.lost) == ([], 0)
    with team.database.snapshot() as tx:
        named = [each.record for each in crm_connections.notices(tx, connection, team.time.now(), 10)]
    assert named == [pane.record_id(lead).removeprefix(f"{kind}:")]
