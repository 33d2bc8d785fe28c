"""The payloads Slack sends to an app (Slack documentation: interaction payloads, slash commands, Events API)."""

from typing import Any

from playground import wire
from playground.copied import copied
from playground.inputs import VALUE_KEY
from playground.model import Channel, Json, Record, User, ViewRecord
from playground.workspace import Workspace

VERIFICATION_TOKEN = "playground-verification-token"  # noqa: S105 - Slack's deprecated token, not a secret here


def event_wrapper(workspace: Workspace, event: Json) -> Json:
    """Wrap an event as the Events API sends it."""
    team = workspace.team.id
    authorization = {
        "enterprise_id": None,
        "team_id": team,
        "user_id": workspace.bot_user_id,
        "is_bot": True,
        "is_enterprise_install": False,
    }
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": team,
        "context_team_id": team,
        "context_enterprise_id": None,
        "api_app_id": workspace.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": workspace.new_id("Ev"),
        "event_time": int(workspace.now().timestamp()),
        "authorizations": [authorization],
        "is_ext_shared_channel": False,
        "event_context": f"4-{workspace.new_id('ctx')}",
    }


def slash_command(
    workspace: Workspace, user: User, channel: Channel, command: str, text: str, trigger_id: str, response_url: str
) -> Json:
    """Return the form fields of a slash command."""
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": workspace.team.id,
        "team_domain": workspace.team.domain,
        "channel_id": channel.id,
        "channel_name": _channel_name(channel),
        "user_id": user.id,
        "user_name": user.name,
        "command": command,
        "text": text,
        "api_app_id": workspace.app_id,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }


def _channel_name(channel: Channel) -> str:
    return {"im": "directmessage", "private": "privategroup"}.get(channel.kind, channel.name)


def _interaction(workspace: Workspace, kind: str, user: User, trigger_id: str | None) -> Json:
    shown: Json = {
        "type": kind,
        "team": {"id": workspace.team.id, "domain": workspace.team.domain},
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": workspace.team.id},
        "api_app_id": workspace.app_id,
        "token": VERIFICATION_TOKEN,
        "enterprise": None,
        "is_enterprise_install": False,
    }
    return shown | ({"trigger_id": trigger_id} if trigger_id else {})


def action(block: Json, element: Json, value: Json, action_ts: str) -> Json:
    """Describe what was pressed or chosen."""
    shown: Json = {
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "type": element["type"],
        "action_ts": action_ts,
    }
    for key in ("text", "value", "url", "style", "placeholder"):
        if key in element and element["type"] in ("button", "workflow_button", "static_select"):
            shown[key] = copied(element[key])
    if element["type"] in VALUE_KEY:
        key = VALUE_KEY[element["type"]]
        shown[key] = copied(value.get(key))
    return shown


def message_actions(
    workspace: Workspace,
    user: User,
    channel: Channel,
    record: Record,
    actions: list[Json],
    trigger_id: str,
    response_url: str,
) -> Json:
    """Return block_actions from a message; an ephemeral one comes without its content."""
    container: Json = {
        "type": "message",
        "message_ts": record.ts,
        "channel_id": channel.id,
        "is_ephemeral": record.ephemeral_for is not None,
    }
    if record.thread_ts:
        container["thread_ts"] = record.thread_ts
    payload = _interaction(workspace, "block_actions", user, trigger_id) | {
        "container": container,
        "channel": {"id": channel.id, "name": _channel_name(channel)},
        "state": {"values": copied(record.values.get(user.id, {}))},
        "response_url": response_url,
        "actions": actions,
    }
    if record.ephemeral_for is None:
        payload["message"] = wire.message(workspace, channel, record)
    return payload


def view_actions(workspace: Workspace, user: User, view: ViewRecord, actions: list[Json], trigger_id: str) -> Json:
    """Return block_actions from a modal or Home tab."""
    return _interaction(workspace, "block_actions", user, trigger_id) | {
        "container": {"type": "view", "view_id": view.id},
        "view": wire.view(workspace, view),
        "actions": actions,
    }


def block_suggestion(
    workspace: Workspace, user: User, view: ViewRecord, block: Json, element: Json, typed: str
) -> Json:
    """Return the question for the options of an external select in a view (Slack documentation: select menus)."""
    return _interaction(workspace, "block_suggestion", user, None) | {
        "container": {"type": "view", "view_id": view.id},
        "view": wire.view(workspace, view),
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "value": typed,
    }


def view_submission(workspace: Workspace, user: User, view: ViewRecord, trigger_id: str) -> Json:
    """Return the submission of a modal."""
    shown: dict[str, Any] = {"view": wire.view(workspace, view), "response_urls": []}
    return _interaction(workspace, "view_submission", user, trigger_id) | shown


def view_closed(workspace: Workspace, user: User, view: ViewRecord, is_cleared: bool) -> Json:
    """Return the closing of a modal that asked to be told."""
    shown = {"view": wire.view(workspace, view), "is_cleared": is_cleared}
    return _interaction(workspace, "view_closed", user, None) | shown
