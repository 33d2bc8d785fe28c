"""The words an option of the command line takes. They stand apart because the list of commands needs them, and must not
import what a command is made of (docs/adr/0039)."""

from enum import StrEnum


class OpenMqls(StrEnum):
    """What becomes of the deadlines of MQLs that are open already."""

    KEEP = "keep"
    MOVE = "move"


class RowFormat(StrEnum):
    """How rows are printed: CSV, or a JSON object on each line."""

    CSV = "csv"
    JSONL = "jsonl"


class LogFormat(StrEnum):
    """How a log is printed: a line for people, a JSON object on each line, or CSV."""

    TEXT = "text"
    JSONL = "jsonl"
    CSV = "csv"


class TableFormat(StrEnum):
    """How a report with tables is printed."""

    TEXT = "text"
    CSV = "csv"
    JSON = "json"


class Form(StrEnum):
    """How something is printed."""

    TEXT = "text"
    JSON = "json"
