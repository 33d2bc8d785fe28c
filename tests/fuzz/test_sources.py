"""Any body by whoever can prove to be a source: it is taken, or it cannot be read at all; nothing is lost or a 500."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.connectors.sources.setup import SETUPS
from storage import deliveries, sources
from storage.vocabulary import DeliveryState, SourceKind
from tests.connectors.sources.deliveries import SAMPLES
from tests.fuzz.stage import Target, as_json, fewer, many
from tests.fuzz.test_requests import BODIES, VALUES
from tests.installation import PUBLIC_URL
from tests.tools import Tool, signature

pytestmark = pytest.mark.timeout(3600)

CONTENT_TYPES = ("application/json", "application/x-www-form-urlencoded", "text/xml", "multipart/form-data", "", "\xff")


@pytest.fixture
def tools(target: Target) -> dict[SourceKind, Tool]:
    return target.tools


def sends(target: Target, tool: Tool, body: bytes, content_type: str, **headers: str) -> int:
    """Send a body with its proof; what is answered 2xx was taken, item by item."""
    given = {"content-type": content_type, **tool.proves(body), **headers}
    before = newest(target, tool)
    status = target.refuses_or_stores(tool.path, given, body)
    assert status in (200, 400, 401, 429)
    if status == 401:  # the key of this one stands in its body
        assert tool.kind == SourceKind.GOOGLE_ADS
    after = newest(target, tool)
    if status == 200 and after != before:
        assert after[1] != DeliveryState.UNREADABLE
        with target.database.snapshot() as tx:
            assert deliveries.items(tx, tool.workspace_id, after[0])
    return status


def newest(target: Target, tool: Tool) -> tuple[int, DeliveryState]:
    with target.database.snapshot() as tx:
        source = sources.named(tx, tool.workspace_id, tool.name)
        assert source is not None
        kept = deliveries.newest(tx, tool.workspace_id, source.id)
    return (kept[0].id, kept[0].state) if kept else (0, DeliveryState.TAKEN)


@many
@given(kind=st.sampled_from(SourceKind), body=BODIES, content_type=st.sampled_from(CONTENT_TYPES))
def test_any_body_of_any_tool(
    target: Target, tools: dict[SourceKind, Tool], kind: SourceKind, body: bytes, content_type: str
) -> None:
    sends(target, tools[kind], body, content_type)


@many
@given(sample=st.sampled_from(SAMPLES), at=st.integers(0, 40), value=VALUES)
def test_a_real_delivery_with_one_part_changed(
    target: Target, tools: dict[SourceKind, Tool], sample: Any, at: int, value: Any
) -> None:
    body = sample.body if isinstance(sample.body, bytes) else as_json(changed(sample.body, [at], value))
    sends(target, tools[SourceKind(sample.kind)], body, sample.content_type)


def changed(body: Any, left: list[int], value: Any) -> Any:
    """Return a body with the part at a place, counted from above, replaced."""
    left[0] -= 1
    if left[0] == 0:
        return value
    if isinstance(body, dict):
        return {key: changed(inner, left, value) for key, inner in body.items()}
    return [changed(inner, left, value) for inner in body] if isinstance(body, list) else body


@fewer
@given(
    kind=st.sampled_from([kind for kind, setup in SETUPS.items() if kind != SourceKind.GOOGLE_ADS]),
    path=st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="?#%"), max_size=60),
    body=BODIES,
    late=st.sampled_from([-(10**9), -301, 301, 10**9]),
)
def test_who_proves_nothing_is_told_nothing(
    target: Target, tools: dict[SourceKind, Tool], kind: SourceKind, path: str, body: bytes, late: int
) -> None:
    tool = tools[kind]
    stale = signature(kind, "whsec_YW5vdGhlciBrZXkh", body, PUBLIC_URL + tool.path, time.time() + late)
    before = target.stored()
    for address in (f"/hooks/{tool.name}/{path}", f"/hooks/{tool.name}", f"/hooks/x{path}"):
        status, text = target.exchange("POST", address.replace("//", "/"), stale, body)
        assert status in (400, 401, 404, 413)
        assert b"signature" not in text
    assert target.stored() == before
