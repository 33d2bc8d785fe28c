"""Where Slack keeps files: at hosts of its own, over HTTPS. A message can name any address, and our token is for none
but Slack's."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

SITES = ("slack.com", "slack-gov.com")


def is_slacks(url: str, base_url: str) -> bool:
    """Return whether an address is one of Slack's, or of the server that stands for Slack. `base_url`: that of the Web
    API."""
    given, api = urlsplit(url), urlsplit(base_url)
    try:
        if (given.scheme, given.hostname, given.port) == (api.scheme, api.hostname, api.port):
            return given.username is None
        return _is_of_site(given, api)
    except ValueError:  # a port that is none
        return False


def _is_of_site(given: SplitResult, api: SplitResult) -> bool:
    site = next((site for site in SITES if (api.hostname or "").endswith(site)), None)
    plain = given.scheme == "https" and given.port is None and given.username is None
    return site is not None and plain and (given.hostname or "").endswith(f".{site}")
