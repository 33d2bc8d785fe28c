"""Who was erased on request, in a file beside a SQLite database: so that no older backup brings them back, not even
where the database itself is lost (ADR 30).

The file is only appended to. It holds no address, only hashes with a key of the file's own, and numbers of MQLs.
Whoever has it can test an address that they know, and read none.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from storage.database import Database

SUFFIX = ".erased"


@dataclass(frozen=True)
class ErasedMql:
    """One MQL: which number it had, and when it came in. After a restore the same number may go to another lead."""

    workspace_id: str
    number: int
    received_at: datetime
    with_company: bool


@dataclass(frozen=True)
class ErasureList:
    """What the file says."""

    key: bytes
    addresses: frozenset[tuple[str, str]]
    """(Workspace, hash)."""
    mqls: tuple[ErasedMql, ...]

    def names(self, workspace_id: str, addresses: Iterable[str]) -> bool:
        """Return whether one of these addresses, in the form of `identity.address`, was erased in a workspace."""
        return any((workspace_id, _hashed(self.key, address)) in self.addresses for address in addresses)


def add(database: Database, workspace_id: str, addresses: Iterable[str], mqls: Iterable[ErasedMql]) -> None:
    """Note whom somebody has asked to erase, before it is done. Nothing is noted of a PostgreSQL database, which is
    backed up by other means. Raises OSError where the file cannot be written."""
    if not database.is_sqlite:
        return
    file = _beside(Path(str(database.url.database)))
    key = _key_of(file)
    lines: list[dict[str, Any]] = [
        {"workspace": workspace_id, "address": _hashed(key, address)} for address in sorted(addresses)
    ]
    lines += [
        {
            "workspace": erased.workspace_id,
            "number": erased.number,
            "received_at": erased.received_at.isoformat(),
            "with_company": erased.with_company,
        }
        for erased in mqls
    ]
    _append(file, lines)


def read(place: Path) -> ErasureList | None:
    """Return the list that lies beside a database; None where there is none. A line that was cut off is left out."""
    file = _beside(place)
    if not file.exists():
        return None
    first, *entries = [entry for line in file.read_text(encoding="utf-8").splitlines() if (entry := _entry(line))]
    return ErasureList(
        bytes.fromhex(first["key"]),
        frozenset((entry["workspace"], entry["address"]) for entry in entries if "address" in entry),
        tuple(
            ErasedMql(
                entry["workspace"],
                entry["number"],
                datetime.fromisoformat(entry["received_at"]),
                entry["with_company"],
            )
            for entry in entries
            if "number" in entry
        ),
    )


def _beside(place: Path) -> Path:
    return Path(f"{place}{SUFFIX}")


def _entry(line: str) -> dict[str, Any] | None:
    try:
        entry: dict[str, Any] = json.loads(line)
    except ValueError:
        return None
    return entry


def _hashed(key: bytes, address: str) -> str:
    return hmac.new(key, address.encode(), "sha256").hexdigest()


def _key_of(file: Path) -> bytes:
    if not file.exists():
        _append(file, [{"key": secrets.token_hex(32)}])
    with file.open(encoding="utf-8") as lines:
        return bytes.fromhex(json.loads(lines.readline())["key"])


def _append(file: Path, entries: Iterable[dict[str, Any]]) -> None:
    descriptor = os.open(file, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    try:
        os.write(descriptor, "".join(f"{json.dumps(entry)}\n" for entry in entries).encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
