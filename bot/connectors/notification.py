"""A lead from what an MA or form tool's app posted into the intake channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bot.connectors.parser import labels, layout, mrkdwn, text
from bot.connectors.parser.draft import Draft
from bot.connectors.parser.line import label_text
from bot.connectors.parser.links import record_url
from bot.connectors.parser.page import Page
from bot.core.mql.lead import Lead

MAX_FOUND = 50

Reason = Literal["empty", "no_fields", "several_emails", "nobody", "bad_value"]


@dataclass(frozen=True)
class Unreadable:
    """A message that holds no lead, and which labels stood in it.

    `reason`: `empty` no words; `no_fields` words, but neither a known label nor an e-mail address; `several_emails`
    no known label and more than one address, so that nobody can tell which is the lead's; `nobody` fields, but neither
    company, person nor e-mail among them; `bad_value` the only one of these cannot be right.
    """

    reason: Reason
    found: tuple[str, ...] = ()


def read(message: Mapping[str, object]) -> Lead | Unreadable:
    """Return the lead in a message event, or why there is none. Never raises."""
    page = layout.read(message)
    if page.is_empty:
        return Unreadable("empty")
    draft = Draft()
    for pair in page.pairs:
        draft.take(pair)
    draft.join_names()
    elsewhere = _addresses(page)
    draft.settle_email(elsewhere)
    _settle_rest(draft, page)
    return draft.lead() or Unreadable(_reason(draft, page, elsewhere), _found(page))


def _addresses(page: Page) -> list[str]:
    """Return the addresses that may be the lead's: not those of our own people, nor those in a message that has its
    label."""
    unsure = [pair.value for pair in page.pairs if labels.field_of(pair.label) not in {"owner", "attribute", "message"}]
    return mrkdwn.addresses("\n".join([*page.stray, *unsure]))


def _settle_rest(draft: Draft, page: Page) -> None:
    url = record_url(page.links)
    if "crm_url" not in draft.fields and url:
        draft.fields["crm_url"] = url
        draft.labels["crm_url"] = "Link"
    if not page.names_fields:
        draft.tell_as_message("\n".join(page.stray))


def _reason(draft: Draft, page: Page, elsewhere: list[str]) -> Reason:
    if draft.spoilt & {"company", "person", "email"}:
        return "bad_value"
    if page.names_fields:
        return "nobody"
    return "several_emails" if len(elsewhere) > 1 else "no_fields"


def _found(page: Page) -> tuple[str, ...]:
    shown = (text.cut(label_text(pair.label), 200) for pair in page.pairs[:MAX_FOUND])
    return tuple(dict.fromkeys(label for label in shown if label))
