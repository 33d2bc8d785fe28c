"""The hosts of tools that keep leads."""

from __future__ import annotations

from bot.connectors.parser import mrkdwn

# Hosts of tools that keep leads, with their subdomains.
RECORD_HOSTS = (
    "hubspot.com",
    "salesforce.com",
    "force.com",
    "pardot.com",
    "marketo.com",
    "dynamics.com",
    "pipedrive.com",
    "zoho.com",
    "zoho.jp",
    "cybozu.com",
    "kintone.com",
    "mazrica.com",
    "satr.jp",
    "bow-now.jp",
    "sansan.com",
)


def is_record_host(url: str) -> bool:
    """Return whether a web address is at a tool that keeps leads."""
    host = mrkdwn.host(url)
    return any(host == known or host.endswith("." + known) for known in RECORD_HOSTS)
