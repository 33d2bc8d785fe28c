"""How users, channels, messages and views look in Slack's JSON, and the message events made of them."""

import copy
import uuid
from collections.abc import Callable
from typing import Any

from playground.model import EVENT_CHANNEL_TYPE, Channel, Json, Record, User, Usergroup, ViewRecord
from playground.workspace import Workspace


def with_ids(blocks: list[Json], new_id: Callable[[], str]) -> list[Json]:
    """Copy blocks and fill in the block ids and action ids that Slack generates."""
    filled = copy.deepcopy(blocks)
    for block in filled:
        block.setdefault("block_id", new_id())
        _fill_actions(block, new_id)
        for key in ("child_blocks", "elements"):
            inner = block.get(key)
            if key == "child_blocks" or block.get("type") == "carousel":
                block.update({key: with_ids(inner, new_id)} if isinstance(inner, list) else {})
    return filled


def _fill_actions(block: Json, new_id: Callable[[], str]) -> None:
    candidates: list[Any] = [block.get("accessory"), block.get("element")]
    if block.get("type") == "actions":
        candidates += block["elements"]
    if block.get("type") == "card":
        candidates += block.get("actions") or []
    for element in candidates:
        if isinstance(element, dict) and element.get("type") != "image":
            element.setdefault("action_id", new_id())


def user(one: User, team_id: str, email: bool, locale: bool) -> Json:
    """Return a user as users.info shows it; the e-mail needs users:read.email."""
    profile: Json = {"real_name": one.real_name, "display_name": one.name, "team": team_id}
    if email and one.email:
        profile["email"] = one.email
    if one.bot_id:
        profile["bot_id"] = one.bot_id
    shown: Json = {
        "id": one.id,
        "team_id": team_id,
        "name": one.name,
        "deleted": one.deleted,
        "profile": profile,
        "is_bot": one.is_bot,
        "is_app_user": False,
        "updated": 0,
    }
    if not one.deleted:
        shown |= {"real_name": one.real_name, "tz": one.tz, "is_admin": one.is_admin, "is_owner": False}
    if locale:
        shown["locale"] = one.locale
    return shown


def usergroup(one: Usergroup, team_id: str, users: bool, count: bool) -> Json:
    """Return a user group as usergroups.list shows it, with its members and their number where asked for."""
    shown: Json = {
        "id": one.id,
        "team_id": team_id,
        "is_usergroup": True,
        "is_external": False,
        "name": one.name,
        "description": "",
        "handle": one.handle,
        "date_create": one.created,
        "date_update": max(one.created, one.disabled),
        "date_delete": one.disabled,
        "auto_type": None,
        "prefs": {"channels": [], "groups": []},
    }
    if users:
        shown["users"] = list(one.users)
    if count:
        shown["user_count"] = len(one.users)
    return shown


def channel(workspace: Workspace, one: Channel) -> Json:
    """Return a conversation as conversations.info shows it."""
    if one.kind == "im":
        return {"id": one.id, "created": one.created, "is_im": True, "user": one.user, "is_archived": False}
    return {
        "id": one.id,
        "name": one.name,
        "name_normalized": one.name,
        "created": one.created,
        "is_channel": one.kind == "public",
        "is_group": one.kind == "private",
        "is_im": False,
        "is_mpim": False,
        "is_private": one.kind == "private",
        "is_archived": one.archived,
        "is_member": workspace.bot_user_id in one.members,
        "num_members": len(one.members),
        "context_team_id": workspace.team.id,
    }


def bot_profile(workspace: Workspace, record: Record) -> Json:
    """Describe the app that posted, as messages by apps carry it."""
    name = record.username or workspace.team.bot_name
    if record.user in workspace.users and record.bot_id != workspace.bot_id:
        name = workspace.users[record.user].real_name
    return {
        "id": record.bot_id,
        "app_id": record.app_id,
        "name": name,
        "deleted": False,
        "team_id": workspace.team.id,
    }


def message(workspace: Workspace, channel: Channel, record: Record, metadata: bool = False) -> Json:
    """Return a message as conversations.history shows it."""
    shown: Json = {"type": "message", "ts": record.ts, "text": record.text}
    if record.subtype:
        shown["subtype"] = record.subtype
    for key in ("user", "bot_id", "app_id", "username", "thread_ts", "edited"):
        if getattr(record, key):
            shown[key] = getattr(record, key)
    for key in ("blocks", "attachments"):
        if getattr(record, key):
            shown[key] = copy.deepcopy(getattr(record, key))
    shown |= _origin(workspace, record)
    if metadata and record.metadata is not None:
        shown["metadata"] = copy.deepcopy(record.metadata)
    if record.reactions:
        shown["reactions"] = [
            {"name": name, "users": list(users), "count": len(users)} for name, users in record.reactions.items()
        ]
    return shown | _thread(channel, record)


def _origin(workspace: Workspace, record: Record) -> Json:
    """Say where a message comes from: a person's client, an app, or a classic integration, which has neither."""
    shown: Json = {"team": workspace.team.id} if record.user else {}
    if record.user and not record.bot_id:
        shown["client_msg_id"] = str(uuid.uuid5(uuid.NAMESPACE_OID, record.channel + record.ts))
    if record.bot_id and record.subtype != "bot_message":
        shown["bot_profile"] = bot_profile(workspace, record)
    return shown


def _thread(channel: Channel, record: Record) -> Json:
    replies = [one for one in channel.messages if one.thread_ts == record.ts and not one.deleted]
    replies = [one for one in replies if one.ts != record.ts and one.ephemeral_for is None]
    if not replies:
        return {}
    users = list(dict.fromkeys(one.user or one.bot_id for one in replies))
    return {
        "thread_ts": record.ts,
        "reply_count": len(replies),
        "reply_users_count": len(users),
        "reply_users": users,
        "latest_reply": replies[-1].ts,
        "is_locked": False,
        "subscribed": False,
    }


def message_event(workspace: Workspace, channel: Channel, record: Record) -> Json:
    """Return the event of a new message: by a person, a modern app, or a classic integration."""
    shown = message(workspace, channel, record, metadata=True)
    return shown | _where(channel, record.ts)


def changed_event(workspace: Workspace, channel: Channel, record: Record, before: Json) -> Json:
    """Return the message_changed event."""
    ts = workspace.next_ts()
    event = {"type": "message", "subtype": "message_changed", "hidden": True, "ts": ts}
    return event | {"message": message(workspace, channel, record), "previous_message": before} | _where(channel, ts)


def deleted_event(workspace: Workspace, channel: Channel, record: Record, before: Json) -> Json:
    """Return the message_deleted event."""
    ts = workspace.next_ts()
    event = {"type": "message", "subtype": "message_deleted", "hidden": True, "ts": ts, "deleted_ts": record.ts}
    return event | {"previous_message": before} | _where(channel, ts)


def _where(channel: Channel, event_ts: str) -> Json:
    return {"channel": channel.id, "event_ts": event_ts, "channel_type": EVENT_CHANNEL_TYPE[channel.kind]}


def view(workspace: Workspace, record: ViewRecord) -> Json:
    """Return a view as views.open answers and as interactions carry it."""
    payload = record.payload
    shown: Json = {
        "id": record.id,
        "team_id": workspace.team.id,
        "type": record.type,
        "blocks": copy.deepcopy(payload["blocks"]),
        "private_metadata": payload.get("private_metadata", ""),
        "callback_id": payload.get("callback_id", ""),
        "state": {"values": copy.deepcopy(record.values)},
        "hash": record.hash,
        "title": payload.get("title", {"type": "plain_text", "text": "View Title", "emoji": True}),
        "clear_on_close": payload.get("clear_on_close", False),
        "notify_on_close": payload.get("notify_on_close", False),
        "close": payload.get("close"),
        "submit": payload.get("submit"),
        "previous_view_id": record.previous_view_id,
        "root_view_id": record.root_view_id,
        "app_id": workspace.app_id,
        "external_id": payload.get("external_id", ""),
        "app_installed_team_id": workspace.team.id,
        "bot_id": workspace.bot_id,
    }
    return shown
