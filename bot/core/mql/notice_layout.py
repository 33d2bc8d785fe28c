"""What notices of one form have in common, by which a person who confirms its reading is remembered (ADR 62)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Layout:
    """The structure of a notice. Nothing of what a person wrote can be told from it."""

    parts: tuple[str, ...]
    """A hash of each label, in their order; of words without labels the sort of each line."""
    unsure: tuple[str, ...]
    """What the reader guessed or doubted in it, sorted."""

    def is_like(self, confirmed: Layout) -> bool:
        """Return whether who confirmed the other has confirmed this too: a form leaves out what was not filled in."""
        rest = iter(confirmed.parts)
        in_order = all(part in rest for part in self.parts)
        same_sort = bool(self.parts) == bool(confirmed.parts)
        return in_order and same_sort and set(self.unsure) <= set(confirmed.unsure)
