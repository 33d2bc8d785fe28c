"""A strict local HubSpot: paths of version 2026-09, a service key with scopes, limits, a search that lags, webhooks."""

from playground.crm.hubspot.hubspot import HubSpot
from playground.crm.hubspot.pane import HubSpotPane
from playground.crm.hubspot.schema import Option, Property
from playground.crm.hubspot.webhooks import EVERYTHING, Subscription

__all__ = ["EVERYTHING", "HubSpot", "HubSpotPane", "Option", "Property", "Subscription"]
