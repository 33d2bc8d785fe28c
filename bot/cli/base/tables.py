"""What the commands that read somebody's table have in common: opening it, saying how it is read, and the file of the
rows that cannot be imported."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn, TextIO

import typer

from bot.cli.base import spreadsheet
from bot.cli.base.terminal import REFUSED, USAGE
from bot.connectors.tables.cells import DayOrder, Unclear
from bot.connectors.tables.columns import Column, Proposal, UnknownColumn, propose
from bot.connectors.tables.encoding import Encoding, NotATable, UnknownEncoding, Workbook
from bot.connectors.tables.survey import MixedOrders, Survey, UnknownOrder, survey
from bot.connectors.tables.table import JSON_LINES, NoTable, Row, Table, open_table
from bot.i18n import Translator
from bot.system_errors import reason_of

SEPARATORS = {",": "comma", "\t": "tab", ";": "semicolon", "|": "bar", JSON_LINES: "json"}
LISTED = 12


@dataclass(frozen=True)
class Reading:
    """How a person wants a table read."""

    columns: Mapping[str, str] = field(default_factory=dict)
    keep: str = ""
    order: DayOrder | None = None
    encoding: str | None = None
    bad_rows: Path | None = None


def pairs(words: Sequence[str], option: str, t: Translator) -> dict[str, str]:
    """Return NAME=VALUE options as a mapping. Leaves with one line where one is not of that form."""
    for word in words:
        if "=" not in word:
            typer.echo(t("import.option", option=option, given=word), err=True)
            raise typer.Exit(USAGE)
    return {name.strip(): value.strip() for name, _, value in (word.rpartition("=") for word in words)}


def opened(file: Path, reading: Reading, wanted: Sequence[Column], t: Translator) -> tuple[Table, Proposal]:
    """Return a table and what its columns say. Leaves with one line where it cannot be read."""
    with _refusing(file, t):
        table = open_table(file, reading.encoding)
        return table, propose(table.columns, wanted, reading.columns, reading.keep)


def surveyed(table: Table, proposal: Proposal, reading: Reading, t: Translator) -> tuple[Survey, DayOrder | None]:
    """Return what a table says as a whole, and the order of its days. Leaves with one line where that is not clear."""
    whole = survey(table, proposal)
    try:
        return whole, whole.order(reading.order)
    except MixedOrders as error:
        _leave(t("import.mixed_orders", file=table.file.name, first=error.args[0], second=error.args[1]))
    except UnknownOrder as error:
        _leave(t("import.unknown_order", file=table.file.name, given=error.args[0]))


@contextmanager
def _refusing(file: Path, t: Translator) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        typer.echo(t("import.no_such_file", file=file, reason=reason_of(t, error)), err=True)
        raise typer.Exit(USAGE) from error
    except UnknownEncoding:
        _leave(t("import.encoding", file=file))
    except Workbook:
        _leave(t("import.workbook", file=file))
    except NotATable as error:
        _leave(t(f"import.foreign.{error.kind}", file=file))
    except NoTable:
        _leave(t("import.no_table", file=file))
    except UnknownColumn as error:
        _leave(t("import.no_such_column", given=error.args[0], columns=", ".join(Column)))


def _leave(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(REFUSED)


def say_how(table: Table, proposal: Proposal, whole: Survey, order: DayOrder | None, t: Translator) -> None:
    """Say how a table is read: its encoding, its columns, what is left out, and the order of its days."""
    separator = t(f"import.separator.{SEPARATORS.get(table.separator, 'other')}")
    typer.echo(t("import.file", file=table.file.name, rows=t.number(whole.rows), separator=separator))
    typer.echo("  " + _encoding(table.encoding, t))
    for column in Column:
        if places := proposal.places.get(column):
            names = t.listed([proposal.columns[place] for place in places])
            typer.echo("  " + t("import.column", what=t(f"import.column.{column}"), names=names))
    if proposal.kept:
        names = t.listed([proposal.columns[place] for place in proposal.kept])
        typer.echo("  " + t("import.kept", names=names))
    if left := proposal.left_out:
        shown = t.listed([*left[:LISTED], *(["…"] if len(left) > LISTED else [])])
        typer.echo("  " + t("import.left_out", names=shown))
    if order is not None:
        example = whole.orders.get(order)
        typer.echo("  " + t(f"import.order.{order}", why=t("import.order_because", given=example) if example else ""))


def _encoding(encoding: Encoding, t: Translator) -> str:
    return t(f"import.encoding.{encoding.confidence}", name=encoding.shown)


def sentence(problem: Unclear, t: Translator) -> str:
    """Return what is wrong with a row, and what to do."""
    return t(f"import.{problem.word}", given=problem.given[:80])


@contextmanager
def bad_rows(place: Path, columns: Sequence[str], t: Translator) -> Iterator[BadRows]:
    """Give a file for the rows that cannot be imported; it is there only where there are any."""
    writer = BadRows(place, columns, t)
    try:
        yield writer
    finally:
        writer.close()


class BadRows:
    """The rows that cannot be imported, in a file that a spreadsheet opens: as they were, with their line and the
    reason in front. It can be imported in its turn once it is mended."""

    def __init__(self, place: Path, columns: Sequence[str], t: Translator) -> None:
        self.place, self.count = place, 0
        self._columns, self._t = columns, t
        self._out: TextIO | None = None

    def add(self, row: Row, problem: Unclear) -> None:
        """Write one row down. Leaves with one line where the file cannot be written."""
        try:
            out = self._out or self._open()
            spreadsheet.write(out, [[row.line, sentence(problem, self._t), *row.cells]], ends="\r\n")
        except OSError as error:
            typer.echo(self._t("import.cannot_write", file=self.place, reason=reason_of(self._t, error)), err=True)
            raise typer.Exit(USAGE) from error
        self.count += 1

    def _open(self) -> TextIO:
        self._out = self.place.open("w", encoding="utf-8-sig", newline="")
        header = [self._t("import.bad.line"), self._t("import.bad.reason"), *self._columns]
        spreadsheet.write(self._out, [header], ends="\r\n")
        return self._out

    def close(self) -> None:
        """Finish the file."""
        if self._out is not None:
            self._out.close()


class ProgressLine:
    """One line on a terminal that grows; nothing where nobody looks."""

    def __init__(self, t: Translator, whole: int) -> None:
        self._t, self._whole = t, whole
        self._shown = sys.stderr.isatty()

    def show(self, position: int) -> None:
        """Say how many rows are dealt with."""
        if self._shown:
            line = self._t("import.progress", done=self._t.number(position), whole=self._t.number(self._whole))
            typer.echo(f"\r{line}", nl=False, err=True)

    def end(self) -> None:
        """Leave the line."""
        if self._shown:
            typer.echo("", err=True)
