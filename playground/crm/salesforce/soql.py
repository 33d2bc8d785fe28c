"""SOQL in the shapes that a connector needs: one object, comparisons, IN, AND and OR, ORDER BY, LIMIT. No more."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from playground.crm.salesforce import errors
from playground.crm.salesforce.schema import Field, ObjectType

_TOKEN = re.compile(r"\s*('(?:[^'\\]|\\.)*'|>=|<=|!=|[=<>(),]|[^\s'=<>!(),]+)")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_TEXTS = {"id", "string", "email", "phone", "picklist", "reference"}

Row = Mapping[str, Any]
Test = Callable[[Row], bool]


@dataclass(frozen=True)
class Query:
    """A query that was understood."""

    kind: ObjectType
    fields: tuple[str, ...]
    test: Test
    order: tuple[tuple[str, bool], ...]
    limit: int | None


def read(text: str, types: Mapping[str, ObjectType]) -> Query:
    """Read a query. Raises Refused, with Salesforce's code."""
    return _Reader(text, types).query()


class _Reader:
    """Reads token after token."""

    def __init__(self, text: str, types: Mapping[str, ObjectType]) -> None:
        self._types, self._tokens = types, list[str]()
        at, text = 0, text.strip()
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                raise errors.malformed(f"unexpected token: {text[at:][:20]}")
            self._tokens.append(match[1])
            at = match.end()

    def query(self) -> Query:
        """Read the whole of it."""
        self._need("select")
        names = self._names()
        self._need("from")
        self._kind = self._object(self._next())
        fields = tuple(self._field(name).name for name in names)
        test = self._either() if self._take("where") else _everything
        order = self._order() if self._take("order") else ()
        limit = self._limit() if self._take("limit") else None
        if self._tokens:
            raise errors.malformed(f"unexpected token: {self._tokens[0]}")
        return Query(self._kind, fields, test, order, limit)

    def _next(self) -> str:
        if not self._tokens:
            raise errors.malformed("unexpected end")
        return self._tokens.pop(0)

    def _take(self, word: str) -> bool:
        if not self._tokens or self._tokens[0].lower() != word:
            return False
        self._tokens.pop(0)
        return True

    def _need(self, word: str) -> None:
        if not self._take(word):
            raise errors.malformed(f"expecting {word}")

    def _names(self) -> list[str]:
        names = [self._next()]
        while self._take(","):
            names.append(self._next())
        return names

    def _object(self, name: str) -> ObjectType:
        kind = self._types.get(name)
        if kind is None or "read" not in kind.can:
            raise errors.refused(400, "INVALID_TYPE", f"sObject type '{name}' is not supported.")
        return kind

    def _field(self, name: str) -> Field:
        known = next((each for each in self._kind.fields.values() if each.name.lower() == name.lower()), None)
        if known is None or known.hidden:
            message = f"No such column '{name}' on entity '{self._kind.name}'."
            raise errors.refused(400, "INVALID_FIELD", message)
        return known

    def _order(self) -> tuple[tuple[str, bool], ...]:
        self._need("by")
        order = []
        while True:
            name = self._field(self._next()).name
            descends = self._take("desc")
            if not descends:
                self._take("asc")
            order.append((name, descends))
            if not self._take(","):
                return tuple(order)

    def _limit(self) -> int:
        text = self._next()
        if not text.isdecimal() or not int(text):
            raise errors.malformed(f"unexpected token: {text}")
        return int(text)

    def _either(self) -> Test:
        """Read what AND or OR joins: one of the two, unless parentheses say what belongs together."""
        tests, joined = [self._condition()], ""
        while self._tokens and self._tokens[0].lower() in ("and", "or"):
            word = self._next().lower()
            if joined not in ("", word):
                raise errors.malformed(f"unexpected token: {word}")
            joined = word
            tests.append(self._condition())
        if joined == "or":
            return lambda row: any(test(row) for test in tests)
        return lambda row: all(test(row) for test in tests)

    def _condition(self) -> Test:
        if self._take("("):
            inner = self._either()
            self._need(")")
            return inner
        known = self._field(self._next())
        if known.type == "textarea":
            message = f"field '{known.name}' can not be filtered in a query call"
            raise errors.refused(400, "INVALID_FIELD", message)
        if self._take("in"):
            self._need("(")
            members = [self._value(known)]
            while self._take(","):
                members.append(self._value(known))
            self._need(")")
            return lambda row: _folded(row[known.name]) in members
        operator = self._next()
        if operator not in _COMPARE:
            raise errors.malformed(f"unexpected token: {operator}")
        compare, value = _COMPARE[operator], self._value(known)
        return lambda row: compare(_folded(row[known.name]), value)

    def _value(self, known: Field) -> Any:
        text = self._next()
        if text.lower() == "null":
            return None
        if text.startswith("'"):
            if known.type not in _TEXTS:
                raise self._mismatch(known, text)
            plain = re.sub(r"\\(.)", r"\1", text[1:-1])
            return _folded(plain)
        if known.type == "datetime" and _MOMENT.fullmatch(text):
            return datetime.fromisoformat(text)
        if known.type == "date" and _DATE.fullmatch(text):
            return text
        if known.type == "boolean" and text.lower() in ("true", "false"):
            return text.lower() == "true"
        if known.type == "double" and re.fullmatch(r"-?\d+(\.\d+)?", text):
            return float(text)
        raise self._mismatch(known, text)

    def _mismatch(self, known: Field, text: str) -> Exception:
        message = f"value of filter criterion for field '{known.name}' must be of type {known.type}: {text}"
        return errors.refused(400, "INVALID_FIELD", message, broken=message)


_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda mine, theirs: bool(mine == theirs),
    "!=": lambda mine, theirs: bool(mine != theirs),
    ">": lambda mine, theirs: mine is not None and bool(mine > theirs),
    "<": lambda mine, theirs: mine is not None and bool(mine < theirs),
    ">=": lambda mine, theirs: mine is not None and bool(mine >= theirs),
    "<=": lambda mine, theirs: mine is not None and bool(mine <= theirs),
}


def _folded(value: Any) -> Any:
    """Return a text as SOQL compares it: in any case."""
    return value.lower() if isinstance(value, str) else value


def _everything(_row: Row) -> bool:
    return True
