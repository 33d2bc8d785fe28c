"""The clock of the bot's machine is set: nothing waits until it is as late again, and the admins are told."""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from bot.machine_clock import MachineClock
from bot.slack.web_api.clock_error import ClockError
from storage import alerts, heartbeats
from storage.vocabulary import AlertKind, Proof, SourceKind
from tests.scenarios.stage import Team
from tests.test_monitoring import ready
from tests.tools import Tool, call

HOURS = timedelta(hours=3)


def moved(team: Team, by: timedelta) -> None:
    """Set the machine's clock, which is the bot's."""
    assert team.bot is not None
    by_hand = iter([0.0, by.total_seconds()])
    team.bot.parts.watch._clock = MachineClock(lambda: next(by_hand, by.total_seconds()), lambda: 0.0)
    team.time.advance(by)


def looks(team: Team) -> None:
    assert team.bot is not None
    team.bot.parts.watch.look()


def heard(team: Team) -> list[str]:
    return [message.text for message in team.dm("kim").unread()]


def standing(team: Team) -> list[AlertKind]:
    with team.database.snapshot() as tx:
        return [alert.kind for alert in alerts.standing(tx, team.id)]


def set_clock_error(team: Team, seconds: float, wall: Callable[[], float] = time.time) -> None:
    """Let Slack's answers show how wrong our clock is."""
    assert team.bot is not None
    team.bot.parts.gateway.clock = ClockError(lambda: wall() + seconds)
    team.bot.parts.gateway.call("auth.test")


@pytest.mark.thorough
def test_a_clock_that_is_set_back_three_hours_stops_nothing(team: Team) -> None:
    looks(team)
    moved(team, HOURS)
    looks(team)
    (alert,) = heard(team)
    assert "3時間進められました" in alert
    team.settle()
    team.user("sato").opens_home()
    # Made while the clock was ahead, and not sent before it was set back.
    assert team.bot is not None
    delivery = team.bot.parts.delivery
    delivery._stopping.set()
    team.receives("青空商事")
    delivery._stopping.clear()

    moved(team, -HOURS)
    status, checks = ready(team)
    assert status == 503
    assert checks["ticks"]["value"] == -HOURS.total_seconds()
    looks(team)
    team.settle()
    assert any("3時間戻されました" in text for text in heard(team))
    assert ready(team)[0] == 200
    team.channel("mql").expect("青空商事")
    assert "青空商事" in team.user("sato").opens_home().text
    assert [kind for kind in standing(team) if kind != AlertKind.CLOCK_MOVED] == []
    team.advance(minutes=30)
    looks(team)
    team.looks_after_itself(minutes=90)
    assert standing(team) == []


def test_a_clock_that_was_set_back_while_nothing_ran_is_told_by_the_heartbeats(team: Team) -> None:
    with team.database.transaction() as tx:
        ahead = team.time.now() + HOURS
        heartbeats.beat(tx, team.id, "gone:1", "0.1.0", ahead, ahead)
    looks(team)
    (alert,) = heard(team)
    assert "戻されました" in alert
    assert standing(team) == [AlertKind.CLOCK_MOVED]


def test_a_clock_that_differs_from_slacks_is_told_until_it_is_right(team: Team) -> None:
    set_clock_error(team, 600)
    looks(team)
    (alert,) = heard(team)
    assert "10分進んでいます" in alert
    set_clock_error(team, 0)
    looks(team)
    (over,) = heard(team)
    assert "合っています" in over
    assert standing(team) == []


def test_requests_that_are_refused_for_their_time_alone_tell_where_slack_cannot(team: Team) -> None:
    assert team.bot is not None
    team.bot.parts.gateway.clock = clock = ClockError()
    late = datetime.now(UTC) - timedelta(minutes=20)
    for number in range(3):
        assert clock.known is None
        assert team.posts_webhook({"company": "青空商事"}, id=f"late-{number}", sent_at=late).status == 401
        team.bot.parts.gateway.clock = clock
        clock._by_slack = None  # what the bot's own calls have shown meanwhile
    error = clock.known
    assert error is not None
    assert timedelta(minutes=19) < error < timedelta(minutes=21)


def test_a_source_that_is_refused_for_its_time_alone_tells_it_too(team: Team) -> None:
    assert team.bot is not None
    team.bot.parts.gateway.clock = clock = ClockError()
    zoom = Tool(team.database, team.id, team.bot.address, SourceKind.ZOOM, Proof.SIGNED)
    stamp = int(time.time()) - 1200
    for number, key in enumerate([zoom.key, "another", zoom.key, zoom.key]):
        body = json.dumps({"event": "x", "number": number}).encode()
        proof = hmac.new(key.encode(), f"v0:{stamp}:".encode() + body, "sha256").hexdigest()
        headers = {"x-zm-request-timestamp": str(stamp), "x-zm-signature": f"v0={proof}"}
        assert clock.known is None
        assert call(zoom.address + zoom.path, body, headers).status == 401
        clock._by_slack = None
    assert clock.known is not None
    assert timedelta(minutes=19) < clock.known < timedelta(minutes=21)


def test_forged_repeated_and_scattered_requests_tell_nothing(team: Team) -> None:
    assert team.bot is not None
    team.bot.parts.gateway.clock = clock = ClockError()
    late = datetime.now(UTC) - timedelta(minutes=20)
    other = "whsec_" + "b3RoZXItc2VjcmV0LW9mLXRoaXJ0eS10d28tYnl0ZXM="
    for number in range(4):
        assert team.posts_webhook({"company": "A"}, id=f"forged-{number}", sent_at=late, secret=other).status == 401
        assert team.posts_webhook({"company": "A"}, id="repeated", sent_at=late).status == 401
    clock._by_slack = None
    assert clock.known is None
    for minutes in (30, 45):
        sent_at = datetime.now(UTC) - timedelta(minutes=minutes)
        assert team.posts_webhook({"company": "A"}, id=f"{minutes}", sent_at=sent_at).status == 401
    clock._by_slack = None
    assert clock.known is None
