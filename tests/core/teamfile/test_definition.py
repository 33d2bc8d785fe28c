"""The definition in the team file: it proposes, and only people sign."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core import teamfile
from bot.core.agreement import definition
from bot.core.agreement.rules import Required, Rules
from bot.core.teamfile import export
from bot.core.teamfile.schema import WantedDefinition
from storage.database import Database
from tests.core.teamfile.kit import GOOD, bad, good, line_of
from tests.core.teamfile.test_application import NOW, TEAM

WRITTEN = """
[definition]
text = "従業員50名以上の製造業"
score = 60
hold = true
required = ["email", "company"]
excluded_domains = ["example.com"]
industries = ["製造"]
size = 50
"""
RULES = Rules(
    score=60,
    required=(Required.EMAIL, Required.COMPANY),
    excluded_domains=("example.com",),
    industries=("製造",),
    size=50,
)
WANTED = WantedDefinition("従業員50名以上の製造業", 60, RULES)


def test_a_definition_is_read_and_written_and_left_alone_where_the_file_says_nothing(database: Database) -> None:
    assert good(GOOD).definition is None
    read = good(GOOD + WRITTEN)
    assert read.definition == WANTED
    assert good(export(read)) == read
    with database.transaction() as tx:
        teamfile.apply(tx, replace(TEAM, definition=WANTED), NOW)
        teamfile.apply(tx, TEAM, NOW)
        assert teamfile.preview(tx, TEAM, NOW).changes == []
        assert teamfile.current(tx, TEAM.workspace_id) == replace(TEAM, definition=WANTED)


def test_a_file_proposes_once_and_signs_for_nobody(database: Database) -> None:
    wanted = replace(TEAM, definition=WANTED)
    with database.transaction() as tx:
        teamfile.apply(tx, TEAM, NOW)
        changes = teamfile.preview(tx, wanted, NOW).changes
        for _ in range(2):
            teamfile.apply(tx, wanted, NOW)
        standing = definition.standing(tx, TEAM.workspace_id)
        assert teamfile.preview(tx, wanted, NOW).changes == []
    assert standing.agreed is None
    assert standing.proposed is not None
    row = standing.proposed.row
    assert (row.number, row.text, row.threshold, Rules.of(row.rules)) == (1, WANTED.text, 60, RULES)
    assert (row.marketing_by, row.sales_by, row.proposed_by) == (None, None, definition.FROM_FILE)
    assert {change.values["field"] for change in changes if change.code == "definition"} >= {"text", "size", "hold"}
    assert changes[-1].code == "definition_proposed"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("hold = false", "not_held"),
        ('excluded_domains = ["a@b.example"]', "not_a_domain"),
        ('required = ["fax"]', "unknown_word"),
        ("size = 0", "greater_than_equal"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(written: str, code: str) -> None:
    key = written.partition(" ")[0]
    body = "\n".join(written if line.startswith(key) else line for line in WRITTEN.splitlines())
    (problem,) = bad(f"{GOOD}{body}\n")
    assert problem.code == code
    assert problem.line == line_of(GOOD + body, written if code != "not_held" else "[definition]")
