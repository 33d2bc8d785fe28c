"""What holds elements that a person can use: the open modal, the messages they see, the Home tab."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from playground.blocks import blocks_inside, elements_inside
from playground.client.visible_text import unescaped
from playground.errors import ClientRefused
from playground.inputs import VALUE_KEY, initial_values
from playground.model import Channel, Json, Record, User, Values, ViewRecord
from playground.views import Views
from playground.workspace import Workspace


@dataclass(frozen=True)
class Container:
    """A message or a view whose elements can be used; an interaction carries it as its `container`."""

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


class Surface(Protocol):
    """Anything a person can be told to look in: a message, a conversation, a modal or a Home tab."""

    def containers(self, user: User) -> Iterable[Container]:
        """Return what this person can use there, the newest first; raises ClientRefused where they do not see it."""
        ...


@dataclass(frozen=True)
class Target:
    """An element found in a container; `option` is set for an entry of an overflow menu."""

    container: Container
    block: Json
    element: Json
    option: Json | None = None


def all_blocks(record: Record) -> list[Json]:
    """List the blocks of a message and of its attachments."""
    inside = [block for attachment in record.attachments for block in attachment.get("blocks") or []]
    return [*record.blocks, *inside]


def message_container(channel: Channel, record: Record) -> Container:
    """Return the container that a message is."""
    return Container(channel=channel, record=record, blocks=all_blocks(record))


def view_container(view: ViewRecord) -> Container:
    """Return the container that a modal or Home tab is."""
    return Container(view=view, blocks=view.payload["blocks"])


class Screen:
    """All that one person has before them, in which presses and choices find their element."""

    def __init__(self, workspace: Workspace, views: Views, user: User) -> None:
        self._workspace, self._views, self._user = workspace, views, user

    def containers(self, user: User) -> Iterator[Container]:
        """Walk the containers this person can see, what is in front first."""
        if (top := self._views.top(user.id)) is not None:
            yield view_container(top)
        visible = [
            (channel, record)
            for channel in self._workspace.channels.values()
            if user.id in channel.members
            for record in self._workspace.visible(channel, user.id)
        ]
        for channel, record in sorted(visible, key=lambda pair: pair[1].ts, reverse=True):
            yield message_container(channel, record)
        if user.id in self._views.homes:
            yield view_container(self._views.homes[user.id])

    def button(self, text: str, surface: Surface | None, block: str = "", value: str = "") -> Target:
        """Find a button or overflow option by its text or action id, the newest one first; in one block if named. Where
        that block is there no more, because its view was drawn anew, it is the button that holds the same value."""
        there = [named for container in (surface or self).containers(self._user) for named in _buttons(container)]
        if block:
            inside = [(target, name) for target, name in there if target.block["block_id"] == block]
            there = inside or [named for named in there if value and named[0].element.get("value") == value]
        for target, name in there:
            by_action = target.option is None and text == target.element["action_id"]
            if text in (name, unescaped(name)) or by_action:
                return target
        names = ", ".join(name for _, name in there)
        raise ClientRefused(f"{self._user.name} sees no button {text!r}; there are: {names or 'none'}")

    def menu(self, name: str, surface: Surface | None, block: str = "") -> Target:
        """Find an element that holds a value by action id, block id, label or placeholder; in one block if named."""
        there: list[str] = []
        for container in (surface or self).containers(self._user):
            for target in _menus(container):
                names = _names(target.block, target.element)
                if name in names and block in ("", target.block["block_id"]):
                    return target
                there.append(names[0])
        raise ClientRefused(
            f"{self._user.name} sees no menu or input {name!r}; there are: {', '.join(there) or 'none'}"
        )


def _buttons(container: Container) -> Iterator[tuple[Target, str]]:
    for _, block in blocks_inside(container.blocks):
        for element in elements_inside(block):
            if element["type"] in ("button", "workflow_button"):
                yield Target(container, block, element), element["text"]["text"]
            elif element["type"] == "overflow":
                for option in element["options"]:
                    yield Target(container, block, element, option), option["text"]["text"]


def _menus(container: Container) -> Iterator[Target]:
    for _, block in blocks_inside(container.blocks):
        for element in elements_inside(block):
            if element["type"] in VALUE_KEY:
                yield Target(container, block, element)


def _names(block: Json, element: Json) -> list[str]:
    texts = [block.get("label"), element.get("placeholder"), block.get("text")]
    shown = [text["text"] for text in texts if isinstance(text, dict)]
    return [*shown, element["action_id"], block["block_id"]]
