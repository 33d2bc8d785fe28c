"""The CRMs on the page: what a person does there, and what the bot has written."""

import json
import time
import urllib.error
import urllib.request
from typing import Any

import pytest

from playground import Playground
from playground.crm.account_engagement import AccountEngagement, AccountEngagementPane
from playground.crm.hubspot import HubSpot, HubSpotPane
from playground.crm.kintone import Kintone, KintonePane
from playground.crm.marketo import Marketo, MarketoPane
from playground.crm.pane import Pane
from playground.crm.salesforce import Salesforce, SalesforcePane
from tests.playground.crm.kit import call

PEOPLE = [("佐藤 葵", "sato@sample.example"), ("鈴木 蓮", "suzuki@sample.example")]
KINDS = ("hubspot", "salesforce", "kintone")


def filled(slack: Playground, kind: str) -> Pane:
    clocks = (slack.now, time.monotonic, slack.changes)
    panes: dict[str, Pane] = {
        "hubspot": HubSpotPane.filled(HubSpot(*clocks), PEOPLE),
        "salesforce": SalesforcePane.filled(Salesforce(*clocks), PEOPLE),
        "kintone": KintonePane.filled(Kintone(*clocks), PEOPLE),
        "marketo": MarketoPane.filled(Marketo(*clocks), PEOPLE),
        "account-engagement": AccountEngagementPane.filled(AccountEngagement(*clocks), PEOPLE),
    }
    slack.add_crm(panes[kind])
    return panes[kind]


def shown(slack: Playground) -> Any:
    with urllib.request.urlopen(f"{slack.base_url}/playground/crm") as answer:
        (crm,) = json.load(answer)["crms"]
    return crm


def press(slack: Playground, kind: str, act: str, lead: str, value: str = "") -> int:
    body = json.dumps({"lead": lead, "value": value}).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{slack.base_url}/playground/crm/{kind}/{act}", body, headers)
    try:
        with urllib.request.urlopen(request) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as problem:
        with problem:
            return problem.code


@pytest.mark.parametrize("kind", KINDS)
def test_a_person_changes_a_lead_calls_and_wins(slack: Playground, kind: str) -> None:
    filled(slack, kind)
    crm = shown(slack)
    lead, status, owner = crm["leads"][0]["id"], crm["statuses"][1]["value"], crm["owners"][1]["value"]
    before = slack.revision
    assert press(slack, kind, "status", lead, status) == 200
    assert press(slack, kind, "owner", lead, owner) == 200
    assert press(slack, kind, "call", lead) == 200
    assert slack.revision > before
    changed = shown(slack)["leads"][0]
    assert (changed["status"], changed["owner"], changed["calls"], changed["deal"]) == (status, owner, 1, "")
    if crm["wins"]:
        assert press(slack, kind, "win", lead) == 200
        assert shown(slack)["leads"][0]["deal"] == "won"
    else:
        assert press(slack, kind, "win", lead) == 409
    assert press(slack, kind, "status", lead, "nothing") == 409
    assert press(slack, kind, "call", "999") == 409
    assert press(slack, "other", "call", lead) == 404


@pytest.mark.parametrize("kind", ["marketo", "account-engagement"])
def test_in_a_tool_of_marketing_a_score_rises_and_an_e_mail_is_opened(slack: Playground, kind: str) -> None:
    filled(slack, kind)
    crm = shown(slack)
    lead = crm["leads"][0]["id"]
    assert press(slack, kind, "status", lead, crm["statuses"][1]["value"]) == 200
    assert press(slack, kind, "score", lead) == press(slack, kind, "email", lead) == 200
    assert [(each["score"], each["status"]) for each in shown(slack)["leads"][:1]] == [(50, "Working")]
    assert [press(slack, kind, act, lead) for act in ("call", "win", "owner")] == [409, 409, 409]


def test_the_page_lets_calls_fail_and_ends_it(slack: Playground) -> None:
    pane = filled(slack, "salesforce")
    assert press(slack, "salesforce", "trouble", "", "rate_limit") == 200
    assert shown(slack)["faults"] == ["rate_limit"]
    assert call(pane.service, "GET", "/services/data/v63.0/limits").status == 403
    assert press(slack, "salesforce", "trouble", "", "rate_limit") == 200
    assert shown(slack)["faults"] == []
    assert press(slack, "salesforce", "trouble", "", "earthquake") == 409


def test_what_the_bot_has_written_stands_below_its_lead(slack: Playground) -> None:
    pane = filled(slack, "hubspot")
    assert isinstance(pane.service, HubSpot)
    crm = shown(slack)
    lead, owner = crm["leads"][0]["id"], crm["owners"][0]
    headers = {"Authorization": f"Bearer {pane.service.key}"}
    given = {"properties": {"hubspot_owner_id": owner["value"], "hs_lead_status": "IN_PROGRESS"}}
    call(pane.service, "PATCH", f"/crm/objects/2026-09/contacts/{lead}", given, headers)
    call(pane.service, "PATCH", f"/crm/objects/2026-09/contacts/{lead}", {"properties": {"x": "refused"}}, headers)
    rows = [(each["what"], each["text"]) for each in shown(slack)["leads"][0]["written"]]
    assert sorted(rows) == [("field", f"Contact owner: {owner['label']}"), ("field", "Lead Status: In Progress")]
    assert shown(slack)["leads"][1]["written"] == []


def test_a_crm_closes_with_the_playground_and_a_workspace_without_one_shows_none(slack: Playground) -> None:
    with urllib.request.urlopen(f"{slack.base_url}/playground/crm") as answer:
        assert json.load(answer) == {"crms": []}
    pane = filled(slack, "kintone")
    slack.stop()
    assert not pane.service.address.is_known
