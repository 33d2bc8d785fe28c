"""How users, channels, messages and views look in Slack's JSON, and the message events made of them."""

import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from playground.copied import copied
from playground.model import EVENT_CHANNEL_TYPE, Channel, Json, Record, SlackFile, User, Usergroup, ViewRecord
from playground.workspace import Workspace


def with_ids(blocks: list[Json], new_id: Callable[[], str]) -> list[Json]:
    """Copy blocks and fill in the block ids and action ids that Slack generates."""
    filled = copied(blocks)
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


def user(user: User, team_id: str, email: bool, locale: bool) -> Json:
    """Return a user as users.info shows it; the e-mail needs users:read.email."""
    profile: Json = {"real_name": user.real_name, "display_name": user.name, "team": team_id}
    profile |= {"status_text": user.status_text, "status_emoji": user.status_emoji}
    profile["status_expiration"] = user.status_expiration
    if email and user.email:
        profile["email"] = user.email
    if user.bot_id:
        profile["bot_id"] = user.bot_id
    shown: Json = {
        "id": user.id,
        "team_id": team_id,
        "name": user.name,
        "deleted": user.deleted,
        "profile": profile,
        "is_bot": user.is_bot,
        "is_app_user": False,
        "updated": 0,
    }
    if not user.deleted:
        shown |= {"real_name": user.real_name, "tz": user.tz, "is_admin": user.is_admin, "is_owner": False}
        shown |= {"is_primary_owner": False, "is_restricted": user.is_guest, "is_ultra_restricted": False}
    if locale:
        shown["locale"] = user.locale
    return shown


def usergroup(group: Usergroup, team_id: str, users: bool, count: bool) -> Json:
    """Return a user group as usergroups.list shows it, with its members and their number where asked for."""
    shown: Json = {
        "id": group.id,
        "team_id": team_id,
        "is_usergroup": True,
        "is_external": False,
        "name": group.name,
        "description": "",
        "handle": group.handle,
        "date_create": group.created,
        "date_update": max(group.created, group.disabled),
        "date_delete": group.disabled,
        "auto_type": None,
        "prefs": {"channels": [], "groups": []},
    }
    if users:
        shown["users"] = list(group.users)
    if count:
        shown["user_count"] = len(group.users)
    return shown


def channel(workspace: Workspace, channel: Channel) -> Json:
    """Return a conversation as conversations.info shows it."""
    if channel.kind == "im":
        return {"id": channel.id, "created": channel.created, "is_im": True, "user": channel.user, "is_archived": False}
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "created": channel.created,
        "creator": channel.creator,
        "is_channel": channel.kind == "public",
        "is_group": channel.kind == "private",
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.kind == "private",
        "is_archived": channel.archived,
        "is_member": workspace.bot_user_id in channel.members,
        "num_members": len(channel.members),
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
            shown[key] = copied(getattr(record, key))
    if record.files:
        shown["files"] = [file(workspace, workspace.files[file_id]) for file_id in record.files]
    shown |= _origin(workspace, record)
    if metadata and record.metadata is not None:
        shown["metadata"] = copied(record.metadata)
    if record.reactions:
        shown["reactions"] = [
            {"name": name, "users": list(users), "count": len(users)} for name, users in record.reactions.items()
        ]
    return shown | _thread(channel, record)


def file(workspace: Workspace, shared: SlackFile) -> Json:
    """Return a file as files.info and messages show it; of a deleted one nothing but that it is."""
    if shared.deleted:
        return {"id": shared.id, "mode": "tombstone"}
    kind = shared.name.rpartition(".")[2].lower() if "." in shared.name else "text"
    url = f"{workspace.files_url}/files-pri/{workspace.team.id}-{shared.id}"
    return {
        "id": shared.id,
        "created": shared.created,
        "timestamp": shared.created,
        "name": shared.name,
        "title": shared.name,
        "mimetype": {"csv": "text/csv", "tsv": "text/tab-separated-values"}.get(kind, "text/plain"),
        "filetype": kind,
        "user": shared.user,
        "size": len(shared.content),
        "mode": "hosted",
        "is_external": False,
        "is_public": False,
        "url_private": f"{url}/{quote(shared.name)}",
        "url_private_download": f"{url}/download/{quote(shared.name)}",
    }


def file_shared_event(workspace: Workspace, channel: Channel, record: Record, shared: SlackFile) -> Json:
    """Return the event that a file was shared. It tells the file's id only; files.info tells the rest."""
    about = {"file_id": shared.id, "file": {"id": shared.id}, "user_id": record.user, "channel_id": channel.id}
    return {"type": "file_shared", **about, "event_ts": workspace.next_ts()}


def _origin(workspace: Workspace, record: Record) -> Json:
    """Say where a message comes from: a person's client, an app, or a classic integration, which has neither."""
    shown: Json = {"team": workspace.team.id} if record.user else {}
    if record.user and not record.bot_id:
        shown["client_msg_id"] = str(uuid.uuid5(uuid.NAMESPACE_OID, record.channel + record.ts))
    if record.bot_id and record.subtype != "bot_message":
        shown["bot_profile"] = bot_profile(workspace, record)
    return shown


def _thread(channel: Channel, record: Record) -> Json:
    replies = [reply for reply in channel.messages if reply.thread_ts == record.ts and not reply.deleted]
    replies = [reply for reply in replies if reply.ts != record.ts and reply.ephemeral_for is None]
    if not replies:
        return {}
    users = list(dict.fromkeys(reply.user or reply.bot_id for reply in replies))
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
        "blocks": copied(payload["blocks"]),
        "private_metadata": payload.get("private_metadata", ""),
        "callback_id": payload.get("callback_id", ""),
        "state": {"values": copied(record.values)},
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
