"""Tools that send to addresses of ours: how they stand, and what each part of a delivery is taken for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from bot.connectors.sources.corrections import Edition
from bot.connectors.sources.proposal import FIELDS, SURE, Proposal
from bot.connectors.sources.setup import may_name_organization
from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.forms import field, modal, text_input
from bot.slack.blocks.base.kit import (
    Block,
    Element,
    View,
    actions,
    button,
    context,
    first_of,
    lines,
    option,
    section,
    select,
)
from bot.slack.blocks.base.text import bare_name, line
from storage.models import LeadSource

SOURCES_SHOWN = 40
PATHS_SHOWN = 60
VERSIONS_SHOWN = 20
NAME = 60
KEPT_ASIDE = "attribute"
ORGANIZATION_LETTERS = 18


def standing(source: LeadSource, t: Translator) -> str:
    """Return a source in one plain line: its kind, its proof, and how the newest delivery went."""
    went = t("source.nothing_yet")
    if source.last_at is not None and source.last_state is not None:
        went = t("source.last", at=t.moment(source.last_at), went=t(f"source.state.{source.last_state}"))
    kind, proof = t(f"source.kind.{source.kind}"), t(f"source.proof.{source.proof}")
    return t("source.line", name=line(source.name, NAME), kind=kind, proof=proof, went=went)


def page(sources: Sequence[LeadSource], t: Translator, taught: Sequence[Block] = (), *, may_add: bool) -> View:
    """Return every source, each with a button that shows what came last. `taught`: the apps of the intake channel whose
    messages people have taught to read. `may_add`: the reader may connect another tool."""
    more = actions([button(t("button.setup_source"), ids.SETUP_SOURCE, 0)] if may_add else [])
    if not sources:
        return modal(t("source.title"), [section(t.md("source.none_in_slack")), *more, *taught], t)
    rows = first_of(sources, SOURCES_SHOWN, lambda source: [_row(source, t)], t)
    return modal(t("source.title"), [section(t.md("source.about")), *rows, *more, *taught], t)


def _row(source: LeadSource, t: Translator) -> Block:
    shown = escape(standing(source, t))
    if source.last_at is None and not may_name_organization(source):
        return section(shown)
    aloud = t("source.look_at", name=line(source.name, NAME))
    return section(shown, button(t("button.source_look"), ids.LOOK_AT_SOURCE, source.id, say=aloud))


def form(
    source: LeadSource,
    delivery_id: int | None,
    proposals: Sequence[Proposal],
    t: Translator,
    editions: Sequence[Edition] = (),
    names: Mapping[str, str] = MappingProxyType({}),
    organizations: Sequence[Block] = (),
) -> View:
    """Return what the newest delivery holds, each part with the field that it is taken for, to be corrected; or to go
    back to an earlier version of the mapping. `delivery_id`: None: nothing came yet. `editions`: the newest first;
    `names`: of the people who made them. `organizations`: whose messages are taken, where that can be said."""
    if not proposals:
        return _without_parts(source, delivery_id, organizations, t)
    about = lines([t.md("source.form_about", name=line(source.name, NAME)), t.md("source.form_after")])
    parts = [_part(number, each, t) for number, each in enumerate(proposals[:PATHS_SHOWN])]
    left = len(proposals) - len(parts)
    rest = [context(t.md("list.more", count=left))] if left else []
    kept = {"source": source.id, "delivery": delivery_id}
    blocks = [section(about), *parts, *rest, *organizations, *_versions(editions, names, t)]
    return modal(t("source.title"), blocks, t, submit=t("source.submit"), callback_id=ids.SOURCE_FORM, **kept)


def _without_parts(source: LeadSource, delivery_id: int | None, organizations: Sequence[Block], t: Translator) -> View:
    why = "source.nothing_came" if delivery_id is None else "source.nothing_to_map"
    blocks = [section(t.md(why, name=line(source.name, NAME))), *organizations]
    if not any(block["type"] == "input" for block in organizations):
        return modal(t("source.title"), blocks, t)
    submit, callback_id = t("source.submit"), ids.SOURCE_FORM
    return modal(t("source.title"), blocks, t, submit=submit, callback_id=callback_id, source=source.id)


def organization(known: str | None, t: Translator, *, may_change: bool) -> Block:
    """Return of which organisation of Salesforce messages are taken, to be entered by whoever `may_change` it."""
    if not may_change:
        return context(takes_from(known, t))
    entered = text_input(ids.SOURCE_ORGANIZATION, known, most=ORGANIZATION_LETTERS)
    label, hint = t("source.organization"), t("source.organization_hint")
    return field(ids.SOURCE_ORGANIZATION, label, entered, optional=True, hint=hint)


def takes_from(known: str | None, t: Translator) -> Mrkdwn:
    """Return the sentence that says of which organisation messages are taken."""
    if known is None:
        return t.md("source.organization_any")
    return t.md("source.organization_is", organization=known)


def _versions(editions: Sequence[Edition], names: Mapping[str, str], t: Translator) -> list[Block]:
    """Return who stored the version that counts, and the choice of an earlier one."""
    if not editions:
        return []
    blocks = [context(t.md("source.version_now", which=edition_line(editions[0], names, t)))]
    if earlier := earlier_versions(editions, names, t):
        chooser = select(ids.SOURCE_VERSION, earlier, t("source.keep_version"))
        blocks.append(
            field(ids.SOURCE_VERSION, t("source.go_back"), chooser, optional=True, hint=t("source.back_hint"))
        )
    return blocks


def earlier_versions(editions: Sequence[Edition], names: Mapping[str, str], t: Translator) -> list[Element]:
    """Return the versions to go back to, as options of a menu."""
    return [option(edition_line(each, names, t), str(each.version)) for each in editions[1 : 1 + VERSIONS_SHOWN]]


def edition_line(edition: Edition, names: Mapping[str, str], t: Translator) -> str:
    """Return a version in a line: its number, when it was stored, and by whom."""
    return t("source.version", version=edition.version, who=edited_by(edition, names, t), at=t.moment(edition.at))


def edited_by(edition: Edition, names: Mapping[str, str], t: Translator) -> str:
    """Return who stored a version; where it was no person in Slack, the command line."""
    if edition.by is None:
        return t("source.versions.command_line")
    return t("source.versions.by", by=bare_name(names.get(edition.by)) or edition.by)


def _part(number: int, proposal: Proposal, t: Translator) -> Block:
    taken_for = proposal.field if proposal.confidence >= SURE else KEPT_ASIDE
    options = [option(t(f"teach.field.{name}"), name) for name in FIELDS]
    chooser = select(ids.SOURCE_FIELD, options, t("form.choose"), taken_for)
    hint = t("source.example", value=line(proposal.value, 100)) if proposal.value.strip() else None
    if proposal.confidence < SURE and proposal.field != KEPT_ASIDE:
        guess = t("source.maybe", field=t(f"teach.field.{proposal.field}"))
        hint = t.flow(hint, guess) if hint else guess
    # Its number and not its path, which may be longer than a block's id.
    return field(f"{ids.SOURCE_FIELD}:{number}", line(proposal.path, 150), chooser, hint=hint)
