"""What the monthly report and the check of the scoring rule count, as it is known now, of the MQLs received in a span.
Those that were withdrawn are left out; erased ones have kept everything that is asked for here but their attributes."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from storage.durations import Took, elapsed, took
from storage.engagements import score_as_received
from storage.models import DECIDED, feedback, mql
from storage.reports import Span, count_if, newest_feedback, received_in, told_by_crm
from storage.vocabulary import DealResult, Source, Status

# Of an imported one the time to acceptance and contact is not what this bot measured; and a file that tells no day of
# the outcome has it on that of the receipt.
_HERE = mql.c.import_id.is_(None)
_DATED = sa.or_(_HERE, mql.c.disposed_at > mql.c.received_at)

STAGES: dict[str, sa.ColumnElement[datetime | None]] = {
    "accepted": sa.case((_HERE, mql.c.accepted_at)),
    "contacted": sa.case((_HERE, mql.c.contacted_at)),
    "decided": sa.case((sa.and_(mql.c.status.in_(DECIDED), _DATED), mql.c.disposed_at)),
    "won": sa.case((mql.c.deal_result == DealResult.WON, mql.c.deal_result_at)),
}
"""When an MQL reached each stage; null: not yet."""


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
    won: int
    lost: int
    """Opportunities that were lost; the others of the qualified are under way."""
    amount: int
    """Of those that were won, together."""
    won_by_crm: int = 0
    """Of the won, the lost and the amount: what a CRM has told."""
    lost_by_crm: int = 0
    amount_by_crm: int = 0


class Lost(NamedTuple):
    """Disqualified MQLs of one marketing channel and one lost reason, by the feedback that counts: the newest."""

    channel: str | None
    reason: str
    mqls: int


class Scored(NamedTuple):
    """MQLs that came with one score and have one status."""

    score: int
    status: Status
    mqls: int


class Valued(NamedTuple):
    """Decided MQLs that came with one value and one score, and whether they are opportunities."""

    aspect: str
    """channel, form, campaign or attribute."""
    name: str
    """That of an attribute; else empty."""
    value: str
    score: int
    qualified: bool
    mqls: int


def tallies(tx: sa.Connection, workspace_id: str, span: Span) -> list[Tally]:
    """Return how many MQLs of each kind were received in the span, have an outcome, and are opportunities."""
    kinds = (mql.c.received_channel, mql.c.received_campaign, mql.c.source, mql.c.owner, mql.c.received_tier)
    won, lost_ = mql.c.deal_result == DealResult.WON, mql.c.deal_result == DealResult.LOST
    by_crm = told_by_crm()
    counts = (
        sa.func.count(),
        count_if(mql.c.status.in_(DECIDED)),
        count_if(mql.c.status == Status.QUALIFIED),
        count_if(won),
        count_if(lost_),
        sa.func.coalesce(sa.func.sum(sa.case((won, mql.c.amount))), 0),
        count_if(sa.and_(won, by_crm)),
        count_if(sa.and_(lost_, by_crm)),
        sa.func.coalesce(sa.func.sum(sa.case((sa.and_(won, by_crm), mql.c.amount))), 0),
    )
    query = sa.select(*kinds, *counts)
    result = tx.execute(query.where(received_in(workspace_id, span)).group_by(*kinds))
    # PostgreSQL sums up to a numeric.
    tallies = [Tally(*row) for row in result]
    return [each._replace(amount=int(each.amount), amount_by_crm=int(each.amount_by_crm)) for each in tallies]


def time_to(tx: sa.Connection, workspace_id: str, span: Span, stage: str) -> Took:
    """Return how long the MQLs received in the span took until a stage, one of STAGES, if they have reached it. What
    somebody or the CRM reports as done before the lead came in took no time."""
    reached = STAGES[stage]
    time = elapsed(mql.c.received_at, reached)
    times = sa.select(sa.case((time < 0, 0), else_=time).label("time"))
    return took(tx, times.where(received_in(workspace_id, span), reached.is_not(None)))


def lost(tx: sa.Connection, workspace_id: str, span: Span) -> list[Lost]:
    """Return why MQLs received in the span were disqualified, by channel; most frequent first."""
    mine = sa.and_(received_in(workspace_id, span), mql.c.status == Status.DISQUALIFIED)
    reason = newest_feedback(feedback.c.lost_reason).label("reason")
    each = sa.select(mql.c.received_channel, reason).where(mine).subquery()
    count = sa.func.count()
    query = sa.select(each.c.received_channel, each.c.reason, count).group_by(each.c.received_channel, each.c.reason)
    return [Lost(*row) for row in tx.execute(query.order_by(count.desc(), each.c.reason))]


def scored(tx: sa.Connection, workspace_id: str, span: Span) -> list[Scored]:
    """Return the MQLs received in the span that came with a score, or had one by then in marketing's tool."""
    score = score_as_received().label("score")
    each = sa.select(score, mql.c.status).where(received_in(workspace_id, span)).subquery()
    query = sa.select(each.c.score, each.c.status, sa.func.count()).where(each.c.score.is_not(None))
    return [Scored._make(row) for row in tx.execute(query.group_by(*each.c))]


def valued(tx: sa.Connection, workspace_id: str, span: Span, enough: int) -> list[Valued]:
    """Return the decided of them by what they came with. An attribute counts where it is a text, a number, true or
    false, and only values of it that at least `enough` have."""
    score, qualified = score_as_received().label("score"), (mql.c.status == Status.QUALIFIED).label("qualified")
    decided = sa.and_(received_in(workspace_id, span), score.is_not(None), mql.c.status.in_(DECIDED))
    values = []
    for aspect in ("channel", "form", "campaign"):
        column = mql.c[f"received_{aspect}"]
        of_each = sa.select(column, score, qualified).where(decided, column != "").subquery()
        query = sa.select(*of_each.c, sa.func.count()).group_by(*of_each.c)
        values += [Valued._make((aspect, "", *row)) for row in tx.execute(query)]
    name, value, plain = _attributes(tx)
    found_in = sa.select(name, value, score, qualified).select_from(mql)
    each = found_in.where(decided, plain).subquery()
    shared = sa.func.sum(sa.func.count()).over(partition_by=(each.c.name, each.c.value)).label("shared")
    counted = sa.select(*each.c, sa.func.count().label("mqls"), shared).group_by(*each.c).subquery()
    columns = [column for column in counted.c if column.name != "shared"]
    query = sa.select(*columns).where(counted.c.shared >= enough, counted.c.value != "")
    return values + [Valued._make(("attribute", *row)) for row in tx.execute(query)]


def _attributes(
    tx: sa.Connection,
) -> tuple[sa.ColumnElement[str], sa.ColumnElement[str], sa.ColumnElement[bool]]:
    """Return the name and the value, as text, of each attribute of the MQLs of a query, and whether it is a plain
    one."""
    word: sa.ColumnElement[str]
    if tx.dialect.name == "sqlite":
        each = sa.func.json_each(mql.c.attributes).table_valued("key", "value", "type", joins_implicitly=True)
        word = sa.case((each.c.type.in_(("true", "false")), each.c.type), else_=sa.cast(each.c.value, sa.Text))
        plain = each.c.type.in_(("text", "integer", "real", "true", "false"))
    else:
        each = sa.func.json_each(mql.c.attributes).table_valued("key", "value", joins_implicitly=True)
        word = each.c.value.op("#>>")(sa.literal_column("'{}'"))
        plain = sa.func.json_typeof(each.c.value).in_(("string", "number", "boolean"))
    return each.c.key.label("name"), word.label("value"), plain
