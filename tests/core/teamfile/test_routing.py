"""[[pools]] and [[routes]] in a team file: read, refused in one clear line each, written back, and previewed."""

from __future__ import annotations

import pytest

from bot.cli.teamfile import config_words
from bot.core import teamfile
from bot.core.mql import intake
from bot.core.mql.lead import Lead
from bot.core.routing import tables
from bot.core.teamfile import draft, export, parse
from bot.core.teamfile.schema import TeamFile
from bot.i18n import Translator
from storage import routing
from storage.database import Database
from storage.vocabulary import Locale, Source, Strategy
from tests.core.teamfile.kit import GOOD, Slack, bad, good, line_of
from tests.workspace import NOW, WORKSPACE

TEAM = GOOD.replace(
    '[[members]]\nuser = "U2"',
    '[[members]]\nuser = "U5"\nname = "鈴木 健"\nroles = ["rep"]\n\n[[members]]\nuser = "U2"',
    1,
)
ROUTES = """
[routing]
pause_after = 3

[[pools]]
name = "east"
members = ["U1"]
per_day = 5

[[pools.people]]
user = "U5"
weight = 0.5
ramp = [50, 75]
since = 2026-11-01
open_at_most = 3

[[routes]]
name = "関東の大手"
when = { regions = ["関東"], size = 300, attributes = { "予算" = ["1000万"] } }
pool = "east"
prefer = ["crm_owner", "same_company"]

[[routes]]
name = "Web"
when = { channels = ["web"] }
pool = "east"
strategy = "first_to_accept"
accept_minutes = 30
named = false

[[routes]]
name = "Rest"
strategy = "person"
person = "U5"
"""
WHOLE = TEAM + ROUTES


def test_a_file_says_how_the_team_routes_and_is_written_back_the_same() -> None:
    team = good(WHOLE)
    first, web, rest = team.routing.routes
    assert (first.when.size, first.when.attributes, first.prefer) == (
        300,
        {"予算": ("1000万",)},
        (Strategy.CRM_OWNER, Strategy.SAME_COMPANY),
    )
    assert (web.accept_minutes, web.named, rest.person) == (30, False, "U5")
    (east,) = team.routing.pools
    assert [(member.user, member.weight, member.ramp) for member in east.members] == [
        ("U1", 1, ()),
        ("U5", 0.5, (50, 75)),
    ]
    assert parse(export(team), None) == team
    assert good(TEAM).routing.plain


def test_a_user_group_or_a_channel_is_a_pool_of_its_reps_as_they_are_when_it_is_applied() -> None:
    slack = Slack(
        groups={"@east": "S9", "S9": "S9"}, channels={"deals": "C9"}, people={"S9": ["U1", "U77"], "C9": ["U5", "U2"]}
    )
    text = TEAM + '\n[[pools]]\nname = "both"\nmembers = ["@east", "#deals"]\n'
    team = good(text, slack)
    assert [(member.user, member.via) for member in team.routing.pools[0].members] == [("U5", "C9"), ("U1", "S9")]
    assert 'members = ["S9", "C9"]' in export(team)
    assert parse(export(team), slack) == team
    assert draft(text.replace("@east", "S9").replace("#deals", "C9"), team).routing == team.routing
    (problem,) = bad(export(team))[:1]
    assert problem.code == "pool_needs_token"


MISTAKES = {
    "never_reached": ('when = { channels = ["web"] }', ""),
    "nobody_weighs": ('members = ["U1"]\nper_day = 5', "members = []\nper_day = 5", "weight = 0.5", "weight = 0"),
    "not_a_cap": ("per_day = 5", "per_day = 0"),
    "not_on_roster": ('members = ["U1"]', 'members = ["U404"]'),
    "not_a_rep": ('members = ["U1"]', 'members = ["U2"]'),
    "no_such_pool": ('pool = "east"\nprefer', 'pool = "eest"\nprefer'),
    "unknown_key": ("size = 300", "sise = 300"),
    "unknown_word": ('"first_to_accept"', '"first"'),
    "never_met": ("size = 300", "size = 300, size_below = 300"),
    "person_and_strategy": ('strategy = "person"\n', ""),
    "ramp_without_since": ("since = 2026-11-01\n", ""),
    "pool_of_nobody": (ROUTES[ROUTES.index("[[pools.people]]") : ROUTES.index("[[routes]]")], "", '["U1"]', "[]"),
    "route_twice": ('name = "Web"', 'name = "Rest"'),
    "not_in_a_pool": ('members = ["U1"]', 'members = ["sato"]'),
}


@pytest.mark.parametrize("code", MISTAKES)
def test_each_mistake_is_one_clear_line_in_both_languages(code: str) -> None:
    pairs = MISTAKES[code]
    text = WHOLE
    for before, after in zip(pairs[::2], pairs[1::2], strict=True):
        assert before in text
        text = text.replace(before, after, 1)
    (problem,) = bad(text)
    assert problem.code == code
    for locale in Locale:
        assert "\n" not in config_words.problem(Translator(locale, "UTC"), problem)


def test_a_route_behind_one_that_takes_everything_is_named_with_the_line_of_that() -> None:
    text = WHOLE.replace('when = { channels = ["web"] }', "")
    (problem,) = bad(text)
    assert (problem.line, problem.values["line"]) == (
        line_of(text, 'name = "Rest"') - 1,
        line_of(text, 'name = "Web"') - 1,
    )


def test_a_narrower_route_behind_a_wider_one_is_never_reached() -> None:
    extra = '\n[[routes]]\nname = "Late"\nwhen = { channels = ["WEB"], score = 50 }\n'
    (problem,) = bad(TEAM + ROUTES[: ROUTES.index('[[routes]]\nname = "Rest"')] + extra)
    assert (problem.code, problem.values["earlier"]) == ("never_reached", "Web")


def applied(database: Database, team: TeamFile) -> None:
    with database.transaction() as tx:
        teamfile.apply(tx, team, NOW)


def test_applying_shows_the_effect_on_shares_and_keeps_everybodys_place(database: Database) -> None:
    applied(database, good(TEAM))
    with database.transaction() as tx:
        for n in range(6):
            lead = Lead(company=f"C{n}", attributes={"都道府県": "東京都"})
            intake.receive(tx, WORKSPACE, lead, Source.GENERIC, NOW)
    wanted = good(TEAM + '[[pools]]\nname = "one"\nmembers = ["U1"]\n[[routes]]\nname = "East"\npool = "one"\n')
    with database.snapshot() as tx:
        changes = {change.code: change for change in teamfile.preview(tx, wanted, NOW).changes}
    assert {"pool_new", "route_new", "routes_effect", "share_effect"} <= changes.keys()
    assert changes["share_effect"].values in (
        {"name": "鈴木 健", "had": 3, "would": 0},
        {"name": "佐藤 葵", "had": 3, "would": 6},
    )
    for locale in Locale:
        t = Translator(locale, "UTC")
        assert all("{" not in config_words.change(t, change) for change in changes.values())
    applied(database, wanted)
    applied(database, wanted)
    with database.snapshot() as tx:
        assert tables.current(tx, WORKSPACE) == wanted.routing
        assert len(routing.versions(tx, WORKSPACE)) == 1
        assert teamfile.preview(tx, wanted, NOW).changes == []
        assert set(routing.standings(tx, WORKSPACE, "one")) == {"U1"}
