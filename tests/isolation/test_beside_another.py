"""A whole story in one workspace beside another in the same database: it changes nothing there, reads nothing there,
and every statement asks whose row it is."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

import psycopg
import pytest
import sqlalchemy as sa

from storage import (
    due_work,
    monthly,
    mqls,
    outbound,
    outbox,
    reports_due,
    undelivered,
    unreadables,
    uploads,
    workspaces,
)
from storage.database import Database
from storage.reports import Span
from storage.vocabulary import OutboundState, ReportKind, UploadState
from tests.conftest import Telling
from tests.isolation import neighbour
from tests.isolation.neighbour import OTHER, WORD
from tests.isolation.watching import Seen, watch
from tests.scenarios import story
from tests.scenarios.stage import Team

pytestmark = pytest.mark.thorough

# What looks beyond one workspace, and why it may.
ACROSS = {
    "due.work": "one tick serves every workspace, and asks first whether there is anything to do",
    "mqls.hold_due": "one tick serves every workspace; what is done about a clock is done under the clock's own",
    "mqls.due_clocks": "likewise",
    "mqls.workspaces_waiting": "likewise: it tells the workspaces, which are then served one by one",
    "reports_due.due": "likewise",
    "followup_questions.due": "likewise; the owner is asked in the MQL's own workspace",
    "absences.due": "likewise; what begins or ends is dealt with in the absence's own workspace",
    "next_touches.to_remind": "likewise; its owner is told in the promise's own workspace",
    "undos.over": "likewise; its message is edited in the act's own workspace",
    "unreadables.due": "likewise: it tells the workspaces, which are then served one by one",
    "actions.to_remind": "likewise; its owner is told in the action's own workspace",
    "workspaces.every": "the command line lists them, and a start without Slack asks whether there is only one",
}
# What names a row by an id that was read under its workspace in the same transaction, or just before.
BY_ID = {
    "mqls.change_clock",
    "mqls.change_clocks",
    "mqls.postpone_check",
}


class Beside(NamedTuple):
    """A story told beside a neighbour."""

    before: dict[str, list[tuple[Any, ...]]]
    after: dict[str, list[tuple[Any, ...]]]
    transcript: dict[str, list[str]]
    sent: str
    strays: list[str]
    seen: list[Seen]


@pytest.fixture(scope="module")
def beside(telling: Telling, postgres_server: str) -> Iterator[Beside]:
    """Told once for this file, on PostgreSQL."""
    name = f"mql_{uuid.uuid4().hex}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template_mql")
    url = sa.make_url(postgres_server).set(drivername="postgresql+psycopg", database=name)
    database, history = Database(url.render_as_string(hide_password=False)), Database(f"sqlite:///{telling.file}")
    neighbour.moves_in(history, database, quiet=True)
    before = neighbour.rows_of(database, OTHER)
    seen = watch(database.engine)
    team = Team(database)
    try:
        story.live(team)
        transcript, sent = story.transcript(team), json.dumps([entry.as_json() for entry in team.slack.log])
        _what_no_story_tells(team)
        after = neighbour.rows_of(database, OTHER)
    finally:
        team.close()
    yield Beside(before, after, transcript, sent, neighbour.strays(database), seen)
    database.close()
    history.close()


def _what_no_story_tells(team: Team) -> None:
    """What only a command, or trouble, calls."""
    now = team.time.now()
    with team.database.transaction() as tx:
        undelivered.dead(tx, team.id)
        undelivered.waiting(tx, team.id, now)
        undelivered.revivable(tx, team.id)
        undelivered.revive(tx, team.id, now)
        card = outbox.by_key(tx, team.id, f"card:{team.mql(1).id}")
        assert card is not None
        outbox.change_waiting(tx, card, dict)
        workspaces.every(tx)
        due_work.next_after(tx, team.id, now)
        mqls.due_clocks(tx, now, 100)
        mqls.postpone_check(tx, mqls.clocks(tx, team.id, [team.mql(1).id])[0].id, now)
        (report, *_) = reports_due.due(tx, now + timedelta(days=400))
        reports_due.postpone(tx, report, now)
        assert outbound.due(tx, team.id, now)
        event = outbound.claim(tx, team.id, now, now + timedelta(minutes=2))
        assert event is not None
        outbound.settle(tx, event, OutboundState.DEAD, error="http_410")
        outbound.dead(tx, team.id)
        outbound.failing(tx, team.id)
        outbound.revive(tx, team.id, now)
        mqls.get_feedback(tx, team.id, 1)
        outbound.forget(tx, team.id)
        reports_due.unschedule(tx, team.id, ReportKind.WEEKLY, now)
        upload_id = uploads.add(tx, team.id, "U0ITO00001", "F1", now)
        assert uploads.is_due(tx, team.id, now)
        assert uploads.claim(tx, team.id, now, now + timedelta(minutes=3)) is not None
        over = {"state": UploadState.CANCELLED, "next_attempt_at": None}
        uploads.change(tx, team.id, upload_id, [UploadState.READING], **over)
        unreadables.held_became(tx, team.id, now - timedelta(days=400), now)
        year = Span(now - timedelta(days=400), now)
        for count in (monthly.tallies, monthly.lost, monthly.scored):
            count(tx, team.id, year)
        monthly.valued(tx, team.id, year, 1)
        for stage in monthly.STAGES:
            monthly.time_to(tx, team.id, year, stage)


def test_not_one_row_of_the_neighbour_is_changed(beside: Beside) -> None:
    filled = (
        "mql",
        "event",
        "assignment",
        "clock",
        "feedback",
        "outbox",
        "outbound",
        "member",
        "receipt",
        "unreadable",
    )
    assert all(beside.before[table] for table in filled)
    assert beside.after == beside.before


def test_no_row_refers_to_one_of_another_workspace(beside: Beside) -> None:
    assert beside.strays == []


def test_not_one_word_of_the_neighbour_reaches_our_slack(beside: Beside) -> None:
    assert json.dumps("Alpha")[1:-1] in beside.sent
    assert json.dumps(WORD)[1:-1] not in beside.sent
    assert OTHER not in beside.sent


def test_people_read_exactly_what_they_read_without_a_neighbour(beside: Beside, telling: Telling) -> None:
    for place, lines in telling.transcript.items():
        assert beside.transcript[place] == lines, place


def test_every_statement_on_rows_of_a_workspace_asks_for_one_workspace(beside: Beside, telling: Telling) -> None:
    ours = "T0SAMPLE01"
    careless = {call.function for call in beside.seen if len(call.workspaces) != 1} - {*ACROSS} - BY_ID
    assert not careless, "filter by workspace_id, or say in ACROSS or BY_ID why not"
    about = {whose for call in beside.seen for whose in call.workspaces}
    # The neighbour's MQL without an owner is looked at by the tick, which serves every workspace, under its own name.
    assert about == {ours, OTHER}


def test_every_exception_is_one(beside: Beside) -> None:
    careful = {call.function for call in beside.seen} - {call.function for call in beside.seen if not call.workspaces}
    assert not careful & ({*ACROSS} | BY_ID)
