"""Both languages say the same things, and nothing else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

from bot.core.base import day_words, period_words
from bot.core.base.results import Refusal, Refused
from bot.i18n import LOCALES, Mrkdwn, Translator, _parse, _read, catalogue
from bot.slack.blocks.base.example_days import example_days
from bot.slack.blocks.base.reply_keys import Reply
from bot.slack.replies import words_of
from storage.vocabulary import Locale, SourceKind
from tests.slack.blocks.everything import REPLIES
from tests.slack.blocks.families import FAMILIES, NO_FAMILIES

BOT = LOCALES.parent
# Read in a terminal, in a file or by a program rather than in Slack.
ELSEWHERE = {"cli", "config", "errors", "init", "outbound", "picture", "simulate"}
KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
# A tool is called the same everywhere, and a line of paths has no words.
BRANDS = {f"source.kind.{kind}" for kind in SourceKind} - {"source.kind.mapping", "source.kind.generic"}
SAME = {"show.title", "kpi.stage.mqls", "source.map.line", *BRANDS}
# Lines of a change to the team file name its own words, and show a reason in the reader's language only.
TEAM_FILE = "config.change."
# Their {after} is a word and not a person; or their {rep} is worded already.
NOT_PEOPLE = {"note.corrected", "digest.since", "why.by_hand", "why.chosen", "reassign.about"}


def forms(locale: Locale, key: str) -> tuple[str, ...]:
    texts = catalogue(locale)[key]
    return (texts,) if isinstance(texts, str) else texts


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def our_keys() -> set[str]:
    texts = [path.read_text() for path in (LOCALES / "ja").glob("*.po") if path.stem not in ELSEWHERE]
    return {key for text in texts for key in re.findall(r'^msgid "(.+)"$', text, re.MULTILINE)}


def talk() -> set[str]:
    return {key for key in catalogue(Locale.JA) if not key.startswith(TEAM_FILE)}


JA, EN = (Translator(locale, "Asia/Tokyo") for locale in Locale)
TOPICS = {key.partition(".")[0] for key in catalogue(Locale.JA)}
FAMILY = re.compile(r"[a-z0-9_{}]+(\.[a-z0-9_{}]+)+")


@dataclass(frozen=True)
class Call:
    """A call that words a key which stands there as it is."""

    key: str
    named: frozenset[str]
    """The names of its keyword arguments."""
    shares: bool
    """Whether the words may be there for another key: of a choice between two, or of a reply."""
    line: str


@dataclass(frozen=True)
class Code:
    """What the code says of keys, each with a line where it stands."""

    f_strings: dict[str, str]
    """The fixed parts of every f-string that may become a key, with {} for what varies."""
    literals: dict[str, str]
    """Every text that begins like a key."""
    calls: list[Call]
    bare_replies: dict[str, str]
    """The replies that are given without any words: returned, or named as the answer to whoever is not admitted."""


@cache
def code() -> Code:
    """Every file of the bot, parsed and walked through once."""
    read = Code({}, {}, [], {})
    for file in sorted(BOT.rglob("*.py")):
        path, nodes = str(file.relative_to(BOT)), list(ast.walk(ast.parse(file.read_text())))
        read.f_strings.update(f_strings(path, nodes))
        read.literals.update(literals(path, nodes))
        read.calls.extend(calls(path, nodes))
        read.bare_replies.update(bare_replies(path, nodes))
    return read


def f_strings(path: str, nodes: list[ast.AST]) -> Iterator[tuple[str, str]]:
    for node in nodes:
        if isinstance(node, ast.JoinedStr):
            parts = [str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values]
            text = "".join(parts)
            if FAMILY.fullmatch(text) and (text.startswith("{}") or text.partition(".")[0] in TOPICS):
                yield text, f"{path}:{node.lineno}"


def literals(path: str, nodes: list[ast.AST]) -> Iterator[tuple[str, str]]:
    inside = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in nodes:
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in inside:
            continue
        if KEY.fullmatch(node.value) and node.value.partition(".")[0] in TOPICS:
            yield node.value, f"{path}:{node.lineno}"


def families() -> set[str]:
    return {expanded(family, member) for family, members in FAMILIES.items() for member in members}


def expanded(family: str, member: str) -> str:
    """The key of a member: the first {} holds it, and any other is part of it already."""
    head, _, rest = family.partition("{}")
    return head + member + (rest if "{}" not in rest else "")


def calls(path: str, nodes: list[ast.AST]) -> Iterator[Call]:
    for node in nodes:
        if isinstance(node, ast.Call) and node.args and not any(word.arg is None for word in node.keywords):
            named = frozenset(str(word.arg) for word in node.keywords)
            for key in worded(node.func, node.args[0]):
                shares = isinstance(node.args[0], ast.IfExp) or key.startswith("reply.")
                yield Call(key, named, shares, f"{path}:{node.lineno}")


def worded(called: ast.expr, key: ast.expr) -> Iterator[str]:
    """The keys that a call words: of a translator by literal, of a reply by its member."""
    name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
    if isinstance(key, ast.IfExp):
        yield from worded(called, key.body)
        yield from worded(called, key.orelse)
    elif name in ("t", "md") and isinstance(key, ast.Constant) and isinstance(key.value, str):
        yield key.value
    elif name in ("reply", "say", "private") and (member := reply_of(key)):
        yield f"reply.{member}"


def reply_of(node: ast.expr) -> Reply | Refusal | None:
    """The member of Reply or Refusal that an expression names."""
    if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
        return None
    if node.value.id == "Reply":
        return Reply[node.attr]
    return Refusal[node.attr] if node.value.id == "Refusal" else None


def bare_replies(path: str, nodes: list[ast.AST]) -> Iterator[tuple[str, str]]:
    for node in nodes:
        names = isinstance(node, ast.Return) or (isinstance(node, ast.keyword) and node.arg == "refusal")
        if names and isinstance(node, ast.Return | ast.keyword) and node.value is not None:
            for option in options_of(node.value):
                if isinstance(reply := reply_of(option), Reply):
                    yield f"reply.{reply}", f"{path}:{option.lineno}"


def options_of(value: ast.expr) -> list[ast.expr]:
    """What an expression may come to: `a if x else b` and `a or b` are two."""
    if isinstance(value, ast.IfExp):
        return [*options_of(value.body), *options_of(value.orelse)]
    return value.values if isinstance(value, ast.BoolOp) else [value]


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


def test_every_text_in_the_code_that_begins_like_a_key_has_a_message() -> None:
    assert {key: line for key, line in code().literals.items() if key not in catalogue(Locale.JA)} == {}


def test_every_key_that_the_code_puts_together_is_of_a_declared_family() -> None:
    built = code().f_strings
    assert {text: line for text, line in built.items() if text not in FAMILIES and text not in NO_FAMILIES} == {}
    assert sorted((FAMILIES.keys() | NO_FAMILIES) - built.keys()) == []


def test_every_member_of_a_family_has_a_message() -> None:
    assert sorted(families() - catalogue(Locale.JA).keys()) == []


def test_every_message_is_used() -> None:
    assert sorted(catalogue(Locale.JA).keys() - code().literals.keys() - families()) == []


def test_every_call_names_what_its_message_says() -> None:
    wrong = {}
    for call in code().calls:
        wanted = set().union(*(placeholders(text) for locale in Locale for text in forms(locale, call.key)))
        unneeded = set() if call.shares else call.named - wanted - {"count"}
        if wanted - call.named or unneeded:
            wrong[call.line] = (call.key, sorted(wanted - call.named), sorted(unneeded))
    assert wrong == {}


def test_a_reply_that_is_given_without_words_needs_none() -> None:
    bare = code().bare_replies
    assert len(bare) > 20
    assert {key: line for key, line in bare.items() if any(placeholders(text) for text in forms(Locale.JA, key))} == {}


def test_every_refusal_is_explained_with_the_words_that_a_refusal_carries() -> None:
    words = words_of(Refused(Refusal.NOT_FOUND)).keys()
    for refusal in Refusal:
        for text in forms(Locale.JA, f"reply.{refusal}"):
            assert placeholders(text) <= words, refusal


def test_a_reply_is_either_a_refusal_of_core_or_one_of_slack() -> None:
    assert {*Reply} & {*Refusal} == set()
    assert {f"reply.{reply}" for reply in (*Reply, *Refusal)} == {
        key for key in catalogue(Locale.JA) if key.startswith("reply.")
    }


def test_every_reply_is_among_those_whose_looks_are_tested() -> None:
    assert {reply.value for reply in (*Reply, *Refusal)} == REPLIES.keys()


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


def _written(folder: Path, name: str, word: str) -> Path:
    path = folder / "ja" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "x.y"\nmsgstr "{word}"\n')
    return path


def test_catalogues_are_parsed_again_only_where_a_file_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.i18n.LOCALES", tmp_path)
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    _written(tmp_path, "a.po", "あ")
    assert _read.__wrapped__(Locale.JA) == {"x.y": "あ"}
    with monkeypatch.context() as unread:
        unread.setattr("bot.i18n._parse", lambda *_: pytest.fail("parsed again"))
        assert _read.__wrapped__(Locale.JA) == {"x.y": "あ"}
    _written(tmp_path, "a.po", "いい")
    assert _read.__wrapped__(Locale.JA) == {"x.y": "いい"}
    (kept,) = tmp_path.glob("__pycache__/*")
    kept.write_text("cut off in the mid")
    assert _read.__wrapped__(Locale.JA) == {"x.y": "いい"}


def test_what_is_kept_of_the_catalogues_is_what_their_files_say() -> None:
    for locale in Locale:
        assert catalogue(locale) == _parse(locale, sorted((LOCALES / locale).glob("*.po")))


def test_catalogues_refuse_a_key_that_two_files_define(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.po", "b.po"):
        _written(tmp_path, name, "あ")
    monkeypatch.setattr("bot.i18n.LOCALES", tmp_path)
    with pytest.raises(ValueError, match=r"x\.y is defined twice"):
        _read.__wrapped__(Locale.JA)


@pytest.mark.parametrize(
    "file", [*sorted(LOCALES.rglob("*.po")), BOT / "cli" / "help" / "ja.po"], ids=lambda file: file.name
)
def test_no_example_names_a_year(file: Path) -> None:
    # A date that lies ahead when it is written lies in the past a year later: examples come from the clock.
    years = [line for line in file.read_text().splitlines() if re.search(r"\b(19|20)\d\d\b", line)]
    assert [line for line in years if "-Date:" not in line] == []


@pytest.mark.parametrize("now", ["2026-11-30", "2026-12-31", "2027-01-01", "2028-02-29"])
@pytest.mark.parametrize("t", [JA, EN])
def test_an_example_can_be_typed_as_it_stands(t: Translator, now: str) -> None:
    moment = datetime.fromisoformat(f"{now}T12:00+09:00")
    examples = example_days(t, moment)
    for name in ("example_day", "example_days"):
        days = day_words.parse(examples[name], moment)
        assert days is not None
        assert timedelta(0) < days.first - moment.date() <= timedelta(days=7)
    assert period_words.week(examples["example_week"], moment.date()) == period_words.week("先週", moment.date())
    assert period_words.month(examples["example_month"], moment.date()) == period_words.month("先月", moment.date())
