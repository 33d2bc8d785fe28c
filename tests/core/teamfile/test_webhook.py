"""The tool that is told what becomes of MQLs: its address stands in the team file."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.teamfile import export
from storage.database import Database
from tests.core.teamfile.kit import GOOD, bad, good, line_of
from tests.core.teamfile.test_application import TEAM, applied, state

pytestmark = pytest.mark.rules

URL = "https://sfa.example.com:8443/hooks/mql?team=1"
WEBHOOK = f'\n[webhook]\nurl = "{URL}"\n'


def test_there_is_no_webhook_unless_the_file_names_one() -> None:
    assert good(GOOD).webhook_url is None
    assert "[webhook]" not in export(good(GOOD))
    read = good(GOOD + WEBHOOK)
    assert read.webhook_url == URL
    assert good(export(read)) == read


@pytest.mark.parametrize(
    "url",
    [
        "sfa.example.com",
        "ftp://sfa.example.com/",
        "https://",
        "https://user:secret@sfa.example.com/",
        "https://sfa.example.com/#part",
        "https://sfa.example.com:port/",
        "https://sfa.example.com:0x/",
        "https://sfa.example.com/a b",
        "https://sfa.example.com/\\r\\nHost: other",
        "https://例え.jp/",
        "https://[::1/",
        "https://sfa.example.com/" + "x" * 2000,
    ],
)
def test_what_no_request_can_be_sent_to_is_refused(url: str) -> None:
    text = GOOD + WEBHOOK.replace(URL, url)
    (problem,) = bad(text)
    assert (problem.line, problem.field, problem.code) == (line_of(text, "url ="), "webhook.url", "not_a_webhook")


def test_a_webhook_without_an_address_is_refused() -> None:
    (problem,) = bad(GOOD + "\n[webhook]\n")
    assert (problem.field, problem.code) == ("webhook.url", "missing")


def test_its_change_is_shown_before(any_database: Database) -> None:
    applied(any_database, TEAM)
    with_webhook = replace(TEAM, webhook_url=URL)
    assert applied(any_database, with_webhook) == [f"~ Outbound webhook: Address (webhook.url): – → {URL}"]
    assert state(any_database) == with_webhook
    assert applied(any_database, TEAM) == [f"~ Outbound webhook: Address (webhook.url): {URL} → –"]
    assert state(any_database) == TEAM
