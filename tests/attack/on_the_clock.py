"""The clock of the machine is set while the bot runs, by libfaketime (Debian, Ubuntu: apt-get install faketime)."""

from __future__ import annotations

import time
from pathlib import Path

from tests.attack.stage import Outcome, Stage, stage

LIBRARIES = (
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
)
HOUR = 3600.0


def _faked(folder: Path) -> dict[str, str] | None:
    library = next((place for place in LIBRARIES if Path(place).exists()), None)
    if library is None:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "offset").write_text("+0")
    return {
        "LD_PRELOAD": library,
        "FAKETIME_TIMESTAMP_FILE": str(folder / "offset"),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }


def _set(folder: Path, seconds: float) -> None:
    (folder / "offset").write_text(f"{seconds:+.0f}")


def _works(bot: Stage, name: str, offset: float) -> tuple[bool, str]:
    """Return whether ticks go on, and whether a lead reaches Slack."""
    ticks = bot.wait_for(lambda: isinstance(t := bot.checks().get("ticks"), float | int) and 0 <= t < 30, 90)
    status = bot.send(name, moment=time.time() + offset)
    card = bot.wait_for(lambda: any(name in str(m.blocks) for m in bot.slack.channel("mql").messages), 60)
    return ticks and status == "202" and card, f"ticks {ticks}, webhook {status}, card {card}"


def _there_and_back(folder: Path, seconds: float, first: str, then: str) -> Outcome:
    faked = _faked(folder)
    if faked is None:
        return Outcome("left out: libfaketime is not installed", ok=True)
    with stage(folder, ("run",), **faked) as bot:
        found = []
        before, answer = _works(bot, "first", 0)
        found.append(before)
        _set(folder, seconds)
        away, answer_away = _works(bot, "second", seconds)
        told = bot.heard(first, 90)
        _set(folder, 0)
        back, answer_back = _works(bot, "third", 0)
        told_back = bot.heard(then, 90)
        over = bot.heard("is right", 90)
        text = f"before: {answer}; set: {answer_away}, told {told}; put right: {answer_back}, told {told_back}, over {over}"
        return Outcome(text, all([*found, away, told, back, told_back, over]))


def _ahead(folder: Path) -> Outcome:
    return _there_and_back(folder, 3 * HOUR, "ahead", "set back by 3")


def _back(folder: Path) -> Outcome:
    return _there_and_back(folder, -3 * HOUR, "behind Slack's", "set")


def _webhooks(folder: Path) -> Outcome:
    faked = _faked(folder)
    if faked is None:
        return Outcome("left out: libfaketime is not installed", ok=True)
    with stage(folder, ("run",), **faked) as bot:
        _set(folder, HOUR)
        statuses = [bot.send(f"right-{number}") for number in range(3)]
        told = bot.heard("ahead of Slack's", 90)
        return Outcome(f"webhooks {' '.join(statuses)}; admin told {told}", statuses == ["401"] * 3 and told)


ATTACKS = {
    "the clock 3 h ahead, and back": _ahead,
    "the clock 3 h back, and ahead": _back,
    "a wrong clock refuses every webhook": _webhooks,
}
