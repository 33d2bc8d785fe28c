"""`run` without a token: the bot against the local playground, with a sample team."""

from __future__ import annotations

import base64
from contextlib import closing
from datetime import datetime
from importlib.resources import files
from pathlib import Path

import typer
from pydantic import SecretStr

from bot.app import Bot
from bot.cli import playground_crm, startup
from bot.cli.companion import Companion
from bot.cli.sample_manifest import MANIFEST
from bot.cli.startup import CannotStart
from bot.cli.stop_signal import Stop
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
from storage import migrate, process_lock, workspaces
from storage.database import Database
from storage.process_lock import Mark
from storage.vocabulary import Locale, Proof, Role, Source, SourceKind

# The playground's Slack lives in memory and begins anew each time; a database that remembered the messages of the
# last time would edit messages that are not there. So this file is thrown away at every start.
FILE = Path("data/playground.db")
# The keys and the address of a tool that the playground has at its start.
ENCRYPTION_KEY = base64.urlsafe_b64encode(b"only for the local playground!!!").decode()
TOOL = Wanted("sample", SourceKind.MAPPING, Proof.ADDRESS)
WEBHOOK_SECRET = "whsec_" + base64.b64encode(b"only for the local playground").decode()


def play(settings: Settings) -> None:
    """Start both, say where to look and what to try, and stop when asked to."""
    t = startup.translator()
    page = settings.port + 1 if settings.port < 65535 else settings.port - 1
    with startup.in_one_line(settings):
        for port in (settings.port, page):
            startup.require_port(settings.host, port)
        database, mark = fresh_database()
        stop = Stop()
        slack, companion = start(settings, database, page)
        address = add_tool(settings, database)
    typer.echo(t("playground.started", address=slack.base_url))
    for hint in hints(t):
        typer.echo(hint)
    typer.echo(t("playground.tool", address=address))
    typer.echo(t("playground.how_to_stop"))
    real = [name.upper() for name in ("webhook_secret", "database_url") if name in settings.model_fields_set]
    if real:
        typer.echo(t("playground.nothing_is_kept", given=", ".join(real)))
    stop.wait()
    companion.stop_bot()
    slack.stop()
    database.close()
    mark.release()
    typer.echo(t("run.stopped"))


def hints(t: Translator) -> list[str]:
    """Three things to try, with the names and the button as the playground's people see them."""
    people = teamfile.parse(sample_team(), None).members
    rep, manager = (next(person for person in people if role in person.roles) for role in (Role.REP, Role.MANAGER))
    button = Translator(rep.locale or Locale.JA, t.timezone)("button.accept")
    words = {"rep": rep.name, "manager": manager.name, "button": button}
    return [t(f"playground.try_{number}", **words) for number in (1, 2, 3)]


def start(settings: Settings, database: Database, page: int) -> tuple[Playground, Companion]:
    """Return a playground on port `page` and a bot that is connected to it and has its first MQL."""
    slack = Playground(MANIFEST, host=settings.host, port=page, now=wall_clock.utcnow).start()
    set_up(database, wall_clock.utcnow())
    reaching = connected(settings, slack)
    hubspot = playground_crm.add(slack, settings.host)
    playground_crm.connect(reaching, database, slack, hubspot, wall_clock.utcnow())
    secret = reaching.webhook_secret.get_secret_value() if reaching.webhook_secret else WEBHOOK_SECRET
    companion = Companion(slack, database, lambda: Bot(reaching, database), secret)
    slack.companion, slack.advance = companion, companion.advance
    companion.start_bot()
    return slack, companion


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


def reached(settings: Settings) -> Settings:
    """Return settings with which a command reaches the playground, where it runs beside and nothing real is set up;
    else the settings as they are."""
    address = f"sqlite:///{FILE}"
    elsewhere = "database_url" in settings.model_fields_set and settings.database_url != address
    if settings.mode != "playground" or elsewhere or not FILE.exists():
        return settings
    with closing(Database(address)) as database:
        if not process_lock.is_bot_running(database):
            return settings
    own: dict[str, object] = {"database_url": address, "public_url": public_url(settings)}
    own |= {"encryption_keys": (ENCRYPTION_KEY,)}
    own |= {"outbound_allowed_hosts": settings.outbound_allowed_hosts | {settings.host}}
    return settings.model_copy(update=own)


def set_up(database: Database, now: datetime) -> None:
    """Set up the sample team, and one lead so that there is something to press."""
    wanted = teamfile.parse(sample_team(), None)
    lead = Lead(company="株式会社みなと製作所", person="高橋 直樹", channel="ウェビナー", score=82)
    with database.transaction() as tx:
        teamfile.apply(tx, wanted, now)
        intake.receive(tx, wanted.workspace_id, lead, Source.MANUAL, now)


def sample_team() -> str:
    """Return the team file of the playground; also the example for a first file of one's own."""
    return (files("bot.cli") / "sample_team.toml").read_text(encoding="utf-8")


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


def fresh_database() -> tuple[Database, Mark]:
    """Return an empty database, which is thrown away at the next start. Raises CannotStart."""
    # First of all: the file may be another playground's, which is open.
    try:
        mark = startup.go_to_work(startup.open_database(f"sqlite:///{FILE}", create=True), ticking=True)
    except CannotStart as refused:
        if refused.key != "start.ticked":
            raise
        raise CannotStart("playground.is_open") from refused
    for file in [FILE, *FILE.parent.glob(f"{FILE.name}-*")]:
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            raise CannotStart("start.no_permission", place=file) from error
    database = startup.open_database(f"sqlite:///{FILE}", create=True)
    migrate.upgrade(database)
    return database, mark
