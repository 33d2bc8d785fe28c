"""Requests as no honest sender would write them: no 500, no hang, nothing stored that was refused.

FUZZ_REQUESTS says how many of each kind; `make fuzz` sends over 20,000 in all.
"""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.stage import Target, as_json, many

PATHS = ("/slack/events", "/webhooks/generic", "/webhooks/activity", "/healthz")
HOOKS = ("/webhooks/generic", "/webhooks/activity")

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
_VALUES = st.recursive(
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
_BODIES = st.one_of(_VALUES.map(as_json), st.binary(max_size=300), _DEEP, _BROKEN, _ENCODED, _HUGE)
_NAMES = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=":"), min_size=1, max_size=20)
_TEXTS = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=80)
_LEAD_FIELDS = st.sampled_from(
    ["company", "person", "email", "score", "attributes", "message", "crm_url", "external_id", "number", "kind", "at"]
)


@many
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "BREW"]),
    path=st.one_of(st.sampled_from(PATHS), st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40)),
    headers=st.dictionaries(_NAMES, _TEXTS, max_size=4),
    body=_BODIES,
)
def test_anything_from_anybody(target: Target, method: str, path: str, headers: dict[str, str], body: bytes) -> None:
    framing = ("host", "content-length", "transfer-encoding", "connection", "expect")
    sent = {name: value for name, value in headers.items() if name.lower() not in framing}
    before = target.stored()
    target.send(method, "/" + path.lstrip("/"), sent, body)
    assert target.stored() == before


@many
@given(path=st.sampled_from(HOOKS), body=_BODIES, number=st.integers(0))
def test_any_body_from_a_tool_that_knows_the_secret(target: Target, path: str, body: bytes, number: int) -> None:
    target.refuses_or_stores(path, target.signed_by_tool(f"any-{number}", body), body)


@many
@given(path=st.sampled_from(HOOKS), fields=st.dictionaries(_LEAD_FIELDS, _VALUES), number=st.integers(0))
def test_known_fields_with_any_values(target: Target, path: str, fields: dict[str, Any], number: int) -> None:
    body = as_json(fields)
    target.refuses_or_stores(path, target.signed_by_tool(f"field-{number}", body), body)


@many
@given(path=st.sampled_from(HOOKS), webhook_id=_TEXTS, timestamp=_TEXTS, signature=_TEXTS)
def test_webhook_headers_of_any_form(
    target: Target, path: str, webhook_id: str, timestamp: str, signature: str
) -> None:
    headers = {"webhook-id": webhook_id, "webhook-timestamp": timestamp, "webhook-signature": signature}
    assert target.refuses_or_stores(path, headers, b'{"company": "Nobody"}') == 401


@many
@given(path=st.sampled_from(HOOKS), body=_VALUES.map(as_json), other=_VALUES.map(as_json))
def test_a_signature_fits_one_body_only(target: Target, path: str, body: bytes, other: bytes) -> None:
    if body != other:
        assert target.refuses_or_stores(path, target.signed_by_tool("replayed", body), other) == 401


@many
@given(data=st.data(), value=_VALUES, removes=st.booleans())
def test_requests_of_slack_with_a_part_changed(target: Target, data: st.DataObject, value: Any, removes: bool) -> None:
    """Slack never sends these, but a bug of Slack's must not become a 500 that it sends again and again."""
    body, content_type = data.draw(st.sampled_from(target.requests))
    changed = _changed(data, body, content_type, value, removes)
    target.send("POST", "/slack/events", target.signed_by_slack(changed, content_type), changed)


@many
@given(body=_BODIES, content_type=st.sampled_from(["application/json", "application/x-www-form-urlencoded", "text/x"]))
def test_any_body_that_slack_has_signed(target: Target, body: bytes, content_type: str) -> None:
    target.send("POST", "/slack/events", target.signed_by_slack(body, content_type), body)


@many
@given(data=st.data(), age=st.integers(301, 10**9), back=st.booleans())
def test_an_old_request_of_slack_is_refused(target: Target, data: st.DataObject, age: int, back: bool) -> None:
    body, content_type = data.draw(st.sampled_from(target.requests))
    headers = target.signed_by_slack(body, content_type, time.time() - age if back else time.time() + age)
    assert target.refuses_or_stores("/slack/events", headers, body) == 401


@pytest.mark.parametrize("value", [True, 1.5, "x", {"a": 1}, [False]])
@pytest.mark.parametrize("name", ["authorizations", "enterprise", "response_urls"])
def test_parts_that_only_bolt_reads_bring_nothing_down(target: Target, name: str, value: Any) -> None:
    body = next(body for body, _ in target.requests if b'"authorizations"' in body)
    changed = as_json(json.loads(body) | {name: value})
    headers = target.signed_by_slack(changed, "application/json")
    assert target.refuses_or_stores("/slack/events", headers, changed) in (200, 400)


def _changed(data: st.DataObject, body: bytes, content_type: str, value: Any, removes: bool) -> bytes:
    if content_type == "application/json":
        return as_json(_with_a_part_changed(data, json.loads(body), value, removes))
    form = {name: values[0] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}
    if "payload" in form:
        form["payload"] = as_json(_with_a_part_changed(data, json.loads(form["payload"]), value, removes)).decode(
            "utf-8", errors="replace"
        )
    else:
        form = {name: str(said) for name, said in _with_a_part_changed(data, form, value, removes).items()}
    return urlencode(form, errors="replace").encode()


def _with_a_part_changed(data: st.DataObject, whole: Any, value: Any, removes: bool) -> Any:
    """The payload with one key or item, at any depth, changed or left out."""
    place: Any = whole
    parents: list[tuple[Any, Any]] = []
    while isinstance(place, dict | list) and place and (not parents or data.draw(st.booleans())):
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        parents.append((place, key))
        place = place[key]
    if parents:
        holder, key = parents[-1]
        if removes:
            del holder[key]
        else:
            holder[key] = value
    return whole
