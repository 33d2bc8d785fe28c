"""What a change of the settings would come to, above the fields that ask for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.core.settings import Past
from bot.core.teamfile import Preview
from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.forms import field, radio_buttons
from bot.slack.blocks.base.kit import Block, context, lines, option, section
from bot.slack.blocks.base.text import clip_md
from bot.slack.blocks.settings.kinds import Kind
from bot.slack.blocks.teamfile import changes as file_changes

CONSEQUENCES = (
    "mqls_move",
    "mqls_stay",
    "reason_kept",
    "erases",
    "holidays",
    "working_days",
    "own_hours",
    "routes_effect",
    "share_effect",
)
"""What a change entails beyond itself; the rest of the difference is what the form says."""
LINES_SHOWN = 12
SHARES_SHOWN = 10
VALUE_SHOWN = 200
KEEP, MOVE = "keep", "move"


@dataclass(frozen=True)
class Difference:
    """One field that would be another: its label, and both values as the team file has them."""

    label: str
    kind: Kind
    before: Any
    after: Any


@dataclass(frozen=True)
class Effect:
    """All that is shown before a change is saved. `counting`: the past is still being counted; `failed`: it cannot be.
    `past` is None where it would have been the same, or where there is none."""

    differences: list[Difference]
    removes: bool
    preview: Preview
    names: dict[str, str]
    past: Past | None = None
    counting: bool = False
    failed: bool = False
    inherits: bool = False
    """What is removed holds as in the policy then."""

    @property
    def entails_something(self) -> bool:
        """Whether there is more to it than what the form says."""
        entailed = any(change.code in CONSEQUENCES for change in self.preview.changes)
        return entailed or bool(self.preview.hints or self.preview.deadlines.moves)


def blocks(effect: Effect, t: Translator) -> list[Block]:
    """Return the part of a form that shows the effect, with the question whether open MQLs follow."""
    heading = Mrkdwn(f"*{escape(t('settings.effect.title'))}*")
    changed = [_difference(each, t) for each in effect.differences]
    if effect.removes:
        changed = [t.md("settings.effect.as_policy" if effect.inherits else "settings.effect.removed")]
    entailed = [*_consequences(effect, t)]
    shown = [section(lines([heading, *changed[:LINES_SHOWN]]))]
    shown += [section(lines(entailed[:LINES_SHOWN]))] if entailed else []
    shown += [context(t.md("list.more", count=len(entailed) - LINES_SHOWN))] if len(entailed) > LINES_SHOWN else []
    return [*shown, *_past(effect, t), *_question(effect, t)]


def phrase(kind: Kind, value: Any, t: Translator) -> Mrkdwn:
    """Return a value in a few words; a dash where there is none."""
    return Mrkdwn("–") if value in (None, [], {}) else clip_md(kind.phrase(value, t), VALUE_SHOWN)


def _difference(each: Difference, t: Translator) -> Mrkdwn:
    before, after = (phrase(each.kind, value, t) for value in (each.before, each.after))
    return Mrkdwn(f"{escape(each.label)}: {before} → *{after}*")


def _consequences(effect: Effect, t: Translator) -> Iterator[Mrkdwn]:
    for change in (*effect.preview.changes, *effect.preview.hints):
        if change.code in CONSEQUENCES or change in effect.preview.hints:
            yield escape(f"• {file_changes.change(t, change).strip()}")
    moves = effect.preview.deadlines
    if moves.moves:
        counts = {"count": len(moves.moves), "breached": moves.breached, "safe": moves.safe}
        yield t.md("settings.effect.moves", **counts)


def _past(effect: Effect, t: Translator) -> list[Block]:
    if effect.counting or effect.failed:
        return [context(t.md("settings.effect.counting" if effect.counting else "settings.effect.failed"))]
    if effect.past is None:
        return []
    past, month = effect.past, t.month(effect.past.period.first)
    late = {"was": len(past.happened.late), "would": len(past.replayed.late), "month": month}
    overdue = {"was": len(past.happened.overdue), "would": len(past.replayed.overdue)}
    head = t.md("settings.effect.late", received=past.happened.received, **late)
    shares = [
        t.md("settings.effect.share", name=effect.names.get(user, user), was=was, would=would)
        for user, (was, would) in list(past.shares.items())[:SHARES_SHOWN]
    ]
    return [section(lines([head, t.md("settings.effect.overdue", **overdue), *shares]))]


def _question(effect: Effect, t: Translator) -> list[Block]:
    if not effect.preview.deadlines.moves:
        return []
    options = [option(t(f"settings.move.{word}"), word) for word in (KEEP, MOVE)]
    element = {**radio_buttons(ids.SETTING_MOVE, options), "initial_option": options[0]}
    return [field(ids.SETTING_MOVE, t("settings.move"), element)]
