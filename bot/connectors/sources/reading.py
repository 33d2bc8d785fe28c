"""One record of a delivery as a lead. Nothing is refused for its content: what fits no field is kept beside them."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo

from bot.connectors import names
from bot.connectors.parser import labels, mrkdwn, text
from bot.connectors.parser.draft import NAMING, Draft
from bot.connectors.parser.lines import Pair
from bot.connectors.sources import records
from bot.connectors.sources.contract import LeadRead
from bot.connectors.sources.dummies import is_dummy
from bot.connectors.sources.proposal import CERTAIN, SURE, Field, Proposal, propose

OLDEST = timedelta(days=30)
NEWEST = timedelta(minutes=5)
"""How far before and after a delivery its own moment may lie; any other is kept as an attribute."""

_IN_MILLISECONDS = 100_000_000_000
_JAPANESE = re.compile(r"^(\d{4})年(\d{1,2})月(\d{1,2})日(?:\([日月火水木金土]\))?")
_SINGLE = re.compile(r"(?P<sign>-)(?P<digit>\d)(?=-|[ T]|$)")  # 2026-9-1
_ESCAPED = re.compile(r'\\u[0-9a-fA-F]{4}|\\"')
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,6}|#x[0-9a-fA-F]{1,6});")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


@dataclass(frozen=True)
class Record:
    """One record: its values by path, and what its kind knows of them."""

    values: Mapping[str, str]
    presets: Mapping[str, Field] = field(default_factory=dict)
    external_id: str = ""
    """The id of the person's record, as `records.external_id` writes it."""
    crm_url: str = ""
    sent_at: str = ""
    zone: tzinfo | None = None
    """Of moments without an offset; None: such a moment is kept as an attribute."""
    tool: str = ""
    """Whose number an id is that stands among the values."""


def lead(record: Record, mapping: Mapping[str, str], at: datetime) -> LeadRead:
    """Return the lead in a record that came at `at`. A mapping wins over what the kind knows, and that over names.
    Never raises."""
    proposals = [each for each in propose(record.values, mapping, record.presets) if each.field != "drop"]
    values = {each.path: each.value for each in proposals}
    draft = Draft()
    sent_at = _sent_at(record, proposals, at)
    for each in sorted(proposals, key=lambda proposal: proposal.confidence < CERTAIN):
        draft.take_as(_lead_field(each), Pair(names.shown(each.path), mrkdwn.literal(cleaned(each.value))))
    draft.join_names()
    draft.settle_email([])
    _identify(draft, record)
    if record.sent_at and sent_at is None:
        draft.others.append(
            ("sent_at", record.sent_at)
        )  # 30 February: it counts from when it came, and the card says so
    read = draft.lead()
    if read is not None and is_dummy(read):
        return LeadRead(None, values, "dummy", record.presets)
    if read is not None:
        return LeadRead(read.model_copy(update={"sent_at": sent_at}), values, presets=record.presets)
    return LeadRead(None, values, _reason(draft, proposals), record.presets)


def cleaned(value: str) -> str:
    """Return a value without the quotes and escapes that a template put round it a second time, as
    `"A &amp;amp; B"` or `\\u682a`, and with line breaks for those of HTML."""
    bare = value.strip()
    if len(bare) > 1 and bare[0] == bare[-1] == '"':
        bare = bare[1:-1]
    if _ESCAPED.search(bare):
        bare = _unescaped(bare)
    for _ in range(2):
        bare = html.unescape(bare) if _ENTITY.search(bare) else bare
    return _BREAK.sub("\n", bare)


def _unescaped(value: str) -> str:
    try:
        return text.mended(str(json.loads(f'"{value}"', strict=False)))
    except json.JSONDecodeError:
        return value


def _lead_field(proposal: Proposal) -> labels.Field | None:
    if proposal.confidence < SURE or proposal.field in {"sent_at", "drop"}:
        return "attribute"
    return proposal.field  # type: ignore[return-value]


def _identify(draft: Draft, record: Record) -> None:
    """Give the lead the id and the link that its record has, in the one form by which every door knows them."""
    if record.crm_url:
        draft.fields.setdefault("crm_url", record.crm_url)
    if record.external_id:
        draft.fields.setdefault("external_id", record.external_id)
    known = records.record_id(str(draft.fields.get("external_id") or draft.fields.get("crm_url") or ""))
    if known:
        draft.fields |= {"external_id": records.external_id(*known), "record_ids": dict([known])}
    elif record.tool and (number := str(draft.fields.get("external_id", ""))).isdecimal():
        known = (record.tool, number)
        draft.fields |= {"external_id": records.external_id(*known), "record_ids": dict([known])}


def _sent_at(record: Record, proposals: list[Proposal], at: datetime) -> datetime | None:
    texts = [record.sent_at, *(each.value for each in proposals if each.field == "sent_at")]
    moments = (_moment(each, record.zone, at) for each in texts)
    return next((moment for moment in moments if moment), None)


def _moment(given: str, zone: tzinfo | None, at: datetime) -> datetime | None:
    """Return a moment in UTC: ISO 8601, as Japanese tools write it (2026/11/29 10:05, 2026年11月29日 10:05), or Unix
    seconds or milliseconds. None where it is none, or not close enough to `at`."""
    bare = text.compatible(given)
    try:
        if bare.isdecimal() and 9 <= len(bare) <= 14:
            moment = datetime.fromtimestamp(int(bare) / (1000 if int(bare) >= _IN_MILLISECONDS else 1), UTC)
        else:
            plain = _JAPANESE.sub(r"\1-\2-\3", bare)
            moment = datetime.fromisoformat(_SINGLE.sub(r"\g<sign>0\g<digit>", plain.replace("/", "-")))
            moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        if moment.tzinfo is None or not at - OLDEST <= moment <= at + NEWEST:
            return None
        return moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _reason(draft: Draft, proposals: list[Proposal]) -> str:
    if draft.spoilt & set(NAMING):
        return "bad_value"
    known = any(each.confidence >= SURE and labels.lead_field(_lead_field(each)) for each in proposals)
    return "nobody" if known else "not_mapped"
