"""Evaluate SQLAlchemy's expressions on rows in memory: each becomes a function, once for each statement.

Only expressions that the statements of storage use are supported; others raise NotImplementedError. Null is None, and
as in SQL an expression of it is unknown, which is None again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.sql import elements, operators
from sqlalchemy.sql.functions import FunctionElement

Env = Sequence[Any]
"""The rows of all tables that a statement reads, one behind the other."""
Params = Mapping[str, Any]
Value = Callable[[Env, Params], Any]


class Scope:
    """The positions of a statement's columns in an `Env`."""

    def __init__(self, outer: Scope | None = None) -> None:
        self._from: dict[Any, int] = {} if outer is None else outer._from.copy()
        self.width: int = 0 if outer is None else outer.width

    def add(self, source: Any) -> int:
        """Let a table be read, and return where its row begins."""
        begins = self._from[source] = self.width
        self.width += len(source.c)
        return begins

    def knows(self, source: Any) -> bool:
        """Return whether the statement reads a table."""
        return source in self._from

    def at(self, column: Any) -> int:
        """Return the position of a column. Raises KeyError if the statement does not read its table."""
        return self._from[column.table] + _place(column)

    def reads(self, column: Any) -> bool:
        """Return whether a column belongs to a table that the statement reads."""
        return column.table in self._from


@cache
def _place(column: Any) -> int:
    return list(column.table.c).index(column)


Subquery = Callable[[Any, Scope], Callable[[Env, Params], Sequence[tuple[Any, ...]]]]
"""Compiles a query within a query."""


class Compiler:
    """Makes functions of the expressions of one statement."""

    def __init__(self, scope: Scope, subquery: Subquery) -> None:
        self._scope, self._subquery = scope, subquery

    def within(self, scope: Scope) -> Compiler:
        """Return a compiler that knows other tables."""
        return Compiler(scope, self._subquery)

    def value(self, node: Any) -> Value:
        """Return the function for an expression."""
        for kind, compile_it in _BY_KIND:
            if isinstance(node, kind):
                return compile_it(self, node)
        raise NotImplementedError(f"in memory: {type(node).__name__} {node}")

    def _column(self, node: Any) -> Value:
        at = self._scope.at(node)
        return lambda env, _: env[at]

    def _bind(self, node: Any) -> Value:
        key = node.key
        if node.required:
            return lambda _, params: params[key]
        known = node.effective_value
        return lambda _, params: params.get(key, known)

    def _inner(self, node: Any) -> Value:
        return self.value(node.element)

    def _constant(self, node: Any) -> Value:
        known = {elements.Null: None, elements.True_: True, elements.False_: False}[type(node)]
        return lambda _, __: known

    def _text(self, node: Any) -> Value:
        """Of what is written into a statement: a word or a whole number."""
        text = node.text if isinstance(node, elements.TextClause) else node.name
        word = text[1:-1] if text.startswith("'") and text.endswith("'") and "'" not in text[1:-1] else None
        if word is None and not text.isdecimal():
            raise NotImplementedError(f"in memory: {text}")
        known: Any = int(text) if word is None else word
        return lambda _, __: known

    def _binary(self, node: Any) -> Value:
        if node.operator in (operators.in_op, operators.not_in_op):
            return self._among(node, negated=node.operator is operators.not_in_op)
        if node.operator is operators.between_op:
            low, high = node.right.clauses
            return self.value(sa.and_(node.left >= low, node.left <= high))
        if isinstance(node.left, sa.Column) and is_given(node.right) and node.operator in _COMPARE:
            return _of_column(node.operator, self._scope.at(node.left), node.right.key)
        left, right = self.value(node.left), self.value(node.right)
        if node.operator is operators.is_:
            return lambda env, params: left(env, params) is right(env, params)
        if node.operator is operators.is_not:
            return lambda env, params: left(env, params) is not right(env, params)
        return _of_two(node.operator, left, right)

    def _among(self, node: Any, *, negated: bool) -> Value:
        left, values = self.value(node.left), self.several(node.right)

        def among(env: Env, params: Params) -> bool | None:
            value, listed = left(env, params), values(env, params)
            if value is None:
                return None
            return not negated if value in listed else None if None in listed else negated

        return among

    def several(self, node: Any) -> Callable[[Env, Params], Any]:
        """Return the function for the right side of IN."""
        if isinstance(node, elements.BindParameter):
            return self._bind(node)
        inner = getattr(node, "element", node)
        if isinstance(node, elements.ClauseList):
            parts = [self.value(part) for part in node.clauses]
            return lambda env, params: [part(env, params) for part in parts]
        if isinstance(inner, sa.Select):
            query = self._subquery(inner, self._scope)
            return lambda env, params: [row[0] for row in query(env, params)]
        if inner is node:
            raise NotImplementedError(f"in memory: IN {type(node).__name__}")
        return self.several(inner)

    def _list(self, node: Any) -> Value:
        parts = [self.value(part) for part in node.clauses]
        if node.operator is operators.and_:
            return _all(parts)
        if node.operator is operators.or_:
            return _any(parts)
        raise NotImplementedError(f"in memory: {node.operator}")

    def _unary(self, node: Any) -> Value:
        inner = self.value(node.element)
        if node.operator is operators.inv:
            return lambda env, params: _not(inner(env, params))
        raise NotImplementedError(f"in memory: {node.operator or node.modifier}")

    def _case(self, node: Any) -> Value:
        whens = [(self.value(when), self.value(then)) for when, then in node.whens]
        otherwise = self.value(node.else_) if node.else_ is not None else lambda _, __: None

        def case(env: Env, params: Params) -> Any:
            for when, then in whens:
                if when(env, params):
                    return then(env, params)
            return otherwise(env, params)

        return case

    def _cast(self, node: Any) -> Value:
        if not (isinstance(node.clause.type, sa.JSON) and isinstance(node.type, sa.String)):
            raise NotImplementedError(f"in memory: {node}")
        inner, texts = self.value(node.clause), dict[int, tuple[Any, str]]()

        def text(env: Env, params: Params) -> str:
            value = inner(env, params)
            known = texts.get(id(value))
            if known is None or known[0] is not value:
                known = texts[id(value)] = value, json.dumps(value)
            return known[1]

        return text

    def _function(self, node: Any) -> Value:
        parts = [self.value(part) for part in node.clauses]
        if node.name == "unsought":
            return parts[0]
        if node.name == "coalesce":
            return lambda env, params: next((x for x in (part(env, params) for part in parts) if x is not None), None)
        raise NotImplementedError(f"in memory: {node.name}()")

    def _exists(self, node: Any) -> Value:
        inner = node.element
        while not isinstance(inner, sa.Select):
            inner = inner.element
        query = self._subquery(inner, self._scope)
        return lambda env, params: bool(query(env, params))

    def _scalar(self, node: Any) -> Value:
        query = self._subquery(node.element, self._scope)
        return lambda env, params: next((row[0] for row in query(env, params)), None)


def is_given(node: Any) -> bool:
    """Return whether an expression is a value that is given with the statement."""
    return isinstance(node, elements.BindParameter) and node.required and not node.expanding


def _of_column(operator: Any, at: int, key: str) -> Value:
    """Return the function for a column compared with a value that is given with the statement: nearly every
    condition."""

    def compare(env: Env, params: Params) -> Any:
        value, given = env[at], params[key]
        return None if value is None or given is None else operator(value, given)

    return compare


def _of_two(operator: Any, left: Value, right: Value) -> Value:
    if operator is operators.json_getitem_op:
        return lambda env, params: (left(env, params) or {}).get(right(env, params))

    def both(env: Env, params: Params) -> Any:
        first, second = left(env, params), right(env, params)
        return None if first is None or second is None else operator(first, second)

    if operator not in _KNOWN:
        raise NotImplementedError(f"in memory: {operator}")
    return both


_COMPARE = (operators.eq, operators.ne, operators.lt, operators.le, operators.gt, operators.ge)
_KNOWN = (*_COMPARE, operators.add, operators.sub)


def _all(parts: Sequence[Value]) -> Value:
    def every(env: Env, params: Params) -> bool | None:
        unknown = False
        for part in parts:
            holds = part(env, params)
            if holds is None:
                unknown = True
            elif not holds:
                return False
        return None if unknown else True

    return every


def _any(parts: Sequence[Value]) -> Value:
    def some(env: Env, params: Params) -> bool | None:
        unknown = False
        for part in parts:
            holds = part(env, params)
            if holds:
                return True
            unknown = unknown or holds is None
        return None if unknown else False

    return some


def _not(holds: Any) -> bool | None:
    return None if holds is None else not holds


_BY_KIND = cast(
    "list[tuple[Any, Callable[[Compiler, Any], Value]]]",
    [
        (sa.Column, Compiler._column),
        (elements.BindParameter, Compiler._bind),
        (elements.BooleanClauseList, Compiler._list),
        (elements.BinaryExpression, Compiler._binary),
        ((elements.Null, elements.True_, elements.False_), Compiler._constant),
        (sa.Exists, Compiler._exists),
        (sa.ScalarSelect, Compiler._scalar),
        (elements.UnaryExpression, Compiler._unary),
        ((elements.Grouping, elements.Label, elements.AsBoolean), Compiler._inner),
        (elements.Case, Compiler._case),
        (elements.Cast, Compiler._cast),
        (FunctionElement, Compiler._function),
        ((elements.TextClause, elements.ColumnClause), Compiler._text),
    ],
)
