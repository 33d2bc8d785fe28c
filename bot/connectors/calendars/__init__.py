"""Learns when reps are away from the calendars they publish at an address."""


class NotRead(Exception):
    """A calendar could not be read. The text is one of CODES."""


CODES = (
    "needs_https",
    "not_public",
    "dns",
    "tls",
    "timeout",
    "connection",
    "too_large",
    "redirects",
    "gone",
    "refused",
    "not_a_calendar",
    "too_many_entries",
    "no_key",
)
"""Why a calendar cannot be read. gone: nobody gives it out any more; refused: any other answer; no_key: its address
cannot be decrypted."""
