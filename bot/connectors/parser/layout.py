"""Where in a Slack message the fields stand: blocks, attachments, or the text alone."""

from __future__ import annotations

from collections.abc import Mapping

from bot.connectors.parser import blocks
from bot.connectors.parser.blocks import items, string
from bot.connectors.parser.mrkdwn import literal
from bot.connectors.parser.page import Page, Place

MAX_ATTACHMENTS = 20
MAX_FILES = 5


def read(message: Mapping[str, object]) -> Page:
    """Return everything that the message shows. Text that only stands in for blocks is not read twice."""
    page = _body(message)
    for attachment in items(message.get("attachments"), MAX_ATTACHMENTS):
        # A preview of a linked page speaks of that page, not of the lead.
        if isinstance(attachment, Mapping) and not attachment.get("from_url"):
            page.add(_attachment(attachment))
    for file in items(message.get("files"), MAX_FILES):
        if isinstance(file, Mapping) and string(file, "filetype") == "email":
            page.add(_mail(file))
    return page


def _body(message: Mapping[str, object]) -> Page:
    shown = blocks.read(message.get("blocks"))
    written = Page()
    written.add_text(string(message, "text"))
    if shown.names_fields or not (shown.is_empty or written.names_fields):
        shown.heads += written.heads
        return shown
    written.links += shown.links
    written.heads += shown.heads
    return written


def _mail(file: Mapping[str, object]) -> Page:
    """Read a mail that was sent to the channel's address; what other files hold Slack does not tell."""
    subject = literal(string(file, "subject") or string(file, "title"))
    written = literal(string(file, "plain_text") or string(file, "preview_plain_text"))
    senders = [each for each in items(file.get("from"), 1) if isinstance(each, Mapping)]
    sender = literal(string(senders[0], "original") or string(senders[0], "address")) if senders else ""
    page = Page(heads=[subject])
    page.add_mail(sender, subject, written)
    return page


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
