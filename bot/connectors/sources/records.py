"""The records of tools: one id each, whether it came as a number in a body or in the link to the record."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from bot.connectors.parser import text
from storage.person_keys import salesforce_id

# host, and a pattern that finds the id in path?query#fragment. Only records that are a person: a deal is no lead.
_PAGES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("hubspot", ("hubspot.com",), r"^/contacts/\d+/(?:record/0-1|contact)/(\d+)"),
    ("salesforce", ("salesforce.com", "force.com"), r"\b((?:00Q|003)[A-Za-z0-9]{12}(?:[A-Z0-5]{3})?)(?![A-Za-z0-9])"),
    ("pardot", ("pardot.com",), r"/prospect/read/(?:id/)?(\d+)"),
    ("marketo", ("marketo.com",), r"[?&/](?:leadId|lead)[=/](\d+)"),
    ("kintone", ("cybozu.com", "kintone.com"), r"^/k/(?:guest/\d+/)?(\d+)/show[^#]*#(?:.*&)?record=(\d+)"),
    ("pipedrive", ("pipedrive.com",), r"^/(?:person|leads/inbox)/([0-9a-f-]+)"),
    ("zoho", ("zoho.com", "zoho.jp", "zoho.eu"), r"/tab/(?:Leads|Contacts)/(\d+)"),
    ("dynamics", ("dynamics.com",), r"(?=.*\betn=(?:lead|contact)\b).*\bid=(?:%7[Bb]|\{)?([0-9A-Fa-f-]{36})"),
)
_TOOLS = {name for name, _, _ in _PAGES} | {"bownow"}


def record_id(given: str) -> tuple[str, str] | None:
    """Return the tool and the id of a person's record, from its web address or from an id that tells its tool; None
    where neither does. `kintone` ids are `app/record`."""
    for tool, hosts, pattern in _PAGES:
        if given.startswith(("https://", "http://")) and _is_at(given, hosts):
            parts = urlsplit(given)
            match = re.search(pattern, f"{parts.path}?{parts.query}#{parts.fragment}")
            return (tool, _normal(tool, "/".join(match.groups()))) if match else None
    tool, colon, rest = given.partition(":")
    if colon and rest and tool in _TOOLS:
        return tool, _normal(tool, rest)
    if given[:3] in {"00Q", "003"} and salesforce_id(given) is not None:
        return "salesforce", _normal("salesforce", given)
    return None


def external_id(tool: str, given: str) -> str:
    """Return how a lead carries the id of its record: with the tool before it, because the numbers of two tools
    collide. Only an id of Salesforce is unique by itself."""
    bare = text.line(given)
    return _normal(tool, bare) if tool == "salesforce" else f"{tool}:{_normal(tool, bare)}"


def _normal(tool: str, given: str) -> str:
    if tool == "salesforce":
        return salesforce_id(given) or given
    return given.lower() if tool in {"dynamics", "pipedrive"} else given


def _is_at(url: str, hosts: tuple[str, ...]) -> bool:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return any(host == known or host.endswith("." + known) for known in hosts)
