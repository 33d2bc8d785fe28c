"""A funnel like the public one of Olist, a marketplace: 8,000 leads of a year and 842 deals, as a CRM exports them.

The names are made up, and the shares are those of the public data set: about one lead in ten is won, most leads come by
organic search and paid search, and a deal takes weeks. `python -m tests.funnel FILE [LEADS]` writes one.
"""

from __future__ import annotations

import csv
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

LEADS, DEALS = 8_000, 842
FIRST = datetime(2025, 11, 20, 9, 0)  # noqa: DTZ001 (of the workspace)
CHANNELS = {"organic_search": 29, "paid_search": 20, "social": 17, "email": 6, "referral": 4, "display": 2, "other": 22}
REASONS = ("情報収集段階", "予算なし", "決裁権なし", "時期尚早", "競合に決定", "対象外の業種")
OWNERS = ("佐藤 健", "田中 美咲", "鈴木 大輔", "退職した担当者")
COLUMNS = (
    "mql_id",
    "first_contact_date",
    "Company",
    "Email",
    "Lead Source",
    "landing_page_id",
    "Score",
    "Lead Owner",
    "First Activity Date",
    "Lead Status",
    "判定日",
    "失注理由",
    "Stage",
    "Close Date",
    "Amount",
)


@dataclass(frozen=True)
class Lead:
    """One lead of the funnel."""

    number: int
    received: datetime
    channel: str
    score: int
    status: str
    decided: datetime | None = None
    reason: str = ""
    won: bool | None = None
    closed: date | None = None
    amount: int = 0


def funnel(leads: int = LEADS, deals: int | None = None, first: datetime = FIRST) -> Iterator[Lead]:
    """Yield the leads, the oldest first: the same each time. `deals`: how many are won."""
    deals = DEALS * leads // LEADS if deals is None else deals
    draw = random.Random(842)
    won = set(draw.sample(range(leads), deals))
    step = timedelta(days=330) / leads
    for number in range(leads):
        received = (first + step * number).replace(microsecond=0)
        channel = draw.choices(list(CHANNELS), list(CHANNELS.values()))[0]
        yield _lead(draw, number, received, channel, number in won)


def _lead(draw: random.Random, number: int, received: datetime, channel: str, won: bool) -> Lead:
    decided = received + timedelta(days=draw.randint(1, 12), minutes=draw.randint(1, 600))
    closed = (decided + timedelta(days=draw.randint(1, 12))).date()
    if won:
        amount = draw.randint(10, 900) * 10_000
        return Lead(number, received, channel, draw.randint(55, 100), "Qualified", decided, "", True, closed, amount)
    fate = draw.random()
    score = draw.randint(10, 95)
    if fate < 0.25:
        return Lead(number, received, channel, score, "Working")
    if fate < 0.35:
        return Lead(number, received, channel, score, "Nurturing", decided)
    if fate < 0.45:
        lost = draw.random() < 0.5
        return Lead(number, received, channel, score, "Qualified", decided, "", False if lost else None, closed)
    return Lead(number, received, channel, score, "Unqualified", decided, draw.choice(REASONS))


def write(file: Path, leads: Iterator[Lead], encoding: str = "utf-8", separator: str = ",") -> None:
    """Write leads as a table of another system."""
    with file.open("w", encoding=encoding, newline="") as out:
        writer = csv.writer(out, delimiter=separator)
        writer.writerow(COLUMNS)
        writer.writerows(row(lead) for lead in leads)


def row(lead: Lead) -> list[str]:
    """Return one lead as its row."""
    stage = {True: "Closed Won", False: "Closed Lost", None: ""}[lead.won]
    return [
        f"dac32acd{lead.number:08}",
        f"{lead.received:%Y-%m-%d %H:%M:%S}",
        f"株式会社{lead.number}",
        f"lead{lead.number}@example.com",
        lead.channel,
        f"page-{lead.number % 7}",
        str(lead.score),
        OWNERS[lead.number % len(OWNERS)],
        f"{lead.received + timedelta(hours=5):%Y/%m/%d %H:%M}",
        lead.status,
        f"{lead.decided:%Y-%m-%d %H:%M:%S}" if lead.decided else "",
        lead.reason,
        stage,
        f"{lead.closed:%Y年%-m月%-d日}" if lead.won is not None and lead.closed else "",
        f"{lead.amount // 10_000}万円" if lead.won else "",
    ]


if __name__ == "__main__":
    write(Path(sys.argv[1]), funnel(int(sys.argv[2]) if len(sys.argv) > 2 else LEADS))
