"""kintone: one app whose records are leads."""

from bot.connectors.crm.kintone.connector import Kintone

__all__ = ["Kintone"]
