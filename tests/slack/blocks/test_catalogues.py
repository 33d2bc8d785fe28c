"""Both languages say the same things, and nothing else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

from bot.i18n import LOCALES, Mrkdwn, Translator, _read, catalogue
from storage.vocabulary import Locale
from tests.slack.blocks.everything import REPLIES

BOT = LOCALES.parent
OURS = (
    "general",
    "cards",
    "direct_messages",
    "replies",
    "modals",
    "home",
    "digest",
    "alerts",
    "data",
    "delivery",
    "kpi",
    "checkup",
    "monthly",
    "scoring",
    "quick_outcome",
    "several_outcomes",
    "acceptance",
    "deals",
    "disputes",
    "followup_question",
    "kinds",
    "marketing_updates",
    "meeting",
    "noise",
    "wins",
    "people",
    "trend",
    "own_week",
    "definition",
    "definition_history",
    "actions",
    "acts",
)
KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
SAME = {"show.title", "kpi.stage.mqls"}
# Lines of a change to the team file name its own words, and show a reason in the reader's language only.
TEAM_FILE = "config.change."
# Their {after} is a word and not a person; or their {rep} is worded already.
NOT_PEOPLE = {"note.corrected", "digest.since"}


def forms(locale: Locale, key: str) -> tuple[str, ...]:
    found = catalogue(locale)[key]
    return (found,) if isinstance(found, str) else found


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def our_keys() -> set[str]:
    texts = [(LOCALES / "ja" / f"{topic}.po").read_text() for topic in OURS]
    return {key for text in texts for key in re.findall(r'^msgid "(.+)"$', text, re.MULTILINE)}


def talk() -> set[str]:
    return {key for key in catalogue(Locale.JA) if not key.startswith(TEAM_FILE)}


@cache
def sources() -> tuple[ast.Module, ...]:
    return tuple(ast.parse(path.read_text()) for path in sorted(BOT.rglob("*.py")))


def used() -> Iterator[re.Pattern[str]]:
    """A pattern for each text in the code that is, or may become, a key."""
    for tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and KEY.fullmatch(node.value):
                yield re.compile(re.escape(node.value))
            if isinstance(node, ast.JoinedStr):
                parts = [re.escape(str(v.value)) if isinstance(v, ast.Constant) else "[a-z0-9_]+" for v in node.values]
                if re.match(r"[a-z_]+\\\.", parts[0]):
                    yield re.compile("".join(parts))


def asked_for() -> Iterator[str]:
    """The keys that are given to a translator as they stand."""
    for tree in sources():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = node.func
            is_t = isinstance(called, ast.Name) and called.id == "t"
            is_md = isinstance(called, ast.Attribute) and called.attr in ("md", "t", "private", "notice")
            given = node.args[0]
            if (is_t or is_md) and isinstance(given, ast.Constant) and isinstance(given.value, str):
                yield given.value


def test_both_languages_have_the_same_keys() -> None:
    assert catalogue(Locale.JA).keys() == catalogue(Locale.EN).keys()


def test_both_languages_have_the_same_files() -> None:
    names = [{path.name for path in (LOCALES / locale).glob("*.po")} for locale in Locale]
    assert names[0] == names[1]


def test_a_message_has_the_same_placeholders_in_every_form_and_language() -> None:
    for key in talk():
        # The singular may say "one" instead of {count}.
        kinds = {frozenset(placeholders(text) - {"count"}) for locale in Locale for text in forms(locale, key)}
        assert len(kinds) == 1, key
        last = {"count" in placeholders(forms(locale, key)[-1]) for locale in Locale}
        assert len(last) == 1, key


@pytest.mark.parametrize("locale", Locale)
def test_no_message_is_empty(locale: Locale) -> None:
    assert [key for key in catalogue(locale) if not all(text.strip() for text in forms(locale, key))] == []


def test_japanese_is_japanese() -> None:
    for key in talk() - SAME:
        for text in forms(Locale.JA, key):
            words = re.sub(r"\{[a-z_]*\}", "", text)
            assert JAPANESE.search(words) or not re.search(r"[A-Za-z]", words), key


def test_english_has_no_japanese_left_in_it() -> None:
    for key in catalogue(Locale.EN):
        assert not any(JAPANESE.search(text) for text in forms(Locale.EN, key)), key


def test_every_key_in_the_code_has_a_message() -> None:
    assert sorted(set(asked_for()) - catalogue(Locale.JA).keys()) == []


def test_every_message_is_used() -> None:
    patterns = list(used())
    assert sorted(key for key in our_keys() if not any(one.fullmatch(key) for one in patterns)) == []


def test_every_reply_is_one_that_listeners_know() -> None:
    replies = {key.removeprefix("reply.") for key in our_keys() if key.startswith("reply.")}
    assert replies == REPLIES.keys()


def test_titles_fit_into_a_modal() -> None:
    for locale in Locale:
        for key in catalogue(locale):
            if re.search(r"\.(title|submit)(_|$)", key) and key.split(".")[0] not in ("home", "digest"):
                assert all(len(text) <= 24 for text in forms(locale, key)), key


def test_japanese_calls_colleagues_san_and_leads_sama() -> None:
    t = Translator(Locale.JA, "Asia/Tokyo")
    assert t("lead.both", company="青空商事", person="山田") == "青空商事 山田様"
    for key in our_keys() - NOT_PEOPLE:
        for text in forms(Locale.JA, key):
            assert not re.search(r"\{(rep|actor|by|after)\}(?!さん)", text), key


def test_values_are_escaped_in_mrkdwn_unless_they_are_mrkdwn_already() -> None:
    t = Translator(Locale.EN, "Asia/Tokyo")
    assert t.md("card.owner", who="<@U1>") == "Owner: &lt;@U1&gt;"
    assert t.md("card.owner", who=Mrkdwn("<@U1>")) == "Owner: <@U1>"


def test_catalogues_refuse_a_key_that_two_files_define(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.po", "b.po"):
        path = tmp_path / "ja" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "x.y"\nmsgstr "あ"\n')
    monkeypatch.setattr("bot.i18n.LOCALES", tmp_path)
    with pytest.raises(ValueError, match=r"x\.y is defined twice"):
        _read.__wrapped__(Locale.JA)
