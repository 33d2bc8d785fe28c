"""Our token goes to Slack's own hosts, and to nobody else whom a file may name."""

from __future__ import annotations

import io

import pytest

from bot.slack.web_api.file_hosts import is_slacks
from bot.slack.web_api.gateway import Denied, Gateway

SLACK = "https://slack.com/api/"


@pytest.mark.parametrize(
    "url",
    [
        "https://files.slack.com/files-pri/T1-F1/download/leads.csv",
        "https://sample-inc.slack.com/files-pri/T1-F1/download/leads.csv",
    ],
)
def test_slacks_own_hosts_are_slacks(url: str) -> None:
    assert is_slacks(url, SLACK)
    assert is_slacks(url.replace("slack.com", "slack-gov.com"), "https://slack-gov.com/api/")


@pytest.mark.parametrize(
    "url",
    [
        "http://files.slack.com/files-pri/T1-F1/leads.csv",
        "https://files.slack.com:8443/leads.csv",
        "https://files.slack.com@evil.example/leads.csv",
        "https://bot@files.slack.com/leads.csv",
        "https://files.slack.com.evil.example/leads.csv",
        "https://notslack.com/leads.csv",
        "https://evil.example/slack.com",
        "https://files.slack-gov.com/leads.csv",
        "https://drive.example/leads.csv",
        "https://files.slack.com:x/leads.csv",
        "file:///etc/passwd",
        "//files.slack.com/leads.csv",
        "",
    ],
)
def test_anybody_else_is_not_and_gets_no_request(url: str) -> None:
    assert not is_slacks(url, SLACK)
    with pytest.raises(Denied, match="foreign_host"):
        Gateway("xoxb-1", SLACK).fetch(url, io.BytesIO(), 10)


def test_the_server_that_stands_for_slack_is_meant_by_its_whole_address() -> None:
    base = "http://127.0.0.1:4000/api/"
    assert is_slacks("http://127.0.0.1:4000/files-pri/T1-F1/leads.csv", base)
    for other in ("http://127.0.0.1:4001/leads.csv", "https://127.0.0.1:4000/leads.csv", "https://x.0.0.1/leads.csv"):
        assert not is_slacks(other, base)
