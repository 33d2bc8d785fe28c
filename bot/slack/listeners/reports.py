"""`/mql report`: figures for whoever may see them, counted when they are asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.core.base import team
from bot.core.reports import monthly, noise, scoring, weekly
from bot.slack.blocks import digest
from bot.slack.blocks import monthly as monthly_blocks
from bot.slack.blocks import noise as noise_blocks
from bot.slack.blocks import scoring as scoring_blocks
from bot.slack.blocks.kit import Message
from bot.slack.deferred_answers import Words
from bot.slack.listeners.command_context import Answer, Asked, Counting, narrow
from storage.vocabulary import Role


def report(asked: Asked) -> Answer:
    """The figures of the week, the month (after "monthly") or the year up to a month (after "scoring") that was typed;
    without one, of the last one over. Or (after "noise") what the bot's messages led to."""
    kind = asked.words[0].lower() if asked.words else ""
    if kind == "noise":
        return _noise(asked)
    if not asked.member.has(*team.LEADERS, Role.MARKETER):
        return asked.say("report_not_allowed")
    words = asked.words[1:] if kind in REPORTS else asked.words
    count = REPORTS.get(kind, _weekly)
    return Counting(
        lambda tx: count(replace(asked, tx=tx, words=words)), Words(asked.say("counting"), asked.say("count_failed"))
    )


def _weekly(asked: Asked) -> Message:
    last = weekly.period_of(asked.t.local_date(asked.now) - timedelta(days=7))
    period = asked.words[0].upper() if asked.words else last
    try:
        begun = weekly.week_of(period) <= asked.t.local_date(asked.now)
        report = weekly.weekly(asked.tx, asked.workspace, period, asked.now) if begun else None
    except ValueError:
        return asked.say("bad_week")
    if report is None:
        return asked.say("report_ahead", period=period)
    return digest.weekly(report, asked.t, whole=True, may_act=team.may_lead(asked.member))


def _monthly(asked: Asked) -> Message:
    month = _month(asked)
    if isinstance(month, Message):
        return month
    return monthly_blocks.report(monthly.report(asked.tx, asked.workspace, month, asked.now), asked.t)


def _scoring(asked: Asked) -> Message:
    month = _month(asked)
    if isinstance(month, Message):
        return month
    return scoring_blocks.check(scoring.report(asked.tx, asked.workspace, month), asked.t)


def _month(asked: Asked) -> str | Message:
    """The month that was typed, else the last one over; or why it can be none."""
    month = narrow(asked.words[0]) if asked.words else monthly.last_period(asked.workspace, asked.now)
    try:
        begun = monthly.month_of(month) <= asked.t.local_date(asked.now)
    except ValueError:
        return asked.say("bad_month")
    return month if begun else asked.say("report_ahead", period=month)


def _noise(asked: Asked) -> Answer:
    if not asked.member.has(*team.LEADERS):
        return asked.say("noise_not_allowed")
    return noise_blocks.page(noise.report(asked.tx, asked.workspace, asked.now), asked.t)


REPORTS = {"weekly": _weekly, "monthly": _monthly, "scoring": _scoring}
