"""What the database holds of a workspace's set-up, in the form of a team file."""

from __future__ import annotations

import sqlalchemy as sa

from bot.core.agreement.goals import Goals
from bot.core.agreement.rules import Rules
from bot.core.mql.queue import HOURS
from bot.core.routing import tables
from bot.core.sla.policy import Policy, read_policy
from bot.core.teamfile.schema import Person, Reason, TeamFile, WantedDefinition, in_order
from storage import definitions, members, mqls, policies, workspaces
from storage.models import Definition, Mql
from storage.vocabulary import Role, Status

WAITING = (Status.ASSIGNED,)
TAKEN = (Status.ACCEPTED, Status.CONTACTED)


def current(tx: sa.Connection, workspace_id: str) -> TeamFile | None:
    """Return the workspace as it is set up now, or None while it is not."""
    workspace = workspaces.get(tx, workspace_id)
    if workspace is None:
        return None
    version = policies.current(tx, workspace_id)
    return TeamFile(
        workspace_id=workspace_id,
        name=workspace.name,
        locale=workspace.locale,
        timezone=workspace.timezone,
        mql_channel=workspace.mql_channel,
        intake_channel=workspace.intake_channel,
        digest_weekday=workspace.digest_weekday,
        digest_time=workspace.digest_time,
        policy=read_policy(version.body) if version else Policy(),
        members=tuple(
            Person(
                m.user_id,
                m.name,
                in_order(Role(r) for r in m.roles),
                m.manager_user_id,
                m.locale,
                m.active,
                {day: tuple(blocks) for day, blocks in m.hours.items()} if m.hours else None,
                m.timezone,
            )
            for m in members.roster(tx, workspace_id)
        ),
        erase_after_days=workspace.erase_after_days,
        webhook_url=workspace.webhook_url,
        digest_personal=workspace.digest_personal,
        goals=Goals.of(workspace.goals),
        marketing_channel=workspace.marketing_channel,
        outcomes_told=workspace.outcomes_told,
        outcomes_time=workspace.outcomes_time,
        reasons=tuple(
            Reason(r.key, r.ja, r.en, r.comment_required, r.unfit) for r in workspaces.reasons(tx, workspace_id)
        ),
        meeting_weekday=workspace.meeting_weekday,
        meeting_time=workspace.meeting_time,
        meeting_channel=workspace.meeting_channel,
        daily_messages=workspace.daily_messages,
        queue_hours=workspace.queue_hours or HOURS,
        owner_told=workspace.owner_told,
        anew_after_days=workspace.anew_after_days,
        routing=tables.current(tx, workspace_id),
        definition=_definition(definitions.newest(tx, workspace_id)),
    )


def _definition(newest: Definition | None) -> WantedDefinition | None:
    """Return the newest version: the open proposal where one waits, for that is what somebody wants."""
    return WantedDefinition(newest.text, newest.threshold, Rules.of(newest.rules)) if newest else None


def open_mqls(tx: sa.Connection, workspace_id: str) -> list[Mql]:
    """Return MQLs that have an owner and no disposition, oldest first."""
    return mqls.with_status(tx, workspace_id, *WAITING, *TAKEN)
