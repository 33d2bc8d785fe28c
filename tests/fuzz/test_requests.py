"""Requests as no honest sender would write them: no 500, no hang, nothing stored that was refused.

FUZZ_REQUESTS says how many of each kind; `make fuzz` sends over 30,000 in all.
"""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.monitoring import FORWARDED
from tests.fuzz.stage import Target, as_json, many
from tests.patience import LONGEST

HOOKS = ("/webhooks/generic", "/webhooks/activity", "/webhooks/deal")
PATHS = ("/slack/events", *HOOKS, "/healthz", "/readyz", "/metrics")

pytestmark = pytest.mark.timeout(3600)


_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=60),
    st.sampled_from(
        ["", "\0", "\u202e", "\ud800", "'; --", "<!channel>", "x" * 10_000, "1e999", "-0", "٣", "U0SATO0001"]
    ),
)
VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=12), inner, max_size=4)),
    max_leaves=12,
)
_DEEP = st.integers(50, 20_000).map(lambda depth: b"[" * depth + b"]" * depth)
_BROKEN = st.sampled_from(
    [b"", b"{", b'{"company": ', b"\xff\xfe{}", b"\xef\xbb\xbf{}", b'{"a":1}{"b":2}', b"NaN", b"\0"]
)
_ENCODED = st.sampled_from(["utf-16", "shift_jis", "utf-8-sig", "iso2022_jp"]).flatmap(
    lambda name: st.just('{"company": "株式会社青葉", "email": "a@b.example"}'.encode(name))
)
_HUGE = st.sampled_from([200_000, 262_144, 262_145, 400_000]).map(lambda size: b'{"message": "' + b"a" * size + b'"}')
BODIES = st.one_of(VALUES.map(as_json), st.binary(max_size=300), _DEEP, _BROKEN, _ENCODED, _HUGE)
_NAMES = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=":"), min_size=1, max_size=20)
_TEXTS = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=80)
_FOR_MONITORS = ["Accept", "Accept-Encoding", "Authorization", "Cookie", "If-None-Match", "Range", *FORWARDED]
_LEAD_FIELDS = st.sampled_from(
    ["company", "person", "email", "score", "attributes", "message", "crm_url", "external_id", "number", "kind", "at"]
)


@many
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "BREW"]),
    path=st.one_of(st.sampled_from(PATHS), st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40)),
    headers=st.dictionaries(_NAMES, _TEXTS, max_size=4),
    body=BODIES,
)
def test_anything_from_anybody(target: Target, method: str, path: str, headers: dict[str, str], body: bytes) -> None:
    framing = ("host", "content-length", "transfer-encoding", "connection", "expect")
    sent = {name: value for name, value in headers.items() if name.lower() not in framing}
    before = target.stored()
    target.send(method, "/" + path.lstrip("/"), sent, body)
    assert target.stored() == before


@many
@given(path=st.sampled_from(HOOKS), body=BODIES, number=st.integers(0))
def test_any_body_from_a_tool_that_knows_the_secret(target: Target, path: str, body: bytes, number: int) -> None:
    target.refuses_or_stores(path, target.signed_by_tool(f"any-{number}", body), body)


@many
@given(path=st.sampled_from(HOOKS), fields=st.dictionaries(_LEAD_FIELDS, VALUES), number=st.integers(0))
def test_known_fields_with_any_values(target: Target, path: str, fields: dict[str, Any], number: int) -> None:
    body = as_json(fields)
    target.refuses_or_stores(path, target.signed_by_tool(f"field-{number}", body), body)


@many
@given(path=st.sampled_from(HOOKS), webhook_id=_TEXTS, timestamp=_TEXTS, signature=_TEXTS)
def test_webhook_headers_of_any_form(
    target: Target, path: str, webhook_id: str, timestamp: str, signature: str
) -> None:
    headers = {"webhook-id": webhook_id, "webhook-timestamp": timestamp, "webhook-signature": signature}
    # 400: the server itself refuses a header that HTTP does not allow.
    assert target.refuses_or_stores(path, headers, b'{"company": "Nobody"}') in (400, 401)


@many
@given(path=st.sampled_from(HOOKS), body=VALUES.map(as_json), other=VALUES.map(as_json))
def test_a_signature_fits_one_body_only(target: Target, path: str, body: bytes, other: bytes) -> None:
    if body != other:
        assert target.refuses_or_stores(path, target.signed_by_tool("replayed", body), other) == 401


@many
@given(body=BODIES, content_type=st.sampled_from(["application/json", "application/x-www-form-urlencoded", "text/x"]))
def test_any_body_that_slack_has_signed(target: Target, body: bytes, content_type: str) -> None:
    target.send("POST", "/slack/events", target.signed_by_slack(body, content_type), body)


@many
@given(data=st.data(), age=st.integers(301, 10**9), back=st.booleans())
def test_an_old_request_of_slack_is_refused(target: Target, data: st.DataObject, age: int, back: bool) -> None:
    body, content_type = data.draw(st.sampled_from(target.requests))
    # One from the future is younger by as long as the request is on its way.
    at = time.time() - age if back else time.time() + age + LONGEST
    headers = target.signed_by_slack(body, content_type, at)
    assert target.refuses_or_stores("/slack/events", headers, body) == 401


@many
@given(
    method=st.sampled_from(["GET", "HEAD", "POST"]),
    page=st.sampled_from(["/healthz", "/readyz", "/metrics"]),
    query=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40),
    headers=st.dictionaries(st.sampled_from(_FOR_MONITORS), _TEXTS, max_size=4),
)
def test_pages_for_monitors(target: Target, method: str, page: str, query: str, headers: dict[str, str]) -> None:
    status = target.send(method, f"{page}?{query}", headers, b"")
    by_a_proxy = any(name in headers for name in FORWARDED)
    answered = 403 if by_a_proxy and page != "/healthz" else 200
    # 400: what is no HTTP.
    assert status in (405 if method == "POST" else answered, 400)
