from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from bot.core.teamfile import Account, Unresolved
from bot.slack.people.directory import SlackDirectory
from bot.slack.web_api.gateway import Denied, Gateway, NotTaken
from playground import SAMPLE_TEAM, Fault, Playground


@pytest.fixture
def slack() -> Iterator[Playground]:
    with Playground() as playground:
        yield playground


@pytest.fixture
def waited() -> list[float]:
    return []


@pytest.fixture
def directory(slack: Playground, waited: list[float]) -> SlackDirectory:
    return SlackDirectory(Gateway(slack.bot_token, slack.api_url), waited.append)


def test_people_are_found_by_id_and_by_address(slack: Playground, directory: SlackDirectory) -> None:
    sato = slack.user("sato").id
    assert directory.user(sato) == Account(sato)
    assert directory.user_by_email("SATO@sample.example") == Account(sato)
    assert directory.user("U0NOBODY01") is None
    assert directory.user_by_email("nobody@sample.example") is None


def test_a_closed_account_is_known_as_such(slack: Playground, directory: SlackDirectory) -> None:
    slack.admin.deactivate("sato")
    assert directory.user(slack.user("sato").id) == Account(slack.user("sato").id, active=False)


def test_slack_channels_are_found_by_name_and_private_ones_only_where_the_bot_is(
    slack: Playground, directory: SlackDirectory
) -> None:
    inside = slack.admin.add_channel("商談", private=True)
    slack.admin.add_channel("役員会", private=True, bot=False)
    assert directory.channel_by_name("mql") == "C0MQL00001"
    assert directory.channel_by_name("商談") == inside.id
    assert directory.channel_by_name("役員会") is None


def test_the_workspace_is_that_of_the_token(slack: Playground, directory: SlackDirectory) -> None:
    assert directory.team() == slack.team_id


def test_being_asked_to_slow_down_is_waited_out(
    slack: Playground, directory: SlackDirectory, waited: list[float]
) -> None:
    slack.faults.add("users.info", Fault.RATE_LIMIT, times=2, seconds=3)
    assert directory.user("U0SATO0001") is not None
    assert waited == [3, 3]


def test_patience_has_an_end(slack: Playground, directory: SlackDirectory, waited: list[float]) -> None:
    slack.faults.add("users.info", Fault.RATE_LIMIT, times=99, seconds=1)
    with pytest.raises(NotTaken):
        directory.user("U0SATO0001")
    assert len(waited) == 4


def test_a_refused_token_is_not_an_unknown_person(slack: Playground, directory: SlackDirectory) -> None:
    slack.revoke_token()
    with pytest.raises(Denied, match="token_revoked"):
        directory.user("U0SATO0001")


def test_what_keeps_the_bot_from_posting_to_a_channel_is_named(directory: SlackDirectory, slack: Playground) -> None:
    assert directory.channel_trouble("C0MQL00001") is None
    assert directory.channel_trouble("C0NOPE0000") == "no_such_channel"
    slack.admin.remove_bot("sales")
    assert directory.channel_trouble("C0SALES001") == "bot_not_in_channel"
    slack.admin.archive("general")
    assert directory.channel_trouble("C0GENERAL1") == "channel_archived"


def unresolved(directory: SlackDirectory, mention: str) -> tuple[str, Mapping[str, Any]]:
    with pytest.raises(Unresolved) as caught:
        directory.user_group(mention)
    return caught.value.code, caught.value.values


def test_a_user_group_is_found_by_handle_and_by_id(directory: SlackDirectory) -> None:
    assert directory.user_group("@sales-leads") == "S0LEADS001"
    assert directory.user_group("@Sales-Leads") == "S0LEADS001"
    assert directory.user_group("S0LEADS001") == "S0LEADS001"


def test_the_nearest_handle_in_use_is_named_where_there_is_no_such_group(
    slack: Playground, directory: SlackDirectory
) -> None:
    slack.admin.add_usergroup("sales-lead", ("sato",))
    slack.admin.disable_usergroup("sales-lead")
    assert unresolved(directory, "@sales-laed") == ("no_such_group", {"meant": "@sales-leads"})
    assert unresolved(directory, "@board") == ("no_such_group", {"meant": None})
    assert unresolved(directory, "S0NOBODY01") == ("no_such_group", {"meant": None})


def test_a_disabled_user_group_is_known_as_such_unless_another_has_its_handle_now(
    slack: Playground, directory: SlackDirectory
) -> None:
    first = slack.admin.add_usergroup("board", ("sato",))
    slack.admin.disable_usergroup("board")
    second = slack.admin.add_usergroup("board", ("sato",))
    slack.admin.disable_usergroup("sales-leads")
    assert unresolved(directory, "@sales-leads")[0] == "group_disabled"
    assert unresolved(directory, first.id)[0] == "group_disabled"
    assert directory.user_group("@board") == second.id


def test_user_groups_need_a_scope_and_a_paid_plan() -> None:
    manifest = {"oauth_config": {"scopes": {"bot": ["users:read"]}}}
    with Playground(manifest) as modest:
        asked = SlackDirectory(Gateway(modest.bot_token, modest.api_url))
        assert unresolved(asked, "@sales-leads") == ("groups_need_scope", {"scope": "usergroups:read"})
    with Playground(team=replace(SAMPLE_TEAM, paid=False)) as free:
        asked = SlackDirectory(Gateway(free.bot_token, free.api_url))
        assert unresolved(asked, "@sales-leads")[0] == "groups_need_plan"


def test_user_groups_are_asked_for_once_and_a_refused_token_is_no_missing_group(
    slack: Playground, directory: SlackDirectory
) -> None:
    for _ in range(2):
        directory.user_group("@sales-leads")
    assert len([entry for entry in slack.log if entry.method == "usergroups.list"]) == 1
    slack.revoke_token()
    with pytest.raises(Denied, match="token_revoked"):
        SlackDirectory(Gateway(slack.bot_token, slack.api_url)).user_group("@sales-leads")
