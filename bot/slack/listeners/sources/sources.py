"""/mql source: the tools that send to addresses of ours, what came last, and which part of it is which field."""

from __future__ import annotations

from slack_bolt import App

from bot.connectors.sources import rereading, setup
from bot.connectors.sources.corrections import agreed, editions, proposals, store
from bot.connectors.sources.proposal import FIELDS
from bot.connectors.sources.vault import NoKey
from bot.core.base.audit import Author
from bot.core.base.permissions import Permission
from bot.i18n import Mrkdwn
from bot.slack.blocks.base import forms, ids
from bot.slack.blocks.base.kit import Block, View, lines
from bot.slack.blocks.base.kit import context as remark
from bot.slack.blocks.base.reply_keys import Reply
from bot.slack.blocks.sources import sources as source_blocks
from bot.slack.context import AppContext
from bot.slack.listeners.base.form import Form, Invalid, sending
from bot.slack.listeners.base.pipeline import Interaction, Press, allowing, opening, roster
from bot.slack.listeners.sources import readers
from storage import deliveries, members, sources
from storage.models import Delivery, LeadSource
from storage.vocabulary import SourceState

MOST_READ_AGAIN = 50
"""Deliveries that are read again before the form is answered; the command line reads all."""

keepers = allowing(Permission.MAP_SOURCE, refusal=Reply.SOURCES_NOT_ALLOWED)


def register(app: App, context: AppContext) -> None:
    """Connect the button and the form."""
    app.action(ids.LOOK_AT_SOURCE)(opening(context, _form, lambda press: roster(press) or keepers(press)))
    app.view(ids.SOURCE_FORM)(sending(context, _take, keepers, title="source.title"))


def page_view(interaction: Interaction) -> View:
    """Return every source of the workspace, and the apps whose messages people have taught to read."""
    known = sources.every(interaction.tx, interaction.workspace.id)
    may_add = interaction.may(Permission.SETTINGS)
    return source_blocks.page(known, interaction.t, readers.rows(interaction), may_add=may_add)


def _form(press: Press) -> View | Reply:
    source = sources.get(press.tx, press.workspace.id, press.row_id)
    kept = deliveries.newest(press.tx, press.workspace.id, press.row_id)
    if source is None or source.state == SourceState.REMOVED:
        return Reply.SOURCE_GONE
    organizations = _organizations(press, source)
    if not kept and not organizations:
        return Reply.SOURCE_GONE
    if not kept:
        return source_blocks.form(source, None, [], press.t, organizations=organizations)
    parts = proposals(source, kept[0], _fields(press, source))
    versions = editions(sources.mappings(press.tx, source.workspace_id, source.id))
    names = {member.user_id: member.name or "" for member in members.roster(press.tx, source.workspace_id)}
    return source_blocks.form(source, kept[0].id, parts, press.t, versions, names, organizations)


def _organizations(press: Press, source: LeadSource) -> list[Block]:
    if not setup.may_name_organization(source):
        return []
    try:
        known = setup.organization(press.tx, press.context.vault, source)
    except NoKey:
        return [remark(press.t.md("source.organization_no_key"))]
    return [source_blocks.organization(known, press.t, may_change=press.may(Permission.SETTINGS))]


def _restrict(form: Form, source: LeadSource) -> Mrkdwn | None:
    """Take messages of the organisation that was entered alone, of any where none was. Returns the sentence that says
    so; None: nothing was entered that changes it, or not by an admin."""
    if ids.SOURCE_ORGANIZATION not in form.values or not form.may(Permission.SETTINGS):
        return None
    given, author = form.values[ids.SOURCE_ORGANIZATION], Author.in_slack(form.by)
    try:
        known = setup.organization(form.tx, form.context.vault, source)
        if given == known:
            return None
        if given is None:
            setup.forget_organization(form.tx, source, form.now, author=author)
            return source_blocks.takes_from(None, form.t)
        known = setup.set_organization(form.tx, form.context.vault, source, given, form.now, author=author)
    except NoKey:
        raise Invalid({ids.SOURCE_ORGANIZATION: form.t("source.organization_no_key")}) from None
    except setup.NoOrganization:
        raise Invalid({ids.SOURCE_ORGANIZATION: form.t("error.organization", given=given)}) from None
    return source_blocks.takes_from(known, form.t)


def _fields(interaction: Interaction, source: LeadSource) -> dict[str, str]:
    mapping = sources.mapping(interaction.tx, source.workspace_id, source.id)
    return mapping.fields if mapping else {}


def _take(form: Form) -> View | Reply:
    """Store what was chosen as a version, or an earlier one again, and read again what waits; and from whom messages
    are taken."""
    source = sources.get(form.tx, form.workspace.id, int(form.metadata["source"]))
    if source is None or source.state == SourceState.REMOVED:
        return Reply.SOURCE_GONE
    if form.metadata.get("delivery") is None:
        unmapped = _restrict(form, source) or form.t.md("source.organization_same")
        return forms.notice("source.title", unmapped, form.t)
    kept = deliveries.get(form.tx, form.workspace.id, int(form.metadata["delivery"]))
    if kept is None or kept.source_id != source.id:
        return Reply.SOURCE_GONE
    fields = _chosen(form, source, kept)
    if fields is None:
        return Reply.SOURCE_GONE
    news = _restrict(form, source)
    version = store(form.tx, source, fields, Author.in_slack(form.by), form.now)
    numbers = _read_again(form, source, fields, version)
    shown = form.t.listed([f"#{number}" for number in numbers]) if numbers else "–"
    stored = form.t.md("source.stored", version=version, numbers=shown)
    return forms.notice("source.title", lines([stored, news] if news else [stored]), form.t)


def _chosen(form: Form, source: LeadSource, kept: Delivery) -> dict[str, str] | None:
    """Return the mapping that was corrected, or of an earlier version; None: there is no such version."""
    if earlier := form.values.get(ids.SOURCE_VERSION):
        versions = sources.mappings(form.tx, source.workspace_id, source.id)
        return next((each.fields for each in versions if str(each.version) == earlier), None)
    known = _fields(form, source)
    # The parts stand in the order in which they were shown: the delivery never changes.
    parts = proposals(source, kept, known)[: source_blocks.PATHS_SHOWN]
    chosen = {each.path: form.values.get(f"{ids.SOURCE_FIELD}:{number}") for number, each in enumerate(parts)}
    return agreed(parts, known) | {path: field for path, field in chosen.items() if field in FIELDS}


def _read_again(form: Form, source: LeadSource, fields: dict[str, str], version: int) -> list[int]:
    """Return the numbers of the MQLs that came of what waited."""
    numbers: list[int] = []
    again = deliveries.to_read_again(form.tx, form.workspace.id, source.id)[:MOST_READ_AGAIN]
    rereading.record(form.tx, form.workspace.id, source.name, len(again), Author.in_slack(form.by), form.now)
    for delivery_id in again:
        reread = rereading.read_again(form.tx, source, delivery_id, fields, version, form.by, form.now)
        numbers += reread.mqls
    return numbers
