"""What people type is read with patience."""

from __future__ import annotations

from bot.slack.listeners.base.typed import unquoted


def test_what_is_copied_brings_neither_quotes_nor_unseen_signs_along() -> None:
    copied = "\u200blist \u2068@sato\u2069 \ufeff 「12」 \u200e\u201cAcme\u201d"
    assert unquoted(copied) == ["list", "@sato", "12", "Acme"]


def test_a_sign_without_a_width_inside_of_a_word_stays() -> None:
    family = "\U0001f468\u200d\U0001f469"
    assert unquoted(family) == [family]
