"""The layouts of notices of tools that were looked at, and of which nothing has to be confirmed any more."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from bot.core.mql.notice_layout import Layout

FILE = Path(__file__).with_name("known_layouts.json")


def knows(layout: Layout) -> bool:
    """Return whether a layout is known, with all of its labels, whichever app posts it."""
    return any(layout.parts == known.parts and layout.is_like(known) for known in of_tools())


@lru_cache(maxsize=1)
def of_tools() -> tuple[Layout, ...]:
    """Return the known layouts, from the file that `make reading ARGS=--learn` writes."""
    return tuple(Layout(tuple(parts), tuple(unsure)) for parts, unsure in json.loads(FILE.read_text("utf-8")))
