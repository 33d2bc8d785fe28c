"""From names and e-mail addresses to the ids that Slack knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.core.teamfile.problems import Problems
from bot.core.teamfile.schema import ChannelsTable, MemberTable, Person, WorkspaceTable, in_order


@dataclass(frozen=True)
class Account:
    """A Slack user. `active` is false where Slack says that the account is closed."""

    id: str
    active: bool = True


class Directory(Protocol):
    """Who and what is in the Slack workspace of the token."""

    def team(self) -> str:
        """The id of the workspace."""

    def user(self, user_id: str) -> Account | None:
        """A user by id."""

    def user_by_email(self, email: str) -> Account | None:
        """A user by the e-mail address of their profile."""

    def channel_trouble(self, channel_id: str) -> str | None:
        """What keeps the bot from posting there: no_such_channel, channel_archived, bot_not_in_channel; or None."""

    def channel_by_name(self, name: str) -> str | None:
        """The id of a Slack channel by its name without #, among those the bot can see."""


def resolve(
    workspace: WorkspaceTable | None,
    channels: ChannelsTable | None,
    entries: dict[int, MemberTable],
    directory: Directory | None,
    problems: Problems,
) -> tuple[str, dict[int, Person], dict[str, str]]:
    """The workspace's id, the members by index, and the Slack channels by use, as far as they can be found."""
    team = _team(workspace, directory, problems) if workspace else ""
    places: dict[str, str] = {}
    for use, said in channels.model_dump(exclude_none=True).items() if channels else ():
        found = _channel(use, said, directory, problems)
        if found is not None:
            places[use] = found
    accounts = {index: _account(index, entry, directory, problems) for index, entry in entries.items()}
    known = {index: account for index, account in accounts.items() if account is not None}
    by_email = {(entries[i].email or "").lower(): account for i, account in known.items()}
    return team, {i: _person(entries[i], known[i], by_email, directory) for i in known}, places


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


def _channel(use: str, said: str, directory: Directory | None, problems: Problems) -> str | None:
    if directory is None:
        if said.startswith("#"):
            problems.add(("channels", use), "channel_needs_token", given=said)
        return said
    found = directory.channel_by_name(said.removeprefix("#")) if said.startswith("#") else said
    trouble = directory.channel_trouble(found) if found else "no_such_channel"
    if trouble:
        problems.add(("channels", use), trouble, given=said)
    return found


def _account(index: int, entry: MemberTable, directory: Directory | None, problems: Problems) -> str | None:
    key, said = ("user", entry.user) if entry.user else ("email", entry.email or "")
    path = ("members", index, key)
    if directory is None:
        if key == "email":
            problems.add(path, "email_needs_token", given=said)
        return entry.user
    account = directory.user(said) if key == "user" else directory.user_by_email(said)
    if account is None:
        problems.add(path, f"no_such_{key}", given=said)
        return None
    if entry.active and not account.active:
        problems.add(path, "account_closed", given=said)
    return account.id


def _person(entry: MemberTable, user_id: str, by_email: dict[str, str], directory: Directory | None) -> Person:
    manager = entry.manager
    if manager is not None and "@" in manager:
        on_roster = by_email.get(manager.lower())
        account = directory.user_by_email(manager) if directory and on_roster is None else None
        # An address that nobody has stays as it is: the roster's check then names it.
        manager = on_roster or (account.id if account else manager)
    return Person(user_id, entry.name, in_order(entry.roles), manager, entry.locale, entry.active)
