from __future__ import annotations

import re

import pytest

from bot.cli.teamfile import config_words
from bot.core.sla.policy import Policy
from bot.core.teamfile import BadFile, parse
from bot.i18n import Translator, catalogue
from storage.vocabulary import Locale, Role
from tests.core.teamfile.kit import GOOD, bad, changed, good, line_of


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


def test_marketing_may_have_a_channel_that_hears_each_outcome_unless_the_file_says_otherwise() -> None:
    assert good(GOOD).marketing_channel is None
    read = good(changed('mql = "C1"', 'mql = "C1"\nmarketing = "C2"'))
    assert (read.marketing_channel, read.outcomes_told, read.outcomes_time) == ("C2", "each", "17:00")
    lines = 'marketing = "C2"\n[outcomes]\ntell = "daily"\ntime = "18:30"\n'
    read = good(changed('mql = "C1"\n', f'mql = "C1"\n{lines}'))
    assert (read.outcomes_told, read.outcomes_time) == ("daily", "18:30")


def test_some_reasons_say_that_the_lead_was_unfit_unless_the_file_says_otherwise() -> None:
    for key in ("outside_target", "duplicate", "wrong_data"):
        assert good(changed('"no_budget"', f'"{key}"')).reasons[0].unfit
        assert not good(changed('"no_budget"', f'"{key}"\nunfit = false')).reasons[0].unfit
    assert not good(changed('"no_budget"', '"no_budget"')).reasons[0].unfit
    assert good(changed('"no_budget"', '"no_budget"\nunfit = true')).reasons[0].unfit


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
        ("[digest]", '[outcomes]\ntell = "each"\n[digest]', "[outcomes]", "outcomes", "outcomes_nowhere"),
        ('mql = "C1"', 'mql = "C1"\nmarketing = "x"', "marketing", "channels.marketing", "not_a_slack_channel"),
        (
            'mql = "C1"\n',
            'mql = "C1"\nmarketing = "C2"\n\n[outcomes]\ntell = "weekly"\n',
            "tell",
            "outcomes.tell",
            "unknown_word",
        ),
        (
            'mql = "C1"\n',
            'mql = "C1"\nmarketing = "C2"\n\n[outcomes]\ntime = "17"\n',
            "time = ",
            "outcomes.time",
            "not_a_time",
        ),
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
        ('to = "manager"', 'to = "boss"', "to = ", "policy.escalations[1].to", "not_a_target"),
        ('to = "manager"', 'to = "manager"\nthread = true', "thread", "policy.escalations[1].thread", "unknown_key"),
        ('user = "U1"', 'user = "@sato"', "user = ", "members[1].user", "not_a_user"),
        ('user = "U1"', 'email = "sato@sample.example"', "email", "members[1].email", "email_needs_token"),
        ('user = "U1"', 'user = "U1"\nemail = "a@b.example"', "[[members]]", "members[1]", "not_one_person"),
        ('roles = ["rep"]', 'roles = ["rep", "boss"]', "boss", "members[1].roles[2]", "unknown_word"),
        ('roles = ["rep"]', "roles = []", "roles", "members[1].roles", "too_short"),
        ('roles = ["rep"]', 'roles = "rep"', "roles", "members[1].roles", "wrong_type"),
        ('manager = "U2"', 'manager = "U9"', "manager = ", "members[1].manager", "not_on_roster"),
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
    problems = bad(text)
    assert [problem.code for problem in problems] == [
        "not_a_timezone",
        "not_a_time",
        "unknown_key",
        "unknown_word",
        "missing",
    ]
    assert [problem.line for problem in problems] == sorted(problem.line for problem in problems)


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


def test_every_problem_has_words_in_both_languages() -> None:
    for key in catalogue(Locale.EN):
        if key.startswith("config."):
            assert key in catalogue(Locale.JA)


def test_a_problem_reads_as_a_sentence_with_the_cure() -> None:
    (problem,) = bad(changed("response_hours", "respons_hours"))
    assert config_words.problem(Translator(Locale.EN, "UTC"), problem) == (
        'line 15, policy.respons_hours: "respons_hours" means nothing here. Did you mean response_hours?'
    )
    assert config_words.problem(Translator(Locale.JA, "UTC"), problem) == (
        "15行目 policy.respons_hours: 「respons_hours」という項目はここでは使えません。response_hours ではありませんか?"
    )
