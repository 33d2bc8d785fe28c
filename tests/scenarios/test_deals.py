"""What came of an opportunity, as sales says it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from storage.models import Feedback, feedback
from storage.rows import many
from storage.vocabulary import DealResult, DealSource, EventType, Status
from tests.scenarios.stage import TOKYO, Team, ja


@pytest.fixture
def team(team: Team) -> Team:
    """Sato has qualified #1."""
    team.receives("Acme")
    team.accepts(1)
    sato = team.user("sato")
    sato.types("/mql feedback 1")
    sato.modal.fill({"disposition": "qualified"})
    assert "deal_result" not in [block.get("block_id") for block in sato.modal.blocks]
    sato.modal.fill({"amount": "5000000"})
    assert sato.modal.submit().errors == {}
    return team


def _stored(team: Team) -> list[Feedback]:
    with team.database.snapshot() as tx:
        return many(tx, Feedback, feedback.select().order_by(feedback.c.id))


def _wins(team: Team, name: str = "sato", **fields: str) -> dict[str, str]:
    person = team.user(name)
    person.types("/mql-feedback 1", channel="sales")
    person.modal.fill({"deal_result": "won", **fields})
    return dict(person.modal.submit().errors)


def test_a_deal_is_won_with_amount_and_day_and_the_card_says_so(team: Team) -> None:
    team.advance(days=9)
    assert _wins(team, deal_amount="4800000", deal_on="2026-11-20") == {}
    known = team.mql(1)
    assert (known.status, known.deal_result, known.amount) == (Status.QUALIFIED, DealResult.WON, 4_800_000)
    assert known.deal_result_at == datetime(2026, 11, 20, tzinfo=TOKYO).astimezone(UTC)
    assert len(_stored(team)) == 1  # the answer before it stands as it was
    event = team.log(1)[-1]
    assert (event.type, event.before, event.after, event.data) == (
        EventType.DEAL,
        None,
        "won",
        {"on": "2026-11-20", "amount": 4_800_000},
    )
    card = team.channel("mql").messages[0].text
    assert "受注: 2026年11月20日" in card
    assert "4,800,000" in card


def test_a_day_left_empty_is_today_and_saying_it_again_changes_nothing(team: Team) -> None:
    for _ in range(2):
        assert _wins(team, deal_amount="100") == {}
    known = team.mql(1)
    assert known.deal_result_at == datetime(2026, 11, 17, tzinfo=TOKYO).astimezone(UTC)
    assert [entry.type for entry in team.log(1)].count(EventType.DEAL) == 1
    assert [entry.type for entry in team.log(1)].count(EventType.CORRECTED) == 0


def test_a_mistake_is_shown_on_its_field_and_nothing_is_stored(team: Team) -> None:
    assert _wins(team) == {"deal_amount": ja("error.won_amount")}
    assert _wins(team, deal_amount="1", deal_on="2026-11-18") == {"deal_on": ja("error.deal_in_future")}
    assert _wins(team, deal_amount="1", deal_on="2026-11-16") == {"deal_on": ja("error.deal_before_received")}
    assert team.mql(1).deal_result is None
    assert EventType.DEAL not in [entry.type for entry in team.log(1)]


def test_an_amount_is_not_dropped_because_neither_won_nor_lost_was_chosen(team: Team) -> None:
    wanted = {"deal_result": ja("error.amount_without_outcome")}
    sato = team.user("sato")
    sato.types("/mql-feedback 1")
    sato.modal.fill({"deal_amount": "4800000", "next_step": "契約書を送付"})
    assert sato.modal.submit().errors == wanted
    assert (team.mql(1).deal_result, team.mql(1).amount) == (None, None)
    assert EventType.CORRECTED not in [entry.type for entry in team.log(1)]
    sato.modal.fill({"deal_result": "won"})
    assert sato.modal.submit().errors == {}
    sato.types("/mql-feedback 1")
    sato.modal.fill({"deal_result": "ongoing", "deal_amount": "100"})
    assert sato.modal.submit().errors == wanted


@pytest.mark.thorough
def test_lost_needs_no_amount_and_a_correction_keeps_both_in_the_log(team: Team) -> None:
    sato = team.user("sato")
    assert _wins(team, deal_amount="100") == {}
    for word in ("lost", "ongoing"):
        sato.types("/mql-feedback 1")
        sato.modal.fill({"deal_result": word})
        assert sato.modal.submit().errors == {}
    assert (team.mql(1).deal_result, team.mql(1).deal_result_at, team.mql(1).amount) == (None, None, None)
    changes = [(entry.before, entry.after) for entry in team.log(1) if entry.type == EventType.DEAL]
    assert changes == [(None, "won"), ("won", "lost"), ("lost", None)]


def test_an_opportunity_that_was_none_cannot_stay_won(team: Team) -> None:
    assert _wins(team, deal_amount="100") == {}
    sato = team.user("sato")
    sato.types("/mql-feedback 1")
    sato.modal.fill({"disposition": "disqualified"})
    sato.modal.fill({"lost_reason": "no_budget"})
    assert sato.modal.submit().errors == {}
    known = team.mql(1)
    assert known.status == Status.DISQUALIFIED
    assert (known.deal_result, known.deal_result_at, known.amount) == (None, None, None)


def test_the_answer_and_the_deal_may_change_together(team: Team) -> None:
    assert _wins(team, "tanaka", next_step="契約書を送付", deal_amount="100") == {}
    assert [row.next_step for row in _stored(team)] == [None, "契約書を送付"]
    assert [entry.type for entry in team.log(1)][-2:] == [EventType.CORRECTED, EventType.DEAL]


@pytest.mark.thorough
def test_the_crm_tells_of_a_win_once_and_takes_it_back(team: Team) -> None:
    team.advance(days=9)
    body = {"number": 1, "outcome": "won", "on": "2026-11-20", "amount": 4_800_000}
    answer = team.posts_webhook(body, path="/webhooks/deal", id="msg_won")
    assert (answer.status, answer.body) == (202, {"number": 1, "outcome": "won"})
    assert (team.mql(1).deal_result, team.mql(1).amount) == (DealResult.WON, 4_800_000)
    assert "受注: 2026年11月20日" in team.channel("mql").messages[0].text
    assert team.log(1)[-1].data == {"on": "2026-11-20", "amount": 4_800_000, "source": DealSource.CRM}
    mql = team.channel("mql")
    mql.thread(mql.messages[0]).expect("CRMから商談の結果が届きました: 受注")
    events = len(team.log(1))
    assert team.posts_webhook(body, path="/webhooks/deal", id="msg_won").body == answer.body
    assert team.posts_webhook(body, path="/webhooks/deal", id="msg_again").status == 202
    assert len(team.log(1)) == events
    assert team.posts_webhook({"number": 1, "outcome": "open"}, path="/webhooks/deal").status == 202
    assert (team.mql(1).deal_result, team.mql(1).amount) == (None, None)


def test_an_outcome_that_the_crm_cannot_mean_is_told_why_and_changes_nothing(team: Team) -> None:
    team.receives("Beta")
    good = {"number": 1, "outcome": "lost", "on": "2026-11-17"}
    for change, status, code in (
        ({"number": 99}, 404, "unknown_lead"),
        ({"number": 2}, 409, "not_qualified"),
        ({"on": "2026-11-18"}, 422, "deal_in_future"),
        ({"on": "2026-11-16"}, 422, "deal_before_received"),
        ({"outcome": "won"}, 422, "not_given"),
    ):
        answer = team.posts_webhook(good | change, path="/webhooks/deal")
        problems = [entry["problem"] for entry in answer.body.get("problems", [])]
        assert (answer.status, [code]) == (status, problems or [answer.body["error"]])
    other = "whsec_" + "QUFB" * 11
    assert team.posts_webhook(good, path="/webhooks/deal", secret=other).status == 401
    assert (team.mql(1).deal_result, team.mql(2).deal_result) == (None, None)
    assert team.posts_webhook(good, path="/webhooks/deal").status == 202
    assert team.mql(1).deal_result == DealResult.LOST
