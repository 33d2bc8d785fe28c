"""Regular expressions that are compiled when they are first asked: those of what people write take a twentieth of a
start, and nobody needs them before somebody writes (docs/adr/0063-what-a-start-does-without.md)."""

from __future__ import annotations

import re
from typing import Any, cast

_METHODS = ("search", "match", "fullmatch", "sub", "split", "findall", "finditer")


class _Late:
    """What stands for a pattern. After the first question its methods are the compiled pattern's own."""

    def __init__(self, text: str, flags: int) -> None:
        self.pattern, self.flags = text, flags

    def __getattr__(self, name: str) -> Any:
        if name not in _METHODS:
            raise AttributeError(name)
        compiled = re.compile(self.pattern, self.flags)
        self.__dict__.update({method: getattr(compiled, method) for method in _METHODS})
        return getattr(compiled, name)


def regex(text: str, flags: int = 0) -> re.Pattern[str]:
    """Return what can be asked as `re.compile(text, flags)` can. The functions of `re` do not take it."""
    return cast("re.Pattern[str]", _Late(text, flags))
