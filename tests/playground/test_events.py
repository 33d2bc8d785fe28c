"""What is delivered to the bot, how it is signed, and what happens when it does not answer."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, request
from slack_bolt import Ack, App
from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient

from playground import ClientRefused, NotAcknowledged, Playground
from tests.patience import LONGEST, unhurried
from tests.playground.kit import Clock, Served, actions, bolt_of, button, remember, section

Json = dict[str, Any]
Serve = Callable[[Callable[[], Any]], str]


def test_every_request_is_signed(slack: Playground, serve: Serve) -> None:
    seen: list[tuple[Json, bytes]] = []

    def answer() -> str:
        seen.append((dict(request.headers), request.get_data()))
        return ""

    serve(answer)
    before = int(time.time())
    slack.user("sato").types("/mql list")
    headers, body = seen[0]
    at = headers["X-Slack-Request-Timestamp"]
    base = b"v0:" + at.encode() + b":" + body
    assert before <= int(at) <= time.time()
    expected = "v0=" + hmac.new(slack.signing_secret.encode(), base, hashlib.sha256).hexdigest()
    assert headers["X-Slack-Signature"] == expected


def test_a_wrong_secret_is_noticed_by_bolt(slack: Playground, bot: App) -> None:
    bot.command("/mql")(lambda ack: ack())
    request_url = slack.delivery.request_url
    slack.signing_secret = "another secret"
    slack.connect(request_url)
    with pytest.raises(NotAcknowledged, match="answered 401") as refused:
        slack.user("sato").types("/mql list")
    assert refused.value.status == 401


def test_a_slash_command_carries_the_fields_slack_sends(slack: Playground, serve: Serve) -> None:
    seen: list[Json] = []

    def answer() -> str:
        seen.append(request.form.to_dict())
        return ""

    serve(answer)
    slack.user("brown").types("/mql-feedback 12 please", channel="mql")
    form = seen[0]
    assert (form["command"], form["text"]) == ("/mql-feedback", "12 please")
    assert (form["team_id"], form["api_app_id"]) == (slack.team_id, slack.app_id)
    assert (form["channel_id"], form["channel_name"]) == ("C0MQL00001", "mql")
    assert (form["user_id"], form["user_name"]) == ("U0BROWN001", "brown")
    assert {"token", "team_domain", "response_url", "trigger_id", "is_enterprise_install"} <= form.keys()


def test_an_event_carries_its_envelope(slack: Playground, serve: Serve) -> None:
    seen: list[Json] = []

    def answer() -> str:
        seen.append(request.get_json())
        return ""

    serve(answer)
    slack.user("sato").says("Hello")
    envelope = seen[0]
    assert envelope["type"] == "event_callback"
    assert envelope["api_app_id"] == slack.app_id
    assert envelope["event_id"].startswith("Ev")
    assert envelope["authorizations"][0]["user_id"] == slack.bot_user_id
    assert envelope["event"]["channel_type"] == "im"
    assert envelope["event_time"] == int(slack.now().timestamp())


def test_edits_and_deletions_are_events_of_their_own(slack: Playground, bot: App) -> None:
    seen: list[Json] = []
    for subtype in ("message_changed", "message_deleted"):
        bot.event({"type": "message", "subtype": subtype})(lambda event: seen.append(event))  # noqa: PLW0108
    bot.event("message")(lambda: None)
    sato = slack.user("sato")
    message = sato.says("First", channel="mql").message
    assert message is not None
    sato.edits(message, "Second")
    sato.deletes(message)
    changed, deleted = seen
    assert (changed["previous_message"]["text"], changed["message"]["text"]) == ("First", "Second")
    assert changed["message"]["edited"]["user"] == sato.id
    assert deleted["deleted_ts"] == message.ts
    with pytest.raises(ClientRefused, match="did not write"):
        slack.user("brown").edits(message, "Third")


def test_only_what_the_manifest_subscribes_is_delivered(clock: Clock) -> None:
    manifest: Json = {
        "features": {"slash_commands": [{"command": "/mql"}]},
        "oauth_config": {"scopes": {"bot": ["commands", "channels:history", "chat:write"]}},
        "settings": {"event_subscriptions": {"bot_events": ["message.channels"]}},
    }
    with unhurried(Playground(manifest, now=clock.now)) as slack:
        slack.connect("http://127.0.0.1:9/")
        sato = slack.user("sato")
        assert sato.says("Hello", channel="mql").delivered is False
        sent = [entry.method for entry in slack.log]
        assert sent == ["message", "message"]
        sato.says("Hello")
        assert len(slack.log) == 2, "message.im is not subscribed"
        with pytest.raises(ClientRefused, match="not a valid command"):
            sato.types("/mql-feedback")
        slack.web_api.call("chat.postMessage", {"channel": "#mql", "blocks": [actions(button())]}, slack.bot_token)
        with pytest.raises(ClientRefused, match="not configured"):
            sato.press("Accept")
        with pytest.raises(ClientRefused, match="no Home tab"):
            sato.opens_home()


def test_the_bots_own_posts_reach_it_and_bolt_drops_them(slack: Playground, bot: App, client: WebClient) -> None:
    heard: list[Json] = []
    bot.event("message")(lambda event: heard.append(event))  # noqa: PLW0108
    client.chat_postMessage(channel="#mql", text="x")
    slack.settle()
    own = [entry for entry in slack.log if entry.direction == "to_bot"]
    assert [entry.request["event"]["bot_id"] for entry in own] == [slack.bot_id]
    assert (own[0].status, heard) == (200, [])


def test_a_failed_event_is_sent_again_at_once_after_a_minute_and_after_five(
    slack: Playground, serve: Serve, clock: Clock
) -> None:
    retries: list[tuple[str | None, str | None]] = []

    def answer() -> tuple[str, int]:
        retries.append((request.headers.get("X-Slack-Retry-Num"), request.headers.get("X-Slack-Retry-Reason")))
        return "no", 500

    serve(answer)
    assert slack.user("sato").says("Hello").delivered is False
    assert retries == [(None, None), ("1", "http_error")]
    clock.advance(timedelta(seconds=59))
    assert slack.retry_due() == 0
    clock.advance(timedelta(seconds=1))
    slack.retry_due()
    assert retries[2:] == [("2", "http_error")]
    clock.advance(timedelta(minutes=5))
    slack.retry_due()
    assert retries[3:] == [("3", "http_error")]
    clock.advance(timedelta(hours=1))
    assert slack.retry_due() == 0
    ids = {entry.request["event_id"] for entry in slack.log}
    assert len(ids) == 1


def test_due_retries_are_sent_by_themselves(slack: Playground, serve: Serve, clock: Clock) -> None:
    answers = [("no", 500), ("no", 500), ("", 200)]
    serve(lambda: answers.pop(0))
    slack.user("sato").says("Hello")
    assert slack.events.waiting_retries == 1
    clock.advance(timedelta(minutes=1))
    revision = slack.revision
    slack.wait_for_change(revision, 5)
    assert (answers, slack.events.waiting_retries) == ([], 0)


def test_a_direct_message_may_be_closed_to_people_or_to_both(clock: Clock) -> None:
    for app_home, code in (
        ({"messages_tab_enabled": True, "messages_tab_read_only_enabled": True}, None),
        ({"messages_tab_enabled": False}, "messages_tab_disabled"),
    ):
        manifest: Json = {"features": {"app_home": app_home}, "oauth_config": {"scopes": {"bot": ["chat:write"]}}}
        slack = unhurried(Playground(manifest, now=clock.now))
        with pytest.raises(ClientRefused, match="turned off"):
            slack.user("sato").says("Hello")
        post = {"channel": slack.user("sato").id, "text": "x"}
        assert slack.web_api.call("chat.postMessage", post, slack.bot_token).body.get("error") == code


def test_a_bot_may_decline_retries_and_recover_on_one(slack: Playground, serve: Serve) -> None:
    serve(lambda: ("no", 500, {"X-Slack-No-Retry": "1"}))
    slack.user("sato").says("Hello")
    assert len(slack.log) == 1
    answers = [("no", 503), ("", 200)]
    serve(lambda: answers.pop(0))
    assert slack.user("sato").says("Hello again").delivered is True


def test_a_listener_that_raises_is_retried(slack: Playground, bot: App) -> None:
    calls: list[int] = []

    @bot.event("message")
    def listen() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("broken once")

    assert slack.user("sato").says("Hello").delivered is True
    assert len(calls) == 2


@pytest.mark.parametrize(("seconds", "late"), [(3.0, False), (3.1, True)])
def test_an_acknowledgement_after_more_than_three_seconds_is_an_error_to_the_person(
    slack: Playground, clock: Clock, serve: Serve, seconds: float, late: bool
) -> None:
    def answer() -> str:
        clock.advance(timedelta(seconds=seconds))
        return ""

    serve(answer)
    with pytest.raises(NotAcknowledged, match="operation_timeout") if late else nullcontext():
        slack.user("sato").types("/mql list")
    assert [entry.broken for entry in slack.log] == [("answered after 3.1 s, limit 3 s",) if late else ()]


@pytest.mark.parametrize("patience", [None, LONGEST])
def test_where_a_person_started_it_the_clock_on_the_wall_counts(patience: int | None) -> None:
    with Playground() as theirs:
        assert (theirs.delivery.seconds, theirs.delivery.patience) == (time.perf_counter, None)
        assert theirs.acknowledge_within == 3
        theirs.acknowledge_within, theirs.delivery.patience = 0.05, patience
        flask = Flask("late")

        @flask.post("/slack/events")
        def answer() -> str:
            time.sleep(0.2)
            return ""

        served = Served(flask)
        theirs.connect(served.url)
        with pytest.raises(NotAcknowledged, match="operation_timeout"):
            theirs.user("sato").types("/mql list")
        served.stop()


@pytest.mark.parametrize("status", [302, 404, 500])
def test_an_answer_that_is_not_2xx_is_an_error_to_the_person(slack: Playground, serve: Serve, status: int) -> None:
    serve(lambda: ("no", status))
    with pytest.raises(NotAcknowledged, match=f"answered {status}"):
        slack.user("sato").types("/mql list")


def test_everything_may_come_twice_and_the_first_outcome_counts(slack: Playground, serve: Serve) -> None:
    seen: list[tuple[bytes, str, str | None]] = []

    def answer() -> str:
        headers = request.headers
        seen.append((request.get_data(), headers["X-Slack-Signature"], headers.get("X-Slack-Retry-Num")))
        return f"answer {len(seen)}"

    serve(answer)
    slack.delivery_twice = True
    assert slack.user("sato").types("/mql list").text == "answer 1"
    assert seen[0] == seen[1]
    slack.user("sato").says("Hello")
    assert [attempt[2] for attempt in seen[2:]] == [None, "1"]
    assert seen[2][0] == seen[3][0]


def test_a_command_answers_in_the_channel_or_with_blocks(slack: Playground, bot: App) -> None:
    bot.command("/mql")(lambda ack: ack(text="x", blocks=[section("*All* see this")], response_type="in_channel"))
    outcome = slack.user("sato").types("/mql report", channel="sales")
    assert outcome.text == "All see this"
    assert slack.user("brown").sees("sales").expect("All see this").ephemeral_for is None
    bot.command("/broken")(lambda ack: ack(text="x", blocks=[section("")]))
    with pytest.raises(NotAcknowledged, match="invalid_command_response"):
        slack.user("sato").types("/broken", channel="sales")


@pytest.fixture
def pressed(slack: Playground, bot: App, client: WebClient) -> WebhookClient:
    """Let Sato press a button and return a client of the response URL."""
    bodies: list[Json] = []
    bot.action("accept")(remember(bodies))
    client.chat_postMessage(channel="#mql", text="x", blocks=[section("Card"), actions(button())])
    slack.user("sato").press("Accept")
    return WebhookClient(bodies[0]["response_url"])


def test_a_response_url_answers_five_times_in_half_an_hour(
    slack: Playground, pressed: WebhookClient, clock: Clock
) -> None:
    assert [pressed.send(text=f"Note {n}").body for n in range(5)] == ["ok"] * 5
    assert pressed.send(text="Note 6").body == "used_url"
    assert slack.user("sato").sees("mql").expect("Note 4").ephemeral_for == "sato"
    slack.user("brown").sees("mql").expect_none("Note")


def test_a_response_url_expires(slack: Playground, pressed: WebhookClient, clock: Clock) -> None:
    clock.advance(timedelta(minutes=30))
    assert pressed.send(text="in time").status_code == 200
    clock.advance(timedelta(seconds=1))
    late = pressed.send(text="too late")
    assert (late.status_code, late.body) == (404, "expired_url")


def test_a_response_url_replaces_and_deletes_its_message(slack: Playground, pressed: WebhookClient) -> None:
    card = slack.channel("mql").expect("Card")
    pressed.send(text="Replaced", replace_original=True)
    assert card.text == "Replaced"
    pressed.send(text="For all", response_type="in_channel")
    slack.user("brown").sees("mql").expect("For all")
    assert pressed.send(blocks=[section("")]).body == "invalid_blocks"
    assert pressed.send().body == "no_text"
    pressed.send_dict({"delete_original": True})
    assert card.deleted


def test_a_button_of_a_home_tab_that_is_drawn_anew_meanwhile_is_found_by_what_it_holds(
    slack: Playground, bot: App, client: WebClient
) -> None:
    values: list[str] = []

    @bot.action("accept")
    def accept(ack: Ack, body: Json) -> None:
        ack()
        values.append(body["actions"][0]["value"])

    home = {"type": "home", "blocks": [actions(button(value="1")), actions(button(value="2"))]}
    client.views_publish(user_id="U0SATO0001", view=home)
    second = slack.user("sato").home.blocks[1]["block_id"]
    client.views_publish(user_id="U0SATO0001", view=home)
    slack.user("sato").press("accept", slack.user("sato").home, second, "2")
    assert values == ["2"]
    with pytest.raises(ClientRefused, match="sees no button"):
        slack.user("sato").press("accept", slack.user("sato").home, second, "3")


def test_an_ephemeral_message_is_pressed_and_replaced(slack: Playground, bot: App, client: WebClient) -> None:
    bodies: list[Json] = []

    @bot.action("accept")
    def accept(ack: Ack, body: Json, respond: Any) -> None:
        ack()
        bodies.append(body)
        respond(text="Thank you", replace_original=True)

    client.chat_postEphemeral(channel="C0MQL00001", user="U0SATO0001", text="x", blocks=[actions(button())])
    with pytest.raises(ClientRefused, match="sees no button"):
        slack.user("brown").press("Accept")
    slack.user("sato").press("Accept")
    assert bodies[0]["container"]["is_ephemeral"] is True
    assert "message" not in bodies[0]
    assert [message.text for message in slack.user("sato").sees("mql").messages] == ["Thank you"]


def test_bolt_reads_a_mention(slack: Playground, bot: App) -> None:
    seen: list[str] = []
    bot.event("app_mention")(lambda event: seen.append(event["text"]))
    bot.event("message")(lambda: None)
    slack.user("sato").says(f"<@{slack.bot_user_id}> help", channel="mql")
    assert seen == [f"<@{slack.bot_user_id}> help"]


def test_url_verification_is_answered_by_bolt(slack: Playground, bot: App) -> None:
    assert slack.verify_request_url() is True
    slack.connect("http://127.0.0.1:9/")
    assert slack.verify_request_url() is False


def test_payloads_are_plain_json(slack: Playground, bot: App) -> None:
    bot.command("/mql")(lambda ack: ack())
    slack.user("sato").types("/mql list")
    assert json.dumps([entry.as_json() for entry in slack.log])
    assert bolt_of(slack).client.token == slack.bot_token
