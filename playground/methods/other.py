"""views.*, reactions.add, blocks.validate, apps.connections.open."""

from typing import Any

from playground import wire
from playground.blocks import attachment_problems, problems, view_problems
from playground.errors import SlackError
from playground.methods.registry import Call, method
from playground.model import Json

OPENING = {"trigger_id": "string", "interactivity_pointer": "string"}


def _trigger(call: Call) -> str:
    trigger_id = call.args.get("trigger_id") or call.args.get("interactivity_pointer")
    if not trigger_id:
        raise SlackError("invalid_arguments", "missing required field: trigger_id")
    return str(trigger_id)


@method("views.open", tier=4, required={"view": "json"}, optional=OPENING)
def views_open(call: Call) -> Json:
    """Open a modal for the person who caused the trigger."""
    trigger_id = _trigger(call)
    payload = call.views.check(call.args["view"], "modal")
    call.views.check_external_id(payload)
    record = call.views.open(call.views.use_trigger(trigger_id).user, payload)
    return {"view": wire.view(call.workspace, record)}


@method("views.push", tier=4, required={"view": "json"}, optional=OPENING)
def views_push(call: Call) -> Json:
    """Put a modal on top of the open one."""
    trigger_id = _trigger(call)
    payload = call.views.check(call.args["view"], "modal")
    call.views.check_external_id(payload)
    record = call.views.push(call.views.use_trigger(trigger_id).user, payload)
    return {"view": wire.view(call.workspace, record)}


@method(
    "views.update",
    tier=4,
    required={"view": "json"},
    optional={"view_id": "string", "external_id": "string", "hash": "string"},
)
def views_update(call: Call) -> Json:
    """Replace an open view; with a hash, only if it is still the one the app saw."""
    if not call.args.get("view_id") and not call.args.get("external_id"):
        raise SlackError("invalid_arguments", "missing required field: view_id or external_id")
    record = call.views.find(call.args.get("view_id"), call.args.get("external_id"))
    payload = call.views.check(call.args["view"], record.type)
    call.views.check_external_id(payload, but=record)
    if call.args.get("hash") and call.args["hash"] != record.hash:
        raise SlackError("hash_conflict", "hash: the view has changed since")
    return {"view": wire.view(call.workspace, call.views.update(record, payload))}


@method("views.publish", tier=4, required={"user_id": "string", "view": "json"}, optional={"hash": "string"})
def views_publish(call: Call) -> Json:
    """Set a person's Home tab."""
    if not call.workspace.grants.home_tab:
        raise SlackError("not_enabled", "views.publish: the manifest does not turn the Home tab on")
    if call.args["user_id"] not in call.workspace.users:
        raise SlackError("invalid_arguments", f"user_id: no user {call.args['user_id']!r}")
    payload = call.views.check(call.args["view"], "home")
    known = call.views.homes.get(call.args["user_id"])
    call.views.check_external_id(payload, but=known)
    if call.args.get("hash") and known is not None and call.args["hash"] != known.hash:
        raise SlackError("hash_conflict", "hash: the view has changed since")
    return {"view": wire.view(call.workspace, call.views.publish(call.args["user_id"], payload))}


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


@method("blocks.validate", optional={"blocks": "json", "message": "json", "view": "json"})
def blocks_validate(call: Call) -> Json:
    """Check blocks, a message or a view without sending it."""
    given: list[tuple[str, Any]] = [(key, call.args[key]) for key in ("blocks", "message", "view") if key in call.args]
    if len(given) != 1:
        raise SlackError("invalid_arguments", "must provide exactly one of `blocks`, `view`, or `message`")
    key, value = given[0]
    if key == "blocks":
        found = problems(value, "message")
    elif key == "view":
        found = view_problems(value)
    else:
        message = value if isinstance(value, dict) else {}
        found = [] if isinstance(value, dict) else ["message: must be an object"]
        found += problems(message.get("blocks", []), "message") + attachment_problems(message.get("attachments", []))
    if found:
        errors = [{"code": "failed_constraint", "message": sentence} for sentence in found]
        raise SlackError(f"invalid_{key}", *found, errors=errors)
    return {}


@method("apps.connections.open", token="xapp", tier=3)  # noqa: S106 - the kind of token, not a token
def apps_connections_open(call: Call) -> Json:
    """Give out an address for one Socket Mode connection."""
    return {"url": call.socket_url()}
