"""What the bot's acknowledgements do: answers to commands, and what happens to a submitted modal."""

import json
from typing import TYPE_CHECKING, Any

from playground.blocks import problems
from playground.conversation import Message
from playground.errors import NotAcknowledged, SlackError
from playground.model import Channel, Json, Record, User, ViewRecord
from playground.outcome import Outcome

if TYPE_CHECKING:
    from playground.playground import Playground


def _as_object(body: str) -> Json | None:
    try:
        found = json.loads(body)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def command_answer(playground: "Playground", user: User, channel: Channel, body: str) -> Message | None:
    """Show the answer of a slash command: to the person alone, or in the channel if it says so."""
    if not body.strip():
        return None
    answer = _as_object(body) or {"text": body}
    blocks = answer.get("blocks") or []
    if not answer.get("text") and not blocks and not answer.get("attachments"):
        return None
    if broken := problems(blocks, "message"):
        raise NotAcknowledged("invalid_command_response", "; ".join(broken))
    return show(playground, user.id, channel, answer)


def show(playground: "Playground", reader: str, channel: Channel, answer: Json, thread: str | None = None) -> Message:
    """Post an answer as the app, ephemeral unless `response_type` is in_channel."""
    workspace = playground.workspace
    with workspace.change() as events:
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
        workspace.post(channel, record)
    playground.events.deliver_later(events)
    return Message(playground, record)


def apply(playground: "Playground", user: str, record: ViewRecord, outcome: Outcome) -> dict[str, str]:
    """Do what the acknowledgement of a submission says; return the errors to show under the inputs.

    Source: Slack documentation, modals, response actions.
    """
    views = playground.views
    if not outcome.body.strip():
        with playground.workspace.change():
            if views.top(user) is record:
                views.close_top(user)
        return {}
    answer = _as_object(outcome.body)
    if answer == {}:
        return apply(playground, user, record, Outcome(outcome.status, outcome.elapsed))
    action = answer.get("response_action") if answer else None
    if answer is None or action not in ("errors", "update", "push", "clear"):
        raise _trouble(outcome, f"the acknowledgement is no response_action: {outcome.body[:200]!r}")
    if action == "errors":
        return _errors(record, answer.get("errors"), outcome)
    with playground.workspace.change():
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
            raise _trouble(outcome, "; ".join(refused.sentences)) from None
    return {}


def _errors(record: ViewRecord, errors: Any, outcome: Outcome) -> dict[str, str]:
    inputs = {one["block_id"] for one in record.payload["blocks"] if one["type"] == "input"}
    if not isinstance(errors, dict) or not errors:
        raise _trouble(outcome, "response_action errors needs an object of errors")
    for block_id, text in errors.items():
        if block_id not in inputs:
            raise _trouble(outcome, f"errors.{block_id}: no input block has this id")
        if not isinstance(text, str) or not text:
            raise _trouble(outcome, f"errors.{block_id}: must be a text")
    return dict(errors)


def _trouble(outcome: Outcome, sentence: str) -> NotAcknowledged:
    return NotAcknowledged("We had some trouble connecting", sentence, outcome.status, outcome.elapsed)
