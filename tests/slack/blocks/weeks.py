"""Weeks of any size as the digest gets them: figures that agree with each other, made from a seed."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from bot.core.agreement.goals import Goals
from bot.core.reports.figures import Contacts, Figures, Overdue, RepWeek, WeeklyReport
from bot.core.reports.kpi_target import Progress
from bot.core.reports.own_week import OwnWeek
from bot.core.reports.pauses import NO_PAUSES, Pauses
from bot.core.reports.trend import Point, Trend
from bot.core.sla.time_breakdown import COLUMNS
from bot.core.views.mql import MqlView
from storage.models import LostReason, Mql
from storage.vocabulary import Status
from storage.weekly import Stages
from tests.slack.blocks.samples import NOW, clock, member, view

SIZES = (0, 1, 40, 4000)
FIRST, LAST = date(2026, 11, 16), date(2026, 11, 22)
HOUR = timedelta(hours=1)
GOALS = Goals(answered_in_time=90, median_response_hours=8, outcomes_reported=80, contactable=95, disqualified=40)
REASONS = [
    LostReason(workspace_id="T1", key=f"r{place}", position=place, ja=ja, en=en)
    for place, (ja, en) in enumerate(
        [
            ("情報収集段階", "Still gathering information"),
            ("予算なし", "No budget"),
            ("決裁権なし", "No authority"),
            ("競合に決定", "Chose a competitor"),
            ("連絡不通", "Cannot be reached"),
            ("重複", "Duplicate"),
            ("その他", "Other"),
        ]
    )
]
COMPANIES = ("青空商事", "みどり製作所", "Northwind Traders", "株式会社さくらソリューションズ・テクノロジー", "Acme")
PEOPLE = ("佐藤 葵", "鈴木 蓮", "Alex Brown", "高橋 陽菜", "Maria-Magdalena Featherstonehaugh", "伊藤 湊", "渡辺 凛")


def week(size: int, seed: int = 7) -> WeeklyReport:
    """A week in which `size` MQLs came in, beside one with somewhat fewer."""
    rng = Random(seed)
    now, before = _figures(size, rng), _figures(round(size * 0.8), rng)
    late = size - now.responded
    plan = Progress(size * 3, max(size * 4, 1), FIRST.replace(day=1), LAST) if size else None
    return WeeklyReport(
        period="2026-W47",
        first=FIRST,
        last=LAST,
        now=now,
        before=before,
        reps=tuple(_reps(size, rng)),
        debt=_overdue(now.feedback_due - now.feedback_given, Status.ACCEPTED, rng),
        waiting=_overdue(late, Status.ASSIGNED, rng),
        unreadable=size // 20,
        set_aside=size // 10,
        plan=plan,
        goals=GOALS if size else Goals(),
    )


def _figures(size: int, rng: Random) -> Figures:
    responded = round(size * 0.93)
    disposed = round(size * 0.6)
    qualified, recycled = disposed // 5, disposed // 4
    reasons = [(reason, (disposed - qualified - recycled) // (2 + place * 2)) for place, reason in enumerate(REASONS)]
    median = rng.uniform(2, 6) * HOUR if responded else None
    p90 = 3.4 * median if median else None
    contacted = round(responded * 0.9)
    return Figures(
        received=size,
        withdrawn=size // 50,
        imported=size // 30,
        repeated=size // 12,
        contactable=round(size * 0.96),
        responded=responded,
        due=round(size * 0.98),
        in_time=round(responded * 0.86),
        lead_due=round(size * 0.98),
        lead_in_time=round(responded * 0.8),
        median=median,
        p90=p90,
        median_open=median and median * 0.6,
        p90_open=p90 and p90 * 0.6,
        contacted=Contacts(contacted, median, p90) if contacted else Contacts(0, None, None),
        proven=Contacts(contacted // 2, median, p90) if contacted // 2 else Contacts(0, None, None),
        proven_by_crm=contacted // 3,
        breached=size - round(responded * 0.86),
        escalated=size // 10,
        pauses=Pauses(size // 8, size // 20, size * 2 * HOUR) if size else NO_PAUSES,
        touches_due=size // 3,
        touches_kept=size // 4,
        feedback_due=round(disposed * 1.2),
        feedback_given=disposed,
        qualified=qualified,
        disqualified=disposed - qualified - recycled,
        recycled=recycled,
        lost_reasons=tuple((reason, count) for reason, count in reasons if count),
    )


def _overdue(count: int, status: Status, rng: Random, most: int = 10) -> Overdue:
    return Overdue(count, tuple(_late(place, status, rng) for place in range(min(count, most))))


def _late(place: int, status: Status, rng: Random) -> MqlView:
    company, owner = rng.choice(COMPANIES), rng.choice(PEOPLE)
    lead = view(status, owner=owner, due=NOW - (50 - 4 * place) * HOUR, company=company, person="山田 太郎")
    subject = Mql(**{**lead.mql.model_dump(), "id": 100 + place, "number": 1200 + place})
    feedback = clock(lead.feedback_clock.kind, NOW - (60 - place) * HOUR) if lead.feedback_clock else None
    return MqlView(subject, member(owner), lead.response, feedback, None, None, lead.permalink)


def _reps(size: int, rng: Random) -> list[RepWeek]:
    count = 0 if not size else min(60, 2 + size // 8)
    reps = []
    for place in range(count):
        name = PEOPLE[place % len(PEOPLE)] + (f" {place // len(PEOPLE) + 1}" if place >= len(PEOPLE) else "")
        given = round(size / count)
        late = rng.randrange(given // 4 + 1)
        idle, *spans = (late * rng.uniform(1, 9) * HOUR for _ in (0, *COLUMNS))
        debt = rng.randrange(given // 5 + 1)
        parts = dict(zip(COLUMNS, spans, strict=True))
        reps.append(RepWeek(f"U{place}", name, given, max(given - late - 1, 0), late, idle, idle / 3, parts, debt))
    waited = dict.fromkeys(COLUMNS, timedelta(0)) | {"unassigned": 5 * HOUR, "off_duty": 9 * HOUR}
    nobody = RepWeek("", "", 0, 0, 2, timedelta(0), timedelta(0), waited, 0)
    return [*reps, nobody] if size > 1 else reps


def trend(size: int, seed: int = 3) -> Trend:
    """Twelve weeks up to that week."""
    rng = Random(seed)
    points = []
    for back in reversed(range(12)):
        came = round(size * rng.uniform(0.6, 1.1))
        share = 0.6 + 0.3 * (12 - back) / 12 + rng.uniform(-0.05, 0.05)
        median = rng.uniform(2, 9) * HOUR if came else None
        points.append(
            Point(FIRST - timedelta(weeks=back), came, came, round(came * share), median, median and median * 2.6)
        )
    counts = [sum(point.received for point in points)]
    for share in (0.95, 0.85, 0.18, 0.25):
        counts.append(round(counts[-1] * share))
    return Trend("2026-W47", tuple(points), Stages(*counts), GOALS)


def own(size: int, **values: int) -> OwnWeek:
    """A rep's week with so much of everything."""
    rng = Random(size)
    usual = {"given": size, "late": size // 4, "debt": size // 5, "waiting": size // 6, "next": size // 3} | values
    late = usual["late"]
    week = RepWeek(
        user_id="U1",
        name="佐藤 葵",
        received=usual["given"],
        in_time=max(size - late, 0),
        breached=late,
        idle=9 * late * HOUR,
        others=3 * late * HOUR,
        parts=dict.fromkeys(COLUMNS, late * HOUR),
        debt=usual["debt"],
    )
    return OwnWeek(
        first=FIRST,
        last=LAST,
        week=week,
        outcomes={Status.QUALIFIED: size // 8, Status.DISQUALIFIED: size // 4} if size else {},
        waiting=_overdue(usual["waiting"], Status.ASSIGNED, rng, most=5),
        debt=_overdue(usual["debt"], Status.ACCEPTED, rng, most=5),
        next=_overdue(usual["next"], Status.CONTACTED, rng, most=5),
    )


OWN = {"one": own(1), "twelve": own(12), "hundreds": own(400), "debt only": own(0, debt=2), "next": own(0, next=1)}
