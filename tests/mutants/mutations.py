"""The small faults that are put into a source file, one at a time. Pure: from syntax tree to syntax tree."""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_ORDERS = {ast.Gt, ast.GtE, ast.Lt, ast.LtE}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
}
_FUNCTIONS = {"min": "max", "max": "min", "any": "all", "all": "any"}
# No test holds what they say: types belong to mypy, decorators to the caches.
_SKIPPED_FIELDS = {"annotation", "returns", "decorator_list", "bases"}
# What they say of a dataclass's field changes nothing that the bot does.
_SKIPPED_KEYWORDS = {"init", "repr", "compare"}
_LONGEST_NAME = 110

Change = tuple[ast.AST, ast.AST]
"""A node and what comes into its place."""


@dataclass(frozen=True)
class Mutation:
    """One fault in one file."""

    source: str
    number: int
    """Its place among the changes of the file."""
    name: str
    """The function, the text before and the text after: it stays the same while other lines come and go."""
    lines: range
    """The statement around the change, as far as the change reaches."""
    line: int
    at_import: bool
    """Whether it takes effect when the file is imported, and not when a function is called."""
    boundary: bool
    """Whether it only moves a boundary: `>` for `>=`."""

    def tree(self) -> ast.Module:
        """Return the whole file with the fault."""
        tree = ast.parse(self.source)
        place = list(_places(tree))[self.number]
        faulty = _with(tree, place.change)
        assert isinstance(faulty, ast.Module)
        return ast.fix_missing_locations(faulty)


def mutations(source: str) -> list[Mutation]:
    """Return every mutation of a file, in the order of its lines."""
    seen: Counter[str] = Counter()
    made: list[Mutation] = []
    for number, place in enumerate(_places(ast.parse(source))):
        name = place.name()
        seen[name] += 1
        numbered = name if seen[name] == 1 else f"{name} (no. {seen[name]})"
        where = (place.lines(), place.line(), place.at_import(), place.is_boundary())
        made.append(Mutation(source, number, numbered, *where))
    return made


@dataclass(frozen=True)
class _Place:
    """A change, with what surrounds it."""

    change: Change
    parent: ast.AST
    statement: ast.stmt
    function: str
    in_function: bool

    def name(self) -> str:
        node, replacement = self.change
        shown = self._shown()
        before, after = _text(shown), _text(_with(shown, self.change))
        if max(len(before), len(after)) > _LONGEST_NAME:
            before, after = _text(node), _text(replacement)
        return f"{self.function}: {before} → {after}"

    def lines(self) -> range:
        end = getattr(self.change[0], "end_lineno", self.statement.lineno)
        return range(self.statement.lineno, end + 1)

    def line(self) -> int:
        line: int = getattr(self.change[0], "lineno", self.statement.lineno)
        return line

    def at_import(self) -> bool:
        """A default is evaluated where its function is defined."""
        return not self.in_function or isinstance(self.statement, ast.FunctionDef)

    def is_boundary(self) -> bool:
        """Say whether only an order is changed: from `>` to `>=`, or back."""
        match self.change:
            case (ast.Compare(ops=before), ast.Compare(ops=after)):
                changed = [type(old) for old, new in zip(before, after, strict=True) if type(old) is not type(new)]
                return changed[0] in _ORDERS
            case _:
                return False

    def _shown(self) -> ast.AST:
        """The smallest part of the file around the change that a person recognises."""
        node = self.change[0]
        if isinstance(node, ast.Constant | ast.UnaryOp) and isinstance(self.parent, ast.expr | ast.keyword):
            return self.parent
        alone = isinstance(node, ast.Constant | ast.UnaryOp) and not hasattr(self.parent, "body")
        return self.parent if alone and isinstance(self.parent, ast.stmt) else node


def _text(node: ast.AST) -> str:
    return " ".join(ast.unparse(ast.fix_missing_locations(node)).split())


def _with(tree: ast.AST, change: Change) -> ast.AST:
    """Return a copy of a tree with the change in it."""
    node, replacement = change
    # deepcopy takes the replacement for the copy that it has made of the node.
    return copy.deepcopy(tree, {id(node): ast.copy_location(replacement, node)})


def _places(tree: ast.Module) -> Iterator[_Place]:
    for statement in tree.body:
        yield from _of_statement(statement, _Scope("", in_function=False))


class _Scope(NamedTuple):
    name: str
    in_function: bool

    def inside(self, statement: ast.stmt) -> _Scope:
        """Return the scope of a function's or a class's body; this one for any other statement."""
        if not isinstance(statement, ast.FunctionDef | ast.ClassDef):
            return self
        in_function = self.in_function or isinstance(statement, ast.FunctionDef)
        return _Scope(f"{self.name}.{statement.name}".lstrip("."), in_function)


def _of_statement(statement: ast.stmt, scope: _Scope) -> Iterator[_Place]:
    if not isinstance(statement, ast.Import | ast.ImportFrom) and not _is_docstring(statement):
        yield from _of_node(statement, statement, statement, scope.inside(statement))


def _of_node(node: ast.AST, parent: ast.AST, statement: ast.stmt, scope: _Scope) -> Iterator[_Place]:
    if isinstance(node, ast.keyword) and node.arg in _SKIPPED_KEYWORDS:
        return
    for change in _changes(node):
        around = node if change[0] is not node else parent
        yield _Place(change, around, statement, scope.name or "module", scope.in_function)
    for field, value in ast.iter_fields(node):
        if field in _SKIPPED_FIELDS or (field == "keywords" and isinstance(node, ast.ClassDef)):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.stmt):
                yield from _of_statement(child, scope)
            elif isinstance(child, ast.AST):
                yield from _of_node(child, node, statement, scope)


def _changes(node: ast.AST) -> Iterator[Change]:
    for kind in (_of_comparison, _of_condition, _of_arithmetic, _of_constant, _of_result):
        yield from kind(node)


def _of_comparison(node: ast.AST) -> Iterator[Change]:
    """`>` for `>=`, `is not` for `is`, and so on."""
    if isinstance(node, ast.Compare):
        for index, operator in enumerate(node.ops):
            operators = [*node.ops[:index], _COMPARISONS[type(operator)](), *node.ops[index + 1 :]]
            yield node, ast.Compare(node.left, operators, node.comparators)


def _of_condition(node: ast.AST) -> Iterator[Change]:
    """`or` for `and`, an operand or a `not` less, a condition that always or never holds."""
    match node:
        case ast.BoolOp(op, values):
            yield node, ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
            for value in values:
                rest = [other for other in values if other is not value]
                yield node, rest[0] if len(rest) == 1 else ast.BoolOp(op, rest)
        case ast.UnaryOp(ast.Not() | ast.Invert() | ast.USub(), operand):
            yield node, operand
        case ast.If(test) | ast.IfExp(test):
            yield test, ast.Constant(False)
            # A name that the condition binds would be missing.
            if not any(isinstance(part, ast.NamedExpr) for part in ast.walk(test)):
                yield test, ast.Constant(True)
        case ast.While(test) if not isinstance(test, ast.Constant):
            yield test, ast.Constant(False)
        case ast.comprehension(ifs=ifs):
            yield from ((condition, ast.Constant(True)) for condition in ifs)


def _of_arithmetic(node: ast.AST) -> Iterator[Change]:
    """`-` for `+`, `max` for `min`, and so on."""
    match node:
        case ast.BinOp(left, op, right) if type(op) in _ARITHMETIC:
            yield node, ast.BinOp(left, _ARITHMETIC[type(op)](), right)
        case ast.Call(ast.Name(name), args, keywords) if name in _FUNCTIONS:
            yield node, ast.Call(ast.Name(_FUNCTIONS[name], ast.Load()), args, keywords)


def _of_constant(node: ast.AST) -> Iterator[Change]:
    """One more, one less; False for True."""
    match node:
        case ast.Constant(bool(value)):
            yield node, ast.Constant(not value)
        case ast.Constant(int(value) | float(value)):
            yield node, ast.Constant(value + 1)
            yield node, ast.Constant(value - 1)


def _of_result(node: ast.AST) -> Iterator[Change]:
    """None is returned; a call is left out."""
    match node:
        # None and False, or an empty text, are one to most callers.
        case ast.Return(ast.expr() as value) if not (isinstance(value, ast.Constant) and not value.value):
            yield node, ast.Return(ast.Constant(None))
        case ast.Expr(ast.Call(function)) if not _text(function).startswith(("log.", "logger.")):
            yield node, ast.Pass()


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
