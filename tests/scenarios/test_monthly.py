"""The month's report: on the first working day, on demand, and not for everybody."""

from __future__ import annotations

import pytest

from bot.core.reports import monthly
from bot.slack.blocks.base.example_days import example_days
from storage import workspaces
from tests.scenarios.stage import Team, ja


def plans(team: Team) -> None:
    with team.database.transaction() as tx:
        workspace = workspaces.locked(tx, team.id)
        assert workspace is not None
        monthly.MONTHLY.schedule(tx, workspace, team.time.now())


def test_the_month_is_told_on_its_first_working_day_with_the_scoring_check_in_its_thread(team: Team) -> None:
    for company in ("Acme", "Sample"):
        team.receives(company, score=50, channel="webinar")
    team.accepts(1)
    sato = team.user("sato")
    sato.types("/mql-feedback 1")
    sato.modal.fill({"disposition": "qualified"})
    sato.modal.submit()
    plans(team)
    for name in ("tanaka", "sato"):
        team.dm(name).unread()
    team.advance(days=14)  # Tuesday, December 1, 10:00
    heading = ja("monthly.heading", month="2026年11月")
    report = team.dm("tanaka").expect(heading, "2026年11月に届いたMQLは2件で、うち1件の結果が出ています。", count=1)
    # Below its minimum the scoring check is not sent.
    assert not [
        message
        for message in team.dm("tanaka").messages
        if message.thread == report.ts and "スコアリング" in message.text
    ]
    team.dm("sato").expect_none(heading)


@pytest.mark.parametrize("typed", ["monthly 2026-11", "Monthly ２０２６－１１"])
def test_a_month_can_be_asked_for(team: Team, typed: str) -> None:
    team.receives("Acme", channel="webinar")
    shown = team.user("tanaka").types(f"/mql report {typed}", channel="sales").text
    assert "2026年11月はMQLが1件届きました。結果が報告されたものは、まだありません。" in shown


def test_without_a_month_the_last_one_is_meant(team: Team) -> None:
    assert (
        "2026年10月に届いたMQLはありませんでした。"
        in team.user("ito").types("/mql report monthly", channel="sales").text
    )


@pytest.mark.parametrize("typed", ["2026-13", "soon", "1999-12", "2026-W47"])
def test_what_is_no_month_is_answered_in_one_line(team: Team, typed: str) -> None:
    shown = team.user("tanaka").types(f"/mql report monthly {typed}", channel="sales").text
    assert shown == ja("reply.bad_month", **example_days(ja, team.time.now()))


def test_a_rep_is_not_shown_the_month(team: Team) -> None:
    shown = team.user("sato").types("/mql report monthly", channel="sales").text
    assert shown == ja("reply.report_not_allowed")


@pytest.mark.alike
@pytest.mark.parametrize("typed", ["scoring 2026-11", "Scoring ２０２６－１１"])
def test_the_scoring_check_can_be_asked_for_and_proposes_nothing_below_its_minimum(team: Team, typed: str) -> None:
    team.receives("Acme", score=50)
    team.accepts(1)
    team.user("sato").types("/mql-feedback 1")
    team.user("sato").modal.fill({"disposition": "qualified"})
    team.user("sato").modal.submit()
    team.user("ito").types(f"/mql report {typed}", channel="sales")
    heading = ja("scoring.heading", first="2025年12月", last="2026年11月")
    shown = next(message for message in team.channel("sales").messages if heading in message.text)
    assert shown.ephemeral_for == "ito"
    assert ja("scoring.few", decided="1", qualified="1") in shown.text
    assert ja("button.definition_propose") not in shown.buttons


def test_without_a_month_the_scoring_check_ends_with_the_last_one(team: Team) -> None:
    shown = team.user("tanaka").types("/mql report scoring", channel="sales").text
    assert ja("scoring.heading", first="2025年11月", last="2026年10月") in shown
    assert ja("scoring.none") in shown


@pytest.mark.parametrize(
    ("who", "typed", "answer"), [("tanaka", "scoring soon", "bad_month"), ("sato", "scoring", "report_not_allowed")]
)
def test_a_scoring_check_that_cannot_be_shown_is_answered_in_one_line(
    team: Team, who: str, typed: str, answer: str
) -> None:
    assert team.user(who).types(f"/mql report {typed}", channel="sales").text == ja(
        f"reply.{answer}", **example_days(ja, team.time.now())
    )
