"""Saving the settings: the one place through which every change of them goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bot.core import teamfile
from bot.core.base.audit import Author
from bot.core.mql.policy_migration import Difference
from bot.core.settings.present import Edition, edition
from bot.core.teamfile import TeamFile
from storage import workspaces


@dataclass(frozen=True)
class Saved:
    """A change that was made."""

    edition: Edition
    moved: Difference
    """The deadlines of open MQLs that moved."""


@dataclass(frozen=True)
class Overtaken:
    """Nothing was changed, because somebody has saved since the version that was looked at."""

    edition: Edition
    """What holds now."""


def save(
    tx: sa.Connection, wanted: TeamFile, seen: int, now: datetime, author: Author, *, move_open: bool = False
) -> Saved | Overtaken:
    """Make the settings what is wanted, in the caller's transaction, if version `seen` still holds.

    Every change is in the audit log as the author's. `move_open`: the deadlines of open MQLs follow the policy. Raises
    LastAdmin where nobody would be left who may change anything.
    """
    workspaces.locked(tx, wanted.workspace_id)  # of two who save at once the second sees what the first did
    holds = edition(tx, wanted.workspace_id)
    if holds.version != seen:
        return Overtaken(holds)
    moved = teamfile.apply(tx, wanted, now, move_open=move_open, author=author)
    new = Edition(seen + 1, author.by, now)
    workspaces.save(tx, wanted.workspace_id, now, settings_version=new.version, settings_by=new.by, settings_at=new.at)
    return Saved(new, moved)
