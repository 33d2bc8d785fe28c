"""What the command line says about team files, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.core.mql.policy_migration import Difference
from bot.core.teamfile import BadFile, Change, Problem
from bot.i18n import Translator

MOVES_SHOWN = 20


def refusal(t: Translator, file: str, bad: BadFile) -> str:
    """Return every problem of a refused file, one a line."""
    head = t("config.refused", file=file, count=len(bad.problems))
    return "\n".join([head, *("  " + problem(t, issue) for issue in bad.problems)])


def problem(t: Translator, issue: Problem) -> str:
    """One problem: where, what is wrong, what to do."""
    text = t(_key(issue), **_values(t, issue))
    if not issue.field:
        return t("config.line_only", line=issue.line, text=text)
    return t("config.line", line=issue.line, field=issue.field, text=text)


def change(t: Translator, difference: Change) -> str:
    """One line of the difference."""
    comment = f".{difference.values['comment']}" if "comment" in difference.values else ""
    values = dict(difference.values)
    if "unfit" in values:
        values["unfit"] = t("config.unfit") if values["unfit"] else ""
    if "more" in values:
        values["more"] = t("config.more_days", count=values["more"]) if values["more"] else ""
    return t(f"config.change.{difference.code}{comment}", **values)


def deadlines(t: Translator, difference: Difference) -> Iterator[str]:
    """Yield what would become of the deadlines of open MQLs: the sum first, then the ones that change their
    standing."""
    moves = difference.moves
    if not moves:
        return
    yield t("config.deadlines", count=len(moves), breached=difference.breached, safe=difference.safe)
    telling = sorted(moves, key=lambda move: move.effect is None)
    for move in telling[:MOVES_SHOWN]:
        effect = t(f"config.deadline_{move.effect}") if move.effect else ""
        moments = {"before": t.deadline(move.before), "after": t.deadline(move.after)}
        yield "  " + t(f"config.deadline.{move.kind}", number=move.number, effect=effect, **moments)
    if len(moves) > MOVES_SHOWN:
        yield "  " + t("config.deadlines_more", count=len(moves) - MOVES_SHOWN)


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
