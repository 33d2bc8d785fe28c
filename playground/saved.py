"""What a workspace holds, as JSON: another playground of the same team begins where this one ended."""

from dataclasses import asdict

from playground.model import Channel, Json, Record
from playground.workspace import Workspace


def save(workspace: Workspace) -> Json:
    """Return channels with their messages, and where ids and timestamps go on. People, groups and files are those of
    the team that the next playground starts with."""
    with workspace.lock:
        channels = [asdict(channel) for channel in workspace.channels.values()]
        return {"channels": channels, "counters": workspace.counters}


def restore(workspace: Workspace, saved: Json) -> None:
    """Put back what `save` returned. What stands there is no news to anybody."""
    with workspace.change():
        workspace.counters = tuple(saved["counters"])
        workspace.channels.clear()
        for channel in saved["channels"]:
            messages = [Record(**record) for record in channel["messages"]]
            workspace.channels[channel["id"]] = Channel(**(channel | {"messages": messages, "read": {}}))
        for channel in workspace.channels.values():
            channel.read = dict.fromkeys(channel.members, len(channel.messages))
