"""The same request twice, as networks deliver it: answered the same, done once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.blocks.base import ids
from storage.vocabulary import EventType
from tests.fuzz.stage import Target, as_json, fewer
from tests.fuzz.test_form_of_slack import changed, known, read, sends, written
from tests.fuzz.test_requests import VALUES

pytestmark = pytest.mark.timeout(3600)

BUTTONS = {ids.ACCEPT: EventType.ACCEPTED, ids.CONTACTED: EventType.CONTACTED}


@fewer
@given(company=st.text(max_size=60), attributes=st.dictionaries(st.text(max_size=12), VALUES, max_size=3))
def test_the_same_lead_twice_is_one_mql(target: Target, company: str, attributes: dict[str, Any]) -> None:
    body = as_json({"company": company, "attributes": attributes})
    headers = target.signed_by_tool(f"twice-{next(target.numbers)}", body)
    before = target.stored()
    first = target.exchange("POST", "/webhooks/generic", headers, body)
    after = target.rows()
    assert target.exchange("POST", "/webhooks/generic", headers, body) == first
    assert target.rows() == after
    assert target.stored()[0] - before[0] == (first[0] == 202)


@fewer
@given(number=st.sampled_from([1, 2, 3, 10**6]), kind=st.sampled_from(["call", "email", "meeting", "fax"]))
def test_the_same_contact_twice_is_one_contact(target: Target, number: int, kind: str) -> None:
    body = as_json({"number": number, "kind": kind, "at": target.team.time.now().isoformat()})
    headers = target.signed_by_tool(f"twice-{next(target.numbers)}", body)
    first = target.exchange("POST", "/webhooks/activity", headers, body)
    after = target.rows()
    assert target.exchange("POST", "/webhooks/activity", headers, body) == first
    assert target.rows() == after


@fewer
@given(data=st.data())
def test_the_same_request_of_slack_twice_is_done_once(target: Target, data: st.DataObject) -> None:
    body, content_type = data.draw(st.sampled_from(target.requests))
    whole = read(body, content_type)
    new = f"{next(target.numbers)}"
    for path in (("trigger_id",), ("view", "id"), ("event", "ts")):
        if path[0] in whole and (len(path) == 1 or path[1] in whole[path[0]]):
            whole = changed(whole, path, {"ts": f"1800000000.{new}", "id": f"V{new}"}.get(path[-1], new))
    sent = written(whole, content_type)
    headers = target.signed_by_slack(sent, content_type)
    first = target.send("POST", "/slack/events", headers, sent)
    after = target.rows()
    assert target.send("POST", "/slack/events", headers, sent) == first
    assert target.rows() == after


@fewer
@given(presses=st.lists(st.tuples(st.sampled_from(sorted(BUTTONS)), st.integers(1, 2)), min_size=1, max_size=5))
def test_a_press_that_comes_again_acts_once(target: Target, presses: list[tuple[str, int]]) -> None:
    """Each press twice, and some pressed by an impatient hand: no button changes an MQL twice."""
    lead, new = as_json({"company": "Again"}), next(target.numbers)
    headers = target.signed_by_tool(f"again-{new}", lead)
    number = json.loads(target.exchange("POST", "/webhooks/generic", headers, lead)[1])["number"]
    subject = target.team.mql(number)
    pressed, content_type = known(target, ids.ACCEPT)
    for button, hand in presses:
        # What has been made up before may have sent everybody away: then it waits for whoever takes it.
        whole = changed(pressed, ("user", "id"), subject.owner) if subject.owner else pressed
        whole = changed(whole, ("trigger_id",), f"{new}.{button}.{hand}")
        whole = changed(whole, ("actions", 0), {"action_id": button, "value": str(subject.id)})
        assert [sends(target, whole, content_type) for _ in range(2)] == [200, 200]
    events = [entry.type for entry in target.team.log(number)]
    assert all(events.count(type_) <= 1 for type_ in BUTTONS.values()), events
    if presses[0][0] == ids.ACCEPT:
        assert events.count(EventType.ACCEPTED) == 1
