"""`config check`: a team file by itself. Neither Slack nor the database is asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import typer

from bot.cli.base import startup
from bot.cli.teamfile.config import refusing, require_reachable, text_of
from bot.core.teamfile import Unasked
from bot.core.teamfile import check as check_text
from bot.i18n import Translator


def check(file: Path) -> None:
    """Say that a team file holds no mistake, and what was left out. Exit code 1: it holds some; 2: it is unreadable."""
    settings = startup.settings()
    text = text_of(file)
    with refusing(file):
        unasked = check_text(text)
        require_reachable(unasked.webhook_url, unasked.locale, text, settings)
    t = Translator(unasked.locale, "UTC")
    typer.echo(t("config.check.good", file=file))
    typer.echo(t("config.check.left_out"))
    for line in _left_out(t, unasked):
        typer.echo(f"  {line}")
    typer.echo(t("config.check.next", file=file))


def _left_out(t: Translator, unasked: Unasked) -> Iterator[str]:
    if unasked.workspace_id is not None:
        yield t("config.check.workspace", id=unasked.workspace_id)
    if unasked.people:
        yield t("config.check.people", names=t.listed(list(unasked.people)))
    if unasked.channels:
        yield t("config.check.channels", names=t.listed(list(unasked.channels)))
    if unasked.groups:
        yield t("config.check.groups", names=t.listed(list(unasked.groups)))
    yield t("config.check.changes")
