"""What the Web API takes and refuses, asked through the real slack_sdk client."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.request import Request, urlopen

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.models.blocks import ActionsBlock, ButtonElement, HeaderBlock, SectionBlock

from playground import SAMPLE_TEAM, Playground
from playground.methods.chat import BLOCKS_LIMIT
from tests.playground.kit import Clock, actions, button, client_of, plain, refusal, section

# The SDK warns about posts without text, which these tests send on purpose.
pytestmark = pytest.mark.filterwarnings("ignore:The top-level:UserWarning", "ignore:Additionally:UserWarning")

MANIFEST: dict[str, object] = {
    "features": {"slash_commands": [{"command": "/mql"}], "app_home": {"home_tab_enabled": False}},
    "oauth_config": {"scopes": {"bot": ["chat:write", "users:read", "channels:history", "channels:read", "commands"]}},
    "settings": {"event_subscriptions": {"bot_events": ["message.channels"]}},
}


@pytest.fixture
def modest(clock: Clock) -> Iterator[Playground]:
    """A workspace whose manifest grants little."""
    with Playground(MANIFEST, now=clock.now) as playground:
        yield playground


def test_auth_test_says_who_the_bot_is(slack: Playground, client: WebClient) -> None:
    answer = client.auth_test()
    assert (answer["team_id"], answer["user_id"], answer["bot_id"]) == (slack.team_id, slack.bot_user_id, slack.bot_id)
    assert "chat:write" in answer.headers["X-OAuth-Scopes"]


def test_tokens_are_checked(slack: Playground) -> None:
    assert refusal(client_of(slack, "xoxb-wrong").auth_test) == "invalid_auth"
    assert client_of(slack, slack.app_token).auth_test()["app_id"] == slack.app_id
    assert refusal(client_of(slack, slack.app_token).users_list) == "not_allowed_token_type"
    assert refusal(client_of(slack).apps_connections_open, app_token=slack.bot_token) == "not_allowed_token_type"
    with urlopen(f"{slack.api_url}auth.test") as answer:
        assert json.load(answer)["error"] == "not_authed"
    slack.revoke_token("account_inactive")
    assert refusal(client_of(slack).auth_test) == "account_inactive"


def test_an_unknown_method_is_refused(client: WebClient) -> None:
    assert refusal(client.api_call, "chat.shout") == "unknown_method"


def test_arguments_come_as_form_query_or_json(slack: Playground, client: WebClient) -> None:
    for how in ({"params": {"channel": "#mql", "text": "form"}}, {"json": {"channel": "#mql", "text": "json"}}):
        assert client.api_call("chat.postMessage", **how)["ok"]  # type: ignore[arg-type]
    with urlopen(f"{slack.api_url}users.info?token={slack.bot_token}&user={slack.bot_user_id}") as answer:
        assert json.load(answer)["user"]["is_bot"] is True
    body = Request(f"{slack.api_url}auth.test", b"{", {"Content-Type": "application/json"})
    with urlopen(body) as answer:
        assert json.load(answer)["error"] == "invalid_json"


def test_missing_and_mistyped_arguments_are_invalid(client: WebClient) -> None:
    with pytest.raises(SlackApiError) as missing:
        client.api_call("chat.postMessage", json={"text": "x"})
    assert missing.value.response["error"] == "invalid_arguments"
    assert missing.value.response["response_metadata"]["messages"] == ["[ERROR] missing required field: channel"]
    assert refusal(client.api_call, "chat.postMessage", json={"channel": 7, "text": "x"}) == "invalid_arguments"
    assert refusal(client.conversations_history, channel="C0MQL00001", limit="many") == "invalid_arguments"


def test_missing_scopes_are_named(modest: Playground) -> None:
    client = client_of(modest)
    with pytest.raises(SlackApiError) as refused:
        client.users_lookupByEmail(email="sato@sample.example")
    answer = refused.value.response
    assert (answer["error"], answer["needed"]) == ("missing_scope", "users:read.email")
    assert "users:read" in answer["provided"]
    for call in (
        lambda: client.conversations_open(users="U0SATO0001"),
        lambda: client.conversations_join(channel="C0MQL00001"),
        lambda: client.reactions_add(channel="C0MQL00001", name="eyes", timestamp="1.0"),
        client.usergroups_list,
        client.team_info,
        lambda: client.chat_postMessage(channel="#mql", text="x", username="Someone else"),
        lambda: client.conversations_history(channel="C0MQL00001", include_all_metadata=True),
        lambda: client.conversations_list(types="private_channel"),
    ):
        assert refusal(call) == "missing_scope"
    dm = client.chat_postMessage(channel="U0SATO0001", text="x")["channel"]
    assert refusal(client.conversations_history, channel=dm) == "missing_scope"
    assert "email" not in client.users_info(user="U0SATO0001")["user"]["profile"]


def test_a_post_lands_in_the_channel_and_comes_back_with_its_ids(slack: Playground, client: WebClient) -> None:
    answer = client.chat_postMessage(channel="C0MQL00001", text="Hello")
    assert answer["channel"] == "C0MQL00001"
    assert answer["message"]["bot_id"] == slack.bot_id
    assert slack.channel("mql").expect("Hello").ts == answer["ts"]


def test_posting_to_a_person_opens_the_dm_and_answers_with_its_id(slack: Playground, client: WebClient) -> None:
    answer = client.chat_postMessage(channel=slack.user("sato").id, text="Hello")
    assert answer["channel"].startswith("D")
    assert client.conversations_open(users=slack.user("sato").id)["channel"]["id"] == answer["channel"]
    slack.dm("sato").expect("Hello")
    slack.dm("suzuki").expect_nothing()


def test_timestamps_are_strictly_ordered_even_when_the_clock_stands_still(client: WebClient) -> None:
    stamps = [client.chat_postMessage(channel="#mql", text=str(n))["ts"] for n in range(3)]
    assert stamps == sorted(set(stamps))


def test_where_a_post_cannot_go(slack: Playground, client: WebClient) -> None:
    assert refusal(client.chat_postMessage, channel="C0NOWHERE0", text="x") == "channel_not_found"
    assert refusal(client.chat_postMessage, channel="#nowhere", text="x") == "channel_not_found"
    slack.admin.remove_bot("mql")
    assert refusal(client.chat_postMessage, channel="#mql", text="x") == "not_in_channel"
    slack.admin.archive("sales")
    assert refusal(client.chat_postMessage, channel="#sales", text="x") == "is_archived"
    secret = slack.admin.add_channel("secret", ("sato",), private=True, bot=False)
    assert refusal(client.chat_postMessage, channel=secret.id, text="x") == "channel_not_found"
    slack.admin.deactivate("sato")
    assert refusal(client.chat_postMessage, channel=slack.user("sato").id, text="x") == "account_inactive"
    assert refusal(client.conversations_open, users=slack.user("sato").id) == "user_disabled"


def test_a_post_needs_content_that_follows_the_rules(slack: Playground, client: WebClient) -> None:
    assert refusal(client.chat_postMessage, channel="#mql") == "no_text"
    assert refusal(client.chat_postMessage, channel="#mql", blocks="{") == "invalid_blocks_format"
    assert refusal(client.chat_postMessage, channel="#mql", text="x", thread_ts="1.000000") == "thread_not_found"
    assert refusal(client.chat_postMessage, channel="#mql", text="x", markdown_text="y") == "markdown_text_conflict"
    assert refusal(client.chat_postMessage, channel="#mql", attachments=[{"text": "x"}] * 101) == "too_many_attachments"
    inside = [{"blocks": [section("")]}]
    assert refusal(client.chat_postMessage, channel="#mql", attachments=inside) == "invalid_attachments"
    slack.channel("mql").expect_nothing()


def test_broken_blocks_are_explained_to_the_bot_and_in_the_log(slack: Playground, client: WebClient) -> None:
    blocks = [section(), section(), actions(button("x" * 91))]
    with pytest.raises(SlackApiError) as refused:
        client.chat_postMessage(channel="#mql", text="x", blocks=blocks)
    assert refused.value.response["error"] == "invalid_blocks"
    assert refused.value.response["response_metadata"]["messages"] == [
        "[ERROR] 91 characters, limit 75 [json-pointer:/blocks/2/elements/0/text]"
    ]
    assert slack.log.broken() == ["chat.postMessage: blocks[2].elements[0].text: 91 characters, limit 75"]


def test_the_blocks_of_the_sdk_are_accepted(slack: Playground, client: WebClient) -> None:
    blocks = [
        HeaderBlock(text="New MQL"),
        SectionBlock(text="*Acme*", fields=["a", "b"]),
        ActionsBlock(elements=[ButtonElement(text="Accept", action_id="accept", value="1", style="primary")]),
    ]
    client.chat_postMessage(channel="#mql", text="x", blocks=blocks)
    assert slack.channel("mql").expect("New MQL", "Acme", "a", "b").buttons == ["Accept"]


def test_long_text_is_cut_in_a_post_and_refused_in_an_update(client: WebClient) -> None:
    posted = client.chat_postMessage(channel="#mql", text="x" * 40_001)
    assert len(posted["message"]["text"]) == 40_000
    where = {"channel": posted["channel"], "ts": posted["ts"]}
    assert len(client.chat_update(**where, text="y" * 4_000)["text"]) == 4_000
    assert refusal(client.chat_update, **where, text="y" * 4_001) == "msg_too_long"


def test_an_update_with_text_alone_removes_the_blocks(slack: Playground, client: WebClient) -> None:
    posted = client.chat_postMessage(channel="#mql", text="x", blocks=[section("Card")], attachments=[{"text": "More"}])
    card = slack.channel("mql").expect("Card", "More")
    client.chat_update(channel=posted["channel"], ts=posted["ts"], blocks=[section("New card")])
    assert "New card" in card.text
    client.chat_update(channel=posted["channel"], ts=posted["ts"], text="Only text")
    assert (card.text, card.blocks) == ("Only text\nMore", [])
    client.chat_update(channel=posted["channel"], ts=posted["ts"], text="Only text", attachments=[])
    assert card.text == "Only text"


def test_only_own_messages_that_exist_can_be_changed(slack: Playground, client: WebClient) -> None:
    theirs = slack.user("sato").says("mine", channel="mql").message
    assert theirs is not None
    where = {"channel": "C0MQL00001", "ts": theirs.ts}
    assert refusal(client.chat_update, **where, text="x") == "cant_update_message"
    assert refusal(client.chat_delete, **where) == "cant_delete_message"
    assert refusal(client.chat_update, channel="C0MQL00001", ts="1.000000", text="x") == "message_not_found"
    posted = client.chat_postMessage(channel="#mql", text="x")
    assert refusal(client.chat_update, channel="C0MQL00001", ts=posted["ts"]) == "no_text"
    client.chat_delete(channel="C0MQL00001", ts=posted["ts"])
    assert refusal(client.chat_update, channel="C0MQL00001", ts=posted["ts"], text="y") == "message_not_found"


def test_an_ephemeral_message_is_for_one_and_leaves_no_history(slack: Playground, client: WebClient) -> None:
    ts = client.chat_postEphemeral(channel="C0MQL00001", user="U0SATO0001", text="Psst")["message_ts"]
    assert slack.user("sato").sees("mql").expect("Psst").ephemeral_for == "sato"
    slack.user("suzuki").sees("mql").expect_nothing()
    assert client.conversations_history(channel="C0MQL00001")["messages"] == []
    assert refusal(client.chat_update, channel="C0MQL00001", ts=ts, text="x") == "message_not_found"
    alone = slack.admin.add_channel("alone", ())
    assert refusal(client.chat_postEphemeral, channel=alone.id, user="U0SATO0001", text="x") == "user_not_in_channel"
    assert refusal(client.chat_postEphemeral, channel="C0MQL00001", user="U0SATO0001") == "no_text"
    long = "x" * 40_001
    assert refusal(client.chat_postEphemeral, channel="C0MQL00001", user="U0SATO0001", text=long) == "msg_too_long"


def test_metadata_comes_back_from_history_and_replies(client: WebClient) -> None:
    metadata = {"event_type": "outbox", "event_payload": {"key": "mql/7/card"}}
    parent = client.chat_postMessage(channel="C0MQL00001", text="x", metadata=metadata)
    client.chat_postMessage(channel="C0MQL00001", text="y", thread_ts=parent["ts"], metadata=metadata)
    (top,) = client.conversations_history(channel="C0MQL00001", include_all_metadata=True)["messages"]
    assert (top["metadata"], top["reply_count"]) == (metadata, 1)
    thread = client.conversations_replies(channel="C0MQL00001", ts=parent["ts"], include_all_metadata=True)["messages"]
    assert [message["metadata"] for message in thread] == [metadata, metadata]
    assert "metadata" not in client.conversations_history(channel="C0MQL00001")["messages"][0]


def test_an_update_keeps_metadata_unless_it_names_it(slack: Playground, client: WebClient) -> None:
    metadata = {"event_type": "outbox", "event_payload": {"key": "1"}}
    posted = client.chat_postMessage(channel="C0MQL00001", text="x", metadata=metadata)
    client.chat_update(channel="C0MQL00001", ts=posted["ts"], text="y")
    card = slack.channel("mql").expect("y")
    assert card.metadata == metadata
    client.chat_update(channel="C0MQL00001", ts=posted["ts"], text="y", metadata={})
    assert card.metadata is None


@pytest.mark.parametrize(
    ("metadata", "code"),
    [
        ({"event_type": "x"}, "invalid_metadata_format"),
        ({"event_payload": {}}, "invalid_metadata_format"),
        ({"event_type": "x", "event_payload": "text"}, "invalid_metadata_format"),
        ({"event_type": "x", "event_payload": {}, "more": 1}, "invalid_metadata_format"),
        ({"event_type": "x", "event_payload": {"key": "x" * 8_000}}, "metadata_too_large"),
    ],
)
def test_metadata_has_a_form_and_a_limit(client: WebClient, metadata: dict[str, Any], code: str) -> None:
    assert refusal(client.chat_postMessage, channel="#mql", text="x", metadata=metadata) == code


def test_a_block_id_comes_back_too(client: WebClient) -> None:
    client.chat_postMessage(channel="C0MQL00001", text="x", blocks=[section(block_id="key/7"), section()])
    (message,) = client.conversations_history(channel="C0MQL00001")["messages"]
    assert message["blocks"][0]["block_id"] == "key/7"
    assert message["blocks"][1]["block_id"]


def test_history_is_cut_by_time_and_page(client: WebClient) -> None:
    stamps = [client.chat_postMessage(channel="C0MQL00001", text=str(n))["ts"] for n in range(5)]

    def texts(**how: Any) -> list[str]:
        return [message["text"] for message in client.conversations_history(channel="C0MQL00001", **how)["messages"]]

    assert texts() == ["4", "3", "2", "1", "0"]
    assert texts(oldest=stamps[1], latest=stamps[3]) == ["2"]
    assert texts(oldest=stamps[1], latest=stamps[3], inclusive=True) == ["3", "2", "1"]
    first = client.conversations_history(channel="C0MQL00001", limit=2)
    assert first["has_more"]
    assert texts(limit=2, cursor=first["response_metadata"]["next_cursor"]) == ["2", "1"]
    assert [len(page["messages"]) for page in client.conversations_history(channel="C0MQL00001", limit=2)] == [2, 2, 1]
    assert refusal(client.conversations_history, channel="C0MQL00001", cursor="made up") == "invalid_cursor"
    assert refusal(client.conversations_history, channel="C0MQL00001", oldest="noon") == "invalid_ts_oldest"
    assert refusal(client.conversations_history, channel="C0MQL00001", limit=1000) == "invalid_limit"


def test_threads_are_read_from_parent_or_reply(slack: Playground, client: WebClient) -> None:
    parent = client.chat_postMessage(channel="C0MQL00001", text="parent")
    reply = client.chat_postMessage(channel="C0MQL00001", text="reply", thread_ts=parent["ts"])
    nested = client.chat_postMessage(channel="C0MQL00001", text="nested", thread_ts=reply["ts"])
    assert nested["message"]["thread_ts"] == parent["ts"]
    for ts in (parent["ts"], reply["ts"]):
        thread = client.conversations_replies(channel="C0MQL00001", ts=ts)["messages"]
        assert [message["text"] for message in thread] == ["parent", "reply", "nested"]
    assert [message["text"] for message in client.conversations_history(channel="C0MQL00001")["messages"]] == ["parent"]
    assert refusal(client.conversations_replies, channel="C0MQL00001", ts="1.000000") == "thread_not_found"
    card = slack.channel("mql").expect("parent")
    assert [message.text for message in slack.channel("mql").thread(card).messages] == ["reply", "nested"]


def test_reading_needs_membership(slack: Playground, client: WebClient) -> None:
    slack.admin.remove_bot("mql")
    assert refusal(client.conversations_history, channel="C0MQL00001") == "not_in_channel"
    client.conversations_join(channel="C0MQL00001")
    assert client.conversations_history(channel="C0MQL00001")["messages"] == []
    assert refusal(client.conversations_info, channel="C0NOWHERE0") == "channel_not_found"


def test_channels_and_members_are_listed_in_pages(slack: Playground, client: WebClient) -> None:
    slack.admin.add_channel("secret", ("sato",), private=True)
    slack.admin.archive("general")
    names = [channel["name"] for channel in client.conversations_list(exclude_archived=True)["channels"]]
    assert names == ["mql", "mql-intake", "marketing", "sales"]
    assert [channel["name"] for channel in client.conversations_list(types="private_channel")["channels"]] == ["secret"]
    assert refusal(client.conversations_list, types="secret_channel") == "invalid_types"
    pages = [len(page["members"]) for page in client.conversations_members(channel="C0MQL00001", limit=3)]
    assert pages == [3, 3, 2]
    assert client.conversations_info(channel="C0MQL00001")["channel"]["is_member"] is True


def test_people_are_found_by_id_and_email(slack: Playground, client: WebClient) -> None:
    sato = client.users_info(user="U0SATO0001", include_locale=True)["user"]
    assert (sato["locale"], sato["tz"], sato["real_name"]) == ("ja-JP", "Asia/Tokyo", "佐藤 葵")
    assert "locale" not in client.users_info(user="U0SATO0001")["user"]
    assert client.users_lookupByEmail(email="SATO@sample.example")["user"]["id"] == "U0SATO0001"
    assert refusal(client.users_lookupByEmail, email="nobody@sample.example") == "users_not_found"
    assert refusal(client.users_info, user="U0NOBODY00") == "user_not_found"
    slack.admin.deactivate("sato")
    assert refusal(client.users_lookupByEmail, email="sato@sample.example") == "users_not_found"
    members = {member["name"]: member["deleted"] for member in client.users_list()["members"]}
    assert members["sato"] is True
    assert members["kim"] is False


def test_user_groups_are_listed_with_members_and_count_where_asked_for(slack: Playground, client: WebClient) -> None:
    (leads,) = client.usergroups_list()["usergroups"]
    assert (leads["id"], leads["handle"], leads["name"]) == ("S0LEADS001", "sales-leads", "営業リーダー / Sales leads")
    assert leads["date_delete"] == 0
    assert not {"users", "user_count"} & leads.keys()
    (full,) = client.usergroups_list(include_users=True, include_count=True)["usergroups"]
    assert (full["users"], full["user_count"]) == (["U0TANAKA01", "U0YAMADA01"], 2)
    group = slack.admin.add_usergroup("sales-team", ("sato", "suzuki"))
    assert client.usergroups_users_list(usergroup=group.id)["users"] == ["U0SATO0001", "U0SUZUKI01"]
    assert refusal(client.usergroups_users_list, usergroup="S0") == "no_such_subteam"
    assert refusal(client.api_call, "usergroups.list", params={"include_users": "some"}) == "invalid_arguments"


def test_a_disabled_user_group_is_hidden_unless_asked_for(slack: Playground, client: WebClient) -> None:
    slack.admin.disable_usergroup("sales-leads")
    assert client.usergroups_list()["usergroups"] == []
    (group,) = client.usergroups_list(include_disabled=True)["usergroups"]
    assert group["date_delete"] == slack.now().timestamp()
    assert refusal(client.usergroups_users_list, usergroup="S0LEADS001") == "no_such_subteam"
    members = client.usergroups_users_list(usergroup="S0LEADS001", include_disabled=True)
    assert members["users"] == ["U0TANAKA01", "U0YAMADA01"]


def test_a_free_plan_has_no_user_groups() -> None:
    with Playground(team=replace(SAMPLE_TEAM, paid=False)) as free:
        assert refusal(client_of(free).usergroups_list) == "plan_upgrade_required"
        assert refusal(client_of(free).usergroups_users_list, usergroup="S0LEADS001") == "plan_upgrade_required"


def test_bots_team_and_links(slack: Playground, client: WebClient) -> None:
    assert client.bots_info(bot=slack.app("HubSpot").bot_id)["bot"]["name"] == "HubSpot"
    assert refusal(client.bots_info, bot="B0") == "bot_not_found"
    assert client.team_info()["team"]["name"] == "Sample Inc."
    posted = client.chat_postMessage(channel="C0MQL00001", text="x")
    link = client.chat_getPermalink(channel="C0MQL00001", message_ts=posted["ts"])["permalink"]
    assert link == f"https://sample-inc.slack.com/archives/C0MQL00001/p{posted['ts'].replace('.', '')}"
    client.reactions_add(channel="C0MQL00001", name="eyes", timestamp=posted["ts"])
    assert refusal(client.reactions_add, channel="C0MQL00001", name="eyes", timestamp=posted["ts"]) == "already_reacted"


def test_blocks_can_be_validated_without_sending(client: WebClient) -> None:
    assert client.blocks_validate(blocks=[section()])["ok"]
    assert refusal(client.blocks_validate, blocks=[section("")]) == "invalid_blocks"
    assert refusal(client.blocks_validate, view={"type": "modal"}) == "invalid_view"
    assert refusal(client.blocks_validate, message={"blocks": [{"type": "header", "text": plain("")}]}) == (
        "invalid_message"
    )
    assert refusal(client.blocks_validate) == "invalid_arguments"


def test_without_a_home_tab_nothing_is_published(modest: Playground) -> None:
    home = {"type": "home", "blocks": []}
    assert refusal(client_of(modest).views_publish, user_id="U0SATO0001", view=home) == "not_enabled"


@pytest.mark.parametrize(("over", "taken"), [(0, True), (1, False)])
def test_all_blocks_of_a_message_together_have_a_limit(
    slack: Playground, client: WebClient, over: int, taken: bool
) -> None:
    ts = client.chat_postMessage(channel="#mql", text="x")["ts"]
    blocks = [section("あ" * 3000) for _ in range(4)]
    rest = BLOCKS_LIMIT - len(json.dumps([*blocks, section("")], ensure_ascii=False, separators=(",", ":")))
    blocks.append(section("a" * (rest + over)))
    new: dict[str, Any] = {"channel": "C0MQL00001", "text": "x", "blocks": blocks}
    if taken:
        assert client.chat_postMessage(**new)["ok"]
        assert client.chat_update(ts=ts, **new)["ok"]
    else:
        assert refusal(client.chat_postMessage, **new) == "msg_blocks_too_long"
        assert refusal(client.chat_update, ts=ts, **new) == "msg_blocks_too_long"
    assert client.chat_postEphemeral(user="U0SATO0001", **new)["ok"]
