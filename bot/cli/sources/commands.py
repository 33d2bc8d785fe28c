"""`source`: tools that send to an address of ours are set up, looked at, given new secrets, taken away."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import typer

from bot.cli.base import startup
from bot.cli.base.author import author
from bot.cli.base.choices import Form
from bot.cli.base.connections import opened, refuse
from bot.cli.base.report_common import echo_json
from bot.cli.base.startup import CannotStart
from bot.cli.base.terminal import confirmed
from bot.cli.base.workspace import OpenWorkspace
from bot.connectors.crm import setup as crm
from bot.connectors.sources import setup
from bot.connectors.sources.setup import SETUPS, Issued, Wanted
from bot.connectors.sources.vault import Vault
from bot.core.base import period_words, wall_clock
from bot.i18n import Translator
from bot.settings import Settings
from bot.slack.blocks.sources.sources import standing
from storage import deliveries, sources
from storage.models import LeadSource
from storage.vocabulary import Proof, SourceKind

HINT = "https://<PUBLIC_URL>"
"""Stands for what the settings do not say."""


def add(
    name: str,
    kind: SourceKind,
    workspace_id: str | None,
    *,
    proof: Proof | None,
    header: str | None,
    defaults: Mapping[str, str | None],
) -> None:
    """Set up a source, and print its address, its secret, and where to click. Exit code 2 where that cannot be."""
    t = startup.translator()
    wanted = _wanted(t, name, kind, proof, header, defaults)
    signing_key = _asked_for_key(t, kind) if wanted.needs_their_key else None
    with opened(workspace_id) as (open_, settings, vault):
        try:
            with open_.database.transaction() as tx:
                issued = setup.add(
                    tx, vault, open_.workspace.id, wanted, wall_clock.utcnow(), signing_key, author=author()
                )
        except setup.BadName:
            refuse(t, "source.bad_name", name=name)
        except setup.NameInUse as used:
            refuse(t, "source.name_in_use", name=name, free=used.free)
    typer.echo(t("source.added", name=name, kind=t(f"source.kind.{kind}")))
    _tell(t, settings, wanted, issued)
    typer.echo(t("source.next", name=name))


def rotate(name: str, workspace_id: str | None, *, finish: bool) -> None:
    """Make new secrets beside those that hold, or forget the older ones."""
    t = startup.translator()
    with opened(workspace_id) as (open_, settings, vault):
        source = find(open_, name)
        if finish:
            with open_.database.transaction() as tx:
                count = setup.end_rotation(tx, source, wall_clock.utcnow(), author=author())
            typer.echo(t("source.rotation_ended", count=count))
            return
        wanted = Wanted.of(source)
        signing_key = _asked_for_key(t, source.kind) if wanted.needs_their_key else None
        with open_.database.transaction() as tx:
            issued = setup.rotate(tx, vault, source, wall_clock.utcnow(), signing_key, author=author())
    typer.echo(t("source.rotated", name=name))
    _tell(t, settings, wanted, issued)
    typer.echo(t("source.finish", name=name))


def organization(name: str, given: str | None, workspace_id: str | None, *, any_: bool) -> None:
    """Let a source take outbound messages of one organisation of Salesforce only, in the place of the one before; with
    `any_` of whichever, again. Exit code 2 where that cannot be."""
    t = startup.translator()
    if any_ == (given is not None):
        refuse(t, "source.one_organization")
    with opened(workspace_id) as (open_, _, vault):
        source = find(open_, name)
        if given is None:
            if not setup.may_name_organization(source):
                refuse(t, "source.bad_organization", given="--any", name=name)
            with open_.database.transaction() as tx:
                setup.forget_organization(tx, source, wall_clock.utcnow(), author=author())
            typer.echo(t("source.organization_dropped", name=name))
            return
        try:
            with open_.database.transaction() as tx:
                known = setup.set_organization(tx, vault, source, given, wall_clock.utcnow(), author=author())
        except setup.NoOrganization:
            refuse(t, "source.bad_organization", given=given, name=name)
    typer.echo(t("source.organization_set", name=name, organization=known))


def remove(name: str, workspace_id: str | None, *, yes: bool) -> None:
    """Take a source away: its address is answered as if it had never been. Its MQLs stay."""
    t = startup.translator()
    with opened(workspace_id) as (open_, _, _vault):
        source = find(open_, name)
        if not yes and not confirmed(t, "source.remove_ask"):
            typer.echo(t("config.not_applied"))
            return
        with open_.database.transaction() as tx:
            setup.remove(tx, source, wall_clock.utcnow(), author=author())
    typer.echo(t("source.removed", name=name))


def listed(workspace_id: str | None, form: Form) -> None:
    """Print every source, how it is proved, and how its newest delivery went."""
    t = startup.translator()
    with opened(workspace_id) as (open_, _, _vault):
        with open_.database.snapshot() as tx:
            known = sources.every(tx, open_.workspace.id)
        local = Translator(t.locale, open_.workspace.timezone)
    if form == Form.JSON:
        echo_json([_values(source) for source in known])
        return
    for source in known:
        typer.echo(standing(source, local))
    if not known:
        typer.echo(t("source.none"))


def show(name: str, workspace_id: str | None, form: Form) -> None:
    """Print one source: its proof and mapping, what came last, and what could not prove itself."""
    t = startup.translator()
    with opened(workspace_id) as (open_, _, vault):
        source = find(open_, name)
        with open_.database.snapshot() as tx:
            values = _values(source) | _details(tx, source) | _organization(tx, vault, source)
        local = Translator(t.locale, open_.workspace.timezone)
    if form == Form.JSON:
        echo_json(values)
        return
    typer.echo(standing(source, local))
    if values.get("organization"):
        typer.echo(local("source.organization_is", organization=values["organization"]))
    for field, value in source.defaults.items():
        typer.echo(local("source.default", field=field, value=value))
    for path, field in values["mapping"].items():
        shown = local(f"teach.field.{field}")
        typer.echo(local("source.mapped", path=path, field=shown, version=values["mapping_version"]))
    for came in values["deliveries"]:
        typer.echo(local("source.came", at=local.moment(came["at"]), went=local(f"source.state.{came['state']}")))
    for refusal in source.refusals:
        moment = local.moment(datetime.fromisoformat(refusal["at"]))
        typer.echo(local("source.refused", at=moment, why=local(f"source.why.{refusal['why']}")))


def reencrypt() -> None:
    """Encrypt what is stored encrypted with the first of ENCRYPTION_KEYS."""
    t = startup.translator()
    with opened(None) as (open_, _, vault), open_.database.transaction() as tx:
        count = setup.reencrypt(tx, vault, wall_clock.utcnow(), author=author()) + crm.reencrypt(tx, vault)
    typer.echo(t("source.reencrypted", count=count))


def find(open_: OpenWorkspace, name: str) -> LeadSource:
    """Return the source of that name. Raises CannotStart where there is none."""
    with open_.database.snapshot() as tx:
        source = sources.named(tx, open_.workspace.id, name)
        known = ", ".join(each.name for each in sources.every(tx, open_.workspace.id))
    if source is None:
        raise CannotStart("source.unknown" if known else "source.none", name=name, known=known)
    return source


def _wanted(
    t: Translator,
    name: str,
    kind: SourceKind,
    proof: Proof | None,
    header: str | None,
    defaults: Mapping[str, str | None],
) -> Wanted:
    possible = SETUPS[kind]
    chosen = proof or (Proof.HEADER if header and Proof.HEADER in possible.proofs else possible.proofs[0])
    if chosen not in possible.proofs:
        refuse(t, "source.bad_proof", proof=chosen, kind=t(f"source.kind.{kind}"), possible=", ".join(possible.proofs))
    named = (header or possible.header).lower() if chosen == Proof.HEADER else None
    if named is not None and not setup.HEADER.fullmatch(named):
        refuse(t, "source.bad_header", header=header)
    return Wanted(name, kind, chosen, named, {field: value for field, value in defaults.items() if value})


def _asked_for_key(t: Translator, kind: SourceKind) -> str:
    """Return the key that the tool shows: typed unseen, or the first line of what is piped in."""
    question = t("source.ask_key", kind=t(f"source.kind.{kind}"))
    given = typer.prompt(question, hide_input=True) if sys.stdin.isatty() else sys.stdin.readline()
    if not given.strip():
        refuse(t, "source.key_needed", kind=t(f"source.kind.{kind}"))
    return str(given).strip()


def _tell(t: Translator, settings: Settings, wanted: Wanted, issued: Issued) -> None:
    """Print the address and the secret, the only time that they can be read, and where to click."""
    address = (settings.public_url or HINT) + wanted.path(issued)
    typer.echo(t("source.address", address=address))
    if settings.public_url is None:
        typer.echo(t("source.no_public_url"))
    if issued.header is not None:
        value = f"Bearer {issued.header}" if wanted.header == "authorization" else issued.header
        typer.echo(t("source.header", header=wanted.header, value=value))
    if issued.signing_key is not None:
        typer.echo(t("source.signing_key", key=issued.signing_key))
    if any((issued.token, issued.header, issued.signing_key)):
        typer.echo(t("source.shown_once"))
    typer.echo("")
    last_week = period_words.iso_week(t.local_date(wall_clock.utcnow()) - timedelta(weeks=1))
    typer.echo(t(f"source.clicks.{wanted.kind}.{wanted.proof}", week=last_week))


def _values(source: LeadSource) -> dict[str, Any]:
    return source.model_dump(mode="json", exclude={"workspace_id", "state"})


def _organization(tx: sa.Connection, vault: Vault, source: LeadSource) -> dict[str, Any]:
    """Return the organisation of a source that can be of one alone."""
    if not setup.may_name_organization(source):
        return {}
    return {"organization": setup.organization(tx, vault, source)}


def _details(tx: sa.Connection, source: LeadSource) -> dict[str, Any]:
    mapping = sources.mapping(tx, source.workspace_id, source.id)
    came = deliveries.newest(tx, source.workspace_id, source.id, most=10)
    return {
        "mapping": mapping.fields if mapping else {},
        "mapping_version": mapping.version if mapping else 0,
        "deliveries": [{"id": kept.id, "at": kept.at, "state": kept.state, "proof": kept.proof} for kept in came],
    }
