"""Slack's own markup: `<target|label>`, and `&amp; &lt; &gt;`, which are undone exactly once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.connectors.parser import text

_TOKEN = re.compile(r"<([^<>\n]{1,4000})>")
_ENTITY = re.compile(r"&(amp|lt|gt);")
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">"}
_OF_HTML = re.compile(r"&(quot|apos|nbsp|#0*39|#x0*27|#0*34|#x0*22);", re.IGNORECASE)
_SIGNS = {"quot": '"', "apos": "'", "nbsp": " ", "39": "'", "27": "'", "34": '"', "22": '"'}
# The parts are bounded and start at a boundary, so that a long run of letters costs no more than its length.
_LOCAL = r"A-Za-z0-9.!#%'+_&-"
_DOMAIN = r"[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+"
_ADDRESS = re.compile(rf"(?<![{_LOCAL}])[.!#%'+&-]{{0,3}}([A-Za-z0-9_][{_LOCAL}]{{0,63}}@{_DOMAIN})")
_MARKDOWN_LINK = re.compile(r"\[([^\[\]\n]{1,200})\]\((https?://[^\s()<>|]{1,2000})\)")


@dataclass(frozen=True)
class Link:
    """A web address and the words that stood on it."""

    url: str
    label: str


def plain(raw: str) -> str:
    """Return what a reader sees: labels of links, names, and the characters that Slack had escaped."""
    parts: list[str] = []
    end = 0
    for token in _TOKEN.finditer(raw):
        parts += [unescaped(raw[end : token.start()]), _seen(token[1])]
        end = token.end()
    return "".join([*parts, unescaped(raw[end:])])


def unescaped(raw: str) -> str:
    """Return the text with Slack's three escapes undone once, so that a typed `&amp;lt;` stays `&lt;`; and what forms
    escape as HTML before they send it, which Slack never does."""
    once = _ENTITY.sub(lambda entity: _ENTITIES[entity[1]], raw)
    return _OF_HTML.sub(lambda entity: _SIGNS[entity[1].lower().lstrip("#0x")], once)


def literal(shown: str) -> str:
    """Text in which `<` was never markup (plain_text, rich_text), made ready for `plain`."""
    return shown.replace("<", "&lt;").replace(">", "&gt;")


def from_markdown(source: str) -> str:
    """Markdown links as Slack's links."""
    return _MARKDOWN_LINK.sub(lambda link: f"<{link[2]}|{link[1]}>", source)


def addresses(raw: str) -> list[str]:
    """Return every different e-mail address, in order, whether linked or bare."""
    linked = [_address(target) for target, _ in _targets(raw) if target.startswith("mailto:")]
    bare = _ADDRESS.findall(text.compatible(plain(raw)))
    unique: dict[str, str] = {}
    for address in [*linked, *bare]:
        if "@" in address:
            unique.setdefault(address.lower(), address)
    return list(unique.values())


def without_addresses(shown: str) -> str:
    """Return a name without the address that stood beside it, in brackets or not."""
    return re.sub(r"[(（<\[]\s*[)）>\]]", "", _ADDRESS.sub("", shown)).strip(" ,/|-")


def links(raw: str) -> list[Link]:
    """Return every web link in the text."""
    return [Link(target, label or target) for target, label in _targets(raw) if is_web(target)]


def is_web(url: str) -> bool:
    """Return whether this is an http(s) address with a host."""
    return url.startswith(("https://", "http://")) and host(url) != ""


def host(url: str) -> str:
    """Return the host of an address, or an empty text where it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _targets(raw: str) -> list[tuple[str, str]]:
    tokens = (token[1].partition("|") for token in _TOKEN.finditer(raw))
    return [(unescaped(target).strip(), unescaped(label).strip()) for target, _, label in tokens]


def _address(target: str) -> str:
    return target.removeprefix("mailto:").partition("?")[0].strip()


def _seen(token: str) -> str:
    target, _, label = (unescaped(part) for part in token.partition("|"))
    if target.startswith("mailto:"):
        return label if label and "@" not in label else _address(target)
    if target.startswith("tel:"):
        return label or target.removeprefix("tel:")
    if target.startswith(("https://", "http://")):
        return label or target
    if target[:1] in {"@", "#"}:
        return target[0] + (label or target[1:]).lstrip(target[0])
    if target.startswith("!"):
        return label or "@" + target[1:].partition("^")[0]
    return f"<{unescaped(token)}>"
