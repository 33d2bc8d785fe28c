"""Both palettes: what is read stands out from what is behind it (WCAG AA: 4.5 to 1)."""

from __future__ import annotations

import re

import pytest

from tests.playground.page.stage import PAGE

CSS = (PAGE / "style" / "base.css").read_text(encoding="utf-8")
PAIRS = [
    *((ink, behind) for ink in ("ink", "soft") for behind in ("paper", "panel", "raised")),
    *(("danger", behind) for behind in ("paper", "raised")),
    *(("link", behind) for behind in ("paper", "panel", "raised")),
    ("on-accent", "accent"), ("accent-ink", "accent-soft"), ("on-danger", "danger"), ("warn", "warn-soft"),
    ("warn", "flash"), ("mention", "mention-soft"), ("on-top", "top"), ("top-soft", "top"), ("on-top", "top-line"),
    ("code", "panel"), ("soft", "line"), ("ink", "danger-soft"), ("ink", "flash"), ("soft", "accent-soft"),
]  # fmt: skip


def _palette(start: str) -> dict[str, str]:
    block = CSS[CSS.index(start) :]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block[: block.index("}")]))


def _light(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("start", [":root {", ':root[data-theme="dark"] {\n', ':root[data-theme="auto"] {\n'])
def test_text_stands_out_from_what_is_behind_it(start: str) -> None:
    palette = _palette(start)
    for ink, behind in PAIRS:
        high, low = sorted((_light(palette[ink]), _light(palette[behind])), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 4.5, (ink, behind)


def test_the_dark_palette_is_the_same_whether_chosen_or_the_machines_own() -> None:
    assert _palette(':root[data-theme="dark"] {\n') == _palette(':root[data-theme="auto"] {\n')
