"""Payloads of shapes that nobody had shown before: what is proposed for each name is the lead, or waits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.connectors.sources.contract import LeadRead
from tests.connectors.sources.deliveries import read

PAYLOADS: list[dict[str, Any]] = json.loads(Path(__file__).with_name("payloads.json").read_text(encoding="utf-8"))
FIELDS = ("company", "person", "title", "email", "phone", "channel", "score", "message")


@pytest.mark.parametrize("payload", PAYLOADS, ids=[each["id"] for each in PAYLOADS])
def test_what_is_proposed_for_an_unseen_payload_is_the_lead(payload: dict[str, Any]) -> None:
    (item,) = read("mapping", payload.get("body") or payload["form"].encode())
    assert isinstance(item.content, LeadRead)
    lead = item.content.lead
    assert lead is not None
    shown = lead.model_dump(include=set(FIELDS), exclude_none=True)
    assert shown == payload["expected"]
