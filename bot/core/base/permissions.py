"""Who may do what: the one matrix from which every listener, command and act of core takes its answer.

docs/roles.md says the same for people; tests/conventions/test_roles.py holds the two together and lets no other file
ask for a role, tests/isolation/test_roles.py sends every act as everybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from storage.models import Member, Mql
from storage.vocabulary import Role

LEADERS = (Role.MANAGER, Role.HEAD, Role.ADMIN)
_PLANNERS = (*LEADERS, Role.MARKETER)
_SALES = (Role.MANAGER, Role.HEAD)
_MARKETING = (Role.MARKETER, Role.ADMIN)


class Permission(StrEnum):
    """Something that a person may do or not. The value names the row of docs/roles.md, and of acts on an MQL what a
    refused attempt is called in its log."""

    USE = "use"
    # An MQL.
    ACCEPT = "accept"
    TAKE_OVER = "take_over"
    CONTACTED = "contacted"
    EVIDENCE = "evidence"
    NEXT_TOUCH = "next_touch"
    FEEDBACK = "feedback"
    FEEDBACK_BY_WORKFLOW = "feedback_by_workflow"
    REASSIGN = "reassign"
    COVER = "cover"
    DECLINE = "decline"
    PAUSE = "pause"
    PAUSE_WITHOUT_LIMIT = "pause_without_limit"
    CONSENT = "consent"
    RESUME = "resume"
    REMIND = "remind"
    UNDO = "undo"
    WITHDRAW = "withdraw"
    MERGE = "merge"
    DISPUTE = "dispute"
    DECIDE = "decide"
    CRM_CONFLICT = "crm_conflict"
    # Several MQLs, and what stands before they are any.
    LEAD = "lead"
    SEE_EVERYBODY = "see_everybody"
    QUEUE = "queue"
    IMPORT = "import"
    OWN_UPLOAD = "own_upload"
    MAP_SOURCE = "map_source"
    TRY_ROUTE = "try_route"
    # People.
    ABSENCE = "absence"
    OWN_ABSENCE = "own_absence"
    OVERRULE_ABSENCE = "overrule_absence"
    PAUSE_TURNS = "pause_turns"
    RESUME_TURNS = "resume_turns"
    OWN_WEEK = "own_week"
    # The agreement and its figures.
    PROPOSE_DEFINITION = "propose_definition"
    AGREE_FOR_MARKETING = "agree_for_marketing"
    AGREE_FOR_SALES = "agree_for_sales"
    CLOSE_PROPOSAL = "close_proposal"
    REPORTS = "reports"
    KPI = "kpi"
    CHECKUP = "checkup"
    MUTE = "mute"
    # The bot itself.
    HEALTH = "health"
    RESEND = "resend"
    SETTINGS = "settings"
    AUDIT = "audit"


class Condition(StrEnum):
    """What lets somebody do an act besides their roles."""

    MEMBER = "member"
    """They are an active member, in whatever role."""
    OWNER = "owner"
    """The MQL is theirs."""
    COVERS = "covers"
    """They answer the MQL while its owner is away."""
    UNOWNED = "unowned"
    """They are a rep, and the MQL has no owner."""
    OFFERED = "offered"
    """They are a rep, and the MQL is offered to all of them."""
    OWN = "own"
    """It is about themselves, or theirs: their absence, their file, their proposal, what they have just done."""


@dataclass(frozen=True)
class Rule:
    """Who may do an act: whoever has one of the roles, and whomever one of the conditions holds for."""

    roles: tuple[Role, ...] = ()
    conditions: tuple[Condition, ...] = ()


_WORK = Rule(LEADERS, (Condition.OWNER, Condition.COVERS, Condition.UNOWNED))
_TAKE = Rule(LEADERS, (*_WORK.conditions, Condition.OFFERED))
_LEAD = Rule(LEADERS)
_PLAN = Rule(_PLANNERS)
_OWN = Rule((), (Condition.OWN,))
_OWNER = Rule((), (Condition.OWNER,))
_ADMIN = Rule((Role.ADMIN,))

MATRIX: dict[Permission, Rule] = {
    Permission.USE: Rule((), (Condition.MEMBER,)),
    Permission.ACCEPT: _TAKE,
    Permission.TAKE_OVER: _TAKE,
    Permission.CONTACTED: _WORK,
    Permission.EVIDENCE: _WORK,
    Permission.NEXT_TOUCH: _OWNER,
    Permission.FEEDBACK: _WORK,
    Permission.FEEDBACK_BY_WORKFLOW: _OWNER,  # who reports is what the workflow says, and no press of theirs
    Permission.REASSIGN: _WORK,
    Permission.COVER: _WORK,
    Permission.DECLINE: Rule((), (Condition.OWNER, Condition.COVERS)),
    Permission.PAUSE: _WORK,
    Permission.PAUSE_WITHOUT_LIMIT: _LEAD,
    Permission.CONSENT: _LEAD,
    Permission.RESUME: _WORK,
    Permission.REMIND: _LEAD,
    Permission.UNDO: _OWN,
    Permission.WITHDRAW: Rule((Role.MANAGER, *_MARKETING)),
    Permission.MERGE: _PLAN,
    Permission.DISPUTE: Rule(_MARKETING),
    Permission.DECIDE: _LEAD,
    Permission.CRM_CONFLICT: _WORK,
    Permission.LEAD: _LEAD,
    Permission.SEE_EVERYBODY: Rule(_PLANNERS, (Condition.OWN,)),
    Permission.QUEUE: _PLAN,
    Permission.IMPORT: Rule(_MARKETING),
    Permission.OWN_UPLOAD: _OWN,
    Permission.MAP_SOURCE: Rule(_MARKETING),
    Permission.TRY_ROUTE: _PLAN,
    Permission.ABSENCE: Rule(LEADERS, (Condition.OWN,)),
    Permission.OWN_ABSENCE: Rule((Role.REP, Role.MARKETER)),  # of others nobody waits for a turn
    Permission.OVERRULE_ABSENCE: _OWN,
    Permission.PAUSE_TURNS: _LEAD,
    Permission.RESUME_TURNS: Rule(LEADERS, (Condition.OWN,)),
    Permission.OWN_WEEK: Rule((Role.REP,)),
    Permission.PROPOSE_DEFINITION: _PLAN,
    Permission.AGREE_FOR_MARKETING: Rule((Role.MARKETER,)),
    Permission.AGREE_FOR_SALES: Rule(_SALES),
    Permission.CLOSE_PROPOSAL: Rule(_PLANNERS, (Condition.OWN,)),
    Permission.REPORTS: _PLAN,
    Permission.KPI: _PLAN,
    Permission.CHECKUP: _PLAN,
    Permission.MUTE: _LEAD,
    Permission.HEALTH: _ADMIN,
    Permission.RESEND: _ADMIN,
    Permission.SETTINGS: _ADMIN,
    Permission.AUDIT: _ADMIN,
}


def may(actor: Member | None, act: Permission, mql: Mql | None = None, *, whose: str | None = None) -> bool:
    """Return whether somebody may do an act. `mql`: the MQL that it is about; `whose`: the Slack user id of whom it is
    about or to whom it belongs. Nobody may who is not on the roster, or not active there."""
    if actor is None or not actor.active:
        return False
    rule = MATRIX[act]
    return actor.has(*rule.roles) or any(_holds(condition, actor, mql, whose) for condition in rule.conditions)


def _holds(condition: Condition, actor: Member, mql: Mql | None, whose: str | None) -> bool:
    match condition:
        case Condition.MEMBER:
            return True
        case Condition.OWN:
            return whose == actor.user_id
        case Condition.OWNER:
            return mql is not None and mql.owner == actor.user_id
        case Condition.COVERS:
            return mql is not None and mql.cover == actor.user_id
        case Condition.UNOWNED:
            return mql is not None and mql.owner is None and actor.has(Role.REP)
        case Condition.OFFERED:
            return mql is not None and mql.offered and actor.has(Role.REP)
