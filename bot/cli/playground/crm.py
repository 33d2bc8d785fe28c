"""The CRMs of the playground: the strict local ones, the first of them connected from the start."""

from __future__ import annotations

import time
from datetime import datetime

from bot.connectors.crm import setup
from bot.connectors.crm.contract import Interest
from bot.connectors.crm.door import Door
from bot.connectors.crm.registry import RECIPES
from bot.connectors.crm.setup import Wanted
from bot.connectors.sources import setup as source_setup
from bot.connectors.sources.vault import Vault
from bot.settings import Settings
from playground import Playground
from playground.crm.account_engagement import AccountEngagement, AccountEngagementPane
from playground.crm.hubspot import HubSpot, HubSpotPane
from playground.crm.kintone import Kintone, KintonePane
from playground.crm.marketo import Marketo, MarketoPane
from playground.crm.pane import ENGLISH, JAPANESE
from playground.crm.salesforce import Salesforce, SalesforcePane
from storage import members, mqls, workspaces
from storage.database import Database
from storage.vocabulary import CrmKind, Locale, Proof, SourceKind

SAMPLES = {Locale.JA: JAPANESE, Locale.EN: ENGLISH}


def add(slack: Playground, host: str, locale: Locale) -> HubSpot:
    """Open all of them beside Slack, with the workspace's people and the leads of one language. Returns the one that
    is to be connected."""
    people = [(each.real_name, each.email) for each in slack.workspace.users.values() if not each.is_bot]
    clocks, sample = (slack.now, time.monotonic), SAMPLES[locale]
    hubspot = HubSpot(*clocks, slack.changes, host)
    salesforce, kintone = Salesforce(*clocks, slack.changes, host), Kintone(*clocks, slack.changes, host)
    marketo, unit = Marketo(*clocks, slack.changes, host), AccountEngagement(*clocks, slack.changes, host)
    slack.add_crm(HubSpotPane.filled(hubspot, people, sample))
    slack.add_crm(SalesforcePane.filled(salesforce, people, sample))
    slack.add_crm(KintonePane.filled(kintone, people, sample))
    slack.add_crm(MarketoPane.filled(marketo, people, sample))
    slack.add_crm(AccountEngagementPane.filled(unit, people, sample))
    return hubspot


NOTICES = "local-hubspot"
"""Name of the source by which the local HubSpot tells of changes: not one that the documents have a newcomer choose."""
MOST = 1_000
"""MQLs that are open in twelve weeks of work, and more."""


def hold_open_leads(database: Database, hubspot: HubSpot) -> None:
    """Let HubSpot hold the person of each open MQL, as if marketing had handed them over from there: one contact for
    each e-mail address, as HubSpot has it."""
    with database.snapshot() as tx:
        (workspace,) = workspaces.every(tx)
        leads = [mql for mql in mqls.newest_open(tx, workspace.id, MOST) if mql.email]
    known = {each.properties.get("email") for each in hubspot.records.records["contacts"].values()}
    for email, mql in {str(mql.email).lower(): mql for mql in leads}.items():
        if email not in known:
            hubspot.add("contacts", lastname=mql.person or "", company=mql.company or "", email=email)


def connect(settings: Settings, database: Database, slack: Playground, hubspot: HubSpot, now: datetime) -> None:
    """Connect HubSpot as `mql-bot crm connect hubspot` does, and let its webhooks come in."""
    hold_open_leads(database, hubspot)
    credentials = {"key": hubspot.key}
    door = Door(hubspot.base_url, settings.outbound_allowed_hosts)
    connector = RECIPES[CrmKind.HUBSPOT].make(door, [credentials], Interest())
    about = connector.describe()
    with database.transaction() as tx:
        (workspace,) = workspaces.every(tx)
        for each in slack.workspace.users.values():
            if members.get(tx, workspace.id, each.id) is not None:
                members.update(tx, workspace.id, each.id, email=each.email)
        wanted = Wanted(CrmKind.HUBSPOT, hubspot.base_url, credentials, {})
        mapping = setup.propose(tx, workspace, about, {})
        vault, cursor = Vault(settings.encryption_keys), connector.begin(now)
        setup.connect(tx, vault, workspace.id, wanted, about, mapping, cursor, now)
        notices = source_setup.Wanted(NOTICES, SourceKind.HUBSPOT, Proof.SIGNED)
        key = source_setup.new_signing_key(SourceKind.HUBSPOT)
        issued = source_setup.add(tx, vault, workspace.id, notices, now, key)
    hubspot.webhooks.subscribe(f"{settings.public_url}{notices.path(issued)}", key)
    hubspot.webhooks.automatic()
