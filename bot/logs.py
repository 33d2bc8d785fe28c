"""Logging: one event per fact, as JSON or for the console. No tokens, names, addresses or message texts."""

from __future__ import annotations

import logging
import sys
from typing import Literal, TextIO

import structlog
from structlog.typing import Processor


def configure(level: str, form: Literal["console", "json"]) -> None:
    """Set up logging for this process, also for libraries that use the standard logging module."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # Without local variables in tracebacks: they hold what leads and people wrote.
    console = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    last: list[Processor] = (
        [console] if form == "console" else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
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
    # These log request bodies at DEBUG, and every tick at INFO.
    for chatty in ("slack_sdk", "slack_bolt", "apscheduler", "alembic", "sqlalchemy"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level]))


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to what is stderr at that moment: whoever captures it, and gives it back, is not left with our lines."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)
