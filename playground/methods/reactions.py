"""reactions.*: the app's reactions to messages."""

from playground.errors import SlackError
from playground.methods.registry import Call, method
from playground.model import Json


@method(
    "reactions.add",
    scopes=("reactions:write",),
    tier=3,
    required={"channel": "string", "name": "string", "timestamp": "string"},
)
def reactions_add(call: Call) -> Json:
    """Add the app's reaction to a message."""
    workspace = call.workspace
    channel = workspace.channel_for_bot(call.args["channel"])
    record = workspace.message(channel, call.args["timestamp"])
    if record is None:
        raise SlackError("message_not_found", f"timestamp: no message {call.args['timestamp']} in {channel.id}")
    users = record.reactions.setdefault(call.args["name"].strip(":"), [])
    if workspace.bot_user_id in users:
        raise SlackError("already_reacted", f"name: the app has reacted with {call.args['name']} already")
    users.append(workspace.bot_user_id)
    workspace.touch(channel, record)
    return {}
