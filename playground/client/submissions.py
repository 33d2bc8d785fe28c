"""What the bot's acknowledgements do: answers to commands, and what happens to a submitted modal."""

import json
from typing import Any

from playground import messages
from playground.blocks import problems
from playground.blocks.composition import offered
from playground.client.acknowledgement import Acknowledgement
from playground.client.message import Message
from playground.dispatch.events import Events
from playground.errors import NotAcknowledged, SlackError
from playground.model import Channel, Json, Record, User, ViewRecord
from playground.views import Views
from playground.workspace import Workspace

CHOICES = ("options", "option_groups")


def _as_object(body: str) -> Json | None:
    try:
        value = json.loads(body)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def options_of(body: str) -> list[Json]:
    """Return the options that the bot answers an external select with. Raises NotAcknowledged for what Slack does not
    take."""
    answer = _as_object(body) or {}
    element = {"type": "static_select", "action_id": "a", **{key: answer[key] for key in CHOICES if answer.get(key)}}
    if not answer.get("options") and answer.get("options") == []:
        return []
    broken = problems([{"type": "actions", "block_id": "b", "elements": [element]}], "modal")
    if broken:
        raise NotAcknowledged("invalid_options", "; ".join(broken))
    return offered(element)


def command_answer(workspace: Workspace, events: Events, user: User, channel: Channel, body: str) -> Message | None:
    """Show the answer of a slash command: to the person alone, or in the channel if it says so."""
    if not body.strip():
        return None
    answer = _as_object(body) or {"text": body}
    blocks = answer.get("blocks") or []
    if not answer.get("text") and not blocks and not answer.get("attachments"):
        return None
    if broken := problems(blocks, "message"):
        raise NotAcknowledged("invalid_command_response", "; ".join(broken))
    return show(workspace, events, user.id, channel, answer)


def show(
    workspace: Workspace, events: Events, reader: str, channel: Channel, answer: Json, thread: str | None = None
) -> Message:
    """Post an answer as the app, ephemeral unless `response_type` is in_channel."""
    with workspace.change() as changed:
        record = Record(
            channel.id,
            workspace.next_ts(),
            str(answer.get("text") or ""),
            workspace.bot_user_id,
            workspace.bot_id,
            workspace.app_id,
            blocks=list(answer.get("blocks") or []),
            attachments=list(answer.get("attachments") or []),
            thread_ts=answer.get("thread_ts") or thread,
        )
        if answer.get("response_type", "ephemeral") != "in_channel":
            record.ephemeral_for = reader
        messages.post(workspace, channel, record)
    events.deliver_later(changed)
    return Message(workspace, record)


def apply(
    workspace: Workspace, views: Views, user: str, record: ViewRecord, acknowledgement: Acknowledgement
) -> dict[str, str]:
    """Do what the acknowledgement of a submission says; return the errors to show under the inputs.

    Source: Slack documentation, modals, response actions.
    """
    if not acknowledgement.body.strip():
        with workspace.change():
            if views.top(user) is record:
                views.close_top(user)
        return {}
    answer = _as_object(acknowledgement.body)
    if answer == {}:
        empty = Acknowledgement(acknowledgement.status, acknowledgement.elapsed)
        return apply(workspace, views, user, record, empty)
    action = answer.get("response_action") if answer else None
    if answer is None or action not in ("errors", "update", "push", "clear"):
        raise _trouble(acknowledgement, f"the acknowledgement is no response_action: {acknowledgement.body[:200]!r}")
    if action == "errors":
        return _errors(record, answer.get("errors"), acknowledgement)
    with workspace.change():
        if action == "clear":
            views.close_all(user)
            return {}
        try:
            payload = views.check(answer.get("view"), "modal")
            if action == "update":
                views.update(record, payload)
            else:
                views.push(user, payload)
        except SlackError as refused:
            raise _trouble(acknowledgement, "; ".join(refused.sentences)) from None
    return {}


def _errors(record: ViewRecord, errors: Any, acknowledgement: Acknowledgement) -> dict[str, str]:
    inputs = {block["block_id"] for block in record.payload["blocks"] if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors:
        raise _trouble(acknowledgement, "response_action errors needs an object of errors")
    for block_id, text in errors.items():
        if block_id not in inputs:
            raise _trouble(acknowledgement, f"errors.{block_id}: no input block has this id")
        if not isinstance(text, str) or not text:
            raise _trouble(acknowledgement, f"errors.{block_id}: must be a text")
    return dict(errors)


def _trouble(acknowledgement: Acknowledgement, sentence: str) -> NotAcknowledged:
    return NotAcknowledged("We had some trouble connecting", sentence, acknowledgement.status, acknowledgement.elapsed)
