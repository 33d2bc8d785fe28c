"""What Slack's answer to each method that we call holds (Slack documentation, Web API methods).

An answer without it is not Slack's: a portal, a proxy or a stub answers in its place. Who adds a call adds its line.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

PROMISES: Mapping[str, Mapping[str, type]] = MappingProxyType(
    {
        "apps.connections.open": {"url": str},
        "auth.test": {"team_id": str, "url": str, "user_id": str, "bot_id": str},
        "chat.postEphemeral": {"message_ts": str},
        "chat.postMessage": {"channel": str, "ts": str},
        "chat.update": {"channel": str, "ts": str},
        "conversations.create": {"channel": dict},
        "conversations.history": {"messages": list},
        "conversations.info": {"channel": dict},
        "conversations.invite": {"channel": dict},
        "conversations.join": {"channel": dict},
        "conversations.list": {"channels": list},
        "conversations.members": {"members": list},
        "conversations.open": {"channel": dict},
        "conversations.replies": {"messages": list},
        "files.info": {"file": dict},
        "functions.completeError": {},
        "functions.completeSuccess": {},
        "usergroups.list": {"usergroups": list},
        "users.info": {"user": dict},
        "users.lookupByEmail": {"user": dict},
        "views.open": {"view": dict},
        "views.publish": {"view": dict},
        "views.update": {"view": dict},
    }
)


def is_kept(method: str, answer: Mapping[str, Any]) -> bool:
    """Return whether an answer with ok holds what the method promises. Raises KeyError for a method without a line."""
    return all(isinstance(answer.get(name), kind) for name, kind in PROMISES[method].items())
