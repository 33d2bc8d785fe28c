"""The doors of the HTTP side."""

from __future__ import annotations

import time
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from slack_sdk.signature import SignatureVerifier

from storage.vocabulary import Status
from tests.patience import LONGEST
from tests.scenarios.stage import Team

BODY = urlencode({"command": "/mql", "text": "list", "team_id": "T0SAMPLE01"}).encode()


def _send(team: Team, timestamp: str, signature: str, body: bytes = BODY) -> int:
    assert team.bot is not None
    headers = {
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": signature,
        "Content-Type": "application/x-www-form-urlencoded",
    }
    try:
        with urlopen(Request(team.bot.address + "/slack/events", body, headers), timeout=LONGEST) as response:
            return int(response.status)
    except HTTPError as error:
        return error.code


def _signature(team: Team, timestamp: str, secret: str = "") -> str:
    verifier = SignatureVerifier(secret or team.slack.signing_secret)
    return verifier.generate_signature(timestamp=timestamp, body=BODY) or ""


def test_a_request_that_slack_did_not_sign_is_refused(team: Team) -> None:
    now = str(int(time.time()))
    assert _send(team, now, _signature(team, now, "another secret")) == 401
    assert _send(team, now, "v0=") == 401
    assert _send(team, now, "") == 401


def test_a_signature_of_ten_minutes_ago_is_refused(team: Team) -> None:
    before = str(int(time.time()) - 600)
    assert _send(team, before, _signature(team, before)) == 401


@pytest.mark.parametrize("timestamp", ["", "soon", "1e9", "-1", "１２３"])
def test_a_timestamp_that_is_no_number_is_refused_and_not_an_error_of_ours(team: Team, timestamp: str) -> None:
    assert _send(team, timestamp.encode().decode("latin-1"), "v0=00") == 401


def test_the_health_check_answers(team: Team) -> None:
    assert team.bot is not None
    with urlopen(team.bot.address + "/healthz", timeout=LONGEST) as response:
        assert response.status == 200


def test_a_listener_that_fails_answers_500_so_that_slack_sends_the_event_again(team: Team) -> None:
    team.may_break = ("answered 500",)
    from tests.scenarios.test_intake import HUBSPOT

    broken, team.bot.parts.context.database.engine = team.bot.parts.context.database.engine, None  # type: ignore[union-attr]
    posted = team.slack.app("HubSpot").posts("mql-intake", attachments=HUBSPOT, classic=True)
    assert posted.status == 500
    team.bot.parts.context.database.engine = broken  # type: ignore[union-attr]
    team.advance(minutes=1)
    assert team.mql(1).status == Status.ASSIGNED
