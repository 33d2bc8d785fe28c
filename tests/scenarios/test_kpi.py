"""Leaders work back from a revenue target, and see how it goes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.base import period_words
from bot.core.reports import kpi_target, nurturing_delivery
from bot.core.reports.kpi import Origin
from bot.core.reports.nurturing_delivery import WeekSupplied
from storage import kpi_targets, models, workspaces
from storage.database import Database
from storage.models import KpiTarget
from storage.vocabulary import Locale, Status
from tests.scenarios.stage import Team, en, ja

EXAMPLE = {"revenue": "1億", "deal": "5,000,000", "first_month": "2027-04"}


@pytest.fixture
def english(database: Database) -> Iterator[Team]:
    team = Team(database, Locale.EN)
    yield team
    team.close()


def _stored(team: Team) -> list[KpiTarget]:
    with team.database.snapshot() as tx:
        return kpi_targets.newest(tx, team.id, team.time.now(), most=9)


def _sets(team: Team, who: str, **values: Any) -> Any:
    person = team.user(who)
    person.types("/mql kpi", channel="sales")
    if person.modal.submit_text != ja("kpi.submit"):
        person.modal.submit()
    person.modal.fill(EXAMPLE | values)
    return person.modal.submit()


def test_the_example_of_the_field_in_japanese(team: Team) -> None:
    tanaka = team.user("tanaka")
    tanaka.types("/mql kpi", channel="sales")
    assert "今は0件中0件が商談化" in str(tanaka.modal.blocks)
    tanaka.modal.fill(EXAMPLE)
    assert tanaka.modal.submit().errors == {}
    for words in ("20件", "134件", "約893件", "約5,956件", "田中 美咲さんが2026年11月17日に設定", "データ不足"):
        assert words in tanaka.modal.text
    (target,) = _stored(team)
    assert (target.revenue, target.deal, target.first_month, target.months) == (10**8, 5 * 10**6, "2027-04", 12)


def test_the_example_of_the_field_in_english(english: Team) -> None:
    ito = english.user("ito")
    ito.types("/mql kpi", channel="sales")
    ito.modal.fill({"revenue": "100m", "deal": "5m", "first_month": "2027-04"})
    assert ito.modal.submit().errors == {}
    for words in ("≈ 893", "134", "≈ 5,956", "not enough data yet", en("kpi.why.win")):
        assert words in ito.modal.text


@pytest.mark.alike
@pytest.mark.parametrize(
    ("field", "typed", "error"),
    [
        ("revenue", "0", "error.kpi_money"),
        ("revenue", "たくさん", "error.kpi_money"),
        ("deal", "０円", "error.kpi_money"),
        ("deal", "-5", "error.kpi_money"),
        ("win_rate", "150", "error.kpi_rate"),
        ("opportunity_rate", "0", "error.kpi_rate"),
        ("mql_rate", "半分", "error.kpi_rate"),
    ],
)
def test_a_bad_number_is_said_on_its_field_and_nothing_changes(team: Team, field: str, typed: str, error: str) -> None:
    done = _sets(team, "tanaka", **{field: typed})
    assert done.errors == {field: ja(error)}
    assert _stored(team) == []


@pytest.mark.parametrize("who", ["tanaka", "yamada", "ito", "kim"])
def test_leaders_and_marketers_may(team: Team, who: str) -> None:
    assert _sets(team, who).errors == {}
    assert len(_stored(team)) == 1


def test_reps_are_told_kindly_whom_to_ask(team: Team) -> None:
    sato = team.user("sato")
    assert "どなたかに声をかけてください" in sato.types("/mql kpi", channel="sales").text
    assert sato.modal is None


def test_whoever_lost_the_role_while_the_form_was_open_changes_nothing(team: Team) -> None:
    ito = team.user("ito")
    ito.types("/mql kpi", channel="sales")
    ito.modal.fill(EXAMPLE)
    with team.database.transaction() as tx:
        mine = models.member.c.user_id == team.slack.user("ito").id
        tx.execute(models.member.update().where(mine).values(roles=["rep"]))
    ito.modal.submit()
    assert "どなたかに声をかけてください" in ito.modal.text
    assert _stored(team) == []


def test_a_second_target_keeps_the_first_and_says_what_it_was(team: Team) -> None:
    _sets(team, "tanaka")
    team.advance(hours=1)
    _sets(team, "yamada", revenue="1.2億", win_rate="20")
    assert [target.revenue for target in _stored(team)] == [12 * 10**7, 10**8]
    page = team.user("yamada").modal.text
    assert "20%(入力した値)" in page
    assert "前回の目標は¥100,000,000(2027年4月から12か月)" in page

    kim = team.user("kim")
    kim.types("/mql kpi", channel="sales")
    kim.modal.submit()
    entered = {name: state[name].get("value") for name, state in kim.modal.values.items()}
    assert (entered["revenue"], entered["win_rate"], entered["opportunity_rate"]) == ("120000000", "20", None)


def _lets_mqls_ripen(team: Team, qualified: int, others: int) -> None:
    """MQLs that came in 100 days ago, and what became of them."""
    team.advance(seconds=1)
    for i in range(qualified + others):
        team.receives(f"Acme {i}")
    with team.database.transaction() as tx:
        tx.execute(models.mql.update().values(received_at=team.time.now() - timedelta(days=100)))
        ids = list(tx.execute(sa.select(models.mql.c.id).order_by(models.mql.c.id)).scalars())[:qualified]
        done = {"status": Status.QUALIFIED, "disposed_at": team.time.now() - timedelta(days=80)}
        tx.execute(models.mql.update().where(models.mql.c.id.in_(ids)).values(**done))


@pytest.mark.thorough
def test_own_figures_take_the_place_of_the_benchmark_and_give_a_range(team: Team) -> None:
    _lets_mqls_ripen(team, 8, 32)
    tanaka = team.user("tanaka")
    tanaka.types("/mql kpi", channel="sales")
    assert "自社の実績20%" in str(tanaka.modal.blocks)
    tanaka.modal.fill(EXAMPLE)
    tanaka.modal.submit()
    assert "20%(自社の実績: MQL40件中8件、95%信頼区間 10.5%〜34.8%)" in tanaka.modal.text
    assert "約670件(386〜1,276件)" in tanaka.modal.text
    (target,) = _stored(team)
    assert target.rates["opportunity"]["origin"] == Origin.OWN


@pytest.mark.thorough
def test_what_is_younger_than_60_days_says_nothing_yet(team: Team) -> None:
    for i in range(31):
        team.receives(f"Acme {i}")
    with team.database.transaction() as tx:
        assert kpi_target.counted(tx, team.id, team.time.now()) == (0, 0)
        assert kpi_target.counted(tx, team.id, team.time.now() + kpi_target.MATURE_AFTER) == (0, 0)
        assert kpi_target.counted(tx, team.id, team.time.now() + kpi_target.MATURE_AFTER + timedelta(seconds=1)) == (
            0,
            31,
        )


@pytest.mark.thorough
def test_the_capacity_is_what_reps_answered_on_days_without_a_miss(team: Team) -> None:
    for _ in range(14):
        for i in range(3):
            team.receives(f"Acme {i}", email=f"{i}-{team.time.now():%d%m%y}@example.com")
        for name in ("sato", "suzuki"):
            team.user(name).press(ja("button.accept"), in_=team.dm(name).messages[-1])
        team.advance(days=1)
    with team.database.transaction() as tx:
        workspace = workspaces.get(tx, team.id)
        assert workspace is not None
        capacity = kpi_target.capacity(tx, workspace, team.time.now())
    assert (capacity.median, capacity.reps) == (1.0, 3)
    # Ten working days of two reps. What the third never answered takes nothing from the others.
    assert capacity.rep_days == 20
    assert capacity.a_month == 3 * capacity.working_days
    assert capacity.working_days == 22  # no holidays in this team's calendar


@pytest.mark.thorough
def test_the_digest_tells_the_month_against_the_plan(team: Team) -> None:
    team.receives("Acme")
    _sets(team, "tanaka", first_month="2026-11", opportunity_to_win="0", mql_to_opportunity="0")
    team.at(weekday=0, hour=9)
    digest = team.dm("tanaka").expect(ja("digest.column.this_week_of", side=ja("digest.marketing")))
    assert "2026年11月のMQL(計画)\n1件 | 約75件 | —" in digest.text


@pytest.mark.thorough
def test_the_digest_says_nothing_of_plans_without_a_target(team: Team) -> None:
    team.at(weekday=0, hour=9)
    assert "計画" not in team.dm("tanaka").expect(ja("digest.column.this_week_of", side=ja("digest.marketing"))).text


@pytest.mark.thorough
def test_lead_to_mql_is_proposed_where_new_leads_are_known_and_stands_beside_one_by_hand(team: Team) -> None:
    team.advance(days=7)
    for number in range(2):
        team.receives(f"Company {number}")
    week = WeekSupplied(period_words.iso_week(team.time.now().date()), "", {"new_leads": 40})
    team.advance(days=7)
    with team.database.transaction() as tx:
        nurturing_delivery.store(tx, team.id, [week], team.time.now(), file="weeks.csv")
    tanaka = team.user("tanaka")
    tanaka.types("/mql kpi", channel="sales")
    assert "自社の実績5%で計算します" in str(tanaka.modal.blocks)
    assert _sets(team, "tanaka").errors == {}
    assert "MQL化率(リード→MQL): 5%(自社の実績: 新規リード40件に対しMQL2件" in tanaka.modal.text
    assert _stored(team)[0].rates["mql"] == {"origin": "own", "value": "1/20", "successes": 2, "trials": 40}
    assert _sets(team, "tanaka", mql_rate="20").errors == {}
    for line in ("MQL化率(リード→MQL): 20%(入力した値)", "MQL化率の現在の実績: 5%(自社の実績: 新規リード40件"):
        assert line in tanaka.modal.text
