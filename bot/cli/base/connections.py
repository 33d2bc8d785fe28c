"""What every command about connected tools begins with: the workspace, the settings, the keys of the secrets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer

from bot.cli.base import startup
from bot.cli.base.startup import CannotStart
from bot.cli.base.terminal import USAGE
from bot.cli.base.workspace import OpenWorkspace, open_workspace
from bot.connectors.sources.vault import NoKey, Vault
from bot.i18n import Translator
from bot.settings import Settings


@contextmanager
def opened(workspace_id: str | None) -> Iterator[tuple[OpenWorkspace, Settings, Vault]]:
    """Open what every one of these commands needs. A missing key is one line on stderr."""
    settings = startup.settings()
    with open_workspace(workspace_id, given=settings) as workspace:
        try:
            yield workspace, settings, Vault(settings.encryption_keys)
        except NoKey:
            given = "wrong" if settings.encryption_keys else "missing"
            raise CannotStart(f"source.key_{given}") from None


def refuse(t: Translator, key: str, **values: object) -> NoReturn:
    """Say on stderr why not, and end with exit code 2."""
    typer.echo(t(key, **values), err=True)
    raise typer.Exit(USAGE)
