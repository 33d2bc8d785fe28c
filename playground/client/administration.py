"""Changing the workspace, as its admins do: people, channels, groups and other apps come and go."""

from playground import messages, wire
from playground.client.acknowledgement import Acknowledgement, of_event
from playground.client.actions import Actions
from playground.client.conversation import Conversation
from playground.client.message import Message
from playground.client.other_app import OtherApp
from playground.client.person import Person
from playground.dispatch.events import Events
from playground.model import Channel, User, Usergroup


class Administration:
    """Changes who and what is there."""

    def __init__(self, actions: Actions, events: Events) -> None:
        self._actions, self._events = actions, events
        self._workspace, self._views = actions.workspace, actions.views
        self._apps: dict[str, OtherApp] = {}

    def add_user(
        self,
        name: str,
        real_name: str = "",
        *,
        locale: str = "ja-JP",
        tz: str = "Asia/Tokyo",
        email: str = "",
        is_admin: bool = False,
        is_guest: bool = False,
        channels: tuple[str, ...] | None = None,
    ) -> Person:
        """Add a person; a member of all public channels unless `channels` names others."""
        with self._workspace.change():
            mail = email or f"{name}@sample.example"
            user = User(self._workspace.new_id("U"), name, real_name or name, mail, locale, tz, is_admin)
            user.is_guest = is_guest
            self._workspace.users[user.id] = user
            for channel in self._workspace.channels.values():
                if channel.kind == "public" if channels is None else channel.name in channels:
                    channel.members.append(user.id)
            return Person(self._actions, user)

    def add_channel(
        self, name: str, members: tuple[str, ...] | None = None, *, private: bool = False, bot: bool = True
    ) -> Conversation:
        """Add a channel with these people, or all, and the bot unless `bot` is false."""
        workspace = self._workspace
        with workspace.change():
            people = [user.id for user in workspace.users.values() if not user.is_bot]
            inside = people if members is None else [workspace.person(name).id for name in members]
            channel = Channel(
                workspace.new_id("C"), name, "private" if private else "public", int(self._workspace.now().timestamp())
            )
            channel.members = inside + ([workspace.bot_user_id] if bot else [])
            workspace.channels[channel.id] = channel
            return Conversation(self._actions, channel)

    def add_usergroup(self, handle: str, members: tuple[str, ...]) -> Usergroup:
        """Add a user group that can be mentioned."""
        with self._workspace.change():
            users = [self._workspace.person(name).id for name in members]
            created = int(self._workspace.now().timestamp())
            group = Usergroup(self._workspace.new_id("S"), handle, handle, created, users)
            self._workspace.usergroups[group.id] = group
            return group

    def disable_usergroup(self, handle: str) -> None:
        """Disable a user group; Slack never deletes one."""
        with self._workspace.change():
            group = next(group for group in self._workspace.usergroups.values() if group.handle == handle)
            group.disabled = int(self._workspace.now().timestamp())

    def deactivate(self, key: str) -> None:
        """Deactivate a person's account."""
        with self._workspace.change():
            user = self._workspace.person(key)
            user.deleted = True
            self._views.close_all(user.id)

    def set_status(self, key: str, text: str, emoji: str = "", expires: int = 0) -> Acknowledgement:
        """Let a person say something beside their name until `expires`, in Unix seconds (0: until they clear it)."""
        with self._workspace.change() as events:
            user = self._workspace.person(key)
            user.status_text, user.status_emoji, user.status_expiration = text, emoji, expires
            shown = wire.user(user, self._workspace.team.id, email=False, locale=False)
            ts = self._workspace.next_ts()
            events.append({"type": "user_status_changed", "user": shown, "cache_ts": int(float(ts)), "event_ts": ts})
        return of_event(self._events.deliver(events))

    def hide(self, key: str, *, hidden: bool = True) -> None:
        """Keep a person out of the bot's sight, as Slack does with accounts that an app may not see."""
        with self._workspace.change():
            self._workspace.person(key).hidden = hidden

    def archive(self, key: str, *, archived: bool = True) -> None:
        """Archive a channel, or take it back."""
        with self._workspace.change():
            self._workspace.conversation(key).archived = archived

    def make_app_anew(self) -> None:
        """Remove the app and install another one of the same manifest: it is another user, in no channel, and its
        direct messages are others. Secrets and tokens stay those of the playground."""
        workspace = self._workspace
        with workspace.change():
            former = workspace.users[workspace.bot_user_id]
            former.deleted = True
            for channel in workspace.channels.values():
                if channel.kind != "im" and former.id in channel.members:
                    channel.members.remove(former.id)
            ids = (workspace.new_id(prefix) for prefix in "UBA")
            workspace.bot_user_id, workspace.bot_id, workspace.app_id = ids
            bot = User(workspace.bot_user_id, former.name, former.real_name, is_bot=True, bot_id=workspace.bot_id)
            workspace.users[bot.id] = bot
            workspace.apps[workspace.bot_id] = workspace.app_id

    def remove_bot(self, key: str) -> None:
        """Remove the bot from a channel."""
        with self._workspace.change():
            self._workspace.conversation(key).members.remove(self._workspace.bot_user_id)

    def invite_bot(self, key: str) -> None:
        """Let the bot into a channel, as somebody's /invite does."""
        with self._workspace.change():
            members = self._workspace.conversation(key).members
            if self._workspace.bot_user_id not in members:
                members.append(self._workspace.bot_user_id)

    def delete_file(self, name: str) -> None:
        """Delete a file by its name, as whoever has shared it can."""
        with self._workspace.change():
            next(shared for shared in self._workspace.files.values() if shared.name == name).deleted = True

    def unfurl(self, message: Message, title: str) -> Acknowledgement:
        """Unfurl a link in a message: Slack adds an attachment, and subscribers get message_changed."""
        with self._workspace.change() as events:
            channel = self._workspace.channels[message.channel]
            attachments = [*message.attachments, {"title": title, "fallback": title, "from_url": title}]
            messages.edit(self._workspace, channel, message.record, {"attachments": attachments}, "", silent=True)
        return of_event(self._events.deliver(events), message)

    def app(self, name: str) -> OtherApp:
        """Return another app by name, installing it first."""
        with self._workspace.change():
            if name not in self._apps:
                user_id, bot_id, app_id = (self._workspace.new_id(prefix) for prefix in "UBA")
                user = User(user_id, name.lower().replace(" ", "-"), name, is_bot=True, bot_id=bot_id)
                self._workspace.users[user_id] = user
                self._workspace.apps[bot_id] = app_id
                self._apps[name] = OtherApp(self._workspace, self._events, user, app_id)
            return self._apps[name]
