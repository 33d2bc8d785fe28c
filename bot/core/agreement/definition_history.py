"""The versions of the MQL definition, one after another: what each changes, and from when to when it counted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from itertools import pairwise

import sqlalchemy as sa

from bot.core.agreement.definition import State, Version, state_of
from bot.core.base import team
from storage import definitions, members
from storage.models import Definition

# Japanese sentences end without a space.
_ENDS = re.compile(r"(?<=[。！？])|(?<=[.!?])\s+|\n+")


@dataclass(frozen=True)
class Edition:
    """A version in its place among the others."""

    version: Version
    before: Definition | None
    """What counted when it was proposed; None: nothing was agreed upon by then."""
    until: datetime | None
    """When the next version took the place of one that was agreed upon; None: it still counts, or never did."""


@dataclass(frozen=True)
class Changes:
    """What a version has made of the one that counted before."""

    threshold: bool
    removed: tuple[str, ...]
    """Sentences, in their order."""
    added: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.threshold or self.removed or self.added)


def editions(tx: sa.Connection, workspace_id: str) -> tuple[Edition, ...]:
    """Return all versions, the newest first. There are as many as people have proposed, so they are read whole."""
    rows = definitions.every(tx, workspace_id)
    names, history, before = team.names(members.roster(tx, workspace_id)), list[Edition](), None
    agreed = [row for row in rows if row.agreed_at is not None]
    ends = {earlier.number: after.agreed_at for earlier, after in pairwise(agreed)}
    for row in rows:
        state = state_of(row, rows[-1])
        history.append(Edition(Version(row, state, names), before, ends.get(row.number)))
        before = row if state == State.AGREED else before
    return tuple(reversed(history))


def changes(before: Definition, after: Definition) -> Changes:
    """Return what one version has made of another, sentence by sentence."""
    old, new = _sentences(before.text), _sentences(after.text)
    removed, added = list[str](), list[str]()
    for kind, i, j, k, m in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if kind != "equal":
            removed += old[i:j]
            added += new[k:m]
    return Changes(before.threshold != after.threshold, tuple(removed), tuple(added))


def _sentences(text: str) -> list[str]:
    return [sentence.strip() for sentence in _ENDS.split(text) if sentence.strip()]
