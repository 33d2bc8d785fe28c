"""Every kind of message has one entry with everything about it, and nothing else says it once more."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from bot.core.messages import kinds, outgoing
from bot.core.messages.kinds import KINDS, Content, IncompleteKind, Kind, Life, Priority, Reader, by_word
from bot.core.messages.payloads import Payload
from storage.models import Outbox
from storage.models.outbox import LISTS, TOLD, WAITING_EDIT
from storage.vocabulary import AbsenceSource, AskWhy, MessageKind, OutboxState
from tests.simulation import mail

CORE = Path(kinds.__file__).parents[1]
NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
EXTRA_WORD = """
import enum
from storage import vocabulary
words = {word.name: word.value for word in vocabulary.MessageKind}
vocabulary.MessageKind = enum.StrEnum("MessageKind", words | {"THANKS": "thanks"})
"""


def at_import(code: str) -> str:
    """Run code in a process of its own, which must fail, and return the last line of what it says."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout
    return done.stderr.strip().splitlines()[-1]


# What is missing is an error at import


def test_a_word_without_an_entry_does_not_import() -> None:
    output = at_import(EXTRA_WORD + "import bot.core.messages.kinds")
    assert "MessageKind.THANKS has no entry in bot/core/messages/kinds.py" in output
    assert "priority" in output


@pytest.mark.parametrize("missing", ["payload", "priority", "life", "reader", "gone"])
def test_an_entry_without_one_of_its_parts_does_not_import(missing: str) -> None:
    card = KINDS[MessageKind.CARD]
    parts: dict[str, Any] = {name: getattr(card, name) for name in ("word", "payload", "priority", "life", "reader")}
    parts |= {"gone": card.gone}
    assert Kind(**parts).priority is Priority.NEW_LEAD
    with pytest.raises(TypeError, match=missing):
        Kind(**{name: part for name, part in parts.items() if name != missing})


def test_no_word_has_two_entries() -> None:
    with pytest.raises(IncompleteKind, match=r"MessageKind\.CARD has two entries"):
        by_word([*KINDS.values(), kinds.CARD])


def test_every_entry_stands_under_the_name_of_its_word() -> None:
    assert {word.name: getattr(kinds, word.name).word for word in MessageKind} == {
        word.name: word for word in MessageKind
    }


def test_every_kind_is_queued_by_somebody() -> None:
    files = [file for file in CORE.rglob("*.py") if file.name != "kinds.py"]
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    queued = set(re.findall(r"\bkinds\.(\w+)\b(?!\.)", text))
    assert [word.name for word in MessageKind if word.name not in queued] == []


# What is written in SQL says the same


def named(condition: str) -> set[str]:
    """The kinds that a condition names."""
    listed = re.search(r"kind (?:NOT )?(?:IN \((.*?)\)|= (.*))", condition)
    assert listed is not None
    return set(re.findall(r"'(\w+)'", listed.group(1) or listed.group(2)))


def test_the_partial_indexes_name_the_kinds_of_the_registry() -> None:
    assert named(LISTS) == set(kinds.LISTS)
    assert named(TOLD) == set(kinds.UNCOUNTED)
    assert named(WAITING_EDIT) == {MessageKind.EDIT}


# What hangs together


def test_what_is_merged_may_stand_in_a_list_and_only_such_kinds_are_muted() -> None:
    holdable = {word for word, kind in KINDS.items() if kind.holdable}
    grouped = {word for word, kind in KINDS.items() if kind.group is not None}
    assert grouped <= holdable
    assert set(kinds.MUTABLE) == set(kinds.together_with(MessageKind.REMINDER)) <= grouped
    assert all(KINDS[word].reader is Reader.OWNER for word in kinds.MUTABLE)
    # The report on noise counts it as a message about its MQL.
    assert holdable <= set(kinds.MEASURED)
    assert set(kinds.REPLAYED) <= set(kinds.MEASURED)


def test_what_leaves_no_message_in_slack_counts_as_none() -> None:
    assert set(kinds.ONCE) < set(kinds.UNCOUNTED)
    assert all(KINDS[word].life in (Life.ONCE, Life.PERMANENT) for word in kinds.UNCOUNTED)


def test_the_simulation_knows_each_kind_that_carries_buttons() -> None:
    assert sorted((*mail.LIVE, *mail.NOT_COMPARED)) == sorted(kinds.LIVE)


def test_what_may_name_several_mqls_is_about_none_of_them() -> None:
    assert all(KINDS[word].life is Life.STANDING for word in kinds.LISTS)


# Payloads

CONTENTS: dict[MessageKind, tuple[Content, dict[str, Any]]] = {
    MessageKind.CARD: (kinds.CARD(), {}),
    MessageKind.ESCALATION: (kinds.ESCALATION(to="head"), {"to": "head"}),
    MessageKind.UNASSIGNED: (kinds.UNASSIGNED(tried=("U1", "U2")), {"tried": ["U1", "U2"]}),
    MessageKind.OWNER_LEFT: (kinds.OWNER_LEFT(left="U1"), {"left": "U1"}),
    MessageKind.UNREACHABLE: (
        kinds.UNREACHABLE(whom="C1", error="is_archived", tried=("C1",)),
        {"whom": "C1", "error": "is_archived", "tried": ["C1"]},
    ),
    MessageKind.FEEDBACK_AGAIN: (kinds.FEEDBACK_AGAIN(why=AskWhy.PAUSE), {"why": "pause"}),
    MessageKind.MARKETING_UPDATES: (
        kinds.MARKETING_UPDATES(start=datetime(2026, 11, 24, 9, tzinfo=UTC), end=datetime(2026, 11, 25, 9, tzinfo=UTC)),
        {"from": "2026-11-24T09:00:00Z", "until": "2026-11-25T09:00:00Z"},
    ),
    MessageKind.PRIVATE: (
        kinds.PRIVATE(channel="C1", reply="reply.taken", words={"by": "Sato", "number": 3}),
        {"channel": "C1", "reply": "reply.taken", "words": {"by": "Sato", "number": 3}},
    ),
    MessageKind.TRIP_ASKED: (
        kinds.TRIP_ASKED(first=date(2026, 12, 1), last=date(2026, 12, 2), source=AbsenceSource.STATUS),
        {"first": "2026-12-01", "last": "2026-12-02", "source": "status"},
    ),
    MessageKind.UNREADABLE: (
        kinds.UNREADABLE(unreadable=3, thread_ts="1.2"),
        {"unreadable": 3, "thread_ts": "1.2"},
    ),
    MessageKind.QUEUE_WAITING: (kinds.QUEUE_WAITING(entries=(3, 4)), {"entries": [3, 4]}),
    MessageKind.DIGEST: (kinds.DIGEST(period="2026-W47"), {"period": "2026-W47"}),
    MessageKind.ACTION_DUE: (
        kinds.ACTION_DUE(action=3, owner="U1", due_on=date(2026, 11, 25)),
        {"action": 3, "owner": "U1", "due_on": "2026-11-25"},
    ),
    MessageKind.ACTION_CHANGED: (kinds.ACTION_CHANGED(action=3, change=4), {"action": 3, "change": 4}),
    MessageKind.DEFINITION_SENT_BACK: (kinds.DEFINITION_SENT_BACK(definition=3), {"definition": 3}),
    MessageKind.DEFINITION_AGREED: (kinds.DEFINITION_AGREED(definition=3), {"definition": 3}),
    MessageKind.ALERT: (kinds.ALERT(alert=3), {"alert": 3}),
    MessageKind.MEETING: (
        kinds.MEETING(day=date(2026, 11, 25), starts_at=NOW, since=NOW, until=NOW),
        {"day": "2026-11-25", **dict.fromkeys(("starts_at", "since", "until"), "2026-11-25T01:00:00Z")},
    ),
}


def row(kind: MessageKind, data: dict[str, Any]) -> Outbox:
    """A message with this data."""
    made = outgoing.row("T1", "k", Content(KINDS[kind], Payload()), "U1", NOW)
    return Outbox(id=1, state=OutboxState.PENDING, **(made | {"data": data}))


@pytest.mark.parametrize("kind", CONTENTS)
def test_a_payload_is_stored_under_the_names_of_its_fields_and_read_again(kind: MessageKind) -> None:
    content, stored = CONTENTS[kind]
    assert (content.kind, content.payload.to_json()) == (KINDS[kind], stored)
    assert json.loads(json.dumps(stored)) == stored
    assert KINDS[kind].read(row(kind, stored)) == content.payload


def test_what_the_first_release_stored_is_read() -> None:
    day = kinds.MARKETING_UPDATES.read(
        row(MessageKind.MARKETING_UPDATES, {"from": "2026-11-24T09:00:00+00:00", "until": "2026-11-25T09:00:00+00:00"})
    )
    assert day.end == datetime(2026, 11, 25, 9, tzinfo=UTC)
    private = kinds.PRIVATE.read(row(MessageKind.PRIVATE, {"channel": None, "reply": "reply.taken", "words": {}}))
    assert private.channel is None
    item = {"kind": "reminder", "mql": 1, "event": 2, "data": {}}
    held = kinds.HELD.read(row(MessageKind.HELD, {"items": [item], "by_day": True}))
    assert (held.items[0].kind, held.items[0].mql, held.by_day) == (MessageKind.REMINDER, 1, True)
    escalation = kinds.ESCALATION.read(row(MessageKind.ESCALATION, {"a name of another version": 1}))
    assert escalation.to is None


def test_what_queries_look_for_in_the_stored_json_is_there() -> None:
    # storage/noise.py asks for $.items[*].mql, storage/checkups.py for $.period.
    item = outgoing.item(kinds.REMINDER(), 1, 2)
    assert kinds.HELD(items=(item,)).payload.to_json() == {"items": [{"kind": "reminder", "mql": 1, "event": 2}]}
    assert list(kinds.DIGEST(period="2026-W47").payload.to_json()) == ["period"]


def test_a_row_without_what_its_kind_carries_is_refused() -> None:
    with pytest.raises(ValidationError, match="period"):
        kinds.DIGEST.read(row(MessageKind.DIGEST, {}))


def test_a_row_has_the_priority_of_its_kind() -> None:
    for kind in KINDS.values():
        made = outgoing.row("T1", "k", Content(kind, Payload()), "U1", NOW)
        assert (made["kind"], made["priority"]) == (kind.word, kind.priority)
