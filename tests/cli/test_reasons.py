"""Why a file cannot be read or written, in the reader's language."""

from __future__ import annotations

import os

import pytest

from bot.cli.base.terminal import SYSTEM, reason_of
from bot.i18n import Translator
from storage.vocabulary import Locale
from tests.cli.kit import cli


def test_a_reason_that_is_usual_is_in_the_readers_language_and_another_as_the_system_says_it() -> None:
    t = Translator(Locale.JA, "UTC")
    for number in SYSTEM:
        assert os.strerror(number) not in reason_of(t, OSError(number, os.strerror(number)))
    assert reason_of(t, OSError(5, "Input/output error")) == "Input/output error"


def test_a_team_file_that_is_not_there_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for locale, words in (("ja_JP.UTF-8", "ファイルがありません"), ("C.UTF-8", "there is no such file")):
        monkeypatch.setenv("LANG", locale)
        assert words in cli("config", "check", "nothing.toml").stderr
