"""What apps post into the intake channel beside single leads: several at once, what is none, and our own people."""

from __future__ import annotations

from storage import mqls, unreadables
from storage.vocabulary import UnreadableState
from tests.scenarios.stage import Team, ja

TWO = (
    "会社名：一ノ瀬工業\n氏名：一ノ瀬 光\nメール：ichi@ichi.example\n\n"
    "会社名：二宮建設\n氏名：二宮 薫\nメール：nino@nino.example"
)


def _entries(team: Team) -> list[tuple[str, str]]:
    with team.database.snapshot() as tx:
        entries = (unreadables.get(tx, team.id, number) for number in range(1, 9))
        return [(entry.state, entry.reason) for entry in entries if entry is not None]


def test_two_leads_in_one_message_are_two_mqls_once(team: Team) -> None:
    posted = team.app("フォーム").posts("mql-intake", text=TWO).message
    team.catch_up()
    assert [(team.mql(n).company, team.mql(n).email) for n in (1, 2)] == [
        ("一ノ瀬工業", "ichi@ichi.example"),
        ("二宮建設", "nino@nino.example"),
    ]
    with team.database.snapshot() as tx:
        assert mqls.by_number(tx, team.id, 3) is None
    assert _entries(team) == []
    assert team.channel("mql-intake").thread(posted).messages[1:] == []


def test_a_notice_that_is_no_lead_is_set_aside_and_costs_nobody_a_turn(team: Team) -> None:
    text = "🎉 受注しました！\n会社名：神田機械\n受注金額：3,200,000円"
    posted = team.app("HubSpot").posts("mql-intake", text=text).message
    with team.database.snapshot() as tx:
        assert mqls.by_number(tx, team.id, 1) is None
    assert _entries(team) == [(UnreadableState.SET_ASIDE, "deal")]
    note = team.channel("mql-intake").thread(posted).messages[-1]
    assert ja("button.is_lead") in note.buttons


def test_our_own_people_are_never_the_lead(team: Team) -> None:
    team.catch_up()  # reads the profiles of the roster
    team.app("HubSpot").posts("mql-intake", text="New form submission\nEmail: sato@sample.example")
    assert _entries(team) == [(UnreadableState.OPEN, "ours_only")]
    text = "New booking\nCompany: Weber AG\nBooked by sato@sample.example for jonas@weber.example"
    team.app("HubSpot").posts("mql-intake", text=text)
    assert (team.mql(1).company, team.mql(1).email) == ("Weber AG", "jonas@weber.example")
