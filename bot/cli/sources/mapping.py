"""`source map` and `source read-again`: which part of a delivery is which field, learnt from what came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

import typer

from bot.cli.base import startup
from bot.cli.base.author import author
from bot.cli.base.choices import Form
from bot.cli.base.connections import opened
from bot.cli.base.report_common import echo_json
from bot.cli.base.terminal import USAGE, confirmed
from bot.cli.sources.commands import find
from bot.connectors.sources import rereading
from bot.connectors.sources.corrections import agreed, proposals, store
from bot.connectors.sources.proposal import FIELDS, Proposal
from bot.core.base import wall_clock
from bot.core.mql import intake
from bot.i18n import Translator
from storage import deliveries, sources

LONGEST_VALUE = 60


def show_map(name: str, workspace_id: str | None, form: Form, given: Sequence[str], *, yes: bool) -> None:
    """Print what the newest delivery holds and what each part of it is taken for. With corrections, or where a person
    agrees, store that as a new version. Exit code 2 for a correction that is none."""
    t = startup.translator()
    corrections = _corrections(t, given)
    with opened(workspace_id) as (open_, _, _vault):
        source = find(open_, name)
        with open_.database.snapshot() as tx:
            newest = deliveries.newest(tx, source.workspace_id, source.id)
            mapping = sources.mapping(tx, source.workspace_id, source.id)
        known = mapping.fields if mapping else {}
        if not newest:
            typer.echo(t("source.map.nothing_came", name=name), err=True)
            raise typer.Exit(1)
        parts = proposals(source, newest[0], {**known, **corrections})
        if not parts:
            typer.echo(t("source.map.unreadable", name=name), err=True)
            raise typer.Exit(1)
        if form == Form.JSON:
            echo_json([{"path": p.path, "value": p.value, "field": p.field, "confidence": p.confidence} for p in parts])
        else:
            _print(t, parts)
        if missing := corrections.keys() - {each.path for each in parts}:
            _usage(t, "source.map.no_such_path", path=sorted(missing)[0])
        if not corrections and (form == Form.JSON or not (yes or confirmed(t, "source.map.ask"))):
            return
        with open_.database.transaction() as tx:
            fields = agreed(parts, known)
            version = store(tx, source, fields, author(), wall_clock.utcnow())
    typer.echo(t("source.map.stored", version=version, name=name), err=form == Form.JSON)


def read_again(name: str, workspace_id: str | None) -> None:
    """Read again what waits of a source, with the newest mapping, and say what came of it."""
    t = startup.translator()
    numbers: list[int] = []
    waiting = 0
    with opened(workspace_id) as (open_, _, _vault):
        source = find(open_, name)
        with open_.database.snapshot() as tx:
            mapping = sources.mapping(tx, source.workspace_id, source.id)
            again = deliveries.to_read_again(tx, source.workspace_id, source.id)
        fields, version = (mapping.fields, mapping.version) if mapping else ({}, 0)
        with open_.database.transaction() as tx:
            rereading.record(tx, source.workspace_id, source.name, len(again), author(), wall_clock.utcnow())
        for delivery_id in again:
            try:
                with open_.database.transaction() as tx:
                    now = wall_clock.utcnow()
                    reread = rereading.read_again(tx, source, delivery_id, fields, version, None, now)
            except intake.NotConfigured:
                typer.echo(t("config.nothing_to_export"), err=True)
                raise typer.Exit(1) from None
            numbers += reread.mqls
            waiting += reread.waiting
    shown = t.listed([f"#{number}" for number in numbers]) if numbers else "–"
    typer.echo(t("source.read_again", count=len(again), numbers=shown, waiting=waiting))


def _corrections(t: Translator, given: Sequence[str]) -> dict[str, str]:
    """Return what `path=field` says, by path. A path may hold equals signs, a field has none."""
    corrections: dict[str, str] = {}
    for text in given:
        path, equals, field = text.rpartition("=")
        if not equals or not path or field not in FIELDS:
            _usage(t, "source.map.bad_set", given=text, fields=", ".join(FIELDS))
        corrections[path] = field
    return corrections


def _print(t: Translator, parts: Sequence[Proposal]) -> None:
    for each in parts:
        value = " ".join(each.value.split())
        shown = value if len(value) <= LONGEST_VALUE else value[: LONGEST_VALUE - 1] + "…"
        typer.echo(t("source.map.line", path=each.path, value=shown, field=t(f"teach.field.{each.field}")))


def _usage(t: Translator, key: str, **values: object) -> NoReturn:
    typer.echo(t(key, **values), err=True)
    raise typer.Exit(USAGE)
