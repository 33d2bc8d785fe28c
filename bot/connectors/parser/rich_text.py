"""A rich_text block as text in Slack's markup, so that both are read in one way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.connectors.parser.mrkdwn import literal

MAX_DEPTH = 6
_BROKEN_LINES = {"rich_text_section", "rich_text_preformatted", "rich_text_quote", "rich_text_list"}


def markup(element: object, depth: int = 0) -> str:
    """Return the element and everything in it; anything unknown or nested too deep is an empty text."""
    if not isinstance(element, Mapping) or depth > MAX_DEPTH:
        return ""
    kind = element.get("type")
    if kind in {"rich_text", *_BROKEN_LINES}:
        children = element.get("elements")
        inner = [markup(child, depth + 1) for child in children] if isinstance(children, list) else []
        return _joined(kind, inner)
    return _leaf(kind, element)


def _joined(kind: object, inner: Iterable[str]) -> str:
    # Sections of a list or of the whole block are lines of their own; the parts of one section are not.
    return "\n".join(inner) if kind in {"rich_text", "rich_text_list"} else "".join(inner)


def _leaf(kind: object, element: Mapping[str, object]) -> str:
    if kind == "text":
        return _styled(literal(_string(element, "text")), element.get("style"))
    if kind == "link":
        return _link(_string(element, "url"), _string(element, "text"))
    if kind == "user":
        return f"<@{literal(_string(element, 'user_id'))}>"
    if kind == "date":
        return literal(_string(element, "fallback"))
    return ""  # Emoji and mentions say nothing about the lead.


def _styled(shown: str, style: object) -> str:
    if not (isinstance(style, Mapping) and style.get("bold")) or not shown.strip():
        return shown
    return "\n".join(_bold(each) for each in shown.split("\n"))


def _bold(each: str) -> str:
    return f"*{each.strip()}* " if each.strip() else each


def _link(url: str, label: str) -> str:
    safe = url.replace("<", "%3C").replace(">", "%3E").replace("|", "%7C").replace("\n", "")
    return f"<{safe}|{literal(label).replace(chr(10), ' ')}>" if safe else literal(label)


def _string(element: Mapping[str, object], key: str) -> str:
    value = element.get(key)
    return value if isinstance(value, str) else ""
