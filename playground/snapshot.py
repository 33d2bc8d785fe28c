"""The state as plain JSON, for a browser page: all of it as one person sees it."""

from typing import TYPE_CHECKING

from playground import reels, wire
from playground.conversation import Conversation, Message
from playground.manifest import Grants
from playground.model import Channel, Json, User, Usergroup

if TYPE_CHECKING:
    from playground.playground import Playground


def state(playground: "Playground", reader: str, messages: bool = True) -> Json:
    """Return everything this person sees: people, conversations with messages, the open modal, the Home tab.

    Without `messages` only what the page shows around them, for it fetches those by themselves.
    """
    workspace = playground.workspace
    with workspace.lock:
        user = workspace.person(reader)
        modal, home = playground.views.top(user.id), playground.views.homes.get(user.id)
        workspace.open_dm(user.id)
        channels = [one for one in workspace.channels.values() if user.id in one.members]
        return {
            "revision": playground.revision,
            "run": playground.changes.run,
            "now": playground.now().isoformat(),
            "team": {"id": workspace.team.id, "name": workspace.team.name, "domain": workspace.team.domain},
            "app": {
                "id": workspace.app_id,
                "bot_id": workspace.bot_id,
                "user_id": workspace.bot_user_id,
                "name": workspace.team.bot_name,
                "commands": sorted(workspace.grants.commands),
                "command_help": _commands(workspace.grants),
                "request_url": playground.delivery.request_url,
                "socket_connections": playground.socket_mode.connections,
                "waiting_retries": playground.events.waiting_retries,
            },
            "settings": {
                "delivery_twice": playground.delivery_twice,
                "rate_limits": playground.rate_limits,
                "can_advance": playground.advance is not None,
            },
            "reader": _person(user),
            "people": [_person(one) | {"unread": _unread_dm(playground, one)} for one in workspace.users.values()],
            "usergroups": [_usergroup(one) for one in workspace.usergroups.values()],
            "channels": [_channel(playground, one, user.id, messages) for one in channels],
            "modal": wire.view(workspace, modal) if modal else None,
            "modal_depth": len(playground.views.stacks.get(user.id, [])),
            "home": wire.view(workspace, home) if home else None,
        }


def _person(user: User) -> Json:
    return {
        "id": user.id,
        "name": user.name,
        "real_name": user.real_name,
        "locale": user.locale,
        "tz": user.tz,
        "is_admin": user.is_admin,
        "is_bot": user.is_bot,
        "deleted": user.deleted,
        "role": user.role,
    }


def _usergroup(group: Usergroup) -> Json:
    return {"id": group.id, "handle": group.handle, "name": group.name, "users": list(group.users)}


def _commands(grants: Grants) -> list[Json]:
    shown = ("command", "description", "usage_hint")
    return [{key: str(one.get(key, "")) for key in shown} for one in grants.commands.values()]


def _unread_dm(playground: "Playground", user: User) -> int:
    channel = playground.workspace.channels.get("D" + user.id[1:])
    return reels.unread(channel, user.id) if channel else 0


def _channel(playground: "Playground", channel: Channel, reader: str, messages: bool) -> Json:
    shown = {
        "id": channel.id,
        "name": channel.name,
        "kind": channel.kind,
        "archived": channel.archived,
        "members": list(channel.members),
    }
    if not messages:
        return shown | {"unread": reels.unread(channel, reader)}
    return shown | _content(playground, channel, reader)


def _content(playground: "Playground", channel: Channel, reader: str) -> Json:
    conversation = Conversation(playground, channel, reader)
    mark = channel.read.get(reader, 0)
    fresh = {id(one) for one in channel.messages[mark:]}
    messages = conversation.messages
    return {
        "unread": sum(1 for one in messages if id(one.record) in fresh and one.record.user != reader),
        "messages": [_message(playground, channel, one, reader) for one in messages],
    }


def _message(playground: "Playground", channel: Channel, message: Message, reader: str) -> Json:
    shown = wire.message(playground.workspace, channel, message.record, metadata=True)
    return shown | {
        "author": message.author,
        "visible_text": message.text,
        "ephemeral_for": message.record.ephemeral_for,
        "values": message.record.values.get(reader, {}),
    }
