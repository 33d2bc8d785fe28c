"""What a person reads: the visible text of a message, modal or Home tab, without Slack's markup."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from playground.blocks import blocks_inside, elements_inside
from playground.blocks.checks import items
from playground.workspace import Workspace

LINK = re.compile(r"<([^<>]+)>")
WRAPPED = re.compile(r"(?<![\w*_~`])([*_~`])(?=\S)(.+?)(?<=\S)\1(?![\w*_~`])")


def unescaped(text: str) -> str:
    """Undo the three escapes that Slack knows (Slack documentation: formatting message text)."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


class TextRenderer:
    """Renders markup with the names of one workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def mrkdwn(self, text: str) -> str:
        """Render mrkdwn: mentions by name, links by label, dates by their fallback, bold without stars.

        Stars that touch a letter outside stay, because Slack shows them: that is how bold fails in Japanese.
        """
        shown = LINK.sub(lambda match: self._angle(match.group(1)), text)
        while (plainer := WRAPPED.sub(r"\2", shown)) != shown:
            shown = plainer
        return unescaped(shown)

    def _angle(self, inside: str) -> str:
        target, _, label = inside.partition("|")
        if target.startswith("@"):
            return "@" + self.user(target[1:])
        if target.startswith("#"):
            return "#" + (label or self.channel(target[1:]))
        if target.startswith("!date^"):
            return label or f"<{inside}>"
        if target.startswith("!subteam^"):
            return "@" + (label.removeprefix("@") or self.usergroup(target.removeprefix("!subteam^")))
        if target.startswith("!"):
            return "@" + target[1:]
        return label or target.removeprefix("mailto:").removeprefix("tel:")

    def mentions(self, text: str, *parts: Any) -> list[str]:
        """Name everybody whom a message notifies: people, groups, and @here, @channel, @everyone."""
        marks = [*LINK.findall(text), *_marks(parts)]
        mentions = [mark for mark in marks if mark.startswith(("@", "!")) and not mark.startswith("!date^")]
        return list(dict.fromkeys(self._angle(mention) for mention in mentions))

    def links(self, text: str, *parts: Any) -> list[str]:
        """List the addresses that can be clicked."""
        targets = [mark.partition("|")[0] for mark in (*LINK.findall(text), *_marks(parts))]
        return list(dict.fromkeys(target for target in targets if not target.startswith(("@", "#", "!"))))

    def user(self, user_id: str) -> str:
        """Name a user."""
        user = self.workspace.users.get(user_id)
        return user.real_name if user else user_id

    def channel(self, channel_id: str) -> str:
        """Name a channel."""
        channel = self.workspace.channels.get(channel_id)
        return channel.name if channel else channel_id

    def usergroup(self, group_id: str) -> str:
        """Name a user group."""
        group = self.workspace.usergroups.get(group_id)
        return group.handle if group else group_id

    def text_object(self, value: Any) -> str:
        """Render a text object; plain_text has no markup, only escaped characters."""
        if not isinstance(value, dict) or not isinstance(value.get("text"), str):
            return ""
        return self.mrkdwn(value["text"]) if value.get("type") == "mrkdwn" else unescaped(value["text"])

    def blocks(self, blocks: Any) -> str:
        """Render blocks line by line, buttons and menu options included."""
        return "\n".join(line for _, block in blocks_inside(blocks) for line in self._block(block) if line)

    def _block(self, block: dict[str, Any]) -> Iterator[str]:
        kind = block.get("type")
        if kind in ("rich_text", "table", "data_visualization", "context"):
            yield from BLOCK_RENDERERS[kind](self, block)
            return
        if isinstance(block.get("text"), str):
            yield self.mrkdwn(block["text"])
        for key in ("title", "subtitle", "text", "label", "body", "hint", "description"):
            yield self.text_object(block.get(key))
        if isinstance(block.get("rich_text_title"), dict):
            yield from _rich_text(self, block["rich_text_title"])
        for field in block.get("fields") or []:
            yield self.text_object(field)
        for element in elements_inside(block):
            yield self._element(element)

    def _element(self, element: dict[str, Any]) -> str:
        words = [self.text_object(element.get("text")), self.text_object(element.get("placeholder"))]
        for option in element.get("options") or []:
            words += [self.text_object(option.get("text")), self.text_object(option.get("description"))]
        return " ".join(f"[{word}]" for word in words if word)

    def attachment(self, attachment: dict[str, Any]) -> str:
        """Render a secondary attachment."""
        lines = [
            self.mrkdwn(str(attachment[key]))
            for key in ("pretext", "author_name", "title", "text")
            if attachment.get(key)
        ]
        fields = [field for field in items(attachment.get("fields")) if isinstance(field, dict)]
        lines += [f"{field.get('title', '')}\n{self.mrkdwn(str(field.get('value', '')))}" for field in fields]
        lines.append(self.blocks(attachment.get("blocks")))
        if not any(lines):
            lines.append(str(attachment.get("fallback", "")))
        lines.append(str(attachment.get("footer", "")))
        return "\n".join(line for line in lines if line)

    def message(self, text: str, blocks: Any, attachments: Any) -> str:
        """Render a message: its blocks, or its text where there are none, and its attachments."""
        parts = [self.blocks(blocks) if blocks else self.mrkdwn(text)]
        parts += [self.attachment(attachment) for attachment in attachments or []]
        return "\n".join(part for part in parts if part)


def _rich_text(renderer: TextRenderer, block: dict[str, Any]) -> Iterator[str]:
    for element in block.get("elements") or []:
        if element.get("type") == "rich_text_list":
            yield from (f"• {_inline(renderer, item.get('elements'))}" for item in element.get("elements") or [])
        else:
            yield _inline(renderer, element.get("elements"))


def _inline(renderer: TextRenderer, elements: Any) -> str:
    return "".join(
        INLINE_RENDERERS[element["type"]](renderer, element)
        for element in elements or []
        if element.get("type") in INLINE_RENDERERS
    )


def _table(renderer: TextRenderer, block: dict[str, Any]) -> Iterator[str]:
    for row in block.get("rows") or []:
        yield " | ".join(_cell(renderer, cell) for cell in row)


def _cell(renderer: TextRenderer, cell: dict[str, Any]) -> str:
    if cell.get("type") == "rich_text":
        return " ".join(_rich_text(renderer, cell))
    return str(cell.get("text", cell.get("value", "")))


def _chart(_renderer: TextRenderer, block: dict[str, Any]) -> Iterator[str]:
    chart = block.get("chart") or {}
    yield str(block.get("title", ""))
    for segment in chart.get("segments") or []:
        yield f"{segment['label']}: {segment['value']}"
    for series in chart.get("series") or []:
        yield f"{series['name']}: " + ", ".join(f"{point['label']} {point['value']}" for point in series["data"])


def _context(renderer: TextRenderer, block: dict[str, Any]) -> Iterator[str]:
    for element in block.get("elements") or []:
        yield renderer.text_object(element)


def _marks(value: Any) -> Iterator[str]:
    """Walk everything in blocks or attachments that Slack makes clickable or that notifies somebody."""
    if isinstance(value, list | tuple):
        for part in value:
            yield from _marks(part)
    elif isinstance(value, dict):
        kind = value.get("type")
        if kind in MARKS and MARKS[kind][0] in value:
            yield MARKS[kind][1] + str(value[MARKS[kind][0]])
        elif kind == "mrkdwn":
            yield from LINK.findall(value["text"])
        elif kind != "plain_text":
            for key, inner in value.items():
                if isinstance(inner, str) and (kind is None or key == "url"):
                    yield from LINK.findall(inner) if key != "url" else [inner]
                yield from _marks(inner)


MARKS = {
    "user": ("user_id", "@"),
    "broadcast": ("range", "!"),
    "usergroup": ("usergroup_id", "!subteam^"),
    "channel": ("channel_id", "#"),
    "link": ("url", ""),
}
BLOCK_RENDERERS: dict[str, Callable[[TextRenderer, dict[str, Any]], Iterator[str]]] = {
    "rich_text": _rich_text,
    "table": _table,
    "data_visualization": _chart,
    "context": _context,
}
INLINE_RENDERERS: dict[str, Callable[[TextRenderer, dict[str, Any]], str]] = {
    "text": lambda _renderer, element: str(element["text"]),
    "link": lambda _renderer, element: str(element.get("text") or element["url"]),
    "emoji": lambda _renderer, element: f":{element['name']}:",
    "user": lambda renderer, element: "@" + renderer.user(element["user_id"]),
    "usergroup": lambda renderer, element: "@" + renderer.usergroup(element["usergroup_id"]),
    "channel": lambda renderer, element: "#" + renderer.channel(element["channel_id"]),
    "broadcast": lambda _renderer, element: "@" + str(element["range"]),
    "date": lambda _renderer, element: str(element.get("fallback", "")),
    "color": lambda _renderer, element: str(element["value"]),
    "team": lambda _renderer, element: str(element["team_id"]),
}
