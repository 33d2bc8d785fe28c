"""The next touch: the days that one tap promises, and the form for any other."""

from __future__ import annotations

from datetime import date, timedelta

from bot.core.mql.next_touch import FARTHEST
from bot.core.views.mql import MqlView
from bot.i18n import Translator
from bot.slack.blocks.base import ids, kit
from bot.slack.blocks.base.forms import date_input, field, modal
from bot.slack.blocks.base.kit import Element, View, section
from bot.slack.blocks.base.phrases import subject
from bot.slack.blocks.base.preset_days import OTHER_DAY, PRESETS

A_DAY = timedelta(days=1)


def select(view: MqlView, t: Translator) -> Element:
    """Return the menu of working days for one MQL, each of them counted from the day of the tap; what opens the form
    ends in an ellipsis and stands last."""
    words = [*PRESETS, OTHER_DAY]
    options = [kit.option(t(f"next_touch.{word}"), f"{word}:{view.mql.id}") for word in words]
    return kit.select(ids.NEXT_TOUCH, options, t("next_touch.choose"))


def promised(view: MqlView, t: Translator) -> str | None:
    """Return the promised day as words; None where nothing is promised."""
    touch = view.next_touch
    return t("next_touch.promised", day=t.day(date.fromisoformat(touch.day))) if touch else None


def form(view: MqlView, t: Translator, today: date) -> View:
    """Return the form that asks for the day."""
    given = view.next_touch.day if view.next_touch and view.next_touch.day > today.isoformat() else None
    known = given or (today + A_DAY).isoformat()
    day = date_input(ids.NEXT_TOUCH_ON, known)
    blocks = [
        section(t.md("next_touch.about", whom=subject(view.mql, t))),
        field(ids.NEXT_TOUCH_ON, t("next_touch.day"), day, hint=t("next_touch.hint")),
    ]
    title, submit = t("next_touch.title"), t("next_touch.submit")
    return modal(title, blocks, t, submit=submit, callback_id=ids.NEXT_TOUCH_FORM, mql=view.mql.id)


def problem(day: date | None, today: date, t: Translator) -> str | None:
    """Return why a day cannot be promised; None where it can."""
    if day is None or day <= today:
        return t("error.date_past")
    return t("error.next_touch_too_far", count=FARTHEST.days) if day > today + FARTHEST else None
