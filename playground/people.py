"""People, and what they do in the workspace. Every act is synchronous."""

import re
from typing import TYPE_CHECKING, Any

from playground import places, submissions, wire
from playground.conversation import Conversation, Message
from playground.dispatch import payloads
from playground.dispatch.transport import Dispatch
from playground.errors import ClientRefused
from playground.forms import VALUE_KEY, new_value
from playground.modal import Home, View
from playground.model import Channel, Json, Record, User, ViewRecord
from playground.outcome import Outcome, acknowledged, of_event
from playground.places import Target

if TYPE_CHECKING:
    from playground.playground import Playground

MENTION = re.compile(r"(<(?:@[UW]|!subteam\^S)[A-Z0-9]+>)")
KEPT_MARKUP = re.compile(r"(<(?:@[UW]|#C|!|https?://|mailto:)[^<>]*>)")


class Person:
    """A member of the workspace who reads, presses, types and says things."""

    def __init__(self, playground: "Playground", user: User) -> None:
        self.playground, self.user = playground, user
        self._workspace, self._views = playground.workspace, playground.views

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

    def sees(self, channel: str | Conversation) -> Conversation:
        """Return a channel as this person sees it; private ones are for members."""
        found = self._channel(channel)
        if found.kind != "public" and self.id not in found.members:
            raise ClientRefused(f"{self.name} is not in #{found.name}")
        return Conversation(self.playground, found, self.id)

    @property
    def dm(self) -> Conversation:
        """The direct message with the bot."""
        return self.playground.dm(self.id)

    @property
    def modal(self) -> View | None:
        """The modal in front, None if there is none."""
        with self._workspace.lock:
            top = self._views.top(self.id)
        return View(self, top) if top else None

    @property
    def home(self) -> Home:
        """The Home tab as it was last published, without opening it."""
        return Home(self, self._views.homes.get(self.id), Outcome(None, delivered=False))

    # Pressing and choosing

    def press(self, what: str, in_: Any = None, block: str = "") -> Outcome:
        """Press a button or overflow option, by text or action id; a confirm dialog is accepted.

        Looks at the open modal, then at all visible messages from the newest on, then at the Home tab, unless
        `in_` names a message, conversation, modal or Home tab; `block` is the id of the one block to look in.
        """
        self._must_be_active()
        with self._workspace.lock:
            target = places.find(self.playground, self.user, what, in_, block)
            value: Json = {}
            if target.option is not None:
                value = {VALUE_KEY["overflow"]: target.option}
            dispatch = self._block_actions(target, value)
        return self._dispatched(dispatch)

    def choose(self, what: str, value: Any, in_: Any = None, block: str = "") -> Outcome:
        """Enter or choose a value, by action id, block id, label or placeholder.

        An input without dispatch_action only keeps the value; everything else tells the bot at once.
        """
        self._must_be_active()
        with self._workspace.lock:
            target = places.find_menu(self.playground, self.user, what, in_, block)
            entered = new_value(target.element, value, self.playground.resolve)
            values = target.place.values(self.id)
            values.setdefault(target.block["block_id"], {})[target.element["action_id"]] = entered
            if target.place.channel and target.place.record:
                self._workspace.touch(target.place.channel, target.place.record)
            if not _dispatches(target):
                return Outcome(None, delivered=False)
            dispatch = self._block_actions(target, entered)
        return self._dispatched(dispatch)

    def _block_actions(self, target: Target, value: Json) -> Dispatch:
        self._must_be_interactive()
        workspace, place = self._workspace, target.place
        actions = [payloads.action(target.block, target.element, value, workspace.next_ts())]
        if place.view is not None:
            trigger_id = self._views.new_trigger(self.id, place.view.id)
            payload = payloads.view_actions(workspace, self.user, place.view, actions, trigger_id)
            return Dispatch("interactive", payload)
        assert place.channel is not None
        assert place.record is not None
        place.values(self.id)
        trigger_id = self._views.new_trigger(self.id)
        key = self._views.new_response_url(place.channel.id, self.id, place.record.ts, place.record.thread_ts)
        url = f"{self.playground.base_url}/response/{key}"
        payload = payloads.message_actions(workspace, self.user, place.channel, place.record, actions, trigger_id, url)
        return Dispatch("interactive", payload)

    def _dispatched(self, dispatch: Dispatch) -> Outcome:
        before = self.playground.ephemerals(self.id)
        answer = acknowledged(self.playground.delivery.send(dispatch))
        shown = [one for one in self.playground.ephemerals(self.id) if one not in before]
        text = "\n".join(one.text for one in shown)
        return Outcome(answer.status, answer.elapsed, text, answer.text, message=shown[-1] if shown else None)

    # Typing and saying

    def types(self, line: str, channel: str | Conversation | None = None) -> Outcome:
        """Type a slash command, in a channel or in the direct message with the bot."""
        self._must_be_active()
        command, _, text = line.strip().partition(" ")
        with self._workspace.lock:
            if not self._workspace.grants.delivers_command(command):
                raise ClientRefused(f"{command} is not a valid command: the manifest does not list it")
            where = self._channel(channel) if channel else self._workspace.open_dm(self.id)
            self._must_be_in(where)
            trigger_id = self._views.new_trigger(self.id)
            key = self._views.new_response_url(where.id, self.id)
            url = f"{self.playground.base_url}/response/{key}"
            payload = payloads.slash_command(self._workspace, self.user, where, command, text.strip(), trigger_id, url)
        outcome = self._dispatched(Dispatch("slash_commands", payload))
        answered = submissions.command_answer(self.playground, self.user, where, outcome.body)
        if answered is None:
            return outcome
        return Outcome(outcome.status, outcome.elapsed, answered.text, outcome.body, message=answered)

    def says(
        self, text: str, channel: str | Conversation | None = None, thread: Message | str | None = None
    ) -> Outcome:
        """Write a message, in a channel or in the direct message with the bot, at the top or in a thread."""
        self._must_be_active()
        with self._workspace.change() as events:
            where = self._channel(channel) if channel else self._workspace.open_dm(self.id)
            self._must_be_in(where)
            if where.kind == "im" and not self._workspace.grants.writable:
                raise ClientRefused("sending messages to this app has been turned off")
            root = (thread.thread or thread.ts) if isinstance(thread, Message) else thread
            record = Record(where.id, self._workspace.next_ts(), _escaped(text), self.id, thread_ts=root)
            record.blocks = _typed(text)
            self._workspace.post(where, record)
            if f"<@{self._workspace.bot_user_id}>" in text and where.kind != "im":
                events.append({**events[-1], "type": "app_mention"} if events else {})
        return of_event(self.playground.events.deliver(events), Message(self.playground, record))

    def edits(self, message: Message, text: str) -> Outcome:
        """Change an own message."""
        return self._changes(message, {"text": _escaped(text), "blocks": _typed(text)})

    def deletes(self, message: Message) -> Outcome:
        """Delete an own message."""
        return self._changes(message, None)

    def _changes(self, message: Message, changed: Json | None) -> Outcome:
        self._must_be_active()
        if message.record.user != self.id:
            raise ClientRefused(f"{self.name} did not write this message")
        with self._workspace.change() as events:
            channel = self._workspace.channels[message.channel]
            if changed is None:
                self._workspace.delete(channel, message.record)
            else:
                self._workspace.edit(channel, message.record, changed, self.id)
        return of_event(self.playground.events.deliver(events), message)

    # Views

    def opens_home(self) -> Home:
        """Open the Home tab of the app and return it as the bot has then published it."""
        self._must_be_active()
        if not self._workspace.grants.home_tab:
            raise ClientRefused("the app has no Home tab: the manifest does not turn it on")
        with self._workspace.change() as events:
            dm = self._workspace.open_dm(self.id)
            event: Json = {"type": "app_home_opened", "user": self.id, "channel": dm.id, "tab": "home"}
            event["event_ts"] = self._workspace.next_ts()
            known = self._views.homes.get(self.id)
            if known is not None:
                event["view"] = wire.view(self._workspace, known)
            events.append(event)
        outcome = of_event(self.playground.events.deliver(events))
        return Home(self, self._views.homes.get(self.id), outcome)

    def submit_view(self, record: ViewRecord) -> Outcome:
        """Send a modal as it is filled; `View.submit` is the way for people, with the client's own checks."""
        self._must_be_active()
        self._must_be_interactive()
        with self._workspace.lock:
            trigger_id = self._views.new_trigger(self.id, record.id)
            payload = payloads.view_submission(self._workspace, self.user, record, trigger_id)
        outcome = self._dispatched(Dispatch("interactive", payload))
        errors = submissions.apply(self.playground, self.id, record, outcome)
        return Outcome(outcome.status, outcome.elapsed, outcome.text, outcome.body, errors, outcome.message)

    def close_view(self, record: ViewRecord, everything: bool = False) -> Outcome:
        """Close a modal; the bot is told where the view asked for it."""
        with self._workspace.change():
            everything = everything or bool(record.payload.get("clear_on_close"))
            payload = payloads.view_closed(self._workspace, self.user, record, everything)
            if everything:
                self._views.close_all(self.id)
            else:
                self._views.close_top(self.id)
        if not record.payload.get("notify_on_close"):
            return Outcome(None, delivered=False)
        return self._dispatched(Dispatch("interactive", payload))

    # Checks

    def _channel(self, channel: str | Conversation) -> Channel:
        if isinstance(channel, Conversation):
            return self._workspace.channels[channel.id]
        return self._workspace.conversation(channel)

    def _must_be_active(self) -> None:
        if self.user.deleted:
            raise ClientRefused(f"{self.name} is deactivated")

    def _must_be_interactive(self) -> None:
        if not self._workspace.grants.interactivity:
            raise ClientRefused("this app is not configured to handle interactive responses")

    def _must_be_in(self, channel: Channel) -> None:
        if self.id not in channel.members:
            raise ClientRefused(f"{self.name} is not in #{channel.name}")
        if channel.archived:
            raise ClientRefused(f"#{channel.name} is archived")


def _dispatches(target: Target) -> bool:
    if target.block["type"] != "input":
        return True
    if not target.block.get("dispatch_action"):
        return False
    if target.element["type"].endswith("_input"):
        config = target.element.get("dispatch_action_config") or {}
        return "on_character_entered" in config.get("trigger_actions_on", [])
    return True


def _escaped(text: str) -> str:
    parts = KEPT_MARKUP.split(text)
    return "".join(
        part if KEPT_MARKUP.fullmatch(part) else part.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        for part in parts
    )


def _typed(text: str) -> list[Json]:
    inside = [_inline(part) for part in MENTION.split(text) if part]
    return [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": inside}]}]


def _inline(part: str) -> Json:
    if not MENTION.fullmatch(part):
        return {"type": "text", "text": part}
    if part.startswith("<@"):
        return {"type": "user", "user_id": part[2:-1]}
    return {"type": "usergroup", "usergroup_id": part.removeprefix("<!subteam^")[:-1]}
