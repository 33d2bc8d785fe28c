"""/mql and /mql-feedback: every word that can be typed, in one table.

`/mql help` is made from this table, and a test compares the tables of both READMEs with it.
"""

from __future__ import annotations

from slack_bolt import App

from bot.slack.blocks import modals, replies
from bot.slack.blocks.reply_keys import Reply
from bot.slack.context import AppContext
from bot.slack.listeners import (
    absence,
    checkup,
    definition,
    feedback_command,
    kpi,
    meeting,
    merge,
    mql_commands,
    reports,
    sources,
    uploads,
)
from bot.slack.listeners.command import Answer, CommandContext, HelpLine, Subcommand, typing, within


def register(app: App, context: AppContext) -> None:
    """Connect the commands."""
    app.command("/mql")(typing(context, _mql))
    app.command("/mql-feedback")(typing(context, feedback_command.feedback))


def help_lines() -> list[tuple[str, str]]:
    """Return what `/mql help` shows: an example and the catalogue key of what it does, a line each."""
    of_mql = [line for subcommand in SUBCOMMANDS.values() if subcommand is not _HELP for line in subcommand.help]
    return [(line.example, line.words) for line in (*of_mql, *feedback_command.HELP, *_HELP.help)]


def _mql(command: CommandContext) -> Answer:
    if not command.words:
        return _help(command)
    subcommand = SUBCOMMANDS.get(command.words[0].lower())
    return Reply.UNKNOWN_COMMAND if subcommand is None else within(command, subcommand)


def _new(command: CommandContext) -> Answer:
    return modals.new_mql(command.t)


def _help(command: CommandContext) -> Answer:
    return replies.help_text(help_lines(), command.t)


_HELP = Subcommand("help", _help, (HelpLine("/mql help", "help.help"),))
_ALL = (
    Subcommand("new", _new, (HelpLine("/mql new", "help.new"),)),
    Subcommand(
        "list",
        mql_commands.listed,
        (HelpLine("/mql list", "help.list"), HelpLine("/mql list overdue", "help.list_overdue")),
    ),
    Subcommand("show", mql_commands.show, (HelpLine("/mql show 12", "help.show"),)),
    Subcommand("withdraw", mql_commands.withdraw, (HelpLine("/mql withdraw 12", "help.withdraw"),)),
    Subcommand("merge", merge.typed, (HelpLine("/mql merge 12 7", "help.merge"),)),
    Subcommand("unmerge", merge.typed_undo, (HelpLine("/mql unmerge 12", "help.unmerge"),)),
    Subcommand(
        "away",
        absence.away,
        (HelpLine("/mql away", "help.away"), HelpLine("/mql away 2026-12-01", "help.away_until")),
    ),
    Subcommand("back", absence.back, (HelpLine("/mql back", "help.back"),)),
    Subcommand(
        "report",
        reports.report,
        (
            HelpLine("/mql report", "help.report"),
            HelpLine("/mql report monthly", "help.report_monthly"),
            HelpLine("/mql report scoring", "help.report_scoring"),
            HelpLine("/mql report noise", "help.report_noise"),
        ),
    ),
    Subcommand("kpi", kpi.kpi_view, (HelpLine("/mql kpi", "help.kpi"),), kpi.planners),
    Subcommand("checkup", checkup.checkup_view, (HelpLine("/mql checkup", "help.checkup"),), checkup.planners),
    Subcommand("definition", definition.page_view, (HelpLine("/mql definition", "help.definition"),)),
    Subcommand("source", sources.page_view, (HelpLine("/mql source", "help.source"),), sources.keepers),
    Subcommand("import", uploads.how, (HelpLine("/mql import", "help.import"),), uploads.importers),
    Subcommand("meeting", meeting.page_view, (HelpLine("/mql meeting", "help.meeting"),)),
    _HELP,
)
SUBCOMMANDS = {subcommand.word: subcommand for subcommand in _ALL}
