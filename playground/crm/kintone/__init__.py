"""A strict local kintone: one app with its form, records by minutes and revisions, API tokens, cursors, a webhook."""

from playground.crm.kintone.form import Field
from playground.crm.kintone.kintone import Kintone
from playground.crm.kintone.pane import KintonePane

__all__ = ["Field", "Kintone", "KintonePane"]
