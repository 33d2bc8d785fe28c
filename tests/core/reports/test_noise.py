"""What messages led to, counted once more by hand; the proposal; and when the next day's messages begin."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from bot.core.base.figure import figures_in
from bot.core.messages import kinds, limits
from bot.core.reports import noise
from bot.core.reports.noise import Share
from storage import claims, mqls, policies, workspaces
from storage.database import Database
from storage.models import event, mql
from storage.models import outbox as outbox_table
from storage.vocabulary import EventType, MessageKind, OutboxState
from tests import queued
from tests.core import agreements
from tests.core.reports import slow_noise
from tests.thorough import thoroughly
from tests.workspace import NOW, WORKSPACE, receive

pytestmark = pytest.mark.rules

TOKYO = ZoneInfo("Asia/Tokyo")
PEOPLE = ("U1", "U2", "U3", "C1")
SINGLE = (MessageKind.REMINDER, MessageKind.ASSIGNMENT, MessageKind.ESCALATION, MessageKind.FEEDBACK_REMINDER)
ACTS = (EventType.ACCEPTED, EventType.CONTACTED, EventType.ASSIGNED, EventType.REFUSED)
LATER = NOW + timedelta(days=40, minutes=30)


class Sent(NamedTuple):
    kind: MessageKind
    target: str
    mqls: tuple[int, ...]
    at: datetime


class Act(NamedTuple):
    type: EventType
    actor: str | None
    mql: int
    at: datetime


def history(rng: random.Random, ids: list[int]) -> tuple[list[Sent], list[Act]]:
    """So dense that messages overtake each other and share moments with acts."""

    def moment() -> datetime:
        return NOW + timedelta(hours=rng.randrange(0, 24 * 40))

    messages = []
    for _ in range(rng.randrange(20, 120)):
        target, at = rng.choice(PEOPLE), moment()
        if rng.random() < 0.2:
            messages.append(Sent(MessageKind.HELD, target, tuple(rng.sample(ids, rng.randrange(1, 4))), at))
        else:
            messages.append(Sent(rng.choice(SINGLE), target, (rng.choice(ids),), at))
    acts = [Act(rng.choice(ACTS), rng.choice((*PEOPLE, None)), rng.choice(ids), moment()) for _ in range(60)]
    return messages, acts


def store(database: Database, messages: list[Sent], acts: list[Act]) -> None:
    with database.transaction() as tx:
        for number, message in enumerate(messages):
            about: dict[str, Any] = {"mql_id": message.mqls[0]}
            if message.kind == MessageKind.HELD:
                about = {
                    "data": {"items": [{"kind": "reminder", "mql": mql_id, "event": 1} for mql_id in message.mqls]}
                }
            row = queued.message(WORKSPACE, f"k{number}", message.kind, message.target, message.at, **about)
            tx.execute(outbox_table.insert().values(**row | {"state": OutboxState.SENT, "sent_at": message.at}))
        for act in acts:
            values: dict[str, Any] = {
                "type": act.type,
                "actor": act.actor,
                "at": act.at,
                "recorded_at": act.at,
                "data": {},
            }
            tx.execute(event.insert().values(workspace_id=WORKSPACE, mql_id=act.mql, **values))


def open_hours(start: datetime, end: datetime, *, always: bool) -> int:
    """Hour by hour; Saturdays and Sundays of Tokyo are closed."""
    hours, at = 0, start
    while at < end:
        hours += always or at.astimezone(TOKYO).weekday() < 5
        at += timedelta(hours=1)
    return hours


def by_hand(messages: list[Sent], acts: list[Act], *, always: bool) -> dict[MessageKind, tuple[int, int]]:
    """The definition in docs/metrics.md, message by message."""
    counts: dict[MessageKind, tuple[int, int]] = {}
    for number, message in enumerate(messages):
        if message.target[0] != "U" or open_hours(message.at, LATER - timedelta(minutes=30), always=always) < 24:
            continue
        led = False
        for mql_id in message.mqls:
            mine = [
                (other.at, n)
                for n, other in enumerate(messages)
                if other.target == message.target and mql_id in other.mqls
            ]
            after = [at for at, n in sorted(mine) if (at, n) > (message.at, number)]
            for act in acts:
                theirs = act.actor == message.target and act.mql == mql_id and act.type != EventType.REFUSED
                before_the_next = not after or act.at < after[0]
                soon = open_hours(message.at, act.at, always=always) <= 24
                led = led or (theirs and act.at >= message.at and before_the_next and soon)
        sent, acted = counts.get(message.kind, (0, 0))
        counts[message.kind] = (sent + 1, acted + led)
    return counts


@pytest.mark.parametrize(
    ("seed", "calendar"),
    thoroughly(product(range(6), ["always", "business_days"]), but=[(0, "always"), (1, "business_days")]),
)
def test_the_share_is_what_counting_by_hand_gives(office: Database, seed: int, calendar: str) -> None:
    rng = random.Random(seed)
    ids = [receive(office, f"Acme {number}") for number in range(4)]
    with office.transaction() as tx:
        policy = agreements.policy({"calendar": {"kind": calendar}})
        policies.add(tx, WORKSPACE, policy.model_dump(mode="json"), "Asia/Tokyo", {}, NOW)
        tx.execute(outbox_table.delete())
    messages, acts = history(rng, ids)
    store(office, messages, acts)
    with office.snapshot() as tx:
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        report = noise.report(tx, workspace, LATER)
    counts = by_hand(messages, acts, always=calendar == "always")
    assert {share.kind: figures_in(share) for share in report.shares} == {
        kind: slow_noise.share(*n) for kind, n in counts.items()
    }
    assert sum(share.acted for share in report.shares) > 0


@pytest.mark.parametrize(
    ("kind", "sent", "acted", "useless"),
    [
        (MessageKind.REMINDER, 29, 0, False),  # not enough data
        (MessageKind.REMINDER, 72, 0, False),  # up to 5.1 %
        (MessageKind.REMINDER, 73, 0, True),  # up to 4.999 %
        (MessageKind.REMINDER, 200, 4, False),  # up to 5.03 %
        (MessageKind.REMINDER, 210, 4, True),
        (MessageKind.FEEDBACK_REMINDER, 73, 0, True),
        (MessageKind.FEEDBACK_AGAIN, 73, 0, True),
        (MessageKind.ESCALATION, 1000, 0, False),
        (MessageKind.ASSIGNMENT, 1000, 0, False),
        (MessageKind.HELD, 1000, 0, False),
    ],
)
def test_a_kind_is_proposed_only_where_even_the_upper_end_is_below_five_percent(
    kind: MessageKind, sent: int, acted: int, useless: bool
) -> None:
    assert Share(kind, sent, acted).useless == useless


def test_muting_twice_is_one_change_and_others_cannot_be_muted(office: Database) -> None:
    with office.transaction() as tx:
        for kind in MessageKind:
            first, second = (limits.set_muted(tx, WORKSPACE, kind, "U3", NOW, muted=True) for _ in range(2))
            assert (first, second) == (kind in kinds.MUTABLE, False), kind
            assert limits.set_muted(tx, WORKSPACE, kind, "U3", NOW, muted=False) == (kind in kinds.MUTABLE)


@pytest.mark.parametrize(
    ("calendar", "quiet", "now", "expected"),
    [
        ({"kind": "always"}, None, "2026-11-17 22:00", "2026-11-18 09:00"),
        ({"kind": "business_days"}, None, "2026-11-20 10:00", "2026-11-23 09:00"),
        ({"kind": "business_days", "holidays": "JP"}, None, "2026-11-20 10:00", "2026-11-24 09:00"),
        (
            {"kind": "business_hours", "hours": {"monday": ["10:30-18:00"]}},
            None,
            "2026-11-23 11:00",
            "2026-11-30 10:30",
        ),
        ({"kind": "always"}, {"start": "19:00", "end": "09:30"}, "2026-11-17 10:00", "2026-11-18 09:30"),
        ({"kind": "always"}, None, "2026-11-18 00:00", "2026-11-19 09:00"),
    ],
)
def test_what_is_over_the_limit_waits_for_the_next_working_day(
    office: Database, calendar: dict[str, Any], quiet: dict[str, str] | None, now: str, expected: str
) -> None:
    policy = agreements.policy({"calendar": calendar, "quiet": quiet})
    with office.transaction() as tx:
        pins = policy.pins(NOW.year)
        policies.add(tx, WORKSPACE, policy.model_dump(mode="json"), "Asia/Tokyo", pins, NOW)
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        asked, wanted = (datetime.fromisoformat(at).replace(tzinfo=TOKYO).astimezone(UTC) for at in (now, expected))
        assert limits.morning(tx, workspace, asked) == wanted


def test_the_days_are_those_of_the_workspace(office: Database) -> None:
    """A message of 23:59 in Tokyo is yesterday's at midnight there, which is 15:00 in UTC."""
    mql_id = receive(office)
    with office.transaction() as tx:
        tx.execute(outbox_table.delete())
        workspaces.save(tx, WORKSPACE, NOW, daily_messages=1)
        subject = mqls.get(tx, WORKSPACE, mql_id)
        assert subject is not None
        tx.execute(sa.update(mql).where(mql.c.id == mql_id).values(owner="U1"))
    at = datetime.combine(date(2026, 11, 18), datetime.min.time(), TOKYO).astimezone(UTC)
    for moment, goes in ((at - timedelta(minutes=1), True), (at - timedelta(seconds=1), False), (at, True)):
        with office.transaction() as tx:
            event_id = mqls.log(tx, subject, EventType.REMINDED, moment, moment)
            key = f"reminder:{moment}"
            queued.add(tx, WORKSPACE, key, MessageKind.REMINDER, "U1", moment, mql_id=mql_id, event_id=event_id)
            rows = claims.claim(tx, WORKSPACE, moment, moment + timedelta(minutes=1), 9)
            (row,) = [claimed for claimed in rows if claimed.key == key]
            sent = limits.to_send(tx, row, moment)
            assert (sent is not None) == goes
            if sent is not None:
                assert claims.settle(tx, sent, OutboxState.SENT, sent_at=moment)
