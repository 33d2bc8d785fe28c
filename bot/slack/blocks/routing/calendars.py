"""Linked calendars: the form, and what is said of what the bot learnt from them and from statuses."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.base.day_words import Days
from bot.i18n import Mrkdwn, Translator
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.forms import field, modal, text_input
from bot.slack.blocks.base.kit import (
    Block,
    Element,
    Message,
    View,
    actions,
    button,
    context,
    first_of,
    message,
    section,
    sentence,
)
from bot.slack.blocks.routing.absences import carried, days, when
from storage.models import Absence, CalendarLink
from storage.vocabulary import AbsenceSource

LEARNT_SHOWN = 8
ADDRESS = 1000


def open_button(t: Translator) -> Element:
    """Return the button that opens the form."""
    return button(t("button.calendar"), ids.CALENDAR, 0)


def form(link: CalendarLink | None, learnt: Sequence[Absence], t: Translator) -> View:
    """Return the form in which a rep links a calendar: how it is going, and what was learnt and is not over."""
    blocks: list[Block] = [section(t.md("calendar.about"))]
    if link is not None:
        blocks = [section(_state(link, t), button(t("button.calendar_unlink"), ids.CALENDAR_UNLINK, 0))]
    blocks += first_of(learnt, LEARNT_SHOWN, lambda row: [_learnt(row, t)], t)
    address = text_input(ids.CALENDAR_ADDRESS, None, most=ADDRESS)
    label = t("calendar.another" if link is not None else "calendar.address")
    blocks.append(field(ids.CALENDAR_ADDRESS, label, address, hint=t("calendar.address_hint")))
    blocks += [context(t.md(f"calendar.where_{tool}")) for tool in ("google", "outlook")]
    return modal(t("calendar.title"), blocks, t, submit=t("calendar.submit"), callback_id=ids.CALENDAR_FORM)


def _state(link: CalendarLink, t: Translator) -> Mrkdwn:
    if link.failure is not None:
        return Mrkdwn(t.flow(t.md("calendar.failing"), t.md(f"calendar.news.{link.failure}")))
    if link.read_at is None:
        return t.md("calendar.waiting")
    return t.md("calendar.linked", at=t.moment(link.read_at))


def learnt(rows: Sequence[Absence], t: Translator) -> Message:
    """To whoever the bot takes for away by itself: when, whence it knows, and a button for each that is wrong. `rows`:
    what is not over yet."""
    if not rows:
        return sentence(t.md("calendar.learnt_over"))
    text = t.md("calendar.learnt", source=t(f"calendar.source.{rows[0].source}"))
    summary = Mrkdwn(t.flow(text, t.listed([when(row, t) for row in rows[:LEARNT_SHOWN]])))
    shown = first_of(rows, LEARNT_SHOWN, lambda row: [_learnt(row, t)], t)
    return message(summary, [section(text), *shown])


def trip(span: Days, source: AbsenceSource, reader: str, t: Translator) -> Message:
    """To whoever is on a business trip by their status or calendar: are they away, or do they answer on the way?"""
    text = t.md("calendar.trip", source=t(f"calendar.source.{source}"), days=days(span, t))
    away = button(t("button.trip_away"), ids.AWAY_CONFIRM, carried(reader, span))
    return message(text, [section(text), *actions([away, button(t("button.trip_at_work"), ids.TRIP_AT_WORK, 0)])])


def news(code: str, t: Translator) -> Message:
    """To the owner of a calendar: it can be read, or why it cannot."""
    text = t.md(f"calendar.news.{code}")
    return message(text, [section(text), *actions([open_button(t)])])


def _learnt(row: Absence, t: Translator) -> Block:
    return section(Mrkdwn(f"🌴 *{when(row, t)}*"), button(t("button.away_not"), ids.AWAY_NOT, row.id))
