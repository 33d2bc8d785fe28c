"""The nouns of a Slack workspace, as the playground keeps them in memory."""

from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]
Values = dict[str, dict[str, Json]]
"""What a person has put into elements: block_id → action_id → value, as in `state.values`."""

ChannelKind = Literal["public", "private", "im"]
EVENT_CHANNEL_TYPE: dict[ChannelKind, str] = {"public": "channel", "private": "group", "im": "im"}
SCOPE_NOUN: dict[ChannelKind, str] = {"public": "channels", "private": "groups", "im": "im"}


@dataclass
class User:
    """A member of the workspace: a person, or the user that stands for an app."""

    id: str
    name: str
    real_name: str
    email: str = ""
    locale: str = "en-US"
    tz: str = "Etc/UTC"
    is_admin: bool = False
    is_bot: bool = False
    is_guest: bool = False
    """From outside the company, in some channels only."""
    deleted: bool = False
    hidden: bool = False
    """From the bot: it can neither see nor write to this person."""
    bot_id: str = ""
    role: str = ""
    status_text: str = ""
    status_emoji: str = ""
    status_expiration: int = 0
    """When Slack clears the status, in Unix seconds; 0: never."""


@dataclass
class Usergroup:
    """A group of users that can be mentioned as one. `disabled` is when it was, in Unix seconds, 0 while it is not."""

    id: str
    handle: str
    name: str
    created: int
    users: list[str] = field(default_factory=list)
    disabled: int = 0


@dataclass
class StepRun:
    """One run of a custom step of Workflow Builder. `status` is running, completed or failed."""

    id: str
    callback_id: str
    inputs: Json
    required_outputs: tuple[str, ...] = ()
    status: str = "running"
    outputs: Json = field(default_factory=dict)
    error: str = ""
    delivered: bool = False


@dataclass
class SlackFile:
    """A file that somebody has shared. `content` is what a download gives."""

    id: str
    name: str
    user: str
    created: int
    content: bytes
    deleted: bool = False


@dataclass
class Record:
    """One message. `ephemeral_for` is the user id of the only reader of an ephemeral message."""

    channel: str
    ts: str
    text: str = ""
    user: str = ""
    bot_id: str = ""
    app_id: str = ""
    username: str = ""
    subtype: str = ""
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    thread_ts: str | None = None
    reply_broadcast: bool = False
    edited: Json | None = None
    ephemeral_for: str | None = None
    deleted: bool = False
    reactions: dict[str, list[str]] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    """Ids of the files that it shares."""
    values: dict[str, Values] = field(default_factory=dict)
    version: int = 0
    """The revision at which it last changed."""


@dataclass
class Channel:
    """A channel or a direct message between one person and the app."""

    id: str
    name: str
    kind: ChannelKind
    created: int
    members: list[str] = field(default_factory=list)
    archived: bool = False
    creator: str = ""
    user: str = ""
    messages: list[Record] = field(default_factory=list)
    read: dict[str, int] = field(default_factory=dict)
    """How many messages each reader has looked at."""


@dataclass
class ViewRecord:
    """A modal or Home tab. `payload` is what the app sent, with generated ids filled in."""

    id: str
    user: str
    payload: Json
    hash: str
    root_view_id: str
    previous_view_id: str | None = None
    values: Values = field(default_factory=dict)
    open: bool = True

    @property
    def type(self) -> str:
        """Either modal or home."""
        return str(self.payload["type"])


@dataclass
class Trigger:
    """A permission to open a modal: once, within three seconds (Slack documentation: trigger_id)."""

    user: str
    born: float
    view_id: str | None = None
    used: bool = False


@dataclass
class ResponseUrl:
    """A link for answering an interaction: five times within thirty minutes."""

    channel: str
    user: str
    born: float
    message_ts: str | None = None
    thread_ts: str | None = None
    uses: int = 0
