"""The moments that Slack's message timestamps are."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta


def moment(ts: str) -> datetime | None:
    """Return when a message was posted, to the microsecond; an edit leaves its `ts` as it was. None for what is no
    timestamp."""
    parts = re.fullmatch(r"(\d{1,11})\.(\d{6})", ts)
    if parts is None:
        return None
    return datetime.fromtimestamp(int(parts[1]), UTC) + timedelta(microseconds=int(parts[2]))
