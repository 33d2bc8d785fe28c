"""Salesforce: leads, until sales converts them."""

from bot.connectors.crm.salesforce.connector import Salesforce

__all__ = ["Salesforce"]
