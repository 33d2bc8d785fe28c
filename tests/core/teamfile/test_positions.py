from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.teamfile.positions import Path, lines_of

EVERYTHING = '''# a comment = "not a key"
title = "x # no comment"   # a comment [not.a.table]

[workspace]
name = "a]b\\"c"
nested.deep = { one = 1, "two words" = [1,
  2] }

[[members]]
user = 'U1'  # first
roles = [
  # who
  "rep",
  "manager", # trailing
]

[[ members ]]
"user" = """
[[members]]
user = "not me"
\\"""still inside"""
when = 2026-11-22 09:00:00
note = \'\'\'
x = 1\'\'\'

[members . extra]
deep = true
  [[members.children]]
  a = 1
  [[members.children]]
  a = [{b = 1}, {b = 2}]
[last]
end = 1'''


def every_path(value: Any, path: Path = ()) -> set[Path]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    paths = {path} if path else set()
    for key, item in inside:
        paths |= every_path(item, (*path, key))
    return paths


def test_every_key_and_item_has_a_line() -> None:
    assert set(lines_of(EVERYTHING)) == every_path(tomllib.loads(EVERYTHING))


@pytest.mark.parametrize(
    ("path", "starts_with"),
    [
        (("title",), "title"),
        (("workspace",), "[workspace]"),
        (("workspace", "nested", "deep", "two words"), "nested.deep"),
        (("workspace", "nested", "deep", "two words", 1), "  2]"),
        (("members",), "[[members]]"),
        (("members", 0, "roles", 1), '  "manager"'),
        (("members", 1), "[[ members ]]"),
        (("members", 1, "user"), '"user"'),
        (("members", 1, "when"), "when"),
        (("members", 1, "extra", "deep"), "deep"),
        (("members", 1, "children", 1), "  [[members.children]]"),
        (("members", 1, "children", 1, "a", 1, "b"), "  a = [{b"),
        (("last", "end"), "end"),
    ],
)
def test_the_line_is_where_a_person_would_look(path: Path, starts_with: str) -> None:
    assert EVERYTHING.splitlines()[lines_of(EVERYTHING)[path] - 1].startswith(starts_with)


def test_windows_line_ends_count_once() -> None:
    assert lines_of("a = 1\r\n\r\n[b]\r\nc = 2\r\n") == {("a",): 1, ("b",): 3, ("b", "c"): 4}


def test_an_empty_text_has_no_keys() -> None:
    assert lines_of("") == {}
    assert lines_of("# only a comment") == {}


keys = st.text(st.sampled_from("ab c.\"'#]=é"), min_size=1, max_size=4)
strings = st.text(st.sampled_from("ab\"'\\#]}\n,=[{ "), max_size=8)


def written(value: Any) -> str:
    import json

    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {written(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[\n" + ",\n".join(written(item) for item in value) + "\n]"
    return json.dumps(value)


@given(
    st.dictionaries(
        keys,
        st.recursive(
            strings | st.integers() | st.booleans(),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
            max_leaves=6,
        ),
        max_size=4,
    )
)
def test_any_text_that_tomllib_reads_is_walked_to_its_end(document: dict[str, Any]) -> None:
    import json

    text = "".join(f"{json.dumps(key)} = {written(value)}\n" for key, value in document.items())
    assert set(lines_of(text)) == every_path(tomllib.loads(text)) == every_path(document)
