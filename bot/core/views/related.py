"""What belongs to an MQL beside it: everything that its lead has written, and other MQLs of the same person or
company."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from bot.core.messages import notifications
from bot.core.views import mql
from bot.core.views.mql import MqlView, Other, Related, Words
from storage import identity, members, mqls, outbox
from storage.models import Event, Member, Mql, Workspace
from storage.vocabulary import EventType

FILLED = "filled"
"""In the event of a lead that came again: the fields of its MQL that were empty before."""


def with_related(
    tx: sa.Connection, workspace: Workspace, view: MqlView, roster: Sequence[Member] | None = None
) -> MqlView:
    """Return an MQL with what belongs to it. `roster`: where the caller has read it."""
    subject = view.mql
    merged, log = _merged(tx, subject)
    ids = {"former": subject.former_id, "company": subject.same_company_id}
    ids |= {"maybe": subject.maybe_same_id, "into": subject.merged_into_id}
    others = _others(tx, workspace, [mql_id for mql_id in ids.values() if mql_id is not None], roster)
    named = {name: others.get(mql_id or 0) for name, mql_id in ids.items()}
    numbers = tuple(part.number for part in merged)
    words = () if mql.hides_person(subject) else tuple(_each_once([subject, *merged], log))
    return replace(view, related=Related(words, merged=numbers, **named))


def words(tx: sa.Connection, subject: Mql) -> list[Words]:
    """Return everything that the person of an MQL has written, the newest first."""
    merged, log = _merged(tx, subject)
    return _each_once([subject, *merged], log)


def text_of(event: Event) -> str | None:
    """Return what a lead wrote when it came in again; None where it wrote nothing, or that was erased."""
    text = event.data.get("message")
    return text if isinstance(text, str) and text.strip() else None


def _merged(tx: sa.Connection, subject: Mql) -> tuple[list[Mql], list[Event]]:
    """Return the MQLs that go on in this one, with the events that tell what the leads of all have written."""
    merged: list[Mql] = []
    log = list[Event]()
    ids = {subject.id}
    while ids:
        events = mqls.events_of(tx, subject.workspace_id, ids, (EventType.RECEIVED_AGAIN, EventType.MERGED_IN))
        log += events
        # The log first: few have any, and it is read for the words anyway.
        taken = {event.data["mql"] for event in events if event.type == EventType.MERGED_IN}
        known = mqls.of_ids(tx, subject.workspace_id, taken - {part.id for part in merged}) if taken else []
        still = [part for part in known if part.merged_into_id in ids]
        merged += still
        ids = {part.id for part in still}
    return merged, log


def _each_once(subjects: Sequence[Mql], log: Sequence[Event]) -> list[Words]:
    came = [Words(event.at, text) for event in log if (text := text_of(event))]
    # What filled an empty field came with its event, and not with the MQL.
    later = {event.mql_id for event in log if "message" in event.data.get(FILLED, ())}
    came += [Words(part.received_at, part.message) for part in subjects if part.message and part.id not in later]
    each: dict[str, Words] = {}
    for words in sorted(came, key=lambda words: words.at):
        each.setdefault(identity.squeezed(words.text), words)
    return list(each.values())[::-1]


def _others(
    tx: sa.Connection, workspace: Workspace, ids: Sequence[int], roster: Sequence[Member] | None
) -> dict[int, Other]:
    if not ids:
        return {}
    people = {member.user_id: member for member in roster or members.roster(tx, workspace.id)}
    cards = outbox.sent_by_keys(tx, workspace.id, [notifications.card_key(mql_id) for mql_id in ids])
    by_id = {}
    for other in mqls.of_ids(tx, workspace.id, set(ids)):
        card = cards.get(notifications.card_key(other.id))
        by_id[other.id] = Other(other, people.get(other.owner or ""), mql.link(workspace, *card) if card else None)
    return by_id
