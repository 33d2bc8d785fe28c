"""What people read, what is new to them, and what the tools for tests say when something is missing."""

from typing import Any

import pytest
from slack_sdk import WebClient

from playground import ClientRefused, Playground
from playground.client.visible_text import TextRenderer
from tests.patience import LONGEST
from tests.playground.kit import actions, button, plain, section


@pytest.mark.parametrize(
    ("markup", "read"),
    [
        ("*Acme* is _new_ and ~old~ `code`", "Acme is new and old code"),
        ("会社:*Acme*様", "会社:*Acme*様"),
        ("会社: *Acme* 様", "会社: Acme 様"),
        ("<@U0SATO0001> in <#C0MQL00001>", "@佐藤 葵 in #mql"),
        ("<https://example.com|the CRM> <https://example.com>", "the CRM https://example.com"),
        ("<mailto:a@example.com|a@example.com>", "a@example.com"),
        ("<!here> <!channel>", "@here @channel"),
        ("<!subteam^S0LEADS001> <!subteam^S0LEADS001|@leads> <!subteam^S0NOBODY01>", "@sales-leads @leads @S0NOBODY01"),
        ("<!date^1795000000^{date_short_pretty} {time}|Nov 18, 11:06>", "Nov 18, 11:06"),
        ("&lt;!channel&gt; R&amp;D", "<!channel> R&D"),
        ("2*3*4", "2*3*4"),
    ],
)
def test_markup_is_read_as_slack_shows_it(slack: Playground, markup: str, read: str) -> None:
    assert TextRenderer(slack.workspace).mrkdwn(markup) == read


def test_a_message_is_read_whole(slack: Playground, client: WebClient) -> None:
    date: dict[str, Any] = {"type": "date", "timestamp": 1_795_000_000, "format": "{ago}", "fallback": "in 3 h"}
    inside = [{"type": "user", "user_id": "U0SATO0001"}, {"type": "text", "text": " has "}, date]
    overflow = {"type": "overflow", "action_id": "more", "options": [{"text": plain("Reassign"), "value": "r"}]}
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": plain("New MQL & more")},
        {"type": "section", "fields": [plain("Score"), plain("82")]},
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": inside}]},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "from *Web*"}]},
        {"type": "table", "rows": [[{"type": "raw_text", "text": "Rep"}, {"type": "raw_number", "value": 7}]]},
        actions(button("Accept"), overflow),
    ]
    client.chat_postMessage(channel="#mql", text="Only in the notification", blocks=blocks)
    card = slack.channel("mql").expect("New MQL & more", "82", "@佐藤 葵 has in 3 h", "from Web", "Rep | 7")
    assert card.buttons == ["Accept", "Reassign"]
    assert "Only in the notification" not in card.text
    assert card.notification == "Only in the notification"


def test_attachments_are_read_too(slack: Playground) -> None:
    field = {"title": "Company", "value": "Acme"}
    slack.app("Forms").posts("mql", attachments=[{"pretext": "New", "title": "Lead", "fields": [field]}])
    assert slack.channel("mql").expect("Company\nAcme").text == "New\nLead\nCompany\nAcme"


def test_only_live_markup_notifies_or_links(slack: Playground, client: WebClient) -> None:
    hostile = section("&lt;!channel&gt; &lt;https://evil.example|click&gt;")
    inert = {"type": "header", "text": plain("<!everyone> <@U0SATO0001>")}
    client.chat_postMessage(channel="#mql", text="quiet", blocks=[hostile, inert])
    quiet = slack.channel("mql").expect("<!channel>", "<https://evil.example|click>")
    assert (quiet.mentions, quiet.links) == ([], [])
    parts = [{"type": "user", "user_id": "U0ITO00001"}, {"type": "link", "url": "https://example.com"}]
    loud = [
        section("<!here> <@U0SATO0001> <https://crm.example|CRM>"),
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": parts}]},
        actions(button("Open", url="https://crm.example/7")),
    ]
    client.chat_postMessage(channel="#mql", text="loud", blocks=loud, attachments=[{"text": "<!channel>"}])
    message = slack.channel("mql").messages[-1]
    assert message.mentions == ["@here", "@佐藤 葵", "@伊藤 結衣", "@channel"]
    assert message.links == ["https://crm.example", "https://example.com", "https://crm.example/7"]


def test_a_user_group_is_notified_by_mrkdwn_and_by_rich_text(slack: Playground, client: WebClient) -> None:
    called = "<!subteam^S0LEADS001>"
    part = {"type": "usergroup", "usergroup_id": "S0LEADS001"}
    rich = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [part]}]}
    for text, blocks in ((called, []), ("x", [section(called)]), ("x", [rich])):
        client.chat_postMessage(channel="#mql", text=text, blocks=blocks)
        assert slack.channel("mql").messages[-1].text == "@sales-leads"
        assert slack.channel("mql").messages[-1].mentions == ["@sales-leads"]


def test_people_mention_people_and_user_groups_anywhere_in_what_they_type(slack: Playground) -> None:
    slack.user("sato").says("Ask <@U0TANAKA01> or <!subteam^S0LEADS001>, <b>", channel="mql")
    message = slack.channel("mql").expect("Ask @田中 美咲 or @sales-leads, <b>")
    assert message.mentions == ["@田中 美咲", "@sales-leads"]


def test_private_conversations_are_for_their_members(slack: Playground) -> None:
    slack.admin.add_channel("leaders", ("yamada",), private=True)
    with pytest.raises(ClientRefused, match="not in #leaders"):
        slack.user("sato").sees("leaders")
    slack.user("yamada").sees("leaders").expect_nothing()


def test_what_is_gone_cannot_be_pressed(slack: Playground, client: WebClient) -> None:
    posted = client.chat_postMessage(channel="C0MQL00001", text="x", blocks=[actions(button())])
    card = slack.channel("mql").messages[-1]
    client.chat_delete(channel="C0MQL00001", ts=posted["ts"])
    with pytest.raises(ClientRefused, match="does not see this message"):
        slack.user("sato").press("Accept", in_=card)


def test_new_is_what_came_since_the_reader_looked(slack: Playground, client: WebClient) -> None:
    dm = slack.dm("sato")
    dm.expect_nothing()
    posted = client.chat_postMessage(channel="U0SATO0001", text="One")
    assert [message.text for message in dm.unread()] == ["One"]
    dm.expect_nothing()
    client.chat_update(channel=posted["channel"], ts=posted["ts"], text="One, edited")
    dm.expect_nothing()
    client.chat_postMessage(channel="U0SATO0001", text="Two")
    with pytest.raises(AssertionError, match="Two"):
        dm.expect_nothing()
    client.chat_postMessage(channel="U0SATO0001", text="Three")
    dm.expect("Three")
    dm.expect_nothing()
    slack.user("sato").says("my own words")
    dm.expect_nothing()


def test_readers_do_not_share_a_mark(slack: Playground, client: WebClient) -> None:
    client.chat_postMessage(channel="#mql", text="One")
    slack.user("sato").sees("mql").expect("One")
    assert len(slack.user("brown").sees("mql").unread()) == 1
    assert len(slack.channel("mql").unread()) == 1


def test_a_missing_message_is_explained_by_what_is_there(slack: Playground, client: WebClient) -> None:
    with pytest.raises(AssertionError, match="there is: nothing"):
        slack.channel("mql").expect("Acme")
    client.chat_postMessage(channel="#mql", text="x", blocks=[section("Umbrella"), actions(button("Accept"))])
    with pytest.raises(AssertionError, match=r"'Acme', found 0; in .*mql.*\n.*Umbrella.*Accept"):
        slack.channel("mql").expect("Acme")
    with pytest.raises(AssertionError, match="expected 2 with 'Umbrella', found 1"):
        slack.channel("mql").expect("Umbrella", count=2)
    with pytest.raises(AssertionError, match="expected no message"):
        slack.channel("mql").expect_none("Umbrella")


def test_a_message_can_be_waited_for(slack: Playground, client: WebClient) -> None:
    import threading

    timer = threading.Timer(0.05, lambda: client.chat_postMessage(channel="#mql", text="Late"))
    timer.start()
    slack.channel("mql").expect("Late", within=LONGEST)
    timer.join()
    with pytest.raises(AssertionError, match="Never"):
        slack.channel("mql").expect("Never", within=0.02)


def test_people_are_found_by_short_name_real_name_and_id(slack: Playground) -> None:
    assert slack.user("sato").id == slack.user("佐藤 葵").id == slack.user("U0SATO0001").id
    with pytest.raises(LookupError, match=r"there are .*sato"):
        slack.user("nobody")
    with pytest.raises(LookupError, match="there are mql"):
        slack.channel("nowhere")
    assert [person.name for person in slack.people] == ["sato", "suzuki", "brown", "tanaka", "yamada", "ito", "kim"]


def test_a_deactivated_person_does_nothing_more(slack: Playground) -> None:
    slack.admin.deactivate("sato")
    with pytest.raises(ClientRefused, match="deactivated"):
        slack.user("sato").says("Hello", channel="mql")


def test_people_act_only_where_they_are(slack: Playground) -> None:
    slack.admin.add_channel("leaders", ("yamada",))
    with pytest.raises(ClientRefused, match="not in #leaders"):
        slack.user("sato").says("Hello", channel="leaders")
    newcomer = slack.admin.add_user("mori", "森 陽菜", channels=("sales",))
    assert "mori" in slack.channel("sales").members
    with pytest.raises(ClientRefused, match="not in #mql"):
        newcomer.says("Hello", channel="mql")
    slack.admin.archive("sales")
    with pytest.raises(ClientRefused, match="archived"):
        newcomer.says("Hello", channel="sales")


def test_a_channel_needs_to_know_who_presses(slack: Playground, client: WebClient) -> None:
    client.chat_postMessage(channel="#mql", text="x", blocks=[actions(button())])
    with pytest.raises(LookupError, match="by='sato'"):
        slack.channel("mql").press("Accept")
    with pytest.raises(ClientRefused, match="there are: Accept"):
        slack.channel("mql").press("Decline", by="sato")


def test_the_same_ids_are_given_in_every_run() -> None:
    first, second = Playground(), Playground()
    assert first.admin.add_user("mori").id == second.admin.add_user("mori").id
    assert first.app("HubSpot").bot_id == second.app("HubSpot").bot_id
    with pytest.raises(RuntimeError, match="not started"):
        _ = first.base_url
