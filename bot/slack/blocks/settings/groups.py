"""Fields of a settings form in which user groups may be chosen: whom a step tells, and who is in a pool."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from typing_extensions import override

from bot.core.sla.policy import LEVELS
from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.kit import Block
from bot.slack.blocks.settings.kinds import Choice, Entry, Kind, Picked, State, given, mentions
from bot.slack.blocks.settings.suggestions import external_menu, group_option

ANOTHER = "another"


class Target(Kind):
    """Whom an escalation step tells: a level, a person, a Slack channel or a user group."""

    @override
    def inputs(self, entry: Entry, value: Any, t: Translator) -> list[Block]:
        level = value if value in LEVELS else ANOTHER if value else None
        named = [value] if level == ANOTHER else []
        free = replace(entry, hint=None, optional=True)
        return [
            *Choice((*LEVELS, ANOTHER)).inputs(entry, level, t),
            *_part(free, "user", Picked("user"), _among(named, "[UW]"), t),
            *_part(free, "place", Picked("conversation"), _among(named, "[CG]"), t),
            _groups(free, t("settings.target.group"), _among(named, "S"), t, most=1),
        ]

    @override
    def read(self, state: State, block: str) -> Any:
        level = super().read(state, block)
        if level != ANOTHER:
            return level
        return next((name for part in ("user", "place", "group") for name in _names(state, block, part)), None)

    @override
    def faults(self, state: State, block: str) -> Iterable[tuple[str, str]]:
        if super().read(state, block) != ANOTHER:
            return []
        named = [part for part in ("user", "place", "group") if _names(state, block, part)]
        return [(f"{block}.{part}", "one_target") for part in named[1:]] if named else [(block, "no_target")]

    @override
    def phrase(self, value: Any, t: Translator) -> Mrkdwn:
        return escape(t(f"settings.word.{value}")) if value in LEVELS else mentions([value], t)


class Places(Kind):
    """Slack channels and user groups."""

    @override
    def inputs(self, entry: Entry, value: Any, t: Translator) -> list[Block]:
        first = replace(entry, label=t("settings.channels"))
        channels = Picked("conversation", several=True).inputs(first, _among(value or (), "[CG]"), t)
        return [*channels, _groups(entry, t("settings.groups"), _among(value or (), "S"), t)]

    @override
    def read(self, state: State, block: str) -> Any:
        channels = given(state, block)
        return [*(channels if isinstance(channels, list) else ()), *_names(state, block, "group")] or None

    @override
    def phrase(self, value: Any, t: Translator) -> Mrkdwn:
        return mentions(value, t)


def _groups(entry: Entry, label: str, chosen: Iterable[str], t: Translator, *, most: int | None = None) -> Block:
    """Return the input of user groups. One whose @handle is not known is shown by its id."""
    options = [group_option(group, entry.groups.get(group, group)) for group in chosen]
    menu = external_menu(ids.GROUPS_MENU, options, t, most=most)
    return entry.input(menu, ".group", label, optional=True)


def _part(entry: Entry, part: str, kind: Kind, value: Any, t: Translator) -> list[Block]:
    return kind.inputs(replace(entry, block=f"{entry.block}.{part}", label=t(f"settings.target.{part}")), value, t)


def _among(names: Iterable[str], first: str) -> list[str]:
    return [name for name in names if re.match(first, name)]


def _names(state: State, block: str, part: str) -> list[str]:
    entered = given(state, f"{block}.{part}")
    return [entered] if isinstance(entered, str) else list(entered or ())
