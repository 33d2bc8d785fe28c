"""The JSON interface for a browser page: what it shows, what it does, and whom it refuses."""

import itertools
import json
import threading
from collections.abc import Callable
from http.client import HTTPConnection
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from slack_bolt import App
from slack_sdk import WebClient

from playground import Playground
from tests.patience import LONGEST
from tests.playground.kit import Clock, actions, button, modal, remember, section, text_input

Json = dict[str, Any]
Ask = Callable[..., tuple[int, Json]]


@pytest.fixture
def ask(slack: Playground) -> Ask:
    """Send one request to the control interface and return status and JSON."""

    def send(path: str, body: Json | None = None, headers: dict[str, str] | None = None) -> tuple[int, Json]:
        host, _, port = slack.base_url.removeprefix("http://").partition(":")
        connection = HTTPConnection(host, int(port), timeout=LONGEST)
        sent = {"Content-Type": "application/json"} if body is not None else {}
        data = None if body is None else json.dumps(body)
        connection.request("GET" if body is None else "POST", f"/playground{path}", data, sent | (headers or {}))
        response = connection.getresponse()
        answer = json.loads(response.read())
        connection.close()
        return response.status, answer

    return send


def test_the_state_is_what_one_person_sees(slack: Playground, client: WebClient, ask: Ask) -> None:
    client.chat_postEphemeral(channel="C0MQL00001", user="U0SATO0001", text="Psst")
    client.chat_postMessage(channel="C0MQL00001", text="x", blocks=[section("<@U0SATO0001> has *Acme*")])
    _, seen = ask("/state?as=sato")
    mql = next(channel for channel in seen["channels"] if channel["name"] == "mql")
    assert [message["visible_text"] for message in mql["messages"]] == ["Psst", "@佐藤 葵 has Acme"]
    assert (mql["unread"], seen["reader"]["locale"], seen["team"]["name"]) == (2, "ja-JP", "Sample Inc.")
    _, other = ask("/state?as=brown")
    assert next(channel for channel in other["channels"] if channel["name"] == "mql")["unread"] == 1
    assert ask("/state?as=nobody")[0] == 404


def test_acts_are_done_and_their_outcome_told(slack: Playground, bot: App, client: WebClient, ask: Ask) -> None:
    pressed: list[Json] = []
    bot.action("accept")(remember(pressed))
    bot.event("message")(lambda: None)
    bot.command("/mql")(lambda ack: ack("Nothing is open."))
    posted = client.chat_postMessage(channel="#mql", text="x", blocks=[{**actions(button()), "block_id": "row/1"}])
    where = {"channel": posted["channel"], "ts": posted["ts"], "block": "row/1"}
    assert ask("/acts/press", {"user": "sato", "what": "accept", **where})[0] == 200
    assert pressed[0]["actions"][0]["block_id"] == "row/1"
    assert ask("/acts/press", {"user": "sato", "what": "accept", **where, "block": "row/2"})[0] == 409
    assert ask("/acts/type", {"user": "sato", "line": "/mql list", "channel": "mql"})[1]["text"] == "Nothing is open."
    _, sent = ask("/acts/say", {"user": "sato", "text": "Hello", "channel": "mql"})
    slack.channel("mql").expect("Hello")
    ask("/acts/edit", {"user": "sato", "channel": "mql", "ts": sent["ts"], "text": "Goodbye"})
    slack.channel("mql").expect("Goodbye")
    ask("/apps", {"app": "HubSpot", "channel": "mql-intake", "text": "New lead", "classic": True})
    assert slack.channel("mql-intake").expect("New lead").author == "HubSpot"
    assert ask("/acts/read", {"user": "brown", "channel": "mql"})[1]["text"] == "2"
    ask("/acts/status", {"user": "sato", "text": "On vacation", "emoji": ":palm_tree:", "expires": 1_780_000_000})
    (shown,) = (person for person in ask("/state?as=sato")[1]["people"] if person["name"] == "sato")
    assert (shown["status_text"], shown["status_emoji"]) == ("On vacation", ":palm_tree:")
    assert client.users_info(user=shown["id"])["user"]["profile"]["status_expiration"] == 1_780_000_000
    assert ask("/acts/status", {"user": "sato", "text": "", "expires": -1})[0] == 400


def test_a_modal_is_filled_sent_and_closed(slack: Playground, bot: App, client: WebClient, ask: Ask) -> None:
    bot.view("feedback")(lambda ack: ack())
    client.views_open(trigger_id=slack.views.new_trigger("U0SATO0001"), view=modal(text_input()))
    assert ask("/state?as=sato")[1]["modal"]["title"]["text"] == "Feedback"
    status, refused = ask("/acts/submit", {"user": "sato"})
    assert (status, refused["error"]) == (409, "client_refused")
    assert ask("/acts/choose", {"user": "sato", "in": "modal", "what": "Comment", "value": "y"})[0] == 200
    assert ask("/acts/submit", {"user": "sato", "values": {"comment": "x"}})[1]["errors"] == {}
    assert ask("/acts/close", {"user": "sato"})[0] == 409
    assert ask("/acts/home", {"user": "sato"})[0] == 200


def test_a_dead_bot_is_an_error_with_its_code(slack: Playground, ask: Ask) -> None:
    slack.connect("http://127.0.0.1:9/")
    status, problem = ask("/acts/type", {"user": "sato", "line": "/mql list"})
    assert (status, problem["code"]) == (502, "dispatch_failed")


def test_faults_settings_and_the_workspace_are_changed(slack: Playground, ask: Ask) -> None:
    assert ask("/faults", {"method": "chat.postMessage", "fault": "refuse", "times": 1})[0] == 200
    assert ask("/faults")[1]["faults"][0]["fault"] == "refuse"
    assert ask("/faults", {"method": "*", "fault": "sunstroke"})[0] == 400
    ask("/faults/clear", {})
    assert ask("/faults")[1]["faults"] == []
    ask("/settings", {"delivery_twice": True, "rate_limits": True})
    assert (slack.delivery_twice, slack.rate_limits) == (True, True)
    ask("/workspace/deactivate", {"name": "sato"})
    assert slack.user("sato").user.deleted
    assert ask("/workspace/explode", {"name": "sato"})[0] == 400
    assert ask("/acts/dance", {"user": "sato"})[0] == 400
    assert ask("/acts/press", {"user": "brown"})[0] == 400


ODD: list[Any] = [None, True, -1, 1.5, 1e300, "", "nan", "x", [], [1], {}, {"a": 1}]
WHOLE: list[tuple[str, Json]] = [
    (
        "/acts/press",
        {"user": "sato", "what": "accept", "channel": "C0MQL00001", "ts": "1.0", "block": "b", "in": "home"},
    ),
    ("/acts/choose", {"user": "sato", "in": "modal", "what": "Comment", "value": "y", "block": "b"}),
    ("/acts/submit", {"user": "sato", "values": {"comment": "x"}}),
    ("/acts/close", {"user": "sato", "everything": True}),
    ("/acts/type", {"user": "sato", "line": "/mql list", "channel": "mql"}),
    ("/acts/say", {"user": "sato", "text": "Hello", "channel": "mql", "thread": "1.0"}),
    ("/acts/edit", {"user": "sato", "channel": "mql", "ts": "1.0", "text": "Goodbye"}),
    ("/acts/read", {"user": "brown", "channel": "mql"}),
    ("/apps", {"app": "HubSpot", "channel": "mql", "text": "x", "attachments": [], "blocks": [], "classic": True}),
    ("/workflows/create_mql", {"inputs": {"company": "Acme"}}),
    ("/faults", {"method": "chat.delete", "fault": "refuse", "times": 1, "seconds": 1}),
    ("/faults/clear", {"fault": "refuse"}),
    ("/workspace/archive", {"name": "mql"}),
    ("/settings", {"delivery_twice": False, "rate_limits": False}),
    ("/advance", {"seconds": 1}),
    ("/desk/jump", {"to": "", "seconds": 1}),
    ("/desk/switch", {"running": True}),
    ("/desk/validate", {"blocks": [], "surface": "message"}),
]


@pytest.mark.alike
@pytest.mark.parametrize(("path", "body"), WHOLE, ids=lambda value: value if isinstance(value, str) else "")
def test_a_value_of_the_wrong_type_is_answered_with_what_is_wrong(
    slack: Playground, bot: App, client: WebClient, ask: Ask, path: str, body: Json
) -> None:
    bot.event("message")(lambda: None)
    bot.command("/mql")(lambda ack: ack())
    bot.view("feedback")(lambda ack: ack())
    bot.function("create_mql")(lambda fail: fail("No company was given"))
    for key, odd in itertools.product(body, ODD):
        if slack.user("sato").modal is None:
            client.views_open(trigger_id=slack.views.new_trigger("U0SATO0001"), view=modal(text_input()))
        status, answer = ask(path, body | {key: odd})
        assert status in (200, 400, 404, 409, 502), (key, odd, answer)
        assert status == 200 or answer["message"], (key, odd)


@pytest.mark.parametrize(
    ("path", "body", "names"),
    [
        ("/faults", {"method": "*", "fault": "refuse", "seconds": "long"}, "seconds"),
        ("/faults", {"method": "*", "fault": "refuse", "times": "twice"}, "times"),
        ("/faults", {"method": "*", "fault": "refuse", "times": True}, "times"),
        ("/advance", {"seconds": "3600"}, "seconds"),
        ("/advance", {"seconds": 1e300}, "seconds"),
        ("/settings", {"rate_limits": "no"}, "rate_limits"),
        ("/acts/say", {"user": "sato", "text": ["Hello"]}, "text"),
        ("/acts/submit", {"user": "sato", "values": ["x"]}, "values"),
        ("/apps", {"app": "HubSpot", "channel": "mql", "blocks": 1}, "blocks"),
        ("/workflows/create_mql", {"inputs": ["x"]}, "inputs"),
    ],
)
def test_what_is_wrong_is_named(
    slack: Playground, client: WebClient, ask: Ask, path: str, body: Json, names: str
) -> None:
    client.views_open(trigger_id=slack.views.new_trigger("U0SATO0001"), view=modal(text_input()))
    status, answer = ask(path, body)
    assert (status, answer["error"]) == (400, "bad_request")
    assert names in answer["message"]


def test_the_clock_can_be_moved(slack: Playground, clock: Clock, ask: Ask) -> None:
    before = clock.now()
    ask("/advance", {"seconds": 3600})
    assert (clock.now() - before).total_seconds() == 3600
    slack.advance = None
    assert ask("/advance", {"seconds": 1})[0] == 400


def test_changes_can_be_waited_for(slack: Playground, client: WebClient, ask: Ask) -> None:
    since = slack.revision
    timer = threading.Timer(0.05, lambda: client.chat_postMessage(channel="#mql", text="x"))
    timer.start()
    assert ask(f"/changes?since={since}&timeout={LONGEST}")[1]["revision"] > since
    timer.join()
    assert ask("/changes?timeout=0.01")[1]["revision"] == slack.revision


def test_changes_can_be_streamed(slack: Playground) -> None:
    host, _, port = slack.base_url.removeprefix("http://").partition(":")
    connection = HTTPConnection(host, int(port), timeout=LONGEST)
    connection.request("GET", "/playground/changes?since=-1", headers={"Accept": "text/event-stream"})
    response = connection.getresponse()
    assert response.readline() == f"data: {slack.revision}\n".encode()
    response.close()
    connection.close()
    slack.changes.bump()


def test_the_log_is_read_from_a_number_on(slack: Playground, client: WebClient, ask: Ask) -> None:
    client.auth_test()
    client.chat_postMessage(channel="#mql", text="x")
    numbers = [exchange["number"] for exchange in ask("/log")[1]["exchanges"]]
    exchanges = ask(f"/log?since={numbers[0]}")[1]["exchanges"]
    assert exchanges[0]["method"] == "chat.postMessage"
    assert slack.bot_token not in json.dumps(exchanges)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
    ],
)
def test_pages_of_other_origins_are_refused(slack: Playground, ask: Ask, headers: dict[str, str], status: int) -> None:
    assert ask("/workspace/deactivate", {"name": "sato"}, headers)[0] == status
    assert not slack.user("sato").user.deleted
    if status == 403:
        assert ask("/state", None, headers)[0] == 403
        request = Request(f"{slack.api_url}auth.test", headers=headers)
        with pytest.raises(HTTPError, match="403"):
            urlopen(request)
