"""What a table that was sent comes to, as it is kept beside it: names of its columns, counts, and the lines of rows
that cannot be imported. No cell of a row is in it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from bot.connectors.tables.cells import Unclear
from bot.connectors.tables.history_file import BadRow

LINES = 12
"""Lines that are named for each reason."""
MOST_COLUMNS = 300
LONGEST_NAME = 100


class BadLines(BaseModel):
    """The rows that cannot be imported for one reason."""

    model_config = ConfigDict(defer_build=True, frozen=True)

    count: int = 0
    lines: tuple[int, ...] = ()


class Summary(BaseModel):
    """What a table comes to."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="ignore")

    digest: str = ""
    """SHA-256 of the file."""
    rows: int = 0
    columns: tuple[str, ...] = ()
    places: dict[str, tuple[int, ...]] = Field(default_factory=dict)
    """What its columns are taken for, by the word of each."""
    encoding: str = ""
    order: str | None = None
    """In which order its days are read, where any ends in its year."""
    problem: str | None = None
    """Why nothing of it can be imported: upload.problem.<word>."""
    first: datetime | None = None
    last: datetime | None = None
    counts: dict[str, int] = Field(default_factory=dict)
    bad: dict[str, BadLines] = Field(default_factory=dict)
    """By the word of the sentence: import.<word>."""
    news: int = 0
    """How many rows would change anything."""
    left: tuple[int, ...] = ()
    """Numbers of the MQLs that keep an import from being taken back."""

    def to_json(self) -> dict[str, Any]:
        """Return what `model_validate` reads."""
        return self.model_dump(mode="json", exclude_defaults=True)


class Gathering:
    """Gathers the rows that cannot be imported, by their reasons."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lines: dict[str, list[int]] = {}

    def hear(self, bad: BadRow) -> None:
        """Note one row."""
        self.note(bad.row.line, bad.problem)

    def note(self, line: int, problem: Unclear) -> None:
        """Note the line of a row, and what is wrong with it."""
        self._counts[problem.word] += 1
        lines = self._lines.setdefault(problem.word, [])
        if len(lines) < LINES:
            lines.append(line)

    def bad(self) -> dict[str, BadLines]:
        """Return all of them, the most frequent reason first."""
        return {word: BadLines(count=n, lines=tuple(self._lines[word])) for word, n in self._counts.most_common()}
