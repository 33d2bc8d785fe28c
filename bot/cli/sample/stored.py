"""The sample company's twelve weeks as they come with the bot: to live through them takes a quarter of a minute of
processor, to unpack them a moment. `make history` makes them anew; `make test-all` proves that they are what it gives.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from contextlib import closing
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

import sqlalchemy as sa

from playground.model import Json
from storage import migrate
from storage.database import Database
from storage.models import heartbeat
from storage.vocabulary import Locale

PLACE = files("bot.cli.sample")
STORY = ("history.py", "leads.py", "machine.py", "sample_team.toml", "words.en.toml", "words.ja.toml")


def unpack(locale: Locale, file: Path) -> Json:
    """Write the twelve weeks in a language into a database file; return what their Slack holds, as `Playground.save`
    does. The schema is that of the day on which they were made."""
    file.write_bytes(gzip.decompress((PLACE / f"history.{locale}.db.gz").read_bytes()))
    slack: Json = _described(locale)["slack"]
    return slack


def mark_of(locale: Locale) -> str:
    """Return the mark of the story that the stored weeks were made from."""
    return str(_described(locale)["mark"])


def mark() -> str:
    """Return a mark of the story as it stands: another one asks for `make history`."""
    content = hashlib.sha256()
    for name in STORY:
        content.update((PLACE / name).read_bytes())
    return content.hexdigest()


def live(locale: Locale, file: Path) -> Json:
    """Let the sample company live through its twelve weeks in a new database file; return what its Slack then holds."""
    # Only whoever makes the weeks anew needs the whole bot for it.
    from bot.cli.sample.history import WEEKS, History
    from bot.cli.sample.machine import Machine
    from bot.cli.sample.team import BEGINS, PEOPLE

    begin = BEGINS - timedelta(weeks=WEEKS, hours=1)
    with closing(Database(f"sqlite:///{file}")) as database:
        # A file that a power cut spoils is made anew.
        sa.event.listen(database.engine, "connect", lambda made, _: made.execute("PRAGMA synchronous=OFF").close())
        migrate.upgrade(database)
        with closing(Machine(PEOPLE[locale], database, begin)) as machine:
            History(machine, locale).live()
            saved = machine.slack.save()
        with database.transaction() as tx:
            tx.execute(sa.delete(heartbeat))  # of the machine that they were made on
        database.empty_log()
    return saved


def pack(locale: Locale, database: Path, slack: Json, folder: Path) -> None:
    """Store twelve weeks. The same ones come to the same bytes."""
    described = json.dumps({"mark": mark(), "slack": slack}, ensure_ascii=False, sort_keys=True)
    (folder / f"history.{locale}.db.gz").write_bytes(gzip.compress(database.read_bytes(), mtime=0))
    (folder / f"history.{locale}.json.gz").write_bytes(gzip.compress(described.encode(), mtime=0))


def _described(locale: Locale) -> Json:
    described: Json = json.loads(gzip.decompress((PLACE / f"history.{locale}.json.gz").read_bytes()))
    return described
