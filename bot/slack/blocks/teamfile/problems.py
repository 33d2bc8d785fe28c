"""What is wrong with a team file, in the reader's words."""

from __future__ import annotations

import re

from bot.core.teamfile import Problem
from bot.i18n import Translator


def problem(t: Translator, issue: Problem) -> str:
    """One problem: where, what is wrong, what to do."""
    text = sentence(t, issue)
    if not issue.field:
        return t("config.line_only", line=issue.line, text=text)
    return t("config.line", line=issue.line, field=issue.field, text=text)


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
    return values | {"hint": _hint(t, issue)}


def _hint(t: Translator, issue: Problem) -> str:
    if issue.values.get("meant"):
        return t("config.meant", meant=issue.values["meant"])
    choices = issue.values.get("choices")
    if isinstance(choices, list):
        return t("config.choices", choices=", ".join(choices))
    return t("config.group_hint" if issue.code == "no_such_group" else "config.timezone_example")
