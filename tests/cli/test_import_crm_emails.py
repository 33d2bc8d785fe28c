"""`import crm-emails`: the weeks of a connected tool of marketing, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.core.base import wall_clock
from playground.crm.account_engagement import AccountEngagement, AccountEngagementPane
from playground.crm.account_engagement.records import CLICK, OPEN
from playground.crm.faults import CrmFault
from playground.crm.marketo import Marketo, MarketoPane
from playground.crm.marketo.records import CLICKED, DELIVERED, OPENED
from storage import nurturing
from storage.database import Database
from tests.cli.kit import cli
from tests.cli.test_crm_others import answers
from tests.connectors.crm.office import Moment
from tests.installation import ENCRYPTION_KEY
from tests.workspace import WORKSPACE, configure

Tool = MarketoPane | AccountEngagementPane
EVENTS = {"marketo": (DELIVERED, OPENED, OPENED, CLICKED), "account-engagement": (OPEN, OPEN, CLICK)}
"""Of somebody who opens an e-mail twice and clicks."""


@pytest.fixture(params=list(EVENTS))
def tool(request: pytest.FixtureRequest, database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tool]:
    clock = Moment()
    given = {"DATABASE_URL": database.url.render_as_string(), "ENCRYPTION_KEYS": ENCRYPTION_KEY}
    for name, value in (given | {"OUTBOUND_ALLOWED_HOSTS": "127.0.0.1"}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(wall_clock, "utcnow", clock.now)
    configure(database, WORKSPACE)
    clocks = (clock.now, clock.monotonic)
    pane: Tool
    if request.param == "marketo":
        pane = MarketoPane.filled(Marketo(*clocks), [])
    else:
        pane = AccountEngagementPane.filled(AccountEngagement(*clocks), [])
    with pane.service:
        assert cli("crm", "connect", pane.kind, "--yes", answer=answers(pane)).exit_code == 0
        every = EVENTS[pane.kind]
        for lead, events in zip(pane.leads(), (every, every[:1], every), strict=True):
            pane.crm.email(int(lead.id), "News", *events)
        clock.advance(days=7)
        pane.crm.email(int(pane.leads()[0].id), "Next", *every)
        yield pane


def test_each_e_mail_to_a_person_counts_once_in_its_week(tool: Tool, database: Database) -> None:
    shown = cli("import", "crm-emails", tool.kind, "--weeks", "2", "--dry-run")
    assert shown.exit_code == 0, shown.output
    assert len(shown.stdout.splitlines()) == 3
    assert cli("import", "crm-emails", tool.kind, "--weeks", "2").exit_code == 0
    with database.snapshot() as tx:
        weeks = [(each.sent, each.opened, each.clicked) for each in nurturing.between(tx, WORKSPACE, "2000", "3000")]
    opened = 3 if tool.kind == "account-engagement" else 2
    assert sorted(weeks) == [(0, 0, 0), (3, opened, 2)]


def test_a_tool_that_refuses_changes_nothing(tool: Tool) -> None:
    tool.service.faults.add("*", CrmFault.MISSING_SCOPES, times=1)
    assert cli("import", "crm-emails", tool.kind).exit_code == 1
