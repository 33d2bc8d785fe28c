"""What becomes of a field that may have changed on either side: three ways, by what both held when they last agreed.
Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.core.crm.mapping import Rule


class Step(StrEnum):
    """What is to be done."""

    NOTHING = "nothing"
    AGREE = "agree"
    """Nothing goes over: what both hold is the base from now on."""
    TAKE = "take"
    """The bot follows the CRM."""
    WRITE = "write"
    """The CRM follows the bot."""
    CONFLICT = "conflict"
    """A person decides."""


@dataclass(frozen=True)
class Sides:
    """A field as both sides hold it."""

    ours_moved: bool
    theirs_moved: bool
    agree: bool
    """Whether they say the same."""
    writable: bool
    """Whether the CRM has a word for what the bot says."""
    meaningful: bool
    """Whether the bot has a word for what the CRM says."""


def decide(rule: Rule, sides: Sides) -> Step:
    """Return what becomes of a field.

    What only one side changed goes over to the other, if the field is not that other's alone. What both changed is
    decided by a person, and so is a change on the side whose field it is not: nothing is overwritten in silence.
    """
    if not (sides.ours_moved or sides.theirs_moved):
        return Step.NOTHING
    if sides.agree:
        return Step.AGREE
    if sides.ours_moved and not sides.theirs_moved:
        return Step.WRITE if sides.writable and rule != Rule.THEIRS else Step.AGREE
    if not sides.ours_moved:
        if rule == Rule.OURS:
            return Step.CONFLICT if sides.writable else Step.AGREE
        return Step.TAKE if sides.meaningful else Step.AGREE
    if rule == Rule.THEIRS or not sides.writable:
        return Step.TAKE if sides.meaningful else Step.AGREE
    return Step.CONFLICT
