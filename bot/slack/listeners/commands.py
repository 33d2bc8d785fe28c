"""/mql and /mql-feedback: every word that can be typed, in one table.

`/mql help` is made from this table, and a test compares the tables of docs/commands.md with it.
"""

from __future__ import annotations

from slack_bolt import App

from bot.slack.blocks.base import ids
from bot.slack.blocks.base.kit import View
from bot.slack.blocks.views import menu as menu_blocks
from bot.slack.context import AppContext
from bot.slack.listeners.agreement import definition
from bot.slack.listeners.base import audit
from bot.slack.listeners.base.command import Answer, CommandContext, HelpLine, Subcommand, typing, within
from bot.slack.listeners.base.pipeline import Press, opening
from bot.slack.listeners.base.words import close_to, meant, plain
from bot.slack.listeners.mql import commands, feedback_command, merge, uploads
from bot.slack.listeners.reports import checkup, kpi, report
from bot.slack.listeners.review import meeting
from bot.slack.listeners.routing import absences, calendars, turns
from bot.slack.listeners.settings import pages
from bot.slack.listeners.sources import sources
from bot.slack.listeners.views import menu


def register(app: App, context: AppContext) -> None:
    """Connect the commands."""
    app.command("/mql")(typing(context, _mql))
    app.action(ids.MENU_HELP)(opening(context, _every_command))
    app.command("/mql-feedback")(typing(context, feedback_command.feedback))


def help_lines() -> list[tuple[str, str]]:
    """Return what `/mql help` shows: an example and the catalogue key of what it does, a line each."""
    of_mql = [line for subcommand in SUBCOMMANDS.values() if subcommand is not _HELP for line in subcommand.help]
    return [(line.example, line.words) for line in (*of_mql, *feedback_command.HELP, *_HELP.help)]


def _mql(command: CommandContext) -> Answer:
    if not command.words:
        return _help(command)
    typed = command.words[0]
    subcommand = SUBCOMMANDS.get(meant(typed))
    if subcommand is None:
        return menu_blocks.unknown(typed, close_to(typed, SUBCOMMANDS), command.member, command.t)
    if plain(typed).lstrip("#").isdecimal():  # the number itself is what is asked for
        return subcommand.answer(command)
    return within(command, subcommand)


def _help(command: CommandContext) -> Answer:
    return menu_blocks.help_by_role(command.member, command.t)


def _every_command(press: Press) -> View:
    return menu_blocks.commands_page(help_lines(), press.t)


_HELP = Subcommand("help", _help, (HelpLine("/mql help", "help.help"),))
_ALL = (
    Subcommand("new", menu.new_form, (HelpLine("/mql new", "help.new"),)),
    Subcommand(
        "list",
        commands.listed,
        (
            HelpLine("/mql list", "help.list"),
            HelpLine("/mql list overdue", "help.list_overdue"),
            HelpLine("/mql list all", "help.list_all"),
            HelpLine("/mql list @name", "help.list_rep"),
        ),
    ),
    Subcommand("search", commands.search, (HelpLine("/mql search Acme", "help.search"),)),
    Subcommand("team", menu.board, (HelpLine("/mql team", "help.team"),), menu.sees_everybody),
    Subcommand("feedback", feedback_command.feedback, (HelpLine("/mql feedback 12", "help.feedback_number"),)),
    Subcommand("show", commands.show, (HelpLine("/mql show 12", "help.show"),)),
    Subcommand("withdraw", commands.withdraw, (HelpLine("/mql withdraw 12", "help.withdraw"),)),
    Subcommand("merge", merge.typed, (HelpLine("/mql merge 12 7", "help.merge"),)),
    Subcommand("unmerge", merge.typed_undo, (HelpLine("/mql unmerge 12", "help.unmerge"),)),
    Subcommand(
        "away",
        absences.away,
        (HelpLine("/mql away", "help.away"), HelpLine("/mql away 12/5-12/9", "help.away_until")),
    ),
    Subcommand("calendar", calendars.form_view, (HelpLine("/mql calendar", "help.calendar"),)),
    Subcommand("back", absences.back, (HelpLine("/mql back", "help.back"),)),
    Subcommand(
        "report",
        report.report,
        (
            HelpLine("/mql report", "help.report"),
            HelpLine("/mql report this week", "help.report_this_week"),
            HelpLine("/mql report monthly", "help.report_monthly"),
            HelpLine("/mql report scoring", "help.report_scoring"),
            HelpLine("/mql report noise", "help.report_noise"),
        ),
    ),
    Subcommand("fairness", turns.fairness, (HelpLine("/mql fairness", "help.fairness"),)),
    Subcommand("route", turns.route_form, (HelpLine("/mql route", "help.route"),), turns.triers),
    Subcommand("kpi", kpi.kpi_view, (HelpLine("/mql kpi", "help.kpi"),), kpi.planners),
    Subcommand("checkup", checkup.checkup_view, (HelpLine("/mql checkup", "help.checkup"),), checkup.planners),
    Subcommand("definition", definition.page_view, (HelpLine("/mql definition", "help.definition"),)),
    Subcommand("source", sources.page_view, (HelpLine("/mql source", "help.source"),), sources.keepers),
    Subcommand("settings", pages.page_view, (HelpLine("/mql settings", "help.settings"),), pages.admins),
    Subcommand("import", uploads.how, (HelpLine("/mql import", "help.import"),), uploads.importers),
    Subcommand("audit", audit.page_view, (HelpLine("/mql audit", "help.audit"),), audit.admins),
    Subcommand("meeting", meeting.page_view, (HelpLine("/mql meeting", "help.meeting"),)),
    _HELP,
)
SUBCOMMANDS = {subcommand.word: subcommand for subcommand in _ALL}
