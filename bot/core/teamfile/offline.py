"""A team file by itself: everything that can be said of it without Slack and without a database."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.core.teamfile.name_resolution import Account
from bot.core.teamfile.parser import document_of, parse
from bot.core.teamfile.problems import BadFile, Problem
from storage.vocabulary import Locale


@dataclass(frozen=True)
class Unasked:
    """A file without a mistake, and what of it only Slack knows. Each name stands once, in the order of the file."""

    locale: Locale
    webhook_url: str | None
    workspace_id: str | None
    people: tuple[str, ...]
    channels: tuple[str, ...]
    groups: tuple[str, ...]


def check(text: str) -> Unasked:
    """Return what would have to be asked of Slack. Raises BadFile with every problem that is certain: that an e-mail
    address and a user id are one person only Slack can tell."""
    document = document_of(text)
    workspace = document.get("workspace")
    team_id = workspace.get("id") if isinstance(workspace, dict) else None
    names = _Trusting(str(team_id or ""))
    try:
        parse(text, names)
    except BadFile as bad:
        certain = [problem for problem in bad.problems if not names.may_know(problem)]
        if certain:
            raise BadFile(certain, bad.locale) from bad
    return Unasked(
        locale=Locale(document["workspace"]["locale"]),
        webhook_url=document.get("webhook", {}).get("url"),
        workspace_id=team_id,
        people=tuple(names.people),
        channels=tuple(names.channels),
        groups=tuple(names.groups),
    )


@dataclass
class _Trusting:
    """A Slack workspace in which everybody and everything is there that is asked for, and which remembers what was."""

    team_id: str
    people: dict[str, None] = field(default_factory=dict)
    channels: dict[str, None] = field(default_factory=dict)
    groups: dict[str, None] = field(default_factory=dict)

    def team(self) -> str:
        """Agree to the workspace that the file names."""
        return self.team_id

    def user(self, user_id: str) -> Account | None:
        """Take a user id as it is."""
        self.people[user_id] = None
        return Account(user_id)

    def user_by_email(self, email: str) -> Account | None:
        """Take an address for a user id."""
        self.people[email.lower()] = None
        return Account(email.lower())

    def channel_trouble(self, channel_id: str) -> str | None:
        """Find nothing wrong with a Slack channel."""
        self.channels[channel_id] = None
        return None

    def channel_by_name(self, name: str) -> str | None:
        """Take a name for the id of a Slack channel."""
        return f"#{name}"

    def user_group(self, handle: str) -> str:
        """Take a handle for the id of a user group."""
        self.groups[handle] = None
        return handle

    def people_of(self, place_id: str) -> list[str]:  # noqa: ARG002
        """Take everybody for a member, so that nothing is said to be empty."""
        return list(self.people)

    def may_know(self, problem: Problem) -> bool:
        """Return whether somebody who seems to be a stranger may be on the roster by their other name."""
        by_address = "@" in str(problem.values.get("given"))
        return problem.code == "not_on_roster" and any(("@" in person) != by_address for person in self.people)
