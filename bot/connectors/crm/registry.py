"""Every CRM that the bot can be connected to, by its kind."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bot.connectors.crm.contract import Recipe
from storage.vocabulary import CrmKind

RECIPES: Mapping[CrmKind, Recipe] = MappingProxyType({})
