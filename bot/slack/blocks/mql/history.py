"""What happened to an MQL, a sentence for every event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.core.crm.taking import NAMES
from bot.core.messages.limits import MUTED
from bot.core.mql.contact import REPORTED
from bot.core.sla import pauses
from bot.core.views.mql import MqlView, Timeline
from bot.i18n import Mrkdwn, Translator
from bot.slack.blocks.base.kit import lines
from bot.slack.blocks.base.phrases import disposition, place
from bot.slack.blocks.base.text import bare_name, clean, clip, line
from bot.slack.blocks.mql.lead_details import details, headline, parsed_date
from storage import undos
from storage.vocabulary import (
    AskWhy,
    ClockKind,
    CrmKind,
    CrmSkip,
    DealResult,
    DealSource,
    ErasedFor,
    EventType,
    Evidence,
    Status,
)

HOURS = {True: 24, False: 48}
"""Whether the manager was told, and after how many hours, where the event does not say."""

SHOWN = 100
"""Signs of a value of a CRM that are shown."""

WITH_REASON = (
    EventType.ASSIGNED,
    EventType.DECLINED,
    EventType.PAUSED,
    EventType.PAUSE_ASKED,
    EventType.PAUSE_REFUSED,
    EventType.WITHDRAWN,
    EventType.DISPUTED,
    EventType.UPHELD,
)
WITH_NOTE = (EventType.CONTACTED, EventType.EVIDENCE)
NUDGES = (EventType.REMINDED, EventType.ASKED, EventType.TOUCH_DUE)
UNDOABLE = (EventType.ACCEPTED, EventType.CONTACTED, EventType.DISPOSED, EventType.WITHDRAWN)


def happened(timeline: Timeline, t: Translator, particulars: Sequence[Mrkdwn] = ()) -> Mrkdwn:
    """Return the event as a sentence; below it particulars, its reason where one was given, and what it did to the
    turns."""
    tell = _TELL.get(timeline.event.type)
    first = tell(timeline, t) if tell else t.md(f"note.{timeline.event.type}", **_names(timeline, t))
    turn = timeline.event.data.get("turn")
    crm = timeline.event.data.get("crm")
    skipped = timeline.event.type == EventType.CRM_SKIPPED
    where = t.md("note.in_crm", crm=NAMES[CrmKind(crm)]) if crm and not skipped else None
    return lines([first, *particulars, where, _reason(timeline, t), t.md(f"note.turn_{turn}") if turn else None])


def happening(log: Sequence[Timeline]) -> list[Timeline]:
    """Return the events without the reminders of the bot that were not sent after all: of each of these the log
    tells that."""
    unsent = {entry.event.data.get("event") for entry in log if entry.event.type == EventType.MESSAGE_DROPPED}
    return [entry for entry in log if entry.event.type not in NUDGES or entry.actor or entry.event.id not in unsent]


def with_outcome(timeline: Timeline, view: MqlView, t: Translator) -> Mrkdwn:
    """Return the same, and the particulars where the event is the newest feedback."""
    newest = view.feedback
    if timeline.event.type not in (EventType.DISPOSED, EventType.CORRECTED) or newest is None:
        return happened(timeline, t)
    is_newest = timeline.event.data.get("feedback", newest.id) == newest.id
    return happened(timeline, t, details(newest, view.reason, t) if is_newest else ())


def _names(timeline: Timeline, t: Translator) -> dict[str, str]:
    return {
        "actor": bare_name(timeline.actor) or t("note.bot"),
        "before": bare_name(timeline.before) or t("lead.owner"),
        "after": bare_name(timeline.after) or t("lead.owner"),
    }


def _reason(timeline: Timeline, t: Translator) -> Mrkdwn | None:
    given = clip(clean(timeline.event.reason), 300)
    if not given or timeline.actor is None:
        return None
    if timeline.event.type in WITH_NOTE:
        return t.md("note.noted", text=given)
    return t.md("note.reason", text=given) if timeline.event.type in WITH_REASON else None


def _assigned(timeline: Timeline, t: Translator) -> Mrkdwn:
    names = _names(timeline, t)
    by_hand, moved = timeline.actor is not None, bool(timeline.before) and timeline.before != timeline.after
    if by_hand and timeline.actor == timeline.after:
        sentence = t.md("note.taken_over", **names)
    elif by_hand:
        sentence = t.md("note.moved_by" if moved else "note.given_by", **names)
    else:
        sentence = t.md("note.moved" if moved else "note.given", **names)
    return Mrkdwn(t.flow(sentence, t.md("note.restarted"))) if timeline.event.data.get("restarted") else sentence


def _offered(timeline: Timeline, t: Translator) -> Mrkdwn:
    people = timeline.event.data.get("people")
    return t.md("note.offered", count=people if isinstance(people, int) else 0)


def _contacted(timeline: Timeline, t: Translator) -> Mrkdwn:
    if timeline.event.data.get(REPORTED):
        return _reported(timeline, t)
    return t.md(f"note.contacted.{_evidence(timeline)}", actor=_names(timeline, t)["actor"])


def _evidence_added(timeline: Timeline, t: Translator) -> Mrkdwn:
    if timeline.event.data.get(REPORTED):
        return _reported(timeline, t)
    return t.md("note.evidence", actor=_names(timeline, t)["actor"], kind=t(f"evidence.{_evidence(timeline)}"))


def _reported(timeline: Timeline, t: Translator) -> Mrkdwn:
    """Return what the CRM says: at its true time, which may be long past, and by whom where it knows."""
    kind, at, actor = t(f"evidence.{_evidence(timeline)}"), t.moment(timeline.event.at), bare_name(timeline.actor)
    if _evidence(timeline) == Evidence.BUTTON:
        return t.md("note.reported_status", at=at)
    words = {"kind": kind, "at": at}
    sentence = t.md("note.reported_by", **words, actor=actor) if actor else t.md("note.reported", **words)
    if _evidence(timeline) == Evidence.AUTOMATIC:
        return Mrkdwn(t.flow(sentence, t.md("note.reported_automatic")))
    unowned = timeline.event.type == EventType.EVIDENCE and timeline.before == Status.UNASSIGNED
    return Mrkdwn(t.flow(sentence, t.md("note.reported_unowned"))) if unowned else sentence


def _evidence(timeline: Timeline) -> Evidence:
    known = timeline.event.data.get("evidence")
    return Evidence(known) if known in tuple(Evidence) else Evidence.BUTTON


def _disposed(timeline: Timeline, t: Translator) -> Mrkdwn:
    names = _names(timeline, t)
    return t.md("note.disposed", actor=names["actor"], result=disposition(timeline.after or "", t))


def _corrected(timeline: Timeline, t: Translator) -> Mrkdwn:
    actor = _names(timeline, t)["actor"]
    before, after = disposition(timeline.before or "", t), disposition(timeline.after or "", t)
    if not before or before == after:
        return t.md("note.corrected_details", actor=actor, result=after)
    return t.md("note.corrected", actor=actor, before=before, after=after)


def _dropped(timeline: Timeline, t: Translator) -> Mrkdwn:
    muted = timeline.event.reason == MUTED
    return t.md("note.message_muted" if muted else "note.message_dropped")


def _deal(timeline: Timeline, t: Translator) -> Mrkdwn:
    """Won, lost, or under way again; from a person, or from elsewhere."""
    word = timeline.after if timeline.after in tuple(DealResult) else "ongoing"
    actor, result = bare_name(timeline.actor), t(f"deal.{word}")
    given = timeline.event.data.get("source")
    source = given if given in tuple(DealSource) else DealSource.FILE
    sentence = t.md("note.deal_by", actor=actor, result=result) if actor else t.md(f"note.deal.{source}", result=result)
    amount = timeline.event.data.get("amount")
    return lines([sentence, t.md("result.deal_amount", text=t.money(amount)) if isinstance(amount, int) else None])


def _escalated(timeline: Timeline, t: Translator) -> Mrkdwn:
    data = timeline.event.data
    if data.get("clock") == ClockKind.FEEDBACK:
        return t.md("note.escalated.feedback")
    hours, to = data.get("hours"), str(data.get("to"))
    known = hours if isinstance(hours, int | float) else HOURS[to == "manager"]
    spent = t.hours(timedelta(hours=known))
    if to in ("manager", "head", "peers"):
        return t.md(f"note.escalated.{to}", spent=spent)
    return t.md("note.escalated.group" if to.startswith("S") else "note.escalated.others", spent=spent, whom=place(to))


def _deadline_moved(timeline: Timeline, t: Translator) -> Mrkdwn:
    moments = [timeline.event.before, timeline.event.after]
    before, after = (t.deadline(datetime.fromisoformat(moment or timeline.event.at.isoformat())) for moment in moments)
    word = "moved" if before != after else "kept"  # kept: the grace after it has changed
    sentence = t.md(f"note.deadline_{word}.{_clock(timeline)}", old=before, new=after)
    effect = timeline.event.data.get("effect")
    return Mrkdwn(t.flow(sentence, t.md(f"note.now_{effect}"))) if effect else sentence


def _reminded(timeline: Timeline, t: Translator) -> Mrkdwn:
    rep = bare_name(timeline.before) or bare_name(timeline.after) or t("lead.owner")
    if timeline.actor:
        return t.md("note.reminded_by", actor=bare_name(timeline.actor), rep=rep)
    if timeline.event.data.get("away"):
        return t.md("note.remind_away", rep=rep)
    if timeline.event.data.get("cover"):
        return t.md("note.remind_cover", rep=rep)
    return t.md(f"note.reminded.{_clock(timeline)}", rep=rep)


def _asked(timeline: Timeline, t: Translator) -> Mrkdwn:
    why = timeline.event.data.get("why")
    rep = bare_name(timeline.before) or t("lead.owner")
    return t.md(f"note.asked.{why if why in tuple(AskWhy) else AskWhy.MEETING}", rep=rep)


def _breached(timeline: Timeline, t: Translator) -> Mrkdwn:
    return t.md(f"note.breached.{_clock(timeline)}")


def _accepted(timeline: Timeline, t: Translator) -> Mrkdwn:
    """With a pause that goes on for the outcome."""
    sentence, until = t.md("note.accepted", **_names(timeline, t)), timeline.event.data.get(pauses.UNTIL)
    if until is None:
        return sentence
    return Mrkdwn(t.flow(sentence, t.md("note.still_paused", until=t.moment(datetime.fromisoformat(until)))))


def _paused(timeline: Timeline, t: Translator) -> Mrkdwn:
    consented = pauses.REQUEST in timeline.event.data
    return t.md("note.paused_consent" if consented else "note.paused", **_actor_and_end(timeline, t))


def _pause_asked(timeline: Timeline, t: Translator) -> Mrkdwn:
    return t.md("note.pause_asked", **_actor_and_end(timeline, t))


def _actor_and_end(timeline: Timeline, t: Translator) -> dict[str, str]:
    until = t.moment(datetime.fromisoformat(timeline.event.after or timeline.event.at.isoformat()))
    return {"actor": _names(timeline, t)["actor"], "until": until}


def _resumed(timeline: Timeline, t: Translator) -> Mrkdwn:
    actor = bare_name(timeline.actor)
    return t.md("note.resumed_by", actor=actor) if actor else t.md("note.resumed")


def _merged(timeline: Timeline, t: Translator) -> Mrkdwn:
    """Say that two MQLs are one, or are no longer: in the log of the one that goes, or of the one that stays."""
    data = timeline.event.data
    words = {"actor": _names(timeline, t)["actor"], "other": f"#{data.get('into', data.get('number', 0))}"}
    if timeline.event.type != EventType.MERGE_UNDONE:
        return t.md(f"note.{timeline.event.type}", **words)
    return t.md("note.merge_undone" if "into" in data else "note.merge_undone_stays", **words)


def _undo(timeline: Timeline, t: Translator) -> Mrkdwn:
    was = timeline.event.data.get("was")
    word = was if was in UNDOABLE else EventType.ACCEPTED
    return t.md(f"note.undo.{word}", actor=_names(timeline, t)["actor"])


def _undone(timeline: Timeline, t: Translator) -> Mrkdwn:
    """Say what it was, and that it was undone."""
    return t.md("note.undone", told=happened(replace(timeline, event=undos.as_it_was(timeline.event)), t))


def _touch_promised(timeline: Timeline, t: Translator) -> Mrkdwn:
    day = parsed_date(timeline.event.after)
    return t.md("note.touch_promised", actor=_names(timeline, t)["actor"], day=t.day(day) if day else "")


def _touch_due(timeline: Timeline, t: Translator) -> Mrkdwn:
    return t.md("note.touch_due", rep=bare_name(timeline.before) or t("lead.owner"))


def _erased(timeline: Timeline, t: Translator) -> Mrkdwn:
    old = timeline.event.reason == ErasedFor.AGE
    return t.md("note.erased.age" if old else "note.erased.request")


def _crm_skipped(timeline: Timeline, t: Translator) -> Mrkdwn:
    """Say what a CRM says, why the bot does not follow it, and what somebody can do."""
    data = timeline.event.data
    why = data.get("why")
    word = why if why in tuple(CrmSkip) else CrmSkip.REFUSED
    value = line(str(data.get("shown") or ""), SHOWN) or t("crm.nothing")
    crm = data.get("crm")
    name = NAMES[CrmKind(crm)] if crm in tuple(CrmKind) else t("note.crm_gone")
    return t.md(f"note.crm_skipped.{word}", crm=name, value=value)


def _clock(timeline: Timeline) -> ClockKind:
    return ClockKind.FEEDBACK if timeline.event.data.get("clock") == ClockKind.FEEDBACK else ClockKind.RESPONSE


_TELL = {
    EventType.ASSIGNED: _assigned,
    EventType.OFFERED: _offered,
    EventType.CONTACTED: _contacted,
    EventType.EVIDENCE: _evidence_added,
    EventType.DISPOSED: _disposed,
    EventType.CORRECTED: _corrected,
    EventType.MESSAGE_DROPPED: _dropped,
    EventType.DEAL: _deal,
    EventType.ESCALATED: _escalated,
    EventType.REMINDED: _reminded,
    EventType.ASKED: _asked,
    EventType.BREACHED: _breached,
    EventType.DEADLINE_MOVED: _deadline_moved,
    EventType.ACCEPTED: _accepted,
    EventType.PAUSED: _paused,
    EventType.PAUSE_ASKED: _pause_asked,
    EventType.RESUMED: _resumed,
    EventType.ERASED: _erased,
    EventType.MERGED: _merged,
    EventType.MERGED_IN: _merged,
    EventType.MERGE_UNDONE: _merged,
    EventType.UNDO: _undo,
    EventType.UNDONE: _undone,
    EventType.TOUCH_PROMISED: _touch_promised,
    EventType.TOUCH_DUE: _touch_due,
    EventType.CRM_SKIPPED: _crm_skipped,
}


def result_line(view: MqlView, t: Translator) -> str:
    """Return the outcome in a few plain words."""
    # One that was reopened and then withdrawn has feedback of before.
    if view.mql.merged_into_id is not None:
        return t("related.gone_on")
    if view.feedback is None or view.mql.status != Status(view.feedback.disposition):
        return t(f"status.{view.mql.status}")
    return headline(view.feedback, view.reason, t)
