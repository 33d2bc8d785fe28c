"""A team file that is only thought about: what it leaves out is as it is now, and Slack is not asked."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from bot.core.teamfile.export import tables
from bot.core.teamfile.name_resolution import Account
from bot.core.teamfile.parser import document_of, read_tables
from bot.core.teamfile.schema import EMAIL, Person, TeamFile
from storage.vocabulary import Role


def workspace_of(text: str) -> str | None:
    """Return the id of the workspace that a file names, if it does. Raises BadFile where it is no TOML."""
    table = document_of(text).get("workspace")
    named = table.get("id") if isinstance(table, dict) else None
    return named if isinstance(named, str) else None


def draft(text: str, current: TeamFile) -> TeamFile:
    """Read a team file, or a part of one, without Slack.

    A file with [workspace] is whole and means what it means to `parse`. Any other changes what it names: the keys of
    [policy] one by one, every other table as a whole. Whoever goes by e-mail address is the one of that name on the
    present roster, else somebody new; without [[members]] so is each address of a step, as a leader, for the roster
    holds no addresses. The id of the workspace does not matter. Raises BadFile with every problem.
    """
    document = document_of(text)
    completed = _completed(document, current)
    return read_tables(completed, text, _Acquaintances(completed, current))


def _completed(document: dict[str, Any], current: TeamFile) -> dict[str, Any]:
    whole = document.get("workspace")
    if isinstance(whole, dict):
        return document | {"workspace": {key: value for key, value in whole.items() if key != "id"}}
    if whole is not None:
        return document
    known = {name: table for name, table in tables(current).items() if table}
    policy = document.get("policy")
    named = {"policy": known["policy"] | policy} if isinstance(policy, dict) else {}
    strangers = [{"email": address, "name": address, "roles": [Role.MANAGER.value]} for address in _addresses(policy)]
    return known | {"members": [*known["members"], *strangers]} | document | named


def _addresses(policy: object) -> list[str]:
    """Return the e-mail addresses that the steps of a policy name, each once. It was not looked at yet."""
    tiers = policy.get("tiers") if isinstance(policy, dict) else None
    written: list[object] = []
    for terms in (policy, *(tiers if isinstance(tiers, list) else ())):
        steps = terms.get("escalations") if isinstance(terms, dict) else None
        written += [step.get("to") for step in steps if isinstance(step, dict)] if isinstance(steps, list) else []
    addresses = [to for to in written if isinstance(to, str) and re.fullmatch(EMAIL, to)]
    return list({address.lower(): address for address in addresses}.values())


class _Acquaintances:
    """The directory of a workspace as far as the file and the present roster tell. A name of Slack's that they do not
    know gets an id of its own: nothing is ever sent there."""

    def __init__(self, document: Mapping[str, Any], current: TeamFile) -> None:
        self._team, self._pools = current.workspace_id, current.routing.pools
        self._roster = {person.name: person for person in current.members}
        entries = document.get("members")
        named = [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
        self._emails = {str(entry.get("email")).lower(): str(entry.get("name")).strip() for entry in named}

    def team(self) -> str:
        """Return the workspace that is thought about."""
        return self._team

    def user(self, user_id: str) -> Account | None:
        """Anybody: an account that is not there yet may be thought of."""
        return Account(user_id)

    def user_by_email(self, email: str) -> Account | None:
        """Whoever has that address in the file."""
        name = self._emails.get(email.lower())
        if name is None:
            return None
        known: Person | None = self._roster.get(name)
        return Account(known.user_id if known else _made_up("U", email))

    def channel_trouble(self, channel_id: str) -> str | None:
        """None: nothing is posted there."""

    def channel_by_name(self, name: str) -> str | None:
        """Return an id for the name."""
        return _made_up("C", name)

    def user_group(self, handle: str) -> str:
        """Return an id for the handle, or the id itself."""
        return _made_up("S", handle) if handle.startswith("@") else handle

    def people_of(self, place_id: str) -> list[str]:
        """Return whoever came into a pool by it when the present file was applied."""
        members = (member for pool in self._pools for member in pool.members)
        return list(dict.fromkeys(member.user for member in members if member.via == place_id))


def _made_up(kind: str, name: str) -> str:
    return f"{kind}0{hashlib.sha256(name.lower().encode()).hexdigest()[:12].upper()}"
