"""What a kind of message leads to, as docs/metrics.md defines it. Uses none of bot.core.reports."""

from __future__ import annotations

from typing import Any

from bot.core.base.statistics import Estimate, wilson

ENOUGH = 30


def share(sent: int, acted: int) -> dict[str, Any]:
    """What bot.core.reports.noise.Share tells."""
    rate = Estimate(acted / sent, wilson(acted, sent)) if sent >= ENOUGH else None
    return {"sent": sent, "acted": acted, "rate": rate}
