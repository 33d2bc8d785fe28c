"""Many MQLs that breach together are one message to each reader, which lives: from the first second to the last tap."""

from __future__ import annotations

import json

import pytest

from storage.vocabulary import EventType
from tests.scenarios.stage import Team, ja

SEVERAL, ALL = ja("button.reassign_several"), ja("button.remind_all")


def are_late(team: Team, many: int) -> None:
    team.hears_at_night()
    for number in range(many):
        team.receives(f"Lead{number}")
    for name in ("sato", "suzuki", "brown", "tanaka"):
        team.dm(name).unread()
    team.advance(hours=24)


def test_twenty_that_breach_together_are_one_message_and_go_to_others_in_six_taps(team: Team) -> None:
    are_late(team, 20)
    (message,) = team.dm("tanaka").unread()
    assert message.text.count("初回対応の期限:") == 20
    for rep in ("佐藤", "鈴木", "Alex Brown"):
        assert f"{rep}" in message.text
    for number in range(1, 21):
        assert [event.type for event in team.log(number)].count(EventType.ESCALATED) == 1
    tanaka, sato = team.user("tanaka"), team.slack.user("sato").id
    before = owners(team)
    tanaka.press(SEVERAL, in_=message)
    tanaka.modal.fill({"new_owner": sato})  # two taps: the menu and the name
    tanaka.modal.submit()
    assert set(owners(team).values()) == {sato}
    # Whoever had some of them already keeps those; what came to them they hear of once.
    theirs = sum(owner == sato for owner in before.values())
    assert ja("bulk.reassign_done", count=20 - theirs) in tanaka.modal.text
    (assigned,) = team.dm("sato").unread()
    assert assigned.buttons == [ja("button.accept")] * (20 - theirs)
    shown = team.dm("tanaka").messages[-1]
    assert shown.text.count("担当は佐藤 葵さんに変わりました。") == 20 - theirs
    assert json.dumps(shown.blocks).count('"text": "~<') == 20 - theirs
    team.user("sato").press(ja("button.accept"), in_=assigned)
    assert team.dm("sato").messages[-1].text.count("に受領済みです。") == 1


@pytest.mark.thorough
def test_all_owners_are_asked_with_one_tap_and_each_hears_of_it_once(team: Team) -> None:
    are_late(team, 6)
    (message,) = team.dm("tanaka").unread()
    team.user("tanaka").press(ALL, in_=message)
    asked = [team.dm(name).unread() for name in ("sato", "suzuki", "brown")]
    assert [len(messages) for messages in asked] == [1, 1, 1]
    assert sum(messages[0].text.count("#") for messages in asked) >= 6
    assert ja("reply.reminded_several", count=6) in team.dm("tanaka").unread()[0].text
    for number in range(1, 7):
        team.accepts(number)
    assert ja("listed.all_done", count=6) in message_of(team)


@pytest.mark.thorough
def test_whoever_asks_all_owners_hears_that_some_are_away(team: Team) -> None:
    are_late(team, 20)
    (message,) = team.dm("tanaka").unread()
    team.user("sato").types("/mql away 今日", channel="sales")
    team.user("tanaka").press(ALL, in_=message)
    theirs = sum(owner == team.slack.user("sato").id for owner in owners(team).values())
    assert 0 < theirs < 20
    texts = [each.text for each in team.dm("tanaka").unread()]
    assert any(ja("reply.reminded_some", count=20 - theirs, left=theirs) in text for text in texts)


def owners(team: Team) -> dict[int, str | None]:
    return {number: team.mql(number).owner for number in range(1, 21)}


def message_of(team: Team) -> str:
    return next(message.text for message in team.dm("tanaka").messages if "Lead0" in message.text)


@pytest.mark.thorough
def test_colleagues_and_a_slack_channel_get_one_list_each(team: Team) -> None:
    sales = team.slack.channel("sales").id
    team.slack.admin.invite_bot("sales")
    steps = [{"after_hours": 24, "to": to} for to in ("peers", sales)]
    team.agrees(quiet=None, reminders=[], escalations=steps)
    for number in range(6):
        team.receives(f"Lead{number}")
    for name in ("sato", "suzuki", "brown"):
        team.dm(name).unread()
    team.channel("sales").unread()
    team.advance(hours=24)
    (escalation,) = team.channel("sales").unread()
    assert escalation.text.count("初回対応の期限:") == 6
    offers = [team.dm(name).unread() for name in ("sato", "suzuki", "brown")]
    assert [len(messages) for messages in offers] == [1, 1, 1]
    (mine,) = offers[0]
    assert mine.buttons == [ja("button.take")] * 4
    team.user("sato").press(ja("button.take"), in_=mine)
    assert team.channel("sales").messages[-1].text.count("担当は佐藤 葵さんに変わりました。") == 1


@pytest.mark.thorough
def test_what_passes_its_deadline_seconds_apart_is_one_message_within_half_a_minute(team: Team) -> None:
    team.slack.admin.invite_bot("sales")
    steps = [{"after_hours": 24, "to": to} for to in ("manager", team.slack.channel("sales").id)]
    team.agrees(quiet=None, reminders=[], escalations=steps)
    for number in range(4):
        team.receives(f"Lead{number}")
        team.advance(seconds=7)
    readers = (team.dm("tanaka"), team.channel("sales"))
    for reader in readers:
        reader.unread()
    team.advance(hours=24, seconds=-28)
    assert [reader.unread() for reader in readers] == [[], []]
    for _ in range(6):
        team.advance(seconds=5)
    for reader in readers:
        (message,) = reader.unread()
        assert all(f"Lead{number}" in message.text for number in range(4))
    events = [event for number in range(1, 5) for event in team.log(number)]
    assert [event.type for event in events].count(EventType.ESCALATED) == 4 * len(steps)
