"""What marketing's tool tells of a lead's person after the hand-over: how the score changes, what becomes of e-mails.

None of it changes the MQL: the score with which it came, its tier and its clocks stay. An e-mail of marketing is no
contact by sales.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.core.crm.facts import is_told
from bot.core.crm.records import Engagement
from storage import crm_links, engagements
from storage.models import CrmConnection, Mql
from storage.vocabulary import CrmKind, EngagementKind

BEFORE = timedelta(days=90)
"""So long before a lead came in what happened may have led to it."""
MOST_LABEL = 200
HIGHEST = 1_000_000
"""As of a score that comes with a lead."""


def take(tx: sa.Connection, connection: CrmConnection, news: Engagement) -> bool:
    """Write an engagement down for the MQL of its person, once: of several the open one, else the newest. Returns
    whether that was news. A score that is told again without having changed is none."""
    linked = crm_links.of_record(tx, connection, news.record_id)
    if linked is None or not _concerns(linked[1], news):
        return False
    subject, crm = linked[1], connection.kind
    values = {"label": (news.label or "").strip()[:MOST_LABEL] or None}
    if news.kind != EngagementKind.SCORE:
        return engagements.add(tx, subject, crm, news.id, news.kind, news.at, **values)
    score, before = _within(news.score), _within(news.before)
    known = engagements.newest_score(tx, subject, crm, news.at)
    if score is None or (before is None and known == score):
        return False
    before = known if before is None else before
    return engagements.add(tx, subject, crm, news.id, news.kind, news.at, **values, score=score, before=before)


def _concerns(subject: Mql, news: Engagement) -> bool:
    return is_told(subject) and news.at >= subject.received_at - BEFORE


def _within(score: int | None) -> int | None:
    return None if score is None else max(-HIGHEST, min(score, HIGHEST))


@dataclass(frozen=True)
class ScoreView:
    """A change of the score."""

    at: datetime
    score: int
    before: int | None
    why: str
    """In the words of the tool; empty: it does not say."""


@dataclass(frozen=True)
class EmailView:
    """What became of marketing's e-mails in one respect."""

    kind: EngagementKind
    count: int
    last_at: datetime
    last_label: str
    """Name of the e-mail with which it happened last; empty: the tool does not say."""


@dataclass(frozen=True)
class EngagementView:
    """What one tool tells of an MQL's person."""

    crm: CrmKind
    scores: Sequence[ScoreView]
    """The oldest first."""
    emails: Sequence[EmailView]
    """In the order of `EngagementKind`; only what has happened."""


def views(tx: sa.Connection, workspace_id: str, mql_id: int) -> list[EngagementView]:
    """Return what is known of an MQL's person, tool by tool."""
    known = engagements.of_mql(tx, workspace_id, mql_id)
    return [
        EngagementView(
            crm,
            [
                ScoreView(each.at, each.score, each.before, each.label or "")
                for each in known
                if each.crm == crm and each.score is not None
            ],
            [
                EmailView(kind, len(some), some[-1].at, some[-1].label or "")
                for kind in EngagementKind
                if kind != EngagementKind.SCORE
                and (some := [each for each in known if (each.crm, each.kind) == (crm, kind)])
            ],
        )
        for crm in dict.fromkeys(each.crm for each in known)
    ]
