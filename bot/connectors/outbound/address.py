"""Where a webhook may go: to public addresses, by https. An intranet's hosts have to be allowed by name, so that a team
file cannot make the bot knock at doors inside its own network."""

from __future__ import annotations

import socket
from collections.abc import Collection
from ipaddress import IPv6Address, ip_address
from typing import Any
from urllib.parse import urlsplit

PORTS = {"https": 443, "http": 80}


class Refused(Exception):
    """We do not go there. The text is a code of ours."""


def trouble(url: str, allowed: Collection[str]) -> str | None:
    """Return what keeps a webhook from this address for good: "webhook_needs_https", "webhook_not_public"; or None. A
    name is looked up only when something is sent."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host in allowed:
        return None
    if parts.scheme != "https":
        return "webhook_needs_https"
    try:
        is_open = is_public(host)
    except ValueError:
        is_open = host != "localhost" and not host.endswith(".localhost")
    return None if is_open else "webhook_not_public"


def is_public(address: str) -> bool:
    """Return whether an IP address is one of the internet's: not private, loopback, link-local, multicast or reserved,
    which is also where another network's addresses stand in the clothes of IPv6. Raises ValueError where it is none."""
    address_of_ip = ip_address(address)
    clothed = isinstance(address_of_ip, IPv6Address) and (
        address_of_ip.ipv4_mapped or address_of_ip.sixtofour or address_of_ip.teredo or address_of_ip.is_site_local
    )
    return address_of_ip.is_global and not (address_of_ip.is_multicast or address_of_ip.is_reserved or clothed)


def addresses(url: str, allowed: Collection[str]) -> list[tuple[socket.AddressFamily, Any]]:
    """Return the addresses behind a URL, to connect to as they are: asked a second time a name might answer otherwise.

    Raises Refused where we may not go there, and OSError or UnicodeError where the name means nothing.
    """
    if refused := trouble(url, allowed):
        raise Refused(refused)
    parts = urlsplit(url)
    host = parts.hostname or ""
    resolved = socket.getaddrinfo(host, parts.port or PORTS[parts.scheme], type=socket.SOCK_STREAM)
    if not resolved:
        raise OSError("no address")
    if host not in allowed and not all(is_public(str(where[0])) for *_, where in resolved):
        raise Refused("webhook_not_public")
    return [(family, where) for family, *_, where in resolved]
