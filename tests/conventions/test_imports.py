"""No module imports what imports it, not even for a type."""

from __future__ import annotations

from pathlib import Path

from tests.conventions.imports import PACKAGES, circles, graph, imported_by, sources


def test_no_circle_within_or_across_packages() -> None:
    assert circles(graph(sources())) == []


def test_a_circle_is_seen_wherever_its_imports_stand(tmp_path: Path) -> None:
    """A type, a function and a plain import; and a package that is only used is in no circle."""
    texts = {
        "__init__": "",
        "first": "from house import second",
        "second": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from house.third import Third",
        "third": "def late():\n    import house.first",
        "user": "import house.first",
    }
    (tmp_path / "house").mkdir()
    for name, text in texts.items():
        (tmp_path / "house" / f"{name}.py").write_text(text)
    assert circles(graph(sources(["house"], tmp_path))) == [["house.first", "house.second", "house.third"]]


def test_benches_need_no_conftest() -> None:
    """A conftest belongs to pytest; what tests and benches share stands in plain modules."""
    everything = sources([*PACKAGES, "tests"])
    reached, ahead = set[str](), [module for module in everything if module.startswith("bench")]
    while ahead:
        module = ahead.pop()
        if module not in reached:
            reached.add(module)
            ahead += imported_by(module, everything)
    assert [module for module in sorted(reached) if module.endswith("conftest") or ".test_" in module] == []
