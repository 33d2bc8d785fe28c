"""What the page asks of the bot's side, and what it is told of a conversation."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from slack_sdk import WebClient

from playground import ClientRefused, Playground
from playground.companion import Quiet
from playground.web import feed
from tests.playground.kit import Clock


class Team:
    """A bot's side that writes down what it is asked."""

    timezone = "Asia/Tokyo"

    def __init__(self, clock: Clock) -> None:
        self.clock, self.bot_is_running = clock, True
        self.checkpoint: datetime | None = None
        self.digest = datetime(2026, 11, 30, 0, 0, tzinfo=UTC)
        self.night: Quiet | None = None
        self.taken: list[dict[str, Any]] = []
        self.wanted = ["ja"]

    def now(self) -> datetime:
        return self.clock.now()

    def advance(self, by: timedelta) -> None:
        self.clock.advance(by)

    @property
    def language(self) -> str:
        return self.wanted[-1]

    def begin_again(self, language: str) -> None:
        if language not in ("ja", "en"):
            raise ValueError(f"{language!r} is no language of ours")
        self.wanted.append(language)

    def next_checkpoint(self) -> datetime | None:
        return self.checkpoint

    def next_digest(self) -> datetime | None:
        return self.digest

    def quiet(self) -> Quiet | None:
        return self.night

    def send_webhook(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if not self.bot_is_running:
            raise ConnectionRefusedError("nobody there")
        self.taken.append(body)
        return 202, {"number": len(self.taken)}

    def stop_bot(self) -> None:
        self.bot_is_running = False

    def start_bot(self) -> None:
        self.bot_is_running = True


@pytest.fixture
def team(slack: Playground, clock: Clock) -> Team:
    slack.companion = team = Team(clock)
    return team


def test_time_jumps_ahead_and_never_back(slack: Playground, team: Team) -> None:
    # It is Tuesday, 24 November 2026, 10:00 in Tokyo.
    slack.desk.jump(seconds=900)
    assert team.now() == datetime(2026, 11, 24, 1, 15, tzinfo=UTC)
    slack.desk.jump("2026-11-24T12:00")
    assert team.now() == datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
    assert slack.desk.jump("digest")["held"] == 0
    assert team.now() == datetime(2026, 11, 30, 0, 0, 1, tzinfo=UTC)
    for back in ("2026-11-24T12:00", "yesterday", "checkpoint"):
        with pytest.raises(ClientRefused):
            slack.desk.jump(back)
    with pytest.raises(ClientRefused, match="does not go back"):
        slack.desk.jump(seconds=-1)


def test_the_night_lasts_until_the_morning(slack: Playground, team: Team) -> None:
    before = team.now()
    slack.desk.jump("morning")
    assert team.now() == before, "it is day"
    team.night = Quiet(datetime(2026, 11, 24, 23, 0, tzinfo=UTC), 2)
    state = slack.desk.state()
    assert state is not None
    assert state["quiet"] == {"until": "2026-11-24T23:00:00+00:00", "held": 2}
    assert slack.desk.jump("morning")["held"] == 2
    assert team.now() == datetime(2026, 11, 24, 23, 0, 1, tzinfo=UTC)


def test_a_webhook_and_its_answer_stand_in_the_log(slack: Playground, team: Team) -> None:
    assert slack.desk.webhook({"company": "Acme"}) == {"status": 202, "answer": {"number": 1}}
    slack.desk.switch(running=False)
    with pytest.raises(ClientRefused):
        slack.desk.webhook({"company": "Acme"})
    assert [entry.status for entry in slack.log if entry.method == "webhook"] == [202, None]
    state = slack.desk.state()
    assert state is not None
    assert state["running"] is False


def test_it_may_begin_anew_in_another_language_that_there_is(slack: Playground, team: Team) -> None:
    slack.desk.begin_again("en")
    state = slack.desk.state()
    assert state is not None
    assert state["language"] == "en"
    with pytest.raises(ClientRefused):
        slack.desk.begin_again("fr")


def test_another_playground_begins_where_one_has_ended(slack: Playground, client: WebClient) -> None:
    posted = client.chat_postMessage(channel="#mql", text="one")
    client.chat_postMessage(channel="U0SATO0001", text="for you")
    saved = json.loads(json.dumps(slack.save()))
    with Playground(saved=saved, now=slack.now) as later:
        assert [message.text for message in later.channel("mql").messages] == ["one"]
        assert [message.text for message in later.dm("sato").messages] == ["for you"]
        assert later.dm("sato").unread() == []
        token = WebClient(later.bot_token, base_url=later.api_url)
        token.chat_update(channel="C0MQL00001", ts=posted["ts"], text="changed")
        fresh = token.chat_postMessage(channel="#mql", text="two")
        assert float(fresh["ts"]) > float(posted["ts"])
        assert [message.text for message in later.channel("mql").messages] == ["changed", "two"]


def test_a_playground_alone_has_no_desk(slack: Playground) -> None:
    assert slack.desk.state() is None
    with pytest.raises(ClientRefused):
        slack.desk.switch(running=True)


def test_only_what_changed_since_the_last_look_is_told(slack: Playground, client: WebClient) -> None:
    first = client.chat_postMessage(channel="#mql", text="one")["ts"]
    client.chat_postMessage(channel="#mql", text="two")
    everything = feed.conversation(slack.workspace, "sato", "mql", -1)
    assert [message["text"] for message in everything["messages"]] == ["one", "two"]
    assert feed.conversation(slack.workspace, "sato", "mql", everything["revision"])["messages"] == []
    client.chat_postMessage(channel="#mql", text="reply", thread_ts=first)
    fresh = feed.conversation(slack.workspace, "sato", "mql", everything["revision"])
    assert [(message["text"], message.get("reply_count")) for message in fresh["messages"]] == [
        ("one", 1),
        ("reply", None),
    ]
    client.chat_delete(channel="C0MQL00001", ts=first)
    assert feed.conversation(slack.workspace, "sato", "mql", fresh["revision"])["gone"] == [first]


def test_a_reply_or_an_own_message_is_no_news(slack: Playground, client: WebClient) -> None:
    slack.user("sato").says("mine", "mql")
    first = client.chat_postMessage(channel="#mql", text="one")["ts"]
    client.chat_postMessage(channel="#mql", text="reply", thread_ts=first)
    client.chat_postEphemeral(channel="C0MQL00001", user="U0BROWN001", text="psst")
    channel = slack.workspace.conversation("mql")
    assert (feed.unread(channel, "U0SATO0001"), feed.unread(channel, "U0BROWN001")) == (1, 3)
