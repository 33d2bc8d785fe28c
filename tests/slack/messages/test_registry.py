"""Every kind of message can be rendered in both languages, or nothing starts."""

from __future__ import annotations

import pytest

from bot import i18n
from bot.core.messages import kinds
from bot.core.messages.kinds import KINDS, IncompleteKind
from bot.slack.messages import registry
from bot.slack.messages.renderers import RENDERERS, renders
from storage.vocabulary import Locale, MessageKind
from tests.core.messages.test_kinds import at_import

# A kind that has its entry: nothing renders it, and once something does, nobody has written its words.
EXTRA_KIND = """
import enum
from dataclasses import replace
from bot.core.messages import kinds

class Extra(enum.StrEnum):
    THANKS = "thanks"

thanks = replace(kinds.CARD, word=Extra.THANKS)
kinds.KINDS[Extra.THANKS] = thanks
try:
    import bot.slack.delivery.rendering
except kinds.IncompleteKind as problem:
    without_renderer = problem
import bot.slack.messages.renderers
bot.slack.messages.renderers.RENDERERS[Extra.THANKS] = lambda context: None
try:
    import bot.slack.delivery.rendering
except kinds.IncompleteKind as without_words:
    raise kinds.IncompleteKind(f"{without_renderer}; {without_words}") from None
"""


def test_a_kind_without_renderer_or_words_does_not_import() -> None:
    last_line = at_import(EXTRA_KIND)
    assert "thanks has no renderer" in last_line
    assert "thanks lacks words in bot/locales/ja/: kind.thanks" in last_line


@pytest.mark.parametrize("kind", MessageKind)
def test_each_kind_needs_its_renderer(kind: MessageKind) -> None:
    others = {word: renderer for word, renderer in RENDERERS.items() if word != kind}
    if kind == MessageKind.EDIT:
        registry.check(KINDS, others)
        return
    with pytest.raises(IncompleteKind, match=f"^{kind} has no renderer"):
        registry.check(KINDS, others)


@pytest.mark.parametrize("locale", Locale)
@pytest.mark.parametrize("key", ["kind.card", "noise.kind.disputed", "direct.held_offer"])
def test_each_kind_needs_its_words_in_both_languages(key: str, locale: Locale, monkeypatch: pytest.MonkeyPatch) -> None:
    def without(asked: Locale) -> dict[str, str | tuple[str, ...]]:
        words = i18n.catalogue(asked)
        return words if asked != locale else {known: text for known, text in words.items() if known != key}

    registry.check(KINDS, RENDERERS)
    monkeypatch.setattr(registry, "catalogue", without)
    with pytest.raises(IncompleteKind, match=f"bot/locales/{locale}/: {key}$"):
        registry.check(KINDS, RENDERERS)


def test_no_kind_has_two_renderers() -> None:
    with pytest.raises(ValueError, match="card has two renderers"):
        renders(kinds.CARD)(RENDERERS[MessageKind.CARD])
