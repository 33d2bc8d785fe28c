"""The settings: drafted from one change, checked like a team file, and saved once."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.core import teamfile
from bot.core.agreement import definition
from bot.core.base.audit import Author
from bot.core.settings import Change, Overtaken, Saved, Settings, draft, edition, entry, present, save
from bot.core.teamfile import Account, BadFile
from storage import definitions
from storage.database import Database
from storage.vocabulary import CalendarKind, Door
from tests.core.teamfile.kit import GOOD, Slack

NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
WITH_DEFINITION = GOOD + '\n[definition]\ntext = "From 50 points on"\n'


@dataclass
class Unasked(Slack):
    """A Slack that must not be asked."""

    def user(self, user_id: str) -> Account | None:
        raise AssertionError(user_id)

    def channel_trouble(self, channel_id: str) -> str | None:
        raise AssertionError(channel_id)


def set_up(database: Database, text: str = GOOD) -> Settings:
    with database.transaction() as tx:
        saved = save(tx, teamfile.parse(text, None), 0, NOW, Author(Door.TEAM_FILE))
        assert isinstance(saved, Saved)
    return known(database)


def known(database: Database) -> Settings:
    with database.snapshot() as tx:
        settings = present(tx, "T1")
    assert settings is not None
    return settings


def sets(database: Database, path: tuple[str | int, ...], value: Any) -> Settings:
    """Change one thing as a form does, and return the settings then."""
    settings = known(database)
    wanted = draft(settings, [Change(path, value)], Unasked())
    with database.transaction() as tx:
        assert isinstance(save(tx, wanted, settings.version, NOW, Author.in_slack("U2")), Saved)
    return known(database)


def test_a_change_of_one_key_leaves_everything_else_as_it_was(database: Database) -> None:
    before = set_up(database)
    after = sets(database, ("policy", "response_hours"), 8)
    assert after.document == {**before.document, "policy": {**before.document["policy"], "response_hours": 8}}
    assert (after.edition.version, after.edition.by, after.edition.at) == (before.version + 1, "U2", NOW)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("members", "U1", "name"), "佐藤 あおい"),
        (("policy", "tiers", "Hot"), {"name": "Hot", "when": {"min_score": 80}, "response_hours": 4}),
        (("policy", "calendar"), {"kind": "business_days", "closures": ["2026-12-29"]}),
        (("lost_reasons", "no_need"), {"key": "no_need", "ja": "ニーズなし", "en": "No need"}),
        (("pools", "Tokyo"), {"name": "Tokyo", "members": ["U1"]}),
        (("policy", "quiet"), False),
        (("policy", "calendar", "half_days", "2026-12-28"), ["09:00-12:00"]),
    ],
)
def test_an_entry_is_found_by_its_identity_and_added_where_there_is_none(
    database: Database, path: tuple[str | int, ...], value: Any
) -> None:
    before = set_up(database)
    after = sets(database, path, value)
    (changed_table,) = [name for name in after.document if after.document[name] != before.document.get(name)]
    assert changed_table == path[0]
    written = tomllib.loads(teamfile.export(after.team))
    assert resembles(entry(written, path), value)
    assert teamfile.parse(teamfile.export(after.team), Slack()) == after.team


def resembles(written: Any, wanted: Any) -> bool:
    """Return whether everything that was wanted is written; a day alone is written as a closure from it to itself."""
    if isinstance(wanted, dict):
        return all(resembles(written[key], value) for key, value in wanted.items())
    if isinstance(wanted, list):
        return all(resembles(*pair) for pair in zip(written, wanted, strict=True))
    return bool(written == wanted or written == {"first": wanted, "last": wanted})


def test_the_first_entry_of_a_list_that_a_tier_did_not_have_makes_the_list(database: Database) -> None:
    set_up(database)
    sets(database, ("policy", "tiers", "Hot"), {"name": "Hot", "when": {"min_score": 80}})
    after = sets(database, ("policy", "tiers", "Hot", "escalations", 10_000), {"after_hours": 30, "to": "head"})
    (step,) = entry(after.document, ("policy", "tiers", "Hot", "escalations"))
    assert (step["after_hours"], step["to"]) == (30, "head")


def test_what_is_taken_out_holds_its_default_again(database: Database) -> None:
    set_up(database)
    sets(database, ("pools", "Tokyo"), {"name": "Tokyo", "members": ["U1"]})
    assert sets(database, ("pools", "Tokyo"), None).team.routing.pools == ()
    assert sets(database, ("policy", "calendar"), None).team.policy.calendar.kind == CalendarKind.BUSINESS_DAYS


def test_what_is_wrong_is_told_with_its_path_and_nothing_is_changed(database: Database) -> None:
    settings = set_up(database)
    with pytest.raises(BadFile) as refused:
        draft(settings, [Change(("members", "U1", "manager"), "U1"), Change(("digest", "time"), "9:00")], Slack())
    assert [(problem.path, problem.code) for problem in refused.value.problems] == [
        (("digest", "time"), "not_a_time"),
        (("members", 0, "manager"), "manages_themselves"),
    ]


def test_whoever_is_new_is_asked_of_slack(database: Database) -> None:
    settings = set_up(database)
    new = Change(("members", "U404"), {"user": "U404", "name": "Newcomer", "roles": ["rep"]})
    with pytest.raises(BadFile, match="no_such_user"):
        draft(settings, [new], Slack())


def test_of_two_who_save_at_once_the_second_learns_who_was_first(any_database: Database) -> None:
    settings = set_up(any_database)
    mine = draft(settings, [Change(("digest", "time"), "10:00")], Unasked())
    theirs = draft(settings, [Change(("digest", "weekday"), "friday")], Unasked())
    later = NOW + timedelta(minutes=1)
    with any_database.transaction() as tx:
        save(tx, theirs, settings.version, later, Author.in_slack("U2"))
    with any_database.transaction() as tx:
        lost = save(tx, mine, settings.version, later, Author.in_slack("U1"))
    assert isinstance(lost, Overtaken)
    assert (lost.edition.by, lost.edition.at) == ("U2", later)
    with any_database.snapshot() as tx:
        assert edition(tx, "T1") == lost.edition
    assert known(any_database).document["digest"] == {"weekday": "friday", "time": "09:00", "personal": True}


def test_a_definition_that_was_withdrawn_is_not_proposed_again_by_another_change(database: Database) -> None:
    set_up(database, WITH_DEFINITION)
    with database.transaction() as tx:
        proposal = definitions.newest(tx, "T1")
        assert proposal is not None
        definition.close(tx, "T1", proposal.id, "U2", "not now", NOW)
    sets(database, ("digest", "time"), "10:00")
    with database.snapshot() as tx:
        assert definitions.newest(tx, "T1") == definitions.get(tx, "T1", proposal.id)
