"""The state of the workspace. One lock guards all of it; it is never held while the bot is called."""

import copy
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from playground import wire
from playground.errors import SlackError
from playground.log import Changes
from playground.manifest import Grants
from playground.model import Channel, Json, Record, StepRun, User, Usergroup
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
        self.apps: dict[str, str] = {BOT_ID: APP_ID}
        self._events: list[Json] = []
        self._last_micros = 0
        self._ids = 0
        self._settle_in()

    def _settle_in(self) -> None:
        bot = User(BOT_USER_ID, self.team.bot_name, self.team.bot_name, is_bot=True, bot_id=BOT_ID)
        self.users[bot.id] = bot
        for one in self.team.people:
            email = f"{one.name}@sample.example"
            user = User(one.id, one.name, one.real_name, email, one.locale, one.tz, one.is_admin, role=one.role)
            self.users[user.id] = user
        everyone = list(self.users)
        created = int(self.now().timestamp())
        for spec in self.team.channels:
            kind = "private" if spec.private else "public"
            self.channels[spec.id] = Channel(spec.id, spec.name, kind, created, list(everyone))  # type: ignore[arg-type]
        for group in self.team.usergroups:
            users = [self.person(name).id for name in group.members]
            self.usergroups[group.id] = Usergroup(group.id, group.handle, group.name, created, users)

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

    def open_dm(self, user_id: str) -> Channel:
        """Return the direct message between a person and the app, opening it first."""
        channel_id = "D" + user_id[1:]
        if channel_id not in self.channels:
            created = int(self.now().timestamp())
            members = [user_id, self.bot_user_id]
            self.channels[channel_id] = Channel(channel_id, "", "im", created, members, user=user_id)
        return self.channels[channel_id]

    def visible(self, channel: Channel, reader: str = OBSERVER) -> list[Record]:
        """List what a reader sees in a channel, oldest first."""
        return [
            one
            for one in channel.messages
            if not one.deleted and (reader == OBSERVER or one.ephemeral_for in (None, reader))
        ]

    # Changing

    def post(self, channel: Channel, record: Record) -> Record:
        """Add a message and tell subscribers, unless it is ephemeral."""
        record.blocks = self._with_ids("blocks", record.blocks)
        record.attachments = self._with_ids("attachments", record.attachments)
        channel.messages.append(record)
        self.touch(channel, record)
        if record.user and not record.bot_id:
            channel.read[record.user] = len(channel.messages)
        if record.ephemeral_for is None:
            self._tell(channel, wire.message_event(self, channel, record))
        return record

    def edit(self, channel: Channel, record: Record, changed: Json, editor: str, silent: bool = False) -> None:
        """Change fields of a message in place and tell subscribers what it was before."""
        before = wire.message(self, channel, replace(record))
        for key, value in changed.items():
            setattr(record, key, self._with_ids(key, copy.deepcopy(value)))
        if not silent:
            record.edited = {"user": editor, "ts": self.next_ts()}
        self.touch(channel, record)
        if record.ephemeral_for is None:
            self._tell(channel, wire.changed_event(self, channel, record, before))

    def delete(self, channel: Channel, record: Record) -> None:
        """Remove a message and tell subscribers."""
        before = wire.message(self, channel, record)
        record.deleted = True
        self.touch(channel, record)
        if record.ephemeral_for is None:
            self._tell(channel, wire.deleted_event(self, channel, record, before))

    def touch(self, channel: Channel, record: Record) -> None:
        """Note that a message changed, and with a reply its parent. The revision is raised after the change."""
        record.version = self.changes.revision + 1
        if record.thread_ts not in (None, record.ts):
            parent = self.message(channel, str(record.thread_ts), ephemeral=True)
            if parent is not None:
                parent.version = record.version

    def _with_ids(self, key: str, value: Any) -> Any:
        """Copy blocks, or attachments with blocks, and fill in the ids that Slack generates."""
        if key == "blocks":
            return wire.with_ids(value, self._block_id)
        if key == "attachments":
            return [
                one | ({"blocks": wire.with_ids(one["blocks"], self._block_id)} if one.get("blocks") else {})
                for one in copy.deepcopy(value)
            ]
        return value

    def _tell(self, channel: Channel, event: Json) -> None:
        if self.bot_user_id in channel.members:
            self.emit(event)

    def _block_id(self) -> str:
        return self.new_id("b")[-6:]

    # Checks that several methods share

    def channel_for_bot(self, channel_id: str) -> Channel:
        """Find a channel that the bot can see by id, else channel_not_found."""
        channel = self.channels.get(channel_id)
        hidden = channel is not None and channel.kind == "private" and self.bot_user_id not in channel.members
        if channel is None or hidden:
            raise SlackError("channel_not_found", f"channel: no conversation {channel_id!r} that the bot can see")
        return channel
