"""What Slack's client makes of the text that a person types."""

import re

from playground.model import Json

MENTION = re.compile(r"(<(?:@[UW]|!subteam\^S)[A-Z0-9]+>)")
KEPT_MARKUP = re.compile(r"(<(?:@[UW]|#C|!|https?://|mailto:)[^<>]*>)")


def escaped(text: str) -> str:
    """Escape the three characters that Slack escapes, but not the markup of mentions and links."""
    parts = KEPT_MARKUP.split(text)
    return "".join(
        part if KEPT_MARKUP.fullmatch(part) else part.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        for part in parts
    )


def rich_text(text: str) -> list[Json]:
    """Return the rich_text block in which a client sends typed text."""
    inside = [_inline(part) for part in MENTION.split(text) if part]
    return [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": inside}]}]


def _inline(part: str) -> Json:
    if not MENTION.fullmatch(part):
        return {"type": "text", "text": part}
    if part.startswith("<@"):
        return {"type": "user", "user_id": part[2:-1]}
    return {"type": "usergroup", "usergroup_id": part.removeprefix("<!subteam^")[:-1]}
