"""Other apps in the workspace, and what they post."""

from typing import TYPE_CHECKING

from playground.blocks import attachment_problems, problems
from playground.conversation import Conversation, Message
from playground.errors import ClientRefused
from playground.model import Json, Record, User
from playground.outcome import Outcome, of_event

if TYPE_CHECKING:
    from playground.playground import Playground


class OtherApp:
    """Another app in the workspace, such as a marketing automation tool that posts leads."""

    def __init__(self, playground: "Playground", user: User, app_id: str) -> None:
        self.playground, self.user, self.app_id = playground, user, app_id

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
    ) -> Outcome:
        """Post as an app does today, or as a classic integration (subtype bot_message, no user)."""
        workspace = self.playground.workspace
        if broken := problems(list(blocks or []), "message") + attachment_problems(list(attachments or [])):
            raise ClientRefused("; ".join(broken))
        with workspace.change() as events:
            where = (
                workspace.channels[channel.id] if isinstance(channel, Conversation) else workspace.conversation(channel)
            )
            record = Record(where.id, workspace.next_ts(), text, bot_id=self.bot_id)
            record.attachments, record.blocks = list(attachments or []), list(blocks or [])
            record.thread_ts = thread.thread or thread.ts if thread else None
            if classic:
                record.subtype, record.username = "bot_message", self.user.real_name
            else:
                record.user, record.app_id = self.user.id, self.app_id
            workspace.post(where, record)
        return of_event(self.playground.events.deliver(events), Message(self.playground, record))
