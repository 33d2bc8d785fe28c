"""Where a person can press and choose: the open modal, the messages they see, the Home tab."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from playground.blocks import blocks_inside, elements_inside
from playground.conversation import Conversation, Message
from playground.errors import ClientRefused
from playground.forms import VALUE_KEY, initial_values
from playground.model import Channel, Json, Record, User, Values, ViewRecord
from playground.reading import unescaped

if TYPE_CHECKING:
    from playground.playground import Playground


@dataclass(frozen=True)
class Place:
    """A message or a view whose elements can be used."""

    channel: Channel | None = None
    record: Record | None = None
    view: ViewRecord | None = None
    blocks: list[Json] = field(default_factory=list)

    def values(self, user: str) -> Values:
        """Return what this person has put into the elements so far, to be changed in place."""
        if self.view is not None:
            return self.view.values
        assert self.record is not None
        values = self.record.values.setdefault(user, {})
        for block_id, actions in initial_values(self.blocks).items():
            for action_id, value in actions.items():
                values.setdefault(block_id, {}).setdefault(action_id, value)
        return values


@dataclass(frozen=True)
class Target:
    """An element found in a place; `option` is set for an entry of an overflow menu."""

    place: Place
    block: Json
    element: Json
    option: Json | None = None


def of_message(playground: "Playground", message: Message) -> Place:
    """Make a place of a message."""
    channel = playground.workspace.channels[message.channel]
    return Place(channel=channel, record=message.record, blocks=message.all_blocks)


def of_view(view: ViewRecord) -> Place:
    """Make a place of a modal or Home tab."""
    return Place(view=view, blocks=view.payload["blocks"])


def places(playground: "Playground", user: User, where: object) -> Iterator[Place]:
    """Walk the places a person can see, what is in front first; or the one that was named."""
    workspace, views = playground.workspace, playground.views
    if isinstance(where, Message):
        channel = workspace.channels[where.channel]
        hidden = where.record.ephemeral_for not in (None, user.id)
        if where.deleted or hidden or user.id not in channel.members:
            raise ClientRefused(f"{user.name} does not see this message")
        yield of_message(playground, where)
        return
    if isinstance(where, Conversation):
        yield from (of_message(playground, one) for one in reversed(where.messages))
        return
    if where is not None:
        yield of_view(where.record)  # type: ignore[attr-defined]
        return
    if (top := views.top(user.id)) is not None:
        yield of_view(top)
    seen = [
        record
        for channel in workspace.channels.values()
        if user.id in channel.members
        for record in workspace.visible(channel, user.id)
    ]
    for record in sorted(seen, key=lambda one: one.ts, reverse=True):
        yield of_message(playground, Message(playground, record))
    if user.id in views.homes:
        yield of_view(views.homes[user.id])


def find(playground: "Playground", user: User, what: str, where: object, block: str = "") -> Target:
    """Find a button or overflow option by its text or action id, the newest one first; in one block if named."""
    there: list[str] = []
    for place in places(playground, user, where):
        for target, name in _pressable(place):
            if block and target.block["block_id"] != block:
                continue
            if what in (name, unescaped(name)) or (target.option is None and what == target.element["action_id"]):
                return target
            there.append(name)
    raise ClientRefused(f"{user.name} sees no button {what!r}; there are: {', '.join(there) or 'none'}")


def _pressable(place: Place) -> Iterator[tuple[Target, str]]:
    for _, block in blocks_inside(place.blocks):
        for element in elements_inside(block):
            if element["type"] in ("button", "workflow_button"):
                yield Target(place, block, element), element["text"]["text"]
            elif element["type"] == "overflow":
                for option in element["options"]:
                    yield Target(place, block, element, option), option["text"]["text"]


def find_menu(playground: "Playground", user: User, what: str, where: object, block: str = "") -> Target:
    """Find an element that holds a value by action id, block id, label or placeholder; in one block if named."""
    there: list[str] = []
    for place in places(playground, user, where):
        for target in _menus(place):
            names = _names(target.block, target.element)
            if what in names and block in ("", target.block["block_id"]):
                return target
            there.append(names[0])
    raise ClientRefused(f"{user.name} sees no menu or input {what!r}; there are: {', '.join(there) or 'none'}")


def _menus(place: Place) -> Iterator[Target]:
    for _, block in blocks_inside(place.blocks):
        for element in elements_inside(block):
            if element["type"] in VALUE_KEY:
                yield Target(place, block, element)


def _names(block: Json, element: Json) -> list[str]:
    texts = [block.get("label"), element.get("placeholder"), block.get("text")]
    shown = [text["text"] for text in texts if isinstance(text, dict)]
    return [*shown, element["action_id"], block["block_id"]]
