"""/mql away and /mql back: a rep takes no turns with new MQLs for a while."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.core.base import team
from bot.core.routing import assignment
from bot.slack.blocks.reply_keys import Reply
from bot.slack.listeners.command import Answer, CommandContext, narrow

MOST_AWAY_DAYS = 365
_DAY = re.compile(r"([0-9]{4})([-/])([0-9]{1,2})\2([0-9]{1,2})")


def away(command: CommandContext) -> Answer:
    """Note that the caller is away until the start of the day that was typed; without one, until the start of
    tomorrow."""
    today = command.t.local_date(command.now)
    back_on = _day(command.words[0]) if command.words else today + timedelta(days=1)
    if back_on is None or back_on <= today or back_on > today + timedelta(days=MOST_AWAY_DAYS):
        return Reply.AWAY_BAD_DATE
    until = datetime.combine(back_on, time(), ZoneInfo(command.workspace.timezone)).astimezone(UTC)
    if not team.set_away(command.tx, command.workspace.id, command.by, command.now, until):
        return Reply.ONLY_REPS
    return command.say(Reply.AWAY_SET, until=until)


def back(command: CommandContext) -> Answer:
    """Note that the caller is back, and give them what waits for an owner if it is their turn."""
    until = command.member.away_until if command.member else None
    was_away = until is not None and until > command.now
    if not assignment.bring_back(command.tx, command.workspace.id, command.by, command.now):
        return Reply.ONLY_REPS
    # The same command once more finds nobody away any longer.
    return Reply.BACK if was_away or not command.first_time else Reply.NOT_AWAY


def _day(word: str) -> date | None:
    """Return a date such as 2026-12-01 or 2026/12/1; None for anything else."""
    matched = _DAY.fullmatch(narrow(word))
    if matched is None:
        return None
    try:
        return date(int(matched[1]), int(matched[3]), int(matched[4]))
    except ValueError:
        return None
