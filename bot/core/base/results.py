"""What a person's act came to."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from storage.models import Mql
from storage.vocabulary import Status


class Refusal(StrEnum):
    """Why nothing was changed. The value names the reply that explains it: reply.<value>."""

    NOT_FOUND = "not_found"
    NOT_ALLOWED = "not_allowed"
    NOT_OWNER = "not_owner"
    OWNER_CHANGED = "owner_changed"
    NOT_ON_ROSTER = "not_on_roster"
    ALREADY_ACCEPTED = "already_accepted"
    ALREADY_YOURS = "already_yours"
    ALREADY_CONTACTED = "already_contacted"
    DISPOSED_ALREADY = "disposed_already"
    NOT_ACCEPTED = "not_accepted"
    OWNER_HAS_NOT_ACCEPTED = "owner_has_not_accepted"
    ERASED = "erased"
    WITHDRAWN = "withdrawn"
    IMPORTED = "imported"
    WITHDRAW_NOT_ALLOWED = "withdraw_not_allowed"
    HAS_DISPOSITION = "has_outcome"
    MERGED = "merged"
    MERGED_ALREADY = "merged_already"
    MERGE_NOT_ALLOWED = "merge_not_allowed"
    MERGE_WITH_ITSELF = "merge_with_itself"
    MERGE_HAS_OUTCOME = "merge_has_outcome"
    MERGE_INTO_CLOSED = "merge_into_closed"
    MERGE_OTHER_WAY = "merge_other_way"
    NOT_MERGED = "not_merged"
    MERGED_LONG_AGO = "merged_long_ago"
    NOT_QUALIFIED = "not_qualified"
    NOT_DISQUALIFIED = "not_disqualified"
    DISPUTE_NOT_ALLOWED = "dispute_not_allowed"
    DISPUTED_ALREADY = "disputed_already"
    UPHELD_ALREADY = "upheld_already"
    DECIDE_NOT_ALLOWED = "decide_not_allowed"
    DECIDED_ALREADY = "decided_already"
    DISPUTE_OVER = "dispute_over"
    LEAD_IS_BACK = "lead_is_back"
    UNDO_OVER = "undo_over"
    UNDO_NOT_YOURS = "undo_not_yours"
    UNDO_OVERTAKEN = "undo_overtaken"
    UNDO_CHANGED = "undo_changed"
    UNDONE_ALREADY = "undone_already"
    TOUCH_NOT_OWNER = "touch_not_owner"
    TOUCH_BEFORE_CONTACT = "touch_before_contact"
    JUST_REMINDED = "just_reminded"
    OWNER_AWAY = "owner_away"
    OWNER_NOT_AWAY = "owner_not_away"
    NOBODY_TO_COVER = "nobody_to_cover"
    SAME_OWNER = "same_owner"
    CANNOT_TAKE = "cannot_take"
    NOBODY_FREE = "nobody_free"
    PAUSED_ALREADY = "paused_already"
    NOTHING_RUNS = "nothing_runs"
    NOT_PAUSED = "not_paused"
    CONSENT_NOT_ALLOWED = "consent_not_allowed"
    CONSENT_DECIDED_ALREADY = "consent_decided_already"
    CONSENT_OVER = "consent_over"
    PROPOSE_NOT_ALLOWED = "propose_not_allowed"
    DEFINITION_UNCHANGED = "definition_unchanged"
    DEFINITION_GONE = "definition_gone"
    AGREE_NOT_ALLOWED = "agree_not_allowed"
    AGREED_ALREADY = "agreed_already"
    REPLACED = "replaced"
    PROPOSAL_CLOSED = "proposal_closed"
    SIDE_AGREED = "side_agreed"
    NOT_OFFERED = "not_offered"
    PAUSE_TURNS_NOT_ALLOWED = "pause_turns_not_allowed"
    TURNS_PAUSED_ALREADY = "turns_paused_already"
    ACTION_GONE = "action_gone"
    ACTION_IS_DONE = "action_is_done"
    ACTION_IS_OPEN = "action_is_open"
    ACTION_MOVED_ON = "action_moved_on"
    CRM_DECIDED = "crm_decided"
    CRM_SETTLED = "crm_settled"
    CRM_GONE = "crm_gone"


ACCEPT_FIRST = (Refusal.NOT_ACCEPTED, Refusal.OWNER_HAS_NOT_ACCEPTED)
"""No outcome can be reported yet, because nobody has accepted the MQL: to whoever has it, and to anybody else."""


@dataclass(frozen=True)
class Done:
    """The act was carried out and written down."""

    mql: Mql
    """As it was before the act."""
    event_id: int
    runs: bool = field(default=False, kw_only=True)
    """Whether no pause holds, as the act has seen; else it may, or may not."""


@dataclass(frozen=True)
class Refused:
    """Nothing was changed."""

    reason: Refusal
    by: str = ""
    """Display name of whoever was first, where the reason names somebody."""
    number: int | None = None


ActionResult = Done | Refused


def gone(subject: Mql) -> Refused | None:
    """Return why nobody can act on an MQL any more: its person was erased, it goes on in another one, it was withdrawn,
    or it is of the past and was imported. None for any other."""
    if subject.import_id is not None:
        return Refused(Refusal.IMPORTED, number=subject.number)
    if subject.erased_at is not None:
        return Refused(Refusal.ERASED, number=subject.number)
    if subject.merged_into_id is not None:
        return Refused(Refusal.MERGED, number=subject.number)
    return Refused(Refusal.WITHDRAWN, number=subject.number) if subject.status == Status.WITHDRAWN else None
