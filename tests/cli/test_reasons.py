"""Why a file or database cannot be read or written, in the reader's language."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.i18n import Translator
from bot.system_errors import _SYSTEM, reason_of
from storage.vocabulary import Locale
from tests.cli.kit import cli

JA = Translator(Locale.JA, "UTC")


def raised(file: Path, statement: str) -> sqlite3.Error:
    connection = sqlite3.connect(file)
    try:
        with pytest.raises(sqlite3.Error) as caught:
            connection.execute(statement)
    finally:
        connection.close()
    return caught.value


def test_a_reason_that_is_usual_has_words_and_another_its_code() -> None:
    for number in _SYSTEM:
        assert os.strerror(number) not in reason_of(JA, OSError(number, os.strerror(number)))
    assert reason_of(JA, OSError(errno.ELOOP, "Too many levels")) == "エラーコード: ELOOP"


def test_a_database_speaks_the_readers_language(tmp_path: Path) -> None:
    other = tmp_path / "notes.txt"
    other.write_text("no database " * 100)
    assert reason_of(JA, raised(other, "SELECT * FROM sqlite_master")) == "SQLiteのデータベースではありません"
    assert reason_of(JA, raised(tmp_path / "a.db", "SELECT nothing")) == "エラーコード: SQLITE_ERROR"
    for error, words in (
        ('connection failed: FATAL:  password authentication failed for user "x"', "ユーザー名かパスワードが違います"),
        ("connection to server at 127.0.0.1 failed: Connection refused", "接続が拒否されました"),
        ("failed to resolve host 'db': Name or service not known", "ホスト名が見つかりません"),
    ):
        assert reason_of(JA, sa.exc.OperationalError(None, None, Exception(error))) == words


def test_a_team_file_that_is_not_there_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for locale, words in (("ja_JP.UTF-8", "ファイルがありません"), ("C.UTF-8", "there is no such file")):
        monkeypatch.setenv("LANG", locale)
        assert words in cli("config", "check", "nothing.toml").stderr


def test_a_lead_that_cannot_be_read_is_told_in_japanese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")
    refused = cli("route", "--dry-run", '{"compny": "Acme", "score": "high"}')
    assert refused.exit_code == 1
    assert "company ではありませんか" in refused.stderr
    assert "score が数値ではありません" in refused.stderr
    assert "JSONとして読み取れません(行:桁 1:13" in cli("route", "--dry-run", '{"company": ').stderr


def test_what_is_no_lead_is_not_taken_for_a_team_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "C.UTF-8")
    assert "Write one object in" in cli("route", "--dry-run", '[{"company": "Acme"}]').stderr
    assert "with a lead as JSON, or a team file" in cli("route", "--dry-run", "").stderr
