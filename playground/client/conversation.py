"""Conversations as their readers see them."""

import time
from collections.abc import Iterator

from playground.client.acknowledgement import Acknowledgement
from playground.client.actions import Actions
from playground.client.containers import Container, message_container
from playground.client.message import Message
from playground.model import Channel, Record, User


class Conversation:
    """A channel, direct message or thread, as one reader sees it, or as nobody in particular does."""

    def __init__(self, actions: Actions, channel: Channel, reader: str = "", root: str = "") -> None:
        self._actions, self._workspace = actions, actions.workspace
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
        with self._workspace.lock:
            return [self._workspace.users[user_id].name for user_id in self._channel.members]

    @property
    def messages(self) -> list[Message]:
        """All visible messages, oldest first; replies and ephemeral messages among them."""
        with self._workspace.lock:
            return [Message(self._workspace, record) for record in self._visible()]

    def _visible(self) -> list[Record]:
        visible = self._workspace.visible(self._channel, self._reader)
        return [record for record in visible if not self._root or record.thread_ts == self._root]

    def unread(self) -> list[Message]:
        """Return what is new since this reader last looked, and count it as looked at. Edits are not new."""
        with self._workspace.lock:
            mark = self._channel.read.get(self._mark, 0)
            fresh = {id(record) for record in self._channel.messages[mark:]}
            new = [record for record in self._visible() if id(record) in fresh]
            self._channel.read[self._mark] = len(self._channel.messages)
            by_others = [record for record in new if not self._reader or record.user != self._reader]
            return [Message(self._workspace, record) for record in by_others]

    def expect(self, *words: str, count: int | None = None, within: float = 0.0) -> Message:
        """Return the newest message that contains all the words, waiting up to `within` seconds for it.

        With `count`, so many messages must contain them. The reader has then looked at the conversation.
        """
        changes, deadline = self._workspace.changes, time.monotonic() + within
        while True:
            revision = changes.revision
            matches = self._containing(words)
            enough = len(matches) == count if count is not None else bool(matches)
            rest = deadline - time.monotonic()
            if enough or rest <= 0:
                break
            changes.wait(revision, rest)
        if not enough or not matches:
            wanted = f"{'a message' if count is None else count} with {', '.join(map(repr, words))}"
            raise AssertionError(f"expected {wanted}, found {len(matches)}; {self._listing()}")
        self.unread()
        return matches[-1]

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
        return Conversation(self._actions, self._channel, self._reader, message.thread or message.ts)

    def press(self, what: str, by: str = "") -> Acknowledgement:
        """Press a button in this conversation, as its reader, or as someone named."""
        if not by and not self._reader:
            raise LookupError("say who presses: press(..., by='sato')")
        with self._workspace.lock:
            user = self._workspace.person(by or self._reader)
        return self._actions.press(user, what, self)

    def containers(self, user: User) -> Iterator[Container]:  # noqa: ARG002 - the same for every reader
        """Walk the messages for their elements to be used, the newest first."""
        for message in reversed(self.messages):
            yield message_container(self._channel, message.record)

    def _containing(self, words: tuple[str, ...]) -> list[Message]:
        return [message for message in self.messages if all(word in message.text for word in words)]

    def _listing(self) -> str:
        return f"in {self!r} there is: {_quoted(self.messages) or 'nothing'}"


def _quoted(messages: list[Message]) -> str:
    return "".join(f"\n  {message.author}: {message.text!r} {message.buttons or ''}" for message in messages)
