from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from bot.i18n import Mrkdwn, escape
from bot.slack.blocks.base.text import bare_name, clean, clip, clip_md, line, md, size

characters = ["a", "&", "<", ">", "あ", "👩🏽‍💻", "🇯🇵", "e\u0301", " ", "\n"]
words = st.lists(st.sampled_from(characters), max_size=60).map("".join)


def test_a_text_within_the_limit_stays_as_it_is() -> None:
    assert clip("青空商事", 4) == "青空商事"


def test_a_longer_text_ends_in_an_ellipsis() -> None:
    assert clip("Acme Corporation", 7) == "Acme C…"


@given(words, st.integers(1, 40))
def test_no_text_is_ever_longer_than_its_limit(text: str, limit: int) -> None:
    assert size(clip(text, limit)) <= limit
    assert size(clip_md(escape(text), limit)) <= limit


@given(words, st.integers(1, 40))
def test_an_escape_is_never_cut(text: str, limit: int) -> None:
    left = re.sub("&(amp|lt|gt);", "", clip_md(escape(text), limit))
    assert "&" not in left


def test_a_mention_stays_whole_or_goes_whole() -> None:
    assert clip_md(Mrkdwn("ab <@U0123456789> cd"), 10) == "ab…"


def test_an_emoji_of_many_parts_is_not_cut() -> None:
    assert clip("ok 👨‍👩‍👧‍👦 family", 6) == "ok…"
    assert clip("🇯🇵🇯🇵🇯🇵", 6) == "🇯🇵…"


def test_a_letter_keeps_its_accent_and_a_name_its_variant_of_a_character() -> None:
    assert clip("葛\U000e0100飾区の会社", 4) == "葛\U000e0100…"


def test_a_thousand_accents_on_one_letter_are_cut_all_the_same() -> None:
    assert size(clip("a" + "\u0301" * 1000, 50)) <= 50


def test_control_characters_and_halves_of_characters_are_dropped() -> None:
    assert clean("a\u0000b\ud83dc\u202ed") == "abcd"


def test_text_in_a_language_written_from_right_to_left_stays() -> None:
    assert clean("שלום") == "שלום"


def test_text_that_shows_nothing_counts_as_missing() -> None:
    assert clean(" \u200b\u3000\n") == ""
    assert clean(None) == ""


def test_a_name_with_line_breaks_becomes_one_line() -> None:
    assert line("Acme\n\n  Inc.") == "Acme Inc."


def test_outside_text_is_escaped_after_it_is_shortened() -> None:
    assert md("<!channel>") == "&lt;!channel&gt;"


def test_a_name_that_brings_its_own_honorific_does_not_get_two() -> None:
    assert bare_name("山田 太郎様") == "山田 太郎"
    assert bare_name("佐藤さん") == "佐藤"
    assert bare_name("様") == "様"
