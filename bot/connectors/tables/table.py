"""A file with a table: its columns, and its rows one after the other, however long it is."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.connectors.tables.cells import bare
from bot.connectors.tables.encoding import Encoding, encoding_of

SEPARATORS = (",", "\t", ";", "|")
JSON_LINES = "{"
"""In the place of a separator: each line is a JSON object, as `mql-bot export mqls --format jsonl` writes them."""
LONGEST_CELL = 1 << 20
_SEP = "sep="


class NoTable(ValueError):
    """The file has no first line with names of columns."""


@dataclass(frozen=True)
class Row:
    """One row; a cell for each column, as text."""

    line: int
    """The last line of the file that it stands in."""
    cells: tuple[str, ...]
    bad: bool = False
    """Whether it has another number of cells than there are columns."""


@dataclass(frozen=True)
class Table:
    """How a file is read."""

    file: Path
    encoding: Encoding
    separator: str
    columns: tuple[str, ...]

    def rows(self) -> Iterator[Row]:
        """Yield the rows that say anything, without keeping any. Bad ones too, as they are."""
        with self.file.open(encoding=self.encoding.name, newline="") as opened:
            lines = _Lines(opened)
            if self.separator == JSON_LINES:
                yield from self._objects(lines)
                return
            reader = _reader(lines, self.separator)
            next(reader, None)
            yield from self._rows(reader, lines)

    def _objects(self, lines: _Lines) -> Iterator[Row]:
        for line in lines:
            if line.strip():
                values = _object(line)
                known = values is not None and values.keys() <= {*self.columns}
                cells = tuple(_as_text((values or {}).get(name)) for name in self.columns)
                yield Row(lines.read, cells if known else (), bad=not known)

    def _rows(self, reader: Iterator[list[str]], lines: _Lines) -> Iterator[Row]:
        width = len(self.columns)
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield Row(lines.read, (), bad=True)
                continue
            while len(cells) > width and not cells[-1].strip():
                cells.pop()
            if any(cell.strip() for cell in cells):
                yield Row(lines.read, tuple(bare(cell) for cell in cells), bad=len(cells) != width)


def open_table(file: Path, encoding: str | None = None) -> Table:
    """Return how a file is read; every row is still in it. Raises UnknownEncoding, Workbook, NotATable, NoTable
    and OSError."""
    csv.field_size_limit(LONGEST_CELL)
    written_in = encoding_of(file, encoding)
    with file.open(encoding=written_in.name, newline="") as opened:
        lines = _Lines(opened)
        first = next(lines, "")
        if first.lstrip().startswith(JSON_LINES) and (named := _object(first)):
            return Table(file, written_in, JSON_LINES, tuple(named))
        separator = lines.separator or _separator(first)
        try:
            header = next(_reader(_chained(first, lines), separator), [])
        except csv.Error as error:
            raise NoTable(file.name) from error
    columns = tuple(bare(cell) for cell in header)
    while columns and not columns[-1]:
        columns = columns[:-1]
    if not any(columns):
        raise NoTable(file.name)
    return Table(file, written_in, separator, columns)


class _Lines:
    """The lines of a file, without blank ones at its head and without Excel's line that names the separator."""

    def __init__(self, opened: io.TextIOBase) -> None:
        self._opened = iter(opened)
        self.read = 0
        self.separator = ""
        self._begun = False

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._opened)
        self.read += 1
        if self._begun:
            return line
        words = line.strip("\r\n \"'\ufeff")
        if words.lower().startswith(_SEP) and len(words) <= len(_SEP) + 1:
            self.separator = words[len(_SEP) :] or "\t"
            return next(self)
        if not line.strip(" \r\n,;\ufeff"):
            return next(self)
        self._begun = True
        return line.removeprefix("\ufeff")


def _object(line: str) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _as_text(value: Any) -> str:
    """Return what a cell of a table would say. It is no spreadsheet's: an apostrophe at its head is the value's own."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _chained(first: str, lines: Iterable[str]) -> Iterator[str]:
    yield first
    yield from lines


def _reader(lines: Iterable[str], separator: str) -> Iterator[list[str]]:
    return csv.reader(lines, delimiter=separator)


def _separator(first: str) -> str:
    """Return the sign that parts the names of the columns: the most frequent one outside of quotes."""
    outside = "".join(first.split('"')[::2])
    return max(SEPARATORS, key=outside.count)
