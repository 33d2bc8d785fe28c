"""What Slack says of a user, as far as it matters who they are: a person of the company, a guest, a bot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from storage.vocabulary import Locale

_LONGEST = 200
SLACKBOT = "USLACKBOT"


class Kind(StrEnum):
    """What stands behind a user id."""

    PERSON = "person"
    GUEST = "guest"
    BOT = "bot"
    CLOSED = "closed"


@dataclass(frozen=True)
class Profile:
    """A user of Slack."""

    user: str
    name: str
    email: str | None
    """None: Slack does not show it."""
    locale: Locale | None
    """None: a language that we do not speak."""
    timezone: str | None
    kind: Kind
    keeps: bool
    """Whether they are an admin or an owner of the Slack workspace."""

    @classmethod
    def of(cls, user: Mapping[str, Any]) -> Profile:
        """Read what users.info says."""
        profile = user.get("profile") or {}
        names = (profile.get("real_name"), user.get("real_name"), profile.get("display_name"), user.get("name"))
        language = str(user.get("locale", "")).partition("-")[0]
        kind = _kind(user)
        return cls(
            user=str(user["id"]),
            name=next((str(name).strip() for name in names if str(name or "").strip()), str(user["id"]))[:_LONGEST],
            email=profile.get("email") or None,
            locale=Locale(language) if language in (Locale.JA, Locale.EN) else None,
            timezone=user.get("tz") or None,
            kind=kind,
            keeps=kind == Kind.PERSON and any(user.get(f"is_{what}") for what in ("admin", "owner", "primary_owner")),
        )


def _kind(user: Mapping[str, Any]) -> Kind:
    if user.get("deleted"):
        return Kind.CLOSED
    if user.get("is_bot") or user.get("id") == SLACKBOT:
        return Kind.BOT
    # A stranger comes from another company, by a channel that is shared with it.
    outside = any(user.get(f"is_{what}") for what in ("restricted", "ultra_restricted", "stranger"))
    return Kind.GUEST if outside else Kind.PERSON
