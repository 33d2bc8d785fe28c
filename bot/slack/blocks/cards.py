"""The card in the MQL channel, edited in place, and the notes of its thread."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.core.sla.time_breakdown import TimeBreakdown
from bot.core.views.mql import MqlView, Timeline
from bot.i18n import Mrkdwn, Translator, escape
from bot.slack.blocks import buttons
from bot.slack.blocks.figures import shares
from bot.slack.blocks.history import result_line, with_outcome
from bot.slack.blocks.kit import Block, Element, Message, actions, context, header, lines, message, quote, section
from bot.slack.blocks.lead_details import attributes, facts, outcome
from bot.slack.blocks.phrases import (
    SEPARATOR,
    deadline,
    due_line,
    mention,
    owner_name,
    status,
    subject,
    timing_text,
    title,
    until_day,
    why_paused,
)
from bot.slack.blocks.read_late import read_late
from bot.slack.blocks.related import hints, words_of_lead
from bot.slack.blocks.text import clean
from storage.models import Mql
from storage.vocabulary import EventType, Status

MESSAGE_SHOWN = 600
ATTRIBUTES_SHOWN = 4
NEW = (Status.UNASSIGNED, Status.ASSIGNED)


def card(view: MqlView, t: Translator, now: datetime | None = None) -> Message:
    """One MQL as it stands. With `now`, a deadline that has passed is marked."""
    mql = view.mql
    blocks = [header(heading(mql, t)), section(_standing(view, t, now))]
    due = deadline(view)
    if due is not None:
        blocks.append(due_line(due, t))
    if late := read_late(mql, t):
        blocks.append(context(late))
    blocks += hints(view, t)
    blocks += facts(view, t)
    blocks += words_of_lead(view, t, MESSAGE_SHOWN)
    blocks += attributes(mql, ATTRIBUTES_SHOWN)
    blocks += [progress(mql, t), *actions(buttons.for_card(view, t))]
    return message(_summary(view, t), blocks)


def heading(mql: Mql, t: Translator) -> str:
    """Return the title: a new MQL says so until somebody has taken it on."""
    return t("card.new", whom=title(mql, t)) if mql.status in NEW else title(mql, t)


def _standing(view: MqlView, t: Translator, now: datetime | None) -> Mrkdwn:
    if view.mql.disposed:
        return Mrkdwn(f"{outcome(view, t)}\n{_owner(view, t)}" if view.mql.owner else outcome(view, t))
    parts = [status(view, t, now), _owner(view, t)] if view.mql.owner else [status(view, t, now)]
    return lines([Mrkdwn(SEPARATOR.join(parts)), why_paused(view, t)])


def _owner(view: MqlView, t: Translator) -> Mrkdwn:
    owner = t.md("card.owner", who=mention(view.mql.owner))
    if view.mql.cover is None or view.mql.disposed:
        return owner
    end = view.owner.away_until if view.owner else None
    key = "card.cover" if end is None else "card.cover_until"
    return Mrkdwn(owner + t.md(key, who=mention(view.mql.cover), until=until_day(end, t) if end else ""))


def _summary(view: MqlView, t: Translator) -> Mrkdwn:
    mql = view.mql
    if mql.disposed:
        return t.md("card.summary_result", whom=subject(mql, t), result=result_line(view, t))
    key = "card.summary_new" if mql.status in NEW else "card.summary"
    owner = t("card.owner_name", name=owner_name(view, t)) if mql.owner else t("status.unassigned")
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
    quoted = [quote(words, MESSAGE_SHOWN)] if words else []
    return message(Mrkdwn(f"{escape(subject(view.mql, t))}: {sentence}"), [section(sentence), *quoted, *actions(shown)])
