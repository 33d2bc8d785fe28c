"""What became of an MQL: asked, checked, stored, corrected."""

from __future__ import annotations

from datetime import date

import pytest

from playground import Fault
from storage import mqls
from storage.models import Feedback, feedback, lost_reason
from storage.rows import many
from storage.vocabulary import ClockKind, ClockState, Disposition, EventType, Status
from tests.scenarios.stage import Team, ja


def _stored(team: Team) -> list[Feedback]:
    with team.database.snapshot() as tx:
        return many(tx, Feedback, feedback.select().order_by(feedback.c.id))


def test_a_disqualification_needs_a_lost_reason_and_other_needs_a_comment(team: Team) -> None:
    team.receives("Acme")
    sato = team.user("sato")
    sato.press(ja("button.accept"))
    sato.types("/mql-feedback")
    sato.modal.fill({"disposition": "disqualified"})
    sato.modal.fill({"lost_reason": "other"})
    assert "コメント" in sato.modal.submit().errors["comment"]
    assert _stored(team) == []

    sato.modal.fill({"comment": "社内の検証用でした"})
    assert sato.modal.submit().errors == {}
    (row,) = _stored(team)
    assert (row.disposition, row.lost_reason, row.comment) == (Disposition.DISQUALIFIED, "other", "社内の検証用でした")
    assert team.mql(1).status == Status.DISQUALIFIED
    team.channel("mql").expect("見送り", "その他")


@pytest.mark.alike
@pytest.mark.parametrize(
    ("disposition", "field", "value"),
    [("disqualified", "lost_reason", "no_budget"), ("recycled", "recycle_on", "2027-01-12")],
)
def test_a_form_that_is_sent_before_it_has_grown_is_answered_with_the_grown_one(
    team: Team, disposition: str, field: str, value: str
) -> None:
    team.receives("Acme")
    team.accepts(1)
    sato = team.user("sato")
    sato.types("/mql-feedback 1")
    team.slack.faults.add("views.update", Fault.REFUSE, times=1)
    sato.modal.fill({"disposition": disposition})
    assert field not in str(sato.modal.record.payload)
    assert sato.modal.submit().errors == {}
    assert _stored(team) == []
    sato.modal.fill({field: value})
    assert sato.modal.submit().errors == {}
    (row,) = _stored(team)
    assert row.disposition == disposition


def test_what_was_entered_before_the_form_had_grown_stands_in_the_grown_one(team: Team) -> None:
    team.receives("Acme")
    team.accepts(1)
    sato = team.user("sato")
    sato.types("/mql-feedback 1")
    sato.modal.fill({"disposition": "recycled"})
    sato.modal.fill({"comment": "予算は来期とのこと"})
    team.slack.faults.add("views.update", Fault.REFUSE, times=1)
    sato.modal.fill({"disposition": "disqualified"})
    assert sato.modal.submit().errors == {}
    grown = next(block for block in sato.modal.record.payload["blocks"] if block.get("block_id") == "comment")
    assert grown["element"]["initial_value"] == "予算は来期とのこと"
    sato.modal.fill({"lost_reason": "other"})
    assert sato.modal.submit().errors == {}
    (row,) = _stored(team)
    assert (row.lost_reason, row.comment) == ("other", "予算は来期とのこと")


def test_an_error_whose_field_is_not_there_stands_on_the_first_one(team: Team) -> None:
    team.receives("Acme")
    team.accepts(1)
    with team.database.transaction() as tx:
        tx.execute(lost_reason.update().values(active=False))
    sato = team.user("sato")
    sato.types("/mql-feedback 1")
    sato.modal.fill({"disposition": "disqualified"})
    assert sato.modal.submit().errors == {"disposition": ja("error.choose_reason")}


def test_an_outcome_stops_both_clocks(team: Team) -> None:
    team.receives("Acme")
    team.accepts(1)
    sato = team.user("sato")
    sato.press(ja("button.report"))
    sato.modal.fill({"disposition": "disqualified"})
    sato.modal.fill({"lost_reason": "no_budget"})
    sato.modal.submit()
    with team.database.snapshot() as tx:
        clocks = {clock.kind: clock.state for clock in mqls.clocks(tx, team.id, [team.mql(1).id])}
    assert clocks == dict.fromkeys(ClockKind, ClockState.MET)
    team.dm("sato").unread()
    team.advance(days=14)
    team.dm("sato").expect_nothing()


@pytest.mark.thorough
def test_a_correction_keeps_what_was_said_before(team: Team) -> None:
    team.receives("Acme")
    team.accepts(1)
    sato = team.user("sato")
    for disposition in ("recycled", "qualified"):
        sato.types("/mql-feedback 1")
        sato.modal.fill({"disposition": disposition})
        sato.modal.fill({"comment": "予算は来期とのこと"})
        assert sato.modal.submit().errors == {}
    assert [row.disposition for row in _stored(team)] == [Disposition.RECYCLED, Disposition.QUALIFIED]
    assert team.mql(1).status == Status.QUALIFIED
    assert [event.type for event in team.log(1) if event.data.get("feedback")] == [
        EventType.DISPOSED,
        EventType.CORRECTED,
    ]


def test_only_the_owner_a_manager_or_an_admin_may_answer(team: Team) -> None:
    team.receives("Acme")
    team.accepts(1)
    assert (
        "担当者・マネージャー・営業責任者・管理者です"
        in team.user("suzuki").types("/mql-feedback 1", channel="sales").text
    )
    assert team.slack.user("suzuki").modal is None
    assert team.log(1)[-1].type == EventType.REFUSED
    for name in ("sato", "tanaka", "kim"):
        team.user(name).types("/mql-feedback 1", channel="sales")
        assert team.user(name).modal is not None


@pytest.mark.alike
@pytest.mark.parametrize("filled", [{"disposition": "qualified"}, {"disposition": "disqualified"}])
def test_a_form_that_was_open_while_the_owner_changed_says_who_has_it_now(team: Team, filled: dict[str, str]) -> None:
    team.receives("Acme")
    team.accepts(1)
    sato, tanaka = team.user("sato"), team.user("tanaka")
    sato.types("/mql-feedback 1", channel="sales")
    tanaka.press(ja("button.reassign"), in_=team.channel("mql"))
    tanaka.modal.fill({"new_owner": team.slack.user("suzuki").id})
    tanaka.modal.submit()
    sato.modal.fill(filled)
    assert "鈴木" in team.slack.user("suzuki").real_name
    assert "鈴木" in sato.modal.submit().errors["disposition"]
    assert _stored(team) == []
    assert sato.types("/mql-feedback 1", channel="sales").text == ja("reply.not_allowed")


def test_with_several_accepted_mqls_one_is_picked_first(team: Team) -> None:
    for company in ("Acme", "B", "C", "Delta"):
        team.receives(company)
    team.accepts(1)
    team.accepts(4)
    sato = team.user("sato")
    sato.types("/mql-feedback", channel="sales")
    sato.choose("pick_mql", str(team.mql(4).id))
    sato.modal.fill({"disposition": "recycled"})
    sato.modal.fill({"recycle_on": "2026-11-30"})
    sato.modal.submit()
    assert (team.mql(1).status, team.mql(4).status) == (Status.ACCEPTED, Status.RECYCLED)
    assert _stored(team)[0].recycle_on == "2026-11-30"


def test_without_an_open_mql_the_rep_is_told_so(team: Team) -> None:
    assert "ありません" in team.user("sato").types("/mql-feedback", channel="sales").text
    assert team.user("sato").types("/mql-feedback abc", channel="sales").text == ja("reply.bad_number")
    assert "/mql" not in ja("reply.bad_number")


def test_a_day_to_come_back_lies_in_the_future(team: Team) -> None:
    team.receives("Acme")
    team.accepts(1)
    sato = team.user("sato")
    sato.types("/mql-feedback 1")
    sato.modal.fill({"disposition": "recycled"})
    sato.modal.fill({"recycle_on": "2026-11-17"})
    assert "明日以降" in sato.modal.submit().errors["recycle_on"]


def test_a_day_to_come_back_lies_within_three_years(team: Team) -> None:
    team.receives("Acme")
    team.accepts(1)
    sato = team.user("sato")
    sato.types("/mql-feedback 1")
    sato.modal.fill({"disposition": "recycled"})
    sato.modal.fill({"recycle_on": "2029-11-18"})
    assert sato.modal.submit().errors["recycle_on"] == ja("error.date_far")
    sato.modal.fill({"recycle_on": "2029-11-17"})
    assert sato.modal.submit().errors == {}


@pytest.mark.thorough
def test_a_rep_who_says_nothing_is_asked_and_then_the_manager_is_told(team: Team) -> None:
    team.receives("Acme")
    team.user("sato").press(ja("button.accept"))
    team.dm("sato").unread()
    team.at(weekday=0, hour=10)  # four business days on
    assert team.dm("sato").unread() != []
    team.at(weekday=1, hour=10)  # five
    assert team.dm("sato").unread() != []
    tanaka = team.dm("tanaka")
    tanaka.unread()
    team.at(weekday=2, hour=10)
    tanaka.expect("Acme", "佐藤 葵")
    team.at(weekday=0, hour=9)
    tanaka.expect(ja("digest.title", first=ja.day(date(2026, 11, 23)), last=ja.day(date(2026, 11, 29))), "佐藤 葵")


@pytest.mark.thorough
def test_a_lead_goes_back_to_nurturing_with_a_date_or_a_reason(team: Team) -> None:
    team.receives("Acme")
    team.accepts(1)
    sato = team.user("sato")
    sato.types("/mql-feedback 1")
    sato.modal.fill({"disposition": "recycled"})
    assert "コメント" in sato.modal.submit().errors["recycle_on"]
    assert _stored(team) == []
    sato.modal.fill({"comment": "予算は来期とのこと"})
    assert sato.modal.submit().errors == {}


def test_the_form_says_at_once_that_a_lead_is_back_and_offers_no_opportunity(team: Team) -> None:
    """Whoever corrects filled the whole form in before they were told that it goes on elsewhere."""
    lead = {"email": "jane@acme.example"}
    team.receives("Acme", **lead)
    sato = team.user("sato")
    sato.press(ja("button.accept"))
    sato.types("/mql-feedback 1")
    sato.modal.fill({"disposition": "disqualified"})
    sato.modal.fill({"lost_reason": "no_budget"})
    assert sato.modal.submit().errors == {}
    sato.types("/mql-feedback 1")
    assert ja("feedback.lead_is_back", number=2) not in sato.modal.text
    assert ja("feedback.means.qualified") in sato.modal.text
    team.receives("Acme", **lead)
    sato.types("/mql-feedback 1")
    assert ja("feedback.lead_is_back", number=2) in sato.modal.text
    assert ja("feedback.means.qualified") not in sato.modal.text
    sato.modal.fill({"disposition": "disqualified"})
    assert ja("feedback.lead_is_back", number=2) in sato.modal.text
