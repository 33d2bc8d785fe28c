"""The app is removed and made anew: the bot is another user, in the same Slack workspace, and nothing is lost."""

from __future__ import annotations

import sqlalchemy as sa

from storage.models import outbox
from storage.vocabulary import OutboxState, Status
from tests.scenarios.stage import Team, ja
from tests.scenarios.test_deleted import cards


def make_anew(team: Team) -> None:
    team.stop_bot()
    team.slack.admin.make_app_anew()
    for channel in ("mql", "mql-intake"):
        team.slack.admin.invite_bot(channel)
    team.start_bot()
    team.advance(minutes=1)


def test_what_waits_for_somebody_is_said_anew_where_it_can_be_pressed(team: Team) -> None:
    team.may_break = ("was not posted by this app", "that the bot can see")
    for name in ("Acme", "Beta", "Gamma"):
        team.receives(name)
    team.user("tanaka").types("/mql withdraw 2", channel="sales")
    earlier = [card.ts for card in cards(team)]
    make_anew(team)

    *_, first, third = cards(team)
    assert [card.ts for card in cards(team)] == [*earlier, first.ts, third.ts], "what is over stays where it is"
    for name, card in (("Acme", first), ("Gamma", third)):
        assert name in card.text
        assert ja("card.earlier") in str(card.record.blocks)
    (message,) = team.dm("sato").messages
    assert "Acme" in message.text
    team.user("sato").press(ja("button.contacted"), in_=message)
    assert team.mql(1).status == Status.CONTACTED
    assert "連絡済み" in first.text
    assert "連絡" in team.channel("mql").thread(first).messages[-1].text
    (alert,) = team.dm("kim").messages
    assert "作り直され" in alert.text
    assert "4件" in alert.text

    assert team.bot is not None
    team.bot.parts.watch.look()
    assert ja("alert.over.another_bot") in team.dm("kim").messages[-1].text
    with team.database.snapshot() as tx:
        dead = tx.execute(sa.select(outbox.c.kind).where(outbox.c.state == OutboxState.DEAD)).all()
    assert dead == []
    count = len(cards(team))
    team.stop_bot()
    team.start_bot()
    team.advance(minutes=1)
    assert len(cards(team)) == count, "it is the same bot as before"


def test_a_lead_that_came_while_there_was_no_app_is_told_by_the_next_one(team: Team) -> None:
    team.may_break = ("could not reach the bot",)
    team.receives("Acme")
    team.user("sato").press(ja("button.accept"), in_=team.dm("sato").messages[0])
    team.stop_bot()
    team.app("HubSpot").posts("mql-intake", text="Company: Globex\nEmail: b@example.com")
    make_anew(team)
    team.catch_up()
    team.dm("sato").expect("Acme").buttons.index(ja("button.report"))
    assert [team.mql(number).company for number in (1, 2)] == ["Acme", "Globex"]
    assert len([card for card in cards(team) if "Globex" in card.text]) == 1


def test_what_waits_in_the_queue_gets_its_buttons_again_and_what_was_dealt_with_does_not(team: Team) -> None:
    for number in range(2):
        team.app("HubSpot").posts("mql-intake", text=f"New form submission {number}\nComment: hello")
    team.catch_up()
    first, second = [
        message for message in team.channel("mql-intake").messages if ja("button.enter") in message.buttons
    ]
    team.user("ito").press(ja("button.not_mql"), in_=first)
    make_anew(team)
    again = [message for message in team.channel("mql-intake").messages if message.thread == second.thread]
    assert [ja("button.enter") in message.buttons for message in again] == [True, True]
    assert len([message for message in team.channel("mql-intake").messages if message.thread == first.thread]) == 1
    team.user("ito").press(ja("button.not_mql"), in_=again[-1])
    assert ja("button.enter") not in again[-1].buttons
