"""The sample company's twelve weeks, lived through once for each version of the bot and kept beside the playground."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa

from bot.cli.sample.history import BEGINS, WEEKS, History
from bot.cli.sample.machine import Machine
from bot.cli.sample.team import PEOPLE
from playground.model import Json
from storage import migrate
from storage.database import Database
from storage.vocabulary import Locale


@dataclass(frozen=True)
class Prepared:
    """What a playground begins with."""

    database: Path
    slack: Json
    """As `Playground.save` returns it."""


def prepared(folder: Path, locale: Locale, announce: Callable[[], object]) -> Prepared:
    """Return the twelve weeks in a language from a folder that is there. Where this version of the bot has not made
    them yet, `announce` is called and they are made, which takes some ten seconds of processor."""
    database, slack = folder / f"sample-{locale}.db", folder / f"sample-{locale}.json"
    mark = _mark()
    kept = _read(slack) if database.exists() else {}
    if kept.get("mark") != mark:
        announce()
        with TemporaryDirectory(dir=folder, prefix="sample-") as place:
            made = Path(place) / database.name
            kept = {"mark": mark, "slack": live(made, locale)}
            (Path(place) / slack.name).write_text(json.dumps(kept), encoding="utf-8")
            # The mark last: whoever is interrupted between the two makes both anew.
            slack.unlink(missing_ok=True)
            os.replace(made, database)
            os.replace(Path(place) / slack.name, slack)
    return Prepared(database, kept["slack"])


def live(file: Path, locale: Locale) -> Json:
    """Let the sample company live in a new database file; return what its Slack then holds."""
    begin = BEGINS - timedelta(weeks=WEEKS, hours=1)
    with closing(Database(f"sqlite:///{file}")) as database:
        # A file that a power cut spoils is made anew.
        sa.event.listen(database.engine, "connect", lambda made, _: made.execute("PRAGMA synchronous=OFF").close())
        migrate.upgrade(database)
        with closing(Machine(PEOPLE[locale], database, begin)) as machine:
            History(machine, locale).live()
            saved = machine.slack.save()
        database.empty_log()
    return saved


def _read(file: Path) -> Json:
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _mark() -> str:
    """Return what the twelve weeks depend on, as far as one can see it from outside: the version of the bot, the
    schema, and the story itself."""
    story = [file for file in files("bot.cli.sample").iterdir() if file.name.endswith((".py", ".toml"))]
    content = hashlib.sha256(version("mql-bot").encode())
    for revision in sorted(file.name for file in (migrate.MIGRATIONS / "versions").glob("*.py")):
        content.update(revision.encode())
    for file in sorted(story, key=lambda file: file.name):
        content.update(file.read_bytes())
    return content.hexdigest()
