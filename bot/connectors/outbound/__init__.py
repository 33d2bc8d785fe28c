"""Tells a tool outside, by signed webhook, what becomes of each MQL."""

from bot.connectors.outbound.address import trouble
from bot.connectors.outbound.sender import Sender

__all__ = ["Sender", "trouble"]
