"""That a lead was read, or entered, later than it came, and why: its time counts from when it came."""

from __future__ import annotations

from bot.core.mql.intake import LATE
from bot.i18n import Mrkdwn, Translator
from storage.models import Mql

WAYS = ("generic", "notification", "manual", "workflow")
"""Ways of which it is known why something is read late."""


def read_late(mql: Mql, t: Translator) -> Mrkdwn | None:
    """Return when it came, when it was read and why that was later; None where it was not, or by minutes only."""
    if mql.read_at - mql.received_at < LATE:
        return None
    moments = {"came": t.moment(mql.received_at), "read": t.moment(mql.read_at)}
    way = mql.source if mql.source in WAYS else "source"
    return Mrkdwn(t.flow(t.md(f"read_late.{way}", **moments), t.md("read_late.counts")))
