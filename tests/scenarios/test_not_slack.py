"""A filter between the bot and Slack answers some calls in Slack's place: /readyz and the admins are told."""

from __future__ import annotations

from datetime import timedelta

from bot.slack.web_api.strangers import REMEMBERED, Strangers
from playground import Fault
from storage import alerts
from tests.scenarios.stage import Team, ja
from tests.test_monitoring import ready


def test_an_answer_that_is_not_slacks_lasts_until_there_has_been_none_for_ten_minutes() -> None:
    seconds = 100.0
    strangers = Strangers(lambda: seconds)
    assert strangers.lasting is None
    strangers.heard()
    seconds = 699.0
    strangers.heard()
    assert strangers.lasting == timedelta(seconds=599)
    seconds = 699 + REMEMBERED.total_seconds() - 1
    assert strangers.lasting == timedelta(seconds=1198)
    seconds += 1
    assert strangers.lasting is None
    strangers.heard()
    assert strangers.lasting == timedelta(0), "another stretch begins"


def test_the_admins_hear_of_a_filter_that_answers_only_some_calls_and_that_it_is_gone(team: Team) -> None:
    assert team.bot is not None
    parts, began = team.bot.parts, team.time.now()
    parts.gateway.strangers = Strangers(lambda: team.time.now().timestamp())

    def looks(minutes: float) -> list[str]:
        team.advance(minutes=minutes)
        parts.watch.look()
        return [message.text for message in team.dm("kim").unread()]

    team.slack.faults.add("chat.postMessage", Fault.HTML_PAGE, times=1)
    team.receives("Acme")
    assert looks(3) == [], "a network's login takes a moment"
    team.channel("mql").expect("Acme")
    assert parts.gateway.trouble is None
    status, checks = ready(team)
    assert (status, checks["slack"]["value"]) == (503, "not_slack")
    (text,) = looks(1)
    assert ja("alert.not_slack", since=ja.moment(began)) in text
    assert looks(6) == [], "told once, and it may come again"
    assert ready(team)[0] == 200
    assert looks(8) == []
    (over,) = looks(1)
    assert ja("alert.over.not_slack") in over
    with team.database.snapshot() as tx:
        assert [alert.kind for alert in alerts.standing(tx, team.id)] == []
