"""Words that a module lists."""

from __future__ import annotations


def words(listed: str) -> frozenset[str]:
    """Return the words of a text, apart by spaces; an underscore is a space inside of one."""
    return frozenset(word.replace("_", " ") for word in listed.split())
