"""`config apply` and `config export`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from bot.cli.base import startup
from bot.cli.base.author import author
from bot.cli.base.choices import OpenMqls
from bot.cli.base.startup import CannotStart
from bot.cli.base.terminal import REFUSED, USAGE, confirmed
from bot.cli.base.workspace import open_workspace, ready_database
from bot.cli.teamfile import config_words
from bot.connectors import outbound
from bot.core import teamfile
from bot.core.base import audit, wall_clock
from bot.core.settings import Overtaken, edition, save
from bot.core.teamfile import BadFile, Directory, LastAdmin, Preview, Problem, TeamFile
from bot.core.teamfile.positions import lines_of
from bot.core.teamfile.problems import dotted
from bot.i18n import Translator
from bot.settings import Settings
from bot.slack.identity import require_own
from bot.slack.people.directory import SlackDirectory
from bot.slack.web_api.gateway import Gateway
from bot.system_errors import reason_of
from storage import members
from storage.database import Database
from storage.vocabulary import AuditKind, Door, Locale


def apply(file: Path, *, yes: bool, dry_run: bool, open_mqls: OpenMqls | None) -> None:
    """Show what a team file changes and write it. `open_mqls`: None asks where it makes a difference, and keeps their
    deadlines where nobody is asked. Exit code 1: the file was refused; 2: it cannot be read."""
    settings = startup.settings()
    text = text_of(file)
    with startup.in_one_line(settings):
        with refusing(file):
            wanted = teamfile.parse(text, _directory(settings))
            require_reachable(wanted.webhook_url, wanted.locale, text, settings)
        database = ready_database(settings, create=True)
        with database.snapshot() as tx, refusing(file), _keeping_an_admin(text, wanted):
            require_own(tx, wanted.workspace_id)
            seen = edition(tx, wanted.workspace_id).version
            preview = teamfile.preview(tx, wanted, wall_clock.utcnow())
        if _agreed(preview, wanted, open_mqls, yes=yes, dry_run=dry_run):
            move = _moves(preview, wanted, open_mqls, yes=yes)
            with refusing(file), _keeping_an_admin(text, wanted):
                _save(database, wanted, seen, move=move)
        database.close()


def _save(database: Database, wanted: TeamFile, seen: int, *, move: bool) -> None:
    """Write the settings, unless somebody else has written them while a person looked at what would change."""
    t = Translator(wanted.locale, wanted.timezone)
    with database.transaction() as tx:
        now = wall_clock.utcnow()
        saved = save(tx, wanted, seen, now, author(Door.TEAM_FILE), move_open=move)
        roster = {member.user_id: member.name for member in members.roster(tx, wanted.workspace_id)}
    if isinstance(saved, Overtaken):
        by, at = saved.edition.by, saved.edition.at
        who = (roster.get(by) or by) if by else t("settings.command_line")
        raise CannotStart("config.overtaken", who=who, when=t.moment(at) if at else "–")
    typer.echo(t("config.applied"))


def export(workspace_id: str | None) -> None:
    """Print the team file of a workspace."""
    with open_workspace(workspace_id) as opened, opened.database.transaction() as tx:
        team = teamfile.current(tx, opened.workspace.id)
        audit.record(tx, opened.workspace.id, AuditKind.EXPORT, author(), wall_clock.utcnow(), "team_file")
    if team is not None:
        typer.echo(teamfile.export(team), nl=False)


def text_of(file: Path, missing: str = "config.no_such_file") -> str:
    """Return what a file says. Leaves with one line where it cannot be read, `missing` where there is none."""
    t = startup.translator()
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        typer.echo(config_words.refusal(t, str(file), BadFile([Problem(line, "", "not_utf8")])), err=True)
        raise typer.Exit(REFUSED) from error
    except OSError as error:
        typer.echo(t(missing, file=file, reason=reason_of(t, error)), err=True)
        raise typer.Exit(USAGE) from error


@contextmanager
def refusing(file: Path) -> Iterator[None]:
    """Word everything that is wrong with a team file, and leave with exit code 1."""
    try:
        yield
    except BadFile as bad:
        t = Translator(bad.locale or startup.translator().locale, "UTC")
        typer.echo(config_words.refusal(t, str(file), bad), err=True)
        raise typer.Exit(REFUSED) from bad


@contextmanager
def _keeping_an_admin(text: str, wanted: TeamFile) -> Iterator[None]:
    """Raise BadFile with the line of the person who is the last admin, where the file takes the role from them."""
    try:
        yield
    except LastAdmin as last:
        places = [place for place, person in enumerate(wanted.members) if person.user_id in last.user_ids]
        path: tuple[str | int, ...] = ("members", places[0], "roles") if places else ("members", 0)
        line = lines_of(text).get(path, 1)
        problem = Problem(line, dotted(path), "last_admin", {"names": last.names})
        raise BadFile([problem], wanted.locale) from last


def require_reachable(url: str | None, locale: Locale, text: str, settings: Settings) -> None:
    """Raise BadFile where the webhook's address is one to which the environment lets nothing go."""
    if url is not None and (code := outbound.trouble(url, settings.outbound_allowed_hosts)):
        path = ("webhook", "url")
        raise BadFile([Problem(lines_of(text).get(path, 1), dotted(path), code, {"given": url})], locale)


def _directory(settings: Settings) -> Directory | None:
    if settings.slack_bot_token is None:
        return None
    return SlackDirectory(Gateway(settings.slack_bot_token.get_secret_value(), settings.slack_api_url))


def _agreed(preview: Preview, wanted: TeamFile, open_mqls: OpenMqls | None, *, yes: bool, dry_run: bool) -> bool:
    t = Translator(wanted.locale, wanted.timezone)
    if preview.changes:
        typer.echo(t("config.would", name=wanted.name))
        for change in (*preview.changes, *preview.hints):
            typer.echo("  " + config_words.change(t, change))
    elif not (preview.deadlines.moves and open_mqls == OpenMqls.MOVE):
        typer.echo(t("config.nothing"))
        if preview.deadlines.moves:
            typer.echo(t("config.deadlines_kept", count=len(preview.deadlines.moves)))
        return False
    for line in config_words.deadlines(t, preview.deadlines):
        typer.echo(line)
    if dry_run:
        typer.echo(t("config.dry_run"))
        return False
    agreed = yes or confirmed(t, "config.ask")
    if not agreed:
        typer.echo(t("config.not_applied"))
    return agreed


def _moves(preview: Preview, wanted: TeamFile, open_mqls: OpenMqls | None, *, yes: bool) -> bool:
    """Return whether the deadlines of open MQLs move too: as was said, else as is answered, else not."""
    if open_mqls is not None or yes or not preview.deadlines.moves:
        return open_mqls == OpenMqls.MOVE
    return confirmed(Translator(wanted.locale, wanted.timezone), "config.ask_deadlines")
