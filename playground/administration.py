"""Changing the workspace, as its admins do: people, channels, groups and other apps come and go."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from playground.apps import OtherApp
from playground.conversation import Conversation, Message
from playground.dispatch.events import Events
from playground.model import Channel, User, Usergroup
from playground.outcome import Outcome, of_event
from playground.people import Person
from playground.views import Views
from playground.workspace import Workspace

if TYPE_CHECKING:
    from playground.playground import Playground


class Administration:
    """The part of a playground that changes who and what is there."""

    workspace: Workspace
    views: Views
    events: Events
    now: Callable[[], datetime]
    _apps: dict[str, OtherApp]

    @property
    def _playground(self) -> "Playground":
        return self  # type: ignore[return-value]

    def add_user(
        self,
        name: str,
        real_name: str = "",
        *,
        locale: str = "ja-JP",
        tz: str = "Asia/Tokyo",
        email: str = "",
        is_admin: bool = False,
        channels: tuple[str, ...] | None = None,
    ) -> Person:
        """Add a person; a member of all public channels unless `channels` names others."""
        with self.workspace.change():
            mail = email or f"{name}@sample.example"
            user = User(self.workspace.new_id("U"), name, real_name or name, mail, locale, tz, is_admin)
            self.workspace.users[user.id] = user
            for channel in self.workspace.channels.values():
                if channel.kind == "public" if channels is None else channel.name in channels:
                    channel.members.append(user.id)
            return Person(self._playground, user)

    def add_channel(
        self, name: str, members: tuple[str, ...] | None = None, *, private: bool = False, bot: bool = True
    ) -> Conversation:
        """Add a channel with these people, or all, and the bot unless `bot` is false."""
        workspace = self.workspace
        with workspace.change():
            people = [one.id for one in workspace.users.values() if not one.is_bot]
            inside = people if members is None else [workspace.person(one).id for one in members]
            channel = Channel(
                workspace.new_id("C"), name, "private" if private else "public", int(self.now().timestamp())
            )
            channel.members = inside + ([workspace.bot_user_id] if bot else [])
            workspace.channels[channel.id] = channel
            return Conversation(self._playground, channel)

    def add_usergroup(self, handle: str, members: tuple[str, ...]) -> Usergroup:
        """Add a user group that can be mentioned."""
        with self.workspace.change():
            users = [self.workspace.person(one).id for one in members]
            created = int(self.now().timestamp())
            group = Usergroup(self.workspace.new_id("S"), handle, handle, created, users)
            self.workspace.usergroups[group.id] = group
            return group

    def disable_usergroup(self, handle: str) -> None:
        """Disable a user group; Slack never deletes one."""
        with self.workspace.change():
            group = next(one for one in self.workspace.usergroups.values() if one.handle == handle)
            group.disabled = int(self.now().timestamp())

    def deactivate(self, key: str) -> None:
        """Deactivate a person's account."""
        with self.workspace.change():
            user = self.workspace.person(key)
            user.deleted = True
            self.views.close_all(user.id)

    def hide(self, key: str, *, hidden: bool = True) -> None:
        """Keep a person out of the bot's sight: no message of the bot's reaches them, as for accounts that it may not
        see."""
        with self.workspace.change():
            self.workspace.person(key).hidden = hidden

    def archive(self, key: str, *, archived: bool = True) -> None:
        """Archive a channel, or take it back."""
        with self.workspace.change():
            self.workspace.conversation(key).archived = archived

    def remove_bot(self, key: str) -> None:
        """Remove the bot from a channel."""
        with self.workspace.change():
            self.workspace.conversation(key).members.remove(self.workspace.bot_user_id)

    def invite_bot(self, key: str) -> None:
        """Let the bot into a channel, as somebody's /invite does."""
        with self.workspace.change():
            members = self.workspace.conversation(key).members
            if self.workspace.bot_user_id not in members:
                members.append(self.workspace.bot_user_id)

    def unfurl(self, message: Message, title: str) -> Outcome:
        """Unfurl a link in a message: Slack adds an attachment, and subscribers get message_changed."""
        with self.workspace.change() as events:
            channel = self.workspace.channels[message.channel]
            attachments = [*message.attachments, {"title": title, "fallback": title, "from_url": title}]
            self.workspace.edit(channel, message.record, {"attachments": attachments}, "", silent=True)
        return of_event(self.events.deliver(events), message)

    def app(self, name: str) -> OtherApp:
        """Return another app by name, installing it first."""
        with self.workspace.change():
            if name not in self._apps:
                user_id, bot_id, app_id = (self.workspace.new_id(prefix) for prefix in "UBA")
                user = User(user_id, name.lower().replace(" ", "-"), name, is_bot=True, bot_id=bot_id)
                self.workspace.users[user_id] = user
                self.workspace.apps[bot_id] = app_id
                self._apps[name] = OtherApp(self._playground, user, app_id)
            return self._apps[name]
