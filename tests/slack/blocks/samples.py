"""MQLs, people and weeks as the screens get them, and what a reader sees of a message."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.core.agreement.rules import Rule
from bot.core.messages.kinds import KINDS
from bot.core.reports.figures import Contacts, Figures, RepWeek, WeeklyReport
from bot.core.reports.pauses import NO_PAUSES, Pauses
from bot.core.sla.time_breakdown import COLUMNS, Part, TimeBreakdown
from bot.core.views.board import Board, Filter, OfRep, Page
from bot.core.views.home import First, HomeView, Matter, TeamView
from bot.core.views.listed import ListedRow
from bot.core.views.mql import Candidate, Decision, MqlView, Other, Related, Timeline, Words
from bot.core.views.queue import QueueEntry
from bot.i18n import Translator
from bot.slack.blocks.base.kit import Message
from storage.models import (
    AS_RECEIVED,
    DECIDED,
    DISPOSED,
    Absence,
    Alert,
    Audit,
    CalendarLink,
    Clock,
    Event,
    Feedback,
    LeadSource,
    LostReason,
    Member,
    Mql,
    NextTouch,
    Outbox,
    SenderRule,
    Undo,
    Unreadable,
)
from storage.vocabulary import (
    AbsenceSource,
    AlertKind,
    AssignmentVerdict,
    AuditKind,
    ClockKind,
    ClockState,
    DealResult,
    DeliveryState,
    Disposition,
    Door,
    EventType,
    Evidence,
    Locale,
    MessageKind,
    OutboxState,
    Proof,
    Source,
    SourceKind,
    SourceState,
    Status,
    UnreadableState,
)

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
JA = Translator(Locale.JA, "Asia/Tokyo")
EN = Translator(Locale.EN, "Asia/Tokyo")
NOT_YET = (Status.UNASSIGNED, Status.ASSIGNED)

HOSTILE = (
    "<!channel> <@U0EVIL> <https://evil.example|click> & &amp; > *b* _i_ ~s~ `c` ``` \n\n\n |\u202e\u0000\ud83d"
    " \u05e9\u05dc\u05d5\u05dd 👨‍👩‍👧‍👦🏳️‍🌈 葛\U000e0100 a" + "\u0301" * 300 + "&" * 2000 + "👩🏽‍💻" * 1000
)[:5000]

INFO = LostReason(
    workspace_id="T1", key="gathering_information", position=0, ja="情報収集段階", en="Still gathering information"
)
OTHER = LostReason(workspace_id="T1", key="other", position=9, ja="その他", en="Other", comment_required=True)

FULL: dict[str, Any] = {
    "company": "Acme",
    "person": "Taro Yamada",
    "title": "IT manager",
    "email": "taro@acme.example",
    "phone": "+81 3-1234-5678",
    "channel": "Webinar",
    "campaign": "Autumn",
    "form": "Demo request",
    "score": 82,
    "score_reason": "Saw the prices three times",
    "message": "We would like a demo.\nNext week?",
    "crm_url": "https://crm.example/12",
    "attributes": {"Industry": "Steel", "Employees": 320, "Interests": ["MA", "SFA"]},
}
BARE: dict[str, Any] = {"email": "only@acme.example"}
NOTHING: dict[str, Any] = {"phone": None}
TEXTS = [name for name, value in FULL.items() if isinstance(value, str) and name != "crm_url"]
ERASED: dict[str, Any] = {"company": "Acme", "score": 82, "channel": "Webinar", "erased_at": NOW}
NASTY: dict[str, Any] = {
    **dict.fromkeys(TEXTS, HOSTILE),
    "score": 10**6,
    "crm_url": "javascript:alert(1)",
    "attributes": {HOSTILE: HOSTILE, "list": [HOSTILE] * 9, "deep": {"a": [1]}, "none": None, "": "", "flag": True},
}
LEADS = {"full": FULL, "bare": BARE, "nothing": NOTHING, "nasty": NASTY, "erased": ERASED, "nobody": {"erased_at": NOW}}


def member(name: str = "Sato", user_id: str = "U1", roles: tuple[str, ...] = ("rep",), **values: Any) -> Member:
    return Member(**{"id": 1, "workspace_id": "T1", "user_id": user_id, "name": name, "roles": list(roles), **values})


def absence(source: AbsenceSource = AbsenceSource.PERSON) -> Absence:
    until = NOW + timedelta(days=3)
    return Absence(id=4, workspace_id="T1", user_id="U1", from_at=NOW, until_at=until, set_by="U2", source=source)


def calendar_link(failure: str | None = None) -> CalendarLink:
    return CalendarLink(
        id=1,
        workspace_id="T1",
        user_id="U1",
        sealed="gAAAA",
        created_at=NOW,
        due_at=NOW,
        read_at=NOW,
        failure=failure,
        failing_since=NOW if failure else None,
    )


def clock(kind: ClockKind, due: datetime, state: ClockState = ClockState.RUNNING) -> Clock:
    stopped = None if state == ClockState.RUNNING else NOW
    return Clock(
        id=1,
        workspace_id="T1",
        mql_id=7,
        kind=kind,
        policy_id=1,
        started_at=NOW - timedelta(hours=5),
        round_from=NOW - timedelta(hours=5),
        counted_from=NOW - timedelta(hours=5),
        soon_at=due - timedelta(hours=1),
        due_at=due,
        breach_at=due,
        state=state,
        stopped_at=stopped,
    )


def mql(status: Status = Status.ASSIGNED, **lead: Any) -> Mql:
    disposed = status in DISPOSED
    values: dict[str, Any] = {
        "id": 7,
        "workspace_id": "T1",
        "number": 12,
        "source": Source.GENERIC,
        "status": status,
        "owner": None if status == Status.UNASSIGNED else "U1",
        "received_at": NOW - timedelta(hours=5),
        "read_at": NOW - timedelta(hours=5),
        "accepted_at": None if status in NOT_YET else NOW - timedelta(hours=2),
        "contacted_at": NOW - timedelta(hours=1) if disposed or status == Status.CONTACTED else None,
        "disposed_at": NOW if disposed else None,
        "import_id": 1 if status == Status.UNKNOWN else None,
    }
    if values["contacted_at"]:
        values["contact_evidence"] = Evidence.CALL
    given = lead or FULL
    came_with = {f"received_{name}": given.get(name) for name in AS_RECEIVED}
    return Mql(**(values | came_with | given))


MERGES = (EventType.MERGED, EventType.MERGED_IN, EventType.MERGE_UNDONE)


def related(shown: MqlView, words: tuple[Words, ...], *, owned: bool = True) -> MqlView:
    """The same with everything that may belong to an MQL beside it."""
    others = [
        Other(mql(status).model_copy(update={"number": number}), shown.owner if owned else None, permalink)
        for number, (status, permalink) in enumerate(
            (
                (Status.QUALIFIED, "https://acme.slack.com/archives/C1/p1"),
                (Status.CONTACTED, None),
                (Status.UNASSIGNED, None),
                (Status.ASSIGNED, "https://acme.slack.com/archives/C1/p2"),
            ),
            start=1,
        )
    ]
    lost = others[0].mql.model_copy(update={"deal_result": DealResult.LOST, "deal_result_at": NOW})
    former = replace(others[0], mql=lost)
    return replace(shown, related=Related(words, former, others[1], others[2], others[3], merged=(3, 5)))


def feedback(disposition: Disposition, text: str = "Call again in spring") -> Feedback:
    values: dict[Disposition, dict[str, Any]] = {
        Disposition.QUALIFIED: {"amount": 5_000_000, "next_step": text},
        Disposition.DISQUALIFIED: {"lost_reason": INFO.key},
        Disposition.RECYCLED: {"recycle_on": "2027-02-01"},
    }
    more = values[disposition]
    return Feedback(id=3, workspace_id="T1", mql_id=7, disposition=disposition, comment=text, by="U1", at=NOW, **more)


def view(
    status: Status = Status.ASSIGNED,
    *,
    due: datetime = NOW + timedelta(hours=19),
    owner: str = "Sato",
    comment: str = "Call again in spring",
    breached: bool = False,
    **lead: Any,
) -> MqlView:
    subject = mql(status, **lead)
    running = status in NOT_YET
    reported = status in DECIDED
    given = feedback(Disposition(status.value), comment) if reported else None
    state = ClockState.MET if subject.disposed else ClockState.RUNNING
    response = clock(ClockKind.RESPONSE, due, ClockState.RUNNING if running else ClockState.MET)
    response.breached_at = due if breached else None
    return MqlView(
        mql=subject,
        owner=member(owner) if subject.owner else None,
        response=response,
        feedback_clock=None if running else clock(ClockKind.FEEDBACK, NOW + timedelta(days=4), state),
        feedback=given,
        reason=INFO if given and given.lost_reason else None,
        permalink="https://acme.slack.com/archives/C1/p1",
        reasons=(INFO, OTHER),
    )


def paused(shown: MqlView, why: str | None = "The customer is away", *, late: bool = False) -> MqlView:
    """An open MQL whose clocks a pause has stopped; `late`: after the deadline."""

    def stopped(known: Clock | None) -> Clock | None:
        if known is None or known.stopped_at is not None:
            return known
        at = known.breach_at if late else NOW - timedelta(hours=1)
        until = {"next_check_at": NOW + timedelta(days=2), "paused_at": at, "state": ClockState.PAUSED}
        return known.model_copy(update=until)

    response = stopped(shown.response) or shown.response
    return replace(shown, response=response, feedback_clock=stopped(shown.feedback_clock), why_paused=why)


WAS: dict[str, Any] = {"was": EventType.ACCEPTED, "data": {}}
"""What an event says that was undone."""


def undoable(shown: MqlView) -> MqlView:
    """The same, a moment after an act."""
    act = Undo(id=5, workspace_id="T1", mql_id=7, by="U1", after_id=1, event_id=2, until=NOW + timedelta(minutes=10))
    return replace(shown, undo=act)


def promised(shown: MqlView) -> MqlView:
    """The same, of which the next touch was promised."""
    due = NOW + timedelta(days=2)
    return replace(
        shown,
        next_touch=NextTouch(
            id=6, workspace_id="T1", mql_id=7, by="U1", made_at=NOW, day=due.date().isoformat(), due_at=due
        ),
    )


LATE = view(due=NOW - timedelta(hours=3))


def happened(
    kind: EventType,
    actor: str | None = None,
    before: str | None = None,
    after: str | None = None,
    reason: str | None = None,
    **data: Any,
) -> Timeline:
    event = Event(
        id=1, workspace_id="T1", mql_id=7, type=kind, at=NOW, recorded_at=NOW, actor=actor, reason=reason, data=data
    )
    return Timeline(event, actor, before, after)


def escalated(to: str = "manager", hours: float = 24, had: str | None = "Sato", **data: Any) -> Timeline:
    """An escalation while U1, called `had`, had the MQL; None: nobody."""
    entry = happened(EventType.ESCALATED, before=had, to=to, hours=hours, **data)
    entry.event.before = "U1" if had else None
    return entry


def listed_row(
    kind: MessageKind, shown: MqlView, *, over: bool = False, had: str | None = "Sato", actor: str | None = None
) -> ListedRow:
    """A row of a list, of what `had` had then."""
    entry = replace(escalated(had=had), actor=actor)
    return ListedRow(kind, shown, entry, entry.event.before, over)


def parts_of(
    total: timedelta, unassigned: timedelta, outside: timedelta, *owners: tuple[str, timedelta], **rare: timedelta
) -> TimeBreakdown:
    """Parts of which the seldom ones are nothing unless named."""
    spent = dict.fromkeys(Part, timedelta(0)) | {Part.UNASSIGNED: unassigned, Part.OUTSIDE: outside}
    return TimeBreakdown(total, spent | {Part(name): span for name, span in rare.items()}, owners)


PARTS = parts_of(timedelta(hours=24), timedelta(0), timedelta(hours=14), ("Sato", timedelta(hours=10)))


def decision(*considered: tuple[str, str, int], chosen: str | None = "Sato") -> Decision:
    """One of 0.1.0: each by name, verdict and last turn."""
    return Decision(
        NOW, chosen, tuple(Candidate(name, AssignmentVerdict(word), turn) for name, word, turn in considered)
    )


def by_ledger(*considered: tuple[str, str, float], chosen: str | None = "Sato") -> Decision:
    """Each by name, verdict, and how many turns they were ahead."""
    return Decision(
        NOW, chosen, tuple(Candidate(name, AssignmentVerdict(word), 3, ahead) for name, word, ahead in considered)
    )


def figures(**values: Any) -> Figures:
    hour = timedelta(hours=1)
    usual: dict[str, Any] = {
        "received": 12,
        "withdrawn": 2,
        "imported": 0,
        "repeated": 1,
        "contactable": 11,
        "responded": 10,
        "due": 11,
        "in_time": 8,
        "lead_due": 11,
        "lead_in_time": 8,
        "median": 3 * hour,
        "p90": 22 * hour,
        "median_open": 2 * hour,
        "p90_open": 9 * hour,
        "contacted": Contacts(8, 3 * hour, 9 * hour),
        "proven": Contacts(5, 2 * hour, 8 * hour),
        "proven_by_crm": 4,
        "breached": 3,
        "escalated": 1,
        "pauses": Pauses(2, 1, 30 * hour),
        "touches_due": 4,
        "touches_kept": 3,
        "feedback_due": 6,
        "feedback_given": 5,
        "qualified": 2,
        "disqualified": 2,
        "recycled": 1,
        "lost_reasons": ((INFO, 1), (OTHER, 1)),
    }
    return Figures(**(usual | values))


EMPTY = figures(
    contacted=Contacts(0, None, None),
    proven=Contacts(0, None, None),
    proven_by_crm=0,
    **dict.fromkeys(("received", "withdrawn", "repeated", "contactable", "responded", "due", "in_time", "breached"), 0),
    **dict.fromkeys(("lead_due", "lead_in_time", "touches_due", "touches_kept"), 0),
    **dict.fromkeys(("median", "p90", "median_open", "p90_open")),
    **dict.fromkeys(("escalated", "feedback_due", "feedback_given", "qualified", "disqualified", "recycled"), 0),
    lost_reasons=(),
    pauses=NO_PAUSES,
)


def rep_week(name: str = "Sato", breached: int = 0, debt: int = 0) -> RepWeek:
    hour = timedelta(hours=1)
    parts = dict.fromkeys(COLUMNS, timedelta(0)) | {"unassigned": 2 * hour, "off_duty": 14 * hour}
    return RepWeek("U1", name, 6, 4, breached, 10 * hour, timedelta(0), parts, debt)


def report(now: Figures | None = None, before: Figures | None = None, **values: Any) -> WeeklyReport:
    first, last = date(2026, 11, 16), date(2026, 11, 22)
    reps = values.pop("reps", (rep_week(),))
    return WeeklyReport("2026-W47", first, last, now or figures(), before or figures(), reps, **values)


def unreadable(text: str = "Plan", state: UnreadableState = UnreadableState.OPEN, **values: Any) -> Unreadable:
    at = None if state == UnreadableState.OPEN else NOW
    return Unreadable(
        **{
            "id": 4,
            "workspace_id": "T1",
            "channel": "C2",
            "ts": "1.2",
            "sender": "B1",
            "sender_name": text,
            "headline": text,
            "reason": "nobody",
            "content": {f"{text}{number or ''}": text for number in range(30)},
            "state": state,
            "came_at": NOW,
            "at": NOW,
            "due_at": NOW + timedelta(hours=4),
            "closed_at": at,
            "set_aside_at": at,
            **values,
        }
    )


def queue_entry(text: str = "Plan", permalink: str | None = "https://acme.slack.com/p1", **values: Any) -> QueueEntry:
    entry = unreadable(text, **values)
    number = 12 if entry.state == UnreadableState.ENTERED else None
    return QueueEntry(entry, permalink, number, text if entry.state != UnreadableState.OPEN else None)


def held_entry(text: str = "Plan", state: UnreadableState = UnreadableState.OPEN, **values: Any) -> QueueEntry:
    """A lead that fails every rule of the definition; closed, somebody has said why."""
    content: dict[str, Any] = dict.fromkeys(("company", "person", "email", "phone", "score", "message", text), text)
    failing = [[rule.value, "phone" if rule == Rule.REQUIRED else text] for rule in Rule]
    why = None if state == UnreadableState.OPEN else text
    held: dict[str, Any] = {
        "lead": content,
        "lead_source": Source.GENERIC,
        "definition_id": 7,
        "failing": failing,
        "why": why,
    }
    held |= {"reason": "definition", "content": content, "state": state}
    return queue_entry(text, **held | values)


def sender_rule(text: str = "Plan", **values: Any) -> SenderRule:
    known: dict[str, Any] = {
        "id": 3,
        "workspace_id": "T1",
        "sender": "B1",
        "sender_name": text,
        "headline": text,
        "by": "U1",
    }
    return SenderRule(**known | {"at": NOW} | values)


def home_view(reader: Member | None, **values: Any) -> HomeView:
    usual: dict[str, Any] = {"first": First(Matter.NOTHING), "drawn_at": NOW}
    return HomeView(reader, **(usual | values))


def team_view(*shown: MqlView, reps: Sequence[OfRep] = (), **values: Any) -> TeamView:
    """What a leader sees where these are open, on the second of three pages."""
    page = Page(list(shown), len(shown), Filter(page=1), 2, ("hot",))
    known = Board(tuple(reps), len(shown), 0, 0)
    return TeamView(known, page, tuple(rep.member for rep in reps), **values)


def of_rep(name: str = "Sato", **counts: Any) -> OfRep:
    usual: dict[str, Any] = {"open": 5, "today": 1, "overdue": 2, "paused": 1, "given": 3, "ahead": -1.5, "away": True}
    return OfRep(member(name, away_until=NOW + timedelta(days=1)), **(usual | counts))


def refused(kind: MessageKind, target: str, error: str) -> Outbox:
    """A message that Slack refused."""
    return Outbox(
        id=9,
        workspace_id="T1",
        key="k",
        kind=kind,
        priority=KINDS[kind].priority,
        target=target,
        state=OutboxState.DEAD,
        error=error,
        due_at=NOW,
        next_attempt_at=NOW,
        created_at=NOW,
    )


def seen(shown: Message | dict[str, Any]) -> str:
    """Everything that a reader sees, one text per line."""
    return "\n".join(_texts(shown.blocks if isinstance(shown, Message) else shown["blocks"]))


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for inner in node:
            yield from _texts(inner)
    elif isinstance(node, dict):
        if isinstance(node.get("text"), str):
            yield node["text"]
        for key, value in node.items():
            if key not in ("text", "confirm") or not isinstance(value, str):
                yield from _texts(value)


def elements(shown: Message | dict[str, Any]) -> list[dict[str, Any]]:
    """Everything that can be pressed or chosen."""
    blocks = shown.blocks if isinstance(shown, Message) else shown["blocks"]
    controls: list[dict[str, Any]] = []
    for block in blocks:
        controls += block.get("elements", []) if block["type"] == "actions" else []
        controls += [block[key] for key in ("accessory", "element") if key in block]
    return controls


def buttons(shown: Message | dict[str, Any]) -> list[str]:
    """The words on the buttons, in order."""
    return [element["text"]["text"] for element in elements(shown) if element["type"] == "button"]


def menu(shown: Message) -> list[str]:
    """The words in the ⋯ menu."""
    menus = [element for element in elements(shown) if element["type"] == "overflow"]
    return [option["text"]["text"] for option in menus[0]["options"]] if menus else []


def inputs(form: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The inputs of a form, by block id."""
    return {block["block_id"]: block for block in form["blocks"] if block["type"] == "input"}


def alert(kind: AlertKind, *, closed: bool = False, **data: Any) -> Alert:
    """An alert as its rule makes it, or with other data."""
    iso = NOW.isoformat()
    usual: dict[AlertKind, dict[str, Any]] = {
        AlertKind.TICKS_STOPPED: {"since": iso},
        AlertKind.OUTBOX_STUCK: {"count": 3, "since": iso},
        AlertKind.MESSAGES_REFUSED: {"error": "not_in_channel", "target": "C9", "count": 3},
        AlertKind.NO_ADMIN: {"users": ["U1"]},
        AlertKind.OWNER_DEACTIVATED: {"user": "U1", "count": 12, "numbers": list(range(1, 11))},
        AlertKind.NOBODY_AVAILABLE: {"back": iso},
        AlertKind.INTAKE_SILENT: {"source": "generic", "since": iso, "lasted": 180_000.0, "longest": 86_400.0},
        AlertKind.WEBHOOK_REFUSED: {"count": 3, "error": "http_410"},
        AlertKind.CLOCK_MOVED: {"seconds": -10_800},
        AlertKind.CLOCK_WRONG: {"seconds": -600},
        AlertKind.DISK_LOW: {"megabytes": 120},
        AlertKind.NOT_SLACK: {"since": iso},
        AlertKind.ANOTHER_BOT: {"bot": "U1", "count": 3},
        AlertKind.CRM_REFUSED: {"crm": "hubspot", "code": "revoked", "since": iso},
        AlertKind.CRM_EXPIRES: {"crm": "hubspot", "ends": iso},
        AlertKind.CRM_FIELD: {
            "crm": "hubspot",
            "field": "sla_due",
            "property": "mql_sla_due",
            "code": "no_property",
            "count": 3,
        },
        AlertKind.CRM_LACKS: {"crm": "hubspot", "lack": "read_calls"},
        AlertKind.CRM_BUDGET: {"crm": "salesforce", "count": 13_500, "limit": 15_000},
        AlertKind.CRM_CHANGED: {
            "crm": "hubspot",
            "word": "option_gone",
            "field": "status",
            "property": "hs_lead_status",
            "names": ["In progress", HOSTILE],
        },
        AlertKind.CRM_VANISHED: {
            "crm": "hubspot",
            "crm_count": 14,
            "bot": 11,
            "day": "2026-11-16",
            "urls": ["https://app.hubspot.com/contacts/1/record/0-1/7", "", "javascript:", HOSTILE],
            "records": ["7", "8", "9", HOSTILE],
        },
    }
    return Alert(
        id=1,
        workspace_id="T1",
        kind=kind,
        subject="",
        data={**usual[kind], **data},
        told=["U9"],
        opened_at=NOW,
        closed_at=NOW if closed else None,
    )


def lead_source(name: str, *, state: DeliveryState | None = None) -> LeadSource:
    """A tool; with `state` one that something has come from."""
    return LeadSource(
        id=1,
        workspace_id="T1",
        name=name,
        kind=SourceKind.KINTONE,
        proof=Proof.ADDRESS,
        state=SourceState.ACTIVE,
        created_at=NOW,
        last_at=NOW if state else None,
        last_proof=Proof.ADDRESS if state else None,
        last_state=state,
    )


def audited(text: str) -> list[Audit]:
    """One entry of each kind, changed from nothing and from something, by everybody who can."""
    values = {"value": text, "roles": ["rep", "admin"], "manager": "U1", text: [text] * 40, "hours": {"from": 1.5}}
    authors: list[dict[str, Any]] = [
        {"door": Door.SLACK, "by": "U1"},
        {"door": Door.TEAM_FILE, "machine_user": text},
        {"door": Door.BOT},
    ]
    return [
        Audit(id=1, workspace_id="T1", at=NOW, kind=kind, subject=text, before=before, after=values, **author)
        for kind in AuditKind
        for author, before in zip(authors, (None, values, {"value": None}), strict=True)
    ]
