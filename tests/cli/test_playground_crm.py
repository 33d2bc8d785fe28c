"""The playground's HubSpot knows whom the weeks before have left open."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from pathlib import Path
from urllib.request import urlopen

import pytest

from bot.cli.base import startup
from bot.cli.playground import crm as playground_crm
from bot.cli.sample import stored
from bot.cli.sample.team import BEGINS, PEOPLE
from bot.cli.sample_manifest import MANIFEST
from bot.connectors.crm.contract import Interest
from bot.connectors.crm.door import Door
from bot.connectors.crm.registry import RECIPES
from playground import Playground
from playground.crm.hubspot import HubSpot, HubSpotPane
from playground.log import Changes
from storage import mqls, workspaces
from storage.database import Database
from storage.vocabulary import CrmKind, Locale


def test_each_open_mql_of_the_past_is_found_by_its_address_and_only_once(tmp_path: Path) -> None:
    stored.unpack(Locale.JA, tmp_path / "mql.db")
    database = Database(f"sqlite:///{tmp_path / 'mql.db'}")
    startup.bring_up_to_date(database)
    with HubSpot(lambda: BEGINS, time.monotonic, Changes()) as crm:
        holds_each(crm, database)
    database.close()


def holds_each(crm: HubSpot, database: Database) -> None:
    HubSpotPane.filled(crm, [])
    playground_crm.hold_open_leads(database, crm)
    with database.snapshot() as tx:
        (workspace,) = workspaces.every(tx)
        emails = {mql.email.lower() for mql in mqls.newest_open(tx, workspace.id, 999) if mql.email}
    connector = RECIPES[CrmKind.HUBSPOT].make(Door(crm.base_url, ("127.0.0.1",)), [{"key": crm.key}], Interest())
    found_by = Counter(record.email for record in connector.by_email(sorted(emails)))
    assert emails
    assert found_by == dict.fromkeys(emails, 1)


@pytest.mark.parametrize(("locale", "japanese"), [(Locale.JA, True), (Locale.EN, False)])
def test_the_leads_of_every_crm_are_of_the_readers_language(locale: Locale, japanese: bool) -> None:
    with Playground(MANIFEST, PEOPLE[locale]) as slack:
        playground_crm.add(slack, "127.0.0.1", locale)
        with urlopen(f"{slack.base_url}/playground/crm") as answer:
            crms = json.load(answer)["crms"]
    assert len(crms) == 5
    for crm in crms:
        leads = "".join(lead["name"] + lead["company"] for lead in crm["leads"])
        assert bool(re.search(r"[\u3040-\u30ff\u4e00-\u9fff]", leads)) == japanese, crm["title"]
