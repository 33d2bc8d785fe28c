"""What happens to the file of the database while `serve` and `worker` work on it."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from pathlib import Path

from tests.attack import wire
from tests.attack.stage import Outcome, Stage, stage

BOTH = (("serve",), ("worker",))


def _verdict(bot: Stage, value: str, words: str) -> Outcome:
    """A lead is refused with the right word, monitors and the admin are told."""
    # A full disk has room for one lead or another: SQLite goes round in its log.
    for number in range(20):
        body = wire.text(bot.port, wire.webhook(f"during-{number}"))
        status = body.split()[1]
        if status != "202":
            break
    word = f"database_{value}" in body
    ready = bot.page("/readyz")[0], bot.checks().get("database")
    heard = bot.heard(words)
    count = sum(words in message.text for message in bot.slack.dm("kim").messages)
    answer = f"webhook {status} database_{value}: {word}; /readyz {ready[0]} {ready[1]}; admin told {count}×"
    return Outcome(answer, status == "503" and word and ready == (503, value) and heard and count == 1)


def _deleted(folder: Path) -> Outcome:
    with stage(folder, *BOTH) as bot:
        bot.send("before")
        bot.wait_for(lambda: bot.checks().get("ticks") is not None, 60)
        bot.file.unlink()
        return _verdict(bot, "replaced", "deleted or replaced")


def _replaced(folder: Path) -> Outcome:
    with stage(folder, *BOTH) as bot:
        bot.send("before")
        bot.wait_for(lambda: bot.checks().get("ticks") is not None, 60)
        shutil.copy(bot.file, folder / "older.db")
        shutil.move(folder / "older.db", bot.file)
        return _verdict(bot, "replaced", "deleted or replaced")


def _damaged(folder: Path) -> Outcome:
    with stage(folder) as bot:
        with sqlite3.connect(bot.file) as connection:
            (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'event'").fetchone()
        connection.close()
        with bot.file.open("r+b") as file:
            file.seek((page - 1) * 4096)
            file.write(b"\xff" * 4096)
        for command in BOTH:
            bot.start(*command)
        bot.wait_for(lambda: bot.checks().get("database") == "damaged", 60)
        return _verdict(bot, "damaged", "damaged")


def _full(folder: Path) -> Outcome:
    small = folder / "small"
    small.mkdir(parents=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", small], capture_output=True, check=False
    )
    if mounted.returncode:
        return Outcome("left out: no small disk can be mounted here", ok=True)
    try:
        with stage(small, *BOTH) as bot:
            bot.send("before")
            bot.wait_for(lambda: bot.checks().get("ticks") is not None, 60)
            filler = small / "filler"
            with filler.open("wb", buffering=0) as file:
                try:
                    while file.write(b"x" * 4096):
                        pass
                except OSError:
                    pass
            verdict = _verdict(bot, "full", "database is full")
            filler.unlink()
            again = bot.wait_for(lambda: bot.send("after") == "202", 60)
            ready = bot.wait_for(lambda: bot.status("/readyz") == 200, 60)
            over = bot.heard("takes leads again", 90)
            answer = f"{verdict.answer}; with room again: webhook 202 {again}, /readyz 200 {ready}, told {over}"
            return Outcome(answer, verdict.ok and again and ready and over)
    finally:
        subprocess.run(["umount", small], check=False)


ATTACKS = {
    "the database file deleted": _deleted,
    "the database file replaced": _replaced,
    "a damaged database file": _damaged,
    "a full disk": _full,
}
