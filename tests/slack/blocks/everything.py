"""Every builder in every state, for the rules that hold for all of them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal, get_args

from bot.connectors.calendars import CODES
from bot.connectors.parser import guesses
from bot.connectors.sources.corrections import Edition
from bot.connectors.sources.proposal import FIELDS, Proposal
from bot.core.base.day_words import Days
from bot.core.base.results import Done, Refusal, Refused
from bot.core.crm.conflicts import ConflictView
from bot.core.crm.engagement import EmailView, EngagementView, ScoreView
from bot.core.messages import kinds
from bot.core.mql.bulk import Bulk
from bot.core.mql.marketing_updates import Heard
from bot.core.reports.checkup import Answer, Point
from bot.core.reports.figures import Overdue, WeeklyReport
from bot.core.reports.kpi import Rate
from bot.core.views.absences import Covered, Waiting
from bot.core.views.board import Board
from bot.core.views.disputes import OpenDispute, Undecided
from bot.core.views.home import First, Health, Marketing, Matter, Own, PauseRequest
from bot.core.views.mql import KeptFor, MqlView, Words
from bot.i18n import Mrkdwn, Translator
from bot.slack.blocks.base import forms
from bot.slack.blocks.base.kit import Message
from bot.slack.blocks.base.kit import message as made
from bot.slack.blocks.base.reply_keys import Reply
from bot.slack.blocks.crm import conflicts as crm_conflicts
from bot.slack.blocks.health import alerts
from bot.slack.blocks.mql import (
    bulk,
    cards,
    contact,
    direct_messages,
    disputes,
    followup_question,
    handover,
    identity,
    intake,
    marketing_updates,
    merge,
    next_touch,
    next_touch_reminder,
    pauses,
    posted_anew,
    queue,
    replies,
    senders,
    several_outcomes,
)
from bot.slack.blocks.mql import feedback as feedback_blocks
from bot.slack.blocks.mql import handover as decline_blocks
from bot.slack.blocks.reports import checkup, digest, digest_people, digest_trend, kpi, monthly, own_week, scoring
from bot.slack.blocks.routing import absences, calendars
from bot.slack.blocks.routing import assignment as assignment_blocks
from bot.slack.blocks.settings import audit
from bot.slack.blocks.sources import readers, sources
from bot.slack.blocks.views import home, listed, menu
from bot.slack.blocks.views import mql as mql_page
from bot.slack.listeners.commands import help_lines
from storage.audits import Filter
from storage.boards import Became
from storage.models import ActionItem, SenderLayout, SenderMapping
from storage.trouble import Trouble
from storage.vocabulary import (
    AbsenceSource,
    AlertKind,
    AskWhy,
    AssignmentVerdict,
    AuditKind,
    ClockKind,
    CrmDecision,
    CrmField,
    CrmKind,
    DealResult,
    DealSource,
    DeliveryState,
    Disposition,
    EngagementKind,
    EventType,
    Evidence,
    Locale,
    MessageKind,
    Status,
    UnreadableState,
)
from tests.slack.blocks import (
    definitions,
    meetings,
    monthly_samples,
    nurturing_samples,
    plans,
    routing_samples,
    samples,
    setup_samples,
    upload_samples,
    weeks,
)
from tests.slack.blocks.samples import EMPTY, HOSTILE, INFO, LEADS, NOW, OTHER, happened, member, view

LANGUAGES = [Translator(locale, "Asia/Tokyo") for locale in Locale]
REPLIES: dict[str, dict[str, Any]] = {
    "crm_decided": {"by": HOSTILE},
    "crm_settled": {},
    "crm_gone": {},
    "undo_over": {},
    "proposal_closed": {"number": 2},
    "undo_not_yours": {"by": HOSTILE},
    "undo_overtaken": {"by": HOSTILE, "number": 12},
    "undo_changed": {"number": 12},
    "undone_already": {"number": 12},
    "touch_not_owner": {},
    "touch_before_contact": {},
    "already_accepted": {"by": HOSTILE},
    "already_yours": {},
    "not_offered": {"number": 12},
    "pause_turns_not_allowed": {},
    "turns_paused_already": {"by": HOSTILE},
    "route_not_allowed": {},
    "already_contacted": {},
    "not_allowed": {},
    "owner_changed": {"rep": HOSTILE},
    "disposed_already": {},
    "erased": {},
    "withdrawn": {"number": 12},
    "imported": {"number": 12},
    "withdraw_done": {"number": 12},
    "withdraw_not_allowed": {},
    "has_outcome": {"number": 12},
    "not_found": {"number": 12},
    "bad_number": {},
    "no_open_mqls": {},
    "list_word": {},
    "several_nothing": {},
    "not_accepted": {"number": 12},
    "owner_has_not_accepted": {"rep": HOSTILE, "number": 12},
    "not_qualified": {"number": 12},
    "not_disqualified": {"number": 12},
    "dispute_not_allowed": {},
    "disputed_already": {"by": HOSTILE},
    "upheld_already": {"by": HOSTILE},
    "decide_not_allowed": {},
    "decided_already": {"by": HOSTILE},
    "dispute_over": {"number": 12},
    "lead_is_back": {"number": 12},
    "merged": {"number": 12},
    "merged_already": {"number": 12},
    "merge_not_allowed": {},
    "merge_with_itself": {},
    "merge_has_outcome": {"number": 12},
    "merge_into_closed": {"number": 12},
    "merge_other_way": {"number": 12},
    "merge_done": {"number": 12, "into": 7, "days": 7},
    "merge_undone": {"number": 12},
    "merge_two_numbers": {},
    "not_merged": {"number": 12},
    "merged_long_ago": {"number": 12},
    "not_on_roster": {},
    "not_owner": {},
    "report_not_allowed": {},
    "list_not_allowed": {},
    "counting": {},
    "reader_gone": {},
    "count_failed": {},
    "bad_month": {"example_month": HOSTILE},
    "bad_week": {"example_week": HOSTILE},
    "report_ahead": {"period": HOSTILE},
    "back": {},
    "away_bad_date": {},
    "reminded": {"rep": HOSTILE},
    "reminded_several": {"count": 20},
    "reminded_some": {"count": 20, "left": 3},
    "reminded_nobody": {},
    "just_reminded": {"by": HOSTILE},
    "form_expired": {},
    "form_uncertain": {},
    "new_created": {"number": 12},
    "new_repeated": {"number": 12},
    "layout_gone": {},
    "unreadable_done": {},
    "rule_known": {},
    "rule_gone": {},
    "same_owner": {},
    "cannot_take": {},
    "nobody_free": {"number": 12},
    "paused_already": {},
    "nothing_runs": {},
    "not_paused": {},
    "consent_not_allowed": {},
    "consent_decided_already": {"by": HOSTILE},
    "consent_over": {"number": 12},
    "still_paused": {"until": HOSTILE},
    "only_reps": {},
    "search_words": {},
    "search_nothing": {"words": HOSTILE},
    "search_nothing_among": {"words": HOSTILE, "newest": "20,000"},
    "talk_help": {},
    "talk_accept": {},
    "talk_outcome": {},
    "talk_mine": {"count": 3},
    "talk_nothing_open": {},
    "talk_found": {"count": 3},
    "talk_away": {"days": HOSTILE},
    "talk_away_when": {},
    "talk_away_who": {},
    "talk_away_confirm": {"rep": HOSTILE, "days": HOSTILE},
    "talk_team": {},
    "name_unknown": {"typed": HOSTILE},
    "name_unknown_near": {"typed": HOSTILE, "names": HOSTILE},
    "person_not_on_roster": {},
    "away_who_several": {"names": HOSTILE},
    "absence_set": {"rep": HOSTILE},
    "absence_cancelled": {},
    "trip_at_work": {},
    "talk_back": {},
    "away_others_not_allowed": {},
    "absence_gone": {},
    "absence_overruled": {},
    "cover_done": {"count": 3, "rep": HOSTILE},
    "cover_kept": {},
    "cover_nothing": {},
    "cover_taken_back": {"count": 3, "rep": HOSTILE},
    "cover_left": {"count": 3, "rep": HOSTILE},
    "owner_away": {"rep": HOSTILE},
    "owner_not_away": {"rep": HOSTILE},
    "nobody_to_cover": {},
    "not_away": {},
    "intake_not_allowed": {},
    "resent": {"count": 3},
    "audit_not_allowed": {},
    "resend_nothing": {},
    "resend_not_allowed": {},
    "kpi_not_allowed": {},
    "settings_not_allowed": {},
    "sources_not_allowed": {},
    "source_gone": {},
    "checkup_not_allowed": {},
    "action_done": {"what": HOSTILE, "by": HOSTILE},
    "action_done_already": {"what": HOSTILE, "by": HOSTILE},
    "action_gone": {},
    "action_is_done": {"by": HOSTILE},
    "action_is_open": {},
    "action_moved_on": {"by": HOSTILE},
    "meeting_held_already": {},
    "meeting_future": {},
    "meeting_begins_later": {"at": "15:00"},
    "noise_not_allowed": {},
    "propose_not_allowed": {},
    "definition_unchanged": {"number": 2},
    "definition_gone": {},
    "agree_not_allowed": {},
    "agreed_already": {"number": 2},
    "replaced": {"number": 3},
    "side_agreed": {"number": 2},
    "own_week_on": {},
    "own_week_off": {},
    "own_week_off_already": {},
    "own_week_only_reps": {},
    "upload_not_allowed": {},
    "upload_moved_on": {},
}


ODD_ALERTS = [
    samples.alert(AlertKind.TICKS_STOPPED, since=None),
    samples.alert(AlertKind.MESSAGES_REFUSED, target="", error=HOSTILE, count=1),
    samples.alert(AlertKind.MESSAGES_REFUSED, target=HOSTILE, error="account_inactive"),
    samples.alert(AlertKind.NOBODY_AVAILABLE, back=None),
    samples.alert(AlertKind.INTAKE_SILENT, source="notification"),
    samples.alert(AlertKind.CLOCK_MOVED, seconds=10_800.0),
    samples.alert(AlertKind.CLOCK_WRONG, seconds=600.0),
]


Sample = Mapping[str, Sequence[Status]]
"""The sorts of leads of LEADS that are shown, and the states in which each is."""
FEW: Sample = dict.fromkeys(("full", "nasty"), (Status.ASSIGNED, Status.DISQUALIFIED))
"""The lead that fills every field and the hostile one, each in the state with the most to press and in one that is
over: enough for the second language, which differs by its words alone."""
MOST: Sample = {**dict.fromkeys(LEADS, (Status.ASSIGNED,)), **FEW, "full": tuple(Status)}
"""Every lead, and every state: what a lead lacks and what its state says stand in different lines of a message."""
WHOLE: Sample = dict.fromkeys(LEADS, tuple(Status))


def messages(t: Translator, sample: Sample) -> list[tuple[str, Message]]:
    """Each message once, with a name that says which it is: five of six are the same in another state."""
    made = _messages(t, sample)
    return list({_as_json([message.text, message.blocks]): (name, message) for name, message in made}.values())


def views(t: Translator, sample: Sample) -> list[tuple[str, dict[str, Any]]]:
    """Each modal and Home tab once, with a name that says which it is."""
    return list({_as_json(view): (name, view) for name, view in _views(t, sample)}.values())


def _as_json(looks: Any) -> str:
    return json.dumps(looks, ensure_ascii=False)  # in half the time: what is compared need not be sent


def _messages(t: Translator, sample: Sample) -> Iterator[tuple[str, Message]]:
    for lead, states in sample.items():
        values, text = LEADS[lead], HOSTILE if lead == "nasty" else "Sato"
        for status in states:
            shown = view(status, owner=text, comment=text, **values)
            parts = (_about(shown, text, t), _of_many(shown, text, t), _notes(shown, text, t))
            for name, message in itertools.chain.from_iterable(parts):
                yield f"{name} {status} {lead}", message
        open_now = [status for status in states if status in PAUSABLE]
        for status, late in itertools.product(open_now, (False, True)):
            stopped = samples.paused(view(status, owner=text, breached=late, **values), text, late=late)
            of_many = _of_many(stopped, text, t) if late else ()
            for name, message in itertools.chain(_about(stopped, text, t), of_many):
                yield f"{name} {status} paused {late} {lead}", message
        pressed = view(Status.CONTACTED, owner=text, **(values | {"contact_evidence": Evidence.BUTTON}))
        for name, message in _about(pressed, text, t):
            yield f"{name} pressed {lead}", message
    for name, message in _others(t):
        yield name, message


PAUSABLE = (Status.ASSIGNED, Status.ACCEPTED, Status.UNASSIGNED)


def _about(shown: MqlView, text: str, t: Translator) -> Iterator[tuple[str, Message]]:
    many = samples.parts_of(timedelta(hours=99), timedelta(0), timedelta(0), *((text, timedelta(hours=1)),) * 99)
    yield "card", cards.card(shown, t, NOW)
    yield "card posted anew", posted_anew.card(cards.card(shown, t, NOW), "https://acme.slack.com/archives/C1/p1", t)
    yield "overdue card", cards.card(shown, t, NOW + timedelta(days=9))
    yield "card that mentions", cards.card(shown, t, NOW, mentioned=True)
    yield from _busy(shown, t)
    for reader in (None, "U1", "U2"):
        yield "assignment", direct_messages.assignment(shown, t, reader)
        yield "reminder", direct_messages.reminder(shown, t, timedelta(hours=4), reader)
        yield "nudge", direct_messages.nudge(shown, t, text, reader)
        yield "feedback reminder", direct_messages.feedback_reminder(shown, t, timedelta(days=1), reader)
    on_leave = replace(shown, owner=member(text, away_until=NOW + timedelta(days=2)), cover=member(text, "U1"))
    covered = replace(on_leave, mql=shown.mql.model_copy(update={"cover": "U1"}))
    yield "covered card", cards.card(covered, t, NOW)
    yield "request to cover", direct_messages.assignment(covered, t, "U1")
    yield "overdue, owner away", direct_messages.feedback_overdue(replace(on_leave, cover=None), t, NOW)
    yield "earlier reminder", direct_messages.reminder(shown, t, timedelta(0), earlier=True)
    yield "earlier feedback reminder", direct_messages.feedback_reminder(shown, t, timedelta(0), earlier=True)
    yield "feedback due", direct_messages.feedback_reminder(shown, t, timedelta(0))
    nasty = tuple(INFO.model_copy(update={"key": f"k{n:059}", "ja": text, "en": text}) for n in range(120))
    yield "card with many reasons", cards.card(replace(shown, reasons=nasty), t, NOW)
    for result in DealResult:
        decided = shown.mql.model_copy(update={"deal_result": result, "deal_result_at": NOW, "amount": 10**15 - 1})
        yield f"card {result}", cards.card(replace(shown, mql=decided), t, NOW)
        for actor, source in ((None, DealSource.FILE), (None, DealSource.CRM), (text, None)):
            entry = happened(EventType.DEAL, actor, None, result, None, amount=5_000_000, source=source)
            yield f"note {result}", cards.note(entry, shown, t)
    late = replace(shown, response=shown.response.model_copy(update={"breached_at": NOW}))
    for had in (None, text):
        yield "escalation", direct_messages.escalation(late, t, samples.escalated(had=had), samples.PARTS, "manager")
        yield (
            "escalation in time",
            direct_messages.escalation(shown, t, samples.escalated(had=had), samples.PARTS, "manager"),
        )
    yield (
        "escalation of many",
        direct_messages.escalation(late, t, samples.escalated("C1", 50.5, text, limit=24), many, "C1"),
    )
    offered = replace(late, mql=shown.mql.model_copy(update={"offered": True}))
    for offer in (offered, late, shown):
        yield "offer", direct_messages.offer(offer, t)
    yield "unassigned", direct_messages.unassigned(shown, t)
    yield "unassigned, kept", direct_messages.unassigned(replace(shown, kept=KeptFor(text, NOW)), t)
    yield "owner left", direct_messages.owner_left(shown, t, shown.mql.owner)
    yield "owner left, given to another", direct_messages.owner_left(shown, t, "U9")
    yield from _disputes(shown, text, t)
    yield from _pauses(shown, text, t)
    yield from _asked(shown, text, t)
    yield from _told_to_marketing(shown, text, t)
    yield from _identity(shown, text, t)
    for whom in ("U1", "U2", text):
        yield "unreachable", direct_messages.unreachable(shown, t, whom, text, text)
    yield "feedback overdue", direct_messages.feedback_overdue(shown, t)


def _of_many(shown: MqlView, text: str, t: Translator) -> Iterator[tuple[str, Message]]:
    """Lists of the same MQL over and over: a row says less of a state than a message of its own."""
    yield "list", replies.mql_list([shown] * 99, t, NOW)
    first = replies.private(Reply.NO_OPEN_MQLS, t)
    yield "accept first", replies.accept_first(first, [shown], t)
    yield "accept many first", replies.accept_first(first, [shown] * 99, t)
    yield "digest", digest.weekly(_overdue(shown), t)
    yield "digest with disputes", digest.weekly(samples.report(undecided=Undecided(99, 12, NOW)), t)
    yield "digest to look at", digest.weekly(_overdue(shown), t, may_act=False)
    yield "digest, whole", digest.weekly(_overdue(shown), t, whole=True)
    yield "overdue", digest.overdue_list("waiting", Overdue(99, (shown,) * replies.LISTED), t, NOW)
    yield from _absences(shown, text, t)
    reopened = Heard(shown, happened(EventType.REOPENED, text, None, Status.ACCEPTED))
    yield "outcomes of a day", marketing_updates.day([reopened] * 99, NOW, t)


def _busy(shown: MqlView, t: Translator) -> Iterator[tuple[str, Message]]:
    busy = samples.undoable(samples.promised(shown))
    yield "card with everything to press", cards.card(busy, t, NOW)
    yield "assignment with everything to press", direct_messages.assignment(busy, t, "U1", NOW)
    for touched, reader in itertools.product((shown, samples.promised(shown)), ("U1", "U2")):
        yield f"next touch {reader}", next_touch_reminder.reminder(touched, t, reader)


def _notes(shown: MqlView, text: str, t: Translator) -> Iterator[tuple[str, Message]]:
    """A note knows no clock: a pause, a delay or a button that was pressed makes no other one of it."""
    for kind in EventType:
        entry = happened(kind, text, text, text, text, message=text, clock=ClockKind.RESPONSE, **samples.WAS)
        yield f"note {kind}", cards.note(entry, shown, t)
        yield f"note {kind} by the bot", cards.note(happened(kind, **samples.WAS), shown, t)
    for kind, evidence in itertools.product((EventType.CONTACTED, EventType.EVIDENCE), Evidence):
        entry = happened(kind, text, Status.UNASSIGNED, text, text, evidence=evidence)
        yield f"note {kind} {evidence}", cards.note(entry, shown, t)
        for actor in (None, text):
            entry = happened(kind, actor, Status.UNASSIGNED, text, text, evidence=evidence, reported=True)
            yield f"note {kind} {evidence} reported", cards.note(entry, shown, t)


def _identity(shown: MqlView, text: str, t: Translator) -> Iterator[tuple[str, Message]]:
    for times in (0, 1, 2, 40):
        words = tuple(Words(NOW, text or "?") for _ in range(times))
        for owned in (True, False):
            everything = samples.related(shown, words, owned=owned)
            yield f"card with {times} texts, {owned}", cards.card(everything, t, NOW)
            yield f"assignment with {times} texts, {owned}", direct_messages.assignment(everything, t)
            yield f"lead back, {owned}", identity.lead_back(everything, t)
        for reader in ("U1", "U2"):
            yield f"new words {times} {reader}", identity.new_words(shown, words, t, reader)
    gone = replace(shown, mql=shown.mql.model_copy(update={"status": Status.WITHDRAWN, "merged_into_id": 3}))
    yield "merged card", cards.card(samples.related(gone, ()), t, NOW)
    yield "merged card, unrelated", cards.card(gone, t, NOW)
    sides: list[dict[str, Any]] = [{"into": 7}, {"number": 12, "mql": 3, "filled": []}]
    for kind, data in itertools.product(samples.MERGES, sides):
        entry = happened(kind, text, **data)
        yield f"{kind} {data}", identity.merged(samples.related(shown, (Words(NOW, text),)), entry, t)
        yield f"note {kind} {data}", cards.note(entry, shown, t)


def _asked(shown: MqlView, text: str, t: Translator) -> Iterator[tuple[str, Message]]:
    for why, reader in itertools.product(AskWhy, ("U1", "U2")):
        yield f"asked {why} {reader}", followup_question.asked(shown, why, t, reader)
        yield f"note asked {why}", cards.note(happened(EventType.ASKED, None, text, why=why), shown, t)


def _disputes(shown: MqlView, text: str, t: Translator) -> Iterator[tuple[str, Message]]:
    opened = happened(EventType.DISPUTED, text, Status.DISQUALIFIED, Status.DISQUALIFIED, text)
    disputed = replace(shown, mql=shown.mql.model_copy(update={"disputed_at": NOW}))
    yield "disputed card", cards.card(disputed, t, NOW)
    yield "disputable note", cards.note(opened, shown, t, None, [disputes.button(shown, t)])
    yield "dispute", disputes.asked(disputed, opened, None, t)
    yield "dispute, needless", disputes.asked(shown, opened, None, t)
    for kind in (EventType.UPHELD, EventType.REOPENED):
        decision = happened(kind, text, Status.DISQUALIFIED, Status.ACCEPTED, turn="taken_again")
        yield f"dispute {kind}", disputes.asked(shown, opened, decision, t)
        yield f"dispute decided: {kind}", disputes.decided(shown, decision, t)
        yield f"note {kind} with turn", cards.note(decision, shown, t)
    corrected = happened(EventType.CORRECTED, text, Status.DISQUALIFIED, Status.QUALIFIED)
    yield "dispute decided by a correction", disputes.decided(shown, corrected, t)
    given_back = happened(EventType.DISPOSED, text, Status.ACCEPTED, Status.DISQUALIFIED, turn="given_back")
    yield "note of a turn given back", cards.note(given_back, shown, t)
    for reader in ("U1", "U2"):
        yield f"reopened {reader}", disputes.reopened(shown, opened, text, t, reader)


def _pauses(shown: MqlView, text: str, t: Translator) -> Iterator[tuple[str, Message]]:
    asked = happened(EventType.PAUSE_ASKED, text, None, None, text, pauses=3, days=12)
    begun = happened(EventType.PAUSED, text, None, None, text, pauses=1, days=1, request=1)
    refused = happened(EventType.PAUSE_REFUSED, text, None, None, text, request=1)
    yield "note of a consent", cards.note(begun, shown, t)
    carried = happened(EventType.ACCEPTED, text, until=(NOW + timedelta(days=2)).isoformat())
    yield "note of a pause that goes on", cards.note(carried, shown, t)
    for waits in (True, False):
        yield f"pause asked, waits: {waits}", pauses.request(shown, asked, None, t, waits=waits)
    for decision in (begun, refused):
        yield f"pause asked, {decision.event.type}", pauses.request(shown, asked, decision, t, waits=False)
        yield f"pause decided, {decision.event.type}", pauses.decided(shown, decision, t)
    yield "paused overdue", pauses.paused_overdue(shown, begun, t)
    for reader, actor in itertools.product(("U1", "U2"), (None, text)):
        yield f"pause over {reader}", pauses.over(shown, happened(EventType.RESUMED, actor), t, reader)


def _told_to_marketing(shown: MqlView, text: str, t: Translator) -> Iterator[tuple[str, Message]]:
    after = (*Disposition, *DealResult, None)
    for kind, word in itertools.product((EventType.DISPOSED, EventType.CORRECTED, EventType.DEAL), after):
        heard = Heard(shown, happened(kind, text, None, word, amount=10**15 - 1))
        yield f"outcome {kind} {word}", marketing_updates.outcome(heard, t)
    undone = Heard(shown, happened(EventType.UNDONE, text, None, None, **samples.WAS))
    yield "outcome undone", marketing_updates.outcome(undone, t)
    reopened = Heard(shown, happened(EventType.REOPENED, text, None, Status.ACCEPTED))
    yield "outcome reopened", marketing_updates.outcome(reopened, t)


def _odd_alerts(t: Translator) -> Iterator[tuple[str, Message]]:
    for trouble in (Trouble.FULL, Trouble.DAMAGED, Trouble.REPLACED):
        yield f"database {trouble}", alerts.database(trouble, t)
    yield "database over", alerts.database_over(t)
    for number, odd in enumerate(ODD_ALERTS):
        yield f"odd alert {number}", alerts.alert(odd, {}, t)


def _crm_conflicts(t: Translator) -> Iterator[tuple[str, Message]]:
    """Every field that a CRM and the bot may hold otherwise, as it waits and as it was decided."""
    shown = view(Status.ACCEPTED, company=HOSTILE)
    values = {
        CrmField.OWNER: HOSTILE,
        CrmField.STATUS: Status.ACCEPTED,
        CrmField.STAGE: Status.QUALIFIED,
        CrmField.DISPOSITION: Disposition.RECYCLED,
        CrmField.LOST_REASON: HOSTILE,
        CrmField.SLA_DUE: "2026-11-18T01:00:00Z",
        CrmField.DEAL: '{"amount": 5000000, "on": "2026-11-18", "result": "won"}',
    }
    yield "conflict, gone", crm_conflicts.asked(shown, 1, None, t)
    for field, ours in values.items():
        for decision in (None, *CrmDecision):
            base, theirs = ("{}", "{}") if field == CrmField.DEAL else (HOSTILE, "")
            sides = ConflictView("HubSpot", field, base, theirs, None, ours, HOSTILE, decision, HOSTILE, NOW)
            yield f"conflict {field} {decision}", crm_conflicts.asked(shown, 1, sides, t)


def _others(t: Translator) -> Iterator[tuple[str, Message]]:
    for key, values in REPLIES.items():
        yield f"reply {key}", replies.stored(f"reply.{key}", t, **values)
    yield "help", replies.help_text(help_lines(), t)
    yield "empty list", replies.mql_list([], t)
    for kind in AlertKind:
        yield f"alert {kind}", alerts.alert(samples.alert(kind), {"U1": HOSTILE}, t)
        yield f"alert {kind}, closed", alerts.alert(samples.alert(kind, closed=True), {}, t)
        yield f"alert {kind}, over", alerts.over(samples.alert(kind), t)
    yield from _odd_alerts(t)
    yield from _crm_conflicts(t)
    yield from routing_samples.messages(t)
    yield from _listed(t)
    yield "unreachable channel", direct_messages.channel_unreachable("C9", HOSTILE, t)
    yield "digest, taken back", digest.erased("2026-W47", t)
    yield from _queued(t)
    yield "checkup reminder, first", checkup.reminder(None, t)
    for name, result in plans.RESULTS.items():
        yield f"checkup reminder, {name}", checkup.reminder(result, t)
    yield "digest with a plan", digest.weekly(samples.report(plan=plans.PROGRESS), t)
    for name, report in monthly_samples.REPORTS.items():
        yield f"monthly {name}", monthly.report(report, t)
    for name, checked in monthly_samples.CHECKS.items():
        yield f"scoring {name}", scoring.check(checked, t)
    for name, supplied in nurturing_samples.WEEKS.items():
        yield (
            f"digest with leads, {name}",
            digest.weekly(samples.report(nurturing=supplied), t, whole=True, marketer=True),
        )
        month = replace(monthly_samples.REPORTS["forty"], nurturing=supplied)
        yield f"monthly with leads, {name}", monthly.report(month, t)
    yield from meetings.messages(t)
    yield from definitions.messages(t)
    yield from upload_samples.messages(t)
    yield "digest with actions", digest.weekly(samples.report(actions=(meetings.action(),) * 99), t)
    for size in weeks.SIZES:
        yield f"digest of {size}", digest.weekly(weeks.week(size), t)
        below = digest_people.people(weeks.week(size), t), digest_trend.trend(weeks.trend(size), t)
        yield from ((f"below the digest of {size}", message) for message in below if message is not None)
    for name, own in weeks.OWN.items():
        mine = own_week.own_week(own, t)
        yield f"own week, {name}", mine
    yield "nothing overdue", digest.overdue_list("open_debt", Overdue(0), t, NOW)
    yield "empty digest", digest.weekly(samples.report(EMPTY, EMPTY, reps=()), t)
    nasty = INFO.model_copy(update={"ja": HOSTILE, "en": HOSTILE})
    reps = tuple(samples.rep_week(HOSTILE, 3, 2) for _ in range(99))
    worst = samples.report(samples.figures(lost_reasons=((nasty, 3),) * 99), reps=reps)
    yield "nasty digest", digest.weekly(worst, t, whole=True)
    named = digest_people.people(worst, t)
    assert named is not None
    yield "nasty people", named


def _overdue(shown: MqlView) -> WeeklyReport:
    return samples.report(waiting=Overdue(99, (shown,) * 10), debt=Overdue(99, (shown,) * 10))


def _views(t: Translator, sample: Sample) -> Iterator[tuple[str, dict[str, Any]]]:
    for lead, states in sample.items():
        values, text = LEADS[lead], HOSTILE if lead == "nasty" else "Sato"
        for status in states:
            shown = view(status, owner=text, comment=text, **values)
            for name, modal in _modals(shown, text, t):
                yield f"{name} {status} {lead}", modal
        shown = view(owner=text, comment=text, **values)
        for name, tab in _tabs(shown, text, t):
            yield f"{name} {lead}", tab
    yield "new", intake.new_mql(t)
    yield "new, known channels", intake.new_mql(t, channels=[f"channel {n}" for n in range(120)])
    nasty = dict.fromkeys(("company", "person", "email", "phone", "channel", "score", "message", "?"), HOSTILE)
    yield "new, nasty", intake.new_mql(t, prefill=nasty, unreadable_id=4)
    read = {name: HOSTILE for name in ("title", "campaign", "form", "score_reason", "external_id", "crm_url")}
    attributes = {f"{HOSTILE}{number}": HOSTILE for number in range(50)}
    yield "new, with what was read", intake.new_mql(t, prefill=read | {"attributes": attributes}, unreadable_id=4)
    yield from _senders(t)
    yield from _sources(t)
    yield from routing_samples.views(t)
    yield "notice", forms.notice("notice.title", HOSTILE, t)
    yield "pick nothing", feedback_blocks.pick([], t)
    yield from meetings.views(t)
    yield from definitions.views(t)
    yield from upload_samples.views(t)
    yield from setup_samples.views(t)
    for name, target in plans.TARGETS.items():
        yield f"target form {name}", kpi.form(target, (9, 40), (9, 60), (41, 450), plans.MONTHS, t)
        yield f"target {name}", kpi.page(plans.page(target), t)
        yield f"target {name}, nasty", kpi.page(plans.page(target, by=HOSTILE, able=None, before=True), t)
    for name, sight in plans.SIGHTS.items():
        for answer in (None, *Answer):
            before = dict.fromkeys(Point, answer) if answer else {}
            yield f"checkup questions {name} {answer}", checkup.form(sight, before, t)
    for name, result in plans.RESULTS.items():
        yield f"checkup {name}", checkup.page(result, t)
    yield "target form", kpi.form(None, (0, 0), (0, 0), (0, 0), plans.MONTHS, t)
    yield "target form, few leads", kpi.form(None, (0, 0), (0, 0), (2, 20), plans.MONTHS, t)
    yield "target without reps", kpi.page(plans.page(plans.EXAMPLE, reps=0), t)
    measured = replace(plans.page(plans.EXAMPLE), lead_rate=Rate.own(41, 450))
    yield "target with measured leads", kpi.page(measured, t)
    yield "target beyond the team", kpi.page(plans.page(plans.EXAMPLE, able=3), t)


def _modals(shown: MqlView, text: str, t: Translator) -> Iterator[tuple[str, dict[str, Any]]]:
    nasty = INFO.model_copy(update={"ja": text, "en": text, "comment_required": True})
    for disposition in (None, *Disposition):
        prefill = samples.feedback(disposition, text) if disposition else None
        yield f"feedback {disposition}", feedback_blocks.feedback(shown, [INFO, OTHER], t, disposition=disposition)
        yield f"feedback {disposition} again", feedback_blocks.feedback(shown, [nasty] * 120, t, prefill=prefill)
        decided = shown.mql.model_copy(update={"deal_result": "won", "deal_result_at": NOW, "amount": 10**15 - 1})
        yield (
            f"feedback {disposition}, won",
            feedback_blocks.feedback(replace(shown, mql=decided), [], t, prefill=prefill),
        )
        yield f"feedback {disposition} back", feedback_blocks.feedback(shown, [INFO], t, prefill=prefill, back_as=34)
        yield f"feedback {disposition} no reasons", feedback_blocks.feedback(shown, [], t, disposition=disposition)
    people = [member(text, f"U{i}", away_until=NOW + timedelta(days=1)) for i in range(120)]
    gone = samples.absence()
    left = Waiting(member(text), (shown,) * 120, tuple(people))
    for known in ([], [gone], [gone] * 120):
        yield "away", absences.form(member(text), known, absences.presets(NOW), people, t, NOW, "U1")
    logged = samples.audited(text)
    first = audit.Page(Filter())
    yield "audit", audit.page(logged, 10**6, first, ["U1"] * 200, {"U1": text}, t)
    yield "audit, filtered", audit.page([], 0, audit.Page(Filter(AuditKind.ROLE, "U1"), 20), ["U1"], {}, t)
    yield "team", menu.team_page(Board((samples.of_rep(text),) * 60, 12, 2, 1), t)
    yield "my list", menu.list_page([shown] * 120, t, NOW)
    yield "commands", menu.commands_page(help_lines(), t)
    for reading in (None, samples.calendar_link(), samples.calendar_link("not_a_calendar")):
        yield "calendar", calendars.form(reading, [gone] * 120 if reading else [], t)
    yield "away, nobody chosen", absences.form(None, [], absences.presets(NOW), people, t, NOW, "U1")
    for own in (True, False):
        yield "away, said", absences.announced_page(gone, left, t, of_reader=own)
    yield "reassign", decline_blocks.reassign(shown, people, t, NOW)
    yield "reassign to nobody", decline_blocks.reassign(shown, [], t)
    yield "decline", handover.decline(shown, t)
    yield "uphold", disputes.uphold_form(shown, 4, t)
    yield "next touch", next_touch.form(shown, t, NOW.date())
    yield "next touch again", next_touch.form(samples.promised(shown), t, NOW.date())
    today = NOW.date()
    for last in (None, today, today + timedelta(days=5)):
        yield f"pause {last}", pauses.form(shown, last, t, today, lambda day: day)
    yield "pause refused", pauses.refuse_form(shown, 4, t)
    yield "how", contact.how(shown, t)
    yield "dispute", disputes.form(shown, t)
    yield "merge", merge.form(shown, [shown] * 120, t)
    yield "merge, nothing likely", merge.form(shown, [], t)
    yield "merge, found", merge.form(shown, [shown] * 120, t, text[: merge.LONGEST_SOUGHT])
    acts: list[Literal["merge", "undo"] | None] = ["merge", "undo", None]
    for times, act in zip((0, 1, 40), acts, strict=True):
        written = samples.related(shown, tuple(Words(NOW, text or "?") for _ in range(times)))
        yield f"page with {times} texts", mql_page.show(written, [], t, NOW, None, merge.offered(written, act, t))
    mqls = [shown.mql.model_copy(update={"id": number}) for number in range(120)]
    views = [replace(shown, mql=mql) for mql in mqls]
    some = Bulk((), (Refused(Refusal.JUST_REMINDED, HOSTILE, 12), Refused(Refusal.NOBODY_FREE, number=13)))
    for ticked in (True, False):
        yield "reassign several", bulk.reassign(views * 40, [member(HOSTILE)] * 120, t, NOW, ticked=ticked, home=ticked)
    yield "remind several", bulk.remind(views * 40, t)
    yield "nothing to reassign", bulk.reassign([], [], t, NOW, ticked=True, home=False)
    yield "nothing to remind", bulk.remind([], t)
    for key in ("reassign", "remind"):
        yield f"{key} done", bulk.done(key, some, t)
        yield f"{key} done, all", bulk.done(key, Bulk((Done(shown.mql, 1),) * 20, ()), t)
        yield f"{key} done, none", bulk.done(key, Bulk((), ()), t)
    yield "several", several_outcomes.several([replace(shown, mql=mql, reasons=(nasty,) * 120) for mql in mqls], t)
    yield "pick", feedback_blocks.pick([shown] * 120, t)
    for verdict in AssignmentVerdict:
        yield (
            f"why {verdict}",
            assignment_blocks.why(shown, samples.decision(*[(text, verdict, 3)] * 40, chosen=text), t),
        )
        yield (
            f"why {verdict}, by share",
            assignment_blocks.why(shown, samples.by_ledger(*[(text, verdict, 3)] * 40, chosen=text), t),
        )
    yield "why nobody", assignment_blocks.why(shown, samples.decision(chosen=None), t)
    waits = samples.by_ledger((text, "eligible", 0), (text, "expected", -1.5), chosen=None)
    yield "why kept", assignment_blocks.why(shown, waits, t)
    timeline = [happened(kind, text, text, text, text, hours=48, **samples.WAS) for kind in EventType] * 5
    past = [ConflictView(text, CrmField.STAGE, text, text, None, Status.QUALIFIED, text, CrmDecision.OURS, text, NOW)]
    scores = [ScoreView(NOW, 1_000_000, before, why) for before, why in ((None, ""), (-5, ""), (0, text))] * 4
    emails = [EmailView(kind, 1_234, NOW, label) for kind in list(EngagementKind)[1:] for label in ("", text)]
    engaged = [EngagementView(crm, scores, emails) for crm in CrmKind]
    yield "show", mql_page.show(shown, timeline, t, NOW, samples.PARTS, conflicts=past * 9, engaged=engaged)


QUEUE_ENTRIES = (samples.queue_entry, samples.held_entry)


def _absences(shown: MqlView, text: str, t: Translator) -> Iterator[tuple[str, Message]]:
    people = [member(text, f"U{i}") for i in range(120)]
    for views in ((), (shown,), (shown,) * 120):
        waits = Waiting(member(text), views, tuple(people))
        yield "away", absences.announced(samples.absence(), waits, t, of_reader=False)
        yield "absence began", absences.began(samples.absence(), waits, t)
        yield "absence over", absences.over(samples.absence(), [Covered(person, views) for person in people[:15]], t)
        yield "list of others", menu.listed(Mrkdwn("*MQL #12*"), views, t, NOW)
        yield "what to do", made(Mrkdwn("*MQL #12*"), menu.to_do(Mrkdwn("*MQL #12*"), views, t, NOW, people[0]))
    yield "team", menu.team_board(Board((samples.of_rep(text),) * 60, 12, 2, 1), t)
    for roles in (("rep",), ("marketer",), ("manager", "rep")):
        yield "help", menu.help_by_role(member(roles=roles), t)
        yield "unknown", menu.unknown(text, "list", member(roles=roles), t)
    yield "unknown, like nothing", menu.unknown(text, None, None, t)
    yield "absence over, nothing covered", absences.over(samples.absence(), [], t)
    for learnt in ([], [samples.absence(AbsenceSource.CALENDAR)], [samples.absence(AbsenceSource.STATUS)] * 120):
        yield "absences learnt", calendars.learnt(learnt, t)
    for code in ("read", *CODES):
        yield "trip", calendars.trip(Days(NOW.date(), NOW.date()), AbsenceSource.STATUS, "U1", t)
        yield "calendar news", calendars.news(code, t)
    yield "absence set", absences.set_by(samples.absence(), text, t)


def _listed(t: Translator) -> Iterator[tuple[str, Message]]:
    """Lists of every kind of row: hostile names, nobody's, over, by day and by night."""
    nasty, nobodys = samples.view(owner=HOSTILE, company=HOSTILE), samples.view(Status.UNASSIGNED, company=HOSTILE)
    for over in (False, True):
        for shown in (nasty, nobodys):
            had = HOSTILE if shown is nasty else None
            rows = [samples.listed_row(kind, shown, over=over, had=had) for kind in kinds.HOLDABLE]
            yield f"list, {over}", listed.listed(rows * 20, 7, t, NOW, by_day=False)
            for row in rows:
                yield f"list of {row.kind}, {over}", listed.listed([row, row], 7, t, NOW, by_day=True)
    nudges = [samples.listed_row(MessageKind.REMINDER, nasty, actor=HOSTILE)] * 100
    yield "list of nudges", listed.listed(nudges, 7, t, NOW, by_day=True)


def _queued(t: Translator) -> Iterator[tuple[str, Message]]:
    for text in ("Plan", HOSTILE):
        rules = (samples.sender_rule(text), samples.sender_rule(text, headline=None))
        for state in UnreadableState:
            for kept in ((), *((rule,) for rule in rules)):
                entry = replace(samples.queue_entry(text, state=state, reason=text), rules=kept)
                yield f"unreadable {state}", queue.note(entry, t)
        for kind in get_args(guesses.Kind):
            guess = {"parts": ["a"], "unsure": [kind], "field": "message", "about": text}
            values: dict[str, Any] = {"guess": guess, "lead": {"company": text}, "reason": f"guess_{kind}"}
            guessed = samples.queue_entry(text, **values)
            yield "guessed", queue.note(guessed, t)
            yield "guesses, waiting", queue.waiting([guessed], t)
        yield (
            "remembered",
            queue.note(
                samples.queue_entry(text, state=UnreadableState.ENTERED, mql_id=1, guess={"remembered": True}), t
            ),
        )
        yield "unreadable, completed", queue.note(replace(entry, by=None, number=12), t)
        for state in UnreadableState:
            yield f"held {state}", queue.note(samples.held_entry(text, state=state), t)
        yield "held, completed", queue.note(replace(samples.held_entry(text, UnreadableState.ENTERED), by=None), t)
        entries = [made(text, state=state) for state in UnreadableState for made in QUEUE_ENTRIES]
        for shown in (entries[:1], entries[1:2], entries, entries[2:], entries * 20):
            yield "queue", queue.waiting(shown, t)
            yield "queue, overdue", queue.overdue(shown, t)


def _senders(t: Translator) -> Iterator[tuple[str, dict[str, Any]]]:
    for text in ("Plan", HOSTILE):
        entry = samples.unreadable(text)
        for in_home in (False, True):
            yield "hand over", queue.hand_over_form(samples.held_entry(text).entry, t, from_home=in_home)
            yield "teach", senders.teach_form(entry, [entry] * 3, {text: "company"}, t, from_home=in_home)
        rules = [samples.sender_rule(text), samples.sender_rule(text, headline=None)]
        yield "rules", senders.rules_page(rules * 60, {"U1": text}, t)
        taught = SenderMapping(
            id=1, workspace_id="T1", sender="B1", number=30, fields={text: "company"}, by="U1", at=samples.NOW
        )
        apps = readers.rows([taught] * 60, {"B1": text}, t)
        yield "sources and readers", sources.page([samples.lead_source(text)] * 60, t, apps, may_add=True)
        confirmed = SenderLayout(
            id=1,
            workspace_id="T1",
            sender="B1",
            parts=[],
            unsure=[],
            by="U1",
            at=samples.NOW,
            fields={text: "company"},
            reads=[*FIELDS],
        )
        known = readers.layout_rows([confirmed] * 60, {"B1": text}, {"U1": text}, t)
        yield "sources and layouts", sources.page([samples.lead_source(text)], t, known, may_add=True)
        changed: dict[str, str | None] = {f"{text}{number}": name for number, name in enumerate([*FIELDS, None])}
        versions = [Edition(version, "U1", samples.NOW, changed) for version in range(30, 0, -1)]
        for shown in (versions, versions[-1:]):
            yield "reader", readers.form(taught, {"B1": text}, shown, {"U1": text}, t)
    yield "no rules", senders.rules_page([], {}, t)


def _sources(t: Translator) -> Iterator[tuple[str, dict[str, Any]]]:
    for text in ("Plan", HOSTILE):
        known = [samples.lead_source(text, state=state) for state in (None, *DeliveryState)]
        yield "sources", sources.page(known, t, may_add=True)
        yield "many sources", sources.page(known * 30, t, may_add=True)
        names = [name for name in FIELDS]
        proposals = [Proposal(text, text, name, confidence) for name in names for confidence in (0.0, 0.6, 1.0)]
        editions = [Edition(version, text, samples.NOW, {}) for version in range(1, 30)]
        limits = [
            sources.organization(organization, t, may_change=may)
            for organization in (None, "0" * 18)
            for may in (False, True)
        ]
        yield "source", sources.form(known[-1], 1, proposals * 3, t, editions, {text: text}, limits[2:3])
        for limit in limits:
            yield "source without a delivery", sources.form(known[-1], None, [], t, organizations=[limit])
    yield "no sources", sources.page([], t, may_add=True)
    yield "source without a lead", sources.form(known[-1], 1, [], t)


def _tabs(shown: MqlView, text: str, t: Translator) -> Iterator[tuple[str, dict[str, Any]]]:
    boss = member(text, roles=("rep", "manager", "admin"), away_until=NOW + timedelta(days=1))
    reasons = tuple(INFO.model_copy(update={"key": f"k{n:059}", "ja": text, "en": text}) for n in range(120))
    crowd = (replace(shown, reasons=reasons),) * 120
    unread = (samples.queue_entry(text), samples.queue_entry(text, text), samples.held_entry(text)) * 40
    archived = samples.refused(MessageKind.DIGEST, "C9", "is_archived")
    refused = ((archived, None), (samples.refused(MessageKind.CARD, text, text), 99_999_999)) * 60
    entry = happened(EventType.DISPUTED, text, Status.DISQUALIFIED, Status.DISQUALIFIED, text)
    disputed = tuple(OpenDispute(lead, replace(entry, actor=actor)) for lead in crowd[:60] for actor in (text, None))
    kept = [replace(lead, kept=KeptFor(text, NOW)) for lead in crowd[:10]]
    asked = samples.happened(EventType.PAUSE_ASKED, text, after=NOW.isoformat(), reason=text, days=3, pauses=2)
    reps = [samples.of_rep(text, overdue=number % 2, away=number % 3 == 0) for number in range(40)]
    of_team = samples.team_view(*kept, reps=reps, requests=(PauseRequest(crowd[0], asked),) * 40)
    item = ActionItem(id=1, workspace_id="T1", what=text, owner="U1", due_on="2026-11-23", by="U2", at=NOW)
    row = Became(text, text, 9, 8, 7, 6, 5)
    version = definitions.version(agreed_at=NOW).row
    marketing = Marketing((row,) * 20, (row, Became(None, None, 1, 0, 0, 0, 0)) * 10, version, version)
    known = Health(tuple(samples.alert(kind) for kind in AlertKind), (samples.lead_source(text),) * 60, refused, 120)
    full = samples.home_view(
        boss,
        first=First(Matter.OVERDUE, 120, crowd[0]),
        own=Own(*([crowd] * 6)),
        team=of_team,
        disputes=disputed,
        actions=(item,) * 40,
        unreadable=unread,
        sender_rules=3,
        marketing=marketing,
        health=known,
        gets_own_week=True,
    )
    for matter in Matter:
        yield f"home, {matter}", home.home(samples.home_view(boss, first=First(matter, 2, crowd[0])), t, NOW)
    yield "home, rules alone", home.home(samples.home_view(member(roles=("marketer",)), sender_rules=1), t, NOW)
    yield "home", home.home(full, t, NOW)
    yield "home of marketing", home.home(samples.home_view(member(roles=("marketer",)), disputes=disputed), t, NOW)
    for reader in (None, member(), boss):
        yield "empty home", home.home(samples.home_view(reader), t, NOW)
