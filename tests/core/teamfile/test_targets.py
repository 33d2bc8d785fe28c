"""Whom an escalation step names: a member, a user group or a Slack channel, each refused at its line."""

from __future__ import annotations

import pytest

from bot.cli.teamfile import config_words
from bot.core.teamfile import Problem, Unresolved
from bot.core.teamfile.name_resolution import target
from bot.core.teamfile.positions import Path, lines_of
from bot.core.teamfile.problems import Problems
from bot.core.teamfile.schema import Person
from bot.i18n import Translator
from storage.vocabulary import Locale, Role
from tests.core.teamfile.kit import Slack

MEMBERS = (
    Person("U1", "佐藤 葵", (Role.REP,)),
    Person("U2", "田中 美咲", (Role.MANAGER,), active=False),
)
PATH: Path = ("policy", "escalations", 1, "to")


def workspace() -> Slack:
    return Slack(
        emails={"sato@sample.example": "U1", "tanaka@sample.example": "U2", "mori@sample.example": "U3"},
        channels={"sales": "C1", "mql": "C2"},
        groups={"@sales-leads": "S1", "S1": "S1"},
        troubles={"C2": "bot_not_in_channel", "C404": "no_such_channel", "C9": "channel_archived"},
    )


def resolved(written: str, slack: Slack | None, *, complete: bool = True) -> tuple[str | None, list[Problem]]:
    text = f'[policy]\n[[policy.escalations]]\nto = "manager"\n\n[[policy.escalations]]\nto = "{written}"\n'
    problems = Problems(lines_of(text))
    return target(PATH, written, MEMBERS, slack, problems, complete=complete), problems.found


@pytest.mark.parametrize(
    ("written", "slack_id"),
    [
        ("U1", "U1"),
        ("Sato@sample.example", "U1"),
        ("@sales-leads", "S1"),
        ("S1", "S1"),
        ("#sales", "C1"),
        ("C1", "C1"),
        ("G7", "G7"),
    ],
)
def test_members_user_groups_and_slack_channels_become_ids(written: str, slack_id: str) -> None:
    assert resolved(written, workspace()) == (slack_id, [])


@pytest.mark.parametrize("written", ["U1", "S404", "C404"])
def test_without_slack_an_id_is_taken_as_it_stands(written: str) -> None:
    assert resolved(written, None) == (written, [])


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("U2", "not_on_roster"),
        ("U3", "not_on_roster"),
        ("tanaka@sample.example", "not_on_roster"),
        ("mori@sample.example", "not_on_roster"),
        ("nobody@sample.example", "not_on_roster"),
        ("@board", "no_such_group"),
        ("S404", "no_such_group"),
        ("#nowhere", "no_such_channel"),
        ("C404", "no_such_channel"),
        ("C9", "channel_archived"),
        ("#mql", "bot_not_in_channel"),
        ("boss", "not_a_target"),
        ("", "not_a_target"),
        ("@", "not_a_target"),
        ("@sales leads", "not_a_target"),
        ("D1", "not_a_target"),
        ("<@U1>", "not_a_target"),
    ],
)
def test_anything_else_is_refused_at_its_line_and_by_what_was_written(written: str, code: str) -> None:
    slack_id, problems = resolved(written, workspace())
    assert slack_id is None
    values = {"given": written} | ({"meant": None} if code == "no_such_group" else {})
    assert problems == [Problem(6, "policy.escalations[2].to", code, values)]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("sato@sample.example", "person_needs_token"),
        ("@sales-leads", "group_needs_token"),
        ("#sales", "channel_needs_token"),
        ("U3", "not_on_roster"),
        ("boss", "not_a_target"),
    ],
)
def test_without_slack_names_are_refused(written: str, code: str) -> None:
    slack_id, problems = resolved(written, None)
    assert slack_id is None
    assert problems == [Problem(6, "policy.escalations[2].to", code, {"given": written})]


def test_nobody_is_called_a_stranger_while_part_of_the_roster_cannot_be_read() -> None:
    assert resolved("U3", workspace(), complete=False) == (None, [])


NO_SCOPE = Unresolved("groups_need_scope", scope="usergroups:read")


@pytest.mark.parametrize(
    ("written", "why", "en", "ja"),
    [
        ("@leads", Unresolved("no_such_group", meant="@leaders"), "mean @leaders?", "@leaders ではありませんか?"),
        ("@sato", Unresolved("no_such_group", meant=None), "not by @name.", "メールアドレスかID(U…)で指定します。"),
        ("S9", Unresolved("group_disabled"), "is disabled. Enable it", "無効になっています。Slackで有効に戻すか"),
        ("@leads", NO_SCOPE, "lacks the scope usergroups:read.", "トークンに usergroups:read のスコープがない"),
        ("@leads", Unresolved("groups_need_plan", scope=""), "Name a member", "メンバーかSlackチャンネルを指定して"),
    ],
)
def test_what_is_wrong_with_a_user_group_is_said_with_its_cure(written: str, why: Unresolved, en: str, ja: str) -> None:
    (problem,) = resolved(written, Slack(no_group=why))[1]
    for locale, words in ((Locale.EN, en), (Locale.JA, ja)):
        text = config_words.problem(Translator(locale, "UTC"), problem)
        assert written in text
        assert words in text
        assert "{" not in text


@pytest.mark.parametrize("code", ["not_a_target", "person_needs_token", "group_needs_token"])
@pytest.mark.parametrize("locale", list(Locale))
def test_the_other_refusals_repeat_what_was_written(code: str, locale: Locale) -> None:
    text = config_words.problem(
        Translator(locale, "UTC"), Problem(6, "policy.escalations[2].to", code, {"given": "boss"})
    )
    assert "boss" in text
    assert "U…" in text or "S…" in text
