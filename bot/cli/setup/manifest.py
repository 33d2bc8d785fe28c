"""`manifest`: the Slack app as it is pasted into Slack's page, made from manifest.yml, the one that is kept."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

import typer

from bot.cli.base import startup
from bot.cli.base.terminal import USAGE

# In a wheel it lies in the package; in a checkout at the top, where people look for it.
PACKAGE = Path(__file__).parents[2]
PLACES = (PACKAGE, PACKAGE.parent)
EXAMPLE = "https://mql-bot.example.com"


def manifest(url: str | None, *, socket: bool, steps: bool) -> None:
    """Print the manifest. Exit code 2 unless it is said how Slack reaches the bot, in one way."""
    if (url is None) != socket:
        _refuse("app_manifest.which_way")
    if url is not None and not _is_address(url):
        _refuse("app_manifest.not_an_address", url=url)
    text = next(file for place in PLACES if (file := place / "manifest.yml").exists()).read_text(encoding="utf-8")
    typer.echo(made_from(text, url, steps=steps), nl=False)


def made_from(text: str, url: str | None, *, steps: bool) -> str:
    """Return the manifest for an address, or (None) for Socket Mode; without comments, and without the steps of
    Workflow Builder unless they are wanted."""
    text = re.sub(r"^ *#.*\n", "", text, flags=re.MULTILINE)
    if url is None:
        text = text.replace("socket_mode_enabled: false", "socket_mode_enabled: true")
        text = re.sub(r"^ +(?:request_|message_menu_options_)?url: .*\n", "", text, flags=re.MULTILINE)
    else:
        text = text.replace(EXAMPLE, url.rstrip("/"))
    if not steps:
        text = re.sub(r"^functions:\n(?: .*\n)+", "", text, flags=re.MULTILINE)
        text = re.sub(r"^ +(?:- function_executed|function_runtime: remote)\n", "", text, flags=re.MULTILINE)
        text = text.replace("org_deploy_enabled: true", "org_deploy_enabled: false")
    return text


def _is_address(url: str) -> bool:
    """Return whether Slack can send requests to an address: https, with a host, and nothing behind the path."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme == "https" and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False
    plain = re.fullmatch(r"[A-Za-z0-9.:/_~%-]+", url) is not None  # nothing that YAML takes for more than text
    return usable and plain and not parts.path.rstrip("/").endswith("/slack/events")


def _refuse(key: str, **values: object) -> NoReturn:
    typer.echo(startup.translator()(key, **values), err=True)
    raise typer.Exit(USAGE)
