"""What applying a team file would change, in the reader's words."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.mql.policy_migration import Difference
from bot.core.teamfile import Change
from bot.i18n import Translator

MOVES_SHOWN = 20


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
