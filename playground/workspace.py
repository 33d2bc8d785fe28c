"""The tables of the workspace, which know nothing of who reads or changes them.

One lock guards all of it; it is never held while the bot is called.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from playground.errors import SlackError
from playground.log import Changes
from playground.manifest import Grants
from playground.model import Channel, Json, Record, SlackFile, StepRun, User, Usergroup
from playground.sample import APP_ID, BOT_ID, BOT_USER_ID, TeamSpec

OBSERVER = ""
"""The reader who sees everything in a conversation, ephemeral messages too."""


class Workspace:
    """Users, channels and messages. Methods that change something run inside `with workspace.change()`."""

    def __init__(self, team: TeamSpec, grants: Grants, changes: Changes, now: Callable[[], datetime]) -> None:
        self.team, self.grants, self.changes, self.now = team, grants, changes, now
        self.lock = threading.RLock()
        self.app_id, self.bot_id, self.bot_user_id = APP_ID, BOT_ID, BOT_USER_ID
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.usergroups: dict[str, Usergroup] = {}
        self.steps: dict[str, StepRun] = {}
        self.files: dict[str, SlackFile] = {}
        self.files_url = ""
        """The address of the server that files are downloaded from."""
        self.apps: dict[str, str] = {BOT_ID: APP_ID}
        self._events: list[Json] = []
        self._last_micros = 0
        self._ids = 0
        self._settle_in()

    def _settle_in(self) -> None:
        bot = User(BOT_USER_ID, self.team.bot_name, self.team.bot_name, is_bot=True, bot_id=BOT_ID)
        self.users[bot.id] = bot
        for person in self.team.people:
            email = f"{person.name}@sample.example"
            names = (person.id, person.name, person.real_name, email)
            user = User(*names, person.locale, person.tz, person.is_admin, role=person.role)
            self.users[user.id] = user
        everyone = list(self.users)
        created = int(self.now().timestamp())
        for spec in self.team.channels:
            kind = "private" if spec.private else "public"
            self.channels[spec.id] = Channel(spec.id, spec.name, kind, created, list(everyone))  # type: ignore[arg-type]
        for group in self.team.usergroups:
            users = [self.person(name).id for name in group.members]
            self.usergroups[group.id] = Usergroup(group.id, group.handle, group.name, created, users)

    @property
    def counters(self) -> tuple[int, int]:
        """The last timestamp in microseconds, and the last id: what is made next is later and higher."""
        return self._last_micros, self._ids

    @counters.setter
    def counters(self, counters: tuple[int, int]) -> None:
        self._last_micros, self._ids = counters

    @contextmanager
    def change(self) -> Iterator[list[Json]]:
        """Hold the lock and collect the events that happen; deliver them after the lock is free."""
        with self.lock:
            outer, self._events = self._events, []
            try:
                yield self._events
            finally:
                self._events = outer
        self.changes.bump()

    def emit(self, event: Json) -> None:
        """Note that something happened which an app may have subscribed to."""
        self._events.append(event)

    def new_id(self, prefix: str) -> str:
        """Make an id of Slack's form; ids are given in order and so the same in every run."""
        with self.lock:
            self._ids += 1
            return f"{prefix}0{self._ids:09d}"

    def next_ts(self) -> str:
        """Make a message timestamp: the time, or a microsecond after the last one, so that order is strict."""
        micros = int(self.now().timestamp() * 1_000_000)
        with self.lock:
            self._last_micros = max(micros, self._last_micros + 1)
            return f"{self._last_micros // 1_000_000}.{self._last_micros % 1_000_000:06d}"

    # Finding

    def person(self, key: str) -> User:
        """Find a user by short name, real name or id."""
        for user in self.users.values():
            if key in (user.id, user.name, user.real_name):
                return user
        raise LookupError(f"no user {key!r}; there are {', '.join(u.name for u in self.users.values())}")

    def conversation(self, key: str) -> Channel:
        """Find a channel by name, with or without #, or by id."""
        name = key.removeprefix("#")
        for channel in self.channels.values():
            if channel.id == key or (channel.kind != "im" and channel.name == name):
                return channel
        there = ", ".join(c.name for c in self.channels.values() if c.kind != "im")
        raise LookupError(f"no channel {key!r}; there are {there}")

    def message(self, channel: Channel, ts: str, ephemeral: bool = False) -> Record | None:
        """Find a message by its timestamp; ephemeral ones only where asked for."""
        for record in reversed(channel.messages):
            if record.ts == ts and not record.deleted and (ephemeral or record.ephemeral_for is None):
                return record
        return None

    def dm(self, user_id: str) -> Channel | None:
        """Return the direct message between a person and the app, where it has been opened."""
        opened = (channel for channel in self.channels.values() if channel.kind == "im" and channel.user == user_id)
        return next((channel for channel in opened if self.bot_user_id in channel.members), None)

    def open_dm(self, user_id: str) -> Channel:
        """Return the direct message between a person and the app, opening it first."""
        known = self.dm(user_id)
        if known is not None:
            return known
        channel_id = "D" + user_id[1:]
        if channel_id in self.channels:  # that of an earlier bot
            channel_id = self.new_id("D")
        created = int(self.now().timestamp())
        members = [user_id, self.bot_user_id]
        self.channels[channel_id] = Channel(channel_id, "", "im", created, members, user=user_id)
        return self.channels[channel_id]

    def visible(self, channel: Channel, reader: str = OBSERVER) -> list[Record]:
        """List what a reader sees in a channel, oldest first."""
        return [
            record
            for record in channel.messages
            if not record.deleted and (reader == OBSERVER or record.ephemeral_for in (None, reader))
        ]

    # Changing

    def touch(self, channel: Channel, record: Record) -> None:
        """Note that a message changed, and with a reply its parent. The revision is raised after the change."""
        record.version = self.changes.revision + 1
        if record.thread_ts not in (None, record.ts):
            parent = self.message(channel, str(record.thread_ts), ephemeral=True)
            if parent is not None:
                parent.version = record.version

    def new_element_id(self) -> str:
        """Make an id for a block or element that the app left without one."""
        return self.new_id("b")[-6:]

    # Checks that several methods share

    def channel_for_bot(self, channel_id: str) -> Channel:
        """Find a channel that the bot can see by id, else channel_not_found."""
        channel = self.channels.get(channel_id)
        hidden = channel is not None and channel.kind != "public" and self.bot_user_id not in channel.members
        if channel is None or hidden:
            raise SlackError("channel_not_found", f"channel: no conversation {channel_id!r} that the bot can see")
        return channel
