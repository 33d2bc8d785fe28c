"""The settings as they are, and who set them so."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from bot.core import teamfile
from bot.core.settings.change import Document
from bot.core.teamfile import TeamFile
from bot.core.teamfile.export import tables
from storage import workspaces
from storage.models import Workspace


@dataclass(frozen=True)
class Edition:
    """Which version of the settings holds, who saved it and when. `by` None: the command line, or nobody yet."""

    version: int
    by: str | None
    at: datetime | None

    @classmethod
    def of(cls, workspace: Workspace) -> Edition:
        """Return the edition that a workspace holds."""
        return cls(workspace.settings_version, workspace.settings_by, workspace.settings_at)


@dataclass(frozen=True)
class Settings:
    """The settings of a workspace at one moment."""

    team: TeamFile
    edition: Edition

    @property
    def version(self) -> int:
        """Counts every save, from 0 for what was set up before saves were counted."""
        return self.edition.version

    @cached_property
    def document(self) -> Document:
        """The tables of `config export`, in plain values, without the keys that say nothing."""
        return document_of(self.team)


def present(tx: sa.Connection, workspace_id: str) -> Settings | None:
    """Return the settings as they are, or None while nobody has set the workspace up."""
    workspace = workspaces.get(tx, workspace_id)
    team = teamfile.current(tx, workspace_id)
    return Settings(team, Edition.of(workspace)) if workspace is not None and team is not None else None


def edition(tx: sa.Connection, workspace_id: str) -> Edition:
    """Return which version holds; that of a workspace which nobody has set up is 0."""
    workspace = workspaces.get(tx, workspace_id)
    return Edition.of(workspace) if workspace is not None else Edition(0, None, None)


def document_of(team: TeamFile) -> Document:
    """Return the tables of a team in plain values: what JSON knows, and no None."""
    document: Document = _said(json.loads(json.dumps(tables(team), default=str)))
    for terms in (document["policy"], *document["policy"].get("tiers", ())):
        if isinstance(terms.get("calendar"), str):  # the short form has no place for a key of it
            terms["calendar"] = {"kind": terms["calendar"]}
    return document


def _said(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _said(inner) for key, inner in value.items() if inner is not None}
    return [_said(inner) for inner in value] if isinstance(value, list) else value
