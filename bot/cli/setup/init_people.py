"""Who is meant by what somebody writes: an e-mail address, a Slack id, a Slack channel or a user group."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from email.utils import parseaddr

from bot.core.setup.answers import Candidate
from bot.core.teamfile import Unresolved
from bot.core.teamfile.schema import EMAIL, USER, in_order
from bot.slack.people.directory import UNKNOWN_USER, SlackDirectory
from bot.slack.people.profiles import Kind, Profile
from bot.slack.web_api.gateway import Denied, Gateway
from storage.vocabulary import Role

SEPARATORS = re.compile(r"[,、;\n]+")


class Unknown(Exception):
    """Nobody is meant. `key` names the sentence in the catalogue, `values` fill it."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key, self.values = key, values


class People:
    """Everybody of the team so far, by what names them in the file. Without a gateway only addresses and ids are taken,
    for nobody can be asked."""

    def __init__(self, gateway: Gateway | None) -> None:
        self._gateway = gateway
        self._directory = SlackDirectory(gateway) if gateway else None
        self._profiles: dict[str, Profile] = {}
        self.known: dict[str, Candidate] = {}
        self.ids: dict[str, str] = {}
        """Slack user ids, by what names somebody in the file."""
        self.left_out: list[str] = []
        """Names of bots, guests and closed accounts of a Slack channel or user group."""
        self._by_place: set[str] = set()
        """Who is a rep only because they are in a Slack channel or user group."""

    def add(self, written: Iterable[str], role: Role) -> None:
        """Give a role to everybody who is written, separated by commas. Raises Unknown, and then adds nobody. Who came
        as a rep with a whole channel and is then named for another role is no rep: managers are in that channel too."""
        words = [word.strip() for text in written for word in SEPARATORS.split(text) if word.strip()]
        for by_place, person in [(is_place(word), person) for word in words for person in self._meant(word)]:
            before = self.known.get(person.user, person)
            roles = before.roles
            if by_place:
                self._by_place |= {person.user} if role == Role.REP and not roles else set()
            elif person.user in self._by_place:
                roles = roles if role == Role.REP or not self._another_rep(person.user) else ()
                self._by_place.discard(person.user)
            self.known[person.user] = before.model_copy(update={"roles": in_order([*roles, role])})

    def holds(self, role: Role) -> bool:
        """Return whether anybody has a role."""
        return any(role in person.roles for person in self.known.values())

    def _another_rep(self, user: str) -> bool:
        return any(Role.REP in person.roles for person in self.known.values() if person.user != user)

    def first(self, role: Role) -> str:
        """Return the first who has a role, by what names them in the file. Raises StopIteration where nobody has."""
        return next(person.user for person in self.known.values() if role in person.roles)

    def _meant(self, word: str) -> Iterator[Candidate]:
        if is_place(word):
            yield from self._everybody(word)
            return
        name, address = parseaddr(word)
        if re.fullmatch(EMAIL, address or word):
            yield self._by_email(address or word, name)
        elif re.fullmatch(USER, word):
            yield self._by_id(word)
        else:
            raise Unknown("init.who_is_that", given=word)

    def _by_email(self, address: str, name: str) -> Candidate:
        if self._gateway is None:
            return Candidate(user=address, name=name or address.partition("@")[0])
        try:
            profile = Profile.of(self._gateway.call("users.lookupByEmail", email=address)["user"])
        except Denied as denied:
            if denied.code in UNKNOWN_USER:
                raise Unknown("init.no_such_address", given=address) from denied
            raise
        return self._candidate(profile, name)

    def _by_id(self, user_id: str) -> Candidate:
        if self._gateway is None:
            return Candidate(user=user_id, name=user_id)
        profile = self._profile(user_id)
        if profile is None or profile.kind == Kind.CLOSED:
            raise Unknown("init.no_such_user", given=user_id)
        return self._candidate(profile)

    def _candidate(self, profile: Profile, name: str = "") -> Candidate:
        user = profile.email or profile.user
        self.ids[user] = profile.user
        return Candidate(user=user, name=name or profile.name)

    def _everybody(self, place: str) -> Iterator[Candidate]:
        if self._directory is None:
            raise Unknown("init.needs_token", given=place)
        users = self._directory.people_of(self._place_id(self._directory, place))
        for profile in filter(None, map(self._profile, users)):
            if profile.kind == Kind.PERSON:
                yield self._candidate(profile)
            else:
                self.left_out.append(profile.name)

    def _place_id(self, directory: SlackDirectory, place: str) -> str:
        try:
            if place.startswith(("@", "S")):
                return directory.user_group(place)
        except Unresolved as unresolved:
            raise Unknown("init.no_such_group", given=place) from unresolved
        channel = directory.channel_by_name(place[1:]) if place.startswith("#") else place
        if channel is None or directory.channel_trouble(channel) == "no_such_channel":
            raise Unknown("init.no_such_channel", given=place)
        return channel

    def _profile(self, user_id: str) -> Profile | None:
        assert self._gateway is not None
        if user_id not in self._profiles:
            try:
                self._profiles[user_id] = Profile.of(self._gateway.call("users.info", user=user_id)["user"])
            except Denied as denied:
                if denied.code not in UNKNOWN_USER:
                    raise
        return self._profiles.get(user_id)


def is_place(word: str) -> bool:
    """Return whether a word means a Slack channel or user group, by its sign or its id."""
    return word.startswith(("#", "@")) or re.fullmatch(r"[CGS][A-Z0-9]{8,}", word) is not None
