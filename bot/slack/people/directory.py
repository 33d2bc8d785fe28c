"""Who and what is in a Slack workspace, for whoever writes names and e-mail addresses instead of ids."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cached_property
from typing import Any

from bot.core.teamfile import Account, Unresolved
from bot.core.teamfile.problems import nearest
from bot.slack.web_api.gateway import Denied, Gateway, NotTaken

ATTEMPTS = 5
NO_USER_GROUPS = {"missing_scope": "groups_need_scope", "plan_upgrade_required": "groups_need_plan"}
UNKNOWN_USER = {"users_not_found", "user_not_found", "user_not_visible"}


class SlackDirectory:
    """Looks people and conversations up by the bot's token. Every method raises SlackFailure where Slack does not
    answer; being asked to slow down is waited out a few times, because a person sits in front of it. `attempts` is 1
    where Slack itself waits for our answer."""

    def __init__(
        self, gateway: Gateway, sleep: Callable[[float], None] = time.sleep, *, attempts: int = ATTEMPTS
    ) -> None:
        self._gateway, self._sleep, self._attempts = gateway, sleep, attempts

    def team(self) -> str:
        """Return the workspace that the token belongs to."""
        return str(self._patiently("auth.test")["team_id"])

    def user(self, user_id: str) -> Account | None:
        """Return a user by id, or None."""
        return self._account("users.info", user=user_id)

    def user_by_email(self, email: str) -> Account | None:
        """Return a user by the e-mail address of their profile, or None."""
        return self._account("users.lookupByEmail", email=email)

    def channel_trouble(self, channel_id: str) -> str | None:
        """Return why the bot could not post to a channel: no_such_channel, channel_archived, bot_not_in_channel; or
        None."""
        try:
            channel = self._patiently("conversations.info", channel=channel_id)["channel"]
        except Denied as error:
            if error.code == "channel_not_found":
                return "no_such_channel"
            raise
        if channel.get("is_archived"):
            return "channel_archived"
        return None if channel.get("is_member") else "bot_not_in_channel"

    def channel_by_name(self, name: str) -> str | None:
        """Return the id of a public channel, or of a private one that the bot is in; None where there is no such
        name."""
        return self._channels.get(name)

    def user_group(self, written: str) -> str:
        """Return the id of a user group by its @handle or id. Raises Unresolved where there is none that can be
        mentioned."""
        handles = {f"@{group['handle']}".lower(): group for group in self._user_groups}
        ids = {str(group["id"]): group for group in self._user_groups}
        known_group = ids.get(written) or handles.get(written.lower())
        if known_group is None:
            in_use = [handle for handle, group in handles.items() if not group["date_delete"]]
            raise Unresolved("no_such_group", meant=nearest(written, in_use))
        if known_group["date_delete"]:
            raise Unresolved("group_disabled")
        return str(known_group["id"])

    def people_of(self, place_id: str) -> list[str]:
        """Return the user ids of a user group (S…) or of a Slack channel that the bot is in (C…, G…)."""
        if place_id.startswith("S"):
            group = next((group for group in self._user_groups if group["id"] == place_id), {})
            return [str(user) for user in group.get("users", ())]
        pages = self._retrying(lambda: self._gateway.pages("conversations.members", "members", channel=place_id))
        return [str(user) for user in pages]

    def user_groups(self) -> list[tuple[str, str]]:
        """Return the user groups in use by id and @handle. Raises Unresolved where the plan or the token has none."""
        return [(str(group["id"]), f"@{group['handle']}") for group in self._user_groups if not group["date_delete"]]

    @cached_property
    def _user_groups(self) -> list[dict[str, Any]]:
        """Disabled ones first, so that among two of one handle the one in use is found."""
        try:
            groups = self._patiently("usergroups.list", include_disabled=True, include_users=True)["usergroups"]
        except Denied as error:
            if error.code in NO_USER_GROUPS:
                raise Unresolved(NO_USER_GROUPS[error.code], scope=error.needed) from error
            raise
        return sorted(groups, key=lambda group: not group["date_delete"])

    @cached_property
    def _channels(self) -> dict[str, str]:
        kinds = "public_channel,private_channel"
        arguments = {"types": kinds, "exclude_archived": True}
        channels = self._retrying(lambda: self._gateway.pages("conversations.list", "channels", **arguments))
        return {str(channel["name"]): str(channel["id"]) for channel in channels}

    def _account(self, method: str, **arguments: Any) -> Account | None:
        try:
            user = self._patiently(method, **arguments)["user"]
        except Denied as error:
            if error.code in UNKNOWN_USER:
                return None
            raise
        return Account(str(user["id"]), not user.get("deleted", False))

    def _patiently(self, method: str, **arguments: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self._retrying(lambda: self._gateway.call(method, **arguments))
        return answer

    def _retrying(self, ask: Callable[[], Any]) -> Any:
        for _ in range(self._attempts - 1):
            try:
                return ask()
            except NotTaken as error:
                if error.retry_after is None:
                    raise
                self._sleep(error.retry_after)
        return ask()
