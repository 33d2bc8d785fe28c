"""A strict local Marketo: people, their activities behind paging tokens, tokens that end, codes in answers of 200."""

from playground.crm.marketo.marketo import Marketo
from playground.crm.marketo.pane import MarketoPane

__all__ = ["Marketo", "MarketoPane"]
