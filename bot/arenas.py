"""From where threads take memory.

The C library of Linux has up to eight arenas for each processor, and what a thread has freed in its own no other gets:
the pages of SQLite, for forty threads. Only one of them works in Python at a time, so two arenas serve them all.
"""

from __future__ import annotations

import ctypes
from contextlib import suppress

M_ARENA_MAX = -8  # malloc.h


def share() -> None:
    """Let all threads of this process share two arenas, where none has started yet. Where the C library has no arenas,
    nothing changes."""
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 2)
