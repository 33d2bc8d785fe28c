"""The font of the pictures, found by what it can draw: a Japanese word must never come out as a row of boxes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

# Where the package with the bundled font is not installed: Japanese fonts that systems have.
KNOWN = ("NotoSansCJK", "NotoSansJP", "ipaexg", "ipag", "Hiragino", "YuGoth", "meiryo", "TakaoGothic")


class NoFont(Exception):
    """No font on this machine has all the characters. Names those that the best of them lacks."""


def font_for(text: str) -> Path:
    """Return a font file that has a glyph for every character of a text. Raises NoFont."""
    wanted = {character for character in text if not character.isspace()}
    lacks = wanted
    for path in candidates():
        missing = wanted - characters(path)
        if not missing:
            return path
        lacks = min(lacks, missing, key=len)
    raise NoFont("".join(sorted(lacks)))


@cache
def characters(path: Path) -> frozenset[str]:
    """Return what a font file can draw: nothing, where it cannot be read."""
    try:
        return frozenset(map(chr, FT2Font(str(path)).get_charmap()))
    except (OSError, RuntimeError):
        return frozenset()


def candidates() -> Iterator[Path]:
    """Font files, the bundled one first."""
    # Not imported: that would change the fonts of whoever draws with matplotlib in this process.
    bundled = find_spec("matplotlib_fontja")
    for folder in (bundled.submodule_search_locations or ()) if bundled else ():
        yield Path(folder, "fonts", "ipaexg.ttf")
    fonts = system_fonts()
    for name in KNOWN:
        yield from (path for path in fonts if path.name.startswith(name))
    yield Path(font_manager.findfont("DejaVu Sans"))


def system_fonts() -> list[Path]:
    """Return the font files that the system has."""
    return sorted(Path(path) for path in font_manager.findSystemFonts())
