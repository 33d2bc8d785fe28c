"""People: members of the workspace, by whom tests and the page act."""

from typing import Any

from playground.client.acknowledgement import NOTHING_SENT, Acknowledgement
from playground.client.actions import Actions
from playground.client.containers import Surface
from playground.client.conversation import Conversation
from playground.client.message import Message
from playground.client.modal import Home, View
from playground.errors import ClientRefused
from playground.model import Channel, User


class Person:
    """A member of the workspace who reads, presses, types and says things."""

    def __init__(self, actions: Actions, user: User) -> None:
        self._actions, self._workspace, self.user = actions, actions.workspace, user

    def __repr__(self) -> str:
        return f"<Person {self.name}>"

    @property
    def id(self) -> str:
        """Slack's user id."""
        return self.user.id

    @property
    def name(self) -> str:
        """The short name."""
        return self.user.name

    @property
    def real_name(self) -> str:
        """The name others see."""
        return self.user.real_name

    # What they see

    def sees(self, channel: str | Conversation) -> Conversation:
        """Return a channel as this person sees it; private ones are for members."""
        seen = self._channel(channel)
        if seen.kind != "public" and self.id not in seen.members:
            raise ClientRefused(f"{self.name} is not in #{seen.name}")
        return Conversation(self._actions, seen, self.id)

    @property
    def dm(self) -> Conversation:
        """The direct message with the bot."""
        with self._workspace.lock:
            return Conversation(self._actions, self._workspace.open_dm(self.id), self.id)

    @property
    def modal(self) -> View | None:
        """The modal in front, None if there is none."""
        with self._workspace.lock:
            top = self._actions.views.top(self.id)
        return View(self._actions, self.user, top) if top else None

    @property
    def home(self) -> Home:
        """The Home tab as it was last published, without opening it."""
        return Home(self._actions, self.user, NOTHING_SENT)

    # What they do

    def press(self, what: str, in_: Surface | None = None, block: str = "", value: str = "") -> Acknowledgement:
        """Press a button or overflow option, by text or action id; a confirm dialog is accepted.

        Looks at the open modal, then at all visible messages from the newest on, then at the Home tab, unless
        `in_` names a message, conversation, modal or Home tab; `block` is the id of the one block to look in, and
        `value` what the button holds, by which it is found where its view has been drawn anew since.
        """
        return self._actions.press(self.user, what, in_, block, value)

    def choose(self, what: str, value: Any, in_: Surface | None = None, block: str = "") -> Acknowledgement:
        """Enter or choose a value, by action id, block id, label or placeholder.

        An input without dispatch_action only keeps the value; everything else tells the bot at once.
        """
        return self._actions.choose(self.user, what, value, in_, block)

    def suggestions(self, what: str, typed: str, in_: Surface | None = None) -> list[str]:
        """Type into a menu whose options the bot supplies; return their texts."""
        offered = self._actions.suggestions(self.user, what, typed, in_)
        return [option["text"]["text"] for option in offered]

    def types(self, line: str, channel: str | Conversation | None = None) -> Acknowledgement:
        """Type a slash command, in a channel or in the direct message with the bot."""
        return self._actions.type(self.user, line, self._channel(channel) if channel else None)

    def says(
        self, text: str, channel: str | Conversation | None = None, thread: Message | str | None = None
    ) -> Acknowledgement:
        """Write a message, in a channel or in the direct message with the bot, at the top or in a thread."""
        root = (thread.thread or thread.ts) if isinstance(thread, Message) else thread
        return self._actions.write(self.user, text, self._channel(channel) if channel else None, root)

    def shares(self, name: str, content: bytes | str, channel: str | Conversation | None = None) -> Acknowledgement:
        """Share a file, in a channel or in the direct message with the bot. A text is UTF-8."""
        raw = content.encode() if isinstance(content, str) else content
        return self._actions.share(self.user, name, raw, self._channel(channel) if channel else None)

    def edits(self, message: Message, text: str) -> Acknowledgement:
        """Change an own message."""
        return self._actions.edit(self.user, message, text)

    def deletes(self, message: Message) -> Acknowledgement:
        """Delete an own message."""
        return self._actions.delete(self.user, message)

    def opens_home(self) -> Home:
        """Open the Home tab of the app and return it as the bot has then published it."""
        return Home(self._actions, self.user, self._actions.open_home(self.user))

    def _channel(self, channel: str | Conversation) -> Channel:
        if isinstance(channel, Conversation):
            return self._workspace.channels[channel.id]
        with self._workspace.lock:
            return self._workspace.conversation(channel)
