from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from bot.cli.teamfile import config_words
from bot.core.mql import deals, response
from bot.core.mql.deals import Deal
from bot.core.mql.intake import receive
from bot.core.mql.lead import Lead
from bot.core.sla.policy import Policy
from bot.core.teamfile import TeamFile, apply, current, diff, export, open_mqls, parse
from bot.core.teamfile.schema import DEFAULT_REASONS, Person, Reason
from bot.i18n import Translator
from storage import members, mqls, policies, reports_due, workspaces
from storage.database import Database
from storage.models import Mql, ReportDue, policy_version
from storage.vocabulary import DealResult, Locale, OutcomesTold, ReportKind, Role, Source, Status

pytestmark = pytest.mark.rules

NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)  # a Wednesday morning in Tokyo

SATO = Person("U1", "佐藤 葵", (Role.REP,), manager="U3")
SUZUKI = Person("U2", "鈴木 蓮", (Role.REP,), locale=Locale.EN)
TANAKA = Person("U3", "田中 美咲", (Role.MANAGER, Role.ADMIN))
TEAM = TeamFile(
    "T1",
    'Sample "Inc." \\ 株式会社',
    Locale.JA,
    "Asia/Tokyo",
    "C1",
    None,
    0,
    "09:00",
    Policy(),
    (SATO, SUZUKI, TANAKA),
    DEFAULT_REASONS,
)


def applied(database: Database, wanted: TeamFile, now: datetime = NOW) -> list[str]:
    """Apply and return the difference that was shown before, in English."""
    with database.transaction() as tx:
        changes = diff(current(tx, wanted.workspace_id), wanted, open_mqls(tx, wanted.workspace_id))
        apply(tx, wanted, now)
    return [config_words.change(Translator(Locale.EN, "UTC"), change) for change in changes]


def state(database: Database) -> TeamFile | None:
    with database.snapshot() as tx:
        return current(tx, "T1")


def receives(tx: sa.Connection, company: str) -> Mql:
    receive(tx, "T1", Lead(company=company), Source.MANUAL, NOW)
    return mqls.with_status(tx, "T1", *Status)[-1]


def test_a_first_file_sets_the_workspace_up(any_database: Database) -> None:
    shown = applied(any_database, TEAM)
    assert shown[0] == f"+ workspace {TEAM.name} (T1)"
    assert "+ 佐藤 葵 (Rep)" in shown
    assert state(any_database) == TEAM


def test_applying_the_same_file_again_changes_nothing(any_database: Database) -> None:
    applied(any_database, TEAM)
    assert applied(any_database, TEAM) == []
    with any_database.snapshot() as tx:
        version = policies.current(tx, "T1")
    assert version is not None
    assert version.version == 1


def test_a_version_that_was_stored_before_a_key_was_there_is_no_other_agreement(database: Database) -> None:
    applied(database, TEAM)
    with database.transaction() as tx:
        known = policies.current(tx, "T1")
        assert known is not None
        body = {key: value for key, value in known.body.items() if key != "restart_times"}
        tx.execute(policy_version.update().values(body=body))
    assert applied(database, TEAM) == []
    with database.snapshot() as tx:
        version = policies.current(tx, "T1")
    assert version is not None
    assert version.version == 1


def test_how_often_a_clock_begins_anew_is_shown_before_it_is_agreed(database: Database) -> None:
    applied(database, TEAM)
    assert applied(database, replace(TEAM, policy=Policy(restart_times=1))) == [
        "~ policy: Restarts at most (restart_times) 2 → 1 (clocks that start from now on)"
    ]


@pytest.mark.parametrize(
    "team",
    [
        TEAM,
        replace(TEAM, intake_channel="C2", digest_weekday=4, digest_time="17:30", locale=Locale.EN),
        replace(TEAM, marketing_channel="C3", outcomes_told=OutcomesTold.DAILY, outcomes_time="18:30"),
        replace(TEAM, policy=Policy(response_hours=0.5, escalations=(), reminders=(0.25,), feedback_reminders=())),
        replace(TEAM, members=(*TEAM.members, Person("U4", "Kim\t\x7f", (Role.REP, Role.HEAD), active=False))),
        replace(TEAM, reasons=(Reason("other", 'その他 "x"', "Other # [x]"),)),
    ],
)
def test_an_exported_file_applies_back_to_the_same_state(database: Database, team: TeamFile) -> None:
    applied(database, team)
    exported = state(database)
    assert exported is not None
    assert parse(export(exported), None) == exported == team


def test_a_changed_policy_becomes_a_new_version_and_says_for_whom(database: Database) -> None:
    applied(database, TEAM)
    eight = Policy(response_hours=8, escalations=TEAM.policy.escalations[:1])
    assert applied(database, replace(TEAM, policy=eight)) == [
        "~ policy: Response due after (response_hours) 24 h → 8 h (clocks that start from now on)",
        (
            "~ policy: Escalations (escalations) Manager after 24 h / Head after 48 h, Also in the card's thread: Yes"
            " → Manager after 24 h (clocks that start from now on)"
        ),
    ]
    with database.snapshot() as tx:
        version = policies.current(tx, "T1")
    assert version is not None
    assert version.version == 2


def test_a_member_that_the_file_no_longer_names_is_set_inactive_and_keeps_their_turn(database: Database) -> None:
    applied(database, TEAM)
    away = NOW + timedelta(days=3)
    with database.transaction() as tx:
        members.update(tx, "T1", "U2", last_turn=7, away_until=away)
    assert applied(database, replace(TEAM, members=(SATO, TANAKA))) == ["− 鈴木 蓮 leaves the roster"]
    with database.snapshot() as tx:
        gone = members.get(tx, "T1", "U2")
    assert gone is not None
    assert (gone.active, gone.last_turn, gone.away_until) == (False, 7, away)
    assert applied(database, TEAM) == ["+ 鈴木 蓮 is back on the roster (Rep)"]
    with database.snapshot() as tx:
        back = members.get(tx, "T1", "U2")
    assert back is not None
    assert (back.active, back.last_turn, back.away_until) == (True, 7, away)


def test_the_unanswered_mqls_of_a_leaver_go_to_the_next_rep_and_accepted_ones_stay(any_database: Database) -> None:
    applied(any_database, TEAM)
    with any_database.transaction() as tx:
        owned = {receives(tx, company).owner: company for company in ("Acme", "Bolt")}
        assert set(owned) == {"U1", "U2"}
        receives(tx, "Core")
        receives(tx, "Dyne")
        mine = [mql for mql in open_mqls(tx, "T1") if mql.owner == "U2"]
        response.accept(tx, "T1", mine[0].id, "U2", NOW)
    taken, waiting = (mql.number for mql in mine)
    assert applied(any_database, replace(TEAM, members=(SATO, TANAKA))) == [
        "− 鈴木 蓮 leaves the roster",
        f"  鈴木 蓮: 1 open MQL goes to the next rep: #{waiting}",
        f"  鈴木 蓮: 1 accepted MQL stays, reassign it in Slack: #{taken}",
    ]
    with any_database.snapshot() as tx:
        owners = {mql.number: mql.owner for mql in open_mqls(tx, "T1")}
    assert owners[waiting] == "U1"
    assert owners[taken] == "U2"


def test_a_rep_who_becomes_a_marketer_hands_their_unanswered_mqls_on(database: Database) -> None:
    applied(database, TEAM)
    with database.transaction() as tx:
        receives(tx, "Acme")
        receives(tx, "Bolt")
    marketer = replace(SUZUKI, roles=(Role.MARKETER,))
    shown = applied(database, replace(TEAM, members=(SATO, marketer, TANAKA)))
    assert shown[0] == "~ 鈴木 蓮: Roles (roles) Rep → Marketer"
    with database.snapshot() as tx:
        assert {mql.owner for mql in open_mqls(tx, "T1")} == {"U1"}


def test_an_mql_that_waited_for_somebody_goes_to_the_first_rep_the_file_brings(database: Database) -> None:
    applied(database, replace(TEAM, members=(replace(SATO, active=False), TANAKA)))
    with database.transaction() as tx:
        assert receives(tx, "Acme").status == Status.UNASSIGNED
    applied(database, replace(TEAM, members=(SUZUKI, TANAKA)))
    with database.snapshot() as tx:
        assert [mql.owner for mql in open_mqls(tx, "T1")] == ["U2"]


def test_a_lost_reason_that_is_left_out_is_switched_off_and_keeps_its_name(database: Database) -> None:
    applied(database, TEAM)
    shorter = (replace(DEFAULT_REASONS[1], en="Not funded"), DEFAULT_REASONS[0])
    shown = applied(database, replace(TEAM, reasons=shorter))
    assert "~ lost reason no_budget: Not funded / 予算なし" in shown
    assert "− lost reason other: Other" in shown
    assert shown[-1] == "~ lost reasons in this order: no_budget, gathering_information"
    with database.snapshot() as tx:
        assert "other" in [reason.key for reason in workspaces.reasons(tx, "T1", only_active=False)]


def weekly_ones(tx: sa.Connection) -> list[ReportDue]:
    return [row for row in reports_due.due(tx, NOW + timedelta(days=30)) if row.kind == ReportKind.WEEKLY]


def test_the_monthly_report_is_planned_too(database: Database) -> None:
    applied(database, TEAM)
    with database.snapshot() as tx:
        due_at = {row.period: row.due_at for row in reports_due.due(tx, NOW + timedelta(days=30))}
    assert due_at["2026-11"] == datetime(2026, 12, 1, 0, 0, tzinfo=UTC)


def test_the_next_digest_is_planned_and_moves_with_its_time(database: Database) -> None:
    def due() -> list[datetime]:
        with database.snapshot() as tx:
            return [row.due_at for row in weekly_ones(tx)]

    applied(database, TEAM)
    assert due() == [datetime(2026, 11, 30, 0, 0, tzinfo=UTC)]
    assert applied(database, replace(TEAM, digest_weekday=4, digest_time="17:00")) == [
        "~ Weekly digest: Weekday (digest.weekday): Monday → Friday",
        "~ Weekly digest: Time (digest.time): 09:00 → 17:00",
    ]
    assert due() == [datetime(2026, 11, 27, 8, 0, tzinfo=UTC)]


def test_a_digest_that_moves_passes_over_no_week(database: Database) -> None:
    """Sunday evening would have told of the last week; Monday morning tells of the one that is then over."""
    applied(database, replace(TEAM, digest_weekday=6, digest_time="17:30"))
    applied(database, replace(TEAM, digest_weekday=0, digest_time="09:00"))
    with database.snapshot() as tx:
        planned = [(row.period, row.due_at) for row in weekly_ones(tx)]
    assert planned == [("2026-W47", NOW), ("2026-W48", datetime(2026, 11, 30, 0, 0, tzinfo=UTC))]


def test_a_deal_keeps_its_day_though_the_timezone_becomes_another(database: Database) -> None:
    applied(database, TEAM)
    day = date(2026, 11, 20)
    with database.transaction() as tx:
        subject, workspace = receives(tx, "Acme"), workspaces.get(tx, "T1")
        assert workspace is not None
        won = deals.columns(workspace, Deal(result=DealResult.WON, on=day, amount=1))
        mqls.update(tx, "T1", subject.id, status=Status.QUALIFIED, accepted_at=NOW, disposed_at=NOW, **won)
    for timezone in ("America/New_York", "Pacific/Auckland"):
        applied(database, replace(TEAM, timezone=timezone))
        with database.snapshot() as tx:
            changed = mqls.get(tx, "T1", subject.id)
        assert changed is not None
        assert changed.deal_result_at is not None
        assert changed.deal_result_at == datetime.combine(day, time(), ZoneInfo(timezone))
