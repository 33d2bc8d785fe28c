"""Logging: one event per fact, as JSON or for the console. No tokens, names, addresses or message texts."""

from __future__ import annotations

import logging
import sys
import traceback
from types import TracebackType
from typing import Literal, TextIO

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from structlog.typing import ExcInfo, Processor

from bot.slack.web_api.gateway import SlackFailure
from storage.committed_events import CommittedEvent

# Their messages speak of connections and codes. Any other may quote what it stumbled over: a lead's name, or
# PostgreSQL's "Failing row contains (…)".
SPEAK_OF_NO_DATA = (SlackFailure, OperationalError, InterfaceError)
ERRORS = {"message_dead", "outbound_dead"}
WARNINGS = {"alert_opened", "outbound_pending"}

log = structlog.get_logger(__name__)


def fact(event: CommittedEvent) -> None:
    """Log what was committed: one line for each fact."""
    write = log.error if event.name in ERRORS else log.warning if event.name in WARNINGS else log.info
    values = {name: value for name, value in event.values.items() if value is not None}
    write(event.name, workspace=event.workspace_id, **values)


def configure(level: str, form: Literal["console", "json"]) -> None:
    """Set up logging for this process, also for libraries that use the standard logging module."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    console = structlog.dev.ConsoleRenderer(exception_formatter=_print)
    as_json: list[Processor] = [structlog.processors.ExceptionRenderer(described), structlog.processors.JSONRenderer()]
    last: list[Processor] = [console] if form == "console" else as_json
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        cache_logger_on_first_use=False,
    )
    handler = _Stderr()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # Bolt reads SLACK_BOT_TOKEN by itself, and warns that it does not use it.
    logging.getLogger("slack_bolt").addFilter(lambda record: "will be unused" not in record.getMessage())
    # These log request bodies at DEBUG, or two lines for each tick.
    for chatty in ("slack_sdk", "slack_bolt", "apscheduler", "alembic", "sqlalchemy"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level]))


def described(exc_info: ExcInfo) -> str:
    """Return a traceback without local variables, and without the words of exceptions that may quote data: where it
    came from and what kind of error it was. What it was raised from stands above it."""
    _, error, trace = exc_info
    lines = []
    if error.__cause__ is not None:
        cause = error.__cause__
        lines = [described((type(cause), cause, cause.__traceback__)), ""]
    first_line = str(error).splitlines()[:1] if isinstance(error, SPEAK_OF_NO_DATA) else []
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    return "\n".join([*lines, *_frames(trace), ": ".join([kind, *first_line])])


def _frames(trace: TracebackType | None) -> list[str]:
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]


def _print(out: TextIO, exc_info: ExcInfo) -> None:
    out.write("\n" + described(exc_info))


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to what is stderr at that moment: whoever captures it, and gives it back, is not left with our lines."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)
