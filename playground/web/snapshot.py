"""The state as plain JSON, for a browser page: all of it as one person sees it."""

from playground import wire
from playground.client.actions import Actions
from playground.client.conversation import Conversation
from playground.client.message import Message
from playground.manifest import Grants
from playground.model import Channel, Json, User, Usergroup
from playground.parts import Parts
from playground.web import feed
from playground.workspace import Workspace


def state(parts: Parts, reader: str, messages: bool = True) -> Json:
    """Return everything this person sees: people, conversations with messages, the open modal, the Home tab.

    Without `messages` only what the page shows around them, for it fetches those by themselves.
    """
    workspace, actions = parts.workspace, parts.actions
    with workspace.lock:
        user = workspace.person(reader)
        modal, home = parts.views.top(user.id), parts.views.homes.get(user.id)
        workspace.open_dm(user.id)
        channels = [channel for channel in workspace.channels.values() if user.id in channel.members]
        return {
            "revision": parts.changes.revision,
            "run": parts.changes.run,
            "now": parts.now().isoformat(),
            "team": {"id": workspace.team.id, "name": workspace.team.name, "domain": workspace.team.domain},
            "app": {
                "id": workspace.app_id,
                "bot_id": workspace.bot_id,
                "user_id": workspace.bot_user_id,
                "name": workspace.team.bot_name,
                "commands": sorted(workspace.grants.commands),
                "command_help": _commands(workspace.grants),
                "request_url": parts.delivery.request_url,
                "socket_connections": parts.socket_mode.connections,
                "waiting_retries": parts.events.waiting_retries,
            },
            "settings": {
                "delivery_twice": parts.delivery.twice,
                "rate_limits": parts.rates.on,
                "can_advance": parts.desk.advance is not None,
                "crms": [pane.kind for pane in parts.crms],
            },
            "reader": _person(user),
            "people": [
                _person(member) | {"unread": _unread_dm(workspace, member)} for member in workspace.users.values()
            ],
            "usergroups": [_usergroup(group) for group in workspace.usergroups.values()],
            "channels": [_channel(actions, channel, user.id, messages) for channel in channels],
            "modal": wire.view(workspace, modal) if modal else None,
            "modal_depth": len(parts.views.stacks.get(user.id, [])),
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
        "status_text": user.status_text,
        "status_emoji": user.status_emoji,
    }


def _usergroup(group: Usergroup) -> Json:
    return {"id": group.id, "handle": group.handle, "name": group.name, "users": list(group.users)}


def _commands(grants: Grants) -> list[Json]:
    shown = ("command", "description", "usage_hint")
    return [{key: str(command.get(key, "")) for key in shown} for command in grants.commands.values()]


def _unread_dm(workspace: Workspace, user: User) -> int:
    channel = workspace.dm(user.id)
    return feed.unread(channel, user.id) if channel else 0


def _channel(actions: Actions, channel: Channel, reader: str, messages: bool) -> Json:
    shown = {
        "id": channel.id,
        "name": channel.name,
        "kind": channel.kind,
        "archived": channel.archived,
        "members": list(channel.members),
    }
    if not messages:
        return shown | {"unread": feed.unread(channel, reader)}
    return shown | _content(actions, channel, reader)


def _content(actions: Actions, channel: Channel, reader: str) -> Json:
    conversation = Conversation(actions, channel, reader)
    mark = channel.read.get(reader, 0)
    fresh = {id(record) for record in channel.messages[mark:]}
    messages = conversation.messages
    return {
        "unread": sum(1 for message in messages if id(message.record) in fresh and message.record.user != reader),
        "messages": [_message(actions.workspace, channel, message, reader) for message in messages],
    }


def _message(workspace: Workspace, channel: Channel, message: Message, reader: str) -> Json:
    shown = wire.message(workspace, channel, message.record, metadata=True)
    return shown | {
        "author": message.author,
        "visible_text": message.text,
        "ephemeral_for": message.record.ephemeral_for,
        "values": message.record.values.get(reader, {}),
    }
