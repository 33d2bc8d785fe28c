"""files.*: what is known of a file that somebody has shared."""

from playground import wire
from playground.errors import SlackError
from playground.methods.registry import Call, method
from playground.model import Json


@method("files.info", tier=4, scopes=("files:read",), required={"file": "string"}, optional={"limit": "number"})
def info(call: Call) -> Json:
    """Describe one file."""
    shared = call.workspace.files.get(call.args["file"])
    if shared is None:
        raise SlackError("file_not_found", f"file: no file {call.args['file']!r}")
    if shared.deleted:
        raise SlackError("file_deleted", f"file: {shared.id} was deleted")
    return {"file": wire.file(call.workspace, shared), "comments": [], "response_metadata": {"next_cursor": ""}}
