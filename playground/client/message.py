"""One message as a person reads it."""

from collections.abc import Iterator
from dataclasses import dataclass

from playground.blocks import blocks_inside, elements_inside
from playground.client.containers import Container, all_blocks, message_container
from playground.client.visible_text import TextRenderer
from playground.errors import ClientRefused
from playground.model import Json, Record, User
from playground.workspace import Workspace


@dataclass(frozen=True, eq=False)
class Message:
    """One message, always as it is now: after an edit the same object shows the new text."""

    workspace: Workspace
    record: Record

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and other.record is self.record

    def __hash__(self) -> int:
        return id(self.record)

    def __repr__(self) -> str:
        return f"<Message {self.channel} {self.ts}: {self.text!r}>"

    @property
    def ts(self) -> str:
        """Slack's timestamp, the message's id within its channel."""
        return self.record.ts

    @property
    def channel(self) -> str:
        """The id of the conversation."""
        return self.record.channel

    @property
    def text(self) -> str:
        """All that a person reads in the message: blocks (or the text where there are none) and attachments."""
        renderer = TextRenderer(self.workspace)
        return renderer.message(self.record.text, self.record.blocks, self.record.attachments)

    @property
    def notification(self) -> str:
        """The text of the push notification: what stands in `text`."""
        return TextRenderer(self.workspace).mrkdwn(self.record.text)

    @property
    def blocks(self) -> list[Json]:
        """The blocks, with the ids that Slack filled in."""
        return self.record.blocks

    @property
    def attachments(self) -> list[Json]:
        """The secondary attachments."""
        return self.record.attachments

    @property
    def metadata(self) -> Json | None:
        """The message metadata, None if there is none."""
        return self.record.metadata

    @property
    def thread(self) -> str | None:
        """The timestamp of the parent, None for a message that is not a reply."""
        return self.record.thread_ts

    @property
    def edited(self) -> bool:
        """Whether the message was changed after it was posted."""
        return self.record.edited is not None

    @property
    def deleted(self) -> bool:
        """Whether the message is gone."""
        return self.record.deleted

    @property
    def author(self) -> str:
        """The name of who posted it."""
        if self.record.username:
            return self.record.username
        user = self.workspace.users.get(self.record.user)
        return user.real_name if user else self.record.bot_id

    @property
    def ephemeral_for(self) -> str | None:
        """The short name of the only reader, None for a message that all see."""
        reader = self.record.ephemeral_for
        return self.workspace.users[reader].name if reader else None

    @property
    def mentions(self) -> list[str]:
        """Everybody whom the message notifies, such as @佐藤 葵 or @channel."""
        renderer = TextRenderer(self.workspace)
        return renderer.mentions(self.record.text, self.record.blocks, self.record.attachments)

    @property
    def links(self) -> list[str]:
        """The addresses that can be clicked."""
        text = "" if self.record.blocks else self.record.text
        return TextRenderer(self.workspace).links(text, self.record.blocks, self.record.attachments)

    @property
    def buttons(self) -> list[str]:
        """The texts of buttons and overflow options, in order."""
        return list(_buttons(self.all_blocks))

    @property
    def all_blocks(self) -> list[Json]:
        """The blocks of the message and of its attachments."""
        return all_blocks(self.record)

    def containers(self, user: User) -> list[Container]:
        """Return the message for its elements to be used; refuses where this person does not see it."""
        channel = self.workspace.channels[self.channel]
        hidden = self.record.ephemeral_for not in (None, user.id)
        if self.deleted or hidden or user.id not in channel.members:
            raise ClientRefused(f"{user.name} does not see this message")
        return [message_container(channel, self.record)]


def _buttons(blocks: list[Json]) -> Iterator[str]:
    for _, block in blocks_inside(blocks):
        for element in elements_inside(block):
            if element["type"] in ("button", "workflow_button"):
                yield element["text"]["text"]
            elif element["type"] == "overflow":
                yield from (option["text"]["text"] for option in element["options"])
