"""Block Kit blocks as fields, lines and links."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.connectors.parser import lines, rich_text
from bot.connectors.parser.line import label_text
from bot.connectors.parser.mrkdwn import from_markdown, literal
from bot.connectors.parser.page import Page, Place

MAX_BLOCKS = 100
MAX_CELLS = 100


def read(blocks: object) -> Page:
    """Return everything that the blocks say; whatever is not a block is passed over."""
    page = Page()
    for block in items(blocks, MAX_BLOCKS):
        if isinstance(block, Mapping) and (reader := _READERS.get(string(block, "type"))):
            reader(page, block)
    return page


def items(value: object, limit: int) -> list[object]:
    """Return the list's first items, or nothing where there is no list."""
    return value[:limit] if isinstance(value, list) else []


def string(element: Mapping[str, object], key: str) -> str:
    """Return the text under the key, or an empty one."""
    value = element.get(key)
    return value if isinstance(value, str) else ""


def text_of(value: object) -> str:
    """Return a text object in Slack's markup: in plain_text `<` was never markup."""
    if not isinstance(value, Mapping):
        return ""
    shown = string(value, "text")
    return literal(shown) if value.get("type") == "plain_text" else shown


def button(page: Page, element: object) -> None:
    """Take the link of a button, if it has one."""
    if isinstance(element, Mapping):
        shown = element.get("text")
        page.add_link(Place.BUTTON, string(element, "url"), shown if isinstance(shown, str) else text_of(shown))


def _text(page: Page, block: Mapping[str, object]) -> None:
    page.add_text(text_of(block.get("text")))


def _section(page: Page, block: Mapping[str, object]) -> None:
    _text(page, block)
    _fields(page, [text_of(field) for field in items(block.get("fields"), MAX_CELLS)])
    button(page, block.get("accessory"))


def _fields(page: Page, cells: list[str]) -> None:
    """Fields hold label and value each, or by turns: one the label, the next its value."""
    alone = [_is_label_alone(cell) for cell in cells[::2]]
    headed = all(_is_label_alone(cell) or _is_heading(cell) for cell in cells[::2])
    by_turns = bool(cells) and len(cells) % 2 == 0 and (all(alone) or (headed and sum(alone) > 1))
    if by_turns:
        for label, value in zip(cells[::2], cells[1::2], strict=True):
            page.add_pair(label_text(label), value)
        return
    for cell in cells:
        _cell(page, cell)


def _is_label_alone(cell: str) -> bool:
    return "\n" not in cell.strip() and lines.is_known(label_text(cell))


def _cell(page: Page, cell: str) -> None:
    label, _, value = cell.strip().partition("\n")
    read = lines.read(cell)
    if value.strip() and (not read.pairs or lines.is_known(label_text(label)) or _is_heading(label)):
        page.add_pair(label_text(label), value)  # Two lines in one field are label and value, however they look.
    else:
        page.add_text(cell)


def _is_heading(label: str) -> bool:
    shown = label.strip()
    return shown.startswith("*") and shown.rstrip(":： ").endswith("*") and shown.count("*") == 2


def _context(page: Page, block: Mapping[str, object]) -> None:
    for element in items(block.get("elements"), MAX_CELLS):
        page.add_text(text_of(element))


def _actions(page: Page, block: Mapping[str, object]) -> None:
    for element in items(block.get("elements"), MAX_CELLS):
        button(page, element)


def _rich_text(page: Page, block: Mapping[str, object]) -> None:
    page.add_text(rich_text.markup(block))


def _markdown(page: Page, block: Mapping[str, object]) -> None:
    page.add_text(from_markdown(string(block, "text")))


def _table(page: Page, block: Mapping[str, object]) -> None:
    """Read a table: the first row holds the labels and each other a lead; or two columns are labels and values."""
    rows = [[_table_cell(cell) for cell in items(row, MAX_CELLS)] for row in items(block.get("rows"), MAX_CELLS)]
    known = sum(map(_is_label_alone, rows[0])) if rows else 0
    if len(rows) > 1 and known > 1 and 2 * known > len(rows[0]):
        pairs = [pair for row in rows[1:] for pair in zip(rows[0], row, strict=False)]
    else:
        pairs = [(row[0], row[1]) for row in rows if len(row) == 2]
    for label, value in pairs:
        page.add_pair(label_text(label), value)


def _table_cell(cell: object) -> str:
    if isinstance(cell, Mapping) and cell.get("type") == "raw_text":
        return literal(string(cell, "text"))
    return rich_text.markup(cell)


_READERS: dict[str, Callable[[Page, Mapping[str, object]], None]] = {
    "header": _text,
    "section": _section,
    "context": _context,
    "actions": _actions,
    "rich_text": _rich_text,
    "markdown": _markdown,
    "table": _table,
}
