from __future__ import annotations

import pytest

from tests.core.teamfile.kit import GOOD, Slack, bad, changed, good


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
    assert problem.code == "not_on_roster"


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
