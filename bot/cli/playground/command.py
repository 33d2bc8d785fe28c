"""`run` without a token: the bot against the local playground, with a sample team."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import typer
from pydantic import SecretStr

from bot.app import Bot
from bot.cli.base import beside, startup
from bot.cli.base.beside import ENCRYPTION_KEY, FILE, FOLDER, Session
from bot.cli.base.startup import CannotStart
from bot.cli.base.stop_signal import Stop
from bot.cli.playground import crm
from bot.cli.playground.companion import Companion
from bot.cli.sample import stored
from bot.cli.sample.leads import read_words
from bot.cli.sample.team import BEGINS, PEOPLE, sample_team
from bot.cli.sample_manifest import MANIFEST
from bot.connectors.sources import setup
from bot.connectors.sources.setup import Wanted
from bot.connectors.sources.vault import Vault
from bot.core import teamfile
from bot.core.base import wall_clock
from bot.core.mql import intake
from bot.core.mql.lead import Lead
from bot.i18n import Translator
from bot.settings import Settings
from playground import Playground
from playground.model import Json
from storage import migrate, mqls, workspaces
from storage.database import Database
from storage.process_lock import Mark
from storage.vocabulary import Locale, Proof, Role, Source, SourceKind

# The playground begins anew each time: a database that remembered the messages of the last time would edit messages
# that its Slack has not. So this file is thrown away at every start.
TOOL = Wanted("sample", SourceKind.MAPPING, Proof.ADDRESS)
WEBHOOK_SECRET = "whsec_" + base64.b64encode(b"only for the local playground").decode()


@dataclass(frozen=True)
class Open:
    """A playground that runs."""

    slack: Playground
    companion: Companion
    database: Database
    mark: Mark
    lines: tuple[str, ...]
    """What the terminal says of it: where to look, and what to try."""

    def close(self) -> None:
        """Stop everything, and let go of the file."""
        beside.forget()
        self.companion.stop_bot()
        self.slack.stop()
        self.database.close()
        self.mark.release()


BeginAgain = Callable[[Locale], object]
Start = Callable[[Settings, Locale, int, BeginAgain], Open]
"""How a playground begins: in a language, with its page on a port, and with somebody to ask for another language."""


def play(settings: Settings, locale: Locale, start: Start) -> None:
    """Start both, say where to look and what to try, and stop when asked to. The page may ask for a beginning in
    another language."""
    stop, stopped = Stop(), False
    page = settings.port + 1 if settings.port < 65535 else settings.port - 1
    while not stopped:
        wanted: list[Locale] = []
        with startup.in_one_line(settings):
            for port in (settings.port, page):
                startup.require_port(settings.host, port)
            opened = start(settings, locale, page, wanted.append)
        _say(opened, settings)
        stopped = stop.wait(wanted.__len__)
        opened.close()
        locale = wanted[-1] if wanted else locale
    typer.echo(startup.translator()("run.stopped"))


def _say(opened: Open, settings: Settings) -> None:
    t = startup.translator()
    for line in opened.lines:
        typer.echo(line)
    typer.echo(t("playground.how_to_stop"))
    real = [name.upper() for name in ("webhook_secret", "database_url") if name in settings.model_fields_set]
    if real:
        typer.echo(t("playground.nothing_is_kept", given=", ".join(real)))


def start(settings: Settings, locale: Locale, page: int, begin_again: BeginAgain, *, empty: bool) -> Open:
    """Return a playground on port `page`, a Monday at 9:00, with the sample team, after twelve weeks of work or `empty`
    of them, and a bot that is connected to it and to its HubSpot and has a new MQL."""
    mark = own_mark()
    saved = None
    if empty:
        _begin_empty(locale)
    else:
        saved = _begin_with_history(locale)
    wall_clock.set_to(BEGINS)
    database = startup.open_database(f"sqlite:///{FILE}", create=True)
    slack = Playground(MANIFEST, PEOPLE[locale], settings.host, page, wall_clock.utcnow, saved=saved)
    with startup.taking_port(settings.host, page):
        slack.start()
    _first_lead(database, locale)
    reaching, hubspot = connected(settings, slack), crm.add(slack, settings.host, locale)
    crm.connect(reaching, database, slack, hubspot, wall_clock.utcnow())
    companion = companion_of(reaching, slack, database, locale, begin_again)
    return Open(slack, companion, database, mark, _lines(slack, database, add_tool(settings, database), locale))


def companion_of(
    reaching: Settings, slack: Playground, database: Database, locale: Locale, begin_again: BeginAgain
) -> Companion:
    """Start a bot that reaches a playground, and let commands in this folder know of both."""
    session = Session(slack.base_url, public_url(reaching), slack.api_url, slack.bot_token, slack.signing_secret)

    def move(by: timedelta) -> None:
        wall_clock.advance(by)
        session.note()

    companion = Companion(
        slack,
        database,
        lambda: Bot(reaching, database),
        reaching.webhook_secret.get_secret_value() if reaching.webhook_secret else WEBHOOK_SECRET,
        move=move,
        language=locale,
        begin_again=begin_again,
    )
    slack.companion, slack.advance = companion, companion.advance
    with startup.taking_port(reaching.host, reaching.port):
        companion.start_bot()
    session.note()
    return companion


def _lines(slack: Playground, database: Database, tool: str, locale: Locale) -> tuple[str, ...]:
    """Where to look, and four things to try, with the names and the button as the playground's people see them."""
    t = startup.translator()
    with database.snapshot() as tx:
        (workspace,) = workspaces.every(tx)
        newest = mqls.newest_open(tx, workspace.id, 1)[0]
    people = teamfile.parse(sample_team(locale), None).members
    manager = next(person for person in people if Role.MANAGER in person.roles)
    rep = next((person for person in people if person.user_id == newest.owner), manager)
    words = {"rep": rep.name, "manager": manager.name, "company": newest.company}
    words["button"] = Translator(rep.locale or locale, t.timezone)("button.accept")
    tries = [t(f"playground.try_{number}", **words) for number in (1, 2, 3)]
    started, sends = t("playground.started", address=slack.base_url), t("playground.tool", address=tool)
    return (started, *tries, sends, t("playground.beside_it"))


def add_tool(settings: Settings, database: Database) -> str:
    """Set up a tool that may send leads, and return its address."""
    now = wall_clock.utcnow()
    with database.transaction() as tx:
        (workspace,) = workspaces.every(tx)
        issued = setup.add(tx, Vault([ENCRYPTION_KEY]), workspace.id, TOOL, now)
    return public_url(settings) + TOOL.path(issued)


def public_url(settings: Settings) -> str:
    """Return the address by which this machine reaches the playground's bot."""
    return settings.public_url or f"http://{settings.host}:{settings.port}"


def _first_lead(database: Database, locale: Locale) -> None:
    """One new lead, so that there is something to press."""
    lead = Lead.model_validate(read_words(locale)["first_lead"])
    with database.transaction() as tx:
        (workspace,) = workspaces.every(tx)
        intake.receive(tx, workspace.id, lead, Source.MANUAL, wall_clock.utcnow())


def connected(settings: Settings, slack: Playground) -> Settings:
    """Return the settings with which a bot reaches a playground."""
    return settings.model_copy(
        update={
            "slack_bot_token": SecretStr(slack.bot_token),
            "slack_signing_secret": SecretStr(slack.signing_secret),
            "slack_app_token": None,
            "slack_api_url": slack.api_url,
            "webhook_secret": settings.webhook_secret or SecretStr(WEBHOOK_SECRET),
            "public_url": public_url(settings),
            "encryption_keys": (ENCRYPTION_KEY,),
            "outbound_allowed_hosts": settings.outbound_allowed_hosts | {settings.host},
        }
    )


def own_mark() -> Mark:
    """Have the file to oneself, and nothing in it. Raises CannotStart where a playground is open in this folder."""
    try:
        mark = startup.go_to_work(startup.open_database(f"sqlite:///{FILE}", create=True), ticking=True)
    except CannotStart as refused:
        if refused.key != "start.ticked":
            raise
        raise CannotStart("playground.is_open") from refused
    for file in [FILE, *FOLDER.glob(f"{FILE.name}-*")]:
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            raise CannotStart("start.no_permission", place=file) from error
    return mark


def new_database() -> Database:
    """Return the playground's database, with no team in it."""
    database = startup.open_database(f"sqlite:///{FILE}", create=True)
    migrate.upgrade(database)
    return database


def _begin_empty(locale: Locale) -> None:
    database = new_database()
    with database.transaction() as tx:
        teamfile.apply(tx, teamfile.parse(sample_team(locale), None), BEGINS)
    database.close()


def _begin_with_history(locale: Locale) -> Json:
    slack = stored.unpack(locale, FILE)
    database = startup.open_database(f"sqlite:///{FILE}")
    startup.bring_up_to_date(database)
    database.close()
    return slack
