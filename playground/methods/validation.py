"""blocks.validate: checking blocks, a message or a view without sending it."""

from typing import Any

from playground.blocks import attachment_problems, problems, view_problems
from playground.errors import SlackError
from playground.methods.registry import Call, method
from playground.model import Json


@method("blocks.validate", optional={"blocks": "json", "message": "json", "view": "json"})
def blocks_validate(call: Call) -> Json:
    """Check blocks, a message or a view without sending it."""
    given: list[tuple[str, Any]] = [(key, call.args[key]) for key in ("blocks", "message", "view") if key in call.args]
    if len(given) != 1:
        raise SlackError("invalid_arguments", "must provide exactly one of `blocks`, `view`, or `message`")
    key, value = given[0]
    if key == "blocks":
        broken = problems(value, "message")
    elif key == "view":
        broken = view_problems(value)
    else:
        message = value if isinstance(value, dict) else {}
        broken = [] if isinstance(value, dict) else ["message: must be an object"]
        broken += problems(message.get("blocks", []), "message") + attachment_problems(message.get("attachments", []))
    if broken:
        errors = [{"code": "failed_constraint", "message": sentence} for sentence in broken]
        raise SlackError(f"invalid_{key}", *broken, errors=errors)
    return {}
