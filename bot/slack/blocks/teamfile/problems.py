"""What is wrong with a team file, in the reader's words."""

from __future__ import annotations

import re

from bot.core.teamfile import Problem
from bot.i18n import Translator

_TOML = (
    (r"Cannot (overwrite|mutate)|Duplicate", "twice"),
    (r"Cannot declare", "table_twice"),
    (r"Expected '='", "equals"),
    (r"Unterminated string|Expected [\"']+$", "quote"),
    (r"Unclosed|Expected ']'", "bracket"),
    (r"Expected newline", "rest"),
    (r"Illegal character", "character"),
    (r"Unescaped", "backslash"),
    (r"Invalid value", "value"),
    (r"too many digits", "digits"),
    (r"too deeply", "nested"),
)
"""How Python's reader of TOML begins its sentences, each with our word for it."""


def problem(t: Translator, issue: Problem, field: str | None = None) -> str:
    """One problem: where, what is wrong, what to do. `field`: what its key is called, instead of the key alone."""
    text = sentence(t, issue)
    if not issue.field:
        return t("config.line_only", line=issue.line, text=text)
    return t("config.line", line=issue.line, field=field or issue.field, text=text)


def sentence(t: Translator, issue: Problem) -> str:
    """Say what is wrong and what to do, without the place."""
    return t(_key(issue), **_values(t, issue))


def _key(issue: Problem) -> str:
    role = f".{issue.values['role']}" if issue.code == "nobody_is" else ""
    return f"config.problem.{issue.code}{role}"


def _values(t: Translator, issue: Problem) -> dict[str, object]:
    values = dict(issue.values)
    if "expected" in values:
        values["expected"] = t(f"config.type.{values['expected']}", field=re.sub(r"\[\d+\]", "", issue.field))
    if issue.code == "not_toml":
        detail = str(values["detail"])
        word = next((word for pattern, word in _TOML if re.search(pattern, detail)), "statement")
        values["detail"] = t(f"config.toml.{word}")
    return values | {"hint": _hint(t, issue)}


def _hint(t: Translator, issue: Problem) -> str:
    if issue.values.get("meant"):
        return t("config.meant", meant=issue.values["meant"])
    choices = issue.values.get("choices")
    if isinstance(choices, list):
        return t("config.choices", choices=", ".join(choices))
    return t("config.group_hint" if issue.code == "no_such_group" else "config.timezone_example")
