"""Files that were sent, in every state."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.connectors.tables.columns import Column
from bot.connectors.tables.encoding import Foreign
from bot.connectors.tables.summary import BadLines, Summary
from bot.i18n import Translator
from bot.slack.blocks.base.kit import Message
from bot.slack.blocks.mql import uploads
from storage.models import ImportRun, Upload
from storage.vocabulary import ImportKind, ImportState, UploadKind, UploadState
from tests.slack.blocks.samples import HOSTILE, NOW

PROBLEMS = (
    *Foreign,
    "empty",
    "encoding",
    "mixed_orders",
    "needs_deal",
    "needs_received",
    "needs_who",
    "no_table",
    "unknown_order",
    "workbook",
)
FAILURES = ("gone", "missing_scope", "too_large", "unreachable")
COUNTS: dict[UploadKind, tuple[str, ...]] = {
    UploadKind.HISTORY: (
        "added",
        "changed",
        "live",
        "others",
        "other_reasons",
        "outcomes_without_day",
        "touched",
        "unchanged",
        "unknown_owners",
        "wins_without_amount",
    ),
    UploadKind.LEADS: ("joined", "known", "new"),
    UploadKind.OUTCOMES: ("deals", "under_way"),
}
BAD = (
    "ambiguous",
    "amount",
    "attributes",
    "bad_row",
    "bad_value",
    "date",
    "date_order",
    "deal_before_received",
    "deal_in_future",
    "email",
    "erased",
    "in_future",
    "lost_reason",
    "no_deal_day",
    "no_received",
    "nobody",
    "not_found",
    "not_qualified",
    "number",
    "outcome",
    "outcome_before_received",
    "outcome_word",
    "rounded",
    "row_twice",
    "score",
    "too_long",
    "twice",
    "url",
    "which",
    "won_amount",
)


def summary(kind: UploadKind | None, **values: Any) -> Summary:
    columns = tuple(f"{HOSTILE}{number}"[:100] for number in range(120))
    places: dict[str, tuple[int, ...]] = {column.value: (place, place + 60) for place, column in enumerate(Column)}
    bad = {word: BadLines(count=99, lines=tuple(range(1, 13))) for word in BAD}
    counts = dict.fromkeys(COUNTS.get(kind, ()) if kind else (), 1200)
    made = Summary(rows=100_000, columns=columns, places=places, encoding="Shift_JIS (cp932)", bad=bad, counts=counts)
    return made.model_copy(update={"news": 3, "first": NOW, "last": NOW, "order": "day-first", **values})


def row(state: UploadState, kind: UploadKind | None = None) -> Upload:
    about: dict[str, Any] = {"by": "U1", "file_id": "F1", "name": HOSTILE, "import_id": 3, "created_at": NOW}
    return Upload(id=7, workspace_id="T1", state=state, kind=kind, reading={}, summary={}, position=500, **about)


def messages(t: Translator) -> Iterator[tuple[str, Message]]:
    for state in UploadState:
        if state != UploadState.FAILED:
            for kind in (UploadKind.HISTORY, UploadKind.LEADS, UploadKind.OUTCOMES):
                yield f"upload {state} {kind}", uploads.upload(row(state, kind), summary(kind, left=(3, 4)), t)
    yield "upload, which", uploads.upload(row(UploadState.READ), summary(None), t)
    nothing = Summary(rows=1, columns=("a",), counts={"added": 0})
    yield "upload, nothing", uploads.upload(row(UploadState.READ, UploadKind.HISTORY), nothing, t)
    for problem in PROBLEMS:
        yield f"upload, {problem}", uploads.upload(row(UploadState.READ), Summary(problem=problem), t)
    for failure in FAILURES:
        yield f"upload, {failure}", uploads.upload(row(UploadState.FAILED), Summary(problem=failure), t)
    about: dict[str, Any] = {"workspace_id": "T1", "digest": "d", "file": HOSTILE, "started_at": NOW}
    runs = [ImportRun(id=1, kind=kind, state=state, **about) for kind in ImportKind for state in ImportState]
    yield "how to import", uploads.how(runs, t)
    yield "how to import, nothing yet", uploads.how([], t)


def views(t: Translator) -> Iterator[tuple[str, dict[str, Any]]]:
    for kind in (None, *UploadKind):
        yield f"columns of {kind}", uploads.form(row(UploadState.READ, kind), summary(kind), t)
