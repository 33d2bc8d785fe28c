"""Which rows in memory a statement reads: by the index that leads to the fewest of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import elements, operators
from sqlalchemy.sql.visitors import iterate

from storage.memory.expressions import Compiler, Env, Params, Scope, Value, is_given
from storage.memory.tables import Key, Row, Table, taking

_TURNED = {
    operators.lt: operators.gt,
    operators.le: operators.ge,
    operators.gt: operators.lt,
    operators.ge: operators.le,
    operators.eq: operators.eq,
}
FEW = 8
"""Rows that are looked through in less time than another index is asked."""


def conditions(clause: Any) -> Iterator[Any]:
    """Yield the conditions that all have to hold."""
    if isinstance(clause, elements.BooleanClauseList) and clause.operator is operators.and_:
        for part in clause.clauses:
            yield from conditions(part)
    elif isinstance(clause, elements.Grouping):
        yield from conditions(clause.element)
    elif clause is not None and not isinstance(clause, elements.True_):
        yield clause


class Scan:
    """Finds the rows of one table for which some conditions hold, once the rows of the tables before it are known."""

    def __init__(self, table: Table, source: Any, scope: Scope, compiler: Compiler, which: Iterable[Any]) -> None:
        """`source`: the table as the statement names it. `scope` knows the tables before it, and then this one too."""
        self._table = table
        before = Scope(scope)
        scope.add(source)
        self._equal: list[tuple[int, Value]] = []
        self._among: list[tuple[int, Callable[[Env, Params], Any]]] = []
        self._limits: list[tuple[int, Any, Value]] = []
        # What is of one workspace is most of what there is.
        which = sorted(which, key=_is_of_workspace)
        for condition in which:
            self._note(condition, source, before, compiler)
        key = [column.name for column in source.primary_key]
        places = [table.place[name] for name in key]
        self._by_key = next((value for at, value in self._equal if [at] == places), None)
        plain = [condition for condition in which if _is_plain(condition, source)]
        self._holds = [compiler.value(condition) for condition in which if condition not in plain]
        self._plain = _is_as_given(table, plain) if plain else None

    def _note(self, condition: Any, source: Any, before: Scope, compiler: Compiler) -> None:
        """Note what an index could serve of a condition."""
        column, operator, other = served(condition, source, before)
        if operator is operators.in_op:
            self._among.append((self._at(column), compiler.within(before).several(other)))
        elif operator is operators.eq:
            self._equal.append((self._at(column), compiler.value(other)))
        elif operator is not None:
            self._limits.append((self._at(column), operator, compiler.value(other)))

    def _at(self, column: Any) -> int:
        return self._table.place[column.name]

    def rows(self, env: Env, params: Params) -> list[Row]:
        """Return the rows for which the conditions hold, by their keys or by an index."""
        return self._holding(self._candidates(env, params), env, params)

    def by_key(self, env: Env, params: Params, most: int | None, *, backwards: bool) -> list[Row]:
        """Return the first rows for which the conditions hold, at most so many, by their keys: the last first where
        that is wanted."""
        keys = sorted(self._candidates(env, params), reverse=backwards)
        if most is None:
            return self._holding(keys, env, params)
        return list(islice((row for key in keys for row in self._holding((key,), env, params)), most))

    def _holding(self, keys: Iterable[Key], env: Env, params: Params) -> list[Row]:
        known, holds = self._table.rows, self._holds
        if self._plain is None:
            rows = [known[key] for key in keys]
        else:
            take, wanted = self._plain[0], self._plain[1](params)
            if None in wanted:  # nothing is known to be the same as null
                return []
            rows = [row for key in keys if take(row := known[key]) == wanted]
        for condition in holds:
            rows = [row for row in rows if condition((*env, *row) if env else row, params)]
        return rows

    def _candidates(self, env: Env, params: Params) -> Iterable[Key]:
        if self._by_key is not None:
            key = self._by_key(env, params)
            return (key,) if key in self._table.rows else ()
        fewest, best = len(self._table.rows), None
        for at, value in self._equal:
            bucket = self._table.holding(at, value(env, params))
            if len(bucket) < fewest:
                fewest, best = len(bucket), [bucket]
                if fewest <= FEW:
                    return sorted(bucket)
        for at, values in self._among:
            buckets = [self._table.holding(at, value) for value in dict.fromkeys(values(env, params))]
            if (many := sum(map(len, buckets))) < fewest:
                fewest, best = many, buckets
        ordered = self._in_order(fewest, env, params)
        if ordered is not None:
            return ordered
        return list(self._table.rows) if best is None else sorted(key for bucket in best for key in bucket)

    def _in_order(self, fewest: int, env: Env, params: Params) -> list[Key] | None:
        """Return the keys between the limits of one column, where they are fewer than the fewest so far."""
        keys: list[Key] | None = None
        for at in dict.fromkeys(at for at, _, _ in self._limits):
            first, last = self._table.between(at, *self._bounds(at, env, params))
            if last - first < fewest:
                fewest = last - first
                keys = [key for _, key in self._table.in_order(at)[first:last]]
        return keys

    def _bounds(self, at: int, env: Env, params: Params) -> Sequence[tuple[Any, bool] | None]:
        low: tuple[Any, bool] | None = None
        high: tuple[Any, bool] | None = None
        for place, operator, value in self._limits:
            if place != at:
                continue
            limit = value(env, params)
            if limit is None:  # nothing is known to be less or more
                continue
            if operator in (operators.gt, operators.ge):
                low = (limit, operator is operators.ge)
            else:
                high = (limit, operator is operators.le)
        return low, high


def _is_of_workspace(condition: Any) -> bool:
    return getattr(getattr(condition, "left", None), "name", None) == "workspace_id"


def _is_plain(condition: Any, source: Any) -> bool:
    """Return whether a condition asks that a column of a table is what is given with the statement: nearly every one
    does."""
    equal = isinstance(condition, elements.BinaryExpression) and condition.operator is operators.eq
    return equal and _is_of(condition.left, source) and is_given(condition.right)


def _is_as_given(table: Table, plain: Iterable[Any]) -> tuple[Callable[[Any], Row], Callable[[Any], Row]]:
    """Return what takes the values of some columns out of a row, and what takes those that they are to have out of what
    is given."""
    return (
        taking([table.place[condition.left.name] for condition in plain]),
        taking([condition.right.key for condition in plain]),
    )


def served(condition: Any, source: Any, before: Scope) -> tuple[Any, Any, Any]:
    """Return the column of a table, the operator and the value by which an index serves a condition, once the rows of
    the tables before are known; the operator is None where none does."""
    if not isinstance(condition, elements.BinaryExpression):
        return None, None, None
    left, right, operator = condition.left, condition.right, condition.operator
    if operator is operators.in_op and _is_of(left, source) and _is_list(right, source, before):
        return left, operator, right
    if operator in _TURNED and _is_of(left, source) and _known(right, before):
        return left, operator, right
    if operator in _TURNED and _is_of(right, source) and _known(left, before):
        return right, _TURNED[operator], left
    return None, None, None


def _is_list(node: Any, source: Any, before: Scope) -> bool:
    """Return whether the right side of IN is the same for each row of a table."""
    inner = next((part for part in iterate(node) if isinstance(part, sa.Select)), None)
    return _known(node, before) if inner is None else inner.get_final_froms() == [source]


def _is_of(node: Any, source: Any) -> bool:
    return isinstance(node, sa.Column) and node.table is source


def _known(node: Any, before: Scope) -> bool:
    """Return whether the value of an expression is known before the rows of the table are."""
    return all(before.reads(part) for part in iterate(node) if isinstance(part, sa.Column))
