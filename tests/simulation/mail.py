"""What stands in Slack, held against the outbox and the stories."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from bot.slack.blocks.base import ids
from playground import Playground
from playground.blocks import blocks_inside, elements_inside
from playground.model import Record
from storage import models
from storage.vocabulary import MessageKind as Kind
from tests.simulation.story import ASIDE, OPEN, TAKEN, Story

TO_OWNER = (Kind.ASSIGNMENT, Kind.REMINDER, Kind.FEEDBACK_REMINDER)
TO_LEADER = (Kind.ESCALATION, Kind.UNASSIGNED, Kind.OWNER_LEFT, Kind.FEEDBACK_OVERDUE, Kind.UNREACHABLE)
LIVE = (Kind.CARD, Kind.OFFER, Kind.FIRST_OFFER, *TO_OWNER, *TO_LEADER)
NOT_COMPARED = {
    Kind.FEEDBACK_AGAIN: "tests/scenarios/test_asked_again.py",
    Kind.COVER: "tests/scenarios/test_absences.py",
    Kind.NEXT_TOUCH: "tests/scenarios/test_undo.py",
    Kind.PAUSE_REQUEST: "tests/scenarios/test_pauses.py",
    Kind.PAUSED_OVERDUE: "tests/scenarios/test_pauses.py",
    Kind.PAUSE_OVER: "tests/scenarios/test_pauses.py",
    Kind.CRM_CONFLICT: "tests/scenarios/test_crm.py",
    Kind.DISPUTED: "tests/scenarios/test_disputes.py",
    Kind.REOPENED: "tests/scenarios/test_disputes.py",
}
"""Those that carry buttons too, with the test that looks at them."""
OURS = "mql_bot_message"


class Mail:
    """Every message of the bot, by the key of its outbox row."""

    def __init__(self, slack: Playground) -> None:
        self._slack = slack
        self._read: dict[str, int] = {}
        self.by_key: dict[str, Record] = {}

    def read(self) -> Iterator[str]:
        """Look at what is new. Tells of messages that stand there twice."""
        for channel in self._slack.workspace.channels.values():
            seen = self._read.get(channel.id, 0)
            for record in channel.messages[seen:]:
                key = ((record.metadata or {}).get("event_payload") or {}).get("key")
                if key is not None and key in self.by_key:
                    yield f"the message {key} stands in Slack twice, at {self.by_key[key].ts} and {record.ts}"
                elif key is not None:
                    self.by_key[key] = record
            self._read[channel.id] = len(channel.messages)

    def compare(self, tx: sa.Connection, stories: Mapping[int, Story]) -> Iterator[str]:
        """In what Slack and the outbox do not agree, and which messages say what is true no more."""
        rows = list(tx.execute(sa.select(models.outbox).order_by(models.outbox.c.id)))
        waiting = {row.parent_id for row in rows if row.kind == Kind.EDIT and row.state in ("pending", "sending")}
        undoable = _undoable(tx)
        roster = {member.user_id: member for member in tx.execute(sa.select(models.member))}
        for row in rows:
            record = self.by_key.get(row.key)
            if row.kind in (Kind.EDIT, Kind.PRIVATE):
                continue
            if row.state == "sent" and (record is None or (record.channel, record.ts) != (row.channel, row.ts)):
                yield f"{row.key} was sent to {row.channel} at {row.ts}, Slack has {record and record.ts}"
            elif record is not None and (row.state == "dropped" or (row.state == "pending" and not row.maybe_sent)):
                yield f"{row.key} is {row.state}, but stands in Slack"
            if record is not None and row.kind in LIVE and row.mql_id and row.state == "sent" and row.id not in waiting:
                yield from _says_the_truth(row, record, stories[row.mql_id], undoable.get(row.mql_id), roster)
        for key in self.by_key.keys() - {row.key for row in rows}:
            yield f"nobody wrote the message {key}"


def _undoable(tx: sa.Connection) -> dict[int, str]:
    """Who may undo what was done last, for each MQL where nothing has come since that undoing would trample on."""
    last: dict[int, int] = {}
    for event in tx.execute(sa.select(models.event.c.id, models.event.c.mql_id, models.event.c.type)):
        if event.type not in (*ASIDE, "reminded", "asked", "touch_due", "received_again"):
            last[event.mql_id] = max(event.id, last.get(event.mql_id, 0))
    acts = tx.execute(sa.select(models.undo).where(models.undo.c.undone_at.is_(None)))
    return {act.mql_id: act.by for act in acts if act.event_id >= last[act.mql_id]}


def _says_the_truth(
    row: Any, record: Record, story: Story, undoable_by: str | None, roster: Mapping[str, Any]
) -> Iterator[str]:
    shown, expected = sorted(_buttons(record)), sorted(_expected(row, story, undoable_by, roster))
    if shown != expected:
        yield f"{row.key} of #{story.number}, {story.status}, owner {story.owner}: shows {shown}, not {expected}"
    if (
        row.kind == Kind.CARD
        and story.owner is not None
        and roster[story.owner].name not in json.dumps(record.blocks, ensure_ascii=False)
    ):
        yield f"the card of #{story.number} does not name {story.owner}"


def _buttons(record: Record) -> Iterator[str]:
    for _, block in blocks_inside(record.blocks):
        for element in elements_inside(block):
            if element["type"] in ("button", "overflow"):
                yield element["action_id"]


def _expected(row: Any, story: Story, undoable_by: str | None, roster: Mapping[str, Any]) -> list[str]:
    """The buttons that make sense."""
    undo = [ids.UNDO] if undoable_by is not None and (row.kind == Kind.CARD or undoable_by == row.target) else []
    everything = [*_steps(story), *undo, ids.SHOW]
    if row.kind == Kind.CARD:
        return everything
    if row.kind == Kind.ASSIGNMENT:
        return everything if story.owner == row.target else []
    if story.status not in OPEN:
        return []
    if row.kind in TO_LEADER:
        return _for_leader(row, story, roster)
    response = story.clocks["response"]
    if row.kind == Kind.OFFER:
        return [ids.TAKE_OVER, ids.SHOW] if story.offered and response.open and response.breached_at else []
    if row.kind == Kind.FIRST_OFFER:
        return [ids.ACCEPT, ids.SHOW] if story.owner is None else []
    if story.owner != row.target:
        return []
    if row.kind == Kind.FEEDBACK_REMINDER:
        return [*_resume(story), ids.REPORT]
    return everything if response.open else _how(story)


def _for_leader(row: Any, story: Story, roster: Mapping[str, Any]) -> list[str]:
    """The buttons of what a leader is told of an open MQL."""
    response = story.clocks["response"]
    if row.kind in (Kind.OWNER_LEFT, Kind.UNREACHABLE):
        gone = row.data["left" if row.kind == Kind.OWNER_LEFT else "whom"]
        return [ids.REASSIGN, ids.SHOW] if story.owner == gone else []
    if row.kind == Kind.FEEDBACK_OVERDUE:
        return [ids.SHOW, ids.REASSIGN, *_resume(story)]
    if row.kind == Kind.UNASSIGNED:
        makes_sense = story.owner is None
    else:
        (had,) = [event.before for event in story.events if event.id == row.event_id]
        makes_sense = response.open and response.breached_at is not None and story.owner in (None, had)
    there = story.owner is not None and roster[story.owner].away_until is None
    asked = _resume(story) or ([ids.REMIND] if there and response.open else [])
    return [ids.REASSIGN, ids.TAKE_OVER, *asked, ids.SHOW] if makes_sense else []


def _steps(story: Story) -> list[str]:
    """What can be done next with an MQL, beside undoing and looking at it."""
    if story.erased_at is not None or not story.counts:
        return []
    if story.status not in OPEN:
        return [ids.REPORT, *_how(story)]
    if story.owner is None:
        return [ids.ACCEPT, ids.REASSIGN]
    steps = {"assigned": [ids.ACCEPT, ids.CONTACTED], "accepted": [ids.CONTACTED]}.get(story.status, [])
    report = [ids.REPORT] if story.status in TAKEN else []
    return [*steps, *_resume(story), *report, *_how(story), ids.MORE]


def _resume(story: Story) -> list[str]:
    return [ids.RESUME] if any(clock.state == "paused" for clock in story.clocks.values()) else []


def _how(story: Story) -> list[str]:
    """Only a press says that the lead was contacted."""
    return [ids.HOW] if story.evidence == "button" else []
