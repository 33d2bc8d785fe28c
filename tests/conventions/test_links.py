"""Every relative link of a document leads somewhere, and every anchor to a heading, as GitHub names them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(path.relative_to(ROOT).as_posix() for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"\]\((?![a-z]+:)([^)\s#]*)(?:#([^)\s]+))?\)")
HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)


def text_of(document: Path) -> str:
    """A document without its code blocks, in which a `#` is a comment."""
    return BLOCK.sub("", document.read_text(encoding="utf-8"))


def anchors_of(document: Path) -> set[str]:
    """Of its headings: lower case, without marks, hyphens for spaces, a number from the second of a name on."""
    anchors: list[str] = []
    for heading in HEADING.findall(text_of(document)):
        words = re.sub(r"\]\([^)]*\)", "", heading).lower()
        anchors.append(re.sub(r"[^\w\- ]", "", words).replace(" ", "-"))
    return {name if not (before := anchors[:at].count(name)) else f"{name}-{before}" for at, name in enumerate(anchors)}


def dead_links_of(document: Path) -> list[str]:
    dead = []
    for place, anchor in LINK.findall(CODE.sub("", text_of(document))):
        target = document.parent / place if place else document
        if not target.exists() or (anchor and anchor not in anchors_of(target)):
            dead.append(f"{place}#{anchor}" if anchor else place)
    return dead


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_of_a_document_leads_somewhere(document: str) -> None:
    assert dead_links_of(ROOT / document) == []


def test_a_link_to_nowhere_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# A page (日本語), v0.1.0\n## Same\n## Same\n```sh\n## no heading\n```\n"
        "[a](#a-page-日本語-v010) [b](page.md#same-1) [c](page.md#same-2) [d](#no-heading) [e](gone.md) [f](https://a.example#b)\n",
        encoding="utf-8",
    )
    assert dead_links_of(page) == ["page.md#same-2", "#no-heading", "gone.md"]
