"""Custom steps of Workflow Builder, and what Slack thinks of a manifest."""

from typing import Any

import pytest
from slack_bolt import App, Complete, Fail
from slack_sdk import WebClient

from playground import ClientRefused, Playground
from playground.manifest import manifest_problems
from tests.patience import LONGEST, unhurried
from tests.playground.kit import Clock, refusal


def test_a_step_is_completed_with_outputs(slack: Playground, bot: App) -> None:
    @bot.function("create_mql")
    def create(inputs: dict[str, Any], complete: Complete) -> None:
        complete({"number": inputs["company"] + "-1"})

    step = slack.run_step("create_mql", {"company": "acme"}, timeout=LONGEST)
    assert (step.status, step.outputs) == ("completed", {"number": "acme-1"})


def test_a_step_may_fail_and_ends_once(slack: Playground, bot: App, client: WebClient) -> None:
    @bot.function("create_mql")
    def create(fail: Fail) -> None:
        fail("No company was given")

    step = slack.run_step("create_mql", {}, timeout=LONGEST)
    assert (step.status, step.error) == ("failed", "No company was given")
    again = refusal(client.functions_completeSuccess, function_execution_id=step.id, outputs={})
    assert again == "execution_not_in_running_state"
    unknown = refusal(client.functions_completeError, function_execution_id="Fx0", error="x")
    assert unknown == "function_execution_not_found"


def manifest(**functions: Any) -> dict[str, Any]:
    return {
        "display_information": {"name": "x" * 35, "description": "x" * 140},
        "features": {"slash_commands": [{"command": "/" + f"{n}".rjust(31, "x")} for n in range(50)]},
        "oauth_config": {"scopes": {"bot": ["commands", "channels:history"]}},
        "settings": {"event_subscriptions": {"bot_events": ["message.channels", "function_executed"]}},
        "functions": functions,
    }


STEP = {
    "title": "Create an MQL",
    "input_parameters": {"company": {"type": "string", "is_required": True}},
    "output_parameters": {"number": {"type": "string", "is_required": True}},
}


def test_a_step_needs_what_the_manifest_promises(clock: Clock) -> None:
    with unhurried(Playground(manifest(create_mql=STEP), now=clock.now)) as slack:
        with pytest.raises(ClientRefused, match="no step 'other'"):
            slack.run_step("other", {})
        with pytest.raises(ClientRefused, match="needs company"):
            slack.run_step("create_mql", {})
        slack.connect("http://127.0.0.1:9/")
        step = slack.run_step("create_mql", {"company": "Acme"})
        assert (step.status, step.delivered) == ("running", False)
        arguments = {"function_execution_id": step.id, "outputs": {}}
        refused = slack.web_api.call("functions.completeSuccess", arguments, slack.bot_token)
        assert refused.body["error"] == "parameter_validation_failed"


def test_a_manifest_at_its_limits_is_accepted() -> None:
    assert manifest_problems(manifest(create_mql=STEP)) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"display_information": {"name": "x" * 36}}, "name: 36 characters, limit 35"),
        ({"display_information": {"description": "x" * 141}}, "description: 141 characters, limit 140"),
        ({"features": {"slash_commands": [{"command": "/a"}] * 51}}, "51 commands, limit 50"),
        ({"features": {"slash_commands": [{"command": "/" + "x" * 32}]}}, "at most 32 characters"),
        ({"features": {"slash_commands": [{"command": "mql"}]}}, "must begin with /"),
        ({"oauth_config": {"scopes": {"bot": ["channels:history"]}}}, "needs the scope commands"),
        ({"oauth_config": {"scopes": {"bot": ["commands"]}}}, "message.channels needs the scope channels:history"),
        ({"functions": {"step": {"input_parameters": []}}}, "functions.step.input_parameters: must be a map"),
    ],
)
def test_a_manifest_that_slack_refuses_is_refused(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match="Slack would refuse") as refused:
        Playground({**manifest(), **change})
    assert sentence in str(refused.value)


def test_a_taken_port_is_an_error_that_can_be_caught(slack: Playground) -> None:
    with pytest.raises(OSError, match="in use"):
        Playground(port=int(slack.base_url.rpartition(":")[2])).start()


def test_an_unfurled_link_is_a_change_that_nobody_edited(slack: Playground, bot: App) -> None:
    seen: list[dict[str, Any]] = []
    bot.event({"type": "message", "subtype": "message_changed"})(lambda event: seen.append(event))  # noqa: PLW0108
    bot.event("message")(lambda: None)
    message = slack.user("sato").says("See https://example.com", channel="mql").message
    assert message is not None
    slack.admin.unfurl(message, "An example")
    assert seen[0]["message"]["attachments"][0]["title"] == "An example"
    assert "edited" not in seen[0]["message"]
    assert message.edited is False
