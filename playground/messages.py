"""Posting, editing and deleting messages, with the events that subscribers get.

Each function is called inside `with workspace.change()`.
"""

from dataclasses import replace
from typing import Any

from playground import wire
from playground.copied import copied
from playground.model import Channel, Json, Record
from playground.workspace import Workspace


def post(workspace: Workspace, channel: Channel, record: Record) -> None:
    """Add a message and tell subscribers, unless it is ephemeral."""
    record.blocks = _with_ids(workspace, "blocks", record.blocks)
    record.attachments = _with_ids(workspace, "attachments", record.attachments)
    channel.messages.append(record)
    workspace.touch(channel, record)
    if record.user and not record.bot_id:
        channel.read[record.user] = len(channel.messages)
    if record.ephemeral_for is None:
        _emit(workspace, channel, wire.message_event(workspace, channel, record))


def edit(
    workspace: Workspace, channel: Channel, record: Record, changed: Json, editor: str, silent: bool = False
) -> None:
    """Change fields of a message in place and tell subscribers what it was before."""
    before = wire.message(workspace, channel, replace(record))
    for key, value in changed.items():
        setattr(record, key, _with_ids(workspace, key, copied(value)))
    if not silent:
        record.edited = {"user": editor, "ts": workspace.next_ts()}
    workspace.touch(channel, record)
    if record.ephemeral_for is None:
        _emit(workspace, channel, wire.changed_event(workspace, channel, record, before))


def delete(workspace: Workspace, channel: Channel, record: Record) -> None:
    """Remove a message and tell subscribers."""
    before = wire.message(workspace, channel, record)
    record.deleted = True
    workspace.touch(channel, record)
    if record.ephemeral_for is None:
        _emit(workspace, channel, wire.deleted_event(workspace, channel, record, before))


def _with_ids(workspace: Workspace, key: str, value: Any) -> Any:
    """Copy blocks, or attachments with blocks, and fill in the ids that Slack generates."""
    if key == "blocks":
        return wire.with_ids(value, workspace.new_element_id)
    if key == "attachments":
        return [_attachment_with_ids(workspace, attachment) for attachment in copied(value)]
    return value


def _attachment_with_ids(workspace: Workspace, attachment: Json) -> Json:
    if not attachment.get("blocks"):
        return attachment
    return attachment | {"blocks": wire.with_ids(attachment["blocks"], workspace.new_element_id)}


def _emit(workspace: Workspace, channel: Channel, event: Json) -> None:
    if workspace.bot_user_id in channel.members:
        workspace.emit(event)
