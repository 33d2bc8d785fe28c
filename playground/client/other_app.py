"""Other apps in the workspace, and what they post."""

from playground import messages
from playground.blocks import attachment_problems, problems
from playground.client.acknowledgement import Acknowledgement, of_event
from playground.client.conversation import Conversation
from playground.client.message import Message
from playground.dispatch.events import Events
from playground.errors import ClientRefused
from playground.model import Channel, Json, Record, User
from playground.workspace import Workspace


class OtherApp:
    """Another app in the workspace, such as a marketing automation tool that posts leads."""

    def __init__(self, workspace: Workspace, events: Events, user: User, app_id: str) -> None:
        self._workspace, self._events, self.user, self.app_id = workspace, events, user, app_id

    @property
    def bot_id(self) -> str:
        """The id by which its posts are known."""
        return self.user.bot_id

    def posts(
        self,
        channel: str | Conversation,
        text: str = "",
        attachments: list[Json] | None = None,
        blocks: list[Json] | None = None,
        classic: bool = False,
        thread: Message | None = None,
        subtype: str = "",
    ) -> Acknowledgement:
        """Post as an app does today, or as a classic integration (subtype bot_message, no user). `subtype`: of a modern
        post, such as file_share, or thread_broadcast for a reply that is sent to the channel too."""
        workspace = self._workspace
        if broken := problems(list(blocks or []), "message") + attachment_problems(list(attachments or [])):
            raise ClientRefused("; ".join(broken))
        with workspace.change() as events:
            where = self._channel(channel)
            record = Record(where.id, workspace.next_ts(), text, bot_id=self.bot_id)
            record.attachments, record.blocks = list(attachments or []), list(blocks or [])
            record.thread_ts = thread.thread or thread.ts if thread else None
            if classic:
                record.subtype, record.username = "bot_message", self.user.real_name
            else:
                record.user, record.app_id, record.subtype = self.user.id, self.app_id, subtype
            messages.post(workspace, where, record)
        return of_event(self._events.deliver(events), Message(workspace, record))

    def edits(self, message: Message, text: str, attachments: list[Json] | None = None) -> Acknowledgement:
        """Change an own message, as chat.update does."""
        changed = {"text": text, "attachments": list(attachments or []), "blocks": []}
        with self._workspace.change() as events:
            channel = self._workspace.channels[message.channel]
            messages.edit(self._workspace, channel, message.record, changed, self.user.id)
        return of_event(self._events.deliver(events), message)

    def deletes(self, message: Message) -> Acknowledgement:
        """Delete an own message."""
        with self._workspace.change() as events:
            messages.delete(self._workspace, self._workspace.channels[message.channel], message.record)
        return of_event(self._events.deliver(events), message)

    def _channel(self, channel: str | Conversation) -> Channel:
        if isinstance(channel, Conversation):
            return self._workspace.channels[channel.id]
        return self._workspace.conversation(channel)
