"""The clock of the machine is set while the bot runs: for its processes alone, by a few lines of C in between."""

from __future__ import annotations

import shutil
import struct
import subprocess
import time
from pathlib import Path

from tests.attack.stage import Outcome, Stage, stage

SOURCE = Path(__file__).parent / "clock.c"
HOUR = 3600
LEFT_OUT = Outcome("left out: there is no C compiler", ok=True)


def _shifted(folder: Path) -> dict[str, str] | None:
    """Return the variables of a process whose clock can be set; None where it cannot be made."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    _set(folder, 0)
    library = folder / "clock.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", library, SOURCE, "-ldl"], check=True)
    return {"LD_PRELOAD": str(library), "CLOCK_SHIFT": str(folder / "shift")}


def _set(folder: Path, seconds: int) -> None:
    place = folder / "shift"
    with place.open("r+b" if place.exists() else "w+b") as file:
        file.write(struct.pack("q", seconds))


def _works(bot: Stage, name: str, offset: int) -> tuple[bool, str]:
    """Return whether ticks go on, and whether a lead reaches Slack."""
    ticks = bot.wait_for(lambda: isinstance(t := bot.checks().get("ticks"), float | int) and 0 <= t < 30, 90)
    status = bot.send(name, moment=time.time() + offset)
    card = bot.wait_for(lambda: any(name in str(m.blocks) for m in bot.slack.channel("mql").messages), 60)
    return ticks and status == "202" and card, f"ticks {ticks}, webhook {status}, card {card}"


def _there_and_back(folder: Path, seconds: int, first: str, then: str) -> Outcome:
    shifted = _shifted(folder)
    if shifted is None:
        return LEFT_OUT
    with stage(folder, ("run",), **shifted) as bot:
        before, answer = _works(bot, "first", 0)
        _set(folder, seconds)
        away, answer_away = _works(bot, "second", seconds)
        told_away = bot.heard(first, 90)
        _set(folder, 0)
        back, answer_back = _works(bot, "third", 0)
        told_back = bot.heard(then, 90)
        over = bot.heard("is right", 90)
        text = f"before: {answer}; set: {answer_away}, told {told_away}"
        text += f"; put right: {answer_back}, told {told_back}, over {over}"
        return Outcome(text, all([before, away, told_away, back, told_back, over]))


def _ahead(folder: Path) -> Outcome:
    return _there_and_back(folder, 3 * HOUR, "set ahead by 3", "set back by 3")


def _back(folder: Path) -> Outcome:
    return _there_and_back(folder, -3 * HOUR, "set back by 3", "set ahead by 3")


def _webhooks(folder: Path) -> Outcome:
    shifted = _shifted(folder)
    if shifted is None:
        return LEFT_OUT
    with stage(folder, ("run",), **shifted) as bot:
        _set(folder, HOUR)
        statuses = [bot.send(f"right-{number}") for number in range(3)]
        heard = bot.heard("ahead of Slack's", 90)
        return Outcome(f"webhooks {' '.join(statuses)}; admin told {heard}", statuses == ["401"] * 3 and heard)


ATTACKS = {
    "the clock 3 h ahead, and back": _ahead,
    "the clock 3 h back, and ahead": _back,
    "a wrong clock refuses every webhook": _webhooks,
}
