"""Marketing's own figures for the tests of reports: none, one segment, many, odd ones, and what is not supplied."""

from __future__ import annotations

from bot.core.reports.nurturing import NO_NURTURING, Counts, Nurturing, Odd, Segment, Share
from tests.slack.blocks.samples import HOSTILE

INDUSTRIES = ("製造業", "情報通信業", "卸売・小売業", "金融・保険業", "建設業", "Healthcare and life sciences")


def counts(leads: int | None, sent: int | None, opened: int | None = None, clicked: int | None = None) -> Counts:
    """Figures that agree with each other."""
    rates = [Share(part, sent) if sent and part is not None and part <= sent else None for part in (opened, clicked)]
    return Counts(leads, sent, opened, clicked, *rates)


def _segment(number: int, name: str) -> Segment:
    sent = 4000 - 90 * number
    return Segment(
        name, counts(120 - number, sent, sent // 4, sent // 30), counts(98, sent - 200, sent // 5, sent // 40)
    )


NOW, BEFORE = counts(420, 12_400, 3_100, 372), counts(380, 11_900, 3_330, 310)
MANY = tuple(_segment(number, f"{INDUSTRIES[number % 6]} {number // 6 + 1}") for number in range(33))
WEEKS = {
    "none": NO_NURTURING,
    "one": Nurturing(NOW, BEFORE, (_segment(0, "製造業"),), weeks=1, weeks_of=1, newest="2026-W47"),
    "many": Nurturing(NOW, BEFORE, MANY, weeks=1, weeks_of=1, newest="2026-W47"),
    "nasty": Nurturing(
        counts(3, 100, 120),
        Counts(),
        tuple(Segment(HOSTILE, counts(1, 100, 120), Counts()) for _ in range(20)),
        tuple(Odd("2026-W47", HOSTILE, "opened", 120, 100) for _ in range(5)),
        weeks=1,
        weeks_of=1,
        newest="2026-W47",
    ),
    "leads alone": Nurturing(counts(420, None), counts(380, None), weeks=1, weeks_of=1, newest="2026-W47"),
    "not yet": Nurturing(Counts(), BEFORE, weeks=0, weeks_of=1, newest="2026-W46"),
    "stale": Nurturing(weeks_of=1, newest="2026-W40"),
    "missing": Nurturing(weeks_of=1, missing=True),
}
