"""kintone: the five events of an app. It signs nothing and repeats nothing."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from bot.connectors.sources import payload, records
from bot.connectors.sources.base import Base, Entry
from bot.connectors.sources.contract import Delivery, NotALead
from bot.connectors.sources.paths import flat, joined
from bot.connectors.sources.payload import Tree, items, members, word
from bot.connectors.sources.proposal import Field
from bot.connectors.sources.reading import Record

_OURS = {"CREATOR", "MODIFIER", "USER_SELECT", "STATUS_ASSIGNEE", "ORGANIZATION_SELECT", "GROUP_SELECT"}
_BOOKKEEPING = {"__ID__", "__REVISION__", "RECORD_NUMBER", "STATUS", "CATEGORY", "CREATED_TIME", "UPDATED_TIME"}
_TAG = re.compile(r"<[^<>]{0,1000}>")
_BLOCK_END = re.compile(r"</(?:p|div|li)>|<br\s*/?>", re.IGNORECASE)


class Kintone(Base):
    """A record that was added or changed is told whole; a deletion or a comment names it."""

    def entries(self, delivery: Delivery) -> Iterator[Entry]:
        """Yield the one record of a delivery; `id` is the same should it come again."""
        node = payload.tree(delivery)
        key = word(node, "id") or None
        app = word(node, "app", "id")
        kind = word(node, "type")
        if kind == "DELETE_RECORD":
            yield key, NotALead("deleted", _id(app, word(node, "recordId")))
        elif kind == "ADD_RECORD_COMMENT":
            yield key, NotALead("comment", _id(app, word(node, "recordId")))
        else:
            yield key, _record(node, app, added=kind == "ADD_RECORD")


def _id(app: str, number: str) -> str:
    return records.external_id("kintone", f"{app}/{number}") if app and number else ""


def _record(node: Tree, app: str, *, added: bool) -> Record:
    """Return the record of an event: each value under `record.<field code>.value`."""
    fields = members(node, "record")
    values = flat({**members(node), "record": {code: {"value": _value(each)} for code, each in fields.items()}})
    presets: dict[str, Field] = dict.fromkeys(("id", "type", "app.id"), "drop")
    presets |= {"app.name": "attribute", "recordTitle": "attribute", "url": "crm_url"}
    for code, each in fields.items():
        kind = word(each, "type")
        if kind in _OURS:
            presets[f"record.{code}.value"] = "owner"
        elif kind in _BOOKKEEPING or code in {"$id", "$revision"}:
            presets[f"record.{code}.value"] = "attribute" if kind in {"STATUS", "CATEGORY"} else "drop"
    moment = "CREATED_TIME" if added else "UPDATED_TIME"
    sent_at = next((word(each, "value") for each in fields.values() if word(each, "type") == moment), "")
    return Record(values, presets, _id(app, word(fields, "$id", "value")), "", sent_at)


def _value(field: Tree) -> Tree:
    """Return the value of a field as text or a list of texts; a table as the values of its rows."""
    kind, value = word(field, "type"), payload.inside(field, "value")
    if kind == "RICH_TEXT" and isinstance(value, str):
        return html.unescape(_TAG.sub("", _BLOCK_END.sub("\n", value))).strip()
    if kind == "SUBTABLE":
        return [
            {code: {"value": _value(each)} for code, each in members(row, "value").items()}
            for row in items(field, "value")
        ]
    if isinstance(value, list):
        return joined([each if isinstance(each, str) else word(each, "name") for each in value])
    return word(value, "name") or word(value, "code") if isinstance(value, dict) else value
