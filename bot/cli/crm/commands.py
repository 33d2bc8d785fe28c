"""`crm`: a CRM is connected, looked at, compared, given new credentials, taken away."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import typer

from bot.cli.base import spreadsheet, startup
from bot.cli.base.author import author
from bot.cli.base.choices import Form
from bot.cli.base.connections import opened, refuse
from bot.cli.base.report_common import echo_json
from bot.cli.base.startup import CannotStart
from bot.cli.base.terminal import REFUSED, confirmed
from bot.cli.base.workspace import OpenWorkspace
from bot.connectors.crm import setup
from bot.connectors.crm.connecting import connector_of, interest_of
from bot.connectors.crm.contract import (
    Away,
    Busy,
    Connector,
    CrmError,
    Denied,
    Description,
    Interest,
    PropertyKind,
    Question,
    Revoked,
)
from bot.connectors.crm.door import Door
from bot.connectors.crm.registry import RECIPES
from bot.connectors.crm.setup import Compared, Verdict, Wanted
from bot.connectors.crm.sync import Sync
from bot.connectors.sources.vault import Vault
from bot.core.base import wall_clock
from bot.core.crm.mapping import RULES, FieldMapping, Rule
from bot.core.crm.mapping import Mapping as CrmMapping
from bot.core.crm.taking import NAMES
from bot.i18n import Translator
from bot.settings import Settings
from storage import crm_conflicts, crm_connections, crm_links, crm_writes
from storage.models import CrmConnection
from storage.vocabulary import CrmField, CrmKind, CrmWriteState

SHOWN = 10
"""Leads that differ are named up to so many; the file has all."""


def connect(
    kind: CrmKind,
    workspace_id: str | None,
    *,
    address: str | None,
    fields: Sequence[str],
    rules: Sequence[str],
    yes: bool,
) -> None:
    """Ask for credentials, test them, say what is missing and what would differ, and store them once somebody agrees.
    Exit code 1 where the CRM does not take them, 2 where something that was typed cannot be."""
    t = startup.translator()
    recipe = RECIPES.get(kind)
    if recipe is None:
        refuse(t, "crm.cli.not_yet", crm=NAMES[kind], known=", ".join(RECIPES))
    chosen, ruled = _chosen(t, fields), _rules(t, rules)
    with opened(workspace_id) as (open_, settings, vault):
        _require_new(open_, kind)
        given = _asked(t, kind, recipe.questions)
        secrets = {each.name: given[each.name] for each in recipe.questions if each.is_secret and each.name in given}
        options = {name: value for name, value in given.items() if name not in secrets}
        where = address or recipe.address or given.get("address", "")
        door = Door(where, settings.outbound_allowed_hosts)
        about = _described(t, kind, recipe.make(door, [secrets], Interest(options=options)))
        _say_missing(t, kind, about)
        with open_.database.snapshot() as tx:
            proposal = setup.propose(tx, open_.workspace, about, chosen)
        mapping = _ruled(t, proposal, ruled)
        _require_known(t, about, chosen)
        _say_mapping(t, kind, about, mapping)
        interest = Interest(tuple(how.name for how in mapping.fields.values()), options)
        connector = recipe.make(door, [secrets], interest)
        _say_dry_run(t, kind, _compared(t, open_, kind, connector, mapping))
        if not yes and not confirmed(t, "crm.cli.connect_ask"):
            typer.echo(t("config.not_applied"))
            return
        now = wall_clock.utcnow()
        wanted = Wanted(kind, where, secrets, options)
        with open_.database.transaction() as tx:
            cursor = connector.begin(now)
            connection = setup.connect(
                tx, vault, open_.workspace.id, wanted, about, mapping, cursor, now, author=author()
            )
        _first_reading(open_, settings, vault, connection)
    typer.echo(t("crm.cli.connected", crm=NAMES[kind], account=about.account))
    minutes = int(recipe.poll_every.total_seconds() // 60)
    typer.echo(t("crm.cli.next" if recipe.notifies else "crm.cli.next_polled", kind=kind, minutes=minutes))


def status(workspace_id: str | None, form: Form) -> None:
    """Print how each connection stands: what it waits for, what is missing, what the CRM does not take."""
    t = startup.translator()
    with opened(workspace_id) as (open_, _, _vault):
        with open_.database.snapshot() as tx:
            known = crm_connections.active(tx, open_.workspace.id)
        local = Translator(t.locale, open_.workspace.timezone)
        values = [_values(open_, connection) for connection in known]
    if form == Form.JSON:
        echo_json(values)
        return
    for connection, facts in zip(known, values, strict=True):
        for line in _standing(local, connection, facts):
            typer.echo(line)
    if not known:
        typer.echo(t("crm.cli.none"))


def dry_run(kind: CrmKind, workspace_id: str | None, file: Path | None) -> None:
    """Compare every open MQL with its record, print how many differ, and write all of it to a file where one is named.
    Nothing is changed."""
    t = startup.translator()
    with opened(workspace_id) as (open_, settings, vault):
        connection = find(open_, kind)
        with open_.database.snapshot() as tx:
            connector, _ = connector_of(tx, vault, connection, settings.outbound_allowed_hosts)
        compared = _compared(t, open_, kind, connector, CrmMapping.of(connection.mapping))
    _say_dry_run(t, kind, compared)
    if file is not None:
        _write(t, CrmMapping.of(connection.mapping), compared, file)
        typer.echo(t("crm.cli.written", file=file))


def remap(kind: CrmKind, workspace_id: str | None, *, fields: Sequence[str], rules: Sequence[str]) -> None:
    """Read the CRM's properties and users anew, and change which property holds a field or whose it is."""
    t = startup.translator()
    chosen, ruled = _chosen(t, fields), _rules(t, rules)
    with opened(workspace_id) as (open_, settings, vault):
        connection = find(open_, kind)
        before = CrmMapping.of(connection.mapping)
        kept: dict[CrmField, str | None] = {
            field: before.fields[field].name if field in before.fields else None for field in RULES
        }
        with open_.database.snapshot() as tx:
            credentials = setup.credentials_of(tx, vault, connection)
        door = Door(connection.address, settings.outbound_allowed_hosts)
        about = _described(t, kind, RECIPES[kind].make(door, credentials, interest_of(connection)))
        _require_known(t, about, chosen)
        with open_.database.transaction() as tx:
            proposal = setup.propose(tx, open_.workspace, about, kept | chosen)
            old = {field: how.rule for field, how in before.fields.items() if field in proposal.fields}
            mapping = _ruled(t, replace(proposal, deal_rule=before.deal_rule), old | ruled)
            try:
                setup.remap(tx, connection, mapping, about, wall_clock.utcnow(), author=author())
            except setup.MappedMeanwhile:
                refuse(t, "crm.cli.mapped_meanwhile", crm=NAMES[kind], kind=kind)
        _say_mapping(t, kind, about, mapping)
    typer.echo(t("crm.cli.mapped", crm=NAMES[kind]))


def rotate(kind: CrmKind, workspace_id: str | None, *, finish: bool) -> None:
    """Take new credentials beside those that hold, once the CRM takes them; or forget the older ones."""
    t = startup.translator()
    with opened(workspace_id) as (open_, settings, vault):
        connection = find(open_, kind)
        if finish:
            with open_.database.transaction() as tx:
                setup.end_rotation(tx, connection, wall_clock.utcnow(), author=author())
            typer.echo(t("crm.cli.rotation_ended", crm=NAMES[kind]))
            return
        recipe = RECIPES[kind]
        given = _asked(t, kind, tuple(each for each in recipe.questions if each.is_secret))
        door = Door(connection.address, settings.outbound_allowed_hosts)
        about = _described(t, kind, recipe.make(door, [given], interest_of(connection)))
        if about.account != connection.account:
            refuse(t, "crm.cli.other_account", crm=NAMES[kind], account=about.account, known=connection.account)
        with open_.database.transaction() as tx:
            setup.rotate(tx, vault, connection, given, wall_clock.utcnow(), author=author())
            lacks = sorted({missing.lack.value for missing in about.missing})
            crm_connections.update(tx, connection, lacks=lacks, expires_at=about.expires_at)
    _say_missing(t, kind, about)
    typer.echo(t("crm.cli.rotated", crm=NAMES[kind], kind=kind))


def resend(kind: CrmKind, workspace_id: str | None) -> None:
    """Queue again what the CRM refused for good."""
    t = startup.translator()
    with opened(workspace_id) as (open_, _, _vault):
        connection = find(open_, kind)
        with open_.database.transaction() as tx:
            count = crm_writes.revive(tx, connection, wall_clock.utcnow())
    typer.echo(t("crm.cli.resent", count=count))


def disconnect(kind: CrmKind, workspace_id: str | None, *, yes: bool) -> None:
    """Take a connection away, with its credentials. The MQLs keep the ids of their records."""
    t = startup.translator()
    with opened(workspace_id) as (open_, _, _vault):
        connection = find(open_, kind)
        if not yes and not confirmed(t, "crm.cli.disconnect_ask"):
            typer.echo(t("config.not_applied"))
            return
        with open_.database.transaction() as tx:
            setup.remove(tx, connection, wall_clock.utcnow(), author=author())
    typer.echo(t("crm.cli.disconnected", crm=NAMES[kind]))


def find(open_: OpenWorkspace, kind: CrmKind) -> CrmConnection:
    """Return the connection of a kind. Raises CannotStart where there is none."""
    with open_.database.snapshot() as tx:
        connection = crm_connections.of_kind(tx, open_.workspace.id, kind)
    if connection is None:
        raise CannotStart("crm.cli.not_connected", crm=NAMES[kind], kind=kind)
    return connection


def _first_reading(open_: OpenWorkspace, settings: Settings, vault: Vault, connection: CrmConnection) -> None:
    """Read every record once, so that whatever is changed from now on is known as a change. What is left over by a CRM
    that is busy the running bot reads."""
    hosts = settings.outbound_allowed_hosts
    sync = Sync(open_.database, connection.workspace_id, connection.id, vault, wall_clock.utcnow, hosts)
    while sync.round():
        pass
    sync.release()


# --- What is asked and checked -------------------------------------------------------------------------------------


def _require_new(open_: OpenWorkspace, kind: CrmKind) -> None:
    with open_.database.snapshot() as tx:
        if crm_connections.of_kind(tx, open_.workspace.id, kind) is not None:
            raise CannotStart("crm.cli.connected_already", crm=NAMES[kind], kind=kind)


def _asked(t: Translator, kind: CrmKind, questions: Sequence[Question]) -> dict[str, str]:
    """Return the answers by name: typed (secrets unseen), or the lines of what is piped in, in the order of the
    questions."""
    given = {}
    for question in questions:
        text = t(f"crm.ask.{kind}.{question.name}")
        hide = question.is_secret and not question.is_file
        if sys.stdin.isatty():
            answer = str(typer.prompt(text, hide_input=hide, default="" if question.is_optional else None))
        else:
            answer = sys.stdin.readline()
        answer = answer.strip()
        if not answer and not question.is_optional:
            refuse(t, "crm.cli.answer_needed", question=text)
        if answer:
            given[question.name] = _content(t, answer) if question.is_file else answer
    return given


def _content(t: Translator, name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, ValueError) as problem:
        refuse(t, "crm.cli.bad_file", file=name, problem=str(problem))


def _chosen(t: Translator, given: Sequence[str]) -> dict[CrmField, str | None]:
    """Return the property for each field that was named, as `field=property`; an empty one takes the field out."""
    chosen: dict[CrmField, str | None] = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals or name not in list(RULES):
            refuse(t, "crm.cli.bad_field", given=each, known=", ".join(RULES))
        chosen[CrmField(name)] = value or None
    return chosen


def _rules(t: Translator, given: Sequence[str]) -> dict[CrmField, Rule]:
    rules = {}
    for each in given:
        name, _, value = each.partition("=")
        if name not in list(CrmField) or value not in list(Rule):
            refuse(t, "crm.cli.bad_rule", given=each, fields=", ".join(CrmField), rules=", ".join(Rule))
        rules[CrmField(name)] = Rule(value)
    return rules


def _ruled(t: Translator, mapping: CrmMapping, rules: Mapping[CrmField, Rule]) -> CrmMapping:
    fields = dict(mapping.fields)
    for field, rule in rules.items():
        if field == CrmField.DEAL:
            continue
        if field not in fields:
            refuse(t, "crm.cli.not_mapped", field=t(f"crm.field.{field}"), name=field)
        how = fields[field]
        fields[field] = FieldMapping(how.name, rule, how.out, how.into)
    return replace(mapping, fields=fields, deal_rule=rules.get(CrmField.DEAL, mapping.deal_rule))


def _require_known(t: Translator, about: Description, chosen: Mapping[CrmField, str | None]) -> None:
    for name in filter(None, chosen.values()):
        if about.property(name) is None:
            near = [each.name for each in about.properties if name.lower() in each.name.lower()]
            refuse(t, "crm.cli.no_property", name=name, near=", ".join(near[:5]) or t("crm.nothing"))
    owner = about.property(chosen.get(CrmField.OWNER) or "")
    if owner is not None and owner.kind != PropertyKind.USER:
        users = [each.name for each in about.properties if each.kind == PropertyKind.USER]
        refuse(t, "crm.cli.no_user", name=owner.name, near=", ".join(users[:5]) or t("crm.nothing"))


def _described(t: Translator, kind: CrmKind, connector: Connector) -> Description:
    """Return what the CRM says of itself. Exit code 1, with what to do, where it does not answer as it should."""
    try:
        return connector.describe()
    except CrmError as error:
        fail(t, kind, error)


def _compared(
    t: Translator, open_: OpenWorkspace, kind: CrmKind, connector: Connector, mapping: CrmMapping
) -> list[Compared]:
    try:
        with open_.database.snapshot() as tx:
            return setup.dry_run(tx, open_.workspace.id, kind, connector, mapping)
    except CrmError as error:
        fail(t, kind, error)


def fail(t: Translator, kind: CrmKind, error: CrmError) -> NoReturn:
    """Say what a CRM answered instead, and what to do. Exit code 1."""
    key = {Revoked: "revoked", Denied: "denied", Busy: "busy", Away: "away"}[type(error)]
    scopes = ", ".join(each.scope for each in error.missing if each.scope) if isinstance(error, Denied) else ""
    typer.echo(t(f"crm.cli.fault.{key}", crm=NAMES[kind], scopes=scopes, code=str(error)), err=True)
    raise typer.Exit(REFUSED)


# --- What is printed -----------------------------------------------------------------------------------------------


def _say_missing(t: Translator, kind: CrmKind, about: Description) -> None:
    for missing in about.missing:
        typer.echo(t("crm.cli.missing", lack=t(f"crm.lack.{missing.lack}"), scope=missing.scope or "-"))
    if not about.missing:
        typer.echo(t("crm.cli.nothing_missing", crm=NAMES[kind]))


def _say_mapping(t: Translator, kind: CrmKind, about: Description, mapping: CrmMapping) -> None:
    typer.echo(t("crm.cli.mapping", crm=NAMES[kind]))
    for field, how in mapping.fields.items():
        known = about.property(how.name)
        label = known.label if known else how.name
        rule = t(f"crm.rule.{how.rule}", crm=NAMES[kind])
        typer.echo(t("crm.cli.field", field=t(f"crm.field.{field}"), label=label, name=how.name, rule=rule))
        if field in (CrmField.STATUS, CrmField.STAGE):
            for line in _words(t, mapping, field, how):
                typer.echo(line)
    if mapping.deals_qualify:
        typer.echo(t("crm.cli.deals", rule=t(f"crm.deal_rule.{mapping.deal_rule}", crm=NAMES[kind])))
    for field in _offered(about):
        if field not in mapping.fields:
            typer.echo(t("crm.cli.no_field", field=t(f"crm.field.{field}"), name=field))
    strangers = sorted(name for user, name in mapping.names.items() if user not in mapping.users)
    if strangers:
        typer.echo(t("crm.cli.strangers", crm=NAMES[kind], count=len(strangers), names=t.listed(strangers[:SHOWN])))


def _offered(about: Description) -> Iterator[CrmField]:
    """Yield the fields that a property can hold: an owner only where one holds users, and nothing of sales in a tool of
    marketing."""
    has_users = any(each.kind == PropertyKind.USER for each in about.properties)
    for field in RULES:
        if field == CrmField.OWNER and not has_users:
            continue
        if about.is_for_sales or field not in (CrmField.OWNER, CrmField.STAGE):
            yield field


def _words(t: Translator, mapping: CrmMapping, field: CrmField, how: FieldMapping) -> list[str]:
    values = dict.fromkeys([*how.into, *how.out.values()])
    if not any(f"{how.name}={value}" in mapping.labels for value in values):
        values = dict.fromkeys(how.out.values())  # of free text only what is written: what is understood are many
    lines = []
    for value in values:
        meant = how.into.get(value)
        writes = [word for word, written in how.out.items() if written == value]
        arrow = "↔" if writes else "→"
        lines.append(f"    {mapping.shown(field, value)} {arrow} {t(f'status.{meant or writes[0]}')}")
    return lines


def _say_dry_run(t: Translator, kind: CrmKind, compared: Sequence[Compared]) -> None:
    """Print how many open MQLs match, differ and are unknown; the first that differ by number."""
    by_number: dict[int, set[Verdict]] = {}
    for each in compared:
        by_number.setdefault(each.number, set()).add(each.verdict)
    differ = [number for number, verdicts in by_number.items() if Verdict.DIFFERS in verdicts]
    unknown = [number for number, verdicts in by_number.items() if Verdict.UNKNOWN in verdicts]
    match = len(by_number) - len(differ) - len(unknown)
    counts = {"open": len(by_number), "match": match, "differ": len(differ), "unknown": len(unknown)}
    typer.echo(t("crm.cli.dry", crm=NAMES[kind], **counts))
    for key, numbers in (("differ", differ), ("unknown", unknown)):
        if numbers:
            shown = [f"#{number}" for number in numbers[:SHOWN]] + (["…"] if len(numbers) > SHOWN else [])
            typer.echo(t(f"crm.cli.dry_{key}", numbers=t.listed(shown)))


def _write(t: Translator, mapping: CrmMapping, compared: Sequence[Compared], file: Path) -> None:
    heads = [t(f"crm.csv.{name}") for name in ("number", "verdict", "record", "field", "ours", "theirs")]
    rows = [
        [
            each.number,
            t(f"crm.dry.{each.verdict}"),
            each.record_id,
            t(f"crm.field.{each.field}") if each.field else "",
            each.ours or "",
            mapping.shown(each.field, each.theirs) if each.field else "",
        ]
        for each in compared
    ]
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        spreadsheet.write(out, [heads, *rows], ends="\r\n")


def _values(open_: OpenWorkspace, connection: CrmConnection) -> dict[str, Any]:
    with open_.database.snapshot() as tx:
        linked, looked_for, not_found = crm_links.count(tx, connection)
        writes = crm_writes.counts(tx, connection)
        problems = crm_links.problems(tx, connection)
        conflicts = crm_conflicts.count_open(tx, connection)
        secrets = crm_connections.secrets(tx, connection)
    hidden = {"workspace_id", "state", "lease", "lease_until", "cursor", "mapping", "event_mark"}
    return connection.model_dump(mode="json", exclude=hidden) | {
        "linked": linked,
        "looked_for": looked_for,
        "not_found": not_found,
        "waiting": writes.get(CrmWriteState.PENDING, 0),
        "dead": writes.get(CrmWriteState.DEAD, 0),
        "conflicts": conflicts,
        "keys": len(secrets),
        "problems": [{"field": field, "code": code, "count": count} for (field, code), count in problems.items()],
    }


def _standing(t: Translator, connection: CrmConnection, facts: Mapping[str, Any]) -> list[str]:
    crm = NAMES[connection.kind]
    state = t(f"crm.failure.{_failure(connection.failure)}") if connection.failure else t("crm.cli.works")
    lines = [t("crm.cli.standing", crm=crm, account=connection.account, state=state)]
    read = t.moment(connection.read_at) if connection.read_at else t("crm.cli.never")
    noticed = t.moment(connection.noticed_at) if connection.noticed_at else t("crm.cli.never")
    polled = "crm.cli.read" if RECIPES[connection.kind].notifies else "crm.cli.read_polled"
    lines.append(t(polled, read=read, noticed=noticed))
    counts = {name: facts[name] for name in ("linked", "looked_for", "not_found")}
    lines.append(t("crm.cli.links", **counts))
    lines.append(t("crm.cli.writes", waiting=facts["waiting"], dead=facts["dead"], conflicts=facts["conflicts"]))
    limit = connection.daily_calls or RECIPES[connection.kind].calls_a_day
    lines.append(t("crm.cli.calls", calls=connection.calls, limit=limit, day=connection.calls_on or "-"))
    lines += [t("crm.cli.lack", lack=t(f"crm.lack.{lack}")) for lack in connection.lacks]
    for each in facts["problems"]:
        why = t(f"crm.refused.{each['code']}", crm=crm)
        lines.append(t("crm.cli.problem", field=t(f"crm.field.{each['field']}"), count=each["count"], why=why))
    if facts["keys"] > 1:
        lines.append(t("crm.cli.rotating", kind=connection.kind))
    if connection.expires_at is not None:
        lines.append(t("crm.cli.expires", at=t.moment(connection.expires_at)))
    return lines


def _failure(code: str | None) -> str:
    return code if code in ("revoked", "denied", "no_key") else "away"
