"""Which of a message's links opens the lead's record."""

from __future__ import annotations

from bot.connectors.parser.page import Place, PlacedLink
from bot.connectors.parser.record_hosts import is_record_host

OPENING_WORDS = (
    *("view", "open", "record", "contact", "lead", "crm", "hubspot", "salesforce", "details"),
    *("詳細", "開く", "表示", "確認", "レコード", "コンタクト", "リード", "見る"),
)


def record_url(links: list[PlacedLink]) -> str | None:
    """Return the link to the record: at a known tool, else by its words, else the title's, else the only button's."""
    buttons = [link for link in links if link.place is Place.BUTTON]
    ranked = [
        *(link for link in links if is_record_host(link.url)),
        *(link for link in links if _opens(link)),
        *(link for link in links if link.place is Place.TITLE),
        *(buttons if len(buttons) == 1 else []),
    ]
    return ranked[0].url if ranked else None


def _opens(link: PlacedLink) -> bool:
    shown = link.label.casefold()
    return link.label != link.url and any(word in shown for word in OPENING_WORDS)
