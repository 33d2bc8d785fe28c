"""`doctor`: what is missing, in plain words, each with its cure. It looks and changes nothing."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from urllib.parse import urlsplit

import sqlalchemy as sa
import typer

from bot.cli.base import startup
from bot.cli.base.startup import CannotStart
from bot.cli.health import doctor_sources
from bot.connectors import outbound as outgoing
from bot.core.base import wall_clock
from bot.core.health import checks
from bot.i18n import Translator
from bot.settings import Settings, SettingsError, load
from bot.slack.people.directory import SlackDirectory
from bot.slack.web_api.gateway import Denied, Gateway, SlackFailure
from bot.slack.web_api.scopes import SCOPES
from storage import alerts, due_work, heartbeats, members, outbound, process_lock, trouble, undelivered, workspaces
from storage.database import Database
from storage.models import Member, Workspace
from storage.vocabulary import Role

MARKS = {True: "✓", False: "✗", None: "–"}


@dataclass(frozen=True)
class Finding:
    """One line. `ok` is None for what may well be so but is worth knowing."""

    ok: bool | None
    text: str


@dataclass(frozen=True)
class _Slack:
    """A token that Slack knows."""

    gateway: Gateway
    team: str


def doctor() -> None:
    """Print what is well and what is not. Exit code 1 where something is wrong."""
    t = startup.translator()
    wrong = False
    for finding in _examine(t):
        typer.echo(f"{MARKS[finding.ok]} {finding.text}")
        wrong = wrong or finding.ok is False
    typer.echo(t("doctor.wrong" if wrong else "doctor.well"))
    if wrong:
        raise typer.Exit(1)


def _examine(t: Translator) -> Iterator[Finding]:
    try:
        settings = startup.joined(load())
    except SettingsError as error:
        yield from (Finding(False, line) for line in str(error).splitlines())
        return
    slack = yield from _token(settings, t)
    yield from _ways_in(settings, t)
    yield from _database(settings, slack, t)


def _webhook(tx: sa.Connection, workspace: Workspace, settings: Settings, t: Translator) -> Iterator[Finding]:
    """Look at the tool that is told what becomes of MQLs, where there is one."""
    if workspace.webhook_url is None:
        return
    if settings.outbound_webhook_secret is None:
        yield Finding(False, t("outbound.doctor.no_secret"))
    elif code := outgoing.trouble(workspace.webhook_url, settings.outbound_allowed_hosts):
        yield Finding(False, t(f"outbound.doctor.{code}", host=urlsplit(workspace.webhook_url).hostname))
    else:
        # Not the whole address: some tools put a key into it.
        yield Finding(True, t("outbound.doctor.told", host=urlsplit(workspace.webhook_url).hostname))
    waiting, error = outbound.failing(tx, workspace.id)
    if waiting:
        yield Finding(False, t("outbound.doctor.failing", count=waiting, error=error))
    dead, error = outbound.dead(tx, workspace.id)
    if dead:
        yield Finding(None, t("outbound.doctor.dead", count=dead, error=error))


def _token(settings: Settings, t: Translator) -> Generator[Finding, None, _Slack | None]:
    if settings.slack_bot_token is None:
        yield Finding(False, t("doctor.no_token"))
        return None
    gateway = Gateway(settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
    try:
        team = SlackDirectory(gateway).team()
        scopes = gateway.scopes()
    except SlackFailure as error:
        yield Finding(False, startup.said_by_slack(error, settings.slack_api_url))
        return None
    yield Finding(True, t("doctor.token", team=team))
    if scopes is None:
        yield Finding(None, t("doctor.scopes_unknown"))
    elif missing := SCOPES - scopes:
        yield Finding(False, t("doctor.scopes_missing", scopes=", ".join(sorted(missing))))
    else:
        yield Finding(True, t("doctor.scopes"))
    return _Slack(gateway, team)


def _ways_in(settings: Settings, t: Translator) -> Iterator[Finding]:
    if settings.slack_app_token is not None:
        yield _app_token(settings, settings.slack_app_token.get_secret_value(), t)
    elif settings.slack_signing_secret is not None:
        yield Finding(True, t("doctor.signing_secret"))
    else:
        yield Finding(False, t("doctor.no_way_in"))
    yield Finding(*((True, t("doctor.webhooks")) if settings.webhook_secret else (None, t("doctor.no_webhooks"))))


def _app_token(settings: Settings, token: str, t: Translator) -> Finding:
    try:
        Gateway(token, settings.slack_api_url).call("apps.connections.open")
    except SlackFailure as error:
        return Finding(False, startup.said_by_slack(error, settings.slack_api_url))
    return Finding(True, t("doctor.app_token"))


def _database(settings: Settings, slack: _Slack | None, t: Translator) -> Iterator[Finding]:
    with ExitStack() as looked:
        try:
            database = looked.enter_context(closing(startup.open_database(settings.database_url)))
            missing = startup.pending(database)
        except CannotStart as error:
            yield Finding(False, _in_the_way(error, settings, t))
            return
        except sa.exc.DBAPIError as error:
            yield Finding(False, startup.why_unusable(error, t))
            return
        if (lost := _file(database, t)) is not None:
            yield lost
        elif missing:
            yield Finding(False, t("start.behind", count=len(missing)))
        else:
            yield Finding(True, t("doctor.database"))
            yield from _room(database, t)
            yield from _workspace(database, settings, slack, t)


def _in_the_way(error: CannotStart, settings: Settings, t: Translator) -> str:
    """Return why the database cannot be opened; of a missing file, too, whether it went from under a running bot."""
    file = sa.make_url(settings.database_url).database
    if error.key == "start.no_database" and file and process_lock.is_file_in_use(file):
        return t("doctor.lost", file=os.path.realpath(file))
    return t(error.key, **error.values)


def _file(database: Database, t: Translator) -> Finding | None:
    """Look at a SQLite file: is it whole, and is it the one that a running bot has?"""
    if database.file is None:
        return None
    name = startup.name_of(database).removeprefix("sqlite:")
    if startup.is_empty(database) and process_lock.is_bot_running(database):
        return Finding(False, t("doctor.replaced", file=name))
    return None if database.quick_check() else Finding(False, t("doctor.damaged", file=name))


def _room(database: Database, t: Translator) -> Iterator[Finding]:
    free = database.file.free if database.file is not None else None
    if free is not None and free < trouble.LOW:
        yield Finding(False, t("doctor.disk_low", megabytes=free // 1_000_000))


def _workspace(database: Database, settings: Settings, slack: _Slack | None, t: Translator) -> Iterator[Finding]:
    with database.snapshot() as tx:
        configured = [w for w in workspaces.every(tx) if slack is None or w.id == slack.team]
    if not configured:
        yield Finding(False, t("doctor.not_configured"))
    for workspace in configured:
        yield Finding(True, t("doctor.configured", name=workspace.name))
        with database.snapshot() as tx:
            roster = [member for member in members.roster(tx, workspace.id) if member.active]
            dead = undelivered.dead(tx, workspace.id, most=10_000)
            webhook = list(_webhook(tx, workspace, settings, t))
            hooks = list(doctor_sources.findings(tx, workspace.id, settings, Translator(t.locale, workspace.timezone)))
            at_work = list(_at_work(tx, workspace, Translator(t.locale, workspace.timezone)))
        yield from _roster(roster, t)
        if slack is not None:
            yield from _in_slack(slack.gateway, workspace, roster, t)
        yield from at_work
        yield from webhook
        yield from (Finding(*finding) for finding in hooks)
        if dead:
            # Told, but not counted as wrong: what was refused last month says nothing about today.
            yield Finding(None, t("doctor.dead", count=len(dead), error=dead[0].error or "?", target=dead[0].target))


def _at_work(tx: sa.Connection, workspace: Workspace, t: Translator) -> Iterator[Finding]:
    """Yield what /readyz says of a running bot, and what the admins have been told."""
    now = wall_clock.utcnow()
    newest = heartbeats.newest(tx, workspace.id, now + heartbeats.FUTURE)
    if newest is None:
        # It may be about to be started for the first time.
        yield Finding(None, t("doctor.ticks_never"))
    elif checks.ticks(tx, workspace.id, now).ok:
        yield Finding(True, t("doctor.ticks", process=newest.process, version=newest.version))
    else:
        yield Finding(False, t("doctor.ticks_stopped", since=t.moment(newest.ticked_at)))
    late = None if checks.due(tx, workspace.id, now).ok else due_work.oldest_due(tx, workspace.id, now)
    yield Finding(False, t("doctor.due_late", since=t.moment(late))) if late else Finding(True, t("doctor.due"))
    waiting, since = undelivered.waiting(tx, workspace.id, now - checks.UNSENT_LIMIT)
    if since is not None:
        yield Finding(False, t("doctor.waiting", count=waiting, since=t.moment(since)))
    for alert in alerts.standing(tx, workspace.id):
        yield Finding(None, t(f"doctor.alert.{alert.kind}", at=t.moment(alert.opened_at)))


def _roster(roster: list[Member], t: Translator) -> Iterator[Finding]:
    lacking = [r for r in (Role.REP, Role.MANAGER, Role.ADMIN) if not any(member.has(r) for member in roster)]
    for role in lacking:
        # The team file can do without an admin; somebody should see undelivered messages all the same.
        yield Finding(None if role == Role.ADMIN else False, t(f"doctor.nobody_is.{role.value}"))
    if not lacking:
        yield Finding(True, t("doctor.roster", count=len(roster)))


def _in_slack(gateway: Gateway, workspace: Workspace, roster: list[Member], t: Translator) -> Iterator[Finding]:
    try:
        for channel in filter(None, (workspace.mql_channel, workspace.intake_channel, workspace.marketing_channel)):
            yield _channel(gateway, channel, t)
        yield from _accounts(SlackDirectory(gateway), roster, t)
    except SlackFailure as error:
        yield Finding(False, startup.said_by_slack(error, ""))


def _channel(gateway: Gateway, channel: str, t: Translator) -> Finding:
    try:
        info = gateway.call("conversations.info", channel=channel)["channel"]
    except Denied as error:
        if error.code != "channel_not_found":
            raise
        return Finding(False, t("doctor.no_such_channel", channel=channel))
    name = f"#{info.get('name', channel)}"
    if info.get("is_archived"):
        return Finding(False, t("doctor.channel_archived", channel=name))
    if not info.get("is_member"):
        return Finding(False, t("doctor.not_in_channel", channel=name))
    return Finding(True, t("doctor.in_channel", channel=name))


def _accounts(directory: SlackDirectory, roster: list[Member], t: Translator) -> Iterator[Finding]:
    accounts = {member.name: directory.user(member.user_id) for member in roster}
    closed = [name for name, account in accounts.items() if account is None or not account.active]
    if closed:
        yield Finding(False, t("doctor.accounts_closed", names=t.listed(closed)))
    elif roster:
        yield Finding(True, t("doctor.accounts"))
