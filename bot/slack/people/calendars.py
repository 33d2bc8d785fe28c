"""Reads the calendars that reps have linked, every quarter of an hour, and learns from them when they are away."""

from __future__ import annotations

import ssl
from datetime import datetime, timedelta
from functools import lru_cache

import sqlalchemy as sa
import structlog

from bot.connectors.calendars import NotRead
from bot.connectors.calendars.fetch import Read, Version, fetch
from bot.connectors.sources.vault import NoKey
from bot.core.routing import learnt_absences, trips
from bot.core.sla.own_hours import OwnHours
from bot.slack.context import AppContext
from storage import calendar_links, members, workspaces
from storage.models import CalendarLink
from storage.vocabulary import AbsenceSource

EVERY = timedelta(minutes=15)
AHEAD = timedelta(days=60)
"""So far ahead entries are read: the farther ones are read later."""
PATIENCE = timedelta(hours=24)
"""So long a calendar that was read before may fail until its owner hears of it."""
AT_ONCE = 20
READ = "read"

log = structlog.get_logger(__name__)


def read_due(context: AppContext) -> int:
    """Read the calendars that are due, one after the other, and return how many could be read."""
    now, workspace_id = context.now(), context.identity.team_id
    with context.database.transaction() as tx:
        due = calendar_links.claim(tx, workspace_id, now, now + EVERY, AT_ONCE)
    done = sum(_read(context, link) for link in due)
    if due:
        context.wake()
    return done


def read_now(context: AppContext, user_id: str) -> None:
    """Read the calendar that a member has just linked, unless somebody reads it already. They look at the form, which
    says how it went: they get no message (`tell_state`)."""
    now, workspace_id = context.now(), context.identity.team_id
    with context.database.transaction() as tx:
        link = calendar_links.claim_of(tx, workspace_id, user_id, now, now + EVERY)
    if link is not None:
        _read(context, link, watched=True)
        context.wake()


def tell_state(context: AppContext, user_id: str) -> None:
    """Tell a member by message how it went, where they have closed the form that would have said so."""
    with context.database.transaction() as tx:
        link = calendar_links.of(tx, context.identity.team_id, user_id)
        if link is not None and link.last_news is not None:
            learnt_absences.tell_of_calendar(tx, link.workspace_id, user_id, link.last_news, context.now())
    context.wake()


@lru_cache(maxsize=1)
def _trusted() -> ssl.SSLContext:
    """Return whose certificates we believe: read when the first calendar is, for many workspaces have none."""
    return ssl.create_default_context()


def _read(context: AppContext, link: CalendarLink, *, watched: bool = False) -> bool:
    try:
        address = context.vault.unseal(link.sealed)
        page = fetch(address, _version(link, context.now()), _trusted(), context.private_hosts)
        return _learn(context, link, page, watched=watched)
    except NoKey:
        return _failed(context, link, "no_key", watched=watched)
    except NotRead as error:
        return _failed(context, link, str(error), watched=watched)
    except Exception:
        # Whatever stands in one calendar, or in its address, the others are read.
        log.exception("calendar_broken", workspace=link.workspace_id)
        return _failed(context, link, "not_a_calendar", watched=watched)


def _version(link: CalendarLink, now: datetime) -> Version:
    """Return which version of a calendar is known; once a day none, for then another day has come near."""
    is_of_today = link.read_at is not None and link.read_at.date() == now.date()
    return Version(link.etag, link.modified) if is_of_today else Version()


def _learn(context: AppContext, link: CalendarLink, page: Read, *, watched: bool) -> bool:
    """Take over what stands in a calendar; one that has not changed is known."""
    # Its libraries take a third of a second to import, and many workspaces have no calendar.
    from bot.connectors.calendars.reading import Reader  # noqa: PLC0415

    now = context.now()
    with context.database.snapshot() as tx:
        workspace = workspaces.get(tx, link.workspace_id)
        roster = members.roster(tx, link.workspace_id)
    if workspace is None:
        return False
    names = {member.user_id: member.name for member in roster}
    own, others = [names.pop(link.user_id, "")], list(names.values())
    member = next((member for member in roster if member.user_id == link.user_id), None)
    hours = OwnHours.of(member, workspace.timezone)
    reader = Reader(hours.timezone, own, others, hours.halves)
    entries = None if page.body is None else reader.entries(page.body, now, now + AHEAD)
    with context.database.transaction() as tx:
        values = {"etag": page.version.etag, "modified": page.version.modified, "read_at": now}
        if not calendar_links.settle(tx, link, **values, failure=None, failing_since=None):
            return False
        if entries is not None:
            learnt_absences.learn(tx, link.workspace_id, link.user_id, AbsenceSource.CALENDAR, entries.away, now)
            trips.ask(tx, workspace, link.user_id, AbsenceSource.CALENDAR, entries.trips, now)
        if link.last_news != READ:
            _tell(tx, link, READ, now, watched=watched)
    return True


def _failed(context: AppContext, link: CalendarLink, code: str, *, watched: bool) -> bool:
    """Keep what is known, and tell the owner: at once of an address that was just linked, else after a day."""
    now = context.now()
    since = link.failing_since or now
    with context.database.transaction() as tx:
        if not calendar_links.settle(tx, link, failure=code, failing_since=since):
            return False
        log.warning("calendar_not_read", workspace=link.workspace_id, code=code)
        is_new = link.read_at is None and link.last_news is None
        if is_new or (link.last_news == READ and now - since >= PATIENCE):
            _tell(tx, link, code, now, watched=watched)
    return False


def _tell(tx: sa.Connection, link: CalendarLink, code: str, now: datetime, *, watched: bool) -> None:
    calendar_links.settle(tx, link, last_news=code)
    if not watched:
        learnt_absences.tell_of_calendar(tx, link.workspace_id, link.user_id, code, now)
