"""Draft a revision from how storage/models/ differs from the newest one: `make migration m="what changes"`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import Script

from storage import migrate
from storage.database import Database


def draft(message: str) -> None:
    """Write a revision file into versions/. Read it before you commit it: Alembic does not see everything."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'scratch.db'}")
        migrate.upgrade(database)
        settings = migrate.config()
        number = len(list((migrate.MIGRATIONS / "versions").glob("[0-9]*.py"))) + 1
        with database.engine.connect() as connection:
            settings.attributes["connection"] = connection
            settings.set_main_option("file_template", "%%(rev)s_%%(slug)s")
            script = command.revision(settings, message, autogenerate=True, rev_id=f"{number:04}")
        database.close()
    if isinstance(script, Script):
        _without_boilerplate(Path(script.path))


def _without_boilerplate(file: Path) -> None:
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(line for line in lines if "# ###" not in line), encoding="utf-8")


if __name__ == "__main__":
    draft(" ".join(sys.argv[1:]) or "change")
