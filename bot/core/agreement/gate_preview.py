"""What the rules of a version would have held of the MQLs that came in lately, counted one by one as the gate does it.

An MQL is asked as it came in: with the score and the channel of then, whatever it has brought since. What else came
later cannot be told from what it came with: a rule may seem kinder than it would have been.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.core.agreement.rules import Facts, Rule, Rules, failures
from storage import definitions
from storage.models import Mql
from storage.vocabulary import DealResult, Status

LOOK_BACK = timedelta(days=90)


@dataclass(frozen=True)
class Effect:
    """What rules would have come to."""

    received: int
    """MQLs that came in, but for those that were withdrawn or erased."""
    held: int
    opportunities: int
    """Of the held ones, those that became one."""
    won: int
    by_rule: Mapping[Rule, int]
    """How many fail each rule; one may fail several."""


def as_received(subject: Mql) -> Facts:
    """Return what is known of what an MQL came with."""
    names = ("company", "person", "title", "email", "phone", "message")
    kept = {name: getattr(subject, name) for name in names}
    return Facts(**kept, channel=subject.received_channel, score=subject.received_score, attributes=subject.attributes)


def effect(tx: sa.Connection, workspace_id: str, rules: Rules, until: datetime) -> Effect:
    """Count what rules would have held of the MQLs that came in during the 90 days before a moment."""
    received = definitions.received_between(tx, workspace_id, until - LOOK_BACK, until)
    failed = [(subject, failing) for subject in received if (failing := failures(rules, as_received(subject)))]
    by_rule = {
        rule: count for rule in Rule if (count := sum(any(f.rule == rule for f in failing) for _, failing in failed))
    }
    return Effect(
        received=len(received),
        held=len(failed),
        opportunities=sum(subject.status == Status.QUALIFIED for subject, _ in failed),
        won=sum(subject.deal_result == DealResult.WON for subject, _ in failed),
        by_rule=by_rule,
    )
