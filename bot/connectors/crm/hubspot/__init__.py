"""HubSpot, on the dated paths of its API."""

from bot.connectors.crm.hubspot.connector import HubSpot

__all__ = ["HubSpot"]
