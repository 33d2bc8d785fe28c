"""What the monthly report and the check of the scoring rule count, as it is known now, of the MQLs received in a span.
Those that were withdrawn are left out; erased ones have kept everything that is asked for here but their attributes."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from storage.models import DISPOSED, clock, feedback, mql
from storage.reports import COUNTED, Span
from storage.vocabulary import ClockKind, Source, Status

DECIDED = tuple(status for status in DISPOSED if status != Status.WITHDRAWN)


class Tally(NamedTuple):
    """MQLs that are alike in everything they are told apart by, and what became of them."""

    channel: str | None
    campaign: str | None
    source: Source
    owner: str | None
    tier: str | None
    received: int
    decided: int
    qualified: int


class Stamps(NamedTuple):
    """When an MQL reached each stage; None: not yet."""

    received_at: datetime
    accepted_at: datetime | None
    contacted_at: datetime | None
    disposed_at: datetime | None


class Lost(NamedTuple):
    """Disqualified MQLs of one marketing channel and one lost reason, by the feedback that counts: the newest."""

    channel: str | None
    reason: str
    mqls: int


class Scored(NamedTuple):
    """An MQL that came with a score, and what the score may have been made of."""

    score: int
    status: Status
    channel: str | None
    campaign: str | None
    form: str | None
    attributes: dict[str, Any]


def tallies(tx: sa.Connection, workspace_id: str, span: Span) -> list[Tally]:
    """How many MQLs of each kind were received in the span, have an outcome, and are opportunities."""
    kinds = (mql.c.channel, mql.c.campaign, mql.c.source, mql.c.owner, clock.c.tier)
    response = sa.and_(clock.c.mql_id == mql.c.id, clock.c.kind == ClockKind.RESPONSE)
    counts = (
        sa.func.count(),
        sa.func.count(sa.case((mql.c.status.in_(DECIDED), 1))),
        sa.func.count(sa.case((mql.c.status == Status.QUALIFIED, 1))),
    )
    query = sa.select(*kinds, *counts).select_from(mql).outerjoin(clock, response)
    return [Tally(*row) for row in tx.execute(query.where(_received(workspace_id, span)).group_by(*kinds))]


def stamps(tx: sa.Connection, workspace_id: str, span: Span) -> list[Stamps]:
    """When the MQLs received in the span reached each stage."""
    query = sa.select(mql.c.received_at, mql.c.accepted_at, mql.c.contacted_at, mql.c.disposed_at)
    return [Stamps(*row) for row in tx.execute(query.where(_received(workspace_id, span)))]


def lost(tx: sa.Connection, workspace_id: str, span: Span) -> list[Lost]:
    """Why MQLs received in the span were disqualified, by channel; most frequent first."""
    newest = (
        sa.select(feedback.c.mql_id, sa.func.max(feedback.c.id).label("id"))
        .where(feedback.c.workspace_id == workspace_id)
        .group_by(feedback.c.mql_id)
        .subquery()
    )
    count = sa.func.count()
    query = (
        sa.select(mql.c.channel, feedback.c.lost_reason, count)
        .join(newest, newest.c.mql_id == mql.c.id)
        .join(feedback, feedback.c.id == newest.c.id)
        .where(_received(workspace_id, span), mql.c.status == Status.DISQUALIFIED)
        .group_by(mql.c.channel, feedback.c.lost_reason)
        .order_by(count.desc(), feedback.c.lost_reason)
    )
    return [Lost(*row) for row in tx.execute(query)]


def scored(tx: sa.Connection, workspace_id: str, span: Span) -> list[Scored]:
    """The MQLs received in the span that came with a score."""
    query = sa.select(mql.c.score, mql.c.status, mql.c.channel, mql.c.campaign, mql.c.form, mql.c.attributes)
    mine = sa.and_(_received(workspace_id, span), mql.c.score.is_not(None))
    return [Scored(*row) for row in tx.execute(query.where(mine).order_by(mql.c.id))]


def _received(workspace_id: str, span: Span) -> sa.ColumnElement[bool]:
    return sa.and_(mql.c.workspace_id == workspace_id, span.holds(mql.c.received_at), COUNTED)
