"""The team file that `init` writes: the tables of the set-up as TOML, with a comment where the sample has one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.core.teamfile.export import written
from bot.i18n import Translator

COMMENTED = (
    "workspace",
    "workspace.locale",
    "workspace.timezone",
    "channels.mql",
    "channels.intake",
    "policy",
    "policy.response_hours",
    "policy.calendar.kind",
    "policy.calendar.holidays",
    "policy.calendar.closures",
    "policy.escalations",
    "policy.tiers",
    "members",
    "members.roles",
    "members.manager",
)
"""What is explained where it stands first: tables, and keys of tables."""
_HEADER = re.compile(r"\[+([^\]]+)\]+")
_KEY = re.compile(r"([A-Za-z0-9_]+) = ")


def text_of(tables: Mapping[str, Any], file: str, t: Translator) -> str:
    """Return the file. `config check` and `config apply` take it as it is."""
    return "\n".join([*_above(t("init.file.above", file=file)), "", *_commented(written(tables), t)]) + "\n"


def _commented(text: str, t: Translator) -> Iterator[str]:
    left = set(COMMENTED)
    table = ""
    for line in text.splitlines():
        header, key = _HEADER.fullmatch(line), _KEY.match(line)
        table = header[1] if header else table
        place = table if header else f"{table}.{key[1]}" if key else ""
        if place not in left:
            yield line
            continue
        left.discard(place)
        comment = t(f"init.comment.{place}")
        if header:
            yield from (*_above(comment), line)
        else:
            yield f"{line}  # {comment}"


def _above(comment: str) -> list[str]:
    return [f"# {line}" for line in comment.splitlines()]
