from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from bot.cli.teamfile import config_words
from bot.core.teamfile import Account, BadFile, Problem, TeamFile, Unresolved, parse
from bot.i18n import Translator
from storage.vocabulary import Locale

GOOD = """\
[workspace]
id = "T1"
name = "Sample Inc."
locale = "ja"
timezone = "Asia/Tokyo"

[channels]
mql = "C1"

[digest]
weekday = "monday"
time = "09:00"

[policy]
response_hours = 24

[[policy.escalations]]
after_hours = 24
to = "manager"

[[members]]
user = "U1"
name = "佐藤 葵"
roles = ["rep"]
manager = "U2"

[[members]]
user = "U2"
name = "田中 美咲"
roles = ["manager"]

[[lost_reasons]]
key = "no_budget"
ja = "予算なし"
en = "No budget"
"""


@dataclass
class Slack:
    """A workspace that a test can describe."""

    emails: dict[str, str] = field(default_factory=dict)
    channels: dict[str, str] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    troubles: dict[str, str] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    people: dict[str, list[str]] = field(default_factory=dict)
    no_group: Unresolved = field(default_factory=lambda: Unresolved("no_such_group", meant=None))

    def team(self) -> str:
        return "T1"

    def user(self, user_id: str) -> Account | None:
        return None if user_id == "U404" else Account(user_id, user_id not in self.closed)

    def user_by_email(self, email: str) -> Account | None:
        user_id = self.emails.get(email.lower())
        return self.user(user_id) if user_id else None

    def channel_trouble(self, channel_id: str) -> str | None:
        return self.troubles.get(channel_id)

    def channel_by_name(self, name: str) -> str | None:
        return self.channels.get(name)

    def user_group(self, handle: str) -> str:
        if handle not in self.groups:
            raise self.no_group
        return self.groups[handle]

    def people_of(self, place_id: str) -> list[str]:
        return self.people.get(place_id, [])


def good(text: str = GOOD, slack: Slack | None = None) -> TeamFile:
    return parse(text, slack)


def bad(text: str, slack: Slack | None = None) -> list[Problem]:
    with pytest.raises(BadFile) as caught:
        parse(text, slack)
    for locale in Locale:
        t = Translator(locale, "UTC")
        for problem in caught.value.problems:
            assert "{" not in config_words.problem(t, problem)
    return caught.value.problems


def changed(before: str, after: str) -> str:
    assert before in GOOD
    return GOOD.replace(before, after, 1)


def line_of(text: str, fragment: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if fragment in line)
