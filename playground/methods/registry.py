"""The table of Web API methods, and how their arguments are read."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from playground.errors import SlackError
from playground.model import Json
from playground.views import Views
from playground.workspace import Workspace

PER_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100}
"""Calls a minute by rate limit tier (Slack documentation: rate limits)."""


@dataclass(frozen=True)
class Call:
    """One call of a method, its arguments read and typed. `token` is its kind: xoxb, or xapp of the app itself."""

    workspace: Workspace
    views: Views
    args: Json
    token: str
    socket_url: Callable[[], str]

    def need(self, scope: str) -> None:
        """Refuse with missing_scope where the bot token lacks a scope."""
        grants = self.workspace.grants
        if not grants.has(scope):
            provided = ",".join(grants.scopes)
            sentence = f"needs the scope {scope}, which the manifest does not grant"
            raise SlackError("missing_scope", sentence, needed=scope, provided=provided)


@dataclass(frozen=True)
class Method:
    """One method: what it demands and how often it may be called."""

    name: str
    run: Callable[[Call], Json]
    scopes: tuple[str, ...]
    tier: int | None
    required: Mapping[str, str]
    optional: Mapping[str, str]
    token: str = "xoxb"  # noqa: S105 - the kind of token, not a token


METHODS: dict[str, Method] = {}


def method(
    name: str,
    *,
    scopes: tuple[str, ...] = (),
    tier: int | None = None,
    required: Mapping[str, str] | None = None,
    optional: Mapping[str, str] | None = None,
    token: str = "xoxb",  # noqa: S107 - the kind of token, not a token
) -> Callable[[Callable[[Call], Json]], Callable[[Call], Json]]:
    """Register a function as a Web API method; argument types are string, boolean, number, csv and json.

    `token` is the kind of token the method demands, empty for any.
    """

    def register(run: Callable[[Call], Json]) -> Callable[[Call], Json]:
        METHODS[name] = Method(name, run, scopes, tier, required or {}, optional or {}, token)
        return run

    return register


def read_arguments(of: Method, given: Mapping[str, Any]) -> Json:
    """Type the arguments of a call; unknown ones are ignored, as Slack does."""
    read: Json = {}
    broken = [f"missing required field: {name}" for name in of.required if given.get(name) in (None, "")]
    for name, kind in {**of.required, **of.optional}.items():
        if given.get(name) is not None:
            try:
                read[name] = READERS[kind](given[name])
            except (ValueError, TypeError):
                broken.append(f"{name}: {str(given[name])[:80]!r} must be of type {kind}")
    if broken:
        raise SlackError("invalid_arguments", *broken)
    return read


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    words = {"true": True, "1": True, "false": False, "0": False, "": False}
    if str(value).lower() not in words:
        raise ValueError
    return words[str(value).lower()]


def _number(value: Any) -> int:
    if isinstance(value, bool):
        raise TypeError
    return int(value)


def _csv(value: Any) -> list[str]:
    parts = value if isinstance(value, list) else _string(value).split(",")
    return [str(part).strip() for part in parts if str(part).strip()]


def _json(value: Any) -> Any:
    """Keep JSON values; parse strings. What does not parse stays a string, and the method says what is wrong."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


READERS: dict[str, Callable[[Any], Any]] = {
    "string": _string,
    "boolean": _boolean,
    "number": _number,
    "csv": _csv,
    "json": _json,
}


def page(items: list[Any], args: Json, default: int, most: int) -> tuple[list[Any], str]:
    """Cut one page out of a list by limit and cursor; return it with the next cursor, empty at the end."""
    limit = args.get("limit") or default
    if not 0 < limit <= most:
        raise SlackError("invalid_limit", f"limit: {limit}, must be 1 to {most}")
    cursor = args.get("cursor") or "next:0"
    word, _, start = cursor.partition(":")
    if word != "next" or not start.isdigit() or int(start) > len(items):
        raise SlackError("invalid_cursor", f"cursor: {cursor!r} was never given out")
    end = int(start) + limit
    return items[int(start) : end], f"next:{end}" if end < len(items) else ""
