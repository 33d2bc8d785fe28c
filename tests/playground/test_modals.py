"""Trigger ids, the stack of modals, what people can enter, and what the bot may answer."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from slack_bolt import Ack, App
from slack_sdk import WebClient

from playground import ClientRefused, NotAcknowledged, Playground
from tests.playground.kit import Clock, actions, button, modal, plain, refusal, remember, section, text_input

Json = dict[str, Any]
Serve = Callable[[Callable[[], Any]], str]


def input_block(label: str, element: Json, block_id: str = "", **more: Any) -> Json:
    element = {"action_id": "value", **element}
    return {"type": "input", "block_id": block_id or label, "label": plain(label), "element": element, **more}


def options(*texts: str) -> list[Json]:
    return [{"text": plain(text), "value": text.lower()} for text in texts]


@pytest.fixture
def opened(slack: Playground, client: WebClient) -> Callable[..., Json]:
    """Open a modal for Sato as an interaction would, and return the view."""

    def open_modal(*blocks: Json, **more: Any) -> Json:
        trigger_id = slack.views.new_trigger("U0SATO0001")
        view: Json = client.views_open(trigger_id=trigger_id, view=modal(*blocks, **more))["view"]
        return view

    return open_modal


def test_a_trigger_works_once_within_three_seconds(slack: Playground, client: WebClient, clock: Clock) -> None:
    trigger_id = slack.views.new_trigger("U0SATO0001")
    clock.advance(timedelta(seconds=3))
    client.views_open(trigger_id=trigger_id, view=modal())
    assert refusal(client.views_open, trigger_id=trigger_id, view=modal()) == "exchanged_trigger_id"
    late = slack.views.new_trigger("U0SATO0001")
    clock.advance(timedelta(seconds=3.1))
    assert refusal(client.views_open, trigger_id=late, view=modal()) == "expired_trigger_id"
    assert refusal(client.views_open, trigger_id="1.2.3", view=modal()) == "invalid_trigger_id"
    assert refusal(client.api_call, "views.open", json={"view": modal()}) == "invalid_arguments"


def test_a_broken_view_is_invalid_and_a_huge_one_too_large(slack: Playground, client: WebClient) -> None:
    trigger_id = slack.views.new_trigger("U0SATO0001")
    assert refusal(client.views_open, trigger_id=trigger_id, view={"type": "modal"}) == "invalid_arguments"
    assert refusal(client.views_open, trigger_id=trigger_id, view={"type": "home", "blocks": []}) == (
        "invalid_arguments"
    )
    huge = modal(*(section("あ" * 3000) for _ in range(28)))
    assert refusal(client.views_open, trigger_id=trigger_id, view=huge) == "view_too_large"
    client.views_open(trigger_id=trigger_id, view=modal(*(section("あ" * 3000) for _ in range(27))))


def test_three_modals_stand_on_each_other_and_no_fourth(
    slack: Playground, client: WebClient, opened: Callable[..., Json]
) -> None:
    def push() -> Json:
        view: Json = client.views_push(trigger_id=slack.views.new_trigger("U0SATO0001"), view=modal())["view"]
        return view

    first = opened()
    second, third = push(), push()
    assert (second["previous_view_id"], third["root_view_id"]) == (first["id"], first["id"])
    assert refusal(push) == "push_limit_reached"
    sato = slack.user("sato")
    for left in (second["id"], first["id"]):
        assert sato.modal is not None
        sato.modal.close()
        assert sato.modal.record.id == left
    alone = slack.views.new_trigger("U0BROWN001")
    assert refusal(client.views_push, trigger_id=alone, view=modal()) == "not_found"


def test_an_update_needs_the_hash_it_saw(slack: Playground, client: WebClient, opened: Callable[..., Json]) -> None:
    view = opened(external_id="one")
    changed = client.views_update(view_id=view["id"], hash=view["hash"], view=modal(section("Second")))["view"]
    assert refusal(client.views_update, view_id=view["id"], hash=view["hash"], view=modal()) == "hash_conflict"
    client.views_update(view_id=view["id"], hash=changed["hash"], view=modal(section("Third"), external_id="two"))
    client.views_update(external_id="two", view=modal(section("Fourth"), external_id="two"))
    assert slack.user("sato").modal.text == "Fourth"  # type: ignore[union-attr]
    assert refusal(client.views_update, view_id="V0", view=modal()) == "not_found"
    other = slack.views.new_trigger("U0BROWN001")
    assert refusal(client.views_open, trigger_id=other, view=modal(external_id="two")) == "duplicate_external_id"


def test_an_update_keeps_what_was_entered_under_the_same_ids(
    slack: Playground, client: WebClient, opened: Callable[..., Json]
) -> None:
    view = opened(text_input(), text_input("Other", "other"))
    sato_modal = slack.user("sato").modal
    assert sato_modal is not None
    sato_modal.fill({"Comment": "kept", "Other": "lost"})
    client.views_update(view_id=view["id"], view=modal(text_input(), text_input("Other", "renamed")))
    assert sato_modal.values["comment"]["value"]["value"] == "kept"
    assert sato_modal.values["renamed"]["value"]["value"] is None
    sato_modal.close()
    with pytest.raises(ClientRefused, match="not in front"):
        sato_modal.fill({"Comment": "too late"})


def test_every_kind_of_input_is_filled_as_a_person_would(
    slack: Playground, bot: App, opened: Callable[..., Json]
) -> None:
    sent: list[Json] = []

    @bot.view("feedback")
    def submitted(ack: Ack, view: Json) -> None:
        sent.append(view["state"]["values"])
        ack()

    opened(
        input_block("Text", {"type": "plain_text_input", "multiline": True}),
        input_block("Amount", {"type": "number_input", "is_decimal_allowed": False, "min_value": "0"}),
        input_block("Mail", {"type": "email_text_input"}),
        input_block("Link", {"type": "url_text_input"}),
        input_block("Reason", {"type": "static_select", "options": options("Budget", "Timing")}),
        input_block("Size", {"type": "radio_buttons", "options": options("Small", "Large")}),
        input_block("Topics", {"type": "checkboxes", "options": options("Price", "Security", "Speed")}),
        input_block("Tags", {"type": "multi_static_select", "options": options("Hot", "Cold")}),
        input_block("Date", {"type": "datepicker", "initial_date": "2026-12-01"}),
        input_block("Time", {"type": "timepicker"}),
        input_block("Owner", {"type": "users_select"}),
        input_block("Team", {"type": "multi_users_select"}),
        input_block("Where", {"type": "conversations_select"}),
        input_block("Channels", {"type": "multi_channels_select"}),
        input_block("Note", {"type": "plain_text_input"}, optional=True),
    )
    view = slack.user("sato").modal
    assert view is not None
    view.fill(
        {
            "Text": "Two\nlines",
            "Amount": 5000000,
            "Mail": "a@example.com",
            "Link": "https://example.com",
            "Reason": "Timing",
            "Size": "large",
            "Topics": ["Price", "Speed"],
            "Tags": ["Hot"],
            "Time": "09:30",
            "Owner": "tanaka",
            "Team": ["sato", "鈴木 蓮"],
            "Where": "mql",
            "Channels": ["sales"],
        }
    ).submit()
    values = {block_id: field["value"] for block_id, field in sent[0].items()}
    assert values["Amount"] == {"type": "number_input", "value": "5000000"}
    assert values["Reason"]["selected_option"]["value"] == "timing"
    assert values["Size"]["selected_option"]["text"]["text"] == "Large"
    assert [selected_option["value"] for selected_option in values["Topics"]["selected_options"]] == ["price", "speed"]
    assert (values["Date"]["selected_date"], values["Time"]["selected_time"]) == ("2026-12-01", "09:30")
    assert values["Owner"]["selected_user"] == "U0TANAKA01"
    assert values["Team"]["selected_users"] == ["U0SATO0001", "U0SUZUKI01"]
    assert values["Where"]["selected_conversation"] == "C0MQL00001"
    assert values["Channels"]["selected_channels"] == ["C0SALES001"]
    assert values["Note"]["value"] is None


@pytest.mark.parametrize(
    ("element", "value"),
    [
        ({"type": "plain_text_input", "max_length": 3}, "four"),
        ({"type": "plain_text_input", "min_length": 3}, "no"),
        ({"type": "plain_text_input"}, "two\nlines"),
        ({"type": "number_input", "is_decimal_allowed": False}, "1.5"),
        ({"type": "number_input", "is_decimal_allowed": True}, "much"),
        ({"type": "number_input", "is_decimal_allowed": True, "min_value": "1"}, "0.5"),
        ({"type": "number_input", "is_decimal_allowed": True, "max_value": "1"}, "1.5"),
        ({"type": "email_text_input"}, "nobody"),
        ({"type": "url_text_input"}, "example"),
        ({"type": "datepicker"}, "tomorrow"),
        ({"type": "timepicker"}, "25:00"),
        ({"type": "static_select", "options": options("One")}, "Two"),
        ({"type": "multi_users_select", "max_selected_items": 1}, ["sato", "suzuki"]),
    ],
)
def test_the_client_refuses_what_does_not_fit(
    slack: Playground, opened: Callable[..., Json], element: Json, value: Any
) -> None:
    opened(input_block("Field", element))
    view = slack.user("sato").modal
    assert view is not None
    with pytest.raises(ClientRefused):
        view.fill({"Field": value})


def test_a_person_finds_only_what_is_there(slack: Playground, opened: Callable[..., Json]) -> None:
    opened(text_input(), section(accessory=button("Help", "help")))
    view = slack.user("sato").modal
    assert view is not None
    with pytest.raises(ClientRefused, match="there are: Comment"):
        view.fill({"Reason": "x"})
    with pytest.raises(ClientRefused, match="there are: Help"):
        view.press("Cancel everything")


def test_errors_keep_the_modal_open(slack: Playground, bot: App, opened: Callable[..., Json]) -> None:
    @bot.view("feedback")
    def refuse(ack: Ack, view: Json) -> None:
        ack(response_action="errors", errors={"comment": "Please say more"})

    opened(text_input())
    view = slack.user("sato").modal
    assert view is not None
    assert view.fill({"Comment": "x"}).submit().errors == {"comment": "Please say more"}
    assert view.is_open


def test_a_submission_may_update_push_or_clear(slack: Playground, bot: App, opened: Callable[..., Json]) -> None:
    answers: list[Json] = [
        {"response_action": "update", "view": modal(section("Updated"))},
        {"response_action": "push", "view": modal(section("Pushed"))},
        {"response_action": "clear"},
    ]

    @bot.view("feedback")
    def answer(ack: Ack) -> None:
        ack(**answers.pop(0))

    opened()
    sato = slack.user("sato")
    for text in ("Updated", "Pushed"):
        assert sato.modal is not None
        sato.modal.submit()
        assert sato.modal.text == text
    assert len(slack.views.stacks[sato.id]) == 2
    assert sato.modal is not None
    sato.modal.submit()
    assert sato.modal is None


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {"nowhere": "x"}},
        {"response_action": "errors", "errors": {}},
        {"response_action": "update", "view": modal(title=plain("x" * 25))},
        {"response_action": "dance"},
        {"text": "thanks"},
    ],
)
def test_a_wrong_answer_to_a_submission_is_an_error_to_the_person(
    slack: Playground, serve: Serve, opened: Callable[..., Json], answer: Json
) -> None:
    serve(lambda: answer)
    opened(text_input())
    view = slack.user("sato").modal
    assert view is not None
    with pytest.raises(NotAcknowledged, match="trouble"):
        view.fill({"Comment": "x"}).submit()


def test_closing_is_told_where_the_view_asked_for_it(slack: Playground, bot: App, opened: Callable[..., Json]) -> None:
    closed: list[bool] = []

    @bot.view_closed("feedback")
    def on_close(ack: Ack, body: Json) -> None:
        ack()
        closed.append(body["is_cleared"])

    opened()
    assert slack.user("sato").modal.close().delivered is False  # type: ignore[union-attr]
    opened(notify_on_close=True)
    slack.user("sato").modal.close(everything=True)  # type: ignore[union-attr]
    assert closed == [True]


def test_a_choice_with_dispatch_action_tells_the_bot_at_once(
    slack: Playground, bot: App, client: WebClient, opened: Callable[..., Json]
) -> None:
    @bot.action("value")
    def chosen(ack: Ack, body: Json) -> None:
        ack()
        assert body["actions"][0]["selected_option"]["value"] == "other"
        view = body["view"]
        assert view["state"]["values"]["Reason"]["value"]["selected_option"]["value"] == "other"
        client.views_update(view_id=view["id"], hash=view["hash"], view=modal(reason, text_input()))

    reason = input_block(
        "Reason", {"type": "static_select", "options": options("Budget", "Other")}, dispatch_action=True
    )
    opened(reason)
    view = slack.user("sato").modal
    assert view is not None
    view.fill({"Reason": "Other", "Comment": "Something else"})
    assert view.labels == ["Reason", "Comment"]
    assert view.values["Reason"]["value"]["selected_option"]["value"] == "other"


def test_a_menu_in_a_message_and_an_overflow_option_are_chosen(slack: Playground, bot: App, client: WebClient) -> None:
    seen: list[Json] = []
    for action_id in ("pick", "more"):
        bot.action(action_id)(remember(seen))
    menu = {"type": "users_select", "action_id": "pick", "placeholder": plain("Who?")}
    more = {"type": "overflow", "action_id": "more", "options": options("Reassign", "Why me?")}
    client.chat_postMessage(channel="#mql", text="x", blocks=[actions(menu, more)])
    sato = slack.user("sato")
    sato.choose("pick", "suzuki")
    sato.press("Why me?")
    assert seen[0]["actions"][0]["selected_user"] == "U0SUZUKI01"
    assert next(iter(seen[0]["state"]["values"].values()))["pick"]["selected_user"] == "U0SUZUKI01"
    assert seen[1]["actions"][0]["selected_option"]["value"] == "why me?"


def test_what_a_modal_shows_survives_the_wire(
    slack: Playground, client: WebClient, opened: Callable[..., Json]
) -> None:
    view = opened(text_input(initial_value="before"), private_metadata=json.dumps({"mql": 7}))
    assert view["state"]["values"] == {"comment": {"value": {"type": "plain_text_input", "value": "before"}}}
    assert json.loads(view["private_metadata"]) == {"mql": 7}
    assert view["app_id"] == slack.app_id


def test_a_home_tab_is_published_per_person_and_pressed(slack: Playground, bot: App, client: WebClient) -> None:
    pressed: list[Json] = []
    bot.action("accept")(remember(pressed))
    home = {"type": "home", "blocks": [section("Queue"), actions(button())]}
    first = client.views_publish(user_id="U0SATO0001", view=home)["view"]
    again = client.views_publish(user_id="U0SATO0001", view=home, hash=first["hash"])["view"]
    assert again["id"] == first["id"]
    assert refusal(client.views_publish, user_id="U0SATO0001", view=home, hash=first["hash"]) == "hash_conflict"
    assert refusal(client.views_publish, user_id="U0NOBODY00", view=home) == "invalid_arguments"
    slack.user("sato").opens_home().press("Accept")
    assert pressed[0]["container"] == {"type": "view", "view_id": first["id"]}
    with pytest.raises(ClientRefused, match="is empty"):
        slack.user("brown").opens_home().press("Accept")
