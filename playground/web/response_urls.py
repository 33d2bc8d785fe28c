"""Response URLs: answering an interaction later (Slack documentation: response_url)."""

from playground import messages
from playground.client import submissions
from playground.errors import SlackError
from playground.methods.chat import content
from playground.model import Json, ResponseUrl
from playground.parts import Parts
from playground.workspace import Workspace

KEYS = {
    "text",
    "blocks",
    "attachments",
    "response_type",
    "replace_original",
    "delete_original",
    "thread_ts",
    "metadata",
    "unfurl_links",
    "unfurl_media",
    "mrkdwn",
}


def respond(parts: Parts, key: str, body: object) -> tuple[str, int, tuple[str, ...]]:
    """Take one answer; return text, HTTP status and broken rules. The app need not be in the channel."""
    workspace = parts.workspace
    try:
        if not isinstance(body, dict):
            raise SlackError("invalid_payload", "response_url: the body must be a JSON object")
        with workspace.change() as events:
            url = parts.views.use_response_url(key)
            done = _change_original(workspace, url, body)
        parts.events.deliver_later(events)
        if not done:
            channel = workspace.channels[url.channel]
            answer = content(body) | _how(body)
            submissions.show(workspace, parts.events, url.user, channel, answer, url.thread_ts)
        return "ok", 200, ()
    except SlackError as refused:
        status = 404 if refused.code in ("expired_url", "used_url") else 400
        return refused.code, status, refused.sentences


def _how(body: Json) -> Json:
    return {key: body[key] for key in ("response_type", "thread_ts") if body.get(key)}


def _change_original(workspace: Workspace, url: ResponseUrl, body: Json) -> bool:
    """Delete or replace the message the interaction came from; False where a new one is wanted."""
    if unknown := body.keys() - KEYS:
        raise SlackError("invalid_payload", f"response_url: unknown key {min(unknown)}")
    given = content(body)
    channel = workspace.channels[url.channel]
    original = workspace.message(channel, url.message_ts, ephemeral=True) if url.message_ts else None
    if body.get("delete_original"):
        if original is not None:
            messages.delete(workspace, channel, original)
        return True
    if not any(given.get(key) for key in ("text", "blocks", "attachments")):
        raise SlackError("no_text", "response_url: needs text, blocks or attachments")
    if body.get("replace_original") and original is not None:
        changed = {"text": "", "blocks": [], "attachments": []} | given
        messages.edit(workspace, channel, original, changed, workspace.bot_user_id)
        return True
    return False
