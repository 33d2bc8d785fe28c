"""Definitions of an MQL in every state."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from bot.core.agreement.definition import TEXT_MOST, WHY_MOST, Standing, State, Version
from bot.core.agreement.definition_history import Edition
from bot.i18n import Translator
from bot.slack.blocks.agreement import definition
from bot.slack.blocks.agreement import definition_history as history
from bot.slack.blocks.agreement.definition import Draft
from bot.slack.blocks.base.kit import Message
from storage.models import Definition
from tests.slack.blocks.samples import HOSTILE, NOW

AGREED: dict[str, Any] = {
    "marketing_by": "U1",
    "marketing_at": NOW,
    "sales_by": "U2",
    "sales_at": NOW,
    "agreed_at": NOW,
}


def version(state: State = State.OPEN, text: str = "従業員50名以上", name: str = "佐藤 葵", **values: Any) -> Version:
    values = {"number": 2, "text": text, "proposed_by": "U1", "proposed_at": NOW, **values}
    row = Definition(id=7, workspace_id="T1", **values)
    return Version(row, state, {"U1": name, "U2": name})


def versions() -> list[Version]:
    full = {"threshold": 1_000_000, "why": (HOSTILE + "\n") * 20}
    return [
        version(),
        version(text="<&>" * TEXT_MOST, why="<&>" * WHY_MOST),
        version(State.REPLACED, HOSTILE, HOSTILE, **full, marketing_by="U1", marketing_at=NOW),
        version(State.OPEN, HOSTILE, HOSTILE, **full, marketing_by="U1", marketing_at=NOW),
        version(State.OPEN, HOSTILE, HOSTILE, **full, sales_by="U9", sales_at=NOW, proposed_by="U9"),
        version(State.WITHDRAWN, closed_by="U1", closed_at=NOW),
        version(State.SENT_BACK, closed_by="U2", closed_at=NOW, closed_why=HOSTILE * 20),
        version(State.AGREED, HOSTILE, HOSTILE, **full, **AGREED),
    ]


def edition(number: int, before: Definition | None, text: str, state: State, **values: Any) -> Edition:
    values = (AGREED if state == State.AGREED else {}) | {"number": number, "threshold": 10 * number} | values
    return Edition(version(state, text, HOSTILE, **values), before, NOW if state == State.AGREED else None)


FIRST = version(State.AGREED, (HOSTILE + "。\n") * 40, **AGREED).row
LONGEST = "。".join(f"<&>{i:03}" for i in range(280))
EDITIONS: dict[str, tuple[Edition, ...]] = {
    "none": (),
    "one": (Edition(version(State.AGREED, **AGREED), None, None),),
    "same": (edition(2, FIRST, FIRST.text, State.AGREED, threshold=None),),
    "states": tuple(edition(2, FIRST, LONGEST, state, why=HOSTILE) for state in State),
    "many": tuple(edition(99 - i, FIRST, LONGEST, State.REPLACED, proposed_by="U9") for i in range(97)),
}


def messages(t: Translator) -> Iterator[tuple[str, Message]]:
    for number, proposal in enumerate(versions()):
        for may_agree in (True, False):
            shown = definition.proposed(proposal, t, may_agree=may_agree, may_close=may_agree)
            yield f"definition {number} {may_agree}", shown
        yield f"definition {number} sent back", definition.sent_back(proposal, t)
    yield "definition agreed", definition.agreed(versions()[-1], t)


def views(t: Translator) -> Iterator[tuple[str, dict[str, Any]]]:
    for agreed, proposed in product((None, versions()[-1]), (None, *versions()[:2], *versions()[3:5])):
        for may in (True, False):
            shown = definition.page(Standing(agreed, proposed), t, may_propose=may, may_agree=may)
            yield f"definition {agreed is None} {proposed is None} {may}", shown
            by = ("U1", "U2")[may]
            shown = definition.page(Standing(agreed, proposed), t, may_propose=may, may_agree=may, may_close=by)
            yield f"definition {agreed is None} {proposed is None} {by}", shown
    for name, editions in EDITIONS.items():
        yield f"definition versions {name}", history.versions(editions, 0, t)
        for number, edition in enumerate(editions[:4]):
            yield f"definition version {name} {number}", history.version(edition, 0, t)
    yield "definition versions, the rest", history.versions(EDITIONS["many"], 2 * history.ON_PAGE, t)
    yield "definition with a past", definition.page(Standing(None, None, 9), t, may_propose=True, may_agree=False)
    for reader in ("U1", "U2"):
        yield f"definition closed by {reader}", definition.close_form(versions()[0], reader, t)
    yield "definition counting", definition.counting(t)
    yield "definition form", definition.form(Draft(), t)
    yield "definition form, filled", definition.form(Draft(HOSTILE * 20, 1_000_000, HOSTILE * 20), t)
