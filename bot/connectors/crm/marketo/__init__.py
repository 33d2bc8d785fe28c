"""Marketo Engage: people of its database, with the history of their score and what became of e-mails."""

from bot.connectors.crm.marketo.connector import Marketo

__all__ = ["Marketo"]
