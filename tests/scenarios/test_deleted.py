"""Somebody deletes a message of the bot's. A card comes back once; what one person had stays deleted."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from bot.slack.delivery.sender import LEFT_AS_IT_IS
from playground import Fault, Message
from playground import messages as slack_messages
from storage.models import outbox
from storage.vocabulary import MessageKind, OutboxState, Status
from tests.scenarios.stage import Team, ja


@pytest.fixture
def team(team: Team) -> Team:
    team.may_break = ("no message",)
    return team


def delete(team: Team, message: Message) -> None:
    """As an admin of the workspace may."""
    with team.slack.workspace.change():
        slack_messages.delete(
            team.slack.workspace, team.slack.workspace.channels[message.record.channel], message.record
        )


def link(team: Team, card: Message) -> str:
    """Return the address of a message, as Slack gives it."""
    assert team.bot is not None
    ts = card.record.ts.replace(".", "")
    return f"{team.bot.parts.context.identity.url}archives/{card.record.channel}/p{ts}"


def cards(team: Team) -> list[Message]:
    return [message for message in team.channel("mql").messages if message.thread is None]


def states(team: Team, kind: MessageKind) -> list[tuple[str, str | None]]:
    with team.database.snapshot() as tx:
        query = sa.select(outbox.c.state, outbox.c.error).where(outbox.c.kind == kind).order_by(outbox.c.id)
        return [(row.state, row.error) for row in tx.execute(query)]


def test_a_card_that_was_deleted_is_posted_anew_with_what_is_told_next_in_its_thread(team: Team) -> None:
    team.receives("Acme")
    team.user("sato").press(ja("button.contacted"), in_=team.dm("sato").messages[0])
    (card,) = cards(team)
    earlier = link(team, card)
    delete(team, card)
    team.user("sato").choose("mql_quick", f"qualified::{team.mql(1).id}", in_=team.dm("sato").messages[0])
    (anew,) = cards(team)
    assert anew.ts != card.ts
    assert team.mql(1).status == Status.QUALIFIED
    assert ja("status.qualified") in anew.text
    assert ja("status.qualified") in team.channel("mql").thread(anew).messages[-1].text
    assert f"<{earlier}|{ja('card.earlier')}>" in str(anew.record.blocks), "where the talk until now stands"
    assert {state for state, _ in states(team, MessageKind.NOTE)} == {OutboxState.SENT}
    assert all(state in (OutboxState.SENT, OutboxState.DROPPED) for state, _ in states(team, MessageKind.EDIT))


def test_a_card_that_was_deleted_with_its_thread_links_to_nothing(team: Team) -> None:
    team.receives("Acme")
    (card,) = cards(team)
    for note in team.channel("mql").thread(card).messages:
        delete(team, note)
    delete(team, card)
    team.user("sato").press(ja("button.accept"), in_=team.dm("sato").messages[0])
    assert ja("card.earlier") not in str(cards(team)[0].record.blocks)


@pytest.mark.parametrize("fault", [Fault.RATE_LIMIT, Fault.ERROR_500])
def test_a_card_that_slack_cannot_take_at_once_is_posted_anew_once_and_the_thread_waits_for_it(
    team: Team, fault: Fault
) -> None:
    team.receives("Acme")
    delete(team, cards(team)[0])
    team.slack.faults.add("chat.postMessage", fault, times=3, seconds=30)
    team.user("sato").press(ja("button.contacted"), in_=team.dm("sato").messages[0])
    assert cards(team) == []
    assert {state for state, _ in states(team, MessageKind.NOTE)} <= {OutboxState.PENDING, OutboxState.SENT}
    for _ in range(5):  # each attempt waits for its moment
        team.advance(minutes=2)
    (anew,) = cards(team)
    assert "連絡済み" in anew.text
    assert "連絡" in team.channel("mql").thread(anew).messages[-1].text
    assert {state for state, _ in states(team, MessageKind.NOTE)} == {OutboxState.SENT}


def test_a_card_that_is_deleted_again_stays_deleted(team: Team) -> None:
    team.receives("Acme")
    delete(team, cards(team)[0])
    team.user("sato").press(ja("button.accept"), in_=team.dm("sato").messages[0])
    delete(team, cards(team)[0])
    team.user("sato").press(ja("button.contacted"), in_=team.dm("sato").messages[0])
    team.advance(hours=1)
    assert cards(team) == []
    assert (OutboxState.DROPPED, "the message was deleted") in states(team, MessageKind.EDIT)
    assert not [state for state, _ in states(team, MessageKind.EDIT) if state == OutboxState.DEAD]


def test_a_card_that_slack_lets_nobody_edit_is_posted_anew_and_a_direct_message_is_not(team: Team) -> None:
    team.may_break = ("was not posted by this app",)
    team.receives("Acme")
    (card,), (message,) = cards(team), team.dm("sato").messages
    for stuck in (card, message):
        stuck.record.bot_id = "B0ANOTHER1"  # as before the app was installed anew
    team.user("sato").press(ja("button.accept"), in_=message)
    _, anew = cards(team)
    assert "受領済み" in anew.text
    assert [shown.ts for shown in team.dm("sato").messages] == [message.ts]
    assert ja("card.earlier") in str(anew.record.blocks)
    error = LEFT_AS_IT_IS["cant_update_message"]
    assert (OutboxState.DROPPED, error) in states(team, MessageKind.EDIT), "nobody could send it again"


def test_a_direct_message_that_was_deleted_stays_deleted(team: Team) -> None:
    team.receives("Acme")
    delete(team, team.dm("sato").messages[0])
    team.user("sato").press(ja("button.accept"), in_=team.slack.user("sato").sees("mql"))
    assert team.dm("sato").messages == []
    assert len(cards(team)) == 1
    assert (OutboxState.DROPPED, "the message was deleted") in states(team, MessageKind.EDIT)
