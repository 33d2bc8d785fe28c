"""The monthly figures against the same told from the log, MQL by MQL; and when the report is due. On both databases."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from bot.core.base.figure import figures_in
from bot.core.base.statistics import wilson
from bot.core.mql import deals, erasure, intake, response, withdrawal
from bot.core.mql.deals import Deal
from bot.core.mql.feedback import Answer
from bot.core.mql.lead import Lead
from bot.core.reports import monthly, scoring
from bot.core.reports.cohorts import ENOUGH, Dimension, MonthlyReport, conversion
from bot.core.reports.scoring import ScoringCheck
from storage import policies, reports_due, rows, workspaces
from storage.database import Database
from storage.models import Event, LostReason, Mql, Outbox, ReportDue, event, mql, outbox, report_due
from storage.vocabulary import DealResult, DealSource, Disposition, ErasedFor, Evidence, MessageKind, ReportKind, Source
from tests.core.kit import Engine, accept_and_report
from tests.core.reports import slow_monthly
from tests.core.reports.slow_monthly import Story
from tests.workspace import WORKSPACE

pytestmark = pytest.mark.rules

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OUTCOMES = ("qualified", "qualified", "disqualified", "recycled")
CHANNELS = ("webinar", "search ads", "Webinar ", None)
REASONS = ("no_budget", "timing", "other")


@pytest.fixture
def engine(office: Database) -> Engine:
    engine = Engine(office)
    engine.has("U4", "marketer")
    with office.transaction() as tx:
        known = [
            LostReason(workspace_id=WORKSPACE, key=key, position=place, ja=f"理由{place}", en=key)
            for place, key in enumerate(REASONS)
        ]
        workspaces.save_reasons(tx, WORKSPACE, known)
    return engine


def lives_in(engine: Engine, timezone: str, **columns: Any) -> None:
    with engine.database.transaction() as tx:
        workspaces.save(tx, WORKSPACE, datetime.now(UTC), timezone=timezone, **columns)


def report_of(engine: Engine, period: str, now: datetime) -> MonthlyReport:
    with engine.database.snapshot() as tx:
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        return monthly.report(tx, workspace, period, now)


def checked(engine: Engine, period: str) -> ScoringCheck:
    with engine.database.snapshot() as tx:
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        return scoring.report(tx, workspace, period)


# Histories


def live(engine: Engine, chance: random.Random, received_at: datetime) -> None:
    """One MQL comes in, and things happen to it as chance will have it."""
    lead: dict[str, Any] = {"channel": chance.choice(CHANNELS), "campaign": chance.choice(["spring", "=autumn", None])}
    lead |= {"score": chance.choice([None, 10, 35, 60, 95]), "email": f"{chance.random()}@acme.example"}
    lead |= {"form": chance.choice(["demo", "paper"]), "attributes": {"size": chance.choice(["s", "l"])}}
    lead["attributes"]["staff"] = chance.choice([10, "10", 1.5, True, False, "", None, ["x"], {"x": 1}])
    with engine.database.transaction() as tx:
        given = Lead.model_validate({"company": "Acme", **lead})
        source = chance.choice(list(Source))
        mql_id = intake.receive(tx, WORKSPACE, given, source, received_at).mql_id
        if chance.random() < 0.1:  # the same lead once more is no MQL of its own
            intake.receive(tx, WORKSPACE, given, source, received_at + HOUR)
    at = received_at + chance.choice([HOUR, DAY, 20 * DAY])
    if chance.random() < 0.3:
        engine.does(response.reassign, mql_id, "U3", chance.choice(["U1", "U2"]), "load", now=at)
    if chance.random() < 0.6:
        engine.does(response.accept, mql_id, "U3", now=at + HOUR)
    if chance.random() < 0.5:
        engine.does(response.contacted, mql_id, "U3", now=at + 2 * HOUR)
        if chance.random() < 0.3:
            with engine.database.transaction() as tx:
                response.contacted(tx, WORKSPACE, mql_id, "U3", at + 3 * HOUR, Evidence.CALL)
    if chance.random() < 0.08:
        engine.does(withdrawal.withdraw, mql_id, "U4", "a test", now=at + 4 * HOUR)
    for later in (5, 200):  # the second is a correction
        ends(engine, chance, mql_id, at + later * HOUR)
    if chance.random() < 0.15:
        with engine.database.transaction() as tx:
            erasure.erase(tx, WORKSPACE, mql_id, ErasedFor.REQUEST, at + 300 * HOUR)


def ends(engine: Engine, chance: random.Random, mql_id: int, at: datetime) -> None:
    """An outcome, and what came of the opportunity; also once more."""
    if chance.random() < 0.7:
        engine.does(accept_and_report, mql_id, "U3", answer(chance), now=at)
    for days in (1, 4):
        if chance.random() < 0.7:
            by = chance.choice(["U3", DealSource.CRM])
            decide(engine, mql_id, deal(chance, at), at + days * DAY, by)


def deal(chance: random.Random, at: datetime) -> Deal | None:
    """Decided on the day of the outcome or after it; or under way again."""
    word = chance.choice([*DealResult, DealResult.WON, None])
    if word is None:
        return None
    amount = chance.choice([0, 1, 10**12, 7_500_000]) if word == DealResult.WON else None
    return Deal(result=word, on=(at + chance.randrange(2) * DAY).date(), amount=amount)


def decide(engine: Engine, mql_id: int, report_of: Deal | None, now: datetime, by: str | DealSource = "U3") -> None:
    with engine.database.transaction() as tx:
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        deals.record(tx, workspace, mql_id, by, report_of, now)


def answer(chance: random.Random) -> Answer:
    word = Disposition(chance.choice(OUTCOMES))
    reason = chance.choice(REASONS) if word == Disposition.DISQUALIFIED else None
    return Answer(disposition=word, lost_reason=reason, comment="because")


def stories(engine: Engine) -> list[Story]:
    with engine.database.snapshot() as tx:
        every = {subject.id: Story(subject, subject.received_at) for subject in rows.many(tx, Mql, sa.select(mql))}
        for logged in rows.many(tx, Event, sa.select(event).order_by(event.c.id)):
            every[logged.mql_id].hears(logged)
    return [story for story in every.values() if story.counts]


def month(story: Story, zone: str) -> str:
    return story.received_at.astimezone(ZoneInfo(zone)).strftime("%Y-%m")


VALUE: dict[Dimension, Callable[[Story], str]] = {
    Dimension.CHANNEL: lambda story: story.mql.channel or "",
    Dimension.CAMPAIGN: lambda story: story.mql.campaign or "",
    Dimension.SOURCE: lambda story: story.source,
    Dimension.REP: lambda story: story.owner,
    Dimension.TIER: lambda story: "hot" if (story.mql.score or 0) >= 60 else "",
}


@pytest.mark.parametrize(
    ("zone", "last", "seed"),
    # The clocks of New York go forward in March and back in November; Tokyo's never, and its months begin at 15:00 UTC.
    [
        ("America/New_York", "2026-04", 1),
        pytest.param("America/New_York", "2026-11", 2, marks=pytest.mark.thorough),
        pytest.param("Asia/Tokyo", "2026-03", 3, marks=pytest.mark.thorough),
    ],
)
def test_every_figure_is_what_the_log_tells(engine: Engine, zone: str, last: str, seed: int) -> None:
    lives_in(engine, zone)
    tier = {"name": "hot", "when": {"min_score": 60}, "response_hours": 1}
    engine.agrees(timezone=zone, tiers=(tier,))
    chance = random.Random(seed)
    first = monthly.months_on(monthly.month_of(last), -6)
    periods = [monthly.period_of(monthly.months_on(first, back)) for back in range(1, 7)]
    borders = [datetime(int(p[:4]), int(p[5:]), 1, tzinfo=ZoneInfo(zone)).astimezone(UTC) for p in periods]
    microsecond = timedelta(microseconds=1)
    moments = [border + nudge for border in borders for nudge in (-microsecond, timedelta(0), HOUR)]
    moments += [borders[0] + timedelta(hours=chance.uniform(-300, 6 * 31 * 24)) for _ in range(60)]
    for received_at in sorted(moments):
        live(engine, chance, received_at)

    report = report_of(engine, last, borders[-1] + 60 * DAY)
    everything = [story for story in stories(engine) if month(story, zone) in periods]
    assert len(everything) > 55
    assert [cohort.period for cohort in report.cohorts] == periods
    for cohort in report.cohorts:
        mine = [story for story in everything if month(story, zone) == cohort.period]
        assert figures_in(cohort.total) == slow_monthly.conversion(mine), cohort.period
        assert figures_in(cohort.wins) == slow_monthly.wins(mine), cohort.period
        spans = {name: figures_in(span) for name, span in figures_in(cohort).items()}
        assert spans == slow_monthly.times(mine, zone), cohort.period
    assert figures_in(report.total) == slow_monthly.conversion(everything)
    assert figures_in(report.wins) == slow_monthly.wins(everything)
    assert report.wins.rate is not None
    assert report.wins.lost
    assert report.wins.opportunities > report.wins.closed
    for dimension, value in VALUE.items():
        by_value: dict[str, list[Story]] = defaultdict(list)
        for story in everything:
            by_value[value(story)].append(story)
        assert {group.value: figures_in(group.total) for group in report.groups[dimension]} == {
            key: slow_monthly.conversion(mine) for key, mine in by_value.items()
        }
        for group in report.groups[dimension]:
            assert figures_in(group.wins) == slow_monthly.wins(by_value[group.value])
            for period, counted, wins in zip(periods, group.cohorts, group.cohort_wins, strict=True):
                mine = [story for story in by_value[group.value] if month(story, zone) == period]
                assert figures_in(counted) == slow_monthly.conversion(mine)
                assert figures_in(wins) == slow_monthly.wins(mine)
    lost = Counter((s.mql.channel or "", s.reason) for s in everything if s.disposition == "disqualified")
    assert {(loss.channel, why.key): n for loss in report.losses for why, n in loss.reasons} == dict(lost)


def test_the_scoring_check_counts_what_the_log_tells(engine: Engine) -> None:
    chance = random.Random(5)
    start = datetime(2026, 3, 1, tzinfo=UTC)
    for number in range(90):
        live(engine, chance, start + number * DAY)
    check = checked(engine, "2026-06")
    scored = [s for s in stories(engine) if s.mql.score is not None and month(s, "Asia/Tokyo") <= "2026-06"]
    decided = [story for story in scored if story.disposition]
    won = sum(story.disposition == "qualified" for story in decided)
    assert (check.received, check.decided, check.qualified) == (len(scored), len(decided), won)
    for band in check.bands:
        mine = [story for story in scored if band.low <= (story.mql.score or 0) <= band.high]
        assert figures_in(band.conversion) == slow_monthly.conversion(mine)
    for other in check.thresholds:
        below = [story for story in scored if (story.mql.score or 0) < other.score]
        assert (other.unseen, other.missed) == (len(below), sum(story.disposition == "qualified" for story in below))
    assert check.auc is not None
    scores = {
        won: [s.mql.score or 0 for s in decided if (s.disposition == "qualified") == won] for won in (True, False)
    }
    pairs = [(score > other) + (score == other) / 2 for score in scores[True] for other in scores[False]]
    assert check.auc.value == pytest.approx(sum(pairs) / len(pairs))
    forms = {factor.value: factor.conversion.decided for factor in check.factors if factor.aspect == "form"}
    assert forms == Counter(story.mql.form for story in decided)
    for factor in (factor for factor in check.factors if factor.aspect == "form" and factor.lift is not None):
        having = [story for story in decided if story.mql.form == factor.value]
        others = [story for story in decided if story.mql.form != factor.value]
        shares = (sum(story.disposition == "qualified" for story in some) / len(some) for some in (having, others))
        assert factor.lift is not None
        assert factor.lift.value == pytest.approx(next(shares) - next(shares))
    # What was erased with the person is in no attribute any more.
    sizes = {factor.value: factor.conversion.decided for factor in check.factors if factor.name == "size"}
    assert sizes == Counter(story.mql.attributes["size"] for story in decided if story.mql.attributes)
    given = [story.mql.attributes["staff"] for story in decided if story.mql.attributes]
    words = [str(value).lower() for value in given if isinstance(value, str | int | float) and value != ""]
    staff = {factor.value: factor.conversion.decided for factor in check.factors if factor.name == "staff"}
    assert staff == {word: count for word, count in Counter(words).items() if count >= ENOUGH}
    assert "10" in staff


def test_of_fewer_than_twelve_no_share_is_told() -> None:
    assert conversion(40, ENOUGH - 1, 5).rate is None
    assert conversion(40, ENOUGH, 5).rate is not None
    widths = {n: max(wilson(k, n).high - wilson(k, n).low for k in range(n + 1)) for n in range(2, 40)}
    assert min(n for n, width in widths.items() if width < 0.5) == ENOUGH


@pytest.mark.parametrize("period", ["2026-13", "2026-00", "2026-1", "2026-W47", "", "0001-01", "9999-12", "2026-10\n"])
def test_what_is_no_month_is_refused(engine: Engine, period: str) -> None:
    with pytest.raises(ValueError, match="is not a month"):
        report_of(engine, period, datetime(2026, 11, 1, tzinfo=UTC))


# When it is due


def due(engine: Engine) -> dict[str, tuple[datetime, bool]]:
    with engine.database.snapshot() as tx:
        mine = sa.select(report_due).where(report_due.c.kind == ReportKind.MONTHLY)
        return {row.period: (row.due_at, row.done_at is not None) for row in rows.many(tx, ReportDue, mine)}


def plans(engine: Engine, now: datetime) -> None:
    with engine.database.transaction() as tx:
        workspace = workspaces.locked(tx, WORKSPACE)
        assert workspace is not None
        monthly.MONTHLY.schedule(tx, workspace, now)


def ticks(engine: Engine, now: datetime) -> None:
    with engine.database.snapshot() as tx:
        waiting = reports_due.due(tx, now)
    for row in waiting:
        with engine.database.transaction() as tx:
            monthly.MONTHLY.send_due(tx, row, now)


def sent(engine: Engine) -> list[Outbox]:
    kinds = (MessageKind.MONTHLY, MessageKind.SCORING)
    with engine.database.snapshot() as tx:
        return rows.many(tx, Outbox, sa.select(outbox).where(outbox.c.kind.in_(kinds)).order_by(outbox.c.id))


def tokyo(year: int, month: int, day: int, hour: int = 9) -> datetime:
    return datetime(year, month, day, hour, tzinfo=ZoneInfo("Asia/Tokyo")).astimezone(UTC)


JAPAN = {"kind": "business_days", "holidays": "JP"}
CLOSED = {"kind": "business_days", "closures": [{"first": "2026-12-01", "last": "2026-12-31"}]}


@pytest.mark.parametrize(
    ("now", "calendar", "period", "due_at"),
    [
        (tokyo(2026, 11, 17), "always", "2026-11", tokyo(2026, 12, 1)),
        (tokyo(2026, 10, 17), "always", "2026-10", tokyo(2026, 11, 2)),  # the first is a Sunday
        (tokyo(2026, 12, 17), JAPAN, "2026-12", tokyo(2027, 1, 4)),  # New Year's Day is a Friday
        (tokyo(2026, 10, 17), JAPAN, "2026-10", tokyo(2026, 11, 2)),
        (tokyo(2026, 11, 17), CLOSED, "2026-11", tokyo(2026, 12, 31)),  # nobody works: the last day
        (tokyo(2026, 12, 1), "always", "2026-12", tokyo(2027, 1, 1)),  # that very moment is over
    ],
)
def test_it_is_due_on_the_first_working_day(
    engine: Engine, now: datetime, calendar: Any, period: str, due_at: datetime
) -> None:
    engine.agrees(calendar=calendar)
    plans(engine, now)
    assert due(engine) == {period: (due_at, False)}


def test_it_is_sent_once_to_each_reader_with_the_scoring_check_below(engine: Engine) -> None:
    plans(engine, tokyo(2026, 11, 17))
    ticks(engine, tokyo(2026, 12, 1) - HOUR)
    assert sent(engine) == []
    for _ in range(2):
        ticks(engine, tokyo(2026, 12, 1))
    told_to = [(row.kind, row.target, row.data["period"]) for row in sent(engine)]
    assert sorted(told_to) == sorted(
        (kind, user, "2026-11") for kind in (MessageKind.MONTHLY, MessageKind.SCORING) for user in ("U3", "U4")
    )
    by_id = {row.id: row for row in sent(engine)}
    for row in by_id.values():
        if row.kind == MessageKind.SCORING:
            assert row.parent_id is not None
            assert (by_id[row.parent_id].kind, by_id[row.parent_id].target) == (MessageKind.MONTHLY, row.target)
    assert due(engine) == {"2026-11": (tokyo(2026, 12, 1), True), "2026-12": (tokyo(2027, 1, 1), False)}


@pytest.mark.sql
def test_after_a_long_silence_only_the_newest_month_is_sent(engine: Engine) -> None:
    plans(engine, tokyo(2026, 11, 17))
    ticks(engine, tokyo(2027, 3, 20))
    assert {row.data["period"] for row in sent(engine)} == {"2027-02"}
    assert {period for period, (_, done) in due(engine).items() if done} == {"2026-11", "2026-12", "2027-01", "2027-02"}


@pytest.mark.sql
def test_another_time_moves_the_report_and_passes_over_no_month(engine: Engine) -> None:
    plans(engine, tokyo(2026, 11, 17))
    lives_in(engine, "Asia/Tokyo", digest_time="08:00")
    plans(engine, tokyo(2026, 11, 18))
    assert due(engine) == {"2026-11": (tokyo(2026, 12, 1, 8), False)}
    lives_in(engine, "Asia/Tokyo", digest_time="07:00")
    now = tokyo(2026, 12, 1, 7) + HOUR / 2
    plans(engine, now)
    assert due(engine) == {"2026-11": (now, False), "2026-12": (tokyo(2027, 1, 1, 7), False)}


def test_months_begin_at_midnight_of_the_workspace(engine: Engine) -> None:
    lives_in(engine, "America/Sao_Paulo")
    with engine.database.snapshot() as tx:
        workspace = workspaces.get(tx, WORKSPACE)
    assert workspace is not None
    span = monthly.span_of(workspace, date(2026, 10, 1), date(2026, 11, 1))
    assert (span.start, span.end) == (datetime(2026, 10, 1, 3, tzinfo=UTC), datetime(2026, 12, 1, 3, tzinfo=UTC))
    assert monthly.last_period(workspace, datetime(2026, 12, 1, 2, 59, tzinfo=UTC)) == "2026-10"
    assert monthly.last_period(workspace, datetime(2027, 1, 1, 3, tzinfo=UTC)) == "2026-12"


def test_a_workspace_without_a_policy_has_its_working_days(engine: Engine) -> None:
    with engine.database.transaction() as tx:
        assert policies.current(tx, WORKSPACE) is not None
        workspaces.save(tx, WORKSPACE, datetime.now(UTC), policy_id=None)
    plans(engine, tokyo(2026, 10, 17))
    assert due(engine) == {"2026-10": (tokyo(2026, 11, 2), False)}
