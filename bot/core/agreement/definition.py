"""What an MQL is, in versions. Marketing or sales proposes one, and it counts once both sides have agreed.

Who proposes agrees for their own side by doing so; an admin who belongs to neither agrees for none. One person speaks
for one side only, whatever roles they have. A newer proposal takes the place of one that is still open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

import sqlalchemy as sa

from bot.core.agreement import gate_preview
from bot.core.agreement.gate_preview import Effect
from bot.core.agreement.rules import Rules
from bot.core.base import audit, permissions, team
from bot.core.base.audit import Author
from bot.core.base.permissions import MATRIX, Permission
from bot.core.base.results import Refusal, Refused
from bot.core.messages import kinds, notifications, outgoing
from storage import definitions, members, workspaces
from storage.models import Definition, Member
from storage.vocabulary import AuditKind, Role

TEXT_MOST = 2000
"""Characters, as Slack counts them."""
WHY_MOST = 1000
FROM_FILE = ""
"""Who proposed a version that the team file proposes: nobody who could sign it."""


class Side(StrEnum):
    """Who has to agree. Part of a column's name and of a catalogue key."""

    MARKETING = "marketing"
    SALES = "sales"


AGREE = {Side.MARKETING: Permission.AGREE_FOR_MARKETING, Side.SALES: Permission.AGREE_FOR_SALES}


class State(StrEnum):
    """How a version stands. Part of a catalogue key."""

    OPEN = "open"
    AGREED = "agreed"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"
    SENT_BACK = "sent_back"


@dataclass(frozen=True)
class Version:
    """A version, and what its readers have to know of it."""

    row: Definition
    state: State
    names: Mapping[str, str]
    """Display names by Slack user id."""
    effect: Effect | None = None
    """Of a proposal with rules: what they would have held in the 90 days before it was made."""

    @property
    def missing(self) -> tuple[Side, ...]:
        """The sides that have not agreed."""
        return tuple(side for side in Side if agreed_by(self.row, side) is None)


@dataclass(frozen=True)
class Standing:
    """The version that counts, and the proposal that waits."""

    agreed: Version | None
    proposed: Version | None
    others: int = 0
    """How many versions there are besides these two."""


def agreed_by(row: Definition, side: Side) -> str | None:
    """Return who agreed for a side; None while nobody has."""
    return row.marketing_by if side == Side.MARKETING else row.sales_by


def may_agree(member: Member | None, version: Version) -> bool:
    """Return whether a version waits for somebody's agreement."""
    return version.state == State.OPEN and _side(member, version.row) is not None


def standing(tx: sa.Connection, workspace_id: str) -> Standing:
    """Return what counts, and what waits."""
    newest = _version(tx, definitions.newest(tx, workspace_id))
    waits = newest if newest is not None and newest.state == State.OPEN else None
    counts = _version(tx, definitions.agreed(tx, workspace_id))
    others = (newest.row.number if newest else 0) - sum(version is not None for version in (counts, waits))
    return Standing(counts, waits, others)


def find(tx: sa.Connection, workspace_id: str, definition_id: int) -> Version | None:
    """One version by id."""
    return _version(tx, definitions.get(tx, workspace_id, definition_id))


def _version(tx: sa.Connection, row: Definition | None) -> Version | None:
    if row is None:
        return None
    newest = definitions.newest(tx, row.workspace_id) or row
    state, rules = state_of(row, newest), Rules.of(row.rules)
    effect = (
        gate_preview.effect(tx, row.workspace_id, rules, row.proposed_at) if rules and state == State.OPEN else None
    )
    return Version(row, state, team.names(members.roster(tx, row.workspace_id)), effect)


def state_of(row: Definition, newest: Definition) -> State:
    """Return how a version stands, where `newest` is the one with the highest number."""
    if row.agreed_at is not None:
        return State.AGREED
    if row.closed_at is not None:
        return State.WITHDRAWN if row.closed_by == row.proposed_by else State.SENT_BACK
    return State.OPEN if newest.id == row.id else State.REPLACED


def propose(
    tx: sa.Connection,
    workspace_id: str,
    text: str,
    threshold: int | None,
    why: str | None,
    by: str,
    now: datetime,
    *,
    rules: Rules | None = None,
) -> Refused | None:
    """Start the next version, and ask whoever has not agreed by proposing it. `rules`: what a lead is held for that
    fails it; None: it is words only. One that says what the newest says is refused; where that is still open, another
    reason for it is something to say."""
    actor = members.get(tx, workspace_id, by)
    if actor is None or not permissions.may(actor, Permission.PROPOSE_DEFINITION):
        return Refused(Refusal.PROPOSE_NOT_ALLOWED)
    own = next((side for side in Side if permissions.may(actor, AGREE[side])), None)
    return _add(tx, workspace_id, (text, threshold, rules), why, by, own, Author.in_slack(by), now)


class Proposal(Protocol):
    """What a team file says of the definition."""

    @property
    def text(self) -> str:
        """The words."""

    @property
    def score(self) -> int | None:
        """The threshold."""

    @property
    def rules(self) -> Rules | None:
        """None: it is words only."""


def propose_from_file(tx: sa.Connection, workspace_id: str, wanted: Proposal, author: Author, now: datetime) -> None:
    """Start the version that the team file names, unless the newest says so already. It agrees for no side: a file can
    propose, and only people sign."""
    _add(tx, workspace_id, (wanted.text, wanted.score, wanted.rules), None, FROM_FILE, None, author, now)


def _add(
    tx: sa.Connection,
    workspace_id: str,
    proposal: tuple[str, int | None, Rules | None],
    why: str | None,
    by: str,
    own: Side | None,
    author: Author,
    now: datetime,
) -> Refused | None:
    text, threshold, rules = proposal
    workspaces.locked(tx, workspace_id)  # two proposals at once get two numbers
    before = definitions.newest(tx, workspace_id)
    says = (text, threshold, rules.stored if rules else {})
    same = before is not None and (before.text, before.threshold, before.rules) == says
    closed = before is not None and before.closed_at is not None
    if before is not None and same and not closed and (before.agreed_at is not None or why in (None, before.why)):
        return Refused(Refusal.DEFINITION_UNCHANGED, number=before.number)
    values: dict[str, Any] = {
        "number": before.number + 1 if before else 1,
        "text": text,
        "threshold": threshold,
        "rules": says[2],
        "why": why,
    }
    values |= {f"{own}_by": by, f"{own}_at": now} if own else {}
    new_id = definitions.add(tx, workspace_id, **values, proposed_by=by, proposed_at=now)
    _record(tx, workspace_id, AuditKind.DEFINITION_PROPOSED, author, now, values["number"])
    if before is not None and before.agreed_at is None and not closed:
        _refresh(tx, before, "replaced", now)
    asked = [role for side in Side if side != own for role in MATRIX[AGREE[side]].roles]
    for reader in team.reachable(members.roster(tx, workspace_id), *asked):
        if reader.user_id != by:
            key, content = _key(new_id, reader.user_id), kinds.DEFINITION_PROPOSED(definition=new_id)
            outgoing.add(tx, workspace_id, key, content, reader.user_id, now)
    return None


def agree(tx: sa.Connection, workspace_id: str, definition_id: int, by: str, now: datetime) -> Refused | None:
    """Agree to the open proposal for one's own side. With the second side it counts, and everybody is told."""
    workspaces.locked(tx, workspace_id)
    definition, actor = definitions.get(tx, workspace_id, definition_id), members.get(tx, workspace_id, by)
    newest = definitions.newest(tx, workspace_id)
    if definition is None or newest is None:
        return Refused(Refusal.DEFINITION_GONE)
    if not any(permissions.may(actor, act) for act in AGREE.values()):
        return Refused(Refusal.AGREE_NOT_ALLOWED, number=definition.number)
    if definition.agreed_at is not None:
        return Refused(Refusal.AGREED_ALREADY, number=definition.number)
    if definition.closed_at is not None:
        return Refused(Refusal.PROPOSAL_CLOSED, number=definition.number)
    if newest.id != definition.id:
        return Refused(Refusal.REPLACED, number=newest.number)
    side = _side(actor, definition)
    if side is None or not definitions.agree(tx, definition, side, by, now):
        return Refused(Refusal.SIDE_AGREED, number=definition.number)
    author = Author.in_slack(by)
    _record(tx, workspace_id, AuditKind.DEFINITION_SIGNED, author, now, definition.number, side=side.value)
    _refresh(tx, definition, side, now)
    if any(agreed_by(definition, other) for other in Side):
        _tell(tx, definition, by, now)
    return None


def may_close(member: Member | None, version: Version) -> bool:
    """Return whether somebody may withdraw a proposal, which is theirs, or send it back: everybody who may plan."""
    return version.state == State.OPEN and permissions.may(
        member, Permission.CLOSE_PROPOSAL, whose=version.row.proposed_by
    )


def close(
    tx: sa.Connection, workspace_id: str, definition_id: int, by: str, why: str | None, now: datetime
) -> Refused | None:
    """Withdraw one's own open proposal, or send somebody else's back and say why: they are told."""
    workspaces.locked(tx, workspace_id)
    version, actor = find(tx, workspace_id, definition_id), members.get(tx, workspace_id, by)
    if version is None:
        return Refused(Refusal.DEFINITION_GONE)
    row = version.row
    if version.state == State.AGREED:
        return Refused(Refusal.AGREED_ALREADY, number=row.number)
    if version.state == State.REPLACED:
        return Refused(Refusal.REPLACED, number=row.number)
    if version.state != State.OPEN:
        return Refused(Refusal.PROPOSAL_CLOSED, number=row.number)
    if not may_close(actor, version):
        return Refused(Refusal.AGREE_NOT_ALLOWED, number=row.number)
    definitions.close(tx, row, by, why, now)
    _record(tx, workspace_id, AuditKind.DEFINITION_CLOSED, Author.in_slack(by), now, row.number)
    _refresh(tx, row, "closed", now)
    if by != row.proposed_by:
        key, content = f"definition_sent_back:{row.id}", kinds.DEFINITION_SENT_BACK(definition=row.id)
        outgoing.add(tx, workspace_id, key, content, row.proposed_by, now)
    return None


def _record(
    tx: sa.Connection, workspace_id: str, kind: AuditKind, author: Author, now: datetime, number: int, **after: str
) -> None:
    audit.record(tx, workspace_id, kind, author, now, str(number), after=after or None)


def _side(member: Member | None, row: Definition) -> Side | None:
    """For which side somebody may agree now."""
    if member is None or member.user_id in (row.marketing_by, row.sales_by):
        return None
    return next((side for side in Side if permissions.may(member, AGREE[side]) and agreed_by(row, side) is None), None)


def _tell(tx: sa.Connection, row: Definition, by: str, now: datetime) -> None:
    """Tell both sides and whoever proposed it, but for who has just agreed."""
    roster = members.roster(tx, row.workspace_id)
    readers = {
        member.user_id
        for member in team.reachable(roster, *(role for act in AGREE.values() for role in MATRIX[act].roles))
    }
    there = {member.user_id for member in team.reachable(roster, *Role)}
    for reader in sorted((readers | ({row.proposed_by} & there)) - {by}):
        key, content = f"definition_agreed:{row.id}:{reader}", kinds.DEFINITION_AGREED(definition=row.id)
        outgoing.add(tx, row.workspace_id, key, content, reader, now)


def _refresh(tx: sa.Connection, row: Definition, change: str, now: datetime) -> None:
    """Bring the messages that asked for agreement up to date."""
    for member in members.roster(tx, row.workspace_id):
        notifications.edit_message(tx, row.workspace_id, _key(row.id, member.user_id), change, now)


def _key(definition_id: int, reader: str) -> str:
    return f"definition:{definition_id}:{reader}"
