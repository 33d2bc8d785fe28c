"""Writing a team file into the database, in the caller's one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from bot.core.agreement import definition
from bot.core.base import audit
from bot.core.base.audit import Author
from bot.core.base.wall_clock import day_in
from bot.core.mql import deals, policy_migration
from bot.core.mql.policy_migration import Difference
from bot.core.reports.monthly import MONTHLY
from bot.core.reports.weekly import DIGEST
from bot.core.review.meeting import AGENDA
from bot.core.routing import assignment, tables
from bot.core.sla import clocks
from bot.core.teamfile import audit_entries, routing_changes
from bot.core.teamfile.changes import Change, diff, holiday_changes, holiday_hints
from bot.core.teamfile.last_admin import require_admin
from bot.core.teamfile.schema import TeamFile, can_hold
from bot.core.teamfile.state import current, open_mqls
from storage import erasures, members, outbound, policies, routing, workspaces
from storage.models import LostReason, PolicyVersion, Workspace


def apply(
    tx: sa.Connection, wanted: TeamFile, now: datetime, *, move_open: bool = False, author: Author = audit.BOT
) -> Difference:
    """Make the workspace what the file says, and hand on the unanswered MQLs of whoever may not hold them any more.
    Every change is written into the audit log, as the author's. Raises LastAdmin.

    A member that the file does not name is set inactive, never deleted; turns and absences are kept. A policy that
    differs becomes a new version: clocks that run keep theirs, or all move to it with `move_open`. Return the
    deadlines of open MQLs that moved.
    """
    workspace_id = wanted.workspace_id
    workspaces.locked(tx, workspace_id)  # of two who apply at once the second sees what the first did
    before = current(tx, workspace_id)
    require_admin(tx, wanted)
    _save_workspace(tx, wanted, now)
    _save_members(tx, wanted)
    reasons = [
        LostReason(workspace_id=workspace_id, position=position, active=True, **vars(reason))
        for position, reason in enumerate(wanted.reasons)
    ]
    workspaces.save_reasons(tx, workspace_id, reasons)
    _save_routing(tx, wanted, now)
    version = _version_after(tx, wanted, now)
    if version.id == 0:
        policies.add(tx, workspace_id, version.body, version.timezone, version.holidays, now)
    workspace = workspaces.locked(tx, workspace_id)
    if workspace is None:
        raise LookupError(f"workspace {workspace_id} is gone")
    moved = policy_migration.apply_to_all(tx, workspace, now) if move_open else Difference(())
    for report in (DIGEST, MONTHLY, AGENDA):
        report.schedule(tx, workspace, now)
    if wanted.definition is not None:
        proposal = wanted.definition
        definition.propose_from_file(tx, workspace_id, proposal, author, now)
    audit_entries.record(tx, before, wanted, author, now)
    _hand_on(tx, workspace, wanted, now)
    assignment.assign_waiting(tx, workspace_id, now)
    return moved


def _save_workspace(tx: sa.Connection, wanted: TeamFile, now: datetime) -> None:
    workspace_id = wanted.workspace_id
    before = workspaces.locked(tx, workspace_id)
    if before is not None and before.intake_channel != wanted.intake_channel:
        # What stands in the new channel already was meant for nobody; reading begins where we come in.
        workspaces.save(tx, workspace_id, now, intake_cursor=None)
    if before is not None and before.timezone != wanted.timezone:
        deals.keep_days(tx, workspace_id, before.timezone, wanted.timezone)
    workspaces.save(
        tx,
        workspace_id,
        now,
        name=wanted.name,
        locale=wanted.locale,
        timezone=wanted.timezone,
        mql_channel=wanted.mql_channel,
        intake_channel=wanted.intake_channel,
        digest_weekday=wanted.digest_weekday,
        digest_time=wanted.digest_time,
        erase_after_days=wanted.erase_after_days,
        webhook_url=wanted.webhook_url,
        marketing_channel=wanted.marketing_channel,
        outcomes_told=wanted.outcomes_told,
        outcomes_time=wanted.outcomes_time,
        meeting_weekday=wanted.meeting_weekday,
        meeting_time=wanted.meeting_time,
        meeting_channel=wanted.meeting_channel,
        daily_messages=wanted.daily_messages,
        queue_hours=wanted.queue_hours,
        owner_told=wanted.owner_told,
        anew_after_days=wanted.anew_after_days,
        digest_personal=wanted.digest_personal,
        goals=wanted.goals.agreed,
    )
    if wanted.webhook_url is None:
        outbound.forget(tx, workspace_id)


def _save_routing(tx: sa.Connection, wanted: TeamFile, now: datetime) -> None:
    """Whoever is new in a pool begins at its level; whoever has been in it stands where they stood."""
    if tables.current(tx, wanted.workspace_id) == wanted.routing:
        return
    routing.add(tx, wanted.workspace_id, wanted.routing.model_dump_json(exclude_defaults=True), now)
    for pool in wanted.routing.pools:
        routing.joins(tx, wanted.workspace_id, pool.name, pool.by_user)


@dataclass(frozen=True)
class Preview:
    """What applying a team file would come to."""

    changes: list[Change]
    deadlines: Difference
    """The deadlines of open MQLs that `apply` with `move_open` would move."""
    hints: list[Change]
    """What a person may not know of what they chose, and would want to."""


def preview(tx: sa.Connection, wanted: TeamFile, now: datetime) -> Preview:
    """Return what `apply` would do, for a person to agree to before anything is written. Raises LastAdmin."""
    require_admin(tx, wanted)
    before = current(tx, wanted.workspace_id)
    changes = diff(before, wanted, open_mqls(tx, wanted.workspace_id))
    changes += holiday_changes(policies.current(tx, wanted.workspace_id), wanted.policy)
    changes += _retired(tx, before, wanted)
    changes += _erases(tx, before, wanted, now)
    changes += routing_changes.changes(tx, before, wanted, now)
    moves = policy_migration.difference(tx, wanted.workspace_id, _version_after(tx, wanted, now), now)
    hints = list(holiday_hints(before, wanted, day_in(wanted.timezone, now)))
    return Preview(changes, moves, hints)


def _retired(tx: sa.Connection, before: TeamFile | None, wanted: TeamFile) -> list[Change]:
    """Return the lost reasons that go although outcomes name them: those keep them."""
    named = {reason.key for reason in wanted.reasons}
    gone = [reason.key for reason in before.reasons if reason.key not in named] if before else []
    used = workspaces.reasons_used(tx, wanted.workspace_id, gone)
    return [Change("reason_kept", {"key": key, "count": used[key]}) for key in gone if key in used]


def _erases(tx: sa.Connection, before: TeamFile | None, wanted: TeamFile, now: datetime) -> list[Change]:
    """Say that what names a person will be erased, where the file says so for the first time or for another time."""
    days = wanted.erase_after_days
    if days is None or (before is not None and before.erase_after_days == days):
        return []
    old = erasures.due(tx, wanted.workspace_id, now - timedelta(days=days), None)
    return [Change("erases", {"days": days, "count": len(old)})]


def _version_after(tx: sa.Connection, wanted: TeamFile, now: datetime) -> PolicyVersion:
    """Return the policy version that holds once the file is applied; one that is not stored yet has the id 0."""
    body = wanted.policy.model_dump(mode="json")
    known = policies.current(tx, wanted.workspace_id)
    # As it is read today: a version that was stored before a key was there agrees to what the key says by default.
    agreed = clocks.read(known).model_dump(mode="json") if known is not None else None
    same = known is not None and (agreed, known.timezone) == (body, wanted.timezone)
    if known is not None and same and not any(holiday_changes(known, wanted.policy)):
        return known
    return PolicyVersion(
        id=0,
        workspace_id=wanted.workspace_id,
        version=0,
        body=body,
        timezone=wanted.timezone,
        holidays=wanted.policy.pins(now.year),
        created_at=now,
    )


def _save_members(tx: sa.Connection, wanted: TeamFile) -> None:
    for person in wanted.members:
        members.save(
            tx,
            wanted.workspace_id,
            person.user_id,
            name=person.name,
            roles=[role.value for role in person.roles],
            manager_user_id=person.manager,
            locale=person.locale,
            active=person.active,
            hours={day: list(blocks) for day, blocks in person.hours.items()} if person.hours else None,
            timezone=person.timezone,
        )
    named = {person.user_id for person in wanted.members}
    for member in members.roster(tx, wanted.workspace_id):
        if member.user_id not in named and member.active:
            members.update(tx, wanted.workspace_id, member.user_id, active=False)


def _hand_on(tx: sa.Connection, workspace: Workspace, wanted: TeamFile, now: datetime) -> None:
    people = {person.user_id: person for person in wanted.members}
    owners = {seen.owner for seen in open_mqls(tx, workspace.id) if seen.owner}
    for owner in sorted(owners):
        if not can_hold(people.get(owner)):
            assignment.take_from(tx, workspace.id, owner, now)
