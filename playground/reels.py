"""One conversation for the page, in portions: only the messages that changed since the page last looked."""

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from playground import wire
from playground.errors import ClientRefused
from playground.model import Channel, Json, Record, User

if TYPE_CHECKING:
    from playground.playground import Playground
    from playground.workspace import Workspace


def conversation(playground: "Playground", reader: str, channel: str, since: int) -> Json:
    """Return what this reader sees of a channel that is newer than revision `since`, and what is gone."""
    workspace = playground.workspace
    with workspace.lock:
        user = workspace.person(reader)
        found = workspace.conversation(channel)
        if found.kind != "public" and user.id not in found.members:
            raise ClientRefused(f"{user.name} is not in this conversation")
        threads = _threads(found)
        seen = [one for one in workspace.visible(found, user.id) if one.version > since]
        return {
            "revision": playground.revision,
            "channel": found.id,
            "messages": [_message(workspace, found, one, threads.get(one.ts, []), user) for one in seen],
            "gone": [one.ts for one in found.messages if one.deleted and one.version > since],
        }


def unread(channel: Channel, reader: str) -> int:
    """Count what came in since this reader last looked: by others, and not in a thread."""
    return sum(1 for one in channel.messages[channel.read.get(reader, 0) :] if _is_news(one, reader))


def _is_news(one: Record, reader: str) -> bool:
    in_thread = one.thread_ts not in (None, one.ts) and not one.reply_broadcast
    return not (one.deleted or in_thread or one.user == reader) and one.ephemeral_for in (None, reader)


def _threads(channel: Channel) -> dict[str, list[Record]]:
    threads: dict[str, list[Record]] = defaultdict(list)
    for one in channel.messages:
        if one.thread_ts:
            threads[one.thread_ts].append(one)
    return threads


def _message(workspace: "Workspace", channel: Channel, one: Record, replies: list[Record], reader: User) -> Json:
    # A channel of the thread alone: counting replies by walking all messages would be quadratic.
    shown = wire.message(workspace, replace(channel, messages=replies), one, metadata=True)
    author = workspace.users.get(one.user)
    return shown | {
        "author": one.username or (author.real_name if author else one.bot_id),
        "by_app": bool(one.bot_id),
        "ephemeral": one.ephemeral_for is not None,
        "values": one.values.get(reader.id, {}),
    }
