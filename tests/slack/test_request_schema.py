"""A press is read as a form is read, however it is escaped."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.blocks.base import ids
from bot.slack.request_schema import json_text

FORM = "application/x-www-form-urlencoded"
WORDS = st.text(
    st.sampled_from("aB09=&%+ \n\r\t_;/\\é株😀") | st.characters(exclude_categories=["Cs"], min_codepoint=1)
)


def press(text: str) -> dict[str, Any]:
    action = {"action_id": ids.ACCEPT, "value": "1"}
    where = {"team": {"id": "T1"}, "user": {"id": "U1"}, "channel": {"id": "C1"}, "message": {"text": text}}
    return {"type": "block_actions", "trigger_id": "1.1", "actions": [action], **where}


@given(text=WORDS, is_ascii=st.booleans(), escape=st.sampled_from([quote, quote_plus]))
def test_a_press_is_read_whatever_is_escaped_in_it(text: str, is_ascii: bool, escape: Any) -> None:
    whole = press(text)
    body = b"payload=" + escape(json.dumps(whole, ensure_ascii=is_ascii)).encode()
    assert json.loads(json_text(body, FORM)) == whole
    assert json.loads(json_text(body + b"&more=1", FORM)) == whole


@pytest.mark.parametrize("odd", ["100%", "100%zz", "%0", "=3D=", "%e6%a0%aa", "%FF", "a=\n", "株", "+ +"])
def test_what_nobody_escapes_so_is_read_as_the_library_reads_it(odd: str) -> None:
    body = "payload=" + json.dumps(press("X"), ensure_ascii=False).replace("X", odd.replace("\n", "%5Cn"))
    assert json_text(body.encode(), FORM) == dict(parse_qsl(body))["payload"]
