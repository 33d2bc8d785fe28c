"""A pause: its form, the leaders' consent to one beyond the limit, and what its readers are told."""

from __future__ import annotations

from datetime import date, datetime

from bot.core.views.mql import MqlView, Timeline
from bot.i18n import Mrkdwn, Translator
from bot.slack.blocks.base import ids, kit
from bot.slack.blocks.base.forms import TEXT, date_input, field, modal, radio_buttons, text_input
from bot.slack.blocks.base.kit import Block, Element, Message, View, actions, context, lines, message, quote, section
from bot.slack.blocks.base.phrases import link, owner_name, paused_until, subject, timing
from bot.slack.blocks.base.preset_days import OTHER_DAY, PRESETS, Opens, distinct
from bot.slack.blocks.base.preset_reasons import reason_fields
from bot.slack.blocks.base.text import bare_name, clean, line
from bot.slack.blocks.mql import buttons
from storage.vocabulary import EventType

WHY_SHOWN = 600
WHY_IN_ROW = 150


def form(view: MqlView, last: date | None, t: Translator, today: date, opens: Opens) -> View:
    """Return until when the clock shall stop, and why. `last`: the last day that needs no leader's consent; None for
    leaders. Each day says whether it needs one."""
    days = [_day_option(word, day, today, last, t) for word, day in distinct(today, opens).items()]
    days.append(kit.option(t("day.other"), OTHER_DAY))
    hint = t("pause.until_hint")
    if last is not None:
        limit = t("pause.limit", last=t.day(last)) if last > today else t("pause.limit_reached")
        hint = t.flow(hint, limit)
    blocks = [
        section(t.md("pause.about", whom=subject(view.mql, t))),
        field(ids.PAUSE_PRESET, t("pause.until"), radio_buttons(ids.PAUSE_PRESET, days, days[0])),
        field(ids.PAUSE_UNTIL, t("pause.until_other"), date_input(ids.PAUSE_UNTIL), optional=True, hint=hint),
        *reason_fields("pause", ids.WHY_PAUSE_REASON, ids.WHY_PAUSE, t),
    ]
    return modal(t("pause.title"), blocks, t, submit=t("pause.submit"), callback_id=ids.PAUSE_FORM, mql=view.mql.id)


def _day_option(word: str, day: date, today: date, last: date | None, t: Translator) -> Element:
    """Return one of the days, by its date: the form may be sent on a later day than it was opened on."""
    asks = t("pause.needs_consent") if last is not None and day > last else None
    name = t(f"day.{word}" if PRESETS[word](today) == day else "day.moved")
    return kit.option(t("pause.day", word=name, day=t.day(day)), day.isoformat(), description=asks)


def refuse_form(view: MqlView, request_id: int, t: Translator) -> View:
    """Return what whoever asked for a pause is to be told instead."""
    why = text_input(ids.WHY_PAUSE_REFUSED, None, most=TEXT, multiline=True)
    blocks = [
        section(t.md("pause.refuse_about", whom=subject(view.mql, t))),
        field(ids.WHY_PAUSE_REFUSED, t("pause.refuse_why"), why, hint=t("pause.refuse_why_hint")),
    ]
    title, submit = t("pause.refuse_title"), t("pause.refuse_submit")
    kept = {"mql": view.mql.id, "request": request_id}
    return modal(title, blocks, t, submit=submit, callback_id=ids.REFUSE_PAUSE_FORM, **kept)


def request(view: MqlView, entry: Timeline, decided: Timeline | None, t: Translator, *, waits: bool) -> Message:
    """To the manager: somebody asks for a pause beyond the limit, and they consent or not. `decided`: once a leader
    has; `waits`: nobody has, and nothing has made it needless."""
    who = {"actor": _name(entry, t), "whom": subject(view.mql, t), "rep": owner_name(view, t)}
    sentence = t.md("pause.request", until=_until(entry, t), **who)
    blocks = [section(sentence), *_why(entry), section(_so_far(entry, t))]
    if waits:
        return _message(
            view, sentence, [*blocks, *timing(view, t)], t.md("pause.request_ask"), _choices(view, entry, t), t
        )
    done = _decision(view, decided, t) if decided is not None else t.md("pause.request_over")
    return _message(view, sentence, blocks, done, [buttons.show(view, t)], t)


def row(view: MqlView, entry: Timeline, t: Translator) -> list[Block]:
    """Return a pause that waits for consent as one of a list."""
    who = {"actor": _name(entry, t), "whom": subject(view.mql, t), "rep": owner_name(view, t)}
    why = line(entry.event.reason, WHY_IN_ROW)
    texts = [t.md("pause.request", until=_until(entry, t), **who), t.md("pause.why", why=why) if why else None]
    return [section(lines(texts)), *actions(_choices(view, entry, t))]


def decided(view: MqlView, entry: Timeline, t: Translator) -> Message:
    """To whoever asked: the clock stands still, or runs on and why."""
    sentence = _decision(view, entry, t)
    refused = entry.event.type == EventType.PAUSE_REFUSED
    return message(sentence, [section(sentence), *(_why(entry) if refused else []), context(link(view, t))])


def paused_overdue(view: MqlView, entry: Timeline, t: Translator) -> Message:
    """To the manager: an MQL whose deadline had passed was paused, until when and why, and how often it has been."""
    who = {"actor": _name(entry, t), "whom": subject(view.mql, t), "rep": owner_name(view, t)}
    sentence = t.md("pause.overdue", until=_until(entry, t), **who)
    blocks = [section(sentence), *_why(entry), section(_so_far(entry, t))]
    take = [buttons.take_over(view, t)] if view.response.stopped_at is None else []
    shown = [*buttons.urge(view, t), buttons.reassign(view, t), *take, buttons.show(view, t)]
    if view.mql.disposed:
        return _message(view, sentence, blocks, t.md("pause.reported"), [buttons.show(view, t)], t)
    if paused_until(view) is None:
        return _message(view, sentence, [*blocks, *timing(view, t)], t.md("pause.ended"), shown, t)
    return _message(view, sentence, blocks, t.md("pause.overdue_ask"), shown, t)


def over(view: MqlView, entry: Timeline, t: Translator, reader: str) -> Message:
    """To the owner: the pause is over, when it is due now, and what can be done."""
    whom = subject(view.mql, t)
    by = bare_name(entry.actor)
    sentence = t.md("pause.over_by", whom=whom, actor=by) if by else t.md("pause.over", whom=whom)
    if view.mql.disposed or view.mql.owner != reader:
        moved = t.md("outcome.moved", rep=owner_name(view, t)) if view.mql.owner else t.md("outcome.no_owner")
        return _message(view, sentence, [], t.md("pause.reported") if view.mql.disposed else moved, [], t)
    return message(
        sentence, [section(sentence), *timing(view, t), _place(view, t), *actions(buttons.for_work(view, t, reader))]
    )


def _message(
    view: MqlView, sentence: Mrkdwn, blocks: list[Block], last: Mrkdwn, shown: list[Element], t: Translator
) -> Message:
    first = blocks or [section(sentence)]
    return message(Mrkdwn(t.flow(sentence, last)), [*first, section(last), _place(view, t), *actions(shown)])


def _choices(view: MqlView, entry: Timeline, t: Translator) -> list[Element]:
    number, request_id = f"#{view.mql.number}", entry.event.id
    consent, refuse = t("button.pause_consent"), t("button.pause_refuse")
    return [
        kit.button(consent, ids.CONSENT_PAUSE, request_id, primary=True, say=f"{consent} {number}"),
        kit.button(refuse, ids.REFUSE_PAUSE, request_id, say=f"{refuse} {number}"),
        buttons.show(view, t),
    ]


def _decision(view: MqlView, entry: Timeline, t: Translator) -> Mrkdwn:
    words = {"actor": _name(entry, t), "whom": subject(view.mql, t)}
    if entry.event.type == EventType.PAUSE_REFUSED:
        return t.md("pause.refused", **words)
    return t.md("pause.consented", until=_until(entry, t), **words)


def _so_far(entry: Timeline, t: Translator) -> Mrkdwn:
    data = entry.event.data
    return t.md("pause.so_far", count=int(data.get("pauses", 1)), days=t.number(int(data.get("days", 1))))


def _until(entry: Timeline, t: Translator) -> str:
    return t.moment(datetime.fromisoformat(entry.event.after or entry.event.at.isoformat()))


def _why(entry: Timeline) -> list[Block]:
    why = clean(entry.event.reason)
    return [quote(why, WHY_SHOWN)] if why else []


def _name(entry: Timeline, t: Translator) -> str:
    return bare_name(entry.actor) or t("note.bot")


def _place(view: MqlView, t: Translator) -> Block:
    return context(link(view, t))
