"""What must be true when everything has come to rest."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.core.mql.refusals import AGAIN_AFTER
from playground import Playground
from storage import models
from storage.database import Database
from storage.vocabulary import Became
from tests.chaos.people import Did, People
from tests.simulation import audit, word
from tests.simulation.mail import Mail

CHECKPOINTS = ("reminded", "breached", "escalated")
WITHOUT_SLACK = (
    "Failed to send a request to Slack",  # as slack_sdk says it
    "Failed to decode Slack API response",
    "started_without_slack",
    "slack_away",
)
SKEW = timedelta(milliseconds=50)
"""Between two readings of the clock around one act."""


def problems(database: Database, slack: Playground, people: People, folder: Path) -> Iterator[str]:
    """Everything that does not hold."""
    yield from people.problems
    yield from errors(folder)
    mail, now = Mail(slack), datetime.now(UTC)
    with database.snapshot() as tx:
        stories, wrong = audit.stories(tx, people.journal, [row.id for row in tx.execute(sa.select(models.mql.c.id))])
        yield from wrong
        yield from audit.overdue(tx, now)
        yield from mail.read()
        yield from mail.compare(tx, stories)
        events = list(tx.execute(sa.select(models.event).order_by(models.event.c.id)))
        yield from word.unheard(tx, events)
        yield from word.unfair(tx, 0)
        yield from word.digests(tx)
        yield from _once(events)
        yield from _taken(tx, people)
        yield from _held(tx, people)
        for did in people.did:
            yield from _without_effect(tx, did, events)
        unsettled = sa.select(models.outbox).where(models.outbox.c.state.not_in(("sent", "dropped")))
        for row in tx.execute(unsettled):
            yield f"the message {row.key} is {row.state}: {row.error}"
    calls = (entry for entry in slack.log if entry.direction == "from_bot")
    yield from (f"{call.method}: {rule}" for call in calls for rule in call.broken if "fault: " not in rule)


def _once(events: list[Any]) -> Iterator[str]:
    """Checkpoints that were written down twice."""
    fired = [event for event in events if event.type in CHECKPOINTS and event.actor is None]
    counted = Counter((e.mql_id, e.data["clock"], e.data["round"], e.data.get("step"), e.type) for e in fired)
    for checkpoint, times in counted.items():
        if times > 1:
            yield f"the checkpoint {checkpoint} is written down {times} times"


def _taken(tx: sa.Connection, people: People) -> Iterator[str]:
    """Leads that were taken and are not there, or more than once."""
    numbers: dict[str, list[int]] = {}
    for row in tx.execute(sa.select(models.mql.c.company, models.mql.c.number)):
        numbers.setdefault(row.company, []).append(row.number)
    waiting = Counter(
        value for (content,) in tx.execute(sa.select(models.unreadable.c.content)) for value in content.values()
    )
    for sent in people.sent:
        there = numbers.pop(sent.company, [])
        if waiting[sent.company] > 1 or (sent.became == Became.WAITS) > waiting[sent.company]:
            yield f"{sent} waits {waiting[sent.company]} times"
        taken = sent.posted or sent.number is not None or sent.became in (Became.NEW, Became.JOINED)
        if len(there) > 1 or len(there) < taken or sent.number not in (None, *there):
            yield f"{sent} is there as {there}"
    if numbers:
        yield f"nobody sent {numbers}"


def _held(tx: sa.Connection, people: People) -> Iterator[str]:
    """Held leads that are lost between held and handed over, or are both; and decisions that had no effect."""
    entries = list(tx.execute(sa.select(models.unreadable).where(models.unreadable.c.definition_id.is_not(None))))
    companies = Counter(entry.content.get("company") for entry in entries)
    mqls = {row.company: row.id for row in tx.execute(sa.select(models.mql.c.company, models.mql.c.id))}
    low = {sent.company for sent in people.sent if sent.low}
    for entry in entries:
        company = entry.content.get("company")
        if company not in low or companies[company] > 1:
            yield f"{company} is held {companies[company]} times"
        if (entry.state == "entered", entry.mql_id) != (company in mqls, mqls.get(company)):
            yield f"{company} is {entry.state} as {entry.mql_id}, and there as {mqls.get(company)}"
        decided = [decision.handed_over for decision in people.decided if decision.entry_id == entry.id]
        if any(decided) and entry.state != "entered":
            yield f"{company} was handed over, and is {entry.state}"
        if decided and entry.state == "open":
            yield f"{company} was sent back, and is {entry.state}"
    for company in mqls.keys() & low - companies.keys():
        yield f"{company} fails the definition and was never held"
    for sent in people.sent:
        answered = sent.became is not None or sent.held
        if sent.low and answered and not companies[sent.company]:
            yield f"{sent} was taken and is nowhere"


def _without_effect(tx: sa.Connection, did: Did, events: list[Any]) -> Iterator[str]:
    """An act that was acknowledged, and neither happened nor was explained."""
    happened = any(
        event.mql_id == did.mql_id
        and event.actor == did.user
        and event.type in did.events
        and did.begun - SKEW <= event.recorded_at <= did.ended + SKEW
        for event in events
    )
    if happened:
        return
    if not _explained(tx, did):
        yield f"{did} was acknowledged and had no effect"


def _explained(tx: sa.Connection, did: Did) -> bool:
    """Whether a press has its receipt, and whoever pressed was told why nothing happened: by this press, or by the
    same one some minutes before it."""
    receipt, outbox = models.receipt.c, models.outbox.c
    if did.trigger is None or not tx.execute(sa.select(receipt.key).where(receipt.key == did.trigger)).first():
        return False
    if tx.execute(sa.select(outbox.id).where(outbox.key == f"private:{did.trigger}")).first():
        return True
    lately = receipt.at.between(did.begun - AGAIN_AFTER - SKEW, did.ended + SKEW)
    refusals = sa.select(receipt.at).where(receipt.key.startswith(did.refusal, autoescape=True), lately)
    private = sa.select(outbox.created_at).where(outbox.kind == "private", outbox.target == did.user)
    explained = list(tx.execute(private).scalars())
    return any(abs(at - then) <= SKEW for at in tx.execute(refusals).scalars() for then in explained)


def figures(database: Database, slack: Playground) -> Counter[str]:
    """What there was of everything."""
    counted = Counter[str]()
    with database.snapshot() as tx:
        for name in ("mql", "event"):
            counted[f"{name}s"] = tx.execute(sa.select(sa.func.count()).select_from(getattr(models, name))).scalar_one()
        fired = sa.select(models.event).where(models.event.c.type.in_(CHECKPOINTS), models.event.c.actor.is_(None))
        counted["checkpoints"] = len(list(tx.execute(fired)))
        rows = list(tx.execute(sa.select(models.outbox)))
    for row in rows:
        counted[f"messages {row.state}"] += 1
    counted["adopted"] = sum(_adopted(row, slack) for row in rows if row.maybe_sent and row.state == "sent")
    return counted


def _adopted(row: Any, slack: Playground) -> bool:
    """Whether a message was found in Slack rather than posted by the attempt that settled it."""
    if row.kind in ("edit", "private"):
        return False
    looked = (entry for entry in slack.log if entry.method in ("conversations.history", "conversations.replies"))
    posted = datetime.fromtimestamp(float(row.ts), UTC)
    return any(
        posted < entry.at <= row.sent_at
        and entry.status == 200
        and entry.request.get("channel") == row.channel
        and json.dumps(row.key) in json.dumps(entry.answer)
        for entry in looked
    )


def errors(folder: Path) -> Iterator[str]:
    """What the processes have logged as errors. That a call to Slack failed, or Slack is away, is none: they were to,
    and it was."""
    for file in sorted(folder.glob("*.log")):
        for line in file.read_text(errors="replace").splitlines():
            entry = json.loads(line) if line.startswith("{") else {"level": "error" if "Traceback" in line else ""}
            if entry["level"] in ("error", "critical") and not str(entry.get("event")).startswith(WITHOUT_SLACK):
                yield f"{file.name}: {line}"
