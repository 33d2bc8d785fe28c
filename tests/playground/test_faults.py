"""Faults on demand: which of them Slack has taken, and what the caller sees."""

import json
import threading
from datetime import timedelta
from http.client import HTTPConnection, RemoteDisconnected
from typing import Any
from urllib.error import URLError

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from playground import Fault, Playground
from playground.faults import Faults
from tests.patience import LONGEST, own_seconds
from tests.playground.kit import Clock, refusal

BROKEN = (RemoteDisconnected, URLError, ConnectionError, TimeoutError)


def post(client: WebClient, text: str = "x") -> Any:
    return client.chat_postMessage(channel="#mql", text=text)


def taken(slack: Playground) -> int:
    return len(slack.channel("mql").messages)


@pytest.mark.parametrize(("fault", "posted"), [(Fault.LOSE_ANSWER, 1), (Fault.REFUSE, 0)])
def test_a_connection_may_break_with_or_without_the_post(
    slack: Playground, client: WebClient, fault: Fault, posted: int
) -> None:
    slack.faults.add("chat.postMessage", fault, times=1)
    with pytest.raises(BROKEN):
        post(client)
    assert taken(slack) == posted
    assert post(client)["ok"]


def test_unplugged_it_refuses_connections_and_plugged_in_again_it_remembers(
    slack: Playground, client: WebClient
) -> None:
    post(client)
    slack.unplug()
    with pytest.raises(URLError, match="refused"):
        post(client)
    slack.plug_in()
    assert post(client)["ok"]
    assert taken(slack) == 2


@pytest.mark.parametrize(("fault", "posted"), [(Fault.ERROR_500, 0), (Fault.ERROR_500_AFTER, 1)])
def test_slack_may_fail_before_or_after_taking_the_post(
    slack: Playground, client: WebClient, fault: Fault, posted: int
) -> None:
    slack.faults.add("chat.postMessage", fault, times=1)
    with pytest.raises(SlackApiError) as refused:
        post(client)
    assert refused.value.response.status_code == 500
    assert taken(slack) == posted


@pytest.mark.parametrize(("fault", "posted"), [(Fault.HANG, 0), (Fault.HANG_AFTER, 1)])
def test_slack_may_hang_before_or_after_taking_the_post(slack: Playground, fault: Fault, posted: int) -> None:
    slack.faults.add("chat.postMessage", fault, times=1, seconds=LONGEST)
    hasty = WebClient(token=slack.bot_token, base_url=slack.api_url, timeout=LONGEST, retry_handlers=[])
    hasty.timeout = 0.1  # type: ignore[assignment]
    started = own_seconds()
    with pytest.raises(BROKEN):
        post(hasty)
    assert own_seconds() - started < 5
    if posted:
        slack.channel("mql").expect("x", within=LONGEST)
    assert taken(slack) == posted


@pytest.mark.parametrize(
    ("fault", "posted", "status", "body"),
    [
        (Fault.HTML_PAGE, 0, 200, b"<!doctype html>"),
        (Fault.HTML_PAGE_AFTER, 1, 200, b"<!doctype html>"),
        (Fault.REDIRECT, 0, 302, b"<!doctype html>"),
        (Fault.EMPTY_ANSWER, 1, 200, b""),
        (Fault.BARE_OK, 0, 200, b'{"ok": true}'),
        (Fault.TRUNCATED, 1, 200, b'{"ok": true, "channel": "C0MQL00001"'),
        (Fault.WRONG_TYPE, 1, 200, b'{"ok": true, "channel": "C0MQL00001"'),
    ],
)
def test_something_else_may_answer_in_slacks_place(
    slack: Playground, fault: Fault, posted: int, status: int, body: bytes
) -> None:
    slack.faults.add("chat.postMessage", fault, times=1)
    connection = HTTPConnection(slack.base_url.removeprefix("http://"), timeout=LONGEST)
    headers = {"Authorization": f"Bearer {slack.bot_token}", "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/api/chat.postMessage", "channel=%23mql&text=x", headers)
    answer = connection.getresponse()
    came = answer.read()
    connection.close()
    assert (taken(slack), answer.status) == (posted, status)
    assert came.startswith(body)
    assert (came == b"") == (fault == Fault.EMPTY_ANSWER)
    labelled = answer.headers["content-type"].startswith("application/json")
    assert labelled == (fault in (Fault.BARE_OK, Fault.TRUNCATED))
    if fault == Fault.TRUNCATED:
        with pytest.raises(ValueError, match=r"delimiter|Unterminated|Expecting"):
            json.loads(came)


def test_a_short_hang_answers_in_the_end(slack: Playground, client: WebClient) -> None:
    slack.faults.add("chat.postMessage", Fault.HANG_AFTER, times=1, seconds=0.05)
    assert post(client)["ok"]
    slack.faults.add("chat.postMessage", Fault.HANG, times=1, seconds=0.05)
    with pytest.raises(BROKEN):
        post(client)


def test_slack_may_ask_to_wait(slack: Playground, client: WebClient) -> None:
    slack.faults.add("chat.postMessage", Fault.RATE_LIMIT, times=2, seconds=30)
    for _ in range(2):
        with pytest.raises(SlackApiError) as refused:
            post(client)
        assert refused.value.response.status_code == 429
        assert refused.value.response.headers["Retry-After"] == "30"
    assert post(client)["ok"]
    assert taken(slack) == 1


def test_a_fault_strikes_its_method_only_until_it_is_cleared(slack: Playground, client: WebClient) -> None:
    slack.faults.add("chat.update", Fault.ERROR_500)
    posted = post(client)
    with pytest.raises(SlackApiError):
        client.chat_update(channel=posted["channel"], ts=posted["ts"], text="y")
    slack.faults.clear()
    client.chat_update(channel=posted["channel"], ts=posted["ts"], text="y")
    slack.faults.add("*", Fault.ERROR_500)
    with pytest.raises(SlackApiError):
        client.auth_test()


def test_a_response_url_may_fail_too(slack: Playground) -> None:
    key = slack.views.new_response_url("C0MQL00001", "U0SATO0001")
    slack.faults.add("response_url", Fault.ERROR_500, times=1)
    hook = WebhookClient(f"{slack.base_url}/response/{key}", retry_handlers=[])
    assert hook.send(text="x").status_code == 500
    assert hook.send(text="x").status_code == 200


def test_faults_stand_in_the_log(slack: Playground, client: WebClient) -> None:
    slack.faults.add("chat.postMessage", Fault.REFUSE, times=1)
    with pytest.raises(BROKEN):
        post(client)
    assert slack.log.broken() == ["chat.postMessage: fault: refuse"]


def test_one_post_a_second_and_channel(slack: Playground, client: WebClient, clock: Clock) -> None:
    slack.rate_limits = True
    post(client)
    with pytest.raises(SlackApiError) as refused:
        post(client)
    answer = refused.value.response
    assert (answer.status_code, answer["error"], answer.headers["Retry-After"]) == (429, "ratelimited", "1")
    assert client.chat_postMessage(channel="#sales", text="x")["ok"]
    clock.advance(timedelta(seconds=1))
    assert post(client)["ok"]


@pytest.mark.parametrize(
    ("method", "arguments", "limit"),
    [
        ("users.list", {}, 20),
        ("conversations.history", {"channel": "C0MQL00001"}, 50),
        ("users.info", {"user": "U0SATO0001"}, 100),
    ],
)
def test_a_method_may_be_called_so_often_in_a_minute(
    slack: Playground, clock: Clock, method: str, arguments: dict[str, str], limit: int
) -> None:
    slack.rate_limits = True
    call = slack.web_api.call
    assert all(call(method, arguments, slack.bot_token).body["ok"] for _ in range(limit))
    over = call(method, arguments, slack.bot_token)
    assert (over.status, over.headers) == (429, {"Retry-After": "60"})
    clock.advance(timedelta(seconds=60))
    assert call(method, arguments, slack.bot_token).body["ok"]


def test_limits_are_off_unless_switched_on(client: WebClient) -> None:
    for _ in range(3):
        post(client)
    assert refusal(client.chat_update, channel="C0MQL00001", ts="1.0", text="x") == "message_not_found"


def test_the_sdks_own_retry_posts_twice_when_the_answer_is_lost(slack: Playground) -> None:
    """A contract with slack_sdk, and the reason why posts are sent with retry_handlers=[]."""
    slack.faults.add("chat.postMessage", Fault.LOSE_ANSWER, times=1)
    trusting = WebClient(token=slack.bot_token, base_url=slack.api_url)
    assert post(trusting)["ok"]
    assert taken(slack) == 2


def test_posts_from_many_threads_all_arrive_in_a_strict_order(slack: Playground) -> None:
    def work() -> None:
        for n in range(10):
            slack.web_api.call("chat.postMessage", {"channel": "#mql", "text": str(n)}, slack.bot_token)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stamps = [message.ts for message in slack.channel("mql").messages]
    assert len(stamps) == 80
    assert stamps == sorted(set(stamps))


def test_the_log_is_bounded(slack: Playground) -> None:
    for n in range(2100):
        slack.log.add(slack.now(), "from_bot", "auth.test", {"n": n}, {}, status=200)
    assert len(slack.log) == 2000
    assert next(iter(slack.log)).request == {"n": 100}
    slack.log.clear()
    assert slack.log.calls("auth.test") == []


def test_another_object_may_decide_what_goes_wrong(slack: Playground, client: WebClient) -> None:
    slack.faults = faults = Faults()
    faults.add("auth.test", Fault.ERROR_500, times=1)
    with pytest.raises(SlackApiError):
        client.auth_test()
    assert client.auth_test()["ok"] is True
