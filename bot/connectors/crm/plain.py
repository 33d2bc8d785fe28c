"""Bodies of tasks and notes as text, for CRMs that show them as they are: the engine writes HTML with line breaks."""

from __future__ import annotations

import html
import re

_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


def plain(body: str) -> str:
    """Return a body as text."""
    return html.unescape(_BREAK.sub("\n", body))
