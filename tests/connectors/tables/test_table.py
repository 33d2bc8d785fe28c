from __future__ import annotations

from pathlib import Path

import pytest

from bot.connectors.tables.encoding import Confidence, Foreign, NotATable, UnknownEncoding, Workbook
from bot.connectors.tables.table import LONGEST_CELL, NoTable, Table, open_table

TEXT = "会社名,氏名,備考\r\n青空商事,山田 太郎,こんにちは\r\n"


def table(folder: Path, raw: bytes, encoding: str | None = None) -> Table:
    file = folder / "export.csv"
    file.write_bytes(raw)
    return open_table(file, encoding)


def rows(read: Table) -> list[tuple[str, ...]]:
    return [row.cells for row in read.rows()]


ENCODINGS = {
    "utf-8": ("UTF-8", Confidence.CERTAIN),
    "utf-8-sig": ("UTF-8", Confidence.CERTAIN),
    "utf-16": ("UTF-16", Confidence.CERTAIN),
    "utf-16-le": None,
    "cp932": ("Shift_JIS (cp932)", Confidence.LIKELY),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_a_file_is_read_in_every_encoding_and_with_every_separator(
    tmp_path: Path, encoding: str, separator: str
) -> None:
    read = table(
        tmp_path, TEXT.replace(",", separator).encode(encoding), "utf-16-le" if encoding == "utf-16-le" else None
    )
    assert read.columns == ("会社名", "氏名", "備考")
    assert rows(read) == [("青空商事", "山田 太郎", "こんにちは")]
    if known := ENCODINGS[encoding]:
        assert (read.encoding.shown, read.encoding.confidence) == known


def test_utf_16_without_a_mark_is_known_by_its_zeros(tmp_path: Path) -> None:
    for encoding in ("utf-16-le", "utf-16-be"):
        assert table(tmp_path, "a,b\n1,2\n".encode(encoding)).columns == ("a", "b")


def test_a_western_european_file_is_not_taken_for_a_japanese_one(tmp_path: Path) -> None:
    raw = "Société,Prénom\nCafé à Orléans,Zoë\n".encode("cp1252")
    with pytest.raises(UnknownEncoding):
        table(tmp_path, raw)
    read = table(tmp_path, raw, "cp1252")
    assert rows(read) == [("Café à Orléans", "Zoë")]
    assert read.encoding.confidence == Confidence.GIVEN
    with pytest.raises(UnknownEncoding):
        table(tmp_path, raw, "utf-8")


def test_half_width_kana_are_japanese_too(tmp_path: Path) -> None:
    read = table(tmp_path, "会社名,ﾌﾘｶﾞﾅ\n青空商事,ｱｵｿﾞﾗｼｮｳｼﾞｶﾌﾞｼｷｶﾞｲｼｬ\n".encode("cp932"))
    assert rows(read) == [("青空商事", "ｱｵｿﾞﾗｼｮｳｼﾞｶﾌﾞｼｷｶﾞｲｼｬ")]


@pytest.mark.parametrize("start", [b"PK\x03\x04rest", b"\xd0\xcf\x11\xe0rest"])
def test_a_workbook_is_named_as_such(tmp_path: Path, start: bytes) -> None:
    with pytest.raises(Workbook):
        table(tmp_path, start)


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"%PDF-1.7\n", Foreign.PDF),
        (b"\x89PNG\r\n\x1a\n", Foreign.PICTURE),
        (b"\xff\xd8\xff\xe0", Foreign.PICTURE),
        (b"\0\0\0\x18ftypheic", Foreign.PICTURE),
        (b"\x1f\x8b\x08", Foreign.ARCHIVE),
    ],
)
def test_a_file_without_rows_is_named_by_what_it_is(tmp_path: Path, start: bytes, kind: Foreign) -> None:
    with pytest.raises(NotATable) as refused:
        table(tmp_path, start)
    assert refused.value.kind == kind


@pytest.mark.parametrize("raw", [b"", b"\n\n", b"sep=;\n", b",,\n", b"a" * (LONGEST_CELL + 1)])
def test_a_file_without_names_of_columns_is_no_table(tmp_path: Path, raw: bytes) -> None:
    with pytest.raises(NoTable):
        table(tmp_path, raw)


@pytest.mark.parametrize(("first", "separator"), [("sep=,", ","), ("sep=;", ";"), ("SEP=|", "|"), ('"sep=\t"', "\t")])
def test_excels_line_about_the_separator_is_believed(tmp_path: Path, first: str, separator: str) -> None:
    # Each other separator stands more often in the line of names.
    names = ["a,,;;||\t\t".replace(separator, ""), "b"]
    read = table(tmp_path, f"{first}\n{separator.join(names)}\n".encode())
    assert (read.separator, read.columns) == (separator, tuple(name.strip() for name in names))


def test_lines_are_counted_as_a_person_counts_them(tmp_path: Path) -> None:
    text = 'sep=;\n\na;b\n1;"two\nlines"\n\n;\n3;4\n5\n6;7;;\n'
    read = table(tmp_path, text.encode())
    lines = [(row.line, row.cells, row.bad) for row in read.rows()]
    assert lines == [
        (5, ("1", "two\nlines"), False),
        (8, ("3", "4"), False),
        (9, ("5",), True),
        (10, ("6", "7"), False),
    ]


def test_carriage_returns_alone_end_lines_too(tmp_path: Path) -> None:
    assert rows(table(tmp_path, b"a,b\r1,2\r3,4\r")) == [("1", "2"), ("3", "4")]


def test_a_separator_inside_of_quotes_is_none(tmp_path: Path) -> None:
    read = table(tmp_path, b'"a;b;c","d"\n1,2\n')
    assert read.columns == ("a;b;c", "d")


def test_a_cell_longer_than_any_cell_is_a_bad_row_and_the_next_one_is_read(tmp_path: Path) -> None:
    raw = b"a,b\n" + b"x" * (1 << 21) + b",1\n2,3\n"
    lines = [(row.line, row.bad) for row in table(tmp_path, raw).rows()]
    assert lines[0] == (2, True)
    assert lines[-1] == (3, False)
