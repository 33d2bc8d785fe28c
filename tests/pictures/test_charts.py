"""The charts as PNG: what stands in them can be read in both languages, and by whoever cannot see them."""

from __future__ import annotations

import struct
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path

import pytest

from bot.i18n import Translator
from bot.pictures import fonts
from bot.pictures.charts import Picture, pictures
from bot.pictures.fonts import NoFont, characters, font_for
from bot.slack.blocks.reports import digest_trend
from tests.slack.blocks import weeks
from tests.slack.blocks.samples import EN, JA
from tests.thorough import thoroughly

languages = pytest.mark.parametrize("t", [JA, EN], ids=["ja", "en"])
SHOTS = Path(__file__).parents[2] / "screenshots"
JAPANESE = "期限内の対応"


@cache
def drawn(size: int, t: Translator) -> list[Picture]:
    shown = pictures(weeks.trend(size), t)
    for picture in shown if SHOTS.is_dir() else ():
        (SHOTS / f"picture-{picture.name}-{size}-{t.locale}.png").write_bytes(picture.png)
    return shown


@pytest.mark.alike
@pytest.mark.parametrize(
    ("t", "size"),
    thoroughly(product([JA, EN], [1, 40, 4000]), but=[(EN, 1), (JA, 40), (EN, 40), (JA, 4000)]),
    ids=lambda value: value.locale.value if isinstance(value, Translator) else str(value),
)
def test_every_text_has_its_glyphs_in_the_font_it_is_drawn_in(t: Translator, size: int) -> None:
    # matplotlib warns of a glyph that it does not find, and a warning fails the test.
    shown = drawn(size, t)
    assert [picture.name for picture in shown] == ["in-time", "time-to-answer", "stages"]
    for picture in shown:
        text = "".join(picture.words)
        assert set(text) - set(" \n") <= characters(font_for(text))
        assert picture.png.startswith(b"\x89PNG\r\n")
        assert struct.unpack(">II", picture.png[16:24]) == (1080, 504)
    assert t("trend.in_time") in shown[0].words
    assert t("trend.stage.won") in shown[2].words


@languages
def test_what_a_picture_shows_is_said_in_words(t: Translator) -> None:
    trend = weeks.trend(40)
    in_time, _, stages = drawn(40, t)
    for point in trend.answered:
        assert f"({point.in_time}/{point.due})" in in_time.alt
    assert str(trend.stages.received) in stages.alt
    assert str(trend.stages.won) in stages.alt


@pytest.mark.parametrize("t", thoroughly([JA, EN], but=[JA]), ids=["ja", "en"])
def test_no_time_is_drawn_where_nothing_was_answered(t: Translator) -> None:
    trend = weeks.trend(40)
    points = tuple(replace(point, in_time=0, median=None, p90=None) for point in trend.points)
    assert [picture.name for picture in pictures(replace(trend, points=points), t)] == ["in-time", "stages"]
    worst = digest_trend.week(points[-3], t)
    some = replace(trend, points=(*trend.points[:-3], points[-3], *trend.points[-2:]))
    in_time, speed, _ = pictures(some, t)
    assert worst in in_time.words
    assert worst not in speed.words


@languages
def test_of_nothing_there_is_no_picture(t: Translator) -> None:
    assert pictures(weeks.trend(0), t) == []


def test_the_bundled_font_is_taken_where_the_system_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "system_fonts", list)
    assert font_for(JAPANESE).name == "ipaexg.ttf"


def test_a_font_of_the_system_is_taken_where_none_is_bundled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (ours,) = [path for path in fonts.candidates() if path.name == "ipaexg.ttf"][:1]
    theirs = tmp_path / "NotoSansJP-Regular.ttf"
    theirs.write_bytes(ours.read_bytes())
    monkeypatch.setattr(fonts, "find_spec", lambda _: None)
    monkeypatch.setattr(fonts, "system_fonts", lambda: [theirs])
    assert font_for(JAPANESE) == theirs


@pytest.fixture
def no_japanese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "find_spec", lambda _: None)
    monkeypatch.setattr(fonts, "system_fonts", list)


@pytest.mark.thorough
@pytest.mark.usefixtures("no_japanese")
def test_without_a_japanese_font_nothing_is_drawn_rather_than_boxes() -> None:
    with pytest.raises(NoFont, match="期"):
        pictures(weeks.trend(40), JA)
    assert len(pictures(weeks.trend(40), EN)) == 3
