"""The rich_text block and its parts (Slack documentation: Block Kit, rich text block)."""

from playground.blocks.checks import Check, array, boolean, by_type, number, one_of, shape, string
from playground.blocks.composition import BLOCK_ID, URL, USER_ID

STYLE_FLAGS = ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink")
STYLE = shape({}, {flag: boolean for flag in STYLE_FLAGS})


def _part(required: dict[str, Check], optional: dict[str, Check] | None = None) -> Check:
    return shape({"type": string(), **required}, {"style": STYLE, **(optional or {})})


PARTS: dict[str, Check] = {
    "text": _part({"text": string(at_least=1)}),
    "link": _part({"url": URL}, {"text": string(), "unsafe": boolean}),
    "emoji": _part({"name": string(at_least=1)}, {"unicode": string(), "skin_tone": number(1, 6, whole=True)}),
    "user": _part({"user_id": USER_ID}),
    "usergroup": _part({"usergroup_id": string(pattern=r"S[A-Z0-9]+")}),
    "channel": _part({"channel_id": string(pattern=r"[CGD][A-Z0-9]+")}),
    "team": _part({"team_id": string(pattern=r"[TE][A-Z0-9]+")}),
    "broadcast": _part({"range": one_of("here", "channel", "everyone")}),
    "color": _part({"value": string(pattern=r"#[0-9A-Fa-f]{6}")}),
    "date": _part(
        {"timestamp": number(0, whole=True), "format": string(at_least=1)}, {"url": URL, "fallback": string()}
    ),
}
INLINE = by_type(PARTS, "rich text element")
PREFORMATTED_INLINE = by_type({"text": PARTS["text"], "link": PARTS["link"]}, "rich text element")
BORDER = number(0, 1, whole=True)

SECTION = shape({"type": string(), "elements": array(INLINE)})
RICH_PARTS: dict[str, Check] = {
    "rich_text_section": SECTION,
    "rich_text_quote": shape({"type": string(), "elements": array(INLINE)}, {"border": BORDER}),
    "rich_text_preformatted": shape(
        {"type": string(), "elements": array(PREFORMATTED_INLINE)}, {"border": BORDER, "language": string()}
    ),
    "rich_text_list": shape(
        {
            "type": string(),
            "elements": array(by_type({"rich_text_section": SECTION}, "rich text element")),
            "style": one_of("bullet", "ordered"),
        },
        {"indent": number(0, 8, whole=True), "offset": number(0, whole=True), "border": BORDER},
    ),
}

RICH_TEXT = shape(
    {"type": one_of("rich_text"), "elements": array(by_type(RICH_PARTS, "rich text element"))},
    {"block_id": BLOCK_ID},
)
