"""What became of the leads that the agreed definition held: whether the rules kept out what is no opportunity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from bot.core.base.figure import Figure
from storage.models import DECIDED
from storage.unreadables import Became
from storage.vocabulary import DealResult, Status, UnreadableState


@dataclass(frozen=True)
class HeldLeads:
    """The leads that were held in a time, as they are known now. Those whose MQL was withdrawn are left out."""

    held: Annotated[int, Figure("held leads")] = 0
    waiting: Annotated[int, Figure("held leads")] = 0
    """Marketing has not decided yet."""
    nurtured: Annotated[int, Figure("held leads")] = 0
    handed_over: Annotated[int, Figure("held leads")] = 0
    decided: Annotated[int, Figure("held leads, handed over")] = 0
    """Of those handed over, the ones with an outcome."""
    qualified: Annotated[int, Figure("held leads, handed over")] = 0
    won: Annotated[int, Figure("held leads, handed over")] = 0


NOTHING_HELD = HeldLeads()


def counted(groups: Sequence[Became]) -> HeldLeads:
    """Return what some held leads came to."""
    those = [group for group in groups if group.status != Status.WITHDRAWN]
    handed = [group for group in those if group.state == UnreadableState.ENTERED]

    def leads(among: Sequence[Became]) -> int:
        return sum(group.leads for group in among)

    return HeldLeads(
        held=leads(those),
        waiting=leads([group for group in those if group.state == UnreadableState.OPEN]),
        nurtured=leads([group for group in those if group.state == UnreadableState.DISMISSED]),
        handed_over=leads(handed),
        decided=leads([group for group in handed if group.status in DECIDED]),
        qualified=leads([group for group in handed if group.status == Status.QUALIFIED]),
        won=leads([group for group in handed if group.deal == DealResult.WON]),
    )
