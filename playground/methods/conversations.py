"""conversations.*: opening, listing and reading channels and direct messages."""

from playground import wire
from playground.errors import SlackError
from playground.methods.registry import Call, method, page
from playground.model import SCOPE_NOUN, Channel, ChannelKind, Json, Record

KIND_OF_TYPE = {"public_channel": "public", "private_channel": "private", "im": "im", "mpim": "mpim"}
NAME_LENGTH = 80
INVITED_AT_ONCE = 100
PAGE_ARGUMENTS: dict[str, str] = {
    "limit": "number",
    "cursor": "string",
    "oldest": "string",
    "latest": "string",
    "inclusive": "boolean",
    "include_all_metadata": "boolean",
}


@method(
    "conversations.open",
    tier=3,
    scopes=("im:write",),
    optional={"channel": "string", "users": "csv", "return_im": "boolean", "prevent_creation": "boolean"},
)
def open_conversation(call: Call) -> Json:
    """Open the direct message with one person."""
    workspace = call.workspace
    if "channel" in call.args:
        channel = workspace.channel_for_bot(call.args["channel"])
        return {"channel": {"id": channel.id}, "no_op": True, "already_open": True}
    users = call.args.get("users") or []
    if not users:
        raise SlackError("users_list_not_supplied", "users: needs a user id")
    if len(users) > 1:
        raise SlackError("method_not_supported_for_channel_type", "users: the playground has no group messages")
    user = workspace.users.get(users[0])
    if user is None or user.id == workspace.bot_user_id:
        raise SlackError("user_not_found", f"users: no user {users[0]!r}")
    if user.deleted:
        raise SlackError("user_disabled", f"users: {user.id} is deactivated")
    already = workspace.dm(user.id) is not None
    channel = workspace.open_dm(user.id)
    shown = wire.channel(workspace, channel) if call.args.get("return_im") else {"id": channel.id}
    return {"channel": shown} | ({"no_op": True, "already_open": True} if already else {})


@method("conversations.join", tier=3, scopes=("channels:join",), required={"channel": "string"})
def join(call: Call) -> Json:
    """Join a public channel."""
    workspace = call.workspace
    channel = workspace.channel_for_bot(call.args["channel"])
    if channel.kind != "public":
        raise SlackError("method_not_supported_for_channel_type", f"channel: {channel.id} is {channel.kind}")
    if channel.archived:
        raise SlackError("is_archived", f"channel: #{channel.name} is archived")
    if workspace.bot_user_id not in channel.members:
        channel.members.append(workspace.bot_user_id)
    return {"channel": wire.channel(workspace, channel)}


@method(
    "conversations.create",
    tier=2,
    scopes=("channels:manage",),
    required={"name": "string"},
    optional={"is_private": "boolean", "team_id": "string"},
)
def create(call: Call) -> Json:
    """Make a public channel, whose first member is the app."""
    workspace, name = call.workspace, call.args["name"]
    if call.args.get("is_private"):
        call.need("groups:write")
    if len(name) > NAME_LENGTH:
        raise SlackError("invalid_name_maxlength", f"name: {len(name)} characters, limit {NAME_LENGTH}")
    if not any(sign.isalnum() for sign in name):
        raise SlackError("invalid_name_punctuation", f"name: {name!r} holds neither a letter nor a digit")
    if name != name.lower() or not all(sign.isalnum() or sign in "-_" for sign in name):
        raise SlackError("invalid_name_specials", f"name: {name!r} may hold lower-case letters, digits, - and _ only")
    if any(channel.name == name for channel in workspace.channels.values() if channel.kind != "im"):
        raise SlackError("name_taken", f"name: there is a channel #{name}")
    kind: ChannelKind = "private" if call.args.get("is_private") else "public"
    channel = Channel(workspace.new_id("C"), name, kind, int(workspace.now().timestamp()), [workspace.bot_user_id])
    channel.creator = workspace.bot_user_id
    workspace.channels[channel.id] = channel
    return {"channel": wire.channel(workspace, channel)}


@method(
    "conversations.invite",
    tier=3,
    scopes=("channels:manage",),
    required={"channel": "string", "users": "csv"},
    optional={"force": "boolean"},
)
def invite(call: Call) -> Json:
    """Let people into a channel that the app is in. With `force` those who cannot be invited are passed over."""
    workspace, users = call.workspace, call.args["users"]
    channel = workspace.channel_for_bot(call.args["channel"])
    if workspace.bot_user_id not in channel.members:
        raise SlackError("not_in_channel", f"channel: the app is not a member of #{channel.name}")
    if channel.archived:
        raise SlackError("is_archived", f"channel: #{channel.name} is archived")
    if len(users) > INVITED_AT_ONCE:
        raise SlackError("too_many_users", f"users: {len(users)}, limit {INVITED_AT_ONCE}")
    refused = {user: code for user in users if (code := why_not_invited(call, channel, user))}
    if refused and not call.args.get("force"):
        raise SlackError(next(iter(refused.values())), f"users: {', '.join(refused)} cannot be invited")
    channel.members += [user for user in users if user not in refused]
    return {"channel": wire.channel(workspace, channel)}


def why_not_invited(call: Call, channel: Channel, user_id: str) -> str | None:
    """Return the code with which Slack refuses to let somebody into a channel."""
    user = call.workspace.users.get(user_id)
    if user is None or user.deleted:
        return "user_not_found"
    if user_id == call.workspace.bot_user_id:
        return "cant_invite_self"
    return "already_in_channel" if user_id in channel.members else None


@method(
    "conversations.info",
    tier=3,
    required={"channel": "string"},
    optional={"include_locale": "boolean", "include_num_members": "boolean"},
)
def info(call: Call) -> Json:
    """Describe one conversation."""
    channel = _readable(call, "read")
    return {"channel": wire.channel(call.workspace, channel)}


@method(
    "conversations.list",
    tier=2,
    optional={
        "types": "csv",
        "exclude_archived": "boolean",
        "limit": "number",
        "cursor": "string",
        "team_id": "string",
    },
)
def list_conversations(call: Call) -> Json:
    """List conversations of the wanted types; private ones only where the app is a member."""
    workspace = call.workspace
    types = call.args.get("types") or ["public_channel"]
    if unknown := [name for name in types if name not in KIND_OF_TYPE]:
        raise SlackError("invalid_types", f"types: {unknown[0]!r} is unknown")
    kinds = {KIND_OF_TYPE[name] for name in types}
    for kind in sorted(kinds - {"mpim"}):
        call.need(f"{SCOPE_NOUN[kind]}:read")  # type: ignore[index]
    listed = [
        channel
        for channel in workspace.channels.values()
        if channel.kind in kinds
        and (channel.kind == "public" or workspace.bot_user_id in channel.members)
        and not (call.args.get("exclude_archived") and channel.archived)
    ]
    shown, following = page(listed, call.args, 100, 1000)
    channels = [wire.channel(workspace, channel) for channel in shown]
    return {"channels": channels, "response_metadata": {"next_cursor": following}}


@method(
    "conversations.members",
    tier=4,
    required={"channel": "string"},
    optional={"limit": "number", "cursor": "string"},
)
def members(call: Call) -> Json:
    """List the members of a conversation."""
    channel = _readable(call, "read")
    shown, following = page(channel.members, call.args, 100, 1000)
    return {"members": shown, "response_metadata": {"next_cursor": following}}


@method("conversations.history", tier=3, required={"channel": "string"}, optional=PAGE_ARGUMENTS)
def history(call: Call) -> Json:
    """Return messages newest first, without thread replies that were not broadcast."""
    channel = _readable(call, "history")
    top = [record for record in _kept(channel) if record.thread_ts is None or record.reply_broadcast]
    top = [record for record in top if _within(call.args, record.ts)]
    shown, following = page(top[::-1], call.args, 100, 999)
    return _messages(call, channel, shown, following) | {"pin_count": 0}


@method("conversations.replies", tier=3, required={"channel": "string", "ts": "string"}, optional=PAGE_ARGUMENTS)
def replies(call: Call) -> Json:
    """Return a thread oldest first, its parent always in front."""
    channel = _readable(call, "history")
    asked = call.workspace.message(channel, call.args["ts"]) or _tombstone(channel, call.args["ts"])
    if asked is None:
        raise SlackError("thread_not_found", f"ts: no message {call.args['ts']} in {channel.id}")
    root = asked.thread_ts or asked.ts
    thread = [record for record in _kept(channel) if record.thread_ts == root and _within(call.args, record.ts)]
    parent = call.workspace.message(channel, root) or _tombstone(channel, root)
    shown, following = page(([parent] if parent else []) + thread, call.args, 1000, 1000)
    return _messages(call, channel, shown, following)


def _tombstone(channel: Channel, ts: str) -> Record | None:
    """Return what stands in the place of a message that was deleted: its thread stays while it has replies."""
    deleted = next((record for record in channel.messages if record.ts == ts and record.deleted), None)
    if deleted is None or not any(record.thread_ts == ts for record in _kept(channel)):
        return None
    return Record(channel.id, ts, "This message was deleted.", user="USLACKBOT", subtype="tombstone", thread_ts=ts)


def _readable(call: Call, right: str) -> Channel:
    channel = call.workspace.channel_for_bot(call.args["channel"])
    call.need(f"{SCOPE_NOUN[channel.kind]}:{right}")
    if right == "history" and call.workspace.bot_user_id not in channel.members:
        raise SlackError("not_in_channel", f"channel: the app is not a member of #{channel.name}")
    return channel


def _kept(channel: Channel) -> list[Record]:
    return [record for record in channel.messages if not record.deleted and record.ephemeral_for is None]


def _within(args: Json, ts: str) -> bool:
    at, inclusive = float(ts), args.get("inclusive", False)
    oldest, latest = _bound(args, "oldest", 0.0), _bound(args, "latest", float("inf"))
    return oldest <= at <= latest if inclusive else oldest < at < latest


def _bound(args: Json, name: str, default: float) -> float:
    try:
        return float(args.get(name) or default)
    except ValueError:
        raise SlackError(f"invalid_ts_{name}", f"{name}: {args[name]!r} is not a timestamp") from None


def _messages(call: Call, channel: Channel, shown: list[Record], following: str) -> Json:
    metadata = call.args.get("include_all_metadata", False)
    if metadata:
        call.need("metadata.message:read")
    answer: Json = {
        "messages": [wire.message(call.workspace, channel, record, metadata) for record in shown],
        "has_more": bool(following),
    }
    return answer | ({"response_metadata": {"next_cursor": following}} if following else {})
