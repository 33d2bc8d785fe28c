"""Who sits at the table for a lead: its route, the people of its pool, and where they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.core.base.wall_clock import day_in
from bot.core.routing import routes
from bot.core.routing.candidates import Seat
from bot.core.routing.conditions import LeadFacts
from bot.core.routing.routes import NOTHING, Load, Pool, Routed, Routing
from bot.core.sla import clocks
from bot.core.sla.own_hours import OwnHours
from storage import routing
from storage.models import Member, Mql, Workspace
from storage.vocabulary import Role

NOTHING_YET = Load()


def current(tx: sa.Connection, workspace_id: str) -> Routing:
    """Return how a workspace routes now."""
    body = routing.current(tx, workspace_id)
    return NOTHING if body is None else routes.read(body)


def routed(tx: sa.Connection, subject: Mql) -> Routed:
    """Return the route of an MQL by what is known of it now."""
    return current(tx, subject.workspace_id).of(facts(subject))


def facts(subject: Mql) -> LeadFacts:
    """Return what routes may ask of an MQL."""
    return LeadFacts(
        channel=subject.channel,
        campaign=subject.campaign,
        form=subject.form,
        source=subject.source,
        title=subject.title,
        email=subject.email,
        score=subject.score,
        tier=subject.received_tier,
        attributes=subject.attributes,
        same_company=subject.same_company_id is not None,
        returning=subject.former_id is not None,
    )


def seats(
    tx: sa.Connection,
    workspace: Workspace,
    pool: Pool | None,
    roster: Sequence[Member],
    now: datetime,
    *,
    loads: bool = False,
) -> list[Seat]:
    """Return the reps of a pool (None: all) in the order of the roster, each with where they stand. `loads`: with how
    many MQLs each has, also where no cap asks for it."""
    reps = [
        member for member in roster if Role.REP in member.roles and (pool is None or member.user_id in pool.by_user)
    ]
    known = _loads(tx, workspace, reps, now) if loads or (pool and _capped(pool)) else {}
    works_at = _works_at(tx, workspace, reps, now)
    if pool is None:
        return [
            Seat(member, member.balance, member.last_turn, load=known.get(user), works_at=works_at.get(user))
            for member in reps
            for user in [member.user_id]
        ]
    stands, today = routing.standings(tx, workspace.id, pool.name), day_in(workspace.timezone, now)
    taken: list[Seat] = []
    for member in reps:
        user = member.user_id
        standing, weight, load = stands.get(user), pool.by_user[user].percent(today), known.get(user)
        balance, last_turn = (standing.balance, standing.last_turn) if standing else (0, 0)
        cap = pool.caps_of(user).reached(load or NOTHING_YET)
        taken.append(Seat(member, balance, last_turn, weight, load, cap, works_at.get(user)))
    return taken


def _works_at(tx: sa.Connection, workspace: Workspace, reps: Sequence[Member], now: datetime) -> Mapping[str, datetime]:
    """Return when those with a day of their own work next, where the team file gives MQLs in their hours alone."""
    own = [member for member in reps if member.hours or member.timezone]
    agreed = clocks.current_agreement(tx, workspace.id) if own and current(tx, workspace.id).within_hours else None
    if agreed is None:
        return {}
    team = agreed.calendar
    return {member.user_id: OwnHours.of(member, team.timezone).calendar(team).next_opening(now) for member in own}


def _capped(pool: Pool) -> bool:
    return pool.any or any(member.any for member in pool.members)


def _loads(tx: sa.Connection, workspace: Workspace, reps: Sequence[Member], now: datetime) -> dict[str, Load]:
    today = day_in(workspace.timezone, now)
    day, week = (_begins(first, workspace.timezone) for first in (today, today - timedelta(days=today.weekday())))
    users = [member.user_id for member in reps]
    counted = routing.loads(tx, workspace.id, users, day, week)
    return {user: Load(*counted.get(user, ())) for user in users}


def _begins(day: date, timezone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(timezone))
