"""Where in a Slack message the fields stand: blocks, attachments, or the text alone."""

from __future__ import annotations

from collections.abc import Mapping

from bot.connectors.parser import blocks
from bot.connectors.parser.blocks import items, string
from bot.connectors.parser.page import Page, Place

MAX_ATTACHMENTS = 20


def read(message: Mapping[str, object]) -> Page:
    """Return everything that the message shows. Text that only stands in for blocks is not read twice."""
    page = _body(message)
    for attachment in items(message.get("attachments"), MAX_ATTACHMENTS):
        # A preview of a linked page speaks of that page, not of the lead.
        if isinstance(attachment, Mapping) and not attachment.get("from_url"):
            page.add(_attachment(attachment))
    return page


def _body(message: Mapping[str, object]) -> Page:
    shown = blocks.read(message.get("blocks"))
    if shown.names_fields:
        return shown
    written = Page()
    written.add_text(string(message, "text"))
    if shown.is_empty or written.names_fields:
        written.links += shown.links
        return written
    return shown


def _attachment(attachment: Mapping[str, object]) -> Page:
    page = blocks.read(attachment.get("blocks"))
    _classic(page, attachment)
    if page.is_empty:
        page.add_text(string(attachment, "fallback"))
    return page


def _classic(page: Page, attachment: Mapping[str, object]) -> None:
    for key in ("pretext", "title", "text"):
        page.add_text(string(attachment, key))
    page.add_link(Place.TITLE, string(attachment, "title_link"), string(attachment, "title"))
    for field in items(attachment.get("fields"), blocks.MAX_CELLS):
        if isinstance(field, Mapping):
            page.add_pair(string(field, "title"), string(field, "value"))
    for action in items(attachment.get("actions"), blocks.MAX_CELLS):
        blocks.button(page, action)
