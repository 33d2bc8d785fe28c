"""What the system, SQLite and PostgreSQL say of files and databases, in the reader's language. What has no sentence
here is named by its code, never in the words of another language."""

from __future__ import annotations

import errno
import re
import sqlite3

import sqlalchemy as sa

from bot.i18n import Translator
from storage.trouble import Unusable

_SYSTEM = {
    errno.ENOENT: "missing",
    errno.EACCES: "denied",
    errno.EPERM: "denied",
    errno.EISDIR: "is_folder",
    errno.ENOTDIR: "no_folder",
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EROFS: "read_only",
    errno.EEXIST: "exists",
    errno.ENAMETOOLONG: "too_long",
    errno.EIO: "device",
    errno.EBUSY: "locked",
    errno.EAGAIN: "locked",
    errno.EMFILE: "too_many_files",
    errno.ENFILE: "too_many_files",
}
# The low byte of SQLite's result codes (https://www.sqlite.org/rescode.html).
_SQLITE = {
    sqlite3.SQLITE_PERM: "denied",
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_READONLY: "read_only_file",
    sqlite3.SQLITE_IOERR: "device",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_CANTOPEN: "not_opened",
    sqlite3.SQLITE_NOTADB: "no_database_file",
}
# PostgreSQL's SQLSTATE (its manual, appendix A), the class alone where all of it says the same.
_STATES = {"28": "login", "3D": "no_database", "42501": "denied", "53": "server_full", "57P03": "starting"}
# libpq has no code for a connection that does not come about.
_CONNECTION = (
    ("password", "login"),
    ("refused", "refused"),
    ("resolve|translate host|name or service|not known", "no_such_host"),
    ("time", "no_answer"),
    ("no such file|unreachable|no route", "unreachable"),
    ("ssl|certificate", "tls"),
)
WORDS = {*_SYSTEM.values(), *_SQLITE.values(), *_STATES.values(), *(word for _, word in _CONNECTION)}


def code_of(error: OSError | sqlite3.Error | sa.exc.DBAPIError) -> str:
    """Return the name of an error by which it is found in manuals: ENOSPC, SQLITE_CORRUPT, SQLSTATE 53100. Where we
    have raised it ourselves, the evidence."""
    raised = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    if isinstance(error, Unusable):
        return str(raised)
    if isinstance(raised, OSError):
        return errno.errorcode.get(raised.errno or 0, type(raised).__name__)
    state = getattr(raised, "sqlstate", None)
    return f"SQLSTATE {state}" if state else str(getattr(raised, "sqlite_errorname", type(raised).__name__))


def reason_of(t: Translator, error: OSError | sqlite3.Error | sa.exc.DBAPIError) -> str:
    """Return why a file or database could not be read or written."""
    known = _known(error.orig if isinstance(error, sa.exc.DBAPIError) else error)
    return t("system.other", code=code_of(error)) if known is None else t(f"system.{known}")


def _known(raised: BaseException | None) -> str | None:
    if isinstance(raised, OSError):
        return _SYSTEM.get(raised.errno or 0)
    if isinstance(raised, sqlite3.Error):
        return _SQLITE.get(getattr(raised, "sqlite_errorcode", 0) & 0xFF)
    state = str(getattr(raised, "sqlstate", None) or "")
    return _STATES.get(state) or _STATES.get(state[:2]) if state else _of_connection(str(raised))


def _of_connection(text: str) -> str | None:
    return next((word for pattern, word in _CONNECTION if re.search(pattern, text, re.IGNORECASE)), None)
