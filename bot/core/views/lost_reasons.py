"""Why MQLs were disqualified, with the words of the team file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import sqlalchemy as sa

from storage import workspaces
from storage.models import LostReason, Workspace
from storage.reports import Disposed


def lost_reasons(
    tx: sa.Connection, workspace: Workspace, disposed: Iterable[Disposed]
) -> tuple[tuple[LostReason, int], ...]:
    """Count the lost reasons among outcomes, the most frequent first; also those that the team file has retired."""
    known = {reason.key: reason for reason in workspaces.reasons(tx, workspace.id, only_active=False)}
    counts: Counter[str] = Counter()
    for group in disposed:
        if group.lost_reason in known:
            counts[group.lost_reason] += group.mqls
    return tuple((known[key], count) for key, count in counts.most_common())
