"""What a person's client does in the workspace. Every action is synchronous."""

from collections.abc import Callable
from typing import Any

from playground import messages, wire
from playground.client import submissions
from playground.client.acknowledgement import NOTHING_SENT, Acknowledgement, acknowledged, of_event
from playground.client.containers import Screen, Surface, Target
from playground.client.message import Message
from playground.client.typed_text import escaped, rich_text
from playground.dispatch import payloads
from playground.dispatch.delivery import Delivery
from playground.dispatch.events import Events
from playground.dispatch.transport import Dispatch
from playground.errors import ClientRefused
from playground.inputs import EXTERNAL, VALUE_KEY, new_value
from playground.model import Channel, Json, Record, SlackFile, User, ViewRecord
from playground.views import Views
from playground.workspace import Workspace


class Actions:
    """Does what people do, and refuses what Slack's client would refuse. `base_url` returns the server's address."""

    def __init__(
        self, workspace: Workspace, views: Views, delivery: Delivery, events: Events, base_url: Callable[[], str]
    ) -> None:
        self.workspace, self.views = workspace, views
        self._delivery, self._events, self._base_url = delivery, events, base_url

    # Pressing and choosing

    def press(
        self, user: User, what: str, surface: Surface | None = None, block: str = "", value: str = ""
    ) -> Acknowledgement:
        """Press a button or overflow option, by text or action id; a confirm dialog is accepted."""
        must_be_active(user)
        with self.workspace.lock:
            target = Screen(self.workspace, self.views, user).button(what, surface, block, value)
            chosen: Json = {} if target.option is None else {VALUE_KEY["overflow"]: target.option}
            dispatch = self._block_actions(user, target, chosen)
        return self._dispatch(user, dispatch)

    def choose(
        self, user: User, what: str, value: Any, surface: Surface | None = None, block: str = ""
    ) -> Acknowledgement:
        """Enter or choose a value; only an element that dispatches tells the bot at once."""
        must_be_active(user)
        loaded = self._loaded(user, what, value, surface, block)
        with self.workspace.lock:
            target = Screen(self.workspace, self.views, user).menu(what, surface, block)
            entered = new_value({**target.element, **loaded}, value, self._resolve)
            values = target.container.values(user.id)
            values.setdefault(target.block["block_id"], {})[target.element["action_id"]] = entered
            if target.container.channel and target.container.record:
                self.workspace.touch(target.container.channel, target.container.record)
            if not _dispatches(target):
                return NOTHING_SENT
            dispatch = self._block_actions(user, target, entered)
        return self._dispatch(user, dispatch)

    def suggestions(
        self, user: User, what: str, typed: str, surface: Surface | None = None, block: str = ""
    ) -> list[Json]:
        """Type into a menu whose options the bot supplies, in a modal or Home tab; return the options it offers."""
        must_be_active(user)
        self._must_be_interactive()
        with self.workspace.lock:
            target = Screen(self.workspace, self.views, user).menu(what, surface, block)
            view = target.container.view
            if target.element["type"] not in EXTERNAL or view is None:
                raise ClientRefused(f"{what} is no menu whose options the bot supplies")
            asked = payloads.block_suggestion(self.workspace, user, view, target.block, target.element, typed)
        answer = acknowledged(self._delivery.send(Dispatch("interactive", asked)))
        return submissions.options_of(answer.text)

    def _loaded(self, user: User, what: str, value: Any, surface: Surface | None, block: str) -> Json:
        """Return the options that the bot supplies for what is to be chosen; nothing for any other menu."""
        with self.workspace.lock:
            target = Screen(self.workspace, self.views, user).menu(what, surface, block)
        if target.element["type"] not in EXTERNAL or value in (None, "", []):
            return {}
        typed = [value] if isinstance(value, str) else value
        options = [option for text in typed for option in self.suggestions(user, what, str(text), surface, block)]
        return {"options": options}

    def _resolve(self, kind: str, name: str) -> str:
        """Turn the name of a user or channel into its id, as a select menu of this type does."""
        return self.workspace.person(name).id if "users" in kind else self.workspace.conversation(name).id

    def _block_actions(self, user: User, target: Target, value: Json) -> Dispatch:
        self._must_be_interactive()
        workspace, container = self.workspace, target.container
        actions = [payloads.action(target.block, target.element, value, workspace.next_ts())]
        if container.view is not None:
            trigger_id = self.views.new_trigger(user.id, container.view.id)
            return Dispatch("interactive", payloads.view_actions(workspace, user, container.view, actions, trigger_id))
        channel, record = container.channel, container.record
        assert channel is not None
        assert record is not None
        container.values(user.id)
        trigger_id = self.views.new_trigger(user.id)
        url = self._response_url(channel, user, record)
        payload = payloads.message_actions(workspace, user, channel, record, actions, trigger_id, url)
        return Dispatch("interactive", payload)

    def _response_url(self, channel: Channel, user: User, record: Record | None = None) -> str:
        ts, thread = (record.ts, record.thread_ts) if record else (None, None)
        key = self.views.new_response_url(channel.id, user.id, ts, thread)
        return f"{self._base_url()}/response/{key}"

    def _dispatch(self, user: User, dispatch: Dispatch) -> Acknowledgement:
        before = self.ephemerals(user)
        answer = acknowledged(self._delivery.send(dispatch))
        shown = [message for message in self.ephemerals(user) if message not in before]
        text = "\n".join(message.text for message in shown)
        message = shown[-1] if shown else None
        return Acknowledgement(answer.status, answer.elapsed, text, answer.text, message=message)

    def ephemerals(self, user: User) -> list[Message]:
        """List the ephemeral messages a person has been shown."""
        with self.workspace.lock:
            records = [record for channel in self.workspace.channels.values() for record in channel.messages]
            return [Message(self.workspace, record) for record in records if record.ephemeral_for == user.id]

    # Typing and writing

    def type(self, user: User, line: str, channel: Channel | None = None) -> Acknowledgement:
        """Type a slash command, in a channel or in the direct message with the bot."""
        must_be_active(user)
        command, _, text = line.strip().partition(" ")
        with self.workspace.lock:
            if not self.workspace.grants.delivers_command(command):
                raise ClientRefused(f"{command} is not a valid command: the manifest does not list it")
            where = channel or self.workspace.open_dm(user.id)
            _must_be_in(user, where)
            trigger_id, url = self.views.new_trigger(user.id), self._response_url(where, user)
            payload = payloads.slash_command(self.workspace, user, where, command, text.strip(), trigger_id, url)
        acknowledgement = self._dispatch(user, Dispatch("slash_commands", payload))
        answer = submissions.command_answer(self.workspace, self._events, user, where, acknowledgement.body)
        if answer is None:
            return acknowledgement
        return Acknowledgement(
            acknowledgement.status, acknowledgement.elapsed, answer.text, acknowledgement.body, message=answer
        )

    def write(self, user: User, text: str, channel: Channel | None = None, root: str | None = None) -> Acknowledgement:
        """Write a message, in a channel or in the direct message with the bot, at the top or in a thread."""
        must_be_active(user)
        workspace = self.workspace
        with workspace.change() as events:
            where = channel or workspace.open_dm(user.id)
            _must_be_in(user, where)
            if where.kind == "im" and not workspace.grants.writable:
                raise ClientRefused("sending messages to this app has been turned off")
            record = Record(where.id, workspace.next_ts(), escaped(text), user.id, thread_ts=root)
            record.blocks = rich_text(text)
            messages.post(workspace, where, record)
            if f"<@{workspace.bot_user_id}>" in text and where.kind != "im":
                events.append({**events[-1], "type": "app_mention"} if events else {})
        return of_event(self._events.deliver(events), Message(workspace, record))

    def share(self, user: User, name: str, content: bytes, channel: Channel | None = None) -> Acknowledgement:
        """Share a file, in a channel or in the direct message with the bot."""
        must_be_active(user)
        workspace = self.workspace
        if not content:
            raise ClientRefused("an empty file cannot be shared")
        with workspace.change() as events:
            where = channel or workspace.open_dm(user.id)
            _must_be_in(user, where)
            if where.kind == "im" and not workspace.grants.writable:
                raise ClientRefused("sending messages to this app has been turned off")
            workspace.files_url = self._base_url()
            shared = SlackFile(workspace.new_id("F"), name, user.id, int(workspace.now().timestamp()), content)
            workspace.files[shared.id] = shared
            record = Record(where.id, workspace.next_ts(), "", user=user.id, subtype="file_share", files=[shared.id])
            messages.post(workspace, where, record)
            if workspace.bot_user_id in where.members:
                workspace.emit(wire.file_shared_event(workspace, where, record, shared))
        return of_event(self._events.deliver(events), Message(workspace, record))

    def edit(self, user: User, message: Message, text: str) -> Acknowledgement:
        """Change an own message."""
        return self._change(user, message, {"text": escaped(text), "blocks": rich_text(text)})

    def delete(self, user: User, message: Message) -> Acknowledgement:
        """Delete an own message."""
        return self._change(user, message, None)

    def _change(self, user: User, message: Message, changed: Json | None) -> Acknowledgement:
        must_be_active(user)
        if message.record.user != user.id:
            raise ClientRefused(f"{user.name} did not write this message")
        with self.workspace.change() as events:
            channel = self.workspace.channels[message.channel]
            if changed is None:
                messages.delete(self.workspace, channel, message.record)
            else:
                messages.edit(self.workspace, channel, message.record, changed, user.id)
        return of_event(self._events.deliver(events), message)

    # Views

    def open_home(self, user: User) -> Acknowledgement:
        """Open the Home tab of the app."""
        must_be_active(user)
        if not self.workspace.grants.home_tab:
            raise ClientRefused("the app has no Home tab: the manifest does not turn it on")
        with self.workspace.change() as events:
            dm = self.workspace.open_dm(user.id)
            event: Json = {"type": "app_home_opened", "user": user.id, "channel": dm.id, "tab": "home"}
            event["event_ts"] = self.workspace.next_ts()
            published = self.views.homes.get(user.id)
            if published is not None:
                event["view"] = wire.view(self.workspace, published)
            events.append(event)
        return of_event(self._events.deliver(events))

    def submit_view(self, user: User, record: ViewRecord) -> Acknowledgement:
        """Send a modal as it is filled, without the client's own checks."""
        must_be_active(user)
        self._must_be_interactive()
        with self.workspace.lock:
            trigger_id = self.views.new_trigger(user.id, record.id)
            payload = payloads.view_submission(self.workspace, user, record, trigger_id)
        sent = self._dispatch(user, Dispatch("interactive", payload))
        errors = submissions.apply(self.workspace, self.views, user.id, record, sent)
        return Acknowledgement(sent.status, sent.elapsed, sent.text, sent.body, errors, sent.message)

    def close_view(self, user: User, record: ViewRecord, everything: bool = False) -> Acknowledgement:
        """Close a modal; the bot is told where the view asked for it."""
        with self.workspace.change():
            everything = everything or bool(record.payload.get("clear_on_close"))
            payload = payloads.view_closed(self.workspace, user, record, everything)
            if everything:
                self.views.close_all(user.id)
            else:
                self.views.close_top(user.id)
        if not record.payload.get("notify_on_close"):
            return NOTHING_SENT
        return self._dispatch(user, Dispatch("interactive", payload))

    def _must_be_interactive(self) -> None:
        if not self.workspace.grants.interactivity:
            raise ClientRefused("this app is not configured to handle interactive responses")


def must_be_active(user: User) -> None:
    """Refuse what a deactivated person would do."""
    if user.deleted:
        raise ClientRefused(f"{user.name} is deactivated")


def _must_be_in(user: User, channel: Channel) -> None:
    if user.id not in channel.members:
        raise ClientRefused(f"{user.name} is not in #{channel.name}")
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
