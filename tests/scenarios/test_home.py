"""The App Home as a workplace: filters, pages, acts on several, the away switch, fresh without being opened again."""

from __future__ import annotations

from typing import Any

from bot.slack.blocks.base.example_days import example_days
from tests.scenarios.stage import Team, ja


def test_a_manager_filters_turns_pages_and_acts_on_several(team: Team) -> None:
    for number in range(12):
        team.receives(f"Lead{number}")
    tanaka, sato = team.user("tanaka"), team.slack.user("sato").id
    home = tanaka.opens_home()
    assert ja("home.open_mqls", count=12) in home.text
    assert "Lead11" not in home.text
    tanaka.press(ja("button.page_after", page=2, last=2), in_=home)
    assert "Lead11" in home.text
    assert "Lead0" not in home.text
    tanaka.choose("home_rep", f"={sato}", in_=home)
    assert ja("home.open_mqls", count=4) in home.text
    tanaka.press(ja("button.reassign_several"), in_=home)
    assert tanaka.modal.submit().errors == {"picked:0": ja("bulk.pick_one")}
    ids = [str(team.mql(number).id) for number in (1, 4)]
    tanaka.modal.fill({"picked:0": ids, "new_owner": team.slack.user("suzuki").id})
    assert ja("bulk.reassign_done", count=2) in _sent(tanaka)
    assert ja("home.open_mqls", count=2) in home.text
    tanaka.choose("home_rep", "all", in_=home)
    tanaka.choose("home_state", "=accepted", in_=home)
    assert ja("home.none_pass") in home.text


def _sent(person: Any) -> str:
    person.modal.submit()
    text = str(person.modal.text)
    person.modal.close()
    return text


def test_what_a_rep_does_elsewhere_is_seen_by_whoever_looks(team: Team) -> None:
    assert team.bot is not None
    team.receives("Acme")
    home, manager = team.user("sato").opens_home(), team.user("tanaka").opens_home()
    assert ja("home.own_week", count=1) in home.text
    team.user("sato").press(ja("button.accept"), in_=team.dm("sato"))
    team.advance(seconds=1)
    assert team.bot.worker.homes.drain() == 2
    assert ja("home.own_outcomes", count=1) in home.text
    assert ja("status.accepted") in manager.text


def test_a_rep_is_away_and_back_by_the_switch(team: Team) -> None:
    sato = team.user("sato")
    home = sato.opens_home()
    home.press(ja("button.away"))
    sato.modal.fill({"away_days": "いつか"})
    assert sato.modal.submit().errors == {"away_days": ja("error.away_days", **example_days(ja, team.time.now()))}
    sato.modal.fill({"away_days": "11/19まで"})
    sato.modal.submit()
    home = sato.opens_home()
    assert ja("home.away", until="11/19(木)") in home.text
    for number in range(3):
        team.receives(f"Lead{number}")
    assert all(team.mql(number).owner != team.slack.user("sato").id for number in (1, 2, 3))
    home.press(ja("button.back"))
    assert ja("home.here") in home.text
