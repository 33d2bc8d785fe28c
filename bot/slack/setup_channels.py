"""A Slack channel that somebody has chosen, or has named for us to make: we come in, or say what keeps us out."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from bot.slack.web_api.gateway import Denied, Gateway, SlackFailure

INVITED_AT_ONCE = 100
"""Slack documentation: conversations.invite."""
NOT_OF_A_PERSON = ("missing_scope", "not_in_channel", "is_archived", "channel_not_found", "restricted_action")
BAD_NAME = ("invalid_name", "invalid_name_maxlength", "invalid_name_punctuation", "invalid_name_specials")


class NotUsable(Exception):
    """The Slack channel cannot be used. `code` names the sentence: setup.channel_error.<code>."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def come_in(gateway: Gateway, channel_id: str) -> str:
    """Join a public channel, or see that we are in a private one. Returns its id. Raises NotUsable."""
    try:
        channel = gateway.call_in_time("conversations.info", channel=channel_id)["channel"]
        if channel.get("is_archived"):
            raise NotUsable("archived")
        if not channel.get("is_member"):
            if channel.get("is_private"):
                raise NotUsable("private")
            gateway.call_in_time("conversations.join", channel=channel_id)
    except Denied as denied:
        codes = {"missing_scope": "join_scope", "channel_not_found": "private", "is_archived": "archived"}
        raise NotUsable(codes.get(denied.code, "join_refused")) from denied
    except SlackFailure as failure:
        raise NotUsable("slack_away") from failure
    return channel_id


def make(gateway: Gateway, written: str, bot_user_id: str) -> str:
    """Make a public channel of a name as somebody wrote it. Returns its id. One that we have made before and whose
    answer was lost is the same. Raises NotUsable."""
    name = "-".join(written.lstrip("#").lower().split())
    try:
        return str(gateway.call_in_time("conversations.create", name=name)["channel"]["id"])
    except Denied as denied:
        if denied.code == "name_taken":
            return _made_before(gateway, name, bot_user_id)
        if denied.code in BAD_NAME:
            raise NotUsable("bad_name") from denied
        raise NotUsable("create_scope" if denied.code == "missing_scope" else "create_refused") from denied
    except SlackFailure as failure:
        raise NotUsable("slack_away") from failure


def let_in(gateway: Gateway, channel_id: str, user_id: str) -> None:
    """Invite somebody into a channel that we have made. It is there without them, and they can join by themselves."""
    with suppress(SlackFailure):
        gateway.call_in_time("conversations.invite", channel=channel_id, users=user_id, force=True)


def invite(gateway: Gateway, channel_id: str, user_ids: Sequence[str]) -> dict[str, str]:
    """Invite a team into a channel that we have made. Returns why Slack refuses it, by user id, for everybody who is
    not in it afterwards. Raises SlackFailure where Slack cannot be asked."""
    # With `force` Slack takes whoever it can, and does not say whom it has passed over; an answer may be lost, too. Who
    # is in the channel afterwards tells.
    for first in range(0, len(user_ids), INVITED_AT_ONCE):
        with suppress(SlackFailure):
            code = _refused(gateway, channel_id, user_ids[first : first + INVITED_AT_ONCE])
            if code in NOT_OF_A_PERSON:
                return dict.fromkeys(user_ids, code)
    try:
        inside = set(map(str, gateway.pages("conversations.members", "members", channel=channel_id)))
    except Denied as denied:
        return dict.fromkeys(user_ids, denied.code)
    refused = {user: _refused(gateway, channel_id, [user]) for user in user_ids if user not in inside}
    return {user: code for user, code in refused.items() if code not in (None, "already_in_channel")}


def _refused(gateway: Gateway, channel_id: str, user_ids: Sequence[str]) -> str | None:
    force = len(user_ids) > 1
    try:
        gateway.call("conversations.invite", channel=channel_id, users=",".join(user_ids), force=force)
    except Denied as denied:
        return denied.code
    return None


def _made_before(gateway: Gateway, name: str, bot_user_id: str) -> str:
    try:
        channels = gateway.pages("conversations.list", "channels", types="public_channel", exclude_archived=True)
    except SlackFailure as failure:
        raise NotUsable("taken") from failure
    ours: list[dict[str, Any]] = [channel for channel in channels if channel.get("creator") == bot_user_id]
    made = next((str(channel["id"]) for channel in ours if channel.get("name") == name), None)
    if made is None:
        raise NotUsable("taken")
    return made
