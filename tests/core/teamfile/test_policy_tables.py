"""What a policy may say, and what is refused: at its line, in one sentence, in both languages."""

from __future__ import annotations

import re

import pytest

from bot.cli.teamfile import config_words
from bot.core.sla.policy import EscalationStep, Policy
from bot.core.teamfile import Problem
from bot.i18n import Translator
from storage.vocabulary import Locale
from tests.core.teamfile.kit import GOOD, bad, good, line_of

STEP = '[[policy.escalations]]\nafter_hours = 24\nto = "manager"\n'
TIER = '[[policy.tiers]]\nname = "hot"\nwhen = { min_score = 80 }\n'
WHEN = '[[policy.tiers]]\nname = "hot"\n[policy.tiers.when]\n'


def agreeing(policy: str) -> str:
    """The good file with these lines in the place of its policy's."""
    before, _, rest = GOOD.partition("response_hours = 24\n")
    return before + policy + "\n\n" + rest.partition(STEP)[2]


def refused(policy: str) -> Problem:
    (problem,) = bad(agreeing(policy))
    return problem


def policy(toml: str) -> Policy:
    return good(agreeing(toml)).policy


def step(toml: str) -> str:
    return f"[[policy.escalations]]\nafter_hours = 24\n{toml}"


NUMBERS = [
    ("response_hours = -1", "greater_than"),
    ("response_hours = 0", "greater_than"),
    ("response_hours = -inf", "greater_than"),
    ("response_hours = nan", "less_than_equal"),
    ("response_hours = inf", "less_than_equal"),
    ("response_hours = 1e400", "less_than_equal"),
    ("response_hours = 2160.5", "less_than_equal"),
    ("response_hours = 99999999999999999999999999", "less_than_equal"),
    ("response_hours = true", "wrong_type"),
    ('response_hours = "24"', "wrong_type"),
    ("response_hours = [24]", "wrong_type"),
    ("response_hours = 2026-11-17", "wrong_type"),
    ("grace_minutes = -1", "greater_than_equal"),
    ("grace_minutes = 1441", "less_than_equal"),
    ("grace_minutes = 99999999999999999999999999", "less_than_equal"),
    ("grace_minutes = 0.5", "wrong_type"),
    ("grace_minutes = nan", "wrong_type"),
    ("grace_minutes = 1e30", "wrong_type"),
    ("grace_minutes = true", "wrong_type"),
    ('grace_minutes = "10"', "wrong_type"),
    ("pause_days = -1", "greater_than_equal"),
    ("pause_days = 91", "less_than_equal"),
    ("pause_days = 1.5", "wrong_type"),
    ("feedback_days = 0", "greater_than"),
    ("feedback_days = nan", "less_than_equal"),
    ("feedback_escalation_days = 181", "less_than_equal"),
]


@pytest.mark.parametrize(("toml", "code"), NUMBERS)
def test_a_number_that_cannot_be_is_refused_at_its_key(toml: str, code: str) -> None:
    problem = refused(toml)
    assert (problem.field, problem.code) == (f"policy.{toml.split(maxsplit=1)[0]}", code)
    assert problem.line == line_of(agreeing(toml), toml)


@pytest.mark.parametrize(
    "reminder",
    [
        "0",
        "-0.1",
        "1.01",
        "nan",
        "inf",
        "99999999999999999999",
        "true",
        '"0m"',
        '"30"',
        '"30s"',
        '"1.5h"',
        '"-4h"',
        '"4 h"',
        '"10000d"',
        '"３０m"',
        "[0.5]",
    ],
)
@pytest.mark.parametrize("key", ["reminders", "feedback_reminders"])
def test_what_is_no_reminder_is_refused_where_it_stands(key: str, reminder: str) -> None:
    problem = refused(f"{key} = [\n  0.5,\n  {reminder},\n]")
    assert (problem.field, problem.code) == (f"policy.{key}[2]", "not_a_reminder")
    assert problem.line == line_of(agreeing(f"{key} = [\n  0.5,\n  {reminder},\n]"), "0.5,") + 1


CONTRADICTIONS = [
    (step('to = "manager"\ndo = "fire"'), "escalations[1].do", "unknown_word", 'do = "fire"'),
    (step('to = ""'), "escalations[1].to", "not_a_target", 'to = ""'),
    (step('to = "D0ABC12345"'), "escalations[1].to", "not_a_target", 'to = "D0'),
    (step('to = "everyone"'), "escalations[1].to", "not_a_target", 'to = "every'),
    (step('to = "U0NOBODY01"'), "escalations[1].to", "not_on_roster", 'to = "U0NO'),
    (step("to = 5"), "escalations[1].to", "wrong_type", "to = 5"),
    (step('to = "manager"\nin_thread = 1'), "escalations[1].in_thread", "wrong_type", "in_thread"),
    (step('to = "manager"\nthread = true'), "escalations[1].thread", "unknown_key", "thread"),
    (step('to = "manager"\nrepeat_hours = 2'), "escalations[1]", "half_a_repeat", "[[policy.esc"),
    (step('to = "manager"\nrepeat_times = 2'), "escalations[1]", "half_a_repeat", "[[policy.esc"),
    (
        step('to = "manager"\nrepeat_hours = 0\nrepeat_times = 2'),
        "escalations[1].repeat_hours",
        "greater_than",
        "repeat_h",
    ),
    (
        step('to = "manager"\nrepeat_hours = 1\nrepeat_times = 0'),
        "escalations[1].repeat_times",
        "greater_than_equal",
        "repeat_t",
    ),
    (
        step('to = "manager"\nrepeat_hours = 1\nrepeat_times = 21'),
        "escalations[1].repeat_times",
        "less_than_equal",
        "repeat_t",
    ),
    (
        step('to = "manager"\nrepeat_hours = 1\nrepeat_times = 1.5'),
        "escalations[1].repeat_times",
        "wrong_type",
        "repeat_t",
    ),
    (
        step('to = "head"\ndo = "hand_over"\nrepeat_hours = 1\nrepeat_times = 1'),
        "escalations[1]",
        "hands_over_twice",
        "[[policy.esc",
    ),
    (step('to = "peers"\ndo = "hand_over"'), "escalations[1]", "hands_to_nobody", "[[policy.esc"),
    (step('to = "C0SALES001"\ndo = "hand_over"'), "escalations[1]", "hands_to_nobody", "[[policy.esc"),
    (step('to = "S0LEADS001"\ndo = "hand_over"'), "escalations[1]", "hands_to_nobody", "[[policy.esc"),
    (step('to = "@sales-leads"\ndo = "hand_over"'), "escalations[1]", "hands_to_nobody", "[[policy.esc"),
    (step('to = "peers"\ndo = "reassign"'), "escalations[1]", "reassigns_to_peers", "[[policy.esc"),
    (
        '[[policy.escalations]]\nafter_hours = 23.5\nto = "head"',
        "escalations[1].after_hours",
        "before_deadline",
        "23.5",
    ),
    ("escalations = 1", "escalations", "wrong_type", "escalations = 1"),
    ('escalations = ["manager"]', "escalations[1]", "wrong_type", "escalations = "),
    ("response_hours = 48", "response_hours", "default_before_deadline", "response_hours"),
    ("feedback_days = 8", "feedback_days", "before_deadline", "feedback_days"),
    ("feedback_escalation_days = 4.5", "feedback_escalation_days", "before_deadline", "feedback_esc"),
    ("reminders = [1]", "reminders[1]", "reminder_after_deadline", "reminders"),
    ('reminders = ["24h"]', "reminders[1]", "reminder_after_deadline", "reminders"),
    ('reminders = ["9999d"]', "reminders[1]", "reminder_after_deadline", "reminders"),
    ('feedback_reminders = ["6d"]', "feedback_reminders[1]", "reminder_after_deadline", "feedback_rem"),
    ("reminders = [0.5, 0.50]", "reminders[2]", "reminder_twice", "reminders"),
    ('reminders = ["23h", "1380m"]', "reminders[2]", "reminder_twice", "reminders"),
    ('reminders = [0.5, "12h"]', "reminders[2]", "reminder_twice", "reminders"),
    ('feedback_reminders = [1.0, "5d"]', "feedback_reminders[2]", "reminder_twice", "feedback_rem"),
    ("reminders = 0.5", "reminders", "wrong_type", "reminders"),
    ('on_reassign = "reset"', "on_reassign", "unknown_word", "on_reassign"),
    ("restart_times = 21", "restart_times", "less_than_equal", "restart_times"),
    ("restart_times = -1", "restart_times", "greater_than_equal", "restart_times"),
    ("restart_times = 1.5", "restart_times", "wrong_type", "restart_times"),
    ("on_reassign = true", "on_reassign", "unknown_word", "on_reassign"),
    ('quiet = "20:00-08:00"', "quiet", "wrong_type", "quiet"),
    ('quiet = { start = "20:00", end = "20:00" }', "quiet", "quiet_for_ever", "quiet"),
    ('quiet = { start = "20:00", end = "19:59" }', "quiet", "quiet_too_long", "quiet"),
    ('quiet = { start = "14:00", end = "08:01" }', "quiet", "quiet_too_long", "quiet"),
    ('quiet = { start = "24:00", end = "08:00" }', "quiet.start", "not_a_time", "quiet"),
    ('quiet = { start = "20:00" }', "quiet.end", "missing", "quiet"),
    ('calendar = "sometimes"', "calendar.kind", "unknown_word", "calendar"),
]

TIERS = [
    (TIER + 'quiet = { start = "06:00", end = "00:01" }', "quiet", "quiet_too_long", "quiet"),
    (WHEN, "when", "chooses_all", "[policy.tiers.when]"),
    (WHEN + "channels = []", "when", "chooses_all", "[policy.tiers.when]"),
    (WHEN + "attributes = {}", "when", "chooses_all", "[policy.tiers.when]"),
    (WHEN + "attributes = { plan = [] }", "when.attributes.plan", "too_short", "attributes"),
    (WHEN + 'attributes = { plan = "gold" }', "when.attributes.plan", "wrong_type", "attributes"),
    (WHEN + 'attributes = { "" = ["gold"] }', "when.attributes", "string_too_short", "attributes"),
    (WHEN + "min_score = 80\nmax_score = 79", "when", "chooses_none", "[policy.tiers.when]"),
    (WHEN + "min_score = -1", "when.min_score", "greater_than_equal", "min_score"),
    (WHEN + "min_score = nan", "when.min_score", "wrong_type", "min_score"),
    (WHEN + "min_score = 80.5", "when.min_score", "wrong_type", "min_score"),
    (WHEN + 'min_score = "80"', "when.min_score", "wrong_type", "min_score"),
    (WHEN + "min_score = true", "when.min_score", "wrong_type", "min_score"),
    (WHEN + 'channels = "webinar"', "when.channels", "wrong_type", "channels = "),
    (WHEN + 'channels = ["webinar", " "]', "when.channels[2]", "string_too_short", "channels = "),
    (WHEN + "forms = [1]", "when.forms[1]", "wrong_type", "forms"),
    (WHEN + 'chanels = ["webinar"]', "when.chanels", "unknown_key", "chanels"),
    ('[[policy.tiers]]\nname = "hot"', "when", "missing", "[[policy.tiers]]"),
    ("[[policy.tiers]]\nwhen = { min_score = 1 }", "name", "missing", "[[policy.tiers]]"),
    ('[[policy.tiers]]\nname = " "\nwhen = { min_score = 1 }', "name", "string_too_short", 'name = " "'),
    (f'[[policy.tiers]]\nname = "{"x" * 41}"\nwhen = {{ min_score = 1 }}', "name", "string_too_long", "xxx"),
    (TIER + "response_hours = 0", "response_hours", "greater_than", "response_hours"),
    (TIER + "response_hours = 30", "response_hours", "default_before_deadline", "response_hours"),
    (TIER + "feedback_days = 7", "feedback_days", "before_deadline", "feedback_days"),
    (TIER + 'reminders = ["30h"]', "reminders[1]", "reminder_after_deadline", "reminders"),
    (TIER + 'response_hours = 1\nreminders = ["30m", 0.5]', "reminders[2]", "reminder_twice", "reminders"),
    (
        TIER + 'escalations = [{ after_hours = 1, to = "manager" }]',
        "escalations[1].after_hours",
        "before_deadline",
        "escalations",
    ),
    (
        TIER + 'escalations = [{ after_hours = 24, to = "peers", do = "reassign" }]',
        "escalations[1]",
        "reassigns_to_peers",
        "escalations",
    ),
    (
        TIER + 'escalations = [{ after_hours = 24, to = "U0NOBODY01" }]',
        "escalations[1].to",
        "not_on_roster",
        "escalations",
    ),
    (TIER + 'calendar = { kind = "always", holidays = "JP" }', "calendar", "always_with_rules", "calendar"),
    (TIER + "tiers = []", "tiers", "unknown_key", "tiers = "),
    (TIER + "respons_hours = 1", "respons_hours", "unknown_key", "respons_hours"),
]


@pytest.mark.parametrize(("toml", "field", "code", "fragment"), CONTRADICTIONS)
def test_a_contradiction_is_refused_with_its_code_line_and_field(
    toml: str, field: str, code: str, fragment: str
) -> None:
    problem = refused(toml)
    assert (problem.field, problem.code) == (f"policy.{field}", code)
    assert problem.line == line_of(agreeing(toml), fragment)


@pytest.mark.parametrize(
    "again",
    [
        'after_hours = 24\nto = "manager"\nin_thread = true',
        'after_hours = 48\nto = "manager"',
        'after_hours = 30\nto = "manager"\nrepeat_hours = 3\nrepeat_times = 2',
    ],
)
def test_two_steps_that_do_the_same_at_the_same_time_are_refused_at_the_second(again: str) -> None:
    toml = step('to = "manager"\nrepeat_hours = 12\nrepeat_times = 2\n') + f"[[policy.escalations]] # again\n{again}"
    problem = refused(toml)
    assert (problem.field, problem.code) == ("policy.escalations[2]", "step_twice")
    assert problem.line == line_of(agreeing(toml), "# again")


@pytest.mark.parametrize(("toml", "field", "code", "fragment"), TIERS)
def test_a_contradiction_of_a_tier_is_refused_with_its_code_line_and_field(
    toml: str, field: str, code: str, fragment: str
) -> None:
    problem = refused(toml)
    assert (problem.field, problem.code) == (f"policy.tiers[1].{field}", code)
    assert problem.line == line_of(agreeing(toml), fragment)


def test_of_two_tiers_with_one_name_or_one_rule_the_second_is_at_fault() -> None:
    warm = TIER.replace("80", "60")
    problem = refused(TIER + warm)
    assert (problem.field, problem.code, problem.values["given"]) == ("policy.tiers[2].name", "tier_twice", "hot")
    problem = refused(TIER + TIER.replace("hot", "warm"))
    assert (problem.field, problem.code, problem.values["given"]) == ("policy.tiers[2].when", "tier_never", "warm")
    assert refused(TIER + warm.replace("hot", " hot ")).code == "tier_twice"


def test_what_a_tier_inherits_is_not_told_again_for_every_tier() -> None:
    toml = 'reminders = ["25h"]\n' + TIER + TIER.replace("hot", "warm").replace("80", "60")
    assert refused(toml).field == "policy.reminders[1]"


def test_an_inherited_reminder_that_a_shorter_deadline_overtakes_is_told_at_the_tier() -> None:
    problem = refused('reminders = ["4h"]\n' + TIER + "response_hours = 2")
    assert (problem.field, problem.code) == ("policy.tiers[1]", "reminder_after_deadline")


def test_each_contradiction_of_a_file_is_told_once() -> None:
    toml = (
        'reminders = [0.5, 0.5, "25h"]\nfeedback_days = 8\n'
        + TIER
        + "max_score = 3\n"
        + step('to = "head"\ndo = "fire"')
    )
    assert [(p.field, p.code) for p in bad(agreeing(toml))] == [
        ("policy.tiers[1].max_score", "unknown_key"),
        ("policy.escalations[1].do", "unknown_word"),
    ]
    toml = 'reminders = [0.5, 0.5, "25h"]\nfeedback_days = 8\n' + TIER + 'reminders = ["1d"]'
    assert [(p.field, p.code) for p in bad(agreeing(toml))] == [
        ("policy.reminders[2]", "reminder_twice"),
        ("policy.reminders[3]", "reminder_after_deadline"),
        ("policy.feedback_days", "before_deadline"),
        ("policy.tiers[1].reminders[1]", "reminder_after_deadline"),
    ]


SAID = [(toml, field) for toml, field, _, _ in CONTRADICTIONS]
SAID += [(toml, f"tiers[1].{field}") for toml, field, _, _ in TIERS]
SAID += [(toml, toml.split()[0]) for toml, _ in NUMBERS]


@pytest.mark.parametrize(("toml", "field"), SAID)
def test_every_refusal_is_one_line_in_either_language(toml: str, field: str) -> None:
    problem = refused(toml)
    ja, en = (config_words.problem(Translator(locale, "UTC"), problem) for locale in (Locale.JA, Locale.EN))
    assert re.match(
        rf"{problem.line}行目 (?:[^()]+(?:\([^()]+\))?\(policy\.{re.escape(field)}\)|policy\.{re.escape(field)}): ", ja
    ), ja
    assert re.match(rf"line {problem.line}, (?:.+ \(policy\.{re.escape(field)}\)|policy\.{re.escape(field)}): ", en), en
    assert ja.endswith(("。", "か?"))
    assert en.endswith((".", "?", "…"))
    assert not any(
        "\n" in text or ".0 " in text or "{" in text.replace(str(problem.values.get("given")), "") for text in (ja, en)
    )


def test_a_cure_names_the_table_in_which_it_is_to_be_written() -> None:
    for toml, table in (
        ("response_hours = 48", "[[policy.escalations]]"),
        (TIER + "response_hours = 30", "[[policy.tiers.escalations]]"),
    ):
        for locale in Locale:
            assert table in config_words.problem(Translator(locale, "UTC"), refused(toml))


def test_a_number_with_thousands_of_digits_is_refused_at_its_line() -> None:
    problem = refused("grace_minutes = 5\nresponse_hours = " + "9" * 5000)
    assert (problem.line, problem.code) == (line_of(agreeing("grace_minutes = 5"), "grace") + 1, "not_toml")


def test_a_good_policy_says_what_it_says() -> None:
    read = policy(
        'reminders = ["30m", 0.5, "20h"]\ngrace_minutes = 10\n'
        'on_reassign = "restart"\nrestart_times = 3\nfeedback_reminders = [1.0]\n'
        + TIER
        + 'response_hours = 1\ncalendar = "always"\nreminders = ["30m"]\n'
        + step('to = "peers"\nin_thread = true\nrepeat_hours = 2.5\nrepeat_times = 3')
        + "\n"
        + step('to = "U2"\ndo = "hand_over"')
        + "\n"
        + step('to = "head"\ndo = "reassign"\nrepeat_hours = 12\nrepeat_times = 20')
    )
    assert read.reminders == ("30m", 0.5, "20h")
    assert (read.grace_minutes, read.on_reassign, read.feedback_reminders) == (10, "restart", (1.0,))
    assert (read.restart_times, policy("").restart_times) == (3, 2)
    assert read.escalations == (
        EscalationStep(after_hours=24, to="peers", in_thread=True, repeat_hours=2.5, repeat_times=3),
        EscalationStep(after_hours=24, to="U2", do="hand_over"),
        EscalationStep(after_hours=24, to="head", do="reassign", repeat_hours=12, repeat_times=20),
    )
    hot = read.terms("hot")
    assert (hot.response_hours, hot.calendar.kind, hot.reminders) == (1, "always", ("30m",))
    assert (hot.grace_minutes, hot.escalations) == (10, read.escalations)
    assert read.terms("cold") == read.terms(None) == read


def test_an_mql_is_handed_over_only_to_somebody_who_may_have_one() -> None:
    marketer = '\n[[members]]\nuser = "U3"\nname = "伊藤 結衣"\nroles = ["marketer"]\n'
    for do, codes in (("hand_over", ["cannot_hold"]), ("tell", [])):
        text = agreeing(step(f'to = "U3"\ndo = "{do}"')) + marketer
        wrong = bad(text) if codes else []
        assert [(problem.field, problem.code) for problem in wrong] == [("policy.escalations[1].to", c) for c in codes]
    assert good(text).policy.escalations[0].to == "U3"
