"""The CRMs besides HubSpot are connected at the command line: what they ask, and what is said of a wrong answer."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from bot.connectors.crm.registry import RECIPES
from bot.core.base import wall_clock
from bot.i18n import Translator
from bot.machine_language import machine_locale
from playground.crm.account_engagement import AccountEngagement, AccountEngagementPane
from playground.crm.kintone import Kintone, KintonePane
from playground.crm.marketo import Marketo, MarketoPane
from playground.crm.pane import Pane
from playground.crm.salesforce import Salesforce, SalesforcePane
from storage import members
from storage.database import Database
from storage.vocabulary import CrmKind
from tests.cli.kit import ROOT, cli
from tests.connectors.crm.office import Moment
from tests.installation import ENCRYPTION_KEY
from tests.workspace import WORKSPACE, configure

NAMES = {
    "salesforce": ("Sample Inc.", "OwnerId", "MQL_SLA_Due__c"),
    "kintone": ("(app 12)", "担当者", "初回対応期限"),
    "marketo": ("127", "leadStatus", "mql_sla_due"),
    "account-engagement": ("0Uv", "MQL_Status__c", "MQL_SLA_Due__c"),
}


@pytest.fixture(params=list(NAMES))
def pane(request: pytest.FixtureRequest, database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pane]:
    clock = Moment()
    for name, value in (
        ("DATABASE_URL", database.url.render_as_string()),
        ("ENCRYPTION_KEYS", ENCRYPTION_KEY),
        ("OUTBOUND_ALLOWED_HOSTS", "127.0.0.1"),
    ):
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(wall_clock, "utcnow", clock.now)
    configure(database, WORKSPACE)
    with database.transaction() as tx:
        members.save(tx, WORKSPACE, "U1", name="佐藤 葵", roles=["rep"], email="sato@example.co.jp")
    clocks, people = (clock.now, clock.monotonic), [("佐藤 葵", "sato@example.co.jp")]
    made: Pane
    if request.param == "salesforce":
        made = SalesforcePane.filled(Salesforce(*clocks), people)
    elif request.param == "marketo":
        made = MarketoPane.filled(Marketo(*clocks), people)
    elif request.param == "account-engagement":
        made = AccountEngagementPane.filled(AccountEngagement(*clocks), people)
    else:
        made = KintonePane.filled(Kintone(*clocks), people)
    with made.service:
        yield made


def answers(pane: Pane, **other: str) -> str:
    """What is typed, question after question; what is left out is left empty."""
    known = {str(each["name"]): str(each["value"]) for each in pane.credentials()} | other
    return "\n".join(known.get(each.name, "") for each in RECIPES[CrmKind(pane.kind)].questions) + "\n"


def test_the_page_has_a_word_for_each_answer(pane: Pane) -> None:
    words = json.loads((ROOT / "playground" / "page" / "words.json").read_text(encoding="utf-8"))
    asked = {f"crm.ask.{each['word']}" for each in pane.state()["credentials"]}
    assert asked - set(words) == set()


def test_a_crm_is_connected_by_answers_and_taken_away(pane: Pane, language: str) -> None:
    done = cli("crm", "connect", pane.kind, "--yes", answer=answers(pane))
    assert done.exit_code == 0, done.output
    assert [name for name in NAMES[pane.kind] if name not in done.stdout] == []
    assert len(done.stdout.splitlines()) < 30
    given = {each["name"]: each["value"] for each in pane.credentials()}
    secret = given.get("client_secret") or given["token"]
    assert secret not in done.output + cli("crm", "status", "--format", "json").stdout
    assert cli("crm", "dry-run", pane.kind).exit_code == 0
    never = Translator(machine_locale(), "UTC")("crm.cli.never")
    has_said_so = never in cli("crm", "status").stdout  # no webhook has come, where there can be one
    assert has_said_so == RECIPES[CrmKind(pane.kind)].notifies
    secrets = [given[name] for name in ("client_id", "client_secret", "token", "password") if name in given]
    done = cli("crm", "rotate", pane.kind, answer="\n".join(secrets) + "\n\n")
    assert done.exit_code == 0, done.output
    assert cli("crm", "disconnect", pane.kind, "--yes").exit_code == 0


def test_a_wrong_secret_stores_nothing(pane: Pane) -> None:
    wrong = answers(pane, token="wrong", client_secret="wrong")
    assert cli("crm", "connect", pane.kind, "--yes", answer=wrong).exit_code == 1
    assert cli("crm", "dry-run", pane.kind).exit_code == 1
    assert cli("crm", "connect", pane.kind, "--yes", answer=answers(pane)).exit_code == 0
