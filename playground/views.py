"""Modals, Home tabs, trigger ids and response URLs of the workspace."""

import itertools
from collections.abc import Callable

from playground import wire
from playground.blocks import view_problems, view_too_large
from playground.copied import copied
from playground.errors import SlackError
from playground.inputs import initial_values
from playground.model import Json, ResponseUrl, Trigger, Values, ViewRecord
from playground.workspace import Workspace

TRIGGER_SECONDS = 3.0
STACK_LIMIT = 3
RESPONSE_URL_USES = 5
RESPONSE_URL_SECONDS = 30 * 60


class Views:
    """What is open where. All methods are called with the workspace's lock held."""

    def __init__(self, workspace: Workspace, monotonic: Callable[[], float]) -> None:
        self.workspace, self.monotonic = workspace, monotonic
        self.stacks: dict[str, list[ViewRecord]] = {}
        self.homes: dict[str, ViewRecord] = {}
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self._numbers = itertools.count(1)

    # Permissions that run out

    def new_trigger(self, user: str, view_id: str | None = None) -> str:
        """Make a trigger id for an interaction of this person."""
        trigger_id = f"{next(self._numbers):013d}.{self.workspace.team.id[1:]}.{self.workspace.new_id('x')}"
        self.triggers[trigger_id] = Trigger(user, self.monotonic(), view_id)
        return trigger_id

    def use_trigger(self, trigger_id: object) -> Trigger:
        """Spend a trigger id; it works once, within three seconds (Slack documentation: views.open)."""
        trigger = self.triggers.get(str(trigger_id))
        if trigger is None:
            raise SlackError("invalid_trigger_id", f"trigger_id: {trigger_id!r} was never given out")
        if trigger.used:
            raise SlackError("exchanged_trigger_id", "trigger_id: was used already, it works once")
        age = self.monotonic() - trigger.born
        if age > TRIGGER_SECONDS:
            raise SlackError("expired_trigger_id", f"trigger_id: {age:.1f} s old, it lives {TRIGGER_SECONDS:.0f} s")
        trigger.used = True
        return trigger

    def new_response_url(self, channel: str, user: str, ts: str | None = None, thread: str | None = None) -> str:
        """Make the key of a response URL."""
        key = f"{next(self._numbers):013d}"
        self.response_urls[key] = ResponseUrl(channel, user, self.monotonic(), ts, thread)
        return key

    def use_response_url(self, key: str) -> ResponseUrl:
        """Spend one of the five uses of a response URL."""
        url = self.response_urls.get(key)
        if url is None:
            raise SlackError("expired_url", "response_url: unknown")
        if self.monotonic() - url.born > RESPONSE_URL_SECONDS:
            raise SlackError("expired_url", "response_url: older than 30 minutes")
        if url.uses >= RESPONSE_URL_USES:
            raise SlackError("used_url", f"response_url: used {url.uses} times, limit {RESPONSE_URL_USES}")
        url.uses += 1
        return url

    # Modals

    def top(self, user: str) -> ViewRecord | None:
        """Return the modal a person has in front of them."""
        stack = self.stacks.get(user)
        return stack[-1] if stack else None

    def open(self, user: str, payload: Json) -> ViewRecord:
        """Open a modal over nothing; what was open is gone."""
        self.close_all(user)
        record = self._record(user, payload)
        self.stacks[user] = [record]
        return record

    def push(self, user: str, payload: Json) -> ViewRecord:
        """Put a modal on top of the open one; at most three (Slack documentation: views.push)."""
        stack = self.stacks.get(user)
        if not stack:
            raise SlackError("not_found", "views.push: no modal is open to push onto")
        if len(stack) >= STACK_LIMIT:
            raise SlackError("push_limit_reached", f"views.push: {len(stack)} views are open, limit {STACK_LIMIT}")
        record = self._record(user, payload, below=stack[-1])
        stack.append(record)
        return record

    def update(self, record: ViewRecord, payload: Json) -> ViewRecord:
        """Replace a view; what the person entered stays where block_id and action_id are the same."""
        filled = self._filled(payload)
        entered = record.values
        record.payload, record.hash = filled, self._hash()
        record.values = _carried_over(initial_values(filled["blocks"]), entered)
        return record

    def close_top(self, user: str) -> None:
        """Close the modal in front; the one below comes back."""
        stack = self.stacks.get(user) or []
        if stack:
            stack.pop().open = False

    def close_all(self, user: str) -> None:
        """Close the whole stack."""
        for record in self.stacks.pop(user, []):
            record.open = False

    def find(self, view_id: str | None, external_id: str | None) -> ViewRecord:
        """Find an open modal or a Home tab by id, else not_found."""
        for record in self._all():
            if view_id == record.id or (external_id and external_id == record.payload.get("external_id")):
                return record
        raise SlackError("not_found", f"no open view {view_id or external_id!r}")

    def publish(self, user: str, payload: Json) -> ViewRecord:
        """Set a person's Home tab."""
        known = self.homes.get(user)
        if known is not None:
            return self.update(known, payload)
        self.homes[user] = self._record(user, payload)
        return self.homes[user]

    # Rules

    def check(self, payload: object, kind: str) -> Json:
        """Hold a view to the rules, else invalid_arguments with a sentence for each broken one."""
        broken = view_problems(payload)
        if isinstance(payload, dict) and view_too_large(payload):
            raise SlackError("view_too_large", "view: over 250 kB")
        if isinstance(payload, dict) and not broken and payload["type"] != kind:
            broken = [f"view.type: {payload['type']!r}, must be {kind} here"]
        if broken or not isinstance(payload, dict):
            raise SlackError("invalid_arguments", *broken)
        return payload

    def check_external_id(self, payload: Json, but: ViewRecord | None = None) -> None:
        """Refuse an external_id that another view of the app carries."""
        external_id = payload.get("external_id")
        others = [record for record in self._all() if record is not but]
        if external_id and any(record.payload.get("external_id") == external_id for record in others):
            raise SlackError("duplicate_external_id", f"view.external_id: {external_id!r} is taken")

    def _all(self) -> list[ViewRecord]:
        return [record for stack in self.stacks.values() for record in stack] + list(self.homes.values())

    def _record(self, user: str, payload: Json, below: ViewRecord | None = None) -> ViewRecord:
        view_id, filled = self.workspace.new_id("V"), self._filled(payload)
        root, previous = (below.root_view_id, below.id) if below else (view_id, None)
        values = initial_values(filled["blocks"])
        return ViewRecord(view_id, user, filled, self._hash(), root, previous, values)

    def _filled(self, payload: Json) -> Json:
        filled = copied(payload)
        filled["blocks"] = wire.with_ids(filled["blocks"], self.workspace.new_element_id)
        return filled

    def _hash(self) -> str:
        return f"{self.workspace.next_ts()}.{next(self._numbers):08x}"


def _carried_over(initial: Values, entered: Values) -> Values:
    return {
        block_id: {
            action_id: value
            if (old := entered.get(block_id, {}).get(action_id)) is None or old["type"] != value["type"]
            else old
            for action_id, value in actions.items()
        }
        for block_id, actions in initial.items()
    }
