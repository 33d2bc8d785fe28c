"""A team whose database is copied to another kind in the middle of its story does not notice."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from storage.database import Database
from storage.fingerprints import fingerprints
from storage.models import event, mql
from storage.vocabulary import Status
from tests.cli.kit import cli
from tests.scenarios import story
from tests.scenarios.stage import Team
from tests.scenarios.test_twice import _count, _each_message_once


@pytest.fixture
def new(new_postgres_url: Callable[[str], str]) -> Iterator[Database]:
    database = Database(new_postgres_url("template1"))
    yield database
    database.close()


@pytest.mark.thorough
def test_the_story_goes_on_in_postgresql_where_sqlite_left_off(team: Team, new: Database) -> None:
    story.leads_come_in(team)
    story.reps_answer(team)
    team.stop_bot()
    old = team.database
    before = fingerprints(old)
    done = cli("copy-database", *(database.url.render_as_string(hide_password=False) for database in (old, new)))
    assert done.exit_code == 0, done.output

    team.database = new
    team.start_bot()
    story.nobody_is_there(team)
    story.leaders_step_in(team)
    story.a_channel_is_lost(team)
    team.may_break = ("the app is not a member",)
    story.everybody_looks(team)
    story.weeks_pass(team)

    assert fingerprints(old) == before
    assert _count(team, mql) == before["mql"].rows + 4
    assert _count(team, event) > before["event"].rows
    assert [team.mql(number).number for number in range(1, 11)] == list(range(1, 11))
    assert team.mql(9).status == Status.ACCEPTED
    _each_message_once(team)
    assert len([m for m in team.dm("tanaka").messages if "週次レポート" in m.text]) == 2
