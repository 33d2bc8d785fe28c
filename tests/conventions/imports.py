"""Which module imports which, read from the sources without importing anything.

Every import counts: at the top of a file, inside a function, and under `if TYPE_CHECKING`.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
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
    return {name: imported_by(name, texts) for name in texts}


def imported_by(name: str, texts: Mapping[str, str]) -> frozenset[str]:
    """Return what one module imports of the others."""
    return frozenset(_known(_imports(texts[name]), texts)) - {name}


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


@cache
def _imports(text: str) -> list[tuple[str, str]]:
    """What a text imports: each name with its module, which is all that `import module` names."""
    names = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names += [(alias.name, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names += [(f"{node.module}.{alias.name}", str(node.module)) for alias in node.names]
    return names


def _known(imports: Iterable[tuple[str, str]], known: Mapping[str, object]) -> Iterator[str]:
    for name, module in imports:
        imported = name if name in known else module
        if imported in known:
            yield imported


if __name__ == "__main__":
    for group in circles(graph(sources(sys.argv[1:] or PACKAGES))):
        print(f"{len(group)} modules: {', '.join(group)}")  # noqa: T201
