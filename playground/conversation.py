"""Conversations as their readers see them."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playground.blocks import blocks_inside, elements_inside
from playground.model import Channel, Json, Record
from playground.reading import Reader

if TYPE_CHECKING:
    from playground.outcome import Outcome
    from playground.playground import Playground


@dataclass(frozen=True, eq=False)
class Message:
    """One message, always as it is now: after an edit the same object shows the new text."""

    playground: "Playground"
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
        reader = Reader(self.playground.workspace)
        return reader.message(self.record.text, self.record.blocks, self.record.attachments)

    @property
    def notification(self) -> str:
        """The text of the push notification: what stands in `text`."""
        return Reader(self.playground.workspace).mrkdwn(self.record.text)

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
        user = self.playground.workspace.users.get(self.record.user)
        return user.real_name if user else self.record.bot_id

    @property
    def ephemeral_for(self) -> str | None:
        """The short name of the only reader, None for a message that all see."""
        reader = self.record.ephemeral_for
        return self.playground.workspace.users[reader].name if reader else None

    @property
    def mentions(self) -> list[str]:
        """Everybody whom the message notifies, such as @佐藤 葵 or @channel."""
        reader = Reader(self.playground.workspace)
        return reader.mentions(self.record.text, self.record.blocks, self.record.attachments)

    @property
    def links(self) -> list[str]:
        """The addresses that can be clicked."""
        reader = Reader(self.playground.workspace)
        return reader.links("" if self.record.blocks else self.record.text, self.record.blocks, self.record.attachments)

    @property
    def buttons(self) -> list[str]:
        """The texts of buttons and overflow options, in order."""
        return list(_buttons(self.all_blocks))

    @property
    def all_blocks(self) -> list[Json]:
        """The blocks of the message and of its attachments."""
        inside = [block for one in self.record.attachments for block in one.get("blocks") or []]
        return [*self.record.blocks, *inside]


def _buttons(blocks: list[Json]) -> Iterator[str]:
    for _, block in blocks_inside(blocks):
        for element in elements_inside(block):
            if element["type"] in ("button", "workflow_button"):
                yield element["text"]["text"]
            elif element["type"] == "overflow":
                yield from (option["text"]["text"] for option in element["options"])


class Conversation:
    """A channel, direct message or thread, as one reader sees it, or as nobody in particular does."""

    def __init__(self, playground: "Playground", channel: Channel, reader: str = "", root: str = "") -> None:
        self.playground = playground
        self._channel, self._reader, self._root = channel, reader, root
        self._mark = f"{reader}/{root}" if root else reader

    def __repr__(self) -> str:
        return f"<Conversation {self.name or self.id}>"

    @property
    def id(self) -> str:
        """The channel id."""
        return self._channel.id

    @property
    def name(self) -> str:
        """The channel's name; empty for a direct message."""
        return self._channel.name

    @property
    def reader(self) -> str:
        """The user id of the reader; empty for the view of nobody in particular."""
        return self._reader

    @property
    def members(self) -> list[str]:
        """The short names of the members."""
        workspace = self.playground.workspace
        with workspace.lock:
            return [workspace.users[one].name for one in self._channel.members]

    @property
    def messages(self) -> list[Message]:
        """All visible messages, oldest first; replies and ephemeral messages among them."""
        workspace = self.playground.workspace
        with workspace.lock:
            return [Message(self.playground, one) for one in self._visible()]

    def _visible(self) -> list[Record]:
        seen = self.playground.workspace.visible(self._channel, self._reader)
        return [one for one in seen if not self._root or one.thread_ts == self._root]

    def unread(self) -> list[Message]:
        """Return what is new since this reader last looked, and count it as looked at. Edits are not new."""
        workspace = self.playground.workspace
        with workspace.lock:
            mark = self._channel.read.get(self._mark, 0)
            fresh = {id(one) for one in self._channel.messages[mark:]}
            new = [one for one in self._visible() if id(one) in fresh]
            self._channel.read[self._mark] = len(self._channel.messages)
            return [Message(self.playground, one) for one in new if not self._reader or one.user != self._reader]

    def expect(self, *words: str, count: int | None = None, within: float = 0.0) -> Message:
        """Return the newest message that contains all the words, waiting up to `within` seconds for it.

        With `count`, so many messages must contain them. The reader has then looked at the conversation.
        """
        deadline = time.monotonic() + within
        while True:
            revision = self.playground.revision
            found = self._containing(words)
            enough = len(found) == count if count is not None else bool(found)
            rest = deadline - time.monotonic()
            if enough or rest <= 0:
                break
            self.playground.wait_for_change(revision, rest)
        if not enough or not found:
            wanted = f"{'a message' if count is None else count} with {', '.join(map(repr, words))}"
            raise AssertionError(f"expected {wanted}, found {len(found)}; {self._listing()}")
        self.unread()
        return found[-1]

    def expect_none(self, *words: str) -> None:
        """Fail if any message contains all the words."""
        if self._containing(words):
            raise AssertionError(f"expected no message with {', '.join(map(repr, words))}; {self._listing()}")

    def expect_nothing(self) -> None:
        """Fail if anything is new since this reader last looked."""
        if new := self.unread():
            raise AssertionError(f"expected nothing new in {self!r}, there is: {_quoted(new)}")

    def thread(self, message: Message) -> "Conversation":
        """Return the replies to a message as a conversation of their own."""
        return Conversation(self.playground, self._channel, self._reader, message.thread or message.ts)

    def press(self, what: str, by: str = "") -> "Outcome":
        """Press a button in this conversation, as its reader, or as someone named."""
        if not by and not self._reader:
            raise LookupError("say who presses: press(..., by='sato')")
        return self.playground.user(by or self._reader).press(what, in_=self)

    def _containing(self, words: tuple[str, ...]) -> list[Message]:
        return [one for one in self.messages if all(word in one.text for word in words)]

    def _listing(self) -> str:
        return f"in {self!r} there is: {_quoted(self.messages) or 'nothing'}"


def _quoted(messages: list[Message]) -> str:
    return "".join(f"\n  {one.author}: {one.text!r} {one.buttons or ''}" for one in messages)
