"""A modal or a Home tab in front of a person."""

from typing import Any

from playground.client.acknowledgement import Acknowledgement
from playground.client.actions import Actions
from playground.client.containers import Container, view_container
from playground.client.visible_text import TextRenderer
from playground.errors import ClientRefused
from playground.inputs import missing_inputs
from playground.model import Json, User, Values, ViewRecord


class View:
    """An open modal. `fill` and `submit` refuse what Slack's client would refuse."""

    def __init__(self, actions: Actions, user: User, record: ViewRecord) -> None:
        self._actions, self._user, self.record = actions, user, record
        self._renderer = TextRenderer(actions.workspace)

    def __repr__(self) -> str:
        return f"<View {self.title!r}>"

    @property
    def title(self) -> str:
        """The title in the bar."""
        return self._renderer.text_object(self.record.payload.get("title"))

    @property
    def blocks(self) -> list[Json]:
        """The blocks, with the ids that Slack filled in."""
        return list(self.record.payload["blocks"])

    @property
    def text(self) -> str:
        """All that a person reads in it."""
        return self._renderer.blocks(self.record.payload["blocks"])

    @property
    def values(self) -> Values:
        """What stands in the inputs: block_id → action_id → value."""
        return self.record.values

    @property
    def labels(self) -> list[str]:
        """The labels of the inputs, in order."""
        return [self._renderer.text_object(block["label"]) for block in self.blocks if block["type"] == "input"]

    @property
    def submit_text(self) -> str | None:
        """The text of the submit button, None where there is none."""
        return self._renderer.text_object(self.record.payload.get("submit")) or None

    @property
    def is_open(self) -> bool:
        """Whether it is still open."""
        return self.record.open

    def fill(self, values: dict[str, Any]) -> "View":
        """Enter values by label, block id or action id; options by text or value, people by name."""
        self._must_be_in_front()
        for name, value in values.items():
            self._actions.choose(self._user, name, value, self)
        return self

    def press(self, what: str) -> Acknowledgement:
        """Press a button inside the modal."""
        self._must_be_in_front()
        return self._actions.press(self._user, what, self)

    def submit(self) -> Acknowledgement:
        """Press submit. The acknowledgement's `errors` say what the bot refused; the modal then stays open."""
        self._must_be_in_front()
        if "submit" not in self.record.payload:
            raise ClientRefused("this modal has no submit button")
        if self.record.payload.get("submit_disabled"):
            raise ClientRefused("the submit button is disabled")
        if missing := missing_inputs(self.record.payload["blocks"], self.record.values):
            raise ClientRefused(f"required inputs are empty: {', '.join(missing)}")
        return self._actions.submit_view(self._user, self.record)

    def close(self, everything: bool = False) -> Acknowledgement:
        """Press cancel; with `everything` the cross that closes the whole stack."""
        self._must_be_in_front()
        return self._actions.close_view(self._user, self.record, everything)

    def containers(self, user: User) -> list[Container]:  # noqa: ARG002 - only its own person gets hold of a view
        """Return the modal for its elements to be used."""
        return [view_container(self.record)]

    def _must_be_in_front(self) -> None:
        if self._actions.views.top(self._user.id) is not self.record:
            raise ClientRefused(f"{self!r} is not in front any more")


class Home:
    """A person's Home tab of the app, as it is now. Empty until the app publishes it.

    `acknowledgement` says how the bot took the opening.
    """

    def __init__(self, actions: Actions, user: User, acknowledgement: Acknowledgement) -> None:
        self._actions, self._user, self.acknowledgement = actions, user, acknowledgement

    @property
    def record(self) -> ViewRecord:
        """The view as it is now; raises ClientRefused where the app never published one."""
        record = self._published()
        if record is None:
            raise ClientRefused(f"the Home tab of {self._user.name} is empty")
        return record

    @property
    def blocks(self) -> list[Json]:
        """The blocks, as they are now."""
        record = self._published()
        return list(record.payload["blocks"]) if record else []

    @property
    def text(self) -> str:
        """All that the person reads in it."""
        return TextRenderer(self._actions.workspace).blocks(self.blocks)

    def press(self, what: str) -> Acknowledgement:
        """Press a button in the Home tab."""
        return self._actions.press(self._user, what, self)

    def choose(self, what: str, value: Any) -> Acknowledgement:
        """Choose from a menu in the Home tab."""
        return self._actions.choose(self._user, what, value, self)

    def containers(self, user: User) -> list[Container]:  # noqa: ARG002 - only its own person gets hold of it
        """Return the Home tab for its elements to be used."""
        return [view_container(self.record)]

    def _published(self) -> ViewRecord | None:
        return self._actions.views.homes.get(self._user.id)
