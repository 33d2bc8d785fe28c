"""On which line of a TOML text each key and value stands. The standard library's parser does not tell."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right

Path = tuple[str | int, ...]

_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_INLINE_SPACE = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
# A multi-line string may end in up to two quotes more than the three that close it.
_STRINGS = (r'"""(?:\\.|[^\\])*?"{3,5}', r"'''.*?'{3,5}", r'"(?:\\.|[^"\\\n])*"', r"'[^'\n]*'")
_STRING = re.compile("|".join(_STRINGS), re.DOTALL)
_OTHER_VALUE = re.compile(r"[^,\]}\n#]*")


def lines_of(text: str) -> dict[Path, int]:
    """Return the line, counted from 1, of every key, table and array item of a valid TOML text, by its path."""
    return _Finder(text).found


class _Finder:
    """One walk through a text that tomllib has accepted, so nothing is checked again."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.found: dict[Path, int] = {}
        self._breaks = [match.start() for match in re.finditer("\n", text)]
        self._tables: dict[Path, int] = {}
        table: Path = ()
        self._skip(_SPACE)
        while self.at < len(text):
            if text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(_SPACE)

    def _header(self) -> Path:
        array = self.text.startswith("[[", self.at)
        start = self.at
        self.at += 2 if array else 1
        keys = self._keys()
        self.at += 2 if array else 1
        path = (*self._inside((), keys[:-1]), keys[-1])
        if array:
            self._note(path, start)
            self._tables[path] = self._tables.get(path, -1) + 1
        path = self._inside((), keys)
        self._note(path, start)
        return path

    def _inside(self, table: Path, keys: list[str]) -> Path:
        """Return the path below `table`; where a key names an array of tables its newest table is meant."""
        path = table
        for key in keys:
            path += (key,)
            if path in self._tables:
                path += (self._tables[path],)
        return path

    def _pair(self, table: Path) -> None:
        start = self.at
        path = table
        for key in self._keys():
            path += (key,)
            self._note(path, start)
        self.at += 1  # the sign =
        self._skip(_INLINE_SPACE)
        self._value(path)

    def _keys(self) -> list[str]:
        keys: list[str] = []
        while True:
            self._skip(_INLINE_SPACE)
            quoted = self.text[self.at] in "\"'"
            raw = self._skip(_STRING if quoted else _BARE_KEY)
            keys.append(tomllib.loads(f"key = {raw}")["key"] if quoted else raw)
            self._skip(_INLINE_SPACE)
            if not self.text.startswith(".", self.at):
                return keys
            self.at += 1

    def _value(self, path: Path) -> None:
        sign = self.text[self.at]
        if sign == "[":
            self._array(path)
        elif sign == "{":
            self._inline_table(path)
        else:
            self._skip(_STRING if sign in "\"'" else _OTHER_VALUE)

    def _array(self, path: Path) -> None:
        index = 0
        self._step_in()
        while self.text[self.at] != "]":
            self._note((*path, index), self.at)
            self._value((*path, index))
            self._step_over_comma()
            index += 1
        self.at += 1

    def _inline_table(self, path: Path) -> None:
        self._step_in()
        while self.text[self.at] != "}":
            self._pair(path)
            self._step_over_comma()
        self.at += 1

    def _step_in(self) -> None:
        self.at += 1
        self._skip(_SPACE)

    def _step_over_comma(self) -> None:
        self._skip(_SPACE)
        if self.text[self.at] == ",":
            self._step_in()

    def _skip(self, pattern: re.Pattern[str]) -> str:
        matched = pattern.match(self.text, self.at)
        if matched is None:
            raise ValueError(f"not TOML at character {self.at}")
        self.at = matched.end()
        return matched.group()

    def _note(self, path: Path, at: int) -> None:
        self.found.setdefault(path, bisect_right(self._breaks, at - 1) + 1)
