"""The statements of storage, made functions that run on rows in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from operator import itemgetter
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.sql import elements, operators, selectable
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.visitors import iterate

from storage.memory.expressions import Compiler, Env, Params, Scope
from storage.memory.results import Result
from storage.memory.scanning import Scan, conditions, served
from storage.memory.tables import Row, Table

Tables = Callable[[sa.Table], Table]
Plan = Callable[[Any], Result]
"""Runs a statement with its values: a mapping of them, or many."""
_NOTHING: Mapping[str, Any] = {}


def plan(statement: Any, tables: Tables) -> Plan:
    """Return the function that runs a statement. Raises NotImplementedError for one that is not known here."""
    if isinstance(statement, sa.Select):
        return _selecting(statement, tables)
    if isinstance(statement, sa.Insert):
        return _inserting(statement, tables)
    if isinstance(statement, sa.Update):
        return _changing(statement, tables, partial(_changes, statement))
    if isinstance(statement, sa.Delete):
        return _changing(statement, tables, lambda *_: _removes)
    raise NotImplementedError(f"in memory: {type(statement).__name__}")


def _selecting(query: sa.Select[Any], tables: Tables) -> Plan:
    read: list[Table] = []

    def noted(table: sa.Table) -> Table:
        read.append(tables(table))
        return read[-1]

    rows = _query(query, Scope(), noted)
    keys = tuple(str(column.key) for column in query.selected_columns)
    whole = read[0] if len(read) == 1 and keys == tuple(read[0].place) else None
    asked: tuple[int, Any] = -1, None
    known = Result(keys, [])

    def select(params: Any) -> Result:
        nonlocal asked, known
        # The same question, and nothing was written to its tables since: the same answer.
        written = sum([table.written for table in read])
        if asked[0] != written or asked[1] != params:
            asked, known = (written, params), Result(keys, rows((), params or _NOTHING), whole=whole)
        return known

    return select


def _query(query: sa.Select[Any], outer: Scope, tables: Tables) -> Callable[[Env, Params], Sequence[Row]]:
    """Return the function for a query, also for one within another, which knows the rows of that."""
    if query._having_criteria or query._offset_clause is not None:
        raise NotImplementedError(f"in memory: {query}")
    scope = Scope(outer)
    compiler = Compiler(scope, lambda inner, known: _query(inner, known, tables))
    froms = _froms(query)
    named = [source for known in froms for source in _sources(known)]
    # As SQLAlchemy has it: what the query around it reads is meant, unless nothing else is left to read.
    sources = [source for source in named if not outer.knows(source)] or named
    read = _reading(query, froms, sources, scope, compiler, tables)
    columns = list(query.selected_columns)
    if query._group_by_clauses or any(_is_aggregate(column) for column in columns):
        return _grouping(query, columns, read, compiler)
    if query._distinct:
        raise NotImplementedError(f"in memory: {query}")
    chosen = _tuple_of(columns, scope, compiler)
    limit = compiler.value(query._limit_clause) if query._limit_clause is not None else lambda _, __: None
    order = _ordering(query, read, compiler)

    def rows(env: Env, params: Params) -> Sequence[Row]:
        read_rows = order(env, params, limit(env, params))
        return read_rows if chosen is None else [chosen(row, params) for row in read_rows]

    return rows


@lru_cache(maxsize=512)
def _froms(query: sa.Select[Any]) -> Sequence[Any]:
    """Return what a query reads. SQLAlchemy compiles it to say so, which takes longer than all else here."""
    return query.get_final_froms()


def _sources(known: Any) -> Iterator[Any]:
    if isinstance(known, selectable.Join):
        if known.full:
            raise NotImplementedError("in memory: a full join")
        yield from _sources(known.left)
        yield from _sources(known.right)
    elif isinstance(known, sa.Table) or (isinstance(known, sa.Alias) and isinstance(known.element, sa.Table)):
        yield known
    else:
        raise NotImplementedError(f"in memory: from {type(known).__name__}")


def _joined_by(known: Any) -> Iterator[Any]:
    if isinstance(known, selectable.Join):
        yield from conditions(known.onclause)
        yield from _joined_by(known.left)
        yield from _joined_by(known.right)


@dataclass(frozen=True)
class _Read:
    """The tables that a query reads, in the order in which it does."""

    scans: Sequence[Scan]
    sources: Sequence[Any]
    missing: Sequence[list[Row]]
    """What stands for a row of each that is not there: only on the right of an outer join."""

    def rows(self, env: Env, params: Params, at: int = 0) -> Sequence[Row]:
        """Return the rows of the tables, one behind the other, for which everything holds; behind `env`."""
        own = self.scans[at].rows(env, params) or self.missing[at]
        joined = [(*env, *row) for row in own] if env else own
        if at + 1 == len(self.scans):
            return joined
        return [row for first in joined for row in self.rows(first, params, at + 1)]


def _reading(
    query: sa.Select[Any],
    froms: Sequence[Any],
    sources: Sequence[Any],
    scope: Scope,
    compiler: Compiler,
    tables: Tables,
) -> _Read:
    """Return how the tables of a query are read."""
    waiting = [*conditions(query.whereclause), *(part for known in froms for part in _joined_by(known))]
    optional = {source for known in froms for source in _optional(known)}
    if any(_named(part) & optional for part in conditions(query.whereclause)):
        raise NotImplementedError(f"in memory: {query}")
    scans: list[Scan] = []
    later = list(sources)
    sources = []
    while later:
        source = later.pop(_place_of_next(later, waiting, optional, scope))
        sources.append(source)
        mine = [part for part in waiting if not _named(part) & set(later)]
        waiting = [part for part in waiting if _named(part) & set(later)]
        table = tables(source if isinstance(source, sa.Table) else source.element)
        scans.append(Scan(table, source, scope, compiler, mine))
    missing = [[(None,) * len(source.c)] if source in optional else [] for source in sources]
    return _Read(scans, sources, missing)


def _place_of_next(later: Sequence[Any], waiting: Sequence[Any], optional: set[Any], scope: Scope) -> int:
    """Return which table to read next: one row by its key, else a few by a value, else some between limits."""

    def worth(source: Any) -> int:
        served_by = [served(part, source, scope) for part in waiting]
        by = {(column.name, operator) for column, operator, _ in served_by if operator is not None}
        by -= {("workspace_id", operators.eq)}
        if ("id", operators.eq) in by:
            return 3
        return max((2 if operator in (operators.eq, operators.in_op) else 1 for _, operator in by), default=0)

    return max(range(len(later)), key=lambda place: (later[place] not in optional, worth(later[place]), -place))


def _optional(known: Any) -> Iterator[Any]:
    """Yield the tables of which a row may be missing: those on the right of an outer join."""
    if isinstance(known, selectable.Join):
        yield from _optional(known.left)
        yield from _sources(known.right) if known.isouter else _optional(known.right)


def _named(part: Any) -> set[Any]:
    return {node.table for node in iterate(part) if isinstance(node, sa.Column)}


def _tuple_of(columns: Sequence[Any], scope: Scope, compiler: Compiler) -> Callable[[Env, Params], Row] | None:
    """Return the function that takes the columns out of what was read; None where all of it is wanted as it is."""
    if [getattr(column, "name", None) for column in columns] == ["*"]:
        return None
    if not columns or any(not isinstance(column, sa.Column) for column in columns):
        values = [compiler.value(column) for column in columns]
        return lambda env, params: tuple([value(env, params) for value in values])
    places = [scope.at(column) for column in columns]
    if places == list(range(scope.width)):
        return None
    if len(places) == 1:
        (only,) = places
        return lambda env, _: (env[only],)
    take = itemgetter(*places)
    return lambda env, _: take(env)


Ordered = Callable[[Env, Params, int | None], Sequence[Row]]


def _ordering(query: sa.Select[Any], read: _Read, compiler: Compiler) -> Ordered:
    """Return the function that reads the rows in their order, at most so many. Null is less than anything."""
    by: list[tuple[Any, bool]] = []
    for clause in query._order_by_clauses:
        turned = isinstance(clause, elements.UnaryExpression) and clause.modifier is operators.desc_op
        by.append((clause.element if turned else clause, turned))
    scan, source = read.scans[0], read.sources[0]
    if len(read.scans) == 1 and len(by) == 1 and list(source.primary_key) == [by[0][0]]:
        backwards = by[0][1]
        return lambda env, params, most: _behind(env, scan.by_key(env, params, most, backwards=backwards))
    values = [(compiler.value(column), turned) for column, turned in by]

    def ordered(env: Env, params: Params, most: int | None) -> Sequence[Row]:
        rows = list(read.rows(env, params))
        if len(rows) > 1:
            for value, turned in reversed(values):
                rows.sort(key=lambda row: ((seen := value(row, params)) is not None, seen), reverse=turned)
        return rows if most is None else rows[:most]

    return ordered


def _behind(env: Env, rows: list[Row]) -> list[Row]:
    return [(*env, *row) for row in rows] if env else rows


def _is_aggregate(column: Any) -> bool:
    if isinstance(getattr(column, "element", None), sa.ScalarSelect):
        return False
    return any(isinstance(node, FunctionElement) and node.name in _AGGREGATES for node in iterate(column))


_AGGREGATES: dict[str, Callable[[list[Any]], Any]] = {
    "max": lambda values: max(values, default=None),
    "min": lambda values: min(values, default=None),
    "count": len,
}


def _grouping(
    query: sa.Select[Any], columns: Sequence[Any], read: _Read, compiler: Compiler
) -> Callable[[Env, Params], Sequence[Row]]:
    """Return the function of a query that counts: a row for each group, in the order of their first rows."""
    if query._order_by_clauses or query._limit_clause is not None:
        raise NotImplementedError(f"in memory: {query}")
    by = [compiler.value(clause) for clause in query._group_by_clauses]
    values = [_counted(column, compiler) for column in columns]

    def rows(env: Env, params: Params) -> list[Row]:
        groups: dict[Row, list[Row]] = {} if by else {(): []}
        for row in read.rows(env, params):
            groups.setdefault(tuple(value(row, params) for value in by), []).append(row)
        return [tuple(value(group, params) for value in values) for group in groups.values()]

    return rows


def _counted(column: Any, compiler: Compiler) -> Callable[[list[Row], Params], Any]:
    node = column.element if isinstance(column, elements.Label) else column
    if not _is_aggregate(node):
        plain = compiler.value(node)
        return lambda group, params: plain(group[0] if group else (), params)
    if node.name == "coalesce":
        parts = [_counted(part, compiler) for part in node.clauses]
        return lambda group, params: next((x for x in (part(group, params) for part in parts) if x is not None), None)
    total, clauses = _AGGREGATES[node.name], list(node.clauses)
    if not clauses or getattr(clauses[0], "name", None) == "*":
        return lambda group, _: total(group)
    (inner,) = clauses
    distinct = isinstance(inner, elements.UnaryExpression) and inner.operator is operators.distinct_op
    value = compiler.value(inner.element if distinct else inner)

    def counted(group: list[Row], params: Params) -> Any:
        values = [seen for row in group if (seen := value(row, params)) is not None]
        return total(list(dict.fromkeys(values)) if distinct else values)

    return counted


def _returning(statement: UpdateBase, scope: Scope, compiler: Compiler) -> tuple[tuple[str, ...], Any]:
    columns: list[Any] = list(statement._returning)
    return tuple(str(column.key) for column in columns), _tuple_of(columns, scope, compiler)


def _inserting(statement: sa.Insert, tables: Tables) -> Plan:
    scope, into = Scope(), cast("sa.Table", statement.table)
    scope.add(into)
    table = tables(into)
    compiler = Compiler(scope, lambda inner, known: _query(inner, known, tables))
    keys, returned = _returning(statement, scope, compiler)
    once = _unless_there(statement)
    fixed = {_name(column): compiler.value(value) for column, value in (statement._values or {}).items()}
    source = _query(statement.select, Scope(), tables) if statement.select is not None else None
    names = list(statement._select_names or ()) if source is not None else []

    def insert(given: Any) -> Result:
        several: Iterable[Mapping[str, Any]] = given if isinstance(given, list) else [given or _NOTHING]
        if source is not None:
            several = [dict(zip(names, row, strict=True)) for params in several for row in source((), params)]
        rows: list[Row] = []
        for params in several:
            values = {**params, **{name: value((), params) for name, value in fixed.items()}} if fixed else params
            row = table.new(values)
            if table.add(row):
                rows.append(row)
            elif not once:
                raise ValueError(f"{into.name}: a row of this key is there")
        return Result(keys, [returned(row, _NOTHING) if returned else row for row in rows] if keys else [], len(rows))

    return insert


def _unless_there(statement: sa.Insert) -> bool:
    clause = statement._post_values_clause
    if clause is None:
        return False
    if type(clause).__name__ != "OnConflictDoNothing":
        raise NotImplementedError(f"in memory: {type(clause).__name__}")
    return True


def _name(column: Any) -> str:
    return column if isinstance(column, str) else str(column.key)


Write = Callable[[Table, Row, Params], Row]


def _changing(statement: Any, tables: Tables, writing: Callable[[Table, Compiler], Write]) -> Plan:
    """Return the function of an UPDATE or a DELETE: `writing` gives what is done to each row."""
    table, scope = tables(statement.table), Scope()
    compiler = Compiler(scope, lambda inner, known: _query(inner, known, tables))
    scan = Scan(table, statement.table, scope, compiler, list(conditions(statement.whereclause)))
    keys, returned = _returning(statement, scope, compiler)
    write = writing(table, compiler)

    def change(given: Any) -> Result:
        count, rows = 0, list[Row]()
        for params in given if isinstance(given, list) else [given or _NOTHING]:
            for before in scan.rows((), params):
                after = write(table, before, params)
                count += 1
                if keys:
                    rows.append(returned(after, params) if returned else after)
        return Result(keys, rows, count)

    return change


def _changes(statement: sa.Update, table: Table, compiler: Compiler) -> Write:
    written = [
        (table.place[_name(column)], compiler.value(value)) for column, value in (statement._values or {}).items()
    ]
    if written:
        stored = [(at, table.stored[at], value) for at, value in written]
        places = [at for at, _ in written]

        def by_statement(table: Table, before: Row, params: Params) -> Row:
            after = list(before)
            for at, store, value in stored:
                after[at] = value(before, params) if store is None else store(value(before, params))
            return table.replace(before, tuple(after), places)

        return by_statement

    def by_values(table: Table, before: Row, params: Params) -> Row:
        after, changed = list(before), []
        for name, value in params.items():
            at = table.place.get(name)
            if at is not None:
                store = table.stored[at]
                after[at] = value if store is None else store(value)
                changed.append(at)
        return table.replace(before, tuple(after), changed)

    return by_values


def _removes(table: Table, before: Row, _: Params) -> Row:
    table.remove(before)
    return before
