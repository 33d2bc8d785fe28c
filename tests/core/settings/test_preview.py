"""What a preview shows is what is found after saving: random edits of offices that have lived."""

from __future__ import annotations

from datetime import datetime
from random import Random
from typing import Any

import pytest

from bot.core import teamfile
from bot.core.base.audit import Author
from bot.core.routing import rehearsal
from bot.core.settings import (
    Change,
    Past,
    Saved,
    Settings,
    concerns_past,
    draft,
    present,
    preview,
    read_past,
    replayed,
    save,
)
from bot.core.teamfile import BadFile, TeamFile
from storage import mqls, workspaces
from storage.database import Database
from tests.core.teamfile.kit import Slack
from tests.core.whatif.living import REPS
from tests.core.whatif.test_any_past import AFTERWARDS, lived
from tests.thorough import thoroughly

A_MONTH_LATER = AFTERWARDS + 3
"""Days that the office goes on after the last lead: then most of its MQLs are of the last month."""


def edit(rng: Random, settings: Settings) -> list[Change]:
    """One decision as a form would ask for it."""
    policy, rep = settings.document["policy"], rng.choice(REPS)
    hours = rng.choice([1, 4, 8, 24, 30])
    blocks = rng.choice([["09:00-18:00"], ["10:00-12:00", "13:00-19:00"]])
    days = {day: blocks for day in rng.sample(["monday", "tuesday", "wednesday", "thursday", "friday"], 4)}
    closure = {"first": "2026-08-13", "last": "2026-08-15", "name": "Obon", "each_year": True}
    pool = {"name": "All", "members": list(REPS), "people": [{"user": rep, "weight": rng.choice([0.5, 2])}]}
    everything = {"name": "Everything", "pool": "All"}
    decisions: list[list[tuple[tuple[str | int, ...], Any]]] = [
        [(("policy", "response_hours"), hours), (("policy", "escalations"), [{"after_hours": 48, "to": "head"}])],
        [(("policy", "reminders"), [rng.choice([0.25, 0.5, "30m"])])],
        [
            (("policy", "feedback_days"), days_ := rng.choice([1, 2, 6])),
            (("policy", "feedback_escalation_days"), days_),
        ],
        [(("policy", "calendar"), {"kind": "business_hours", "hours": days})],
        [(("policy", "calendar", "closures"), [closure])] if policy["calendar"]["kind"] != "always" else [],
        [(("policy", "quiet"), rng.choice([False, {"start": "18:00", "end": "09:00"}]))],
        [(("policy", "grace_minutes"), rng.choice([0, 30, 240]))],
        [(("policy", "response"), rng.choice(["accepted", "contacted"]))],
        [(("policy", "tiers"), [{"name": "Hot", "when": {"min_score": 60}, "response_hours": 1}])],
        [(("members", rep, "active"), rng.choice([True, False]))],
        [(("pools", "All"), pool), (("routes", "Everything"), everything)],
        [
            (("pools", "All"), pool | {"per_day": 3}),
            (("routes", "Everything"), everything | {"strategy": "least_open"}),
        ],
        [(("policy", "response_calendar"), "owner"), (("members", rep, "hours"), ["08:00-14:00"])],
        [(("digest", "time"), "10:00")],
    ]
    return [Change(path, value) for path, value in rng.choice(decisions)]


def shown(database: Database, wanted: TeamFile, now: datetime) -> Past | None:
    with database.snapshot() as tx:
        workspace = workspaces.get(tx, wanted.workspace_id)
        assert workspace is not None
        past = read_past(tx, workspace, now)
    return replayed(past, wanted) if past else None


def edited(database: Database, rng: Random, now: datetime, lived_under: TeamFile) -> bool:
    """Make one edit, look at its preview, save it, and find what was shown. Return whether it could be made."""
    with database.snapshot() as tx:
        settings = present(tx, "T1")
    assert settings is not None
    try:
        wanted = draft(settings, edit(rng, settings), Slack())
    except BadFile:
        return False
    with database.snapshot() as tx:
        effect = preview(tx, wanted, now)
        due = {(clock.mql_id, clock.kind): clock.due_at for clock in mqls.open_clocks(tx, "T1")}
    before = shown(database, wanted, now)
    move = rng.random() < 0.5
    with database.transaction() as tx:
        saved = save(tx, wanted, settings.version, now, Author.in_slack("U1"), move_open=move)
        assert isinstance(saved, Saved)
        after = present(tx, "T1")
        held = {(clock.mql_id, clock.kind): clock.due_at for clock in mqls.open_clocks(tx, "T1")}
    assert after is not None
    assert saved.moved.moves == (effect.deadlines.moves if move else ())
    if wanted.members == settings.team.members:  # a new owner may have the whole time again
        moved = sorted(move.after for move in saved.moved.moves if move.before != move.after)
        assert sorted(held[key] for key in held.keys() & due.keys() if held[key] != due[key]) == moved
    again = shown(database, after.team, now)
    assert (again and again.replayed) == (before and before.replayed)
    if before is not None and not concerns_past(lived_under, wanted):
        assert before.happened == before.replayed
    assert promised_shares(effect.changes).items() <= shares(database, after.team, now).items()
    return True


def promised_shares(changes: list[teamfile.Change]) -> dict[object, object]:
    """How many MQLs of the last 90 days each would have had, where the preview says it."""
    return {line.values["name"]: line.values["would"] for line in changes if line.code == "share_effect"}


def shares(database: Database, team: TeamFile, now: datetime) -> dict[object, object]:
    names = {person.user_id: person.name for person in team.members}
    with database.snapshot() as tx:
        workspace = workspaces.get(tx, team.workspace_id)
        assert workspace is not None
        rehearsed = rehearsal.rehearse(tx, workspace, team.routing, now)
    return {names[user]: rehearsed.would_have.get(user, 0) for user in names}


@pytest.mark.parametrize(("seed", "edits"), thoroughly([(seed, 15) for seed in range(14)], but=[(0, 3)]))
def test_the_numbers_of_a_preview_are_those_found_after_saving(database: Database, seed: int, edits: int) -> None:
    now = lived(database, seed, A_MONTH_LATER)
    with database.snapshot() as tx:
        settings = present(tx, "T1")
    assert settings is not None
    rng, made = Random(seed), 0
    while made < edits:
        made += edited(database, rng, now, settings.team)
