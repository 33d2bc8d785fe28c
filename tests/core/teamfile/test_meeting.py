from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.core.teamfile import export
from storage import reports_due
from storage.database import Database
from storage.vocabulary import ReportKind
from tests.core.teamfile.kit import GOOD, Slack, bad, good, line_of
from tests.core.teamfile.test_application import TEAM, applied, state

pytestmark = pytest.mark.rules

MEETING = '\n[meeting]\nweekday = "tuesday"\ntime = "10:00"\nchannel = "C7"\n'
MEETS = replace(TEAM, meeting_weekday=1, meeting_time="10:00", meeting_channel="C7")


def test_there_is_no_meeting_unless_the_file_plans_one() -> None:
    read = good(GOOD)
    assert (read.meeting_weekday, read.meeting_time, read.meeting_channel) == (None, None, None)
    assert "[meeting]" not in export(read)
    read = good(GOOD + MEETING)
    assert (read.meeting_weekday, read.meeting_time, read.meeting_channel) == (1, "10:00", "C7")
    assert good(export(read)) == read


@pytest.mark.parametrize(
    ("before", "after", "field", "code"),
    [
        ('"tuesday"', '"tue"', "meeting.weekday", "unknown_word"),
        ('"10:00"', '"10"', "meeting.time", "not_a_time"),
        ('"C7"', '"marketing"', "meeting.channel", "not_a_slack_channel"),
        ('"C7"', '"#marketing"', "meeting.channel", "channel_needs_token"),
        ("channel =", "chanel =", "meeting.channel", "missing"),
        ('time = "10:00"\n', "", "meeting.time", "missing"),
    ],
)
def test_what_is_wrong_is_named_by_line_and_field(before: str, after: str, field: str, code: str) -> None:
    text = GOOD + MEETING.replace(before, after)
    lines = {(wrong.field, wrong.code): wrong.line for wrong in bad(text)}
    assert (field, code) in lines
    where = "[meeting]" if code == "missing" else after
    assert lines[field, code] == line_of(text, where)


def test_a_slack_channel_that_the_bot_cannot_post_to_is_refused() -> None:
    (problem,) = bad(GOOD + MEETING, Slack(troubles={"C7": "bot_not_in_channel"}))
    assert (problem.field, problem.code) == ("meeting.channel", "bot_not_in_channel")
    named = good(GOOD + MEETING.replace('"C7"', '"#review"'), Slack(channels={"review": "C8"}))
    assert named.meeting_channel == "C8"


def test_the_difference_is_shown_and_the_agenda_planned_and_forgotten(any_database: Database) -> None:
    applied(any_database, TEAM)
    assert applied(any_database, MEETS) == [
        "~ Meeting: Weekday (meeting.weekday): – → Tuesday",
        "~ Meeting: Time (meeting.time): – → 10:00",
        "~ Meeting: Slack channel (meeting.channel): – → C7",
    ]
    assert state(any_database) == MEETS
    with any_database.snapshot() as tx:
        planned = reports_due.find(tx, "T1", ReportKind.MEETING, "2026-12-01")
    assert planned is not None
    assert planned.due_at == datetime(2026, 12, 1, 0, 0, tzinfo=UTC)
    assert applied(any_database, replace(MEETS, meeting_time="11:00")) == [
        "~ Meeting: Time (meeting.time): 10:00 → 11:00"
    ]
    with any_database.snapshot() as tx:
        moved = reports_due.find(tx, "T1", ReportKind.MEETING, "2026-12-01")
    assert moved is not None
    assert moved.due_at == datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
    applied(any_database, TEAM)
    with any_database.snapshot() as tx:
        assert reports_due.find(tx, "T1", ReportKind.MEETING, "2026-12-01") is None
