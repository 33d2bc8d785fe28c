"""A modal or a Home tab in front of a person."""

from typing import TYPE_CHECKING, Any

from playground.errors import ClientRefused
from playground.forms import missing_inputs
from playground.model import Json, Values, ViewRecord
from playground.outcome import Outcome
from playground.reading import Reader

if TYPE_CHECKING:
    from playground.people import Person


class View:
    """An open modal. `fill` and `submit` refuse what Slack's client would refuse."""

    def __init__(self, person: "Person", record: ViewRecord) -> None:
        self.person, self.record = person, record
        self._reader = Reader(person.playground.workspace)

    def __repr__(self) -> str:
        return f"<View {self.title!r}>"

    @property
    def title(self) -> str:
        """The title in the bar."""
        return self._reader.text_object(self.record.payload.get("title"))

    @property
    def blocks(self) -> list[Json]:
        """The blocks, with the ids that Slack filled in."""
        return list(self.record.payload["blocks"])

    @property
    def text(self) -> str:
        """All that a person reads in it."""
        return self._reader.blocks(self.record.payload["blocks"])

    @property
    def values(self) -> Values:
        """What stands in the inputs: block_id → action_id → value."""
        return self.record.values

    @property
    def labels(self) -> list[str]:
        """The labels of the inputs, in order."""
        return [self._reader.text_object(one["label"]) for one in self.blocks if one["type"] == "input"]

    @property
    def submit_text(self) -> str | None:
        """The text of the submit button, None where there is none."""
        return self._reader.text_object(self.record.payload.get("submit")) or None

    @property
    def is_open(self) -> bool:
        """Whether it is still open."""
        return self.record.open

    def fill(self, values: dict[str, Any]) -> "View":
        """Enter values by label, block id or action id; options by text or value, people by name."""
        self._must_be_in_front()
        for name, value in values.items():
            self.person.choose(name, value, in_=self)
        return self

    def press(self, what: str) -> Outcome:
        """Press a button inside the modal."""
        self._must_be_in_front()
        return self.person.press(what, in_=self)

    def submit(self) -> Outcome:
        """Press submit. The outcome's `errors` say what the bot refused; the modal then stays open."""
        self._must_be_in_front()
        if "submit" not in self.record.payload:
            raise ClientRefused("this modal has no submit button")
        if self.record.payload.get("submit_disabled"):
            raise ClientRefused("the submit button is disabled")
        if missing := missing_inputs(self.record.payload["blocks"], self.record.values):
            raise ClientRefused(f"required inputs are empty: {', '.join(missing)}")
        return self.person.submit_view(self.record)

    def close(self, everything: bool = False) -> Outcome:
        """Press cancel; with `everything` the cross that closes the whole stack."""
        self._must_be_in_front()
        return self.person.close_view(self.record, everything)

    def _must_be_in_front(self) -> None:
        if self.person.playground.views.top(self.person.id) is not self.record:
            raise ClientRefused(f"{self!r} is not in front any more")


class Home:
    """A person's Home tab of the app. Empty until the app publishes one."""

    def __init__(self, person: "Person", record: ViewRecord | None, outcome: Outcome) -> None:
        self.person, self._record, self.outcome = person, record, outcome

    @property
    def record(self) -> ViewRecord:
        """The view as it is now; raises ClientRefused where the app never published one."""
        known = self.person.playground.views.homes.get(self.person.id) or self._record
        if known is None:
            raise ClientRefused(f"the Home tab of {self.person.name} is empty")
        return known

    @property
    def blocks(self) -> list[Json]:
        """The blocks, as they are now."""
        known = self.person.playground.views.homes.get(self.person.id)
        return list(known.payload["blocks"]) if known else []

    @property
    def text(self) -> str:
        """All that the person reads in it."""
        return Reader(self.person.playground.workspace).blocks(self.blocks)

    def press(self, what: str) -> Outcome:
        """Press a button in the Home tab."""
        return self.person.press(what, in_=self)

    def choose(self, what: str, value: Any) -> Outcome:
        """Choose from a menu in the Home tab."""
        return self.person.choose(what, value, in_=self)
