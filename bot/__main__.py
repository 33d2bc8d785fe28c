"""The command line. Each command is one call; what it does stands in bot/cli, and is imported by that call alone
(docs/adr/0039)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot import garbage
from bot.cli.base.choices import Form, LogFormat, OpenMqls, RowFormat, TableFormat
from bot.cli.help import Commands
from bot.connectors.tables.cells import DayOrder
from storage.vocabulary import AuditKind, CrmKind, Locale, PolicyTemplate, Proof, Role, SourceKind, YearlyClosure

garbage.look_less_often()

app = Commands(
    name="mql-bot",
    help="A Slack bot that keeps the response agreement between marketing and sales.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
config = Commands(help="The team file: roster, channels, policy, lost reasons.")
report = Commands(help="Figures, as in the digests.")
app.add_typer(config, name="config")
app.add_typer(report, name="report")
importer = Commands(help="What other systems know, from files.")
app.add_typer(importer, name="import")
exporter = Commands(help="What the bot knows, row by row.")
app.add_typer(exporter, name="export")

source = Commands(help="Tools that send leads to an address of the bot.")
app.add_typer(source, name="source")
crm = Commands(help="CRMs that are read and written.")
app.add_typer(crm, name="crm")

Table = Annotated[TableFormat, typer.Option("--format", help="text for people; csv, json for programs.")]
Month = Annotated[str | None, typer.Option(help="As YYYY-MM; the last month that is over unless named.")]
Csv = Annotated[Path, typer.Argument(help="CSV, as Excel, HubSpot, Salesforce, kintone or Sansan save it.")]
Columns = Annotated[
    list[str] | None,
    typer.Option("--column", metavar="NAME=WHAT", help="What a column says, like --column 'Form date=received'."),
]
Keep = Annotated[str, typer.Option(help="Other columns to keep as attributes: all, or names with commas between.")]
Dates = Annotated[DayOrder | None, typer.Option(help="How days such as 11/3 are meant, where the file is silent.")]
EncodingName = Annotated[str | None, typer.Option("--encoding", help="utf-8, utf-16, cp932 or cp1252, if not as told.")]
BadRows = Annotated[Path | None, typer.Option(help="Where rows that cannot be imported go (FILE.bad.csv).")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check every row and change nothing.")]
People = Annotated[
    list[str] | None, typer.Option(metavar="WHO", help="E-mail address, Slack id, #channel or @group; may be repeated.")
]
Name = Annotated[str, typer.Argument(help="What the source is called.")]
Printed = Annotated[Form, typer.Option("--format", help="text for people; json for programs.")]
Workspace = Annotated[str | None, typer.Option(help="Slack team id; needed only where several are set up.")]


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"mql-bot {version('mql-bot')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version and exit.")
    ] = False,
) -> None:
    """Take the options of all commands."""


@app.command()
def run(
    lang: Annotated[
        Locale | None,
        typer.Option(help="Language of the playground's people; this terminal's unless named."),
    ] = None,
    empty: Annotated[bool, typer.Option("--empty", help="The playground without its twelve weeks of history.")] = False,
    no_team: Annotated[bool, typer.Option("--no-team", help="The playground before anybody has set it up.")] = False,
) -> None:
    """Run everything in one process; without SLACK_BOT_TOKEN, in the local playground."""
    from bot import without_rich  # noqa: F401 - before all that imports structlog
    from bot.cli.process import run

    run.run(lang, empty=empty, no_team=no_team)


@app.command()
def serve(
    workers: Annotated[int | None, typer.Option(min=1, help="Processes (default: 1 on SQLite, else 2).")] = None,
    threads: Annotated[int, typer.Option(min=1, help="Threads in each process.")] = 16,
) -> None:
    """Serve Slack's requests and webhooks over HTTP; a worker must run beside it."""
    from bot import without_rich  # noqa: F401 - before all that imports structlog
    from bot.cli.process import run

    run.serve(workers, threads)


@app.command()
def worker() -> None:
    """Watch the deadlines and deliver messages; run one or more beside serve."""
    from bot import without_rich  # noqa: F401 - before all that imports structlog
    from bot.cli.process import run

    run.worker()


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    from bot.cli.database import migrate

    migrate.migrate()


@app.command()
def manifest(
    url: Annotated[
        str | None, typer.Option(help="How Slack reaches the bot by HTTP, like https://mql.example.com.")
    ] = None,
    socket: Annotated[
        bool, typer.Option("--socket", help="The bot connects to Slack; no public address is needed.")
    ] = False,
    without_steps: Annotated[
        bool, typer.Option("--without-steps", help="Without the steps of Workflow Builder, which need a paid plan.")
    ] = False,
) -> None:
    """Print the manifest of the Slack app, ready to paste."""
    from bot.cli.setup import manifest

    manifest.manifest(url, socket=socket, steps=not without_steps)


@app.command()
def init(
    file: Annotated[Path, typer.Option("--file", help="Where to write it.")] = Path("./team.toml"),
    from_channel: Annotated[
        str | None, typer.Option(help="Everybody of this Slack channel is a rep: #sales, or its id.")
    ] = None,
    rep: People = None,
    manager: People = None,
    head: People = None,
    marketer: People = None,
    admin: People = None,
    mql_channel: Annotated[str | None, typer.Option(help="Slack channel of the cards; made where missing.")] = None,
    intake_channel: Annotated[str | None, typer.Option(help="Slack channel where tools post leads.")] = None,
    managers_channel: Annotated[str | None, typer.Option(help="Slack channel that hears of delays.")] = None,
    name: Annotated[str | None, typer.Option(help="Company or team.")] = None,
    language: Annotated[Locale | None, typer.Option(help="Of what channels read: ja, or en.")] = None,
    timezone: Annotated[str | None, typer.Option(help="Like Asia/Tokyo.")] = None,
    policy: Annotated[
        PolicyTemplate | None, typer.Option(help="standard: 24 h; hot: hot leads 1 h; hours: business hours.")
    ] = None,
    holidays: Annotated[str | None, typer.Option(help="Country whose holidays do not count, like JP; or none.")] = None,
    closure: Annotated[
        list[YearlyClosure] | None, typer.Option(help="Days off each year: Dec 29 to Jan 3; Aug 13 to 15.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Take the usual answer to what is not said.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file that is there.")] = False,
) -> None:
    """Ask for the team, and write a team file for config apply."""
    from bot.cli.setup import init

    people = {Role.REP: rep, Role.MANAGER: manager, Role.HEAD: head, Role.MARKETER: marketer, Role.ADMIN: admin}
    places = {"mql": mql_channel, "intake": intake_channel, "managers": managers_channel}
    given = init.Given(name, language, timezone, places, from_channel, people, policy, holidays, closure)
    init.init(file, given, yes=yes, overwrite=overwrite)


@app.command()
def doctor() -> None:
    """Say in plain words what is missing; exit code 1 if something is."""
    from bot.cli.health import doctor

    doctor.doctor()


@app.command()
def resend(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say how many there are and change nothing.")] = False,
    workspace: Workspace = None,
) -> None:
    """Send again what Slack refused for good, after its cause was mended."""
    from bot.cli.messages import resend

    resend.resend(workspace, dry_run=dry_run)


@app.command("copy-database")
def copy_database(
    source: Annotated[
        str, typer.Argument(metavar="FROM", help="The database that is there: sqlite:///… or postgresql://…")
    ],
    target: Annotated[str, typer.Argument(metavar="TO", help="A new, empty one.")],
) -> None:
    """Copy a whole database into an empty one, SQLite or PostgreSQL; interrupted, the same command goes on."""
    from bot.cli.database import copy_database

    copy_database.copy_database(source, target)


@app.command()
def route(
    what: Annotated[
        str,
        typer.Argument(metavar="FILE|JSON", help="A lead as JSON or in a .json file; or a team file, or part of one."),
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen; the only way.")] = False,
    form: Printed = Form.TEXT,
    workspace: Workspace = None,
) -> None:
    """Say to whom a lead would go and why, or how the last 90 days' would have been shared out."""
    from bot.cli.routing import route

    route.route(what, workspace, dry_run=dry_run, form=form)


@app.command()
def fairness(
    user: Annotated[str | None, typer.Option(help="Slack id, e-mail address or name; without one, everybody.")] = None,
    form: Printed = Form.TEXT,
    workspace: Workspace = None,
) -> None:
    """Show everybody's shares of the last 90 days, or how each turn of one rep came about."""
    from bot.cli.routing import route

    route.fairness(user, workspace, form)


@app.command()
def simulate(
    policy: Annotated[Path, typer.Option(help="A team file, or a part of one such as [policy] alone.")],
    first: Annotated[str, typer.Option("--from", help="The first day, as YYYY-MM-DD.")],
    last: Annotated[str, typer.Option("--to", help="The last day.")],
    form: Table = TableFormat.TEXT,
    workspace: Workspace = None,
) -> None:
    """Show what would have become of the MQLs of some days under another policy, calendar or roster."""
    from bot.cli.whatif import simulate

    simulate.simulate(policy, first, last, form, workspace)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where to write it.")],
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file that is there already.")] = False,
) -> None:
    """Copy the SQLite database into one verified file, while everything runs."""
    from bot.cli.database import backup

    backup.backup(file, force=force)


@app.command()
def restore(file: Annotated[Path, typer.Argument(help="A file that backup has made.")]) -> None:
    """Put a backup in the place of the database, while nothing runs; what is replaced is kept beside it."""
    from bot.cli.database import restore

    restore.restore(file)


@app.command()
def erase(
    email: Annotated[str | None, typer.Option(help="The person's e-mail address.")] = None,
    phone: Annotated[str | None, typer.Option(help="The person's phone number, however it is written.")] = None,
    number: Annotated[list[int] | None, typer.Option(help="The number of one of their MQLs; may be repeated.")] = None,
    with_company: Annotated[bool, typer.Option("--with-company", help="The company's name too.")] = False,
    workspace: Workspace = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Erase what names a person, at their request; their open MQLs are closed as withdrawn."""
    from bot.cli.mql import erase
    from bot.core.mql.erasure import Request

    erase.erase(Request(email, phone, tuple(number or ()), with_company), workspace, yes=yes)


@app.command()
def audit(
    form: Annotated[
        LogFormat, typer.Option("--format", help="text for people; jsonl: a JSON object on each line; or csv.")
    ] = LogFormat.TEXT,
    since: Annotated[str | None, typer.Option(help="The first day, as YYYY-MM-DD; without it everything.")] = None,
    kind: Annotated[AuditKind | None, typer.Option(help="Only entries of this kind.")] = None,
    workspace: Workspace = None,
) -> None:
    """Print who changed settings, roles, sources and secrets, erased, exported or imported, the oldest first."""
    from bot.cli.base import audit

    audit.audit(form, since, kind, workspace)


@config.command("apply")
def config_apply(
    file: Annotated[Path, typer.Argument(help="The team file, TOML.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the difference and change nothing.")] = False,
    open_mqls: Annotated[
        OpenMqls | None, typer.Option(help="Deadlines of MQLs that are open: keep (with --yes the default) or move.")
    ] = None,
) -> None:
    """Show what a team file would change, then apply it; a file with any mistake is refused whole."""
    from bot.cli.teamfile import config

    config.apply(file, yes=yes, dry_run=dry_run, open_mqls=open_mqls)


@config.command("check")
def config_check(file: Annotated[Path, typer.Argument(help="The team file, TOML.")]) -> None:
    """Look for mistakes in a team file, without Slack and without the database."""
    from bot.cli.teamfile import config_check

    config_check.check(file)


@config.command("export")
def config_export(workspace: Workspace = None) -> None:
    """Print the team file as it is now."""
    from bot.cli.teamfile import config

    config.export(workspace)


@report.command("weekly")
def report_weekly(
    week: Annotated[str | None, typer.Option(help="ISO week, as YYYY-W01; the last one unless named.")] = None,
    form: Table = TableFormat.TEXT,
    picture: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write charts of the last 12 weeks as PNG into this folder instead."),
    ] = None,
    workspace: Workspace = None,
) -> None:
    """Print the figures of one week against the week before."""
    from bot.cli.reports import weekly as report_weekly

    report_weekly.weekly(week, form, workspace, picture)


@report.command("monthly")
def report_monthly(
    month: Month = None,
    form: Table = TableFormat.TEXT,
    workspace: Workspace = None,
) -> None:
    """Print which MQLs of a month and the five before became opportunities, by channel, campaign, source, rep, tier."""
    from bot.cli.reports import monthly as report_monthly

    report_monthly.monthly(month, form, workspace)


@report.command("scoring")
def report_scoring(
    month: Month = None,
    form: Table = TableFormat.TEXT,
    workspace: Workspace = None,
) -> None:
    """Print whether the score told opportunities from other MQLs in the twelve months up to a month."""
    from bot.cli.reports import monthly as report_monthly

    report_monthly.scoring(month, form, workspace)


@report.command("noise")
def report_noise(form: Table = TableFormat.TEXT, workspace: Workspace = None) -> None:
    """Print how many direct messages of each kind of the last 90 days led to something, and which are muted."""
    from bot.cli.reports import noise as report_noise

    report_noise.noise(form, workspace)


@importer.command("outcomes")
def import_outcomes(
    file: Annotated[Path, typer.Argument(help="CSV with number or external_id, outcome (won, lost), amount, date.")],
    column: Columns = None,
    dates: Dates = None,
    encoding: EncodingName = None,
    dry_run: DryRun = False,
    workspace: Workspace = None,
) -> None:
    """Record what came of qualified MQLs; a file with any mistake is refused whole."""
    from bot.cli.base.tables import Reading
    from bot.cli.mql import import_outcomes

    reading = Reading(order=dates, encoding=encoding)
    import_outcomes.outcomes(file, column or [], reading, workspace, dry_run=dry_run)


@importer.command("leads")
def import_leads(
    file: Csv,
    column: Columns = None,
    keep: Keep = "",
    encoding: EncodingName = None,
    bad_rows: BadRows = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    workspace: Workspace = None,
) -> None:
    """Hand the leads of a file to sales now, each with owner, deadline and card; a lead that is known is left out."""
    from bot.cli.base.tables import Reading
    from bot.cli.mql import import_leads

    reading = Reading(keep=keep, encoding=encoding, bad_rows=bad_rows)
    import_leads.leads(file, column or [], reading, workspace, yes=yes, dry_run=dry_run)


@importer.command("history")
def import_history(
    file: Csv,
    column: Columns = None,
    value: Annotated[
        list[str] | None,
        typer.Option(metavar="WORD=OUTCOME", help="What a word of a status means, like --value 'Warm=open'."),
    ] = None,
    owner: Annotated[
        list[str] | None, typer.Option(metavar="NAME=ID", help="Who an owner is, like --owner 'T. Sato=U012ABCDEF'.")
    ] = None,
    keep: Keep = "",
    dates: Dates = None,
    encoding: EncodingName = None,
    bad_rows: BadRows = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    workspace: Workspace = None,
) -> None:
    """Write down MQLs of the past with what became of them, silently; interrupted, the same command goes on."""
    from bot.cli.base.tables import Reading
    from bot.cli.mql import import_history

    reading = Reading(keep=keep, order=dates, encoding=encoding, bad_rows=bad_rows)
    words = (column or [], value or [], owner or [])
    import_history.history(file, *words, reading, workspace, yes=yes, dry_run=dry_run)


@importer.command("figures")
def import_figures(
    file: Csv,
    column: Columns = None,
    dates: Dates = None,
    encoding: EncodingName = None,
    dry_run: DryRun = False,
    workspace: Workspace = None,
) -> None:
    """Store new leads and e-mails sent, opened, clicked by week and segment; a file with any mistake is refused."""
    from bot.cli.base.tables import Reading
    from bot.cli.reports import import_figures

    reading = Reading(order=dates, encoding=encoding)
    import_figures.figures(file, column or [], reading, workspace, dry_run=dry_run)


@importer.command("hubspot-emails")
def import_hubspot_emails(
    weeks: Annotated[int, typer.Option(min=1, max=53, help="How many whole weeks, up to the last.")] = 4,
    dry_run: DryRun = False,
    workspace: Workspace = None,
) -> None:
    """Fetch e-mails sent, opened and clicked by week from HubSpot (HUBSPOT_TOKEN), in place of those before."""
    from bot.cli.crm import import_hubspot_emails

    import_hubspot_emails.emails(weeks, workspace, dry_run=dry_run)


@importer.command("crm-emails")
def import_crm_emails(
    kind: Crm,
    weeks: Annotated[int, typer.Option(min=1, max=53, help="How many whole weeks, up to the last.")] = 4,
    dry_run: DryRun = False,
    workspace: Workspace = None,
) -> None:
    """Fetch e-mails sent, opened and clicked by week from Marketo or Account Engagement, in place of those before."""
    from bot.cli.crm import import_crm_emails

    import_crm_emails.emails(kind, weeks, workspace, dry_run=dry_run)


@importer.command("undo")
def import_undo(
    number: Annotated[int, typer.Argument(help="The number of the import, as `import list` tells it.")],
    yes: Yes = False,
    workspace: Workspace = None,
) -> None:
    """Take an import of history back, as long as nothing that came later hangs on it."""
    from bot.cli.mql import import_history

    import_history.undo(number, workspace, yes=yes)


@importer.command("list")
def import_list(form: Table = TableFormat.TEXT, workspace: Workspace = None) -> None:
    """List the last imports."""
    from bot.cli.mql import import_history

    import_history.runs(form, workspace)


@exporter.command("mqls")
def export_mqls(
    form: Annotated[
        RowFormat, typer.Option("--format", help="csv, or jsonl: a JSON object on each line.")
    ] = RowFormat.CSV,
    language: Annotated[Locale, typer.Option(help="Of the names of the columns: ja, or en.")] = Locale.EN,
    workspace: Workspace = None,
) -> None:
    """Print every MQL but the withdrawn with what became of it; `import history` reads it back."""
    from bot.cli.mql import export_mqls

    export_mqls.mqls(form, language, workspace)


@source.command("add")
def source_add(
    name: Annotated[str, typer.Argument(help="A name of one's own, part of the address: a to z, 0 to 9, hyphens.")],
    kind: Annotated[SourceKind, typer.Option(help="Which tool sends; mapping: any that can send a request.")],
    proof: Annotated[
        Proof | None, typer.Option(help="How it is proved; the strongest that needs no code unless named.")
    ] = None,
    header: Annotated[str | None, typer.Option(help="Name of the secret header.")] = None,
    channel: Annotated[str | None, typer.Option(help="Marketing channel of leads that name none.")] = None,
    campaign: Annotated[str | None, typer.Option(help="Campaign of leads that name none.")] = None,
    form: Annotated[str | None, typer.Option(help="Form of leads that name none.")] = None,
    workspace: Workspace = None,
) -> None:
    """Set up a tool that sends leads; print its address, its secret once, and where to click."""
    from bot.cli.sources import commands as source

    defaults = {"channel": channel, "campaign": campaign, "form": form}
    source.add(name, kind, workspace, proof=proof, header=header, defaults=defaults)


@source.command("list")
def source_list(form: Printed = Form.TEXT, workspace: Workspace = None) -> None:
    """Print every source, how it is proved, and how its newest delivery went."""
    from bot.cli.sources import commands as source

    source.listed(workspace, form)


@source.command("show")
def source_show(
    name: Name,
    versions: Annotated[
        bool, typer.Option("--versions", help="The versions of its mapping: who, when, and what changed.")
    ] = False,
    form: Printed = Form.TEXT,
    workspace: Workspace = None,
) -> None:
    """Print one source: its mapping, what came last, and what could not prove itself and why."""
    if versions:
        from bot.cli.sources import versions as source_versions

        source_versions.show(name, workspace, form)
    else:
        from bot.cli.sources import commands as source

        source.show(name, workspace, form)


@source.command("organization")
def source_organization(
    name: Name,
    organization: Annotated[
        str | None, typer.Argument(help="The OrganizationId, 00D and 12 or 15 more letters.")
    ] = None,
    any_: Annotated[bool, typer.Option("--any", help="Take those of any organisation again.")] = False,
    workspace: Workspace = None,
) -> None:
    """Take only outbound messages of this organisation of Salesforce."""
    from bot.cli.sources import commands as source

    source.organization(name, organization, workspace, any_=any_)


@source.command("rotate")
def source_rotate(
    name: Name,
    finish: Annotated[bool, typer.Option("--finish", help="Forget the older one: the tool has the new one.")] = False,
    workspace: Workspace = None,
) -> None:
    """Make a new secret; the one before holds beside it until the rotation is finished."""
    from bot.cli.sources import commands as source

    source.rotate(name, workspace, finish=finish)


@source.command("remove")
def source_remove(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    workspace: Workspace = None,
) -> None:
    """Take a source away; its MQLs stay."""
    from bot.cli.sources import commands as source

    source.remove(name, workspace, yes=yes)


@source.command("map")
def source_map(
    name: Name,
    given: Annotated[
        list[str] | None, typer.Option("--set", metavar="PATH=FIELD", help="A correction; may be repeated.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Store what is proposed without asking.")] = False,
    back_to: Annotated[int | None, typer.Option(min=1, help="Store this earlier version again instead.")] = None,
    form: Printed = Form.TEXT,
    workspace: Workspace = None,
) -> None:
    """Show what the newest delivery holds and which field each part is taken for; store it, corrected."""
    if back_to is not None:
        from bot.cli.sources import versions as source_versions

        source_versions.go_back(name, workspace, back_to)
        return
    from bot.cli.sources import mapping

    mapping.show_map(name, workspace, form, given or [], yes=yes)


@source.command("read-again")
def source_read_again(name: Name, workspace: Workspace = None) -> None:
    """Read what waits of a source again, with its newest mapping."""
    from bot.cli.sources import mapping

    mapping.read_again(name, workspace)


Crm = Annotated[CrmKind, typer.Argument(help="Which CRM.")]
CrmFields = Annotated[
    list[str] | None,
    typer.Option(
        "--field", help="Property for a field, as field=property; an empty one takes the field out. Can be repeated."
    ),
]
CrmRules = Annotated[
    list[str] | None,
    typer.Option("--rule", help="Whose a field is, as field=rule: ours, theirs or newest. Can be repeated."),
]


@crm.command("connect")
def crm_connect(
    kind: Crm,
    address: Annotated[str | None, typer.Option(help="Where its API is, where that is not the usual address.")] = None,
    field: CrmFields = None,
    rule: CrmRules = None,
    yes: Yes = False,
    workspace: Workspace = None,
) -> None:
    """Connect a CRM: ask for its credentials, test them, propose what goes where, compare, and ask before storing."""
    from bot.cli.crm import commands as crm

    crm.connect(kind, workspace, address=address, fields=field or [], rules=rule or [], yes=yes)


@crm.command("status")
def crm_status(form: Printed = Form.TEXT, workspace: Workspace = None) -> None:
    """Print how each CRM stands: what waits, what is missing, what it does not take."""
    from bot.cli.crm import commands as crm

    crm.status(workspace, form)


@crm.command("dry-run")
def crm_dry_run(
    kind: Crm,
    file: Annotated[Path | None, typer.Option(help="Write every field of every MQL to this file.")] = None,
    workspace: Workspace = None,
) -> None:
    """Compare every open MQL with its record; nothing is changed."""
    from bot.cli.crm import commands as crm

    crm.dry_run(kind, workspace, file)


@crm.command("map")
def crm_map(kind: Crm, field: CrmFields = None, rule: CrmRules = None, workspace: Workspace = None) -> None:
    """Read properties and users anew, and change what goes where."""
    from bot.cli.crm import commands as crm

    crm.remap(kind, workspace, fields=field or [], rules=rule or [])


@crm.command("rotate")
def crm_rotate(
    kind: Crm,
    finish: Annotated[bool, typer.Option("--finish", help="Forget the older credentials.")] = False,
    workspace: Workspace = None,
) -> None:
    """Take new credentials beside the old ones; with --finish forget the old ones."""
    from bot.cli.crm import commands as crm

    crm.rotate(kind, workspace, finish=finish)


@crm.command("resend")
def crm_resend(kind: Crm, workspace: Workspace = None) -> None:
    """Send again what the CRM refused for good."""
    from bot.cli.crm import commands as crm

    crm.resend(kind, workspace)


@crm.command("disconnect")
def crm_disconnect(kind: Crm, yes: Yes = False, workspace: Workspace = None) -> None:
    """Take a CRM away with its credentials; the MQLs stay."""
    from bot.cli.crm import commands as crm

    crm.disconnect(kind, workspace, yes=yes)


@source.command("reencrypt")
def source_reencrypt() -> None:
    """Encrypt the stored keys of signatures with the first of ENCRYPTION_KEYS."""
    from bot.cli.sources import commands as source

    source.reencrypt()


if __name__ == "__main__":
    app(prog_name="mql-bot")
