"""From the settings and a change to the settings as they are to be, checked as a team file is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.core.settings.change import Change, Document, changed
from bot.core.settings.present import Settings
from bot.core.teamfile import Account, Directory, TeamFile
from bot.core.teamfile.parser import read_tables

OPTIONAL_LISTS = ("pools", "routes")
"""Tables of which there may be none: the last one that goes takes its list with it."""
OPTIONAL_TABLES = ("meeting", "webhook")
"""Tables that say something by being there at all."""


def draft(settings: Settings, changes: Sequence[Change], directory: Directory) -> TeamFile:
    """Return the settings with the changes made. `directory` is asked for what is new alone: who and what the settings
    hold already was found when it was set, and a closed account is to keep nobody from changing something else.

    Raises BadFile with every problem, whose `path` says where in `changed(settings.document, changes)` it is; and
    whatever `directory` raises.
    """
    document = _complete(changed(settings.document, changes))
    wanted = read_tables(document, "", _Acquainted(settings.team, directory))
    touched = any(change.path[0] == "definition" for change in changes)
    # Written out again, a definition that was withdrawn or sent back would be proposed once more.
    return wanted if touched else replace(wanted, definition=None)


def _complete(document: Document) -> Document:
    return {name: table for name, table in document.items() if table or name not in (*OPTIONAL_LISTS, *OPTIONAL_TABLES)}


class _Acquainted:
    """A directory that knows whom and what the settings name, and asks another one for the rest."""

    def __init__(self, team: TeamFile, directory: Directory) -> None:
        self._team, self._directory = team, directory
        self._people = {person.user_id: Account(person.user_id, person.active) for person in team.members}
        targets = {step.to for terms in (team.policy, *team.policy.tiers) for step in terms.escalations}
        sources = {source for pool in team.routing.pools for source in pool.sources}
        named = (team.mql_channel, team.intake_channel, team.marketing_channel, team.meeting_channel)
        self._places = {place for place in (*named, *targets, *sources) if place is not None}

    def team(self) -> str:
        return self._team.workspace_id

    def user(self, user_id: str) -> Account | None:
        known = self._people.get(user_id)
        return known if known is not None and known.active else self._directory.user(user_id)

    def user_by_email(self, email: str) -> Account | None:
        return self._directory.user_by_email(email)

    def channel_trouble(self, channel_id: str) -> str | None:
        return None if channel_id in self._places else self._directory.channel_trouble(channel_id)

    def channel_by_name(self, name: str) -> str | None:
        return self._directory.channel_by_name(name)

    def user_group(self, handle: str) -> str:
        return handle if handle in self._places else self._directory.user_group(handle)

    def people_of(self, place_id: str) -> list[str]:
        """Return who came by a place when it was set; who is in it now is asked where it is new."""
        known = [member.user for pool in self._team.routing.pools for member in pool.members if member.via == place_id]
        return list(dict.fromkeys(known)) or self._directory.people_of(place_id)
