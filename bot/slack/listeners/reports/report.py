"""`/mql report`: figures for whoever may see them, counted when they are asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.core.base import period_words, team
from bot.core.base.permissions import Permission
from bot.core.reports import monthly, scoring, weekly
from bot.slack.blocks.base.example_days import example_days
from bot.slack.blocks.base.kit import Message
from bot.slack.blocks.base.reply_keys import Reply
from bot.slack.blocks.reports import digest
from bot.slack.blocks.reports import monthly as monthly_blocks
from bot.slack.blocks.reports import scoring as scoring_blocks
from bot.slack.deferred_answers import Words
from bot.slack.listeners.base.command import Answer, CommandContext, Counting
from bot.slack.listeners.base.pipeline import allowing
from bot.slack.listeners.base.words import plain
from bot.slack.listeners.reports.noise import leaders, page_view

_KINDS = {"月次": "monthly", "月間": "monthly", "週次": "weekly", "スコア": "scoring", "通知": "noise"}

_sees_reports = allowing(Permission.REPORTS, refusal=Reply.REPORT_NOT_ALLOWED)


def report(command: CommandContext) -> Answer:
    """Return the figures of the week, the month (after "monthly") or the year up to a month (after "scoring") that was
    typed; without one, of the last one over. Or (after "noise") what the bot's messages led to."""
    command = replace(command, words=_in_our_words(command))
    kind = command.words[0].lower() if command.words else ""
    if kind == "noise":
        return leaders(command) or page_view(command)
    if refusal := _sees_reports(command):
        return refusal
    words = command.words[1:] if kind in REPORTS else command.words
    count = REPORTS.get(kind, _weekly)
    return Counting(
        lambda tx: count(replace(command, tx=tx, words=words)),
        Words(command.say(Reply.COUNTING), command.say(Reply.COUNT_FAILED)),
    )


def _in_our_words(command: CommandContext) -> list[str]:
    """Return what was typed as the kind of the report and its period, 先月 or 2026/10 too; what is neither as it is."""
    words = [_KINDS.get(plain(word), word) for word in command.words]
    today = command.t.local_date(command.now)
    kind = words[0].lower() if words else ""
    if kind in REPORTS:
        read = period_words.week if kind == "weekly" else period_words.month
        typed = " ".join(words[1:])
        return [kind, read(typed, today) or typed] if typed else [kind]
    meant = period_words.either(" ".join(words), today)
    return list(meant) if meant else words


def _weekly(command: CommandContext) -> Message:
    last = period_words.iso_week(command.t.local_date(command.now) - timedelta(days=7))
    period = command.words[0].upper() if command.words else last
    try:
        begun = weekly.week_of(period) <= command.t.local_date(command.now)
        report = weekly.weekly(command.tx, command.workspace, period, command.now) if begun else None
    except ValueError:
        return command.say(Reply.BAD_WEEK, **example_days(command.t, command.now))
    if report is None:
        return command.say(Reply.REPORT_AHEAD, period=period)
    reader = command.member
    may_act, marketer = command.may(Permission.LEAD), team.is_marketer(reader)
    return digest.weekly(report, command.t, whole=True, may_act=may_act, marketer=marketer)


def _monthly(command: CommandContext) -> Message:
    month = _month(command)
    if isinstance(month, Message):
        return month
    return monthly_blocks.report(monthly.report(command.tx, command.workspace, month, command.now), command.t)


def _scoring(command: CommandContext) -> Message:
    month = _month(command)
    if isinstance(month, Message):
        return month
    return scoring_blocks.check(scoring.report(command.tx, command.workspace, month), command.t)


def _month(command: CommandContext) -> str | Message:
    """Return the month that was typed, else the last one over; or why it can be none."""
    month = command.words[0] if command.words else monthly.last_period(command.workspace, command.now)
    try:
        begun = monthly.month_of(month) <= command.t.local_date(command.now)
    except ValueError:
        return command.say(Reply.BAD_MONTH, **example_days(command.t, command.now))
    return month if begun else command.say(Reply.REPORT_AHEAD, period=month)


REPORTS = {"weekly": _weekly, "monthly": _monthly, "scoring": _scoring}
