from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.core.teamfile import Account
from bot.slack.directory import SlackDirectory
from bot.slack.gateway import Denied, Gateway, NotTaken
from playground import Fault, Playground


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
    slack.deactivate("sato")
    assert directory.user(slack.user("sato").id) == Account(slack.user("sato").id, active=False)


def test_slack_channels_are_found_by_name_and_private_ones_only_where_the_bot_is(
    slack: Playground, directory: SlackDirectory
) -> None:
    inside = slack.add_channel("商談", private=True)
    slack.add_channel("役員会", private=True, bot=False)
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
    slack.remove_bot("sales")
    assert directory.channel_trouble("C0SALES001") == "bot_not_in_channel"
    slack.archive("general")
    assert directory.channel_trouble("C0GENERAL1") == "channel_archived"
