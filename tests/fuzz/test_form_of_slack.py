"""Requests that Slack has signed and that do not have the form of Slack's: refused with 400, or done."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.blocks.base import ids
from tests.fuzz.stage import Target, as_json, many
from tests.fuzz.test_requests import VALUES

pytestmark = pytest.mark.timeout(3600)

GONE = object()
Path = tuple[str | int, ...]
CHOICE, FEEDBACK, PAUSE, NOTE = ids.DISPOSITION, ids.FEEDBACK_FORM, ids.PAUSE_FORM, ids.HOW_FORM
DAY = ("view", "state", "values", ids.PAUSE_UNTIL, ids.PAUSE_UNTIL)
KIND = ("view", "state", "values", ids.CONTACT_KIND, ids.CONTACT_KIND)
# What nearly fits where we look for an id, a choice or a day.
_NEARLY = st.sampled_from(["1", "-1", "07", "٣", "1e3", "9" * 18, "9" * 40, "why:1", "why:", "{}", "[]", '{"mql": 1}'])


@many
@given(data=st.data(), value=st.just(GONE) | _NEARLY | VALUES)
def test_requests_of_slack_with_a_part_changed(target: Target, data: st.DataObject, value: Any) -> None:
    """Slack never sends these, but a bug of Slack's must not become a 500 that it sends again and again."""
    body, content_type = data.draw(st.sampled_from(target.requests))
    whole = read(body, content_type)
    path = data.draw(st.sampled_from(list(places(whole))))
    sends(target, changed(whole, path, value), content_type)


@pytest.mark.parametrize("value", [True, 1.5, "x", {"a": 1}, [False]])
@pytest.mark.parametrize("name", ["authorizations", "enterprise", "response_urls"])
def test_parts_that_only_bolt_reads_bring_nothing_down(target: Target, name: str, value: Any) -> None:
    whole, content_type = known(target, "authorizations")
    assert sends(target, changed(whole, (name,), value), content_type) in (200, 400)


@pytest.mark.alike
@pytest.mark.parametrize(
    ("request_with", "path", "value"),
    [
        *((ids.ACCEPT, ("actions", 0, "value"), value) for value in (GONE, None, 1, {}, "", "x", "٣", "9" * 30)),
        (ids.ACCEPT, ("actions", 0), {"action_id": ids.DISPOSITION, "selected_option": {"value": "qualified"}}),
        (ids.ACCEPT, ("trigger_id",), GONE),
        (ids.ACCEPT, ("actions", 0), {"action_id": ids.RESEND}),
        (ids.ENTER_UNREADABLE, ("actions", 0, "value"), "1.5"),
        *((ids.MORE, ("actions", 0, "selected_option", "value"), value) for value in ("", "why", "why:x", "why:1:1")),
        (ids.MORE, ("actions", 0, "selected_option"), None),
        (ids.PICK_MQL, ("actions", 0, "selected_option"), GONE),
        *((CHOICE, ("actions", 0, "selected_option", "value"), value) for value in ("", "lost", "Qualified")),
        (CHOICE, ("view",), GONE),
        (CHOICE, ("view", "hash"), GONE),
        *((form, ("view", "private_metadata"), "{}") for form in (CHOICE, FEEDBACK, PAUSE)),
        *((FEEDBACK, ("view", "private_metadata"), value) for value in ("", "x", "[]", '{"mql": "x"}', '{"mql": 1e9}')),
        *((FEEDBACK, ("view", name), GONE) for name in ("type", "hash", "private_metadata", "state")),
        (FEEDBACK, ("response_urls",), [{"response_url": "https://a.example"}] * 2),
        (FEEDBACK, ("view", "state", "values", ids.DISPOSITION, ids.DISPOSITION, "selected_option", "value"), "lost"),
        *((PAUSE, (*DAY, "selected_date"), value) for value in ("2026-02-30", "tomorrow", "20260230")),
        (NOTE, (*KIND, "selected_option", "value"), "fax"),
        (FEEDBACK, ("view", "state", "values", f"{ids.SEVERAL_ANSWER}:1"), {"a": {"selected_option": {"value": "x"}}}),
        (FEEDBACK, ("view", "state", "values", f"{ids.LABEL_FIELD}:Plan"), {"a": {"selected_option": {"value": "x"}}}),
        (ids.TEACH_FORM, ("view", "private_metadata"), "{}"),
    ],
)
def test_what_we_did_not_give_out_is_refused(target: Target, request_with: str, path: Path, value: Any) -> None:
    """Slack hands back what we gave it: an id, a choice, the form that we opened."""
    whole, content_type = known(target, request_with)
    assert sends(target, changed(whole, path, value), content_type) == 400


FORM = "application/x-www-form-urlencoded"
COMMAND = "command=/mql&text=12&team_id=T1&user_id=U1&channel_id=C1&trigger_id=1.2"


@pytest.mark.alike
@pytest.mark.parametrize("content_type", ["application/json", FORM, f"{FORM}; charset=shift_jis", "text/x", ""])
@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"{}", 400),
        (b"payload=", 400),
        (b"payload=1", 400),
        (b"payload=%ff", 400),
        (b"payload=%7B%22type%22%3A%22%5Cud800%22%7D", 400),
        (b'{"type": "url_verification", "challenge": "\\ud800"}', 400),
        (b"payload=%7B%7D&payload=%7B%22type%22%3A1%7D", 400),
        (b'{"type": "url_verification", "challenge": "x", "authorizations": 1}', 400),
        (f"{COMMAND}&authorizations=x".encode(), 400),
        # The library that checks signatures reads no other encoding, so these count as signed by nobody.
        (b"\xff", 401),
        (b"payload=\x80", 401),
    ],
)
def test_a_signed_request_without_form_is_refused_in_a_line_of_the_log(
    target: Target,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    body: bytes,
    status: int,
    content_type: str,
) -> None:
    headers = target.signed_by_slack(body, content_type)
    assert target.refuses_or_stores("/slack/events", headers, body) == status
    log = capsys.readouterr().out + caplog.text
    assert log.count("slack_request_malformed") == (status == 400)
    assert "Traceback" not in log


@pytest.mark.parametrize("body", [f"{COMMAND}&text=payload", f"{{=1&{COMMAND}", f"{COMMAND}&payload_=1"])
def test_a_command_is_read_as_one_whatever_is_typed(target: Target, body: str) -> None:
    """Bolt itself takes some of these for a press or an event, and answers 404."""
    headers = target.signed_by_slack(body.encode(), FORM)
    assert target.send("POST", "/slack/events", headers, body.encode()) == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, 1) for name in ("enterprise", "authorizations", "team", "user", "channel")),
        ("response_urls", [1]),
        ("item", {"channel": 1}),
        ("event", {"user": 1}),
    ],
)
def test_parts_that_only_bolt_reads_are_refused_in_a_line_of_the_log(
    target: Target, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str], name: str, value: Any
) -> None:
    asked = {"type": "url_verification", "challenge": "x"}
    assert sends(target, {**asked, name: value}, "application/json") == 400
    log = capsys.readouterr().out + caplog.text
    assert log.count("slack_request_malformed") == 1
    assert "Traceback" not in log


def known(target: Target, wanted: str) -> tuple[Any, str]:
    """A request by the action id that was pressed, or by the form that was sent; or by a word in an event."""
    for body, content_type in target.requests:
        whole = read(body, content_type)
        pressed = [action["action_id"] for action in whole.get("actions", [])]
        sent = whole.get("view", {}).get("callback_id") if whole.get("type") == "view_submission" else None
        if wanted in (*pressed, sent) or wanted in whole:
            return whole, content_type
    raise AssertionError(f"the story has no {wanted}")


def sends(target: Target, whole: Any, content_type: str) -> int:
    """Signed as Slack signs it; what is refused leaves nothing behind."""
    body = written(whole, content_type)
    return target.refuses_or_stores("/slack/events", target.signed_by_slack(body, content_type), body)


def read(body: bytes, content_type: str) -> Any:
    """A request as JSON: an event, an interaction's payload, or a command's fields."""
    if content_type == "application/json":
        return json.loads(body)
    form = {name: values[0] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}
    return json.loads(form["payload"]) if "payload" in form else form


def written(whole: Any, content_type: str) -> bytes:
    """The other way round."""
    if content_type == "application/json":
        return as_json(whole)
    if "actions" in whole or "view" in whole or "type" in whole:
        whole = {"payload": as_json(whole).decode("utf-8", errors="replace")}
    return urlencode({name: str(value) for name, value in whole.items()}, errors="replace").encode()


def places(whole: Any, above: Path = ()) -> Iterator[Path]:
    """Every part, but for what stands on a screen."""
    parts = whole.items() if isinstance(whole, dict) else enumerate(whole) if isinstance(whole, list) else ()
    for name, part in parts:
        yield (*above, name)
        if name not in ("blocks", "message"):
            yield from places(part, (*above, name))


def changed(whole: Any, path: Path, value: Any) -> Any:
    """A copy with one part changed, or left out."""
    copied = json.loads(json.dumps(whole))
    holder = copied
    for name in path[:-1]:
        holder = holder[name]
    if value is GONE:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return copied
