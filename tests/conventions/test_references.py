"""What the documents name in the code is there: a file that moves takes its mention along."""

from __future__ import annotations

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
            found: object = importlib.import_module(".".join(parts[:count]))
        except ModuleNotFoundError:
            continue
        for attribute in parts[count:]:
            if not hasattr(found, attribute):
                return False
            found = getattr(found, attribute)
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
