"""What the commands about one workspace begin with: the database, and the workspace that is meant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from bot.cli.base import startup
from bot.cli.base.startup import CannotStart
from bot.i18n import Translator
from bot.settings import Settings
from storage import workspaces
from storage.database import Database
from storage.models import Workspace


@dataclass(frozen=True)
class OpenWorkspace:
    """A workspace in its open database."""

    database: Database
    workspace: Workspace

    @property
    def translator(self) -> Translator:
        """The language of the workspace."""
        return Translator(self.workspace.locale, self.workspace.timezone)


@contextmanager
def open_workspace(workspace_id: str | None, *, given: Settings | None = None) -> Iterator[OpenWorkspace]:
    """Open the database of the settings (those of the environment, unless others are `given`), choose a workspace, and
    close it at the end. What is in the way becomes one line on stderr and exit code 1."""
    settings = given or startup.settings()
    with startup.in_one_line(settings), closing(ready_database(settings)) as database:
        yield OpenWorkspace(database, choose_workspace(database, workspace_id))


def ready_database(settings: Settings, *, create: bool = False) -> Database:
    """Open a database that is up to date. An old one is left to `migrate`, because other processes may run on it; with
    `create` an empty one is made. Raises CannotStart."""
    database = startup.open_database(settings.database_url, create=create)
    if create and startup.is_empty(database):
        startup.bring_up_to_date(database)
    startup.require_current(database)
    return database


def choose_workspace(database: Database, workspace_id: str | None) -> Workspace:
    """Return the workspace that is meant: the only one, or the one named. Raises CannotStart where that is not
    clear."""
    with database.snapshot() as tx:
        known = {workspace.id: workspace for workspace in workspaces.every(tx)}
    if not known:
        raise CannotStart("config.nothing_to_export")
    if workspace_id is None and len(known) > 1:
        raise CannotStart("config.which_workspace", ids=", ".join(known))
    chosen = known.get(workspace_id) if workspace_id else next(iter(known.values()))
    if chosen is None:
        raise CannotStart("config.unknown_workspace", id=workspace_id, ids=", ".join(known))
    return chosen
