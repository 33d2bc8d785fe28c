"""Notes in the thread of an intake message that could not be read as a lead."""

from __future__ import annotations

from collections.abc import Sequence

from bot.i18n import Mrkdwn, Translator, catalogue
from bot.slack.blocks import ids
from bot.slack.blocks.kit import Message, actions, button, lines, message, section
from bot.slack.blocks.text import bare_name, line, md
from storage.vocabulary import UnreadableState

FOUND_SHOWN = 10


def unreadable(reason: str, found: Sequence[str], t: Translator, *, unreadable_id: int) -> Message:
    """What was missing, what could be read, and the two things a person can do about it."""
    said = t.md("unreadable.said", reason=why(reason, t))
    read = [line(one, 150) for one in found if line(one)]
    listed = lines([t.md("unreadable.found"), *(Mrkdwn(f"• {md(one, 150)}") for one in read[:FOUND_SHOWN])])
    shown = [
        button(t("button.enter"), ids.ENTER_UNREADABLE, unreadable_id, primary=True),
        button(t("button.not_mql"), ids.DISMISS_UNREADABLE, unreadable_id),
    ]
    blocks = [section(said), *([section(listed)] if read else []), section(t.md("unreadable.ask"))]
    return message(said, [*blocks, *actions(shown)])


def unreadable_done(state: UnreadableState, number: int | None, by: str, t: Translator) -> Message:
    """The same note once somebody has dealt with it."""
    who = bare_name(by)
    if state == UnreadableState.ENTERED:
        said = t.md("unreadable.entered", by=who, number=number or 0)
    elif state == UnreadableState.DISMISSED:
        said = t.md("unreadable.dismissed", by=who)
    else:
        said = t.md("unreadable.ask")
    return message(said, [section(said)])


def why(reason: str, t: Translator) -> str:
    """The reason in the reader's words where the catalogue has them, else as it was given."""
    key = f"unreadable.reason.{reason}"
    return t(key) if key in catalogue(t.locale) else line(reason, 300)
