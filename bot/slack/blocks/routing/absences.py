"""Being away: the form, what is said when it is set, and who answers meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from bot.core.base import team
from bot.core.base.day_words import DayPart, Days
from bot.core.views.absences import Covered, Waiting
from bot.core.views.mql import MqlView
from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.example_days import example_days
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
    lines,
    message,
    option,
    section,
    select,
    sentence,
)
from bot.slack.blocks.base.phrases import link, timing_text, until_day
from bot.slack.blocks.base.text import bare_name, line
from storage.models import Absence, Member
from storage.vocabulary import AbsenceSource

PRESETS = {
    "today": ids.AWAY_TODAY,
    "tomorrow": ids.AWAY_TOMORROW,
    "week": ids.AWAY_WEEK,
    "morning": ids.AWAY_MORNING,
    "afternoon": ids.AWAY_AFTERNOON,
}
"""The action of each preset."""
KNOWN_SHOWN = 6
WAITING_SHOWN = 8
COLLEAGUES_SHOWN = 30
COVERED_SHOWN = 5


def open_button(t: Translator) -> Element:
    """Return the button that opens the form."""
    return button(t("button.away"), ids.AWAY, 0)


def days(span: Days, t: Translator) -> str:
    """Return days in words: 12/5(土), 12/5(土)〜12/9(水), 12/5(土)の午前."""
    if span.part is not None:
        return t(f"away.{span.part}", day=t.day(span.first))
    if span.first == span.last:
        return t.day(span.first)
    return t("away.days", first=t.day(span.first), last=t.day(span.last))


def when(row: Absence, t: Translator, who: Member | None = None) -> str:
    """Return the days of an absence in words, as they are where `who` is; None: where the reader is."""
    return days(Days.of(row.from_at, row.until_at, team.reader_timezone(who, t.timezone)), t)


def form(
    who: Member | None,
    known: Sequence[Absence],
    presets: Sequence[tuple[str, Days]],
    others: Sequence[Member],
    t: Translator,
    now: datetime,
    reader: str,
) -> View:
    """Return the form: what is known of `who` already, a button for each preset, and a line for any other day.
    `others`: whom the reader may choose instead; None: nobody is chosen yet."""
    blocks: list[Block] = []
    if others:
        people = [_person(member, member.user_id) for member in others]
        chooser = select(ids.AWAY_WHO, people, t("away.whose"), who.user_id if who else None)
        blocks += actions([chooser])
    if who is None:
        return modal(t("away.title"), [section(t.md("away.choose")), *blocks], t)
    blocks += first_of(known, KNOWN_SHOWN, lambda row: [_known(row, who, t, now)], t)
    own = who.user_id == reader
    blocks.append(section(t.md("away.when_own") if own else t.md("away.when", who=bare_name(who.name))))
    blocks += actions(
        [
            button(t(f"away.preset.{name}", day=t.day(span.first)), action, 0)
            for name, action, span in ((name, PRESETS[name], span) for name, span in presets)
        ]
    )
    typed = text_input(ids.AWAY_DAYS, None)
    blocks.append(field(ids.AWAY_DAYS, t("away.typed"), typed, hint=t("away.typed_hint", **example_days(t, now))))
    blocks.append(context(t.md("calendar.hint")))
    submit = t("away.submit")
    return modal(t("away.title"), blocks, t, submit=submit, callback_id=ids.AWAY_FORM, who=who.user_id)


def _known(row: Absence, who: Member, t: Translator, now: datetime) -> Block:
    text = t.md("away.goes_on" if row.from_at <= now else "away.planned", days=when(row, t, who))
    if row.source != AbsenceSource.PERSON:
        text = Mrkdwn(t.flow(text, t.md(f"away.source.{row.source}")))
    word = "button.away_back" if row.from_at <= now else "button.away_cancel"
    return section(text, button(t(word), ids.AWAY_CANCEL, row.id))


def announced(row: Absence, waiting: Waiting, t: Translator, *, of_reader: bool) -> Message:
    """Return what stands once an absence is written down, with what is to become of what waits."""
    who = bare_name(waiting.who.name)
    key = "away.said" if of_reader else "away.said_of"
    text = t.md(key, who=who, days=when(row, t, waiting.who))
    return message(text, [section(text, undo_button(row, t)), *offer(row, waiting, t, of_reader=of_reader)])


def undo_button(row: Absence, t: Translator) -> Element:
    """Return the button that takes back what was just written down."""
    return button(t("button.away_undo"), ids.AWAY_CANCEL, row.id)


def proposed(who: Member, span: Days, t: Translator) -> Element:
    """Return the button that writes down the days of somebody else, which a leader has mentioned."""
    return button(t("button.away_confirm"), ids.AWAY_CONFIRM, carried(who.user_id, span), primary=True)


def carried(user_id: str, span: Days) -> str:
    """Return whose days they are as the value of a button."""
    return f"{user_id}:{span.first}:{span.last}:{span.part or ''}"


def read_carried(value: str) -> tuple[str, Days]:
    """Return whose days a button carries. Raises ValueError for anything else."""
    user_id, first, last, part = value.split(":")
    return user_id, Days(date.fromisoformat(first), date.fromisoformat(last), DayPart(part) if part else None)


def announced_page(row: Absence, waiting: Waiting, t: Translator, *, of_reader: bool) -> View:
    """Return the same in the place of the form."""
    return modal(t("away.title"), announced(row, waiting, t, of_reader=of_reader).blocks, t)


def offer(row: Absence, waiting: Waiting, t: Translator, *, of_reader: bool = False) -> list[Block]:
    """Return what somebody who is away has not accepted, and to whom it may go meanwhile; nothing where it is none."""
    if not waiting.views:
        return []
    count, who = len(waiting.views), bare_name(waiting.who.name)
    ask = t.md("away.waiting_own", count=count) if of_reader else t.md("away.waiting", count=count, who=who)
    people = [_person(member, f"{row.id}:{member.user_id}") for member in waiting.free[:COLLEAGUES_SHOWN]]
    shown = [button(t("button.cover_next"), ids.COVER_NEXT, row.id, primary=True)] if people else []
    shown += [select(ids.COVER_BY, people, t("button.cover_by"))] if people else []
    shown.append(button(t("button.cover_keep"), ids.COVER_KEEP, row.id))
    below = [*actions(shown), context(t.md("away.cover_rule"))]
    rows = first_of(
        waiting.views,
        WAITING_SHOWN,
        lambda view: [section(_line(link(view, t), timing_text(view, t)))],
        t,
        beside=[section(ask), *below, *below],
    )
    return [section(ask), *rows, *below]


def _person(member: Member, value: str) -> Element:
    return option(bare_name(member.name, 40) or member.user_id, value)


def _covered_line(view: MqlView, t: Translator) -> Mrkdwn:
    return Mrkdwn(f"• {link(view, t)} {escape(t(f'status.{view.mql.status}'))}")


def _line(what: Mrkdwn, timing: str | None) -> Mrkdwn:
    return lines([Mrkdwn(f"*{what}*"), escape(timing) if timing else None])


def began(row: Absence, waiting: Waiting, t: Translator) -> Message:
    """To whoever leads: somebody is away from now on, and this is what waits for them."""
    text = t.md("away.began", who=bare_name(waiting.who.name), until=until_day(row.until_at, t))
    if not waiting.views:
        text = Mrkdwn(t.flow(text, t.md("away.nothing_waits")))
    return message(text, [section(text), *offer(row, waiting, t)])


def set_by(row: Absence, by: str, t: Translator) -> Message:
    """To whoever is away: somebody else has said so."""
    return sentence(t.md("away.set_by", by=bare_name(by), days=when(row, t)))


def over(row: Absence, covered: Sequence[Covered], t: Translator) -> Message:
    """To whoever is back: what others have answered for them meanwhile, and what is to become of it."""
    if not covered:
        return sentence(Mrkdwn(t.flow(t.md("away.back"), t.md("away.nothing_covered"))))
    text = t.md("away.back")

    def part_of(part: Covered) -> list[Block]:
        name, value = bare_name(part.cover.name), f"{row.id}:{part.cover.user_id}"
        heading = t.md("away.covered", count=len(part.views), cover=name)
        rows = lines([heading, *(_covered_line(view, t) for view in part.views[:COVERED_SHOWN])])
        take = button(t("button.take_back"), ids.COVER_TAKE_BACK, value, primary=True)
        return [section(rows), *actions([take, button(t("button.cover_leave", cover=name), ids.COVER_LEAVE, value)])]

    above = [section(text)]
    names = t.listed([bare_name(part.cover.name) for part in covered])
    summary = t.md("away.covered", count=sum(len(part.views) for part in covered), cover=line(names))
    shown = first_of(covered, len(covered), part_of, t, beside=above)
    return message(Mrkdwn(t.flow(text, summary)), [*above, *shown])


def presets(today: datetime) -> list[tuple[str, Days]]:
    """Return the presets as they are meant at a local time: the rest of this week, and the next halves of a day."""
    day, a_day = today.date(), timedelta(days=1)
    sunday = day + (6 - day.weekday()) * a_day
    morning = day if today.hour < 13 else day + a_day
    return [
        ("today", Days(day, day)),
        ("tomorrow", Days(day + a_day, day + a_day)),
        ("week", Days(day, sunday)),
        ("morning", Days(morning, morning, DayPart.MORNING)),
        ("afternoon", Days(day, day, DayPart.AFTERNOON)),
    ]
