"""`run --no-team`: the playground as it is right after the bot was installed, to try the set-up in."""

from __future__ import annotations

from dataclasses import replace

import typer

from bot.app import Bot
from bot.cli import playground_cmd, startup
from bot.cli.companion import Companion
from bot.cli.sample_manifest import MANIFEST
from bot.cli.stop_signal import Stop
from bot.core.base import wall_clock
from bot.settings import Settings
from playground import Playground
from playground.sample import SAMPLE_TEAM, TeamSpec
from storage.database import Database
from storage.vocabulary import Locale

ADMIN = "kim"
"""Who may set up: the admin of the Slack workspace."""
CHANNELS = {"general": None, "sales": ("sato", "suzuki", "brown", ADMIN), "marketing": ("ito", ADMIN)}
"""Who is in which; None: everybody. The bot is in none."""


def play(settings: Settings) -> None:
    """Start a Slack without a team and a bot that nobody has set up; say who begins, and stop when asked to."""
    t = startup.translator()
    page = settings.port + 1 if settings.port < 65535 else settings.port - 1
    with startup.in_one_line(settings):
        for port in (settings.port, page):
            startup.require_port(settings.host, port)
        database, mark = playground_cmd.fresh_database()
        stop = Stop()
        slack, companion = start(settings, database, page, t.locale)
    typer.echo(t("playground.started", address=f"{slack.base_url}/#/{ADMIN}"))
    typer.echo(t("playground.set_up", admin=slack.user(ADMIN).real_name))
    typer.echo(t("playground.how_to_stop"))
    stop.wait()
    companion.stop_bot()
    slack.stop()
    database.close()
    mark.release()
    typer.echo(t("run.stopped"))


def start(settings: Settings, database: Database, page: int, locale: Locale) -> tuple[Playground, Companion]:
    """Return a playground on port `page` whose people read one language, and a bot that is in none of its channels."""
    slack = Playground(MANIFEST, office(locale), settings.host, page, wall_clock.utcnow).start()
    for name, people in CHANNELS.items():
        slack.admin.add_channel(name, people, bot=False)
    connected = playground_cmd.connected(settings, slack)
    secret = connected.webhook_secret.get_secret_value() if connected.webhook_secret else ""
    companion = Companion(slack, database, lambda: Bot(connected, database), secret)
    slack.companion, slack.advance = companion, companion.advance
    companion.start_bot()
    return slack, companion


def office(locale: Locale) -> TeamSpec:
    """Return the sample people, all of one language, without a channel."""
    spoken = {Locale.JA: "ja-JP", Locale.EN: "en-US"}[locale]
    people = tuple(replace(person, locale=spoken) for person in SAMPLE_TEAM.people)
    return replace(SAMPLE_TEAM, people=people, channels=())
