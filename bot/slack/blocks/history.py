"""What happened to an MQL, a sentence for every event."""

from __future__ import annotations

from datetime import datetime

from bot.core.views import MqlView, Timeline
from bot.i18n import Mrkdwn, Translator
from bot.slack.blocks.facts import details, headline
from bot.slack.blocks.kit import lines
from bot.slack.blocks.phrases import disposition, place
from bot.slack.blocks.text import bare_name, clean, clip
from storage.vocabulary import ClockKind, EventType

HOURS = {True: 24, False: 48}
"""Whether the manager was told, and after how many hours, where the event does not say."""

WITH_REASON = (EventType.ASSIGNED, EventType.DECLINED, EventType.PAUSED)


def happened(timeline: Timeline, t: Translator) -> Mrkdwn:
    """The event as a sentence, with its reason below where one was given."""
    told = _TELL.get(timeline.event.type)
    first = told(timeline, t) if told else t.md(f"note.{timeline.event.type}", **_names(timeline, t))
    return lines([first, _reason(timeline, t)])


def with_outcome(timeline: Timeline, view: MqlView, t: Translator) -> Mrkdwn:
    """The same, and the particulars where the event is the newest feedback."""
    said = happened(timeline, t)
    if timeline.event.type not in (EventType.DISPOSED, EventType.CORRECTED) or view.feedback is None:
        return said
    if timeline.event.data.get("feedback", view.feedback.id) != view.feedback.id:
        return said
    return lines([said, *details(view.feedback, view.reason, t)])


def _names(timeline: Timeline, t: Translator) -> dict[str, str]:
    return {
        "actor": bare_name(timeline.actor) or t("note.bot"),
        "before": bare_name(timeline.before) or t("lead.owner"),
        "after": bare_name(timeline.after) or t("lead.owner"),
    }


def _reason(timeline: Timeline, t: Translator) -> Mrkdwn | None:
    given = clip(clean(timeline.event.reason), 300)
    shown = timeline.event.type in WITH_REASON and timeline.actor is not None
    return t.md("note.reason", text=given) if given and shown else None


def _assigned(timeline: Timeline, t: Translator) -> Mrkdwn:
    names = _names(timeline, t)
    by_hand, moved = timeline.actor is not None, bool(timeline.before) and timeline.before != timeline.after
    if by_hand and timeline.actor == timeline.after:
        said = t.md("note.taken_over", **names)
    elif by_hand:
        said = t.md("note.moved_by" if moved else "note.given_by", **names)
    else:
        said = t.md("note.moved" if moved else "note.given", **names)
    return Mrkdwn(t.flow(said, t.md("note.restarted"))) if timeline.event.data.get("restarted") else said


def _disposed(timeline: Timeline, t: Translator) -> Mrkdwn:
    names = _names(timeline, t)
    return t.md("note.disposed", actor=names["actor"], result=disposition(timeline.after or "", t))


def _corrected(timeline: Timeline, t: Translator) -> Mrkdwn:
    actor = _names(timeline, t)["actor"]
    before, after = disposition(timeline.before or "", t), disposition(timeline.after or "", t)
    if not before or before == after:
        return t.md("note.corrected_details", actor=actor, result=after)
    return t.md("note.corrected", actor=actor, before=before, after=after)


def _escalated(timeline: Timeline, t: Translator) -> Mrkdwn:
    data = timeline.event.data
    if data.get("clock") == ClockKind.FEEDBACK:
        return t.md("note.escalated.feedback")
    hours = data.get("hours")
    known, to = hours if isinstance(hours, int) else HOURS[data.get("to") == "manager"], str(data.get("to"))
    if to in ("manager", "head", "peers"):
        return t.md(f"note.escalated.{to}", hours=known)
    return t.md("note.escalated.others", hours=known, whom=place(to))


def _deadline_moved(timeline: Timeline, t: Translator) -> Mrkdwn:
    moments = [timeline.event.before, timeline.event.after]
    before, after = (t.moment(datetime.fromisoformat(moment or timeline.event.at.isoformat())) for moment in moments)
    said = t.md(f"note.deadline_moved.{_clock(timeline)}", old=before, new=after)
    effect = timeline.event.data.get("effect")
    return Mrkdwn(t.flow(said, t.md(f"note.now_{effect}"))) if effect else said


def _reminded(timeline: Timeline, t: Translator) -> Mrkdwn:
    rep = bare_name(timeline.before) or bare_name(timeline.after) or t("lead.owner")
    if timeline.actor:
        return t.md("note.reminded_by", actor=bare_name(timeline.actor), rep=rep)
    return t.md(f"note.reminded.{_clock(timeline)}", rep=rep)


def _breached(timeline: Timeline, t: Translator) -> Mrkdwn:
    return t.md(f"note.breached.{_clock(timeline)}")


def _paused(timeline: Timeline, t: Translator) -> Mrkdwn:
    until = t.moment(datetime.fromisoformat(timeline.event.after or timeline.event.at.isoformat()))
    return t.md("note.paused", actor=_names(timeline, t)["actor"], until=until)


def _resumed(timeline: Timeline, t: Translator) -> Mrkdwn:
    actor = bare_name(timeline.actor)
    return t.md("note.resumed_by", actor=actor) if actor else t.md("note.resumed")


def _clock(timeline: Timeline) -> ClockKind:
    return ClockKind.FEEDBACK if timeline.event.data.get("clock") == ClockKind.FEEDBACK else ClockKind.RESPONSE


_TELL = {
    EventType.ASSIGNED: _assigned,
    EventType.DISPOSED: _disposed,
    EventType.CORRECTED: _corrected,
    EventType.ESCALATED: _escalated,
    EventType.REMINDED: _reminded,
    EventType.BREACHED: _breached,
    EventType.DEADLINE_MOVED: _deadline_moved,
    EventType.PAUSED: _paused,
    EventType.RESUMED: _resumed,
}


def result_line(view: MqlView, t: Translator) -> str:
    """The outcome in a few plain words."""
    if view.feedback is None:
        return t(f"status.{view.mql.status}")
    return headline(view.feedback, view.reason, t)
