"""What the command line says about team files, in the reader's language."""

from __future__ import annotations

from bot.core.teamfile import BadFile, Change, Problem
from bot.i18n import Translator


def refusal(t: Translator, file: str, bad: BadFile) -> str:
    """Every problem of a refused file, one a line."""
    head = t("config.refused", file=file, count=len(bad.problems))
    return "\n".join([head, *("  " + problem(t, one) for one in bad.problems)])


def problem(t: Translator, found: Problem) -> str:
    """One problem: where, what is wrong, what to do."""
    text = t(_key(found), **_values(t, found))
    if not found.field:
        return t("config.line_only", line=found.line, text=text)
    return t("config.line", line=found.line, field=found.field, text=text)


def change(t: Translator, one: Change) -> str:
    """One line of the difference."""
    comment = f".{one.values['comment']}" if "comment" in one.values else ""
    return t(f"config.change.{one.code}{comment}", **one.values)


def _key(found: Problem) -> str:
    role = f".{found.values['role']}" if found.code == "nobody_is" else ""
    return f"config.problem.{found.code}{role}"


def _values(t: Translator, found: Problem) -> dict[str, object]:
    values = dict(found.values)
    if "expected" in values:
        values["expected"] = t(f"config.type.{values['expected']}", field=found.field.partition("[")[0])
    return values | {"hint": _hint(t, found)}


def _hint(t: Translator, found: Problem) -> str:
    if found.values.get("meant"):
        return t("config.meant", meant=found.values["meant"])
    choices = found.values.get("choices")
    if isinstance(choices, list):
        return t("config.choices", choices=", ".join(choices))
    return t("config.group_hint" if found.code == "no_such_group" else "config.timezone_example")
