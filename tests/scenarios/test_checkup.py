"""The team looks at itself: what the bot sees counts, the rest is asked, and each quarter comes round."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from bot.core.reports import checkup
from bot.core.reports.checkup import Answer, Point
from storage import checkups
from storage.database import Database
from storage.models import Checkup
from storage.vocabulary import Locale
from tests.scenarios.stage import TOKYO, Team, en, ja


def _stored(team: Team) -> list[Checkup]:
    with team.database.snapshot() as tx:
        return checkups.newest(tx, team.id, most=9)


def _checks(team: Team, who: str, answer: Answer, **others: str) -> str:
    """Answer every question alike, but for some; returns what the result says."""
    person = team.user(who)
    person.types("/mql checkup", channel="sales")
    if person.modal.submit_text == ja("checkup.submit_again"):
        person.modal.submit()
    questions = [block["block_id"] for block in person.modal.blocks if block["type"] == "input"]
    person.modal.fill(dict.fromkeys(questions, answer.value) | others)
    assert person.modal.submit().errors == {}
    return str(person.modal.text)


def test_what_the_bot_sees_is_not_asked(team: Team) -> None:
    tanaka = team.user("tanaka")
    tanaka.types("/mql checkup", channel="sales")
    assert "第1版を2026年11月17日から適用しています(初回対応は24時間以内)" in tanaka.modal.text
    assert "売上目標がまだ設定されていません" in tanaka.modal.text
    assert "残りの10項目" in tanaka.modal.text
    asked = tanaka.modal.labels
    assert len(asked) == 10
    assert ja("checkup.ask.definition") in asked
    assert ja("checkup.ask.sla") not in asked


def test_many_gaps_begin_with_the_definition_and_the_sla(team: Team) -> None:
    page = _checks(team, "tanaka", Answer.NO)
    assert "12項目のうち1項目ができています。" in page
    assert "MQLの定義とSLAから始める" in page
    assert f"1. {ja('checkup.todo.definition')}" in page
    (stored,) = _stored(team)
    assert stored.evidence == {"sla": "yes", "kpi": "no"}
    assert len(stored.answers) == 10


def test_few_gaps_begin_with_the_first_of_them(team: Team) -> None:
    page = _checks(team, "ito", Answer.YES, meeting="partly")
    assert "12項目のうち10項目" in page
    assert "MQLの定義とSLAから" not in page
    assert f"1. {ja('checkup.todo.meeting')}" in page
    assert f"2. {ja('checkup.todo.kpi')}" in page


@pytest.mark.thorough
def test_a_target_of_the_team_is_evidence(team: Team) -> None:
    tanaka = team.user("tanaka")
    tanaka.types("/mql kpi", channel="sales")
    tanaka.modal.fill({"revenue": "1億", "deal": "500万", "first_month": "2026-12", "months": "1"})
    tanaka.modal.submit()
    tanaka.modal.close()
    assert "12項目のうち12項目" in _checks(team, "tanaka", Answer.YES)
    team.advance(days=60)
    tanaka.modal.submit()
    assert "期間が終わっています" in tanaka.modal.text


def test_outcomes_scores_and_crm_activities_are_evidence(team: Team) -> None:
    for i in range(10):
        team.receives(f"Acme {i}", score=80, external_id=str(i))
        assert team.reports_activity("call", external_id=str(i)).status == 202
    sato = team.user("sato")
    for number in (1, 4):
        sato.types(f"/mql-feedback {number}", channel="sales")
        sato.modal.fill({"disposition": "disqualified"})
        sato.modal.fill({"lost_reason": "no_budget"})
        sato.modal.submit()
    for _ in range(2):
        team.at(weekday=0, hour=9)
    team.advance(minutes=1)
    tanaka = team.user("tanaka")
    tanaka.types("/mql checkup", channel="sales")
    page = tanaka.modal.text
    assert "MQL10件のうち、10件にスコア" in page
    assert "ツールから届いたMQLは10件、CRMから届いた活動は10件" in page
    assert "MQL10件のうち、2件が報告済みです(使われた失注理由は1種類)" in page
    assert "週次レポートが2回送られています" in str(tanaka.modal.blocks)


@pytest.mark.thorough
def test_opportunities_and_what_came_of_them_are_said_as_they_are_on_record(team: Team) -> None:
    tanaka = team.user("tanaka")

    def evidence() -> str:
        tanaka.types("/mql checkup", channel="sales")
        page = str(tanaka.modal.blocks)
        tanaka.modal.close()
        return page

    assert "商談化の報告が0件、受注の記録が0件、失注の記録が0件" in evidence()
    for number in (1, 2, 3, 4):
        team.receives(f"Acme {number}")
        team.accepts(number)
        tanaka.types(f"/mql-feedback {number}", channel="sales")
        tanaka.modal.fill({"disposition": "qualified"})
        assert tanaka.modal.submit().errors == {}
    for number, outcome in ((1, "won"), (2, "won"), (3, "lost")):
        body = {"number": number, "outcome": outcome, "on": "2026-11-17", "amount": 100}
        assert team.posts_webhook(body, path="/webhooks/deal").status == 202
    team.advance(minutes=1)
    assert "商談化の報告が4件、受注の記録が2件、失注の記録が1件" in evidence()
    team.advance(days=91)
    assert "商談化の報告が0件、受注の記録が0件、失注の記録が0件" in evidence()


def test_the_result_stays_and_the_next_one_is_set_beside_it(team: Team) -> None:
    _checks(team, "tanaka", Answer.NO)
    team.advance(days=1)
    assert "前回は1項目でした。" in _checks(team, "kim", Answer.YES)
    team.user("yamada").types("/mql checkup", channel="sales")
    assert "12項目のうち11項目" in team.user("yamada").modal.text
    assert len(_stored(team)) == 2


def test_it_reads_in_english(database: Database) -> None:
    team = Team(database, Locale.EN)
    try:
        kim = team.user("kim")
        kim.types("/mql checkup", channel="sales")
        assert "version 1, in force since Nov 17, 2026, with a 24-hour limit" in kim.modal.text
        kim.modal.fill({label: "Yes" for label in kim.modal.labels})
        kim.modal.submit()
        assert "11 of 12 points are in place." in kim.modal.text
        assert en("checkup.todo.kpi") in kim.modal.text
    finally:
        team.close()


def test_reps_are_told_kindly_whom_to_ask(team: Team) -> None:
    sato = team.user("sato")
    assert ja("reply.checkup_not_allowed") in sato.types("/mql checkup", channel="sales").text
    assert sato.modal is None


@pytest.mark.thorough
def test_managers_and_admins_are_reminded_at_the_first_digest_time_of_each_quarter(team: Team) -> None:
    _checks(team, "tanaka", Answer.NO)
    for name in ("tanaka", "kim", "ito", "yamada"):
        team.dm(name).unread()
    team.time.advance(datetime(2027, 1, 4, 8, 59, tzinfo=TOKYO) - team.time.now())
    team.settle()
    assert not any("四半期" in message.text for message in team.dm("kim").messages)
    team.advance(minutes=1)
    for name in ("tanaka", "kim"):
        (reminder,) = [message for message in team.dm(name).messages if "四半期" in message.text]
        assert "前回(2026年11月17日)は12項目のうち1項目" in reminder.text
        assert ja("checkup.todo.definition") in reminder.text
    for name in ("ito", "yamada"):
        assert not any("四半期" in message.text for message in team.dm(name).messages)
    team.advance(days=7)
    assert len([message for message in team.dm("kim").messages if "四半期" in message.text]) == 1


@pytest.mark.thorough
def test_after_a_long_silence_it_reminds_once(team: Team) -> None:
    _checks(team, "tanaka", Answer.NO)
    team.advance(days=300)
    team.advance(minutes=1)
    assert len([message for message in team.dm("kim").messages if "四半期" in message.text]) == 1


@pytest.mark.thorough
def test_nobody_is_reminded_of_what_nobody_has_begun(team: Team) -> None:
    team.advance(days=100)
    assert not any("四半期" in message.text for message in team.dm("kim").messages)


@pytest.mark.parametrize(
    ("day", "first"),
    [
        (date(2026, 11, 17), date(2027, 1, 1)),
        (date(2026, 12, 31), date(2027, 1, 1)),
        (date(2027, 1, 1), date(2027, 4, 1)),
        (date(2027, 6, 30), date(2027, 7, 1)),
        (date(2027, 9, 30), date(2027, 10, 1)),
    ],
)
def test_the_next_quarter_begins_after_this_one(day: date, first: date) -> None:
    assert checkup.next_quarter(day) == first


def test_what_comes_first_is_a_point_and_every_point_comes_once() -> None:
    assert sorted(checkup.PRIORITY) == sorted(Point)
    assert checkup.PRIORITY[:2] == (Point.DEFINITION, Point.SLA)
