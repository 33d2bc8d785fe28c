"""Which function makes which kind of message. Each noun's module registers its own; `registry` knows them all."""

from __future__ import annotations

from collections.abc import Callable

from bot.core.messages.kinds import Kind
from bot.core.messages.payloads import Payload
from bot.slack.blocks.base.kit import Message
from bot.slack.messages.context import Nothing, RenderContext
from storage.vocabulary import MessageKind

Renderer = Callable[[RenderContext], Message | Nothing]

RENDERERS: dict[MessageKind, Renderer] = {}
WHEN_EDITED: dict[MessageKind, Renderer] = {}
"""Those that look different once somebody whom they may name was erased, which is the only reason to edit a list."""


def renders(kind: Kind[..., Payload], *, when_edited: bool = False) -> Callable[[Renderer], Renderer]:
    """Register a function as the renderer of a kind. Raises ValueError where it has one already."""
    renderers = WHEN_EDITED if when_edited else RENDERERS

    def register(renderer: Renderer) -> Renderer:
        if kind.word in renderers:
            raise ValueError(f"{kind.word} has two renderers")
        renderers[kind.word] = renderer
        return renderer

    return register
