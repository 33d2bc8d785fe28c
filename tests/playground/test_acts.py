from typing import Any

import pytest
from slack_bolt import Ack, App
from slack_sdk import WebClient

from playground import ClientRefused, NotAcknowledged, Playground
from tests.playground.kit import actions, button, modal, section, text_input


def test_a_press_reaches_the_bot_and_the_card_changes_in_place(slack: Playground, bot: App, client: WebClient) -> None:
    seen: list[dict[str, Any]] = []

    @bot.action("accept")
    def accept(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        seen.append(body)
        client.chat_update(channel=body["channel"]["id"], ts=body["message"]["ts"], text="Accepted by Sato")

    client.chat_postMessage(channel="#mql", text="x", blocks=[section("*Acme* is waiting"), actions(button(value="7"))])
    card = slack.channel("mql").expect("Acme is waiting")
    assert card.buttons == ["Accept"]

    outcome = slack.user("sato").press("Accept")

    assert outcome.status == 200
    assert card.text == "Accepted by Sato"
    assert card.blocks == []
    assert card.edited
    action = seen[0]["actions"][0]
    assert (action["action_id"], action["value"], action["type"]) == ("accept", "7", "button")
    assert seen[0]["user"]["id"] == slack.user("佐藤 葵").id
    assert seen[0]["container"]["message_ts"] == card.ts


def test_a_command_opens_a_modal_that_is_filled_and_sent(slack: Playground, bot: App, client: WebClient) -> None:
    sent: list[dict[str, Any]] = []

    @bot.command("/mql-feedback")
    def feedback(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=modal(text_input(), private_metadata=body["text"]))

    @bot.view("feedback")
    def submitted(ack: Ack, view: dict[str, Any]) -> None:
        sent.append(view)
        ack()

    sato = slack.user("sato")
    sato.types("/mql-feedback 12", channel="mql")
    assert sato.modal is not None
    assert (sato.modal.title, sato.modal.labels) == ("Feedback", ["Comment"])
    with pytest.raises(ClientRefused, match="Comment"):
        sato.modal.submit()

    outcome = sato.modal.fill({"Comment": "Good lead"}).submit()

    assert outcome.errors == {}
    assert sato.modal is None
    assert sent[0]["state"]["values"]["comment"]["value"]["value"] == "Good lead"
    assert sent[0]["private_metadata"] == "12"


def test_a_command_may_answer_the_person_alone(slack: Playground, bot: App) -> None:
    bot.command("/mql")(lambda ack: ack("Nothing is open."))
    outcome = slack.user("sato").types("/mql list", channel="mql")
    assert outcome.text == "Nothing is open."
    assert slack.user("sato").sees("mql").expect("Nothing").ephemeral_for == "sato"
    slack.user("suzuki").sees("mql").expect_none("Nothing")


def test_messages_of_people_and_apps_become_events(slack: Playground, bot: App) -> None:
    events: list[dict[str, Any]] = []
    bot.event("message")(lambda event: events.append(event))  # noqa: PLW0108 - Bolt reads argument names
    slack.user("sato").says("Hello & welcome", channel="mql")
    slack.app("HubSpot").posts("mql-intake", attachments=[{"text": "*First Name*: Jane"}], classic=True)
    slack.app("HubSpot").posts("mql-intake", "New lead", classic=False)
    person, classic, modern = events
    assert (person["text"], person["channel_type"]) == ("Hello &amp; welcome", "channel")
    assert (classic["subtype"], classic["username"], classic["text"]) == ("bot_message", "HubSpot", "")
    assert "user" not in classic
    assert "subtype" not in modern
    assert modern["bot_profile"]["app_id"] == modern["app_id"]


def test_the_home_tab_shows_what_the_bot_published(slack: Playground, bot: App, client: WebClient) -> None:
    @bot.event("app_home_opened")
    def opened(event: dict[str, Any]) -> None:
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [section("Your queue")]})

    assert slack.user("tanaka").opens_home().text == "Your queue"


def test_a_dead_bot_shows_the_person_an_error(slack: Playground, client: WebClient) -> None:
    slack.connect("http://127.0.0.1:9/slack/events")
    client.chat_postMessage(channel=slack.user("sato").id, text="x", blocks=[actions(button())])
    with pytest.raises(NotAcknowledged, match="dispatch_failed"):
        slack.dm("sato").press("Accept")
