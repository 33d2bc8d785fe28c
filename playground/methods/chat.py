"""chat.*: posting, editing and deleting messages."""

import json
from typing import Any

from playground import messages, wire
from playground.blocks import ATTACHMENT_LIMIT, attachment_problems, problems
from playground.errors import SlackError
from playground.methods.registry import Call, method
from playground.model import Channel, Json, Record

TEXT_LIMIT = 40_000
UPDATE_TEXT_LIMIT = 4_000
MARKDOWN_LIMIT = 12_000
METADATA_LIMIT = 8_000
BLOCKS_LIMIT = 13_200
"""Characters of all blocks of a message. Slack does not document it; seen by others (bolt-js issue 2509)."""
CONTENT = {"text": "string", "blocks": "json", "attachments": "json", "markdown_text": "string"}
LOOKS = {"username": "string", "icon_emoji": "string", "icon_url": "string"}


def content(args: Json) -> Json:
    """Hold text, blocks and attachments to the rules and return those that were given."""
    given: Json = {key: args[key] for key in ("text", "blocks", "attachments") if key in args}
    if "markdown_text" in args:
        if given.get("text") or given.get("blocks"):
            raise SlackError("markdown_text_conflict", "markdown_text: not together with text or blocks")
        if len(args["markdown_text"]) > MARKDOWN_LIMIT:
            raise SlackError(
                "msg_too_long", f"markdown_text: {len(args['markdown_text'])} characters, limit {MARKDOWN_LIMIT}"
            )
        given["blocks"] = [{"type": "markdown", "text": args["markdown_text"]}]
        given["text"] = args["markdown_text"]
    if not isinstance(given.get("blocks", []), list):
        raise SlackError("invalid_blocks_format", "blocks: not a JSON array of blocks")
    if broken := problems(given.get("blocks", []), "message"):
        raise SlackError("invalid_blocks", *broken)
    if broken := attachment_problems(given.get("attachments", [])):
        raise SlackError("invalid_attachments", *broken)
    if len(given.get("attachments", [])) > ATTACHMENT_LIMIT:
        raise SlackError("too_many_attachments", f"attachments: {len(given['attachments'])}, limit {ATTACHMENT_LIMIT}")
    return given


def _hold_to_whole(blocks: list[Json]) -> None:
    """Refuse blocks that are too long together. Ephemeral messages and answers to commands were not seen to be."""
    length = len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":")))
    if length > BLOCKS_LIMIT:
        raise SlackError("msg_blocks_too_long", f"blocks: {length} characters together, limit {BLOCKS_LIMIT}")


def read_metadata(value: Any) -> Json | None:
    """Hold message metadata to the rules; an empty object means none."""
    if value in (None, {}):
        return None
    if not isinstance(value, dict) or not isinstance(value.get("event_type"), str):
        raise SlackError("invalid_metadata_format", "metadata: must be an object with event_type and event_payload")
    if not isinstance(value.get("event_payload"), dict) or not value["event_type"]:
        raise SlackError("invalid_metadata_format", "metadata.event_payload: must be an object")
    if unknown := value.keys() - {"event_type", "event_payload"}:
        raise SlackError("invalid_metadata_format", f"metadata.{min(unknown)}: unknown key")
    length = len(json.dumps(value, ensure_ascii=False))
    if length > METADATA_LIMIT:
        raise SlackError("metadata_too_large", f"metadata: {length} characters, limit {METADATA_LIMIT}")
    return dict(value)


def target(call: Call, name: str) -> Channel:
    """Find where to post: a channel by id or name, a direct message by the id of the person."""
    workspace = call.workspace
    if name in workspace.users and workspace.users[name].hidden:
        raise SlackError("channel_not_found", f"channel: {name} is hidden from the app")
    if name in workspace.users and name != workspace.bot_user_id:
        channel = workspace.open_dm(name)
    elif name.startswith("#"):
        channels = [channel for channel in workspace.channels.values() if channel.kind != "im"]
        named = [channel.id for channel in channels if channel.name == name[1:]]
        channel = workspace.channel_for_bot(named[0] if named else name)
    else:
        channel = workspace.channel_for_bot(name)
    if channel.archived:
        raise SlackError("is_archived", f"channel: #{channel.name} is archived")
    if channel.kind == "im":
        if workspace.users[channel.user].deleted:
            raise SlackError("account_inactive", f"channel: {channel.user} is deactivated")
        if not workspace.grants.messages_tab:
            raise SlackError("messages_tab_disabled", "channel: the manifest turns the Messages tab off")
    return channel


def _must_be_member(call: Call, channel: Channel) -> None:
    if call.workspace.bot_user_id not in channel.members:
        raise SlackError("not_in_channel", f"channel: the app is not a member of #{channel.name}")


def thread(call: Call, channel: Channel, ts: str | None) -> str | None:
    """Find the parent of a thread; the timestamp of a reply leads to its parent."""
    if ts is None:
        return None
    parent = call.workspace.message(channel, ts)
    if parent is None:
        raise SlackError("thread_not_found", f"thread_ts: no message {ts} in {channel.id}")
    return parent.thread_ts or parent.ts


def _record(call: Call, channel: Channel, given: Json) -> Record:
    workspace = call.workspace
    return Record(
        channel.id,
        workspace.next_ts(),
        text=given.get("text", ""),
        user=workspace.bot_user_id,
        bot_id=workspace.bot_id,
        app_id=workspace.app_id,
        username=call.args.get("username", ""),
        blocks=given.get("blocks", []),
        attachments=given.get("attachments", []),
        metadata=read_metadata(call.args.get("metadata")),
        thread_ts=thread(call, channel, call.args.get("thread_ts") or None),
    )


def _needs_something(given: Json) -> None:
    if not any(given.get(key) for key in ("text", "blocks", "attachments")):
        raise SlackError("no_text", "text: needs text, blocks or attachments")


@method(
    "chat.postMessage",
    scopes=("chat:write",),
    required={"channel": "string"},
    optional={
        **CONTENT,
        **LOOKS,
        "metadata": "json",
        "thread_ts": "string",
        "reply_broadcast": "boolean",
        "unfurl_links": "boolean",
        "unfurl_media": "boolean",
        "mrkdwn": "boolean",
        "link_names": "boolean",
        "parse": "string",
    },
)
def post_message(call: Call) -> Json:
    """Post to a channel or person; text past 40,000 characters is cut, as Slack does."""
    workspace = call.workspace
    if call.args.keys() & LOOKS.keys():
        call.need("chat:write.customize")
    given = content(call.args)
    _needs_something(given)
    _hold_to_whole(given.get("blocks", []))
    channel = target(call, call.args["channel"])
    # Without a manifest everything is granted, but a bot that forgot to be invited should still notice.
    anywhere = workspace.grants.has("chat:write.public") and not workspace.grants.everything
    if channel.kind != "public" or not anywhere:
        _must_be_member(call, channel)
    given["text"] = given.get("text", "")[:TEXT_LIMIT]
    record = _record(call, channel, given)
    record.reply_broadcast = call.args.get("reply_broadcast", False)
    messages.post(workspace, channel, record)
    return {"channel": channel.id, "ts": record.ts, "message": wire.message(workspace, channel, record)}


@method(
    "chat.postEphemeral",
    scopes=("chat:write",),
    tier=4,
    required={"channel": "string", "user": "string"},
    optional={**CONTENT, **LOOKS, "thread_ts": "string", "link_names": "boolean", "parse": "string"},
)
def post_ephemeral(call: Call) -> Json:
    """Show a message to one person in a channel both are in; it is not kept in the history."""
    given = content(call.args)
    _needs_something(given)
    if len(given.get("text", "")) > TEXT_LIMIT:
        raise SlackError("msg_too_long", f"text: {len(given['text'])} characters, limit {TEXT_LIMIT}")
    channel = target(call, call.args["channel"])
    _must_be_member(call, channel)
    if call.args["user"] not in channel.members:
        raise SlackError("user_not_in_channel", f"user: {call.args['user']} is not in {channel.id}")
    record = _record(call, channel, given)
    record.ephemeral_for = call.args["user"]
    messages.post(call.workspace, channel, record)
    return {"message_ts": record.ts}


def _own_message(call: Call, refused: str) -> tuple[Channel, Record]:
    workspace = call.workspace
    channel = workspace.channel_for_bot(call.args["channel"])
    record = workspace.message(channel, call.args["ts"])
    if record is None:
        raise SlackError("message_not_found", f"ts: no message {call.args['ts']} in {channel.id}")
    if record.bot_id != workspace.bot_id:
        raise SlackError(refused, f"ts: message {record.ts} was not posted by this app")
    return channel, record


@method(
    "chat.update",
    scopes=("chat:write",),
    tier=3,
    required={"channel": "string", "ts": "string"},
    optional={**CONTENT, "metadata": "json", "link_names": "boolean", "parse": "string", "reply_broadcast": "boolean"},
)
def update(call: Call) -> Json:
    """Edit a message of the app's own. Text without blocks removes the blocks; metadata left out stays."""
    workspace = call.workspace
    given = content(call.args)
    if not given:
        raise SlackError("no_text", "text: needs text, blocks or attachments")
    if len(given.get("text", "")) > UPDATE_TEXT_LIMIT:
        raise SlackError("msg_too_long", f"text: {len(given['text'])} characters, limit {UPDATE_TEXT_LIMIT}")
    _hold_to_whole(given.get("blocks", []))
    channel, record = _own_message(call, "cant_update_message")
    if channel.archived:
        raise SlackError("is_archived", f"channel: #{channel.name} is archived")
    changed = dict(given)
    if "text" in given:
        changed.setdefault("blocks", [])
    _needs_something({key: changed.get(key, getattr(record, key)) for key in ("text", "blocks", "attachments")})
    if "metadata" in call.args:
        changed["metadata"] = read_metadata(call.args["metadata"])
    messages.edit(workspace, channel, record, changed, workspace.bot_user_id)
    shown = wire.message(workspace, channel, record)
    return {"channel": channel.id, "ts": record.ts, "text": record.text, "message": shown}


@method("chat.delete", scopes=("chat:write",), tier=3, required={"channel": "string", "ts": "string"})
def delete(call: Call) -> Json:
    """Delete a message of the app's own."""
    channel, record = _own_message(call, "cant_delete_message")
    messages.delete(call.workspace, channel, record)
    return {"channel": channel.id, "ts": record.ts}


@method("chat.getPermalink", required={"channel": "string", "message_ts": "string"})
def get_permalink(call: Call) -> Json:
    """Return the address of a message."""
    workspace = call.workspace
    channel = workspace.channel_for_bot(call.args["channel"])
    record = workspace.message(channel, call.args["message_ts"])
    if record is None:
        raise SlackError("message_not_found", f"message_ts: no message {call.args['message_ts']} in {channel.id}")
    link = f"https://{workspace.team.domain}.slack.com/archives/{channel.id}/p{record.ts.replace('.', '')}"
    if record.thread_ts:
        link += f"?thread_ts={record.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}
