"""How the tree is built: files per folder, lengths, functions, circles of imports; beside an earlier revision.

    python -m bench.house                  # as it stands
    python -m bench.house --beside REV     # beside an earlier revision
    python -m bench.house --touched A..B   # how many files a change touched: code, words, documents, tests

Nothing is imported or run: everything is read from git and from the syntax of the files.
"""

from __future__ import annotations

import argparse
import ast
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from tests.conventions.imports import circles, graph, module_name

ROOTS = ("bot", "storage", "playground", "bench")
LONG = 50  # lines of a function
MIGRATIONS = "storage/migrations/versions/"  # never edited again, so their length says nothing
FOLDERS_SHOWN = 12
DOCUMENTS = ("docs/", "README", "CHANGELOG", "CONTRIBUTING")

Sources = Mapping[str, str]


@dataclass(frozen=True)
class House:
    """What can be counted of a tree."""

    files: int
    lines: list[int]
    functions: list[int]
    folders: Counter[str]
    circles: list[list[str]]


def sources_of(revision: str | None) -> Sources:
    """Return the text of each Python file of ours, in a revision or (None) in the working tree."""
    names = _git("ls-tree", "-r", "--name-only", revision or "HEAD", *ROOTS).split("\n")
    python = [name for name in names if _counts(name)]
    if revision is None:
        return {name: _read(name) for name in _git("ls-files", *ROOTS).split("\n") if _counts(name)}
    return {name: _git("show", f"{revision}:{name}") for name in python}


def _counts(name: str) -> bool:
    return name.endswith(".py") and not name.startswith(MIGRATIONS)


def counted(sources: Sources) -> House:
    """Return the figures of a tree."""
    folders = Counter(str(PurePosixPath(name).parent) for name in sources if not name.endswith("__init__.py"))
    functions = [length for text in sources.values() for length in _function_lengths(text)]
    lines = [text.count("\n") for text in sources.values() if text.strip()]
    return House(
        len(sources),
        sorted(lines),
        sorted(functions),
        folders,
        circles(graph({module_name(PurePosixPath(name)): text for name, text in sources.items()})),
    )


def _function_lengths(text: str) -> Iterator[int]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield (node.end_lineno or node.lineno) - node.lineno + 1


def _read(name: str) -> str:
    with open(name, encoding="utf-8") as file:
        return file.read()


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], capture_output=True, text=True, check=True)
    return done.stdout.rstrip("\n") + "\n" if words[0] == "show" else done.stdout.strip()


def _place(numbers: list[int], percent: int) -> int:
    return numbers[min(len(numbers) - 1, len(numbers) * percent // 100)] if numbers else 0


def _rows(house: House) -> Iterator[tuple[str, str]]:
    yield "files", str(house.files)
    yield "lines of a file, p50 / p90 / max", " / ".join(str(_place(house.lines, p)) for p in (50, 90, 100))
    yield "functions", str(len(house.functions))
    yield "lines of a function, p50 / p90 / max", " / ".join(str(_place(house.functions, p)) for p in (50, 90, 100))
    yield f"functions over {LONG} lines", str(sum(length > LONG for length in house.functions))
    yield "circles of modules", str(len(house.circles))
    yield "modules in circles", str(sum(map(len, house.circles)))
    most, files = house.folders.most_common(1)[0]
    yield "most files in one folder", f"{files} ({most})"


def _table(houses: Mapping[str, House]) -> str:
    columns = [dict(_rows(house)) for house in houses.values()]
    head = f"| | {' | '.join(houses)} |\n|---|{'--:|' * len(houses)}"
    body = [f"| {name} | {' | '.join(column[name] for column in columns)} |" for name in columns[0]]
    return "\n".join([head, *body])


def _folders(house: House) -> str:
    rows = [f"| `{folder}/` | {files} |" for folder, files in house.folders.most_common(FOLDERS_SHOWN)]
    return "\n".join(["| folder | files |\n|---|--:|", *rows])


def _sort_of(name: str) -> str:
    if name.startswith("tests/"):
        return "tests"
    if name.startswith(DOCUMENTS):
        return "documents"
    return "words" if name.endswith(".po") else "code"


def _touched(change: str) -> str:
    names = _git("diff", "--name-only", change).split("\n")
    sorts: dict[str, list[str]] = {"code": [], "words": [], "documents": [], "tests": []}
    for name in names:
        sorts[_sort_of(name)].append(name)
    return "\n".join([f"{len(names)} files", *(f"{sort}: {len(of)} {' '.join(of)}" for sort, of in sorts.items())])


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--beside", metavar="REV", help="an earlier revision")
    parser.add_argument("--touched", metavar="A..B", help="only count what a change touched")
    words = parser.parse_args()
    if words.touched:
        print(_touched(words.touched))
        return
    now = counted(sources_of(None))
    before = {words.beside[:9]: counted(sources_of(words.beside))} if words.beside else {}
    print(_table({**before, "now": now}))
    print()
    print(_folders(now))
    for group in now.circles:
        print("circle:", ", ".join(group))


if __name__ == "__main__":
    main()
