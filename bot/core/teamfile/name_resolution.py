"""From names and e-mail addresses to the ids that Slack knows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from bot.core.sla.policy import LEVELS, PolicyTable
from bot.core.teamfile.positions import Path
from bot.core.teamfile.problems import Problems
from bot.core.teamfile.schema import (
    EMAIL,
    USER,
    ChannelsTable,
    MemberTable,
    Person,
    WorkspaceTable,
    can_hold,
    in_order,
)

USER_GROUP = r"@[^\s@]+|S[A-Z0-9]+"
SLACK_CHANNEL = r"#[^\s#]+|[CG][A-Z0-9]+"


@dataclass(frozen=True)
class Account:
    """A Slack user. `active` is false where Slack says that the account is closed."""

    id: str
    active: bool = True


class Unresolved(Exception):
    """A name that stands for nothing in Slack. `code` names the problem, `values` fill its sentence."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code, self.values = code, values


class Directory(Protocol):
    """Who and what is in the Slack workspace of the token."""

    def team(self) -> str:
        """Return the id of the workspace."""

    def user(self, user_id: str) -> Account | None:
        """Return a user by id."""

    def user_by_email(self, email: str) -> Account | None:
        """Return a user by the e-mail address of their profile."""

    def channel_trouble(self, channel_id: str) -> str | None:
        """Return what keeps the bot from posting there: no_such_channel, channel_archived, bot_not_in_channel;
        or None."""

    def channel_by_name(self, name: str) -> str | None:
        """Return the id of a Slack channel by its name without #, among those the bot can see."""

    def user_group(self, handle: str) -> str:
        """Return the id of a user group by its @handle or id. Raises Unresolved: no_such_group (`meant` is the nearest
        @handle, or None), group_disabled, groups_need_scope (`scope`), groups_need_plan."""

    def people_of(self, place_id: str) -> list[str]:
        """Return the ids of the people of a user group or Slack channel."""


def resolve(
    workspace: WorkspaceTable | None,
    channels: ChannelsTable | None,
    entries: dict[int, MemberTable],
    directory: Directory | None,
    problems: Problems,
) -> tuple[str, dict[int, Person], dict[str, str]]:
    """Return the workspace's id, the members by index, and the Slack channels by use, as far as they can be found."""
    team = _team(workspace, directory, problems) if workspace else ""
    places: dict[str, str] = {}
    for use, name in channels.model_dump(exclude_none=True).items() if channels else ():
        channel_id = channel(("channels", use), name, directory, problems)
        if channel_id is not None:
            places[use] = channel_id
    accounts = {index: _account(index, entry, directory, problems) for index, entry in entries.items()}
    known = {index: account for index, account in accounts.items() if account is not None}
    by_email = {(entries[i].email or "").lower(): account for i, account in known.items()}
    return team, {i: _person(entries[i], known[i], by_email, directory) for i in known}, places


def policy(
    table: PolicyTable, members: Iterable[Person], directory: Directory | None, problems: Problems, *, complete: bool
) -> dict[str, Any]:
    """Return the policy as it is stored: in its escalation steps everybody goes by id. `complete` as in `target`."""
    body, members = table.model_dump(mode="json"), list(members)
    tables = [((), body), *((("tiers", index), tier) for index, tier in enumerate(body["tiers"]))]
    for path, terms in tables:
        for index, step in enumerate(terms.get("escalations", ())):
            if step["to"] not in LEVELS:
                where = ("policy", *path, "escalations", index, "to")
                target_id = target(where, step["to"], members, directory, problems, complete=complete)
                step["to"] = target_id or step["to"]
                taker = next((person for person in members if person.user_id == target_id), None)
                if step["do"] == "hand_over" and taker is not None and not can_hold(taker):
                    problems.add(where, "cannot_hold", name=taker.name)
    return body


def target(
    path: Path,
    written: str,
    members: Iterable[Person],
    directory: Directory | None,
    problems: Problems,
    *,
    complete: bool,
) -> str | None:
    """Return the id of whom `said` names: an active member, a user group, or a Slack channel that the bot is in.

    Members go by id or e-mail address, user groups by id or @handle, Slack channels by id or #name; without a
    directory only ids are taken. Anything else is a problem at `path`, and None. `members` are those of the file that
    can be read; where they are not all (`complete` is false) nobody is called a stranger to it. Raises whatever
    `directory` raises, except Unresolved.
    """
    if re.fullmatch(f"{USER}|{EMAIL}", written):
        return _member(path, written, members, directory, problems, complete=complete)
    if re.fullmatch(USER_GROUP, written):
        return _user_group(path, written, directory, problems)
    if re.fullmatch(SLACK_CHANNEL, written):
        return channel(path, written, directory, problems)
    problems.add(path, "not_a_target", given=written)
    return None


def _member(
    path: Path,
    written: str,
    members: Iterable[Person],
    directory: Directory | None,
    problems: Problems,
    *,
    complete: bool,
) -> str | None:
    user_id: str | None = written
    if "@" in written:
        if directory is None:
            problems.add(path, "person_needs_token", given=written)
            return None
        account = directory.user_by_email(written)
        user_id = account.id if account else None
    if any(person.user_id == user_id and person.active for person in members):
        return user_id
    if complete:
        problems.add(path, "not_on_roster", given=written)
    return None


def _user_group(path: Path, written: str, directory: Directory | None, problems: Problems) -> str | None:
    if directory is None:
        if written.startswith("@"):
            problems.add(path, "group_needs_token", given=written)
            return None
        return written
    try:
        return directory.user_group(written)
    except Unresolved as error:
        problems.add(path, error.code, given=written, **error.values)
        return None


def _team(workspace: WorkspaceTable, directory: Directory | None, problems: Problems) -> str:
    path = ("workspace", "id")
    if directory is None:
        if workspace.id is None:
            problems.add(path, "team_needs_token")
        return workspace.id or ""
    team = directory.team()
    if workspace.id not in (None, team):
        problems.add(path, "another_team", given=workspace.id, team=team)
    return team


def channel(path: Path, written: str, directory: Directory | None, problems: Problems) -> str | None:
    """Return the id of a Slack channel that the bot can post to; without a directory only an id is taken. Anything else
    is a problem at `path`, and None. Raises whatever `directory` raises."""
    if directory is None:
        if written.startswith("#"):
            problems.add(path, "channel_needs_token", given=written)
            return None
        return written
    channel_id = directory.channel_by_name(written.removeprefix("#")) if written.startswith("#") else written
    trouble = directory.channel_trouble(channel_id) if channel_id else "no_such_channel"
    if trouble:
        problems.add(path, trouble, given=written)
        return None
    return channel_id


def _account(index: int, entry: MemberTable, directory: Directory | None, problems: Problems) -> str | None:
    key, written = ("user", entry.user) if entry.user else ("email", entry.email or "")
    path = ("members", index, key)
    if directory is None:
        if key == "email":
            problems.add(path, "email_needs_token", given=written)
        return entry.user
    account = directory.user(written) if key == "user" else directory.user_by_email(written)
    if account is None:
        problems.add(path, f"no_such_{key}", given=written)
        return None
    if entry.active and not account.active:
        problems.add(path, "account_closed", given=written)
    return account.id


def _person(entry: MemberTable, user_id: str, by_email: dict[str, str], directory: Directory | None) -> Person:
    manager = entry.manager
    if manager is not None and "@" in manager:
        on_roster = by_email.get(manager.lower())
        account = directory.user_by_email(manager) if directory and on_roster is None else None
        # An address that nobody has stays as it is: the roster's check then names it.
        manager = on_roster or (account.id if account else manager)
    return Person(
        user_id, entry.name, in_order(entry.roles), manager, entry.locale, entry.active, entry.hours, entry.timezone
    )
