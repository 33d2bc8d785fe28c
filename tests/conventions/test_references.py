"""What the documents name in the code is there: a file that moves takes its mention along."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    path.relative_to(ROOT).as_posix()
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    if path.name != "CHANGELOG.md"
]
INLINE = re.compile(r"`([^`\n]+)`")
FILE = re.compile(r"\(?\b((?:bot|core|storage|tests|playground|bench|docs)/[\w./-]+)")
DOTTED = re.compile(r"^((?:core|storage|slack|connectors)(?:\.\w+)+)$")
# `path` `name`, or `path` `name`, `name`: what is passed in a file.
PASSED = re.compile(r"`((?:bot|storage|tests|playground|bench)/[\w/.-]+\.py)`((?:,?\s+`[A-Za-z_][\w.]*`)+)")
NAME = re.compile(r"`([^`]+)`")


def inline_code(document: str) -> list[str]:
    """Return the inline code of a document, without its code blocks."""
    text = re.sub(r"^```.*?^```", "", (ROOT / document).read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    return INLINE.findall(text)


def exists(path: str) -> bool:
    """Return whether a path of a document is a file or a folder; `core/…` is short for `bot/core/…`."""
    places = [ROOT / path, ROOT / "bot" / path]
    return any(place.exists() or place.with_name(place.name + ".py").exists() for place in places)


def resolves(dotted: str) -> bool:
    """Return whether `core.room.module.Name` is a module of ours, or something in one."""
    name = dotted if dotted.startswith("storage") else f"bot.{dotted}"
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        try:
            target: object = importlib.import_module(".".join(parts[:count]))
        except ModuleNotFoundError:
            continue
        for attribute in parts[count:]:
            if not hasattr(target, attribute):
                return False
            target = getattr(target, attribute)
        return True
    return False


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_that_a_document_names_exists(document: str) -> None:
    named = {path.rstrip("./") for code in inline_code(document) for path in FILE.findall(code) if "<" not in code}
    assert sorted(path for path in named if not exists(path) and "*" not in path) == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_name_of_the_code_that_a_document_gives_exists(document: str) -> None:
    named = {match[1] for code in inline_code(document) if (match := DOTTED.match(code))}
    assert sorted(name for name in named if not resolves(name)) == []


def defined(path: str) -> set[str]:
    """Return what a file defines: functions and classes at any depth, methods also as `Class.method`, and the names
    that the module assigns."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            names |= {f"{node.name}.{child.name}" for child in node.body if isinstance(child, ast.FunctionDef)}
    assigned = [target for node in tree.body if isinstance(node, ast.Assign) for target in node.targets]
    assigned += [node.target for node in tree.body if isinstance(node, ast.AnnAssign)]
    return names | {target.id for target in assigned if isinstance(target, ast.Name)}


def passed(text: str) -> set[tuple[str, str]]:
    """Return each file of a text with each of the names that follow it."""
    return {(path, name) for path, names in PASSED.findall(text) for name in NAME.findall(names)}


@pytest.mark.parametrize("document", ["docs/walks.md", "CONTRIBUTING.md"])
def test_every_name_that_follows_a_path_is_defined_in_that_file(document: str) -> None:
    named = passed((ROOT / document).read_text(encoding="utf-8"))
    assert len(named) > 10
    assert sorted(f"{path} {name}" for path, name in named if name not in defined(path)) == []


def test_a_name_is_held_against_the_file_before_it() -> None:
    text = "`bot/worker.py` `tick`,\n  `no_such_function`; the tick."
    text += " `bot/slack/delivery/sender.py` `RowSender.send`, `settle`"
    missing = {name for path, name in passed(text) if name not in defined(path)}
    assert missing == {"no_such_function", "settle"}
