"""Definitions of an MQL in every state."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from bot.core.definition import TEXT_MOST, WHY_MOST, Standing, State, Version
from bot.i18n import Translator
from bot.slack.blocks import definition
from bot.slack.blocks.definition import Draft
from bot.slack.blocks.kit import Message
from storage.models import Definition
from tests.slack.blocks.samples import HOSTILE, NOW

AGREED = {"marketing_by": "U1", "marketing_at": NOW, "sales_by": "U2", "sales_at": NOW, "agreed_at": NOW}


def version(state: State = State.OPEN, said: str = "従業員50名以上", name: str = "佐藤 葵", **values: Any) -> Version:
    values = {"text": said, "proposed_by": "U1", "proposed_at": NOW, **values}
    row = Definition(id=7, workspace_id="T1", number=2, **values)
    return Version(row, state, {"U1": name, "U2": name})


def versions() -> list[Version]:
    full = {"threshold": 1_000_000, "why": (HOSTILE + "\n") * 20}
    return [
        version(),
        version(said="<&>" * TEXT_MOST, why="<&>" * WHY_MOST),
        version(State.REPLACED, HOSTILE, HOSTILE, **full, marketing_by="U1", marketing_at=NOW),
        version(State.OPEN, HOSTILE, HOSTILE, **full, marketing_by="U1", marketing_at=NOW),
        version(State.OPEN, HOSTILE, HOSTILE, **full, sales_by="U9", sales_at=NOW, proposed_by="U9"),
        version(State.AGREED, HOSTILE, HOSTILE, **full, **AGREED),
    ]


def messages(t: Translator) -> Iterator[tuple[str, Message]]:
    for number, one in enumerate(versions()):
        for may_agree in (True, False):
            yield f"definition {number} {may_agree}", definition.proposed(one, t, may_agree=may_agree)
    yield "definition agreed", definition.agreed(versions()[-1], t)


def views(t: Translator) -> Iterator[tuple[str, dict[str, Any]]]:
    for agreed, proposed in product((None, versions()[-1]), (None, *versions()[:2], *versions()[3:5])):
        for may in (True, False):
            shown = definition.page(Standing(agreed, proposed), t, may_propose=may, may_agree=may)
            yield f"definition {agreed is None} {proposed is None} {may}", shown
    yield "definition form", definition.form(Draft(), t)
    yield "definition form, filled", definition.form(Draft(HOSTILE * 20, 1_000_000, HOSTILE * 20), t)
