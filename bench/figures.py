"""The figures of the reports by hand: the least SQL that comes to the same, by the driver alone.

What SQL cannot count, the open time on a calendar, is only fetched. The result is compared with our report."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from bench.years import ZONE
from storage.database import Database
from storage.reports import Span
from tests.workspace import WORKSPACE

Run = Callable[..., list[Any]]

RECEIVED = "m.workspace_id = :w AND m.received_at >= :a AND m.received_at < :b AND m.status <> 'withdrawn'"
COUNTS = "count(*), count(CASE WHEN m.status IN ('qualified', 'disqualified', 'recycled') THEN 1 END)"
NEWEST = "(SELECT f.lost_reason FROM feedback f WHERE f.mql_id = m.id ORDER BY f.id DESC LIMIT 1)"
OPEN = "('unassigned', 'assigned', 'accepted', 'contacted')"
STAGES = (
    "m.accepted_at",
    "m.contacted_at",
    "m.disposed_at",
    "CASE WHEN m.deal_result = 'won' THEN m.deal_result_at END",
)


def bare(database: Database) -> tuple[Run, int | None]:
    """Return a function that runs a statement on a connection of its own and fetches all rows.

    On PostgreSQL also the id of the process that works for it.
    """
    pooled = database.engine.raw_connection()
    connection: Any = pooled.driver_connection
    pooled.detach()
    if not database.is_sqlite:
        connection.autocommit = True
        asks = lambda statement, **values: list(connection.execute(_named(statement), _mine(values)))  # noqa: E731
        return asks, connection.info.backend_pid

    def run(statement: str, **values: Any) -> list[Any]:
        texts = {key: _text(value) if isinstance(value, datetime) else value for key, value in _mine(values).items()}
        return list(connection.execute(statement, texts))

    return run, None


def _mine(values: dict[str, Any]) -> dict[str, Any]:
    return {"w": WORKSPACE} | values


def _text(moment: datetime) -> str:
    return moment.isoformat(" ", "microseconds")[:26]


@lru_cache
def _named(statement: str) -> str:
    return re.sub(r"(?<!:):(\w+)", r"%(\1)s", statement)


def elapsed(start: str, end: str, sqlite: bool) -> str:
    """Return the SQL for the microseconds between two columns; on PostgreSQL its own kind of time."""
    if not sqlite:
        return f"greatest({end} - {start}, interval '0')"
    parts = [f"strftime('%s', substr({column}, 1, 19)) * 1000000 + substr({column}, 21)" for column in (end, start)]
    return f"max({parts[0]} - ({parts[1]}), 0)"


def ranks(run: Run, time: str, of: str, sqlite: bool, **values: Any) -> tuple[int, Any, Any]:
    """Return the count, the median and the 90th percentile of a time."""
    if not sqlite:
        shares = f"percentile_disc(array[0.5, 0.9]) WITHIN GROUP (ORDER BY {time})"
        count, percentiles = run(f"SELECT count({time}), {shares} {of}", **values)[0]
        return (count, *percentiles) if percentiles else (0, None, None)
    placed = "row_number() OVER (ORDER BY x) AS place, count(*) OVER () AS n"
    each = f"SELECT x, {placed} FROM (SELECT {time} AS x {of})"
    rows = run(f"SELECT x, n FROM ({each}) WHERE place IN ((n + 1) / 2, (9 * n + 9) / 10) ORDER BY place", **values)
    spans = [timedelta(microseconds=x) for x, _ in rows]
    return (rows[0][1], spans[0], spans[-1]) if rows else (0, None, None)


def ranked(spans: Sequence[timedelta]) -> tuple[int, timedelta | None, timedelta | None]:
    """Return the same of sorted times that were fetched."""
    n = len(spans)
    return (n, spans[(n + 1) // 2 - 1], spans[(9 * n + 9) // 10 - 1]) if n else (0, None, None)


# Clocks of the leads that came in the week; and what is overdue at its end.
CLOCKS = f"""FROM mql m JOIN clock c ON c.mql_id = m.id AND c.kind = 'response' WHERE {RECEIVED}"""
LATE = """c.breached_at < :b OR c.breached_at IS NULL AND c.stopped_at IS NULL AND c.breach_at < :b
    AND c.paused_at IS NULL"""


def week(run: Run, span: Span, sqlite: bool) -> dict[str, Any]:
    """Return the figures of one week, as they were at its end, with what is fetched for its calendar."""
    known = {"a": span.start, "b": span.end}
    return {
        **_contacts(run, known, sqlite),
        **_answers(run, known, sqlite),
        **_outcomes(run, known),
        **_events(run, known),
    }


def _contacts(run: Run, known: Mapping[str, Any], sqlite: bool) -> dict[str, Any]:
    """Return which leads came, and how soon they were contacted."""
    took = elapsed("m.received_at", "m.contacted_at", sqlite)
    proof = """EXISTS (SELECT 1 FROM event e WHERE e.mql_id = m.id AND e.type IN ('contacted', 'evidence')
        AND e.at < :b AND e.after IS NOT NULL AND e.data ->> 'evidence' <> 'button')"""
    contacted = f"FROM mql m WHERE {RECEIVED} AND m.contacted_at < :b"
    return {
        "came": run(
            """SELECT count(CASE WHEN m.status <> 'withdrawn' THEN 1 END),
                count(CASE WHEN m.status <> 'withdrawn' AND m.received_contactable THEN 1 END),
                count(CASE WHEN m.status = 'withdrawn' THEN 1 END)
               FROM mql m WHERE m.workspace_id = :w AND m.received_at >= :a AND m.received_at < :b""",
            **known,
        )[0],
        "contacted": ranks(run, took, contacted, sqlite, **known),
        "proven": ranks(run, took, f"{contacted} AND {proof}", sqlite, **known),
    }


def _answers(run: Run, known: Mapping[str, Any], sqlite: bool) -> dict[str, Any]:
    """Return which answers were due, and in time, by their owner."""
    at_answer = """(SELECT e.after FROM event e WHERE e.mql_id = m.id AND e.type IN ('assigned', 'unassigned')
        AND e.at <= c.stopped_at ORDER BY e.id DESC LIMIT 1)"""
    return {
        "answers": run(
            f"""SELECT count(CASE WHEN c.stopped_at < :b THEN 1 END),
                count(CASE WHEN c.stopped_at < :b OR {LATE} THEN 1 END),
                count(CASE WHEN c.stopped_at < :b AND c.state = 'met' THEN 1 END) {CLOCKS}""",
            **known,
        )[0],
        "in_time": run(
            f"""SELECT owner, count(*) FROM (SELECT {at_answer} AS owner {CLOCKS} AND c.stopped_at < :b
                AND c.state = 'met') AS each_one GROUP BY owner""",
            **known,
        ),
        "took": _took(run, f"{CLOCKS} AND c.stopped_at < :b", sqlite, **known),
    }


def _outcomes(run: Run, known: Mapping[str, Any]) -> dict[str, Any]:
    """Return the outcomes of the week, and which were overdue at its end."""
    at_end = """(SELECT e.after FROM event e WHERE e.mql_id = m.id AND e.at < :b
        AND e.type IN ('assigned', 'unassigned', 'owner_left') ORDER BY e.id DESC LIMIT 1)"""
    return {
        "outcomes": sorted(
            run(
                f"""SELECT status, reason, count(*) FROM (SELECT m.status, {NEWEST} AS reason FROM event e
                    JOIN mql m ON m.id = e.mql_id WHERE e.workspace_id = :w AND e.type = 'disposed' AND e.at >= :a
                    AND e.at < :b) AS each_one GROUP BY status, reason""",
                **known,
            ),
            key=repr,
        ),
        "overdue": run(
            f"""SELECT owner, count(*) FROM (SELECT {at_end} AS owner
                FROM mql m JOIN clock c ON c.mql_id = m.id AND c.kind = 'feedback'
                WHERE m.id IN (SELECT id FROM mql WHERE workspace_id = :w AND status IN {OPEN} UNION ALL
                               SELECT mql_id FROM event WHERE workspace_id = :w AND type = 'disposed' AND at >= :b)
                AND m.status <> 'withdrawn' AND (c.stopped_at IS NULL OR c.stopped_at >= :b) AND ({LATE})) AS each_one
                GROUP BY owner""",
            **known,
        ),
    }


def _events(run: Run, known: Mapping[str, Any]) -> dict[str, Any]:
    """Return what happened in the week beside answers and outcomes."""
    return {
        "events": run(
            """SELECT e.type, e.data ->> 'clock', count(DISTINCT e.mql_id) FROM event e JOIN mql m ON m.id = e.mql_id
               WHERE e.workspace_id = :w AND e.type IN ('received_again', 'escalated') AND e.at >= :a AND e.at < :b
               AND m.status <> 'withdrawn' AND coalesce(e.data ->> 'to', '') <> 'peers' GROUP BY 1, 2""",
            **known,
        ),
        "breached": run(
            """SELECT count(*) FROM clock c JOIN mql m ON m.id = c.mql_id
               WHERE c.workspace_id = :w AND c.kind = 'response' AND c.breached_at >= :a AND c.breached_at < :b
               AND m.status <> 'withdrawn'""",
            **known,
        )[0][0],
    }


def _took(run: Run, of: str, sqlite: bool, **known: Any) -> tuple[int, timedelta | None, timedelta | None]:
    """Return how long clocks ran. Each is fetched anyway, for the calendar of its policy: so they are ranked here."""
    wanted = "c.policy_id, c.tier, c.started_at, c.stopped_at"
    if sqlite:
        rows = run(f"SELECT {wanted}, {elapsed('c.started_at', 'c.stopped_at', sqlite)} {of}", **known)
        return ranked([timedelta(microseconds=ran) for ran in sorted(row[-1] for row in rows)])
    return ranked(sorted(stopped - started for *_, started, stopped in run(f"SELECT {wanted} {of}", **known)))


def acts(run: Run, span: Span, now: datetime) -> dict[str, Any]:
    """Return what a digest has besides: by rep, what is overdue now, and the month against the plan."""
    known = {"a": span.start, "b": span.end}
    breached = """SELECT c.mql_id FROM clock c WHERE c.workspace_id = :w AND c.kind = 'response' AND c.breached_at >= :a
        AND c.breached_at < :b"""
    late = f"""FROM mql m JOIN clock c ON c.mql_id = m.id AND c.kind = :kind WHERE m.workspace_id = :w
        AND m.status IN {OPEN} AND c.state = 'running' AND c.breach_at <= :now"""
    of = [{"kind": kind, "now": now} for kind in ("response", "feedback")]
    month = span.end.astimezone(ZONE).replace(day=1).astimezone(UTC)
    return {
        "given": run(
            """SELECT e.after, count(*) FROM event e JOIN mql m ON m.id = e.mql_id WHERE e.workspace_id = :w
               AND e.type = 'assigned' AND e.at >= :a AND e.at < :b AND m.status <> 'withdrawn' GROUP BY e.after""",
            **known,
        ),
        "breaches": len(run(breached.replace("c.mql_id", "*", 1), **known)),
        "turns": len(
            run(
                f"""SELECT * FROM event WHERE mql_id IN ({breached})
                    AND type IN ('assigned', 'unassigned', 'paused', 'resumed') ORDER BY id""",
                **known,
            )
        ),
        "overdue now": [run(f"SELECT count(*) {late}", **values)[0][0] for values in of],
        "oldest": [
            [
                row[0]
                for row in run(f"SELECT m.id, m.*, c.*, {NEWEST} {late} ORDER BY c.due_at, m.id LIMIT 10", **values)
            ]
            for values in of
        ],
        "month": run(f"SELECT count(*) FROM mql m WHERE {RECEIVED}", a=month, b=span.end)[0][0],
    }


def monthly(run: Run, spans: Sequence[Span], sqlite: bool) -> dict[str, Any]:
    """Return the figures of the cohorts of some months."""
    kinds = "m.received_channel, m.received_campaign, m.source, m.owner, m.received_tier"
    won = "m.deal_result = 'won'"
    counts = f"""{COUNTS}, count(CASE WHEN m.status = 'qualified' THEN 1 END), count(CASE WHEN {won} THEN 1 END),
        count(CASE WHEN m.deal_result = 'lost' THEN 1 END), sum(CASE WHEN {won} THEN m.amount END)"""
    cohorts: dict[str, Any] = {"tallies": [], "times": []}
    for span in spans:
        known = {"a": span.start, "b": span.end}
        cohorts["tallies"].append(
            run(f"SELECT {kinds}, {counts} FROM mql m WHERE {RECEIVED} GROUP BY {kinds}", **known)
        )
        of = f"FROM mql m WHERE {RECEIVED}"
        times = {stage: elapsed("m.received_at", stage, sqlite) for stage in STAGES}
        cohorts["times"].append(
            [ranks(run, time, f"{of} AND {stage} IS NOT NULL", sqlite, **known) for stage, time in times.items()]
        )
    cohorts["lost"] = run(
        f"""SELECT channel, reason, count(*) FROM (SELECT m.received_channel AS channel, {NEWEST} AS reason
            FROM mql m WHERE {RECEIVED}
            AND m.status = 'disqualified') AS each_one GROUP BY channel, reason""",
        a=spans[0].start,
        b=spans[-1].end,
    )
    return cohorts


def scoring(run: Run, span: Span, enough: int, sqlite: bool) -> dict[str, Any]:
    """Return what the check of the scoring rule counts."""
    known = {"a": span.start, "b": span.end}
    scored = f"{RECEIVED} AND m.received_score IS NOT NULL"
    decided = f"{scored} AND m.disposed_at IS NOT NULL"
    value = (
        ("j.value", "j.type IN ('text', 'integer', 'real', 'true', 'false')")
        if sqlite
        else ("j.value #>> '{}'", "json_typeof(j.value) IN ('string', 'number', 'boolean')")
    )
    qualified = "m.status = 'qualified'"
    kinds = f"m.received_score, {qualified}"
    return {
        "scored": run(f"SELECT m.received_score, m.status, count(*) FROM mql m WHERE {scored} GROUP BY 1, 2", **known),
        "plain": [
            run(f"SELECT m.received_{name}, {kinds}, count(*) FROM mql m WHERE {decided} GROUP BY 1, 2, 3", **known)
            for name in ("channel", "form", "campaign")
        ],
        "attributes": run(
            f"""SELECT * FROM (SELECT name, value, score, won, count(*) AS n,
                                      sum(count(*)) OVER (PARTITION BY name, value) AS shared
                FROM (SELECT j.key AS name, {value[0]} AS value, m.received_score AS score, {qualified} AS won
                      FROM mql m, json_each(m.attributes) j WHERE {decided} AND {value[1]}) AS each_one
                GROUP BY name, value, score, won) AS counted WHERE shared >= :enough""",
            enough=enough,
            **known,
        ),
    }
