"""One conversation for the page, in portions: only the messages that changed since the page last looked."""

from collections import defaultdict
from dataclasses import replace

from playground import wire
from playground.errors import ClientRefused
from playground.model import Channel, Json, Record, User
from playground.workspace import Workspace


def conversation(workspace: Workspace, reader: str, name: str, since: int) -> Json:
    """Return what this reader sees of a channel that is newer than revision `since`, and what is gone."""
    with workspace.lock:
        user = workspace.person(reader)
        channel = workspace.conversation(name)
        if channel.kind != "public" and user.id not in channel.members:
            raise ClientRefused(f"{user.name} is not in this conversation")
        threads = _threads(channel)
        changed = [record for record in workspace.visible(channel, user.id) if record.version > since]
        return {
            "revision": workspace.changes.revision,
            "channel": channel.id,
            "messages": [_message(workspace, channel, record, threads.get(record.ts, []), user) for record in changed],
            "gone": [record.ts for record in channel.messages if record.deleted and record.version > since],
        }


def unread(channel: Channel, reader: str) -> int:
    """Count what came in since this reader last looked: by others, and not in a thread."""
    return sum(1 for record in channel.messages[channel.read.get(reader, 0) :] if _is_news(record, reader))


def _is_news(record: Record, reader: str) -> bool:
    in_thread = record.thread_ts not in (None, record.ts) and not record.reply_broadcast
    return not (record.deleted or in_thread or record.user == reader) and record.ephemeral_for in (None, reader)


def _threads(channel: Channel) -> dict[str, list[Record]]:
    threads: dict[str, list[Record]] = defaultdict(list)
    for record in channel.messages:
        if record.thread_ts:
            threads[record.thread_ts].append(record)
    return threads


def _message(workspace: Workspace, channel: Channel, record: Record, replies: list[Record], reader: User) -> Json:
    # A channel of the thread alone: counting replies by walking all messages would be quadratic.
    shown = wire.message(workspace, replace(channel, messages=replies), record, metadata=True)
    author = workspace.users.get(record.user)
    return shown | {
        "author": record.username or (author.real_name if author else record.bot_id),
        "by_app": bool(record.bot_id),
        "ephemeral": record.ephemeral_for is not None,
        "values": record.values.get(reader.id, {}),
    }
