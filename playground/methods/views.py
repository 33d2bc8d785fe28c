"""views.*: opening, stacking, replacing modals and publishing Home tabs."""

from playground import wire
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
