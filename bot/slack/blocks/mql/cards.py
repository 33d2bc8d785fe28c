"""The card in the MQL channel, edited in place, and the notes of its thread."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.core.sla.time_breakdown import TimeBreakdown
from bot.core.views.mql import MqlView, Timeline
from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks.base.kit import Block, Element, Message, actions, context, header, lines, message, quote, section
from bot.slack.blocks.base.phrases import (
    SEPARATOR,
    deadline,
    due_line,
    mention,
    owner_called,
    status,
    subject,
    timing_text,
    title,
    until_day,
    why_paused,
)
from bot.slack.blocks.base.text import clean, line
from bot.slack.blocks.mql import buttons, next_touch
from bot.slack.blocks.mql.history import result_line, with_outcome
from bot.slack.blocks.mql.lead_details import contact_line, origin_line, outcome
from bot.slack.blocks.mql.read_late import read_late
from bot.slack.blocks.mql.related import hints, newest_words
from bot.slack.blocks.sla.time_breakdown import shares
from storage.models import Mql
from storage.vocabulary import EventType, Status

WANT_SHOWN = 120
NOTE_SHOWN = 600
NEW = (Status.UNASSIGNED, Status.ASSIGNED)


def card(view: MqlView, t: Translator, now: datetime | None = None, *, mentioned: bool = False) -> Message:
    """One MQL as it stands, as the Slack channel sees it. With `now`, a deadline that has passed is marked;
    `mentioned`: the owner's telephone rings by it."""
    owner = mention(view.mql.owner) if mentioned else escape(owner_called(view, t))
    blocks = first_screen(view, t, now, t.md("card.owner", who=owner) if view.mql.owner else None)
    return message(_summary(view, t), [*blocks, *actions(buttons.for_card(view, t)), *beside(view, t)])


def first_screen(view: MqlView, t: Translator, now: datetime | None, owner: Mrkdwn | None) -> list[Block]:
    """Return what a telephone shows without scrolling, a line each: who it is, how to reach them, what they want, where
    from and which score, until when, and where it stands. Everything else is behind Details."""
    known = [contact_line(view.mql, t), want_line(view, t), origin_line(view, t)]
    due = deadline(view)
    blocks: list[Block] = [header(heading(view, t, now))]
    blocks += [section(shown)] if (shown := lines(known)) else []
    blocks += [due_line(due, t)] if due is not None else []
    return [*blocks, section(_standing(view, t, now, owner))]


def beside(view: MqlView, t: Translator) -> list[Block]:
    """Return below the buttons what is worth knowing and seldom there: other MQLs, and that it was read late."""
    late = read_late(view.mql, t)
    return [*hints(view, t), *([context(late)] if late else [])]


def heading(view: MqlView, t: Translator, now: datetime | None = None) -> str:
    """Return the title: a new MQL says so until somebody has taken it on, or its deadline has passed."""
    due = deadline(view)
    late = due is not None and due.passed(now)
    return t("card.new", whom=title(view.mql, t)) if view.mql.status in NEW and not late else title(view.mql, t)


def want_line(view: MqlView, t: Translator) -> Mrkdwn | None:
    """Return the beginning of what the person wrote last."""
    words = line(newest_words(view), WANT_SHOWN)
    return t.md("card.want", words=words) if words else None


def _standing(view: MqlView, t: Translator, now: datetime | None, owner: Mrkdwn | None) -> Mrkdwn:
    number = Mrkdwn(f"MQL #{view.mql.number}")
    if view.mql.disposed:
        who = Mrkdwn(SEPARATOR.join(part for part in (owner, number) if part))
        return lines([outcome(view, t), who])
    if owner is not None:
        owner = Mrkdwn(owner + covered(view, t))
    parts = [part for part in (status(view, t, now), owner, number) if part]
    planned = next_touch.promised(view, t)
    return lines([Mrkdwn(SEPARATOR.join(parts)), why_paused(view, t), escape(planned) if planned else None])


def covered(view: MqlView, t: Translator) -> str:
    """Return who answers meanwhile for the owner, and until when; nothing where nobody does."""
    if view.mql.cover is None or view.mql.disposed:
        return ""
    end = view.owner.away_until if view.owner else None
    key = "card.cover" if end is None else "card.cover_until"
    return t.md(key, who=mention(view.mql.cover), until=until_day(end, t) if end else "")


def _summary(view: MqlView, t: Translator) -> Mrkdwn:
    mql = view.mql
    if mql.disposed:
        return t.md("card.summary_result", whom=subject(mql, t), result=result_line(view, t))
    key = "card.summary_new" if mql.status in NEW else "card.summary"
    owner = t("card.owner_name", name=owner_called(view, t)) if mql.owner else t("status.unassigned")
    first = t.md(key, whom=subject(mql, t), status=t(f"status.{mql.status}"), owner=owner)
    timing = timing_text(view, t)
    return first if timing is None else Mrkdwn(t.flow(first, t.md("card.summary_due", due=timing)))


def progress(mql: Mql, t: Translator) -> Block:
    """Return how far it has come: received, accepted, contacted, result."""
    done = {
        "received": True,
        "accepted": mql.accepted_at is not None,
        "contacted": mql.contacted_at is not None,
        "result": mql.disposed and mql.status != Status.WITHDRAWN,
    }
    steps = [f"{'✅' if reached else '⬜'} {t(f'progress.{step}')}" for step, reached in done.items()]
    return context(Mrkdwn(f"MQL #{mql.number}{SEPARATOR}{' → '.join(steps)}"))


def note(
    timeline: Timeline, view: MqlView, t: Translator, parts: TimeBreakdown | None = None, shown: Sequence[Element] = ()
) -> Message:
    """Return what happened, for the card's thread, with what can be done about it (`shown`). `parts` of a change of
    owner: the lead's age, and who had it how long."""
    sentence = with_outcome(timeline, view, t)
    if parts is not None:
        short = t.listed([t("direct.part", name=name, spent=spent) for name, spent in shares(parts, t)])
        sentence = lines([sentence, t.md("note.age", total=t.hours(parts.total), parts=short)])
    again = timeline.event.data.get("message") if timeline.event.type == EventType.RECEIVED_AGAIN else None
    words = clean(again) if isinstance(again, str) else ""
    quoted = [quote(words, NOTE_SHOWN)] if words else []
    return message(Mrkdwn(f"{escape(subject(view.mql, t))}: {sentence}"), [section(sentence), *quoted, *actions(shown)])
