"""What the HTTP side answers in JSON, wherever a request came in."""

from __future__ import annotations

import sqlalchemy as sa
import structlog
from flask import Request, Response, jsonify

from storage import trouble
from storage.trouble import Trouble

Answer = tuple[Response, int]
RETRY_AFTER = 30  # seconds
WHY_NOT_STORED = {
    Trouble.AWAY: "The database cannot be reached at the moment.",
    Trouble.FULL: "The disk of the database is full.",
    Trouble.DAMAGED: "The database file is damaged.",
    Trouble.REPLACED: "The database file was deleted or replaced.",
}

log = structlog.get_logger(__name__)


def error(status: int, code: str, message: str) -> Answer:
    """Return an answer that says what is wrong, by a code for programs and a sentence for people."""
    return jsonify(error=code, message=message), status


def body_of(sent: Request, most: int) -> bytes | None:
    """Return a body; None for one of more than `most` bytes. The server has it whole already, and its length, also of
    what came in chunks."""
    return sent.get_data() if (sent.content_length or 0) <= most else None


def too_large(most: int) -> Answer:
    """Return the answer to a body of more than `most` bytes."""
    return error(413, "too_large", f"The body is over {most // 1024} KiB.")


def not_configured() -> Answer:
    """Return the answer of a workspace that has no settings yet."""
    return error(
        503, "not_configured", "This workspace has no settings yet. Run mql-bot config apply, then send it again."
    )


def not_stored(failure: sa.exc.SQLAlchemyError) -> Answer:
    """Return the answer where the database is in trouble. Raises the failure where it shows no such trouble."""
    wrong = trouble.of(failure)
    if wrong is None:
        raise failure
    log.exception("webhook_without_database", trouble=wrong)
    answer, status = error(
        503, f"database_{wrong}", f"{WHY_NOT_STORED[wrong]} Nothing was stored. Send it again later."
    )
    answer.headers["Retry-After"] = str(RETRY_AFTER)
    return answer, status
