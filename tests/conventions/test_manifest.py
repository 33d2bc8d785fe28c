from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any, cast

import yaml
from slack_bolt import App

from bot.connectors import workflow_step
from bot.slack import listeners
from bot.slack.blocks.base import ids
from bot.slack.context import AppContext
from bot.slack.listeners.commands import SUBCOMMANDS
from bot.slack.web_api.scopes import SCOPES

ROOT = Path(__file__).parents[2]
MANIFEST: dict[str, Any] = yaml.safe_load((ROOT / "manifest.yml").read_text(encoding="utf-8"))

# What each method needs for the conversations and people that we ask about (Slack documentation, per method).
# Card channels and intake channels may be public or private; direct messages are searched for our own posts.
NEEDED = {
    "apps.connections.open": set(),  # the app token's own scope, connections:write
    "auth.test": set(),
    "chat.postEphemeral": {"chat:write"},
    "chat.postMessage": {"chat:write"},
    "chat.update": {"chat:write"},
    "conversations.create": {"channels:manage"},
    "conversations.history": {"channels:history", "groups:history", "im:history", "metadata.message:read"},
    "conversations.info": {"channels:read", "groups:read"},
    "conversations.invite": {"channels:manage"},
    "conversations.join": {"channels:join"},
    "conversations.list": {"channels:read", "groups:read"},
    "conversations.open": {"im:write"},
    "conversations.replies": {"channels:history", "groups:history", "im:history", "metadata.message:read"},
    "files.info": {"files:read"},
    "functions.completeError": set(),
    "functions.completeSuccess": set(),
    "conversations.members": {"channels:read", "groups:read"},
    "usergroups.list": {"usergroups:read"},
    "users.info": {"users:read"},
    "users.lookupByEmail": {"users:read", "users:read.email"},
    "views.open": set(),
    "views.publish": set(),
    "views.update": set(),
}
EVENTS = {
    "app_home_opened": ("app_home_opened", set()),
    "app_mention": ("app_mention", {"app_mentions:read"}),
    "file_shared": ("file_shared", {"files:read"}),
    "message.im": ("message", {"im:history"}),
    "function_executed": ("function", set()),
    "message.channels": ("message", {"channels:history"}),
    "message.groups": ("message", {"groups:history"}),
    "user_status_changed": ("user_status_changed", {"users:read"}),
}
FAMILIES = "apps|auth|chat|conversations|files|functions|reactions|team|usergroups|users|views"
METHOD = re.compile(rf'"((?:{FAMILIES})\.[A-Za-z.]+)"')
SECTIONS = {
    "Buttons": "action",
    "Inside modals": "action",
    "Forms": "view",
    "Menus": "options",
    "Steps of Workflow Builder": "function",
    "Options": None,
    "Inputs": None,
}


class Recorder:
    """Stands for the Bolt app while the listeners register, and notes what for."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []

    def __getattr__(self, kind: str) -> Any:
        def register(name: str) -> Any:
            self.seen.append((kind, name))
            return lambda listener: listener

        return register


def registered() -> list[tuple[str, str]]:
    recorder = Recorder()
    listeners.register(cast(App, recorder), cast(AppContext, None))
    return recorder.seen


def of_kind(kind: str) -> set[str]:
    return {name for seen, name in registered() if seen == kind}


def methods_called() -> set[str]:
    return {method for file in (ROOT / "bot").rglob("*.py") for method in METHOD.findall(file.read_text("utf-8"))}


def test_every_method_that_the_code_calls_is_known_here_with_its_scopes() -> None:
    assert methods_called() == set(NEEDED)


def test_the_scopes_are_exactly_those_that_the_code_needs() -> None:
    needed: set[str] = {"commands"}
    needed.update(*(NEEDED[method] for method in methods_called()))
    needed.update(*(EVENTS[event][1] for event in MANIFEST["settings"]["event_subscriptions"]["bot_events"]))
    listed = MANIFEST["oauth_config"]["scopes"]["bot"]
    assert sorted(listed) == sorted(needed)
    assert set(listed) == SCOPES


def test_the_commands_are_exactly_those_that_the_code_answers() -> None:
    assert {slash_command["command"] for slash_command in MANIFEST["features"]["slash_commands"]} == of_kind("command")


def test_the_subcommands_that_slack_hints_at_exist() -> None:
    (hint,) = (
        slash_command["usage_hint"]
        for slash_command in MANIFEST["features"]["slash_commands"]
        if slash_command["command"] == "/mql"
    )
    assert {part.split()[0] for part in hint.split("|")} <= {*SUBCOMMANDS, "help"}


def test_the_events_are_exactly_those_that_the_code_listens_to() -> None:
    listed = MANIFEST["settings"]["event_subscriptions"]["bot_events"]
    assert {EVENTS[event][0] for event in listed} - {"function"} == of_kind("event")


def test_the_steps_are_exactly_those_that_the_code_takes() -> None:
    assert MANIFEST["functions"].keys() == of_kind("function")
    assert "function_executed" in MANIFEST["settings"]["event_subscriptions"]["bot_events"]
    # Without these two Slack offers no step of an app that is hosted elsewhere.
    assert MANIFEST["settings"]["org_deploy_enabled"] is True
    assert MANIFEST["settings"]["function_runtime"] == "remote"


def test_the_inputs_of_a_step_are_those_that_the_code_reads() -> None:
    register, report = MANIFEST["functions"][ids.REGISTER_MQL], MANIFEST["functions"][ids.REPORT_OUTCOME]
    assert register["input_parameters"].keys() == workflow_step.FIELDS.keys()
    source = (ROOT / "bot/slack/listeners/mql/workflow_steps.py").read_text()
    read = set(re.findall(r'inputs\.get\("([a-z_]+)"\)', source))
    assert report["input_parameters"].keys() == read


def test_buttons_forms_and_the_home_tab_are_switched_on() -> None:
    assert MANIFEST["settings"]["interactivity"]["is_enabled"] is True
    assert MANIFEST["features"]["app_home"]["home_tab_enabled"] is True
    assert MANIFEST["features"]["app_home"]["messages_tab_enabled"] is True


def test_every_address_is_the_one_that_the_bot_serves() -> None:
    text = (ROOT / "manifest.yml").read_text(encoding="utf-8")
    addresses = re.findall(r"\b(?:request_|message_menu_options_)?url: (\S+)", text)
    assert set(addresses) == {"https://mql-bot.example.com/slack/events"}
    assert len(addresses) == 5  # the comment at its top says five


def test_names_and_descriptions_keep_to_slacks_limits() -> None:
    shown = MANIFEST["display_information"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert all(len(slash_command["command"]) <= 32 for slash_command in MANIFEST["features"]["slash_commands"])


def test_every_action_and_form_has_exactly_one_listener() -> None:
    kinds = kinds_of_ids()
    expected = Counter((kind, getattr(ids, name)) for name, kind in kinds.items() if kind)
    assert Counter(entry for entry in registered() if entry[0] in ("action", "view", "options", "function")) == expected


def kinds_of_ids() -> dict[str, str | None]:
    """Which constants of ids.py name an action, which a form, and which something inside them, by its headings."""
    kinds: dict[str, str | None] = {}
    section = ""
    for line in (ROOT / "bot/slack/blocks/base/ids.py").read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            section = next(title for title in SECTIONS if line.startswith(f"# {title}"))
        if named := re.match(r"([A-Z_]+) = ", line):
            kinds[named[1]] = SECTIONS[section]
    return kinds
