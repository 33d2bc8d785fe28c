"""What Slack knows of the roster: language, and whether the account still exists."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog

from bot.core.routing import assignment, learnt_absences, trips
from bot.core.sla.own_hours import OwnHours
from bot.slack.context import AppContext
from bot.slack.identity import remember
from bot.slack.people import statuses
from bot.slack.web_api.gateway import SlackFailure
from storage import identity, members, workspaces
from storage.models import Member, Workspace
from storage.vocabulary import AbsenceSource, Locale

FRESH_FOR = timedelta(hours=1)
"""A status is learnt at once by its event; this is for events that were lost."""

log = structlog.get_logger(__name__)


def refresh(context: AppContext) -> int:
    """Read the profiles that have not been read for half a day. A closed account gets no more MQLs, and what it had
    not answered goes to whoever is next. Returns how many profiles were read."""
    now, read = context.now(), 0
    with context.database.snapshot() as tx:
        due = members.stale(tx, context.identity.team_id, now - FRESH_FOR)
        workspace = workspaces.get(tx, context.identity.team_id)
    if workspace is None:
        return 0
    with context.database.transaction() as tx:
        remember(tx, context.identity, now)
    for member in due:
        try:
            user = context.gateway.call("users.info", user=member.user_id, include_locale=True)["user"]
        except SlackFailure as failure:
            log.warning("member_not_read", workspace=member.workspace_id, member=member.user_id, code=failure.code)
            continue
        with context.database.transaction() as tx:
            profile = _profile(user)
            if profile["deactivated"]:
                # Before the member, as everywhere that MQLs are given out.
                workspaces.locked(tx, member.workspace_id)
            members.update(tx, member.workspace_id, member.user_id, refreshed_at=now, **profile)
            _learn_status(tx, workspace, member, user, now)
            if profile["deactivated"] and not member.deactivated:
                handed_on = assignment.take_from(tx, member.workspace_id, member.user_id, now)
                log.warning("member_deactivated", workspace=member.workspace_id, handed_on=handed_on)
        read += 1
    if read:
        context.wake()
    return read


def changed(context: AppContext, user: dict[str, Any]) -> None:
    """Take over the status of a member whose profile has just changed, as Slack tells of it."""
    now = context.now()
    with context.database.transaction() as tx:
        workspace = workspaces.get(tx, context.identity.team_id)
        member = members.get(tx, context.identity.team_id, str(user.get("id")))
        if workspace is None or member is None:
            return
        _learn_status(tx, workspace, member, user, now)
    context.wake()


def _learn_status(tx: sa.Connection, workspace: Workspace, member: Member, user: dict[str, Any], now: datetime) -> None:
    status = statuses.availability(user.get("profile") or {}, now, OwnHours.of(member, workspace.timezone))
    stretches = [status.away] if status.away else []
    learnt_absences.learn(tx, workspace.id, member.user_id, AbsenceSource.STATUS, stretches, now)
    trips.ask(tx, workspace, member.user_id, AbsenceSource.STATUS, [status.trip] if status.trip else [], now)


def user_of(context: AppContext, named: str) -> str | None:
    """Return the Slack id of somebody who is named by it, or by the e-mail address of their profile. None where
    Slack knows no such address, or does not answer: who it was is worth one question, not a failure."""
    if "@" not in named:
        return named
    try:
        return str(context.gateway.call("users.lookupByEmail", email=named)["user"]["id"])
    except SlackFailure as failure:
        log.warning("actor_not_found", workspace=context.identity.team_id, code=failure.code)
        return None


def _profile(user: dict[str, Any]) -> dict[str, Any]:
    """Return what Slack says. A language that we do not speak counts as none."""
    known: dict[str, Any] = {"deactivated": bool(user.get("deleted"))}
    language = str(user.get("locale", "")).partition("-")[0]
    known["slack_locale"] = Locale(language) if language in (Locale.JA, Locale.EN) else None
    address = (user.get("profile") or {}).get("email")
    known["email"] = identity.address(address) if address else None
    return known
