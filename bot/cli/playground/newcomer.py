"""`run --no-team`: the playground as it is right after the bot was installed, to try the set-up in."""

from __future__ import annotations

from dataclasses import replace

from bot.cli.base import startup
from bot.cli.playground import command
from bot.cli.playground.command import BeginAgain, Open
from bot.cli.sample.team import BEGINS, PEOPLE
from bot.cli.sample_manifest import MANIFEST
from bot.core.base import wall_clock
from bot.settings import Settings
from playground import Playground
from playground.sample import TeamSpec
from storage.vocabulary import Locale

ADMIN = "kim"
"""Who may set up: the admin of the Slack workspace."""
MANAGER = "tanaka"
"""Whom the command line is to be told as a manager."""
CHANNELS = {"general": None, "sales": ("sato", "suzuki", "brown", ADMIN), "marketing": ("ito", ADMIN)}
"""Who is in which; None: everybody. The bot is in none."""


def start(settings: Settings, locale: Locale, page: int, begin_again: BeginAgain) -> Open:
    """Return a playground on port `page`, a Monday at 9:00, whose people read one language, and a bot that is in none
    of its channels."""
    mark = command.own_mark()
    wall_clock.set_to(BEGINS)
    database = command.new_database()
    slack = Playground(MANIFEST, office(locale), settings.host, page, wall_clock.utcnow)
    with startup.taking_port(settings.host, page):
        slack.start()
    for name, people in CHANNELS.items():
        slack.admin.add_channel(name, people, bot=False)
    reaching = command.connected(settings, slack)
    companion = command.companion_of(reaching, slack, database, locale, begin_again)
    t = startup.translator()
    started = t("playground.started", address=f"{slack.base_url}/#/{ADMIN}")
    manager, address = (slack.workspace.person(name).email for name in (MANAGER, ADMIN))
    set_up = t("playground.set_up", admin=slack.user(ADMIN).real_name, manager=manager, address=address)
    return Open(slack, companion, database, mark, (started, set_up))


def office(locale: Locale) -> TeamSpec:
    """Return the sample people, all of one language, without a channel."""
    spoken = {Locale.JA: "ja-JP", Locale.EN: "en-US"}[locale]
    people = tuple(replace(person, locale=spoken) for person in PEOPLE[locale].people)
    return replace(PEOPLE[locale], people=people, channels=())
