from __future__ import annotations

from dataclasses import replace

import pytest

from bot.cli.teamfile import config_words
from bot.core.sla.policy import EscalationStep, Policy, QuietHours
from bot.core.teamfile import BadFile, Problem, TeamFile, draft, export, parse, workspace_of
from bot.i18n import Translator
from storage.vocabulary import Locale, Role
from tests.core.teamfile.kit import GOOD, changed

NIGHT = QuietHours(start="20:00", end="08:00")
CURRENT = replace(parse(GOOD, None), policy=Policy(response_hours=24, quiet=NIGHT, pause_days=3))

BY_EMAIL = GOOD.replace('user = "U2"', 'email = "M@example.com"').replace('manager = "U2"', 'manager = "m@example.com"')


def problems(text: str, current: TeamFile = CURRENT) -> list[Problem]:
    with pytest.raises(BadFile) as caught:
        draft(text, current)
    for locale in Locale:
        for problem in caught.value.problems:
            assert "{" not in config_words.problem(Translator(locale, "UTC"), problem)
    return caught.value.problems


def test_what_was_exported_says_what_holds() -> None:
    assert draft(export(CURRENT), CURRENT) == CURRENT


def test_a_policy_alone_changes_the_keys_that_it_names() -> None:
    drafted = draft("[policy]\nresponse_hours = 8\n", CURRENT)
    assert drafted == replace(CURRENT, policy=CURRENT.policy.model_copy(update={"response_hours": 8}))


def test_steps_calendar_and_tiers_are_replaced_as_a_whole() -> None:
    text = """
        [policy]
        calendar = "always"
        [[policy.escalations]]
        after_hours = 30
        to = "peers"
        [[policy.tiers]]
        name = "hot"
        when = { min_score = 80 }
        response_hours = 1
    """
    policy = draft(text, CURRENT).policy
    assert policy.escalations == (EscalationStep(after_hours=30, to="peers"),)
    assert policy.calendar.kind == "always"
    assert [tier.name for tier in policy.tiers] == ["hot"]
    assert (policy.quiet, policy.pause_days) == (NIGHT, 3)


def test_members_alone_are_the_whole_roster() -> None:
    text = """
        [[members]]
        user = "U9"
        name = "Alex Brown"
        roles = ["rep", "manager"]
    """
    drafted = draft(text, CURRENT)
    assert [person.user_id for person in drafted.members] == ["U9"]
    assert drafted.policy == CURRENT.policy


def test_a_whole_file_means_what_it_means_when_it_is_applied() -> None:
    drafted = draft(changed("response_hours = 24", "response_hours = 20"), CURRENT)
    assert (drafted.policy.response_hours, drafted.policy.pause_days) == (20, 5)
    assert draft(changed("response_hours = 24", "quiet = false"), CURRENT).policy.quiet is None
    (missing,) = problems(GOOD[: GOOD.index("[[members]]")])
    assert (missing.field, missing.code) == ("members", "missing")


def test_people_by_e_mail_address_are_known_by_name_or_are_new() -> None:
    text = GOOD.replace('user = "U1"', 'email = "sato@example.com"').replace(
        'manager = "U2"', 'manager = "m@example.com"'
    )
    text = text.replace('user = "U2"', 'email = "M@example.com"').replace('mql = "C1"', 'mql = "#mql"')
    text += '[[members]]\nemail = "new@example.com"\nname = "Kim Lee"\nroles = ["rep"]\n'
    sato, tanaka, new = draft(text, CURRENT).members
    assert (sato.user_id, sato.manager, tanaka.user_id) == ("U1", "U2", "U2")
    assert new.user_id not in {"U1", "U2"}
    assert new.roles == (Role.REP,)


def test_steps_may_name_people_groups_and_slack_channels() -> None:
    steps = "".join(
        f'[[policy.escalations]]\nafter_hours = {hours}\nto = "{to}"\n'
        for hours, to in ((30, "m@example.com"), (40, "@sales"), (50, "#sales"))
    )
    members = tuple(replace(member, user_id="U0TANAKA") for member in CURRENT.members if member.user_id == "U2")
    targets = [step.to for step in draft(BY_EMAIL + steps, replace(CURRENT, members=members)).policy.escalations[1:]]
    assert targets[0] == "U0TANAKA"
    assert [target[0] for target in targets] == ["U", "S", "C"]


@pytest.mark.parametrize(
    ("text", "line", "field", "code"),
    [
        ("[policy]\nresponse_hour = 8\n", 2, "policy.response_hour", "unknown_key"),
        ("response_hours = 8\n", 1, "response_hours", "unknown_key"),
        ("[policy]\nresponse_hours = 48\n", 1, "policy.escalations[1].after_hours", "before_deadline"),
        ("[polcy]\nresponse_hours = 8\n", 1, "polcy", "unknown_key"),
        ("policy = 3\n", 1, "policy", "wrong_type"),
        ("workspace = 3\n[policy]\nresponse_hours = 8\n", 1, "workspace", "wrong_type"),
        ("\n[policy\n", 2, "", "not_toml"),
        ('[policy]\nescalations = [{ after_hours = 24, to = "U404" }]', 2, "policy.escalations[1].to", "not_on_roster"),
    ],
)
def test_a_mistake_is_named_where_it_stands(text: str, line: int, field: str, code: str) -> None:
    assert (line, field, code) in [(problem.line, problem.field, problem.code) for problem in problems(text)]


def test_a_file_tells_which_workspace_it_is_for() -> None:
    assert workspace_of(GOOD) == "T1"
    assert [workspace_of(text) for text in ("", "workspace = 3", "[workspace]\nid = 3", "[policy]")] == [None] * 4
    assert draft(changed('id = "T1"', 'id = "T2"'), CURRENT).workspace_id == "T1"
