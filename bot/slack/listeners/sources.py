"""/mql source: the tools that send to addresses of ours, what came last, and which part of it is which field."""

from __future__ import annotations

from slack_bolt import App

from bot.connectors.sources import rereading
from bot.connectors.sources.corrections import agreed, editions, go_back, proposals, store
from bot.connectors.sources.proposal import FIELDS
from bot.core.base.audit import Author
from bot.core.base.permissions import Permission
from bot.slack.blocks import ids, modals
from bot.slack.blocks import sources as source_blocks
from bot.slack.blocks.kit import View
from bot.slack.blocks.reply_keys import Reply
from bot.slack.context import AppContext
from bot.slack.listeners.form import Form, sending
from bot.slack.listeners.pipeline import Interaction, Press, allowing, opening, roster
from storage import deliveries, members, sources
from storage.models import LeadSource

MOST_READ_AGAIN = 50
"""Deliveries that are read again before the form is answered; the command line reads all."""

keepers = allowing(Permission.MAP_SOURCE, refusal=Reply.SOURCES_NOT_ALLOWED)


def register(app: App, context: AppContext) -> None:
    """Connect the button and the form."""
    app.action(ids.LOOK_AT_SOURCE)(opening(context, _form, lambda press: roster(press) or keepers(press)))
    app.view(ids.SOURCE_FORM)(sending(context, _take, keepers, title="source.title"))


def page_view(interaction: Interaction) -> View:
    """Return every source of the workspace."""
    return source_blocks.page(sources.every(interaction.tx, interaction.workspace.id), interaction.t)


def _form(press: Press) -> View | Reply:
    source = sources.get(press.tx, press.workspace.id, press.row_id)
    kept = deliveries.newest(press.tx, press.workspace.id, press.row_id)
    if source is None or not kept:
        return Reply.SOURCE_GONE
    parts = proposals(source, kept[0], _fields(press, source))
    versions = editions(sources.mappings(press.tx, source.workspace_id, source.id))
    names = {member.user_id: member.name or "" for member in members.roster(press.tx, source.workspace_id)}
    return source_blocks.form(source, kept[0].id, parts, press.t, versions, names)


def _fields(interaction: Interaction, source: LeadSource) -> dict[str, str]:
    mapping = sources.mapping(interaction.tx, source.workspace_id, source.id)
    return mapping.fields if mapping else {}


def _take(form: Form) -> View | Reply:
    """Store what was chosen as a version, or an earlier one again, and read again what waits."""
    source = sources.get(form.tx, form.workspace.id, int(form.metadata["source"]))
    kept = deliveries.get(form.tx, form.workspace.id, int(form.metadata["delivery"]))
    if source is None or kept is None or kept.source_id != source.id:
        return Reply.SOURCE_GONE
    known = _fields(form, source)
    if earlier := form.values.get(ids.SOURCE_VERSION):
        version = go_back(form.tx, source, int(earlier), Author.in_slack(form.by), form.now)
        return Reply.SOURCE_GONE if version is None else _stored(form, source, _fields(form, source), version)
    # The parts stand in the order in which they were shown: the delivery never changes.
    parts = proposals(source, kept, known)[: source_blocks.PATHS_SHOWN]
    chosen = {each.path: form.values.get(f"{ids.SOURCE_FIELD}:{number}") for number, each in enumerate(parts)}
    corrections = {path: field for path, field in chosen.items() if field in FIELDS}
    fields = agreed(parts, known) | corrections
    version = store(form.tx, source, fields, Author.in_slack(form.by), form.now)
    return _stored(form, source, fields, version)


def _stored(form: Form, source: LeadSource, fields: dict[str, str], version: int) -> View:
    numbers = _read_again(form, source, fields, version)
    shown = form.t.listed([f"#{number}" for number in numbers]) if numbers else "–"
    return modals.notice("source.title", form.t.md("source.stored", version=version, numbers=shown), form.t)


def _read_again(form: Form, source: LeadSource, fields: dict[str, str], version: int) -> list[int]:
    """Return the numbers of the MQLs that came of what waited."""
    numbers: list[int] = []
    again = deliveries.to_read_again(form.tx, form.workspace.id, source.id)[:MOST_READ_AGAIN]
    rereading.record(form.tx, form.workspace.id, source.name, len(again), Author.in_slack(form.by), form.now)
    for delivery_id in again:
        reread = rereading.read_again(form.tx, source, delivery_id, fields, version, form.by, form.now)
        numbers += reread.mqls
    return numbers
