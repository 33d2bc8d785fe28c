"""Who and what is there, by the names that tests and the page use."""

from playground.client.actions import Actions
from playground.client.conversation import Conversation
from playground.client.person import Person


class Directory:
    """Finds people and conversations."""

    def __init__(self, actions: Actions) -> None:
        self._actions, self._workspace = actions, actions.workspace

    @property
    def people(self) -> list[Person]:
        """All members that are people."""
        with self._workspace.lock:
            return [Person(self._actions, user) for user in self._workspace.users.values() if not user.is_bot]

    def person(self, key: str) -> Person:
        """Find a person by short name, real name or id."""
        with self._workspace.lock:
            return Person(self._actions, self._workspace.person(key))

    def channel(self, key: str) -> Conversation:
        """Find a channel by name or id, seen by nobody in particular."""
        with self._workspace.lock:
            return Conversation(self._actions, self._workspace.conversation(key))

    def dm(self, key: str) -> Conversation:
        """Return the direct message between a person and the bot, as that person sees it."""
        return self.person(key).dm
