"""The query of kintone's record API: conditions, order by, limit and offset (kintone documentation: query notation)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from playground.crm.kintone import errors
from playground.crm.kintone.form import Field

LARGEST_LIMIT, LARGEST_OFFSET = 500, 10_000
_TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|>=|<=|!=|[=<>(),]|[^\s"=<>!(),]+)')
_NUMERIC = {"__ID__", "__REVISION__", "NUMBER"}
_MOMENTS = {"CREATED_TIME", "UPDATED_TIME", "DATETIME"}

Row = Mapping[str, Any]
"""A record as queries see it: codes, `$id`, `$revision`; moments as datetime, users as lists of codes."""
Test = Callable[[Row], bool]


@dataclass(frozen=True)
class Query:
    """A query that was understood."""

    test: Test
    order: tuple[tuple[str, bool], ...]
    """Codes, and whether each descends."""
    limit: int
    offset: int


def read(text: str, fields: Mapping[str, Field]) -> Query:
    """Read a query. Raises Refused, with kintone's code."""
    types = {code: field.type for code, field in fields.items()} | {"$id": "__ID__", "$revision": "__REVISION__"}
    return _Reader(text, types).query()


class _Reader:
    """Reads token after token."""

    def __init__(self, text: str, types: Mapping[str, str]) -> None:
        self._types = types
        self._tokens: list[str] = []
        at = 0
        text = text.strip()
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                raise _malformed(text[at:])
            self._tokens.append(match[1])
            at = match.end()

    def query(self) -> Query:
        """Read conditions, order, limit and offset, each of which may be missing."""
        test: Test = _everything
        if self._tokens and self._word() not in ("order", "limit", "offset"):
            test = self._either()
        order = self._order() if self._take("order") else (("$id", True),)
        limit = self._number(LARGEST_LIMIT, "GAIA_QU01") if self._take("limit") else 100
        offset = self._number(LARGEST_OFFSET, "GAIA_QU02") if self._take("offset") else 0
        if self._tokens:
            raise _malformed(" ".join(self._tokens))
        return Query(test, order, limit, offset)

    def _word(self) -> str:
        return self._tokens[0].lower() if self._tokens else ""

    def _next(self) -> str:
        if not self._tokens:
            raise _malformed("the end")
        return self._tokens.pop(0)

    def _take(self, word: str) -> bool:
        if self._word() != word:
            return False
        self._next()
        return True

    def _number(self, most: int, code: str) -> int:
        text = self._next()
        if not text.isdecimal():
            raise _malformed(text)
        if int(text) > most:
            raise errors.refused(400, code, broken=f"{text} is more than {most}")
        return int(text)

    def _order(self) -> tuple[tuple[str, bool], ...]:
        if not self._take("by"):
            raise _malformed("order")
        order = []
        while True:
            code = self._next()
            self._must_exist(code)
            ascending = self._take("asc")
            if not ascending:
                self._take("desc")
            order.append((code, not ascending))
            if not self._take(","):
                return tuple(order)

    def _either(self) -> Test:
        tests = [self._both()]
        while self._take("or"):
            tests.append(self._both())
        return (lambda row: any(test(row) for test in tests)) if len(tests) > 1 else tests[0]

    def _both(self) -> Test:
        tests = [self._condition()]
        while self._take("and"):
            tests.append(self._condition())
        return (lambda row: all(test(row) for test in tests)) if len(tests) > 1 else tests[0]

    def _condition(self) -> Test:
        if self._take("("):
            inner = self._either()
            if not self._take(")"):
                raise _malformed("(")
            return inner
        code = self._next()
        self._must_exist(code)
        if self._take("not"):
            members = self._members(code)
            return lambda row: not _is_in(row[code], members)
        if self._word() == "in":
            members = self._members(code)
            return lambda row: _is_in(row[code], members)
        return self._comparison(code, self._next())

    def _members(self, code: str) -> list[Any]:
        if not self._take("in") or not self._take("("):
            raise _malformed("in")
        members = [self._value(code)]
        while self._take(","):
            members.append(self._value(code))
        if not self._take(")"):
            raise _malformed("in")
        return members

    def _comparison(self, code: str, operator: str) -> Test:
        if operator not in _COMPARE:
            raise _malformed(operator)
        kind = self._types[code]
        if operator not in ("=", "!=") and kind not in _NUMERIC | _MOMENTS:
            raise errors.refused(400, "GAIA_IQ03", broken=f"{code} of type {kind} takes no {operator}")
        compare, value = _COMPARE[operator], self._value(code)
        return lambda row: row[code] not in ("", None) and compare(row[code], value)

    def _value(self, code: str) -> Any:
        text = self._next()
        kind = self._types[code]
        quoted = len(text) > 1 and text.startswith('"')
        plain = re.sub(r"\\(.)", r"\1", text[1:-1]) if quoted else text
        if not quoted and kind not in _NUMERIC:
            raise _malformed(text)
        try:
            if kind in _NUMERIC:
                return float(plain)
            return datetime.fromisoformat(plain) if kind in _MOMENTS else plain
        except ValueError:
            raise _malformed(text) from None

    def _must_exist(self, code: str) -> None:
        if code not in self._types:
            raise errors.refused(400, "GAIA_IQ11", broken=f"no field {code}")


_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda mine, theirs: bool(mine == theirs),
    "!=": lambda mine, theirs: bool(mine != theirs),
    ">": lambda mine, theirs: bool(mine > theirs),
    "<": lambda mine, theirs: bool(mine < theirs),
    ">=": lambda mine, theirs: bool(mine >= theirs),
    "<=": lambda mine, theirs: bool(mine <= theirs),
}


def _everything(_row: Row) -> bool:
    return True


def _is_in(value: Any, members: list[Any]) -> bool:
    return bool(set(value) & set(members)) if isinstance(value, list) else value in members


def _malformed(where: str) -> Exception:
    return errors.refused(400, "GAIA_IQ03", broken=f"query: cannot read {where}")


def sort_key(row: Row, code: str) -> tuple[bool, Any]:
    """Return what a row is ordered by: empty values first."""
    value = row[code]
    return (value not in ("", None, []), value if not isinstance(value, list) else ",".join(value))
