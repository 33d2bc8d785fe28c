"""The leads in what an MA or form tool's app posted into the intake channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from bot.connectors.parser import (
    known_layouts,
    labels,
    layout,
    lead_groups,
    mrkdwn,
    people,
    solicitations,
    text,
    values,
    verdicts,
)
from bot.connectors.parser.doubt import Doubt, doubts, malformed
from bot.connectors.parser.draft import Draft
from bot.connectors.parser.guesses import Guess, Kind, guesses, layout_of
from bot.connectors.parser.line import label_text
from bot.connectors.parser.links import record_url
from bot.connectors.parser.ours import NOBODY, Ours
from bot.connectors.parser.page import Page
from bot.connectors.sources.contract import NotALead
from bot.connectors.sources.records import external_id, record_id
from bot.core.mql.lead import Lead
from bot.core.mql.notice_layout import Layout

MAX_FOUND = 50
_NOT_THE_LEADS = frozenset({"owner", "attribute", "message"})

Reason = Literal[
    "empty",
    "no_fields",
    "several_emails",
    "several_leads",
    "nobody",
    "bad_value",
    "ours_only",
    "perhaps_no_lead",
    "perhaps_pitch",
    "unsure_email",
    "unsure_phone",
    "unsure_company",
    "unsure_person",
    "unsure_title",
    "unsure_message",
    "unsure_whole",
    "guess_label",
    "guess_unlabelled",
    "guess_message_end",
    "guess_stray",
    "guess_unknown",
]
_UNSURE: Mapping[Doubt, Reason] = {
    "email": "unsure_email",
    "phone": "unsure_phone",
    "company": "unsure_company",
    "person": "unsure_person",
    "title": "unsure_title",
    "message": "unsure_message",
    "whole": "unsure_whole",
}
_GUESSED: Mapping[Kind, Reason] = {
    "label": "guess_label",
    "unlabelled": "guess_unlabelled",
    "message_end": "guess_message_end",
    "stray": "guess_stray",
    "unknown": "guess_unknown",
}


@dataclass(frozen=True)
class Unreadable:
    """A message that holds no lead for certain, and which labels stood in it.

    `reason`: `empty` no words; `no_fields` words, but neither a known label nor an e-mail address; `several_emails`
    no known label and more than one address, so that nobody can tell which is the lead's; `several_leads` the fields of
    more than one person, and no saying where one ends; `nobody` fields, but neither company, person nor e-mail among
    them; `bad_value` the only one of these cannot be right; `ours_only` the only one of these is one of our own people;
    `perhaps_no_lead` its headline speaks of something else, and of a lead too; `perhaps_pitch` it offers something
    to us; `unsure_…` a lead was read, and a
    piece of the message is left that may belong to this field, or (`whole`) lines that look like fields; `guess_…` a
    lead was read, and a piece of it is a guess (`bot/connectors/parser/guesses.py` says which).
    `lead`: what was read all the same, for the form of whoever decides.
    `guess`: the first thing that was guessed. `layout`: what a person confirms who says that it was read rightly; None:
    it would say nothing of another message.
    """

    reason: Reason
    found: tuple[str, ...] = ()
    lead: Lead | None = None
    guess: Guess | None = None
    layout: Layout | None = None


Reading = list[Lead] | Unreadable | NotALead


@dataclass(frozen=True)
class Confirmed:
    """A layout that a person has confirmed, and what they corrected in it."""

    layout: Layout
    fields: Mapping[str, labels.Field] = field(default_factory=dict)
    """The field of a label."""


def read(message: Mapping[str, object], ours: Ours = NOBODY, confirmed: Sequence[Confirmed] = ()) -> Reading:
    """Return the leads in a message event, in their order, or why there is none. Never raises. `ours` are never the
    lead. `confirmed`: the layouts of its sender that a person has confirmed, the newest first: what is only guessed or
    doubted in another one waits."""
    page = layout.read(message)
    if page.is_empty:
        return Unreadable("empty")
    verdict = verdicts.verdict(page)
    if verdict and verdict.certain:
        return NotALead(verdict.reason)
    if lead_groups.are_several(page.pairs):
        leads = _several(page, ours) if verdict is None else None
        return leads or Unreadable("several_leads", _found(page))
    draft = _draft(page, ours)
    lead = draft.lead()
    if lead is None or verdict:
        reason = "perhaps_no_lead" if verdict else _reason(draft, page, ours)
        return Unreadable(reason, _found(page), lead)
    if solicitations.is_pitch(lead.message or ""):
        return Unreadable("perhaps_pitch", _found(page), lead)
    return _settled(page, draft, lead, ours, confirmed)


def _settled(page: Page, draft: Draft, lead: Lead, ours: Ours, confirmed: Sequence[Confirmed]) -> Reading:
    """Return the lead where it is certain, or a person has confirmed the layout; else what is unsure."""
    doubted = list(doubts(page, lead, ours))
    guessed = list(guesses(page, draft))
    if not (doubted or guessed):
        return [lead]
    unsure = [*(_UNSURE[each] for each in doubted), *(_GUESSED[each.kind] + " " + each.field for each in guessed)]
    own = layout_of(page, unsure)
    known = next((each for each in confirmed if own.is_like(each.layout)), None)
    if known is None and not doubted and known_layouts.knows(own):
        return [lead]
    if known is not None:
        corrected = _draft(page, ours, known.fields).lead() or lead if known.fields else lead
        if next(malformed(page, corrected, ours), None) is None:
            return [corrected]
    first = guessed[0] if guessed else None
    reason = _UNSURE[doubted[0]] if doubted else _GUESSED[guessed[0].kind]
    return Unreadable(reason, _found(page), lead, first, own)


def _draft(page: Page, ours: Ours, taught: Mapping[str, labels.Field] | None = None) -> Draft:
    draft = Draft(taught)
    for pair in page.pairs:
        draft.take(pair)
    draft.join_names()
    draft.settle_guesses()
    draft.settle_weak(ours)
    draft.put_ours_aside(ours)
    draft.settle_email(_addresses(page, ours, draft))
    unlabelled = "\n".join(values.line(each) for each in dict.fromkeys([*page.heads, *page.stray]))
    if "email" in draft.fields or (not page.names_fields and people.number(unlabelled)):
        draft.settle_prose(" ".join(values.line(head) for head in page.heads))
        draft.settle_unlabelled(unlabelled, ours)
    url = record_url(page.links)
    if "crm_url" not in draft.fields and url:
        draft.fields["crm_url"] = url
        draft.labels["crm_url"] = "Link"
    known = record_id(str(draft.fields.get("external_id") or draft.fields.get("crm_url") or ""))
    if known:  # one id of one tool, whether it comes by webhook or by its link in a notice
        draft.fields |= {"external_id": external_id(*known), "record_ids": dict([known])}
        draft.labels.setdefault("external_id", "Link")
    if not page.names_fields and not page.is_headline_alone:
        draft.tell_as_message("\n".join(page.stray))
    elif page.names_fields:
        draft.take_quoted(page.stray)
    draft.settle_employer()
    return draft


def _addresses(page: Page, ours: Ours, draft: Draft) -> list[str]:
    """Return the addresses that may be the lead's: not those of our own people, of machines, nor those in a message
    that has its label. Where the lead has a name, an address under a label that says nothing may be anybody's, unless
    it tells the name or the company itself."""
    labelled = [pair.value for pair in page.pairs if labels.field_of(pair.label) not in _NOT_THE_LEADS]
    name, firm = (str(draft.fields.get(each, "")) for each in ("person", "company"))
    unsure = mrkdwn.addresses("\n".join(labelled))
    if draft.names_somebody:
        unsure = [each for each in unsure if people.confirms(each, name, firm)]
    addresses = dict.fromkeys([*mrkdwn.addresses("\n".join(page.stray)), *unsure])
    return [
        each
        for each in addresses
        if not ours.has_address(each) and not ours.has_domain(each) and not values.is_machine(each)
    ]


def _several(page: Page, ours: Ours) -> list[Lead] | None:
    begins = lead_groups.starts(page.pairs)
    if begins is None:
        return None
    parts = _split(page, begins)
    drafts = [_draft(part, ours) for part in parts]
    leads = [lead for draft in drafts if (lead := draft.lead()) is not None]
    if len(leads) < len(parts) or any(next(doubts(*each, ours), None) for each in zip(parts, leads, strict=True)):
        return None
    return leads


def _split(page: Page, begins: Sequence[int]) -> list[Page]:
    """Return a page for each lead, with its own links; what stands before the first is said of all."""
    shared = page.pairs[: begins[0]]
    parts = []
    for begin, end in zip(begins, [*begins[1:], len(page.pairs)], strict=True):
        own = [link for link in page.links if begin < link.after <= end]
        parts.append(Page(pairs=[*shared, *page.pairs[begin:end]], links=own))
    return parts


def _reason(draft: Draft, page: Page, ours: Ours) -> Reason:
    if draft.spoilt & {"company", "person", "email"}:
        return "bad_value"
    addresses = mrkdwn.addresses("\n".join([*page.stray, *(pair.value for pair in page.pairs)]))
    if addresses and all(ours.has_address(each) for each in addresses):
        return "ours_only"
    if page.names_fields:
        return "nobody"
    return "several_emails" if len(addresses) > 1 else "no_fields"


def _found(page: Page) -> tuple[str, ...]:
    shown = (text.cut(label_text(pair.label), 200) for pair in page.pairs[:MAX_FOUND])
    return tuple(dict.fromkeys(label for label in shown if label))
