from __future__ import annotations

import re
from dataclasses import dataclass, field

import pytest

from bot.cli import wording
from bot.core.sla import Policy
from bot.core.teamfile import Account, BadFile, Problem, TeamFile, parse
from bot.i18n import Translator, catalogue
from storage.vocabulary import Locale, Role

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

    def team(self) -> str:
        return "T1"

    def user(self, user_id: str) -> Account | None:
        return None if user_id == "U404" else Account(user_id, user_id not in self.closed)

    def user_by_email(self, email: str) -> Account | None:
        found = self.emails.get(email.lower())
        return self.user(found) if found else None

    def channel_by_name(self, name: str) -> str | None:
        return self.channels.get(name)


def good(text: str = GOOD, slack: Slack | None = None) -> TeamFile:
    return parse(text, slack)


def bad(text: str, slack: Slack | None = None) -> list[Problem]:
    with pytest.raises(BadFile) as caught:
        parse(text, slack)
    for locale in Locale:
        t = Translator(locale, "UTC")
        for problem in caught.value.problems:
            assert "{" not in wording.problem(t, problem)
    return caught.value.problems


def changed(before: str, after: str) -> str:
    assert before in GOOD
    return GOOD.replace(before, after, 1)


def line_of(text: str, fragment: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if fragment in line)


def test_a_good_file_becomes_a_value_with_the_defaults_filled_in() -> None:
    read = good()
    assert (read.workspace_id, read.locale, read.mql_channel, read.intake_channel) == ("T1", Locale.JA, "C1", None)
    assert (read.digest_weekday, read.digest_time) == (0, "09:00")
    assert [person.roles for person in read.members] == [(Role.REP,), (Role.MANAGER,)]
    assert read.members[0].manager == "U2"


def test_policy_digest_and_lost_reasons_may_be_left_out() -> None:
    text = re.sub(r"\[digest\].*?(?=\[\[members)", "", GOOD.split("[[lost_reasons]]", maxsplit=1)[0], flags=re.DOTALL)
    read = good(text)
    assert read.policy == Policy()
    assert (read.digest_weekday, read.digest_time) == (0, "09:00")
    assert [reason.key for reason in read.reasons if reason.comment_required] == ["other"]
    assert len(read.reasons) == 11


def test_other_needs_a_comment_unless_the_file_says_otherwise() -> None:
    assert good(changed('"no_budget"', '"other"')).reasons[0].comment_required
    assert not good(changed('"no_budget"', '"other"\ncomment_required = false')).reasons[0].comment_required


@pytest.mark.parametrize(
    ("before", "after", "fragment", "field_name", "code"),
    [
        ('locale = "ja"', 'locale = "jp"', "locale", "workspace.locale", "unknown_word"),
        ('timezone = "Asia/Tokyo"', 'timezone = "Asia/Tokio"', "timezone", "workspace.timezone", "not_a_timezone"),
        ('timezone = "Asia/Tokyo"\n', "", "[workspace]", "workspace.timezone", "missing"),
        ('name = "Sample Inc."', 'name = " "', "name = ", "workspace.name", "string_too_short"),
        ('name = "Sample Inc."', "name = 1", "name = ", "workspace.name", "wrong_type"),
        ('id = "T1"', 'id = "sample"', "id = ", "workspace.id", "not_a_workspace"),
        ('id = "T1"\n', "", "[workspace]", "workspace.id", "team_needs_token"),
        ('mql = "C1"', 'mql = "mql"', "mql", "channels.mql", "not_a_slack_channel"),
        ('mql = "C1"', 'mql = "#mql"', "mql", "channels.mql", "channel_needs_token"),
        ('time = "09:00"', 'time = "9:00"', "time = ", "digest.time", "not_a_time"),
        ('time = "09:00"', "time = 09:00:00", "time = ", "digest.time", "not_a_time"),
        ('weekday = "monday"', "weekday = 0", "weekday", "digest.weekday", "unknown_word"),
        ("response_hours = 24", 'response_hours = "24"', "response_hours", "policy.response_hours", "wrong_type"),
        ("response_hours = 24", "response_hours = true", "response_hours", "policy.response_hours", "wrong_type"),
        ("response_hours = 24", "response_hours = 0", "response_hours", "policy.response_hours", "greater_than"),
        ("response_hours = 24", "respons_hours = 24", "respons_hours", "policy.respons_hours", "unknown_key"),
        ("after_hours = 24", "after_hours = 8", "after", "policy.escalations[1].after_hours", "before_deadline"),
        (
            "response_hours = 24",
            "feedback_escalation_days = 4",
            "feed",
            "policy.feedback_escalation_days",
            "before_deadline",
        ),
        ("response_hours = 24", "feedback_days = 9", "feedback", "policy.feedback_days", "before_deadline"),
        ('to = "manager"', 'to = "boss"', "to = ", "policy.escalations[1].to", "unknown_word"),
        ('to = "manager"', 'to = "manager"\nthread = true', "thread", "policy.escalations[1].thread", "unknown_key"),
        ('user = "U1"', 'user = "@sato"', "user = ", "members[1].user", "not_a_user"),
        ('user = "U1"', 'email = "sato@sample.example"', "email", "members[1].email", "email_needs_token"),
        ('user = "U1"', 'user = "U1"\nemail = "a@b.example"', "[[members]]", "members[1]", "not_one_person"),
        ('roles = ["rep"]', 'roles = ["rep", "boss"]', "boss", "members[1].roles[2]", "unknown_word"),
        ('roles = ["rep"]', "roles = []", "roles", "members[1].roles", "too_short"),
        ('roles = ["rep"]', 'roles = "rep"', "roles", "members[1].roles", "wrong_type"),
        ('manager = "U2"', 'manager = "U9"', "manager = ", "members[1].manager", "manager_not_on_roster"),
        ('manager = "U2"', 'manager = "U1"', "manager = ", "members[1].manager", "manages_themselves"),
        ('manager = "U2"', 'manager = "Tanaka"', "manager = ", "members[1].manager", "not_a_manager"),
        ('manager = "U2"', 'activ = "U2"', "activ", "members[1].activ", "unknown_key"),
        ('key = "no_budget"', 'key = "No budget"', "key", "lost_reasons[1].key", "not_a_key"),
        ("[channels]", "[chanels]", "[chanels]", "chanels", "unknown_key"),
    ],
)
def test_a_problem_is_named_with_its_line_and_field(
    before: str, after: str, fragment: str, field_name: str, code: str
) -> None:
    text = changed(before, after)
    named = [(problem.line, problem.field, problem.code) for problem in bad(text)]
    assert (line_of(text, fragment), field_name, code) in named
    assert len(named) == (2 if "chanels" in text else 1)


def test_every_problem_is_named_in_one_go_in_the_order_of_the_file() -> None:
    text = GOOD
    for before, after in [
        ("Asia/Tokyo", "Mars/Base"),
        ('time = "09:00"', 'time = "25:00"'),
        ("response_hours", "response_hour"),
        ('roles = ["rep"]', 'roles = ["repp"]'),
        ('user = "U2"', 'user = "U1"'),
        ('en = "No budget"\n', ""),
    ]:
        text = text.replace(before, after, 1)
    found = bad(text)
    assert [problem.code for problem in found] == [
        "not_a_timezone",
        "not_a_time",
        "unknown_key",
        "unknown_word",
        "missing",
    ]
    assert [problem.line for problem in found] == sorted(problem.line for problem in found)


def test_the_nearest_known_word_is_suggested() -> None:
    def hint(before: str, after: str) -> object:
        (problem,) = bad(changed(before, after))
        return problem.values["meant"]

    assert hint("response_hours", "respons_hours") == "response_hours"
    assert hint('["rep"]', '["rep", "Managr"]') == "manager"
    assert hint("Asia/Tokyo", "asia/tokio") == "Asia/Tokyo"


def test_somebody_named_twice_is_refused_with_the_line_of_the_first() -> None:
    (problem,) = bad(GOOD + '[[members]]\nuser = "U1"\nname = "again"\nroles = ["rep"]\n')
    assert (problem.code, problem.values["line"]) == ("member_twice", line_of(GOOD, "[[members]]"))


def test_a_manager_needs_a_role_that_leads() -> None:
    (problem,) = bad(GOOD + '[[members]]\nuser = "U3"\nname = "鈴木"\nroles = ["rep"]\nmanager = "U1"\n')
    assert (problem.code, problem.values["name"]) == ("manager_without_role", "佐藤 葵")


@pytest.mark.parametrize(("role", "other"), [("rep", "manager"), ("manager", "rep")])
def test_a_team_needs_a_rep_and_a_manager(role: str, other: str) -> None:
    text = changed('manager = "U2"\n', "").replace(f'["{role}"]', '["marketer"]')
    (problem,) = bad(text)
    assert (problem.code, problem.values["role"]) == ("nobody_is", role)
    inactive = changed('manager = "U2"\n', "").replace(f'["{role}"]', f'["{role}"]\nactive = false')
    assert bad(inactive) == [problem]


def test_two_lost_reasons_with_one_key_are_refused() -> None:
    (problem,) = bad(GOOD + '[[lost_reasons]]\nkey = "no_budget"\nja = "予算"\nen = "Budget"\n')
    assert (problem.code, problem.field) == ("reason_twice", "lost_reasons[2].key")


def test_a_later_deadline_without_escalations_of_its_own_is_explained() -> None:
    text = changed("response_hours = 24", "response_hours = 72")
    text = text.replace('[[policy.escalations]]\nafter_hours = 24\nto = "manager"\n', "")
    (problem,) = bad(text)
    assert (problem.field, problem.code) == ("policy.response_hours", "default_before_deadline")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (GOOD.replace('name = "Sample Inc."', 'name = "Sample Inc.'), 3),
        (GOOD.replace('locale = "ja"', "locale = ja"), 4),
        (GOOD + "members = [", GOOD.count("\n") + 1),
        (GOOD.replace('mql = "C1"', 'mql = "C1"\nmql = "C2"'), 9),
    ],
)
def test_a_syntax_error_is_named_with_its_line(text: str, line: int) -> None:
    (problem,) = bad(text)
    assert (problem.line, problem.code) == (line, "not_toml")


@pytest.mark.parametrize("text", ["", "members = 1", "members = []", "[members]", "workspace = 1", "[[workspace]]"])
def test_the_wrong_shape_is_a_problem_and_never_a_crash(text: str) -> None:
    assert bad(text)


def test_the_language_of_a_refused_file_is_the_one_it_asks_for() -> None:
    def language(text: str) -> Locale | None:
        with pytest.raises(BadFile) as caught:
            parse(text, None)
        return caught.value.locale

    assert language(changed("Asia/Tokyo", "Mars")) == Locale.JA
    assert language(changed('"ja"', '"de"')) is None
    assert language("a = ") is None


def test_names_and_addresses_are_looked_up_in_slack() -> None:
    text = GOOD.replace('"C1"', '"#新規mql"').replace('user = "U1"', 'email = "Sato@sample.example"')
    text = text.replace('user = "U2"', 'email = "tanaka@sample.example"')
    text = text.replace('manager = "U2"', 'manager = "TANAKA@sample.example"').replace('id = "T1"\n', "")
    slack = Slack({"sato@sample.example": "U1", "tanaka@sample.example": "U2"}, {"新規mql": "C1"})
    assert good(text, slack) == good()


def test_a_manager_may_be_named_by_the_address_of_a_member_named_by_id() -> None:
    text = changed('manager = "U2"', 'manager = "tanaka@sample.example"')
    assert good(text, Slack({"tanaka@sample.example": "U2"})) == good()
    (problem,) = bad(text)
    assert problem.code == "manager_not_on_roster"


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ('"C1"', '"#nowhere"', "no_such_channel"),
        ('user = "U1"', 'user = "U404"', "no_such_user"),
        ('user = "U1"', 'email = "a@b.example"', "no_such_email"),
        ('user = "U1"', 'user = "U7"', "account_closed"),
        ('"T1"', '"T2"', "another_team"),
    ],
)
def test_what_slack_does_not_know_is_refused(before: str, after: str, code: str) -> None:
    assert [problem.code for problem in bad(changed(before, after), Slack(closed={"U7"}))] == [code]


def test_every_problem_has_words_in_both_languages() -> None:
    for key in catalogue(Locale.EN):
        if key.startswith("config."):
            assert key in catalogue(Locale.JA)


def test_a_problem_reads_as_a_sentence_with_the_cure() -> None:
    (problem,) = bad(changed("response_hours", "respons_hours"))
    assert wording.problem(Translator(Locale.EN, "UTC"), problem) == (
        'line 15, policy.respons_hours: "respons_hours" means nothing here. Did you mean response_hours?'
    )
    assert wording.problem(Translator(Locale.JA, "UTC"), problem) == (
        "15行目 policy.respons_hours: 「respons_hours」という項目はここでは使えません。response_hours ではありませんか?"
    )
