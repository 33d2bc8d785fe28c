"""What a process sees of its machine, besides the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Machine:
    """The machine at one look. All well, as far as it says nothing."""

    moved: timedelta | None = None
    """By how much somebody has set its clock since the look before; below 0: back."""
    clock_error: timedelta | None = None
    """By how much its clock is ahead of Slack's; below 0: behind. None: nobody knows."""
    free: int | None = None
    """Bytes that are free where the database file is. None: it is no file of this machine."""
    not_slack: timedelta | None = None
    """How long something has been answering in Slack's place, also where Slack answers in between. None: nothing has
    lately."""
