"""In which encoding a file is written, and how sure that is."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from zipfile import BadZipFile, ZipFile

CHUNK = 1 << 16
ENOUGH = 1 << 18
"""Characters of a sample: a file is Japanese in its first rows, or not at all."""
MOSTLY = 0.9
NAMES = ("utf-8", "utf-16", "cp932", "cp1252")
"""What a person may say that it is."""
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_USUAL = (*range(0x81, 0x85), 0x87, *range(0x88, 0x99))
"""First bytes of full-width signs, kana, circled digits, and kanji of JIS level 1."""
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
"""How .xls begins, and .doc and .ppt."""
_ZIP = b"PK\x03\x04"
"""How .xlsx begins, and every other archive."""


class Confidence(StrEnum):
    """CERTAIN: the file says so, or nothing else is possible. LIKELY: it reads as Japanese. GIVEN: somebody said it."""

    CERTAIN = "certain"
    LIKELY = "likely"
    GIVEN = "given"


@dataclass(frozen=True)
class Encoding:
    """How a file is read."""

    name: str
    confidence: Confidence

    @property
    def shown(self) -> str:
        """Return the name that people know."""
        return {"utf-8-sig": "UTF-8", "utf-8": "UTF-8", "utf-16": "UTF-16", "cp932": "Shift_JIS (cp932)"}.get(
            self.name.removesuffix("-le").removesuffix("-be"), self.name
        )


class UnknownEncoding(ValueError):
    """The file is in none of the encodings that can be told apart; or in another than was said."""


class Workbook(ValueError):
    """The file is an Excel workbook."""


class Foreign(StrEnum):
    """What a file is that is no table at all."""

    PDF = "pdf"
    PICTURE = "picture"
    DOCUMENT = "document"
    ARCHIVE = "archive"


class NotATable(ValueError):
    """The file is of a kind that holds no rows."""

    def __init__(self, name: str, kind: Foreign) -> None:
        super().__init__(name)
        self.kind = kind


_BEGINNINGS = {
    Foreign.PDF: (b"%PDF-",),
    Foreign.PICTURE: (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*"),
    Foreign.ARCHIVE: (b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!"),
}


def encoding_of(file: Path, given: str | None = None) -> Encoding:
    """Return the encoding of a file, after reading all of it. `given`: what a person says that it is. Raises
    UnknownEncoding, Workbook, NotATable and OSError."""
    with file.open("rb") as opened:
        start = opened.read(12)
    _refuse_foreign(file, start)
    if given is not None:
        return _as_said(file, given)
    for mark, name in _MARKS:
        if start.startswith(mark):
            return Encoding(name, Confidence.CERTAIN) if _reads(file, name) else _unknown(file)
    if b"\0" in start[:4] and (wide := "utf-16-be" if start[:1] == b"\0" else "utf-16-le") and _reads(file, wide):
        return Encoding(wide, Confidence.CERTAIN)
    if _reads(file, "utf-8"):
        return Encoding("utf-8", Confidence.CERTAIN)
    if _reads(file, "cp932") and _is_japanese(file):
        return Encoding("cp932", Confidence.LIKELY)
    return _unknown(file)


def _refuse_foreign(file: Path, start: bytes) -> None:
    """Raise what a file is, by its first bytes, where it is no text."""
    if start.startswith(_ZIP):
        _refuse_archive(file)
    if start.startswith(_OLD_OFFICE):
        old_text = file.suffix.lower() in (".doc", ".ppt", ".msg")
        raise NotATable(file.name, Foreign.DOCUMENT) if old_text else Workbook(file.name)
    if (start[:4] == b"RIFF" and start[8:] == b"WEBP") or start[4:8] == b"ftyp":
        raise NotATable(file.name, Foreign.PICTURE)
    for kind, beginnings in _BEGINNINGS.items():
        if start.startswith(beginnings):
            raise NotATable(file.name, kind)


def _refuse_archive(file: Path) -> None:
    try:
        with ZipFile(file) as archive:
            names = archive.namelist()
    except BadZipFile:
        names = []
    if any(name.startswith(("word/", "ppt/")) for name in names):
        raise NotATable(file.name, Foreign.DOCUMENT)
    if names and not any(name.startswith("xl/") for name in names):
        raise NotATable(file.name, Foreign.ARCHIVE)
    raise Workbook(file.name)


def _as_said(file: Path, given: str) -> Encoding:
    name = "utf-8-sig" if given == "utf-8" else given
    return Encoding(name, Confidence.GIVEN) if _reads(file, name) else _unknown(file)


def _unknown(file: Path) -> Encoding:
    raise UnknownEncoding(file.name)


def _reads(file: Path, name: str) -> bool:
    try:
        for _ in _decoded(file, name):
            pass
    except UnicodeError:
        return False
    return True


def _decoded(file: Path, name: str) -> Iterator[str]:
    with file.open("rb") as opened:
        yield from codecs.iterdecode(iter(lambda: opened.read(CHUNK), b""), name)


def _is_japanese(file: Path) -> bool:
    """Return whether its signs are the usual ones of Japanese texts: a file of Western Europe can be read as cp932
    too, and then consists of rare kanji and half-width kana beside Latin letters."""
    foreign = [raw for letter in _sample(_decoded(file, "cp932")) if len(raw := letter.encode("cp932")) == 2]
    usual = sum(raw[0] in _USUAL for raw in foreign)
    return bool(foreign) and usual >= MOSTLY * len(foreign)


def _sample(parts: Iterable[str]) -> Iterator[str]:
    length = 0
    for part in parts:
        yield from part
        length += len(part)
        if length >= ENOUGH:
            return
