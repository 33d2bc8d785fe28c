"""Counters for Prometheus. Labels are words of the vocabularies, endpoints and Slack's methods: never an MQL, a person
or a text.

One process counts for itself. The processes of `serve` answer on one port, so each of them must tell of all: they count
into files of one folder, which every scrape adds up (the client's multiprocess mode).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, values
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from sqlalchemy.exc import SQLAlchemyError

from storage import alerts, heartbeats, undelivered
from storage.committed_events import FIRED, CommittedEvent
from storage.database import Database
from storage.vocabulary import EventType, OutboxState

# The library reads the folder of its multiprocess mode from here.
FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
LATENESS = (1, 5, 10, 30, 60, 300, 900, 3600, 4 * 3600, 24 * 3600)
LATENCY = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3, 10)  # Slack waits for 3 s
OUTCOMES = {EventType.RECEIVED: "new", EventType.RECEIVED_AGAIN: "again"}


class Metrics:
    """What one process counts; with `folder`, one of several that count together (FOLDER_VARIABLE names it too)."""

    def __init__(self, folder: Path | None = None) -> None:
        if folder is not None:
            values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]
        mine = CollectorRegistry()
        self._intake = Counter(
            "mqlbot_intake",
            "Leads that came in, by the way they came and what became of them",
            ["source", "outcome"],
            registry=mine,
        )
        self._fired = Counter(
            "mqlbot_checkpoints", "Checkpoints that fired, by clock and kind", ["clock", "kind"], registry=mine
        )
        self._late = Histogram(
            "mqlbot_checkpoint_lateness_seconds",
            "From a checkpoint's true time to its record",
            registry=mine,
            buckets=LATENESS,
        )
        self._calls = Counter(
            "mqlbot_slack_calls",
            "Calls to Slack's Web API, by method and outcome",
            ["method", "outcome"],
            registry=mine,
        )
        self._requests = Histogram(
            "mqlbot_request_seconds",
            "Time to answer an HTTP request",
            ["endpoint", "status"],
            registry=mine,
            buckets=LATENCY,
        )
        self._shown = mine
        if folder is not None:
            self._shown = CollectorRegistry()
            MultiProcessCollector(self._shown, str(folder))  # type: ignore[no-untyped-call]

    def text(self, database: Database, workspace_id: str, now: datetime) -> bytes:
        """Return everything in Prometheus' text format, with how the database stands now."""
        standing = CollectorRegistry()
        standing.register(_Standing(database, workspace_id, now))
        return generate_latest(self._shown) + generate_latest(standing)

    def fact(self, fact: CommittedEvent) -> None:
        """Count what was committed."""
        if fact.name in OUTCOMES:
            self.intake(str(fact.values["source"]), OUTCOMES[EventType(fact.name)])
        elif fact.name in ("unreadable", "set_aside"):
            self.intake(str(fact.values["source"]), fact.name)
        elif fact.name in FIRED and (late := fact.values.get("late")) is not None:
            self._fired.labels(str(fact.values["clock"]), fact.name).inc()
            self._late.observe(float(late))

    def intake(self, source: str, outcome: str) -> None:
        """Count something that came in."""
        self._intake.labels(source, outcome).inc()

    def slack_call(self, method: str, outcome: str) -> None:
        """Count a call to Slack."""
        self._calls.labels(method, outcome).inc()

    def request(self, endpoint: str, status: int, seconds: float) -> None:
        """Count an answered request; of its status only the first digit."""
        self._requests.labels(endpoint, f"{status // 100}xx").observe(seconds)


class _Standing:
    """How the database stands at the moment of the scrape: one small query for each gauge."""

    def __init__(self, database: Database, workspace_id: str, now: datetime) -> None:
        self._database, self._workspace_id, self._now = database, workspace_id, now

    def collect(self) -> Iterator[Metric]:
        """Yield the gauges, or only that the database is away."""
        try:
            usable = self._database.look() is None
            with self._database.snapshot() as tx:
                waiting = undelivered.by_state(tx, self._workspace_id)
                newest = heartbeats.newest(tx, self._workspace_id, self._now + heartbeats.FUTURE)
                standing = alerts.standing(tx, self._workspace_id)
        except SQLAlchemyError:
            usable = False
        yield GaugeMetricFamily("mqlbot_database_up", "Whether the database can be used", int(usable))
        if not usable:
            return
        yield from self._outbox(waiting)
        if newest is not None and newest.ticked_at <= self._now + heartbeats.FUTURE:
            yield GaugeMetricFamily("mqlbot_tick_age_seconds", "Since any worker ticked", self._age(newest.ticked_at))
        yield GaugeMetricFamily("mqlbot_alerts_open", "Alerts to the admins that stand", len(standing))

    def _outbox(self, waiting: dict[OutboxState, tuple[int, datetime]]) -> Iterator[Metric]:
        rows = GaugeMetricFamily("mqlbot_outbox_rows", "Messages that are not in Slack", labels=["state"])
        oldest = GaugeMetricFamily(
            "mqlbot_outbox_oldest_seconds", "Since the oldest of them was to go out", labels=["state"]
        )
        for state in (OutboxState.PENDING, OutboxState.SENDING, OutboxState.DEAD):
            count, due_at = waiting.get(state, (0, self._now))
            rows.add_metric([state], count)
            oldest.add_metric([state], self._age(due_at))
        yield from (rows, oldest)

    def _age(self, since: datetime) -> float:
        return max(0.0, (self._now - since).total_seconds())
