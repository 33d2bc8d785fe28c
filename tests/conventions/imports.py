"""Which module imports which, read from the sources without importing anything.

Every import counts: at the top of a file, inside a function, and under `if TYPE_CHECKING`.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePath

ROOT = Path(__file__).parents[2]
PACKAGES = ("bot", "storage", "playground", "bench")
Graph = Mapping[str, frozenset[str]]


def sources(packages: Iterable[str] = PACKAGES, root: Path = ROOT) -> dict[str, str]:
    """Return the text of each module by its dotted name; a package is its `__init__.py`."""
    files = [file for package in packages for file in sorted((root / package).rglob("*.py"))]
    return {module_name(file.relative_to(root)): file.read_text(encoding="utf-8") for file in files}


def graph(texts: Mapping[str, str]) -> Graph:
    """Return what each module imports of the others."""
    return {name: frozenset(_imports(ast.parse(text), texts)) - {name} for name, text in texts.items()}


def circles(edges: Graph) -> list[list[str]]:
    """Return the groups of modules that reach each other, the largest first (Tarjan)."""
    index: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    groups: list[list[str]] = []

    def visit(module: str) -> None:
        index[module] = lowest[module] = len(index)
        stack.append(module)
        for imported in edges[module]:
            if imported not in index:
                visit(imported)
                lowest[module] = min(lowest[module], lowest[imported])
            elif imported in stack:
                lowest[module] = min(lowest[module], index[imported])
        if lowest[module] == index[module]:
            start = stack.index(module)
            groups.append(sorted(stack[start:]))
            del stack[start:]

    for module in edges:
        if module not in index:
            visit(module)
    return sorted((group for group in groups if len(group) > 1), key=len, reverse=True)


def module_name(file: PurePath) -> str:
    """Return the dotted name of a file below the root."""
    parts = file.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports(tree: ast.Module, known: Mapping[str, object]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            inside = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in known else str(node.module) for name in inside]
        else:
            continue
        yield from (name for name in names if name in known)


if __name__ == "__main__":
    for group in circles(graph(sources(sys.argv[1:] or PACKAGES))):
        print(f"{len(group)} modules: {', '.join(group)}")  # noqa: T201
