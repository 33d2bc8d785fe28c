"""All renderers. An import fails if a kind of message lacks a renderer, or a word in one of the languages."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping
from importlib import import_module

from bot.core.messages.kinds import KINDS, IncompleteKind, Kind
from bot.core.messages.payloads import Payload
from bot.i18n import catalogue
from bot.slack import messages
from bot.slack.blocks.base.kit import Message
from bot.slack.messages.context import Nothing, RenderContext
from bot.slack.messages.renderers import RENDERERS, WHEN_EDITED, Renderer
from storage.vocabulary import Locale, MessageKind

# A module per noun; importing it registers its renderers.
for _module in pkgutil.walk_packages(messages.__path__, f"{messages.__name__}."):
    if _module.name != __name__:
        import_module(_module.name)


def render(context: RenderContext) -> Message | Nothing:
    """Return the message of a row as it is now."""
    return RENDERERS[context.row.kind](context)


def render_edited(context: RenderContext) -> Message | Nothing:
    """Return what a message that was sent is to show from now on."""
    kind = context.row.kind
    return (WHEN_EDITED.get(kind) or RENDERERS[kind])(context)


def check(kinds: Mapping[MessageKind, Kind[..., Payload]], renderers: Mapping[MessageKind, Renderer]) -> None:
    """Raise IncompleteKind where a kind has no renderer, or lacks a word in one of the languages."""
    for word, kind in kinds.items():
        # An edit is rendered as its original.
        if word not in renderers and word != MessageKind.EDIT:
            raise IncompleteKind(f"{word} has no renderer: a module of bot/slack/messages needs @renders(kinds.…)")
        for locale in Locale:
            missing = [key for key in _keys(kind) if key not in catalogue(locale)]
            if missing:
                raise IncompleteKind(f"{word} lacks words in bot/locales/{locale}/: {', '.join(missing)}")


def _keys(kind: Kind[..., Payload]) -> Iterator[str]:
    """Return the keys of the words of a kind: its name, in the report on noise, and as a line of a list."""
    yield f"kind.{kind.word}"
    if kind.measured:
        yield f"noise.kind.{kind.word}"
    if kind.holdable:
        yield f"direct.held_{kind.word}"


check(KINDS, RENDERERS)
