"""What a lead came with is kept: what it brings later stands beside it, and no report of the past changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.core.base import period_words, wall_clock
from bot.core.mql import response
from bot.core.mql.feedback import Answer
from bot.core.reports import monthly, scoring, weekly
from bot.core.reports.cohorts import Dimension
from bot.core.reports.scoring import ScoringCheck
from storage import checkups, mqls, workspaces
from storage.database import Database
from storage.models import Mql
from storage.reports import Span
from storage.vocabulary import ClockKind, Disposition
from tests.core.kit import Engine, accept_and_report
from tests.workspace import WORKSPACE

pytestmark = pytest.mark.rules
CAME = datetime(2026, 10, 5, 1, tzinfo=UTC)
LATER = datetime(2026, 11, 9, 1, tzinfo=UTC)
HOT = {"name": "hot", "when": {"min_score": 80}, "response_hours": 1}
UNFIT = Answer(disposition=Disposition.DISQUALIFIED, lost_reason="other")
FIT = Answer(disposition=Disposition.QUALIFIED)


@pytest.fixture
def engine(office: Database) -> Engine:
    engine = Engine(office)
    engine.agrees(tiers=(HOT,))
    return engine


def subject(engine: Engine, mql_id: int) -> Mql:
    with engine.database.snapshot() as tx:
        mql = mqls.get(tx, WORKSPACE, mql_id)
    assert mql is not None
    return mql


def everything(engine: Engine) -> dict[str, Any]:
    """Every report of the month and the week in which they came, made much later."""
    now = LATER + timedelta(days=30)
    with engine.database.snapshot() as tx:
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        month = monthly.report(tx, workspace, "2026-10", now)
        digest = weekly.weekly(tx, workspace, period_words.iso_week(wall_clock.day_in(workspace.timezone, CAME)), now)
        asked = checkups.scored(tx, WORKSPACE, Span(CAME - timedelta(days=1), CAME + timedelta(days=2)))
        return {"month": month, "scoring": checked(engine), "week": digest.now, "self-check": asked}


def checked(engine: Engine) -> ScoringCheck:
    with engine.database.snapshot() as tx:
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        return scoring.report(tx, workspace, "2026-10")


@pytest.mark.thorough
def test_leads_that_come_back_with_a_high_score_make_no_scoring_rule_right(engine: Engine) -> None:
    for number in range(24):
        mql_id = engine.receives(CAME, external_id=f"{number}", score=10)
        engine.does(accept_and_report, mql_id, "U3", FIT if number % 2 else UNFIT, now=CAME + timedelta(hours=1))
    before = everything(engine)
    for number in range(24):
        lead = {"external_id": f"{number}", "channel": "webinar", "campaign": "spring", "form": "demo"}
        engine.receives(LATER, score=90, email=f"{number}@acme.example", **lead)
    after = everything(engine)
    assert after["scoring"].auc is not None
    assert after["scoring"].auc.value == 0.5
    assert [(band.low, band.conversion.received) for band in after["scoring"].bands] == [(10, 24)]
    assert [group.value for group in after["month"].groups[Dimension.CHANNEL]] == [""]
    assert after["week"].contactable == 0
    assert after == before


def test_a_lead_that_comes_back_hotter_is_known_by_both_and_its_running_clock_keeps_its_tier(engine: Engine) -> None:
    mql_id = engine.receives(CAME, external_id="1", score=10, channel="webinar")
    engine.receives(CAME + timedelta(hours=1), external_id="1", score=90, channel="ads", form="demo")
    mql = subject(engine, mql_id)
    assert (mql.score, mql.received_score) == (90, 10)
    assert (mql.channel, mql.received_channel) == ("webinar", "webinar")
    assert (mql.form, mql.received_form) == ("demo", None)
    assert mql.received_tier is None
    with engine.database.snapshot() as tx:
        (clock,) = mqls.clocks(tx, WORKSPACE, [mql_id])
    assert clock.tier is None
    engine.does(response.accept, mql_id, "U3", now=CAME + timedelta(hours=2))
    with engine.database.snapshot() as tx:
        tiers = {clock.kind: clock.tier for clock in mqls.clocks(tx, WORKSPACE, [mql_id])}
    assert tiers == {ClockKind.RESPONSE: None, ClockKind.FEEDBACK: "hot"}
    assert subject(engine, mql_id).received_tier is None


@pytest.mark.sql
def test_the_tier_of_a_report_is_that_of_receipt_whatever_the_open_clocks_are_moved_to(engine: Engine) -> None:
    engine.receives(CAME, score=90)
    engine.agrees()
    engine.moves(CAME + timedelta(minutes=5))
    with engine.database.snapshot() as tx:
        workspace = workspaces.get(tx, WORKSPACE)
        assert workspace is not None
        report = monthly.report(tx, workspace, "2026-10", CAME + timedelta(days=1))
    assert [group.value for group in report.groups[Dimension.TIER]] == ["hot"]
    assert report.month.first == date(2026, 10, 1)
