"""Every CRM that the bot can be connected to, by its kind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

from bot.connectors.crm.account_engagement import AccountEngagement
from bot.connectors.crm.contract import Question, Recipe
from bot.connectors.crm.hubspot import HubSpot
from bot.connectors.crm.kintone import Kintone
from bot.connectors.crm.marketo import Marketo
from bot.connectors.crm.salesforce import Salesforce
from storage.vocabulary import CrmKind

RECIPES: Mapping[CrmKind, Recipe] = MappingProxyType(
    {
        CrmKind.HUBSPOT: Recipe(
            HubSpot, (Question("key"),), "https://api.hubapi.com", poll_every=timedelta(minutes=5), calls_a_day=250_000
        ),
        CrmKind.SALESFORCE: Recipe(
            Salesforce,
            (
                Question("address", is_secret=False),
                Question("client_id"),
                Question("client_secret", is_optional=True),
                Question("username", is_secret=False, is_optional=True),
                Question("private_key", is_optional=True, is_file=True),
            ),
            "",
            poll_every=timedelta(minutes=2),
            calls_a_day=15_000,
            writes_at_once=20,
        ),
        CrmKind.KINTONE: Recipe(
            Kintone,
            (
                Question("address", is_secret=False),
                Question("app", is_secret=False),
                Question("token"),
                Question("email_field", is_secret=False, is_optional=True),
                Question("guest_space", is_secret=False, is_optional=True),
                Question("key_field", is_secret=False, is_optional=True),
                Question("login", is_secret=False, is_optional=True),
                Question("password", is_optional=True),
            ),
            "",
            poll_every=timedelta(minutes=5),
            calls_a_day=10_000,
            writes_at_once=20,
        ),
        CrmKind.MARKETO: Recipe(
            Marketo,
            (
                Question("address", is_secret=False),
                Question("client_id"),
                Question("client_secret"),
                Question("score_field", is_secret=False, is_optional=True),
            ),
            "",
            poll_every=timedelta(minutes=5),
            calls_a_day=50_000,
        ),
        CrmKind.ACCOUNT_ENGAGEMENT: Recipe(
            AccountEngagement,
            (
                Question("address", is_secret=False),
                Question("business_unit", is_secret=False),
                Question("client_id"),
                Question("client_secret", is_optional=True),
                Question("username", is_secret=False, is_optional=True),
                Question("private_key", is_optional=True, is_file=True),
                Question("api_address", is_secret=False, is_optional=True),
            ),
            "",
            poll_every=timedelta(minutes=5),
            calls_a_day=25_000,
            writes_at_once=20,
            gathers=timedelta(seconds=30),
            notifies=False,
        ),
    }
)
