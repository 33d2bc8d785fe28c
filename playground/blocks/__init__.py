"""Block Kit's rules: what Slack accepts in a message, a modal and a Home tab.

`problems` and `view_problems` return sentences, one for each broken rule; no sentence means that Slack takes it.
Sources: Slack documentation, Block Kit reference (blocks, elements, composition objects) and views reference.
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from playground.blocks.checks import Check, anything, array, boolean, items, kind, one_of, shape, string
from playground.blocks.composition import plain
from playground.blocks.layout import Surface, layout_block

__all__ = [
    "Surface",
    "attachment_problems",
    "blocks_inside",
    "elements_inside",
    "problems",
    "view_problems",
    "view_too_large",
]

BLOCK_LIMIT: dict[Surface, int] = {"message": 50, "modal": 100, "home": 100}
PER_MESSAGE = {"table": 1, "data_visualization": 2}
MARKDOWN_LIMIT = 12_000
ATTACHMENT_LIMIT = 100


def blocks_inside(blocks: Any, path: str = "blocks") -> Iterator[tuple[str, dict[str, Any]]]:
    """Walk all blocks with their paths, those inside containers and carousels too."""
    for index, block in enumerate(items(blocks)):
        if not isinstance(block, dict):
            continue
        here = f"{path}[{index}]"
        yield here, block
        yield from blocks_inside(block.get("child_blocks"), f"{here}.child_blocks")
        if block.get("type") == "carousel":
            yield from blocks_inside(block.get("elements"), f"{here}.elements")


def elements_inside(block: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Walk the interactive elements of one block."""
    elements = [block.get("accessory"), block.get("element")]
    if block.get("type") in ("actions", "context_actions"):
        elements += items(block.get("elements"))
    if block.get("type") == "card":
        elements += items(block.get("actions"))
    yield from (element for element in elements if isinstance(element, dict))


def problems(blocks: Any, surface: Surface) -> list[str]:
    """Say which rules a list of blocks breaks on a surface."""
    return list(_problems(blocks, surface))


def _problems(blocks: Any, surface: Surface, path: str = "blocks") -> Iterator[str]:
    yield from array(layout_block(surface), 0, BLOCK_LIMIT[surface])(blocks, path)
    yield from _duplicates(blocks, path)
    yield from _too_many_of_a_kind(blocks, path)


def _duplicates(blocks: Any, path: str) -> Iterator[str]:
    """Block ids are unique in a message or view, action ids within their block."""
    seen: dict[str, str] = {}
    for here, block in blocks_inside(blocks, path):
        block_id = block.get("block_id")
        if isinstance(block_id, str):
            if block_id in seen:
                yield f"{here}.block_id: {block_id!r} stands already at {seen[block_id]}"
            seen.setdefault(block_id, here)
        ids = Counter(str(element["action_id"]) for element in elements_inside(block) if "action_id" in element)
        for action_id, count in ids.items():
            if count > 1:
                yield f"{here}: action_id {action_id!r} stands {count} times in one block"


def _too_many_of_a_kind(blocks: Any, path: str) -> Iterator[str]:
    kinds = Counter(str(block.get("type")) for _, block in blocks_inside(blocks, path))
    for name, limit in PER_MESSAGE.items():
        if kinds[name] > limit:
            yield f"{path}: {kinds[name]} {name} blocks, limit {limit}"
    texts = [block.get("text") for _, block in blocks_inside(blocks, path) if block.get("type") == "markdown"]
    length = sum(len(text) for text in texts if isinstance(text, str))
    if len(texts) > 1 and length > MARKDOWN_LIMIT:
        yield f"{path}: {length} characters in markdown blocks together, limit {MARKDOWN_LIMIT}"
    elements = [element for _, block in blocks_inside(blocks, path) for element in elements_inside(block)]
    focused = [element for element in elements if element.get("focus_on_load")]
    if len(focused) > 1:
        yield f"{path}: {len(focused)} elements with focus_on_load, limit 1"


def attachment_problems(attachments: Any) -> list[str]:
    """Say which rules the secondary attachments of a message break; blocks inside them are held to the rules."""
    if not isinstance(attachments, list):
        return [f"attachments: must be an array, is {kind(attachments)}"]
    broken: list[str] = []
    for index, attachment in enumerate(attachments):
        if not isinstance(attachment, dict):
            broken.append(f"attachments[{index}]: must be an object, is {kind(attachment)}")
        elif "blocks" in attachment:
            broken += _problems(attachment["blocks"], "message", f"attachments[{index}].blocks")
    return broken


COMMON: dict[str, Check] = {
    "private_metadata": string(3000),
    "callback_id": string(255),
    "external_id": string(255),
}
VIEWS: dict[str, Check] = {
    "modal": shape(
        {"type": string(), "title": plain(24), "blocks": anything},
        {
            **COMMON,
            "submit": plain(24),
            "close": plain(24),
            "clear_on_close": boolean,
            "notify_on_close": boolean,
            "submit_disabled": boolean,
        },
    ),
    "home": shape({"type": string(), "blocks": anything}, COMMON),
}
VIEW_BYTES = 250_000


def view_problems(view: Any) -> list[str]:
    """Say which rules a modal or Home tab breaks (Slack documentation: views reference)."""
    return list(_view_problems(view))


def view_too_large(view: Any) -> bool:
    """Tell whether a view is over 250 kB, for which Slack has an error of its own."""
    return len(json.dumps(view, ensure_ascii=False).encode()) > VIEW_BYTES


def _view_problems(view: Any) -> Iterator[str]:
    if not isinstance(view, dict):
        yield f"view: must be an object, is {kind(view)}"
        return
    if str(view.get("type")) not in VIEWS:
        yield from one_of(*VIEWS)(view.get("type"), "view.type")
        return
    surface: Surface = "modal" if view["type"] == "modal" else "home"
    yield from VIEWS[surface](view, "view")
    if "blocks" in view:
        yield from _problems(view["blocks"], surface, "view.blocks")
    kinds = {str(block.get("type")) for _, block in blocks_inside(view.get("blocks"))}
    if surface == "modal" and "input" in kinds and "submit" not in view:
        yield "view: has an input block and so needs submit"
