"""One connection, round after round: notices and changes in, events of the log and writes out (ADR 52).

Calls are made between transactions. One process at a time works on a connection, so that there is one budget of calls
and one write in hand. Whatever a round was doing when its process died is known from the rows: a write that may have
arrived is looked for before anything is sent again.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
import structlog

from bot.connectors.crm.connecting import connector_of
from bot.connectors.crm.contract import (
    Away,
    Busy,
    Connector,
    CrmError,
    Denied,
    Lack,
    Made,
    Page,
    Revoked,
    SetProperties,
    Write,
)
from bot.connectors.crm.counting import count_leads
from bot.connectors.crm.describing import describe_daily
from bot.connectors.crm.door import TIMEOUT, Door
from bot.connectors.crm.outcomes import Outcomes
from bot.connectors.crm.registry import RECIPES
from bot.connectors.crm.telling import change_of
from bot.connectors.sources.notices import ERASED
from bot.connectors.sources.vault import NoKey, Vault
from bot.core.crm import budget, changes, comparison, engagement, events, opportunities
from bot.core.crm.records import Activity, Change, Engagement, Gone, Opportunity, Record
from storage import crm_connections, crm_links, crm_writes, erasure_list, trouble
from storage.database import Database
from storage.erasure_list import ErasedMql
from storage.models import CrmConnection, CrmWrite
from storage.vocabulary import CrmWriteKind

LEASE = timedelta(seconds=90)
PAGES, WRITES, NOTICES, LOOK_UPS = 20, 20, 50, 100
"""So many are dealt with in a round, so that none keeps the others waiting."""
AGAIN = timedelta(seconds=30)
"""After a CRM that could not be reached."""
DENIED_AGAIN = timedelta(minutes=5)
"""After credentials that were not taken: somebody has to enter others."""

KNOWN_FOR = timedelta(minutes=10)
"""So long a connector may rely on what it has read of a CRM's form."""

POLLED = {
    Lack.READ_DEALS,
    Lack.READ_CALLS,
    Lack.READ_EMAILS,
    Lack.READ_MEETINGS,
    Lack.READ_NOTES,
    Lack.READ_DELETIONS,
    Lack.READ_ENGAGEMENTS,
}
"""Permissions of which each poll tells whether they are missing."""

log = structlog.get_logger(__name__)


class _Made(NamedTuple):
    """A connector, what it was made of, and when."""

    connector: Connector
    key: tuple[object, ...]
    at: datetime


class Sync:
    """Keeps one CRM and the bot in step."""

    def __init__(
        self,
        database: Database,
        workspace_id: str,
        connection_id: int,
        vault: Vault,
        now: Callable[[], datetime],
        allowed: Collection[str] = (),
        wake: Callable[[], None] = lambda: None,
        timeout: float = TIMEOUT,
    ) -> None:
        """Work on one connection. `allowed`: hosts that may be private and may be called by plain http. `wake`: called
        after a commit that may have put something into the outbox. `timeout`: seconds for a call."""
        self._database, self._workspace_id, self._connection_id = database, workspace_id, connection_id
        self._vault, self._now, self._allowed, self._timeout = vault, now, frozenset(allowed), timeout
        self._wake, self._holder = wake, uuid.uuid4().hex
        self._door: Door | None = None
        self._leased_until: datetime | None = None
        self._stopping = False
        self._lacks: set[str] = set()
        self._made: _Made | None = None

    def stop(self) -> None:
        """Begin nothing new, and wait no longer for the answer in hand."""
        self._stopping = True
        if self._door is not None:
            self._door.close()

    @property
    def is_stopping(self) -> bool:
        """Return whether `stop` was called."""
        return self._stopping

    def release(self) -> None:
        """Let another process take over at once."""
        connection = self._connection()
        if connection is not None and self._leased_until is not None:
            with self._database.transaction() as tx:
                crm_connections.release(tx, connection, self._holder)

    def round(self) -> int:
        """Do what is due, and return how much that was. A CRM that cannot be reached only ends the round."""
        connection = self._connection()
        if connection is None or not self._has_lease(connection):
            return 0
        with self._database.transaction() as tx:
            done = events.follow(tx, connection, self._now())
        if connection.wait_until is not None and connection.wait_until > self._now():
            return done
        try:
            done += self._work(connection)
        except Busy as busy:
            self._wait(connection, busy.wait, None)
        except Revoked:
            self._wait(connection, DENIED_AGAIN, "revoked")
        except Denied as denied:
            log.warning("crm_denied", workspace=self._workspace_id, crm=connection.kind, missing=str(denied))
            self._wait(connection, DENIED_AGAIN, "denied")
        except NoKey:
            self._wait(connection, DENIED_AGAIN, "no_key")
        except Away as away:
            self._wait(connection, AGAIN, str(away))
        if done:
            self._wake()
        return done

    def _connection(self) -> CrmConnection | None:
        with self._database.snapshot() as tx:
            return crm_connections.get(tx, self._workspace_id, self._connection_id)

    def _has_lease(self, connection: CrmConnection) -> bool:
        now = self._now()
        if self._leased_until is not None and now < self._leased_until - LEASE / 2:
            return True
        with self._database.transaction() as tx:
            is_ours = crm_connections.lease(tx, connection, self._holder, now, now + LEASE)
        self._leased_until = now + LEASE if is_ours else None
        return is_ours

    def _work(self, connection: CrmConnection) -> int:
        connector = self._connector_of(connection)
        before = connector.calls
        try:
            done = self._read_notices(connection, connector)
            done += self._write_due(connection, connector)
            done += self._poll(connection, connector)
            done += self._look_up(connection, connector)
            done += count_leads(self._database, connection, connector, self._now())
            done += describe_daily(self._database, connection, connector, self._now())
        except CrmError:
            self._made = None
            raise
        finally:
            self._count(connection, connector.calls - before)
        if connector.calls > before and connection.failure is not None:
            with self._database.transaction() as tx:
                crm_connections.fail(tx, connection, None, self._now())
        return done

    def _connector_of(self, connection: CrmConnection) -> Connector:
        """Return the connector, made anew where its mapping or its credentials are others, after a failure, and every
        KNOWN_FOR. Raises NoKey."""
        with self._database.snapshot() as tx:
            secrets = [secret.id for secret in crm_connections.secrets(tx, connection)]
            key = (connection.mapping_version, connection.address, tuple(secrets))
            if self._made is None or self._made.key != key or self._now() - self._made.at >= KNOWN_FOR:
                connector, self._door = connector_of(tx, self._vault, connection, self._allowed, self._timeout)
                self._made = _Made(connector, key, self._now())
        return self._made.connector

    def _wait(self, connection: CrmConnection, wait: timedelta, failure: str | None) -> None:
        now = self._now()
        with self._database.transaction() as tx:
            crm_connections.update(tx, connection, wait_until=now + wait)
            if failure is not None:
                crm_connections.fail(tx, connection, failure, now)

    def _count(self, connection: CrmConnection, calls: int) -> None:
        if not calls:
            return
        now = self._now()
        today = now.date().isoformat()
        made = (connection.calls if connection.calls_on == today else 0) + calls
        limit = connection.daily_calls or RECIPES[connection.kind].calls_a_day
        pause = budget.pause(now, made, limit, calls)
        with self._database.transaction() as tx:
            crm_connections.update(tx, connection, calls=made, calls_on=today)
            if pause:
                crm_connections.update(tx, connection, wait_until=now + pause)

    # --- In --------------------------------------------------------------------------------------------------------

    def _read_notices(self, connection: CrmConnection, connector: Connector) -> int:
        """Read the records that notices have named. A notice is forgotten once what it named is taken in."""
        with self._database.snapshot() as tx:
            due = crm_connections.notices(tx, connection, self._now(), NOTICES)
        if not due:
            return 0
        private = {each.record.removeprefix(ERASED) for each in due if each.record.startswith(ERASED)}
        named = {each.record.removeprefix(ERASED) for each in due}
        read = connector.read(sorted(named))
        # A notice alone erases nobody: the CRM has to say that the record is no more.
        read = tuple(
            Gone(each.record_id, privacy=True) if isinstance(each, Gone) and _is_private(each, private) else each
            for each in read
        )
        self._note_erasures(connection, read)
        self._take(connection, read)
        with self._database.transaction() as tx:
            crm_connections.drop_notices(tx, connection, due)
        return len(due)

    def _note_erasures(self, connection: CrmConnection, read: Sequence[Change]) -> None:
        """Put whom a CRM asks to erase into the list beside the database, before it is done (ADR 30). Where that
        cannot be written, the notice waits."""
        for gone in read:
            if not isinstance(gone, Gone) or not gone.privacy:
                continue
            with self._database.snapshot() as tx:
                subjects, addresses = changes.to_erase(tx, connection, gone)
            mine = connection.workspace_id
            noted = [ErasedMql(mine, subject.number, subject.received_at, with_company=False) for subject in subjects]
            if not noted:
                continue
            try:
                erasure_list.add(self._database, mine, addresses, noted)
            except OSError as error:
                log.exception("erasure_list_not_written", workspace=mine)
                raise Busy(AGAIN, "erasure_list") from error

    def _poll(self, connection: CrmConnection, connector: Connector) -> int:
        """Ask for changes where it is time to, as far as a round goes."""
        if connection.due_at > self._now():
            return 0
        cursor, done = connection.cursor, 0
        for _ in range(PAGES):
            page = connector.fetch(cursor)
            self._take(connection, page.changes)
            done += len(page.changes)
            cursor = page.cursor
            self._keep_page(connection, page)
            if not page.more or self._stopping:
                break
        return done

    def _keep_page(self, connection: CrmConnection, page: Page) -> None:
        now = self._now()
        self._lacks.update(page.lacks)
        with self._database.transaction() as tx:
            crm_connections.update(tx, connection, cursor=page.cursor)
            if not page.more:
                due = now + RECIPES[connection.kind].poll_every
                lacks = sorted((set(connection.lacks) - POLLED) | self._lacks)
                crm_connections.update(tx, connection, due_at=due, read_at=now, lacks=lacks)
                self._lacks.clear()

    def _take(self, connection: CrmConnection, news: Sequence[Change]) -> None:
        """Take changes in, each in a transaction of its own: a broken one keeps no other waiting."""
        for change in sorted(news, key=_in_order):
            try:
                with self._database.transaction() as tx:
                    self._take_one(tx, connection, change)
            except Exception as error:
                # Whatever stands in it: the others are to be taken, and this one is seen in the log.
                if isinstance(error, sa.exc.SQLAlchemyError) and trouble.of(error) is not None:
                    raise
                log.exception("crm_change_broken", workspace=self._workspace_id, crm=connection.kind)

    def _take_one(self, tx: sa.Connection, connection: CrmConnection, change: Change) -> None:
        now = self._now()
        if isinstance(change, Activity):
            changes.take_activity(tx, connection, change, now)
        elif isinstance(change, Opportunity):
            opportunities.take_opportunity(tx, connection, change, now)
        elif isinstance(change, Engagement):
            engagement.take(tx, connection, change)
        elif isinstance(change, Gone):
            changes.take_gone(tx, connection, change, now)
        else:
            self._take_record(tx, connection, change, now)

    def _take_record(self, tx: sa.Connection, connection: CrmConnection, record: Record, now: datetime) -> None:
        for former in record.former_ids:
            changes.take_gone(tx, connection, Gone(former, merged_into=record.id), now)
        if record.email:
            for link in crm_links.looked_for(tx, connection, record.email):
                # Whether it is the only one with that address is asked next.
                crm_links.update(tx, link, look_up_at=now)
        known = crm_links.of_record(tx, connection, record.id)
        if known is not None:
            comparison.compare(tx, connection, known[0], record, now)

    def _look_up(self, connection: CrmConnection, connector: Connector) -> int:
        """Look for the records of leads that came from elsewhere, by their addresses."""
        now = self._now()
        with self._database.snapshot() as tx:
            wanted = crm_links.to_look_up(tx, connection, now, LOOK_UPS)
        if not wanted:
            return 0
        by_email: dict[str, list[Record]] = {}
        for record in connector.by_email(sorted({email for _, email in wanted})):
            by_email.setdefault((record.email or "").lower(), []).append(record)
        with self._database.transaction() as tx:
            for link, email in wanted:
                matches = by_email.get(email.lower(), [])
                if len(matches) == 1:
                    events.found(tx, connection, link, matches[0].id, now)
                elif matches:
                    events.ambiguous(tx, connection, link, now)
                else:
                    events.not_found(tx, link, now)
        return len(wanted)

    # --- Out -------------------------------------------------------------------------------------------------------

    def _write_due(self, connection: CrmConnection, connector: Connector) -> int:
        done, at_once = 0, RECIPES[connection.kind].writes_at_once
        while done < WRITES and not self._stopping:
            with self._database.snapshot() as tx:
                due = crm_writes.due(tx, connection, self._now(), at_once)
            if not due:
                break
            self._write(connection, connector, due)
            done += len(due)
        return done

    def _write(self, connection: CrmConnection, connector: Connector, due: Sequence[CrmWrite]) -> None:
        """Make some writes together. What becomes of each is noted, whatever became of the others."""
        self._read_back(connection, connector, due)
        begun = list[tuple[Outcomes, Write]]()
        try:
            for write in due:
                outcomes = Outcomes(self._database, connection, write, self._now)
                change = self._begin(connection, connector, write, outcomes)
                if change is not None:
                    begun.append((outcomes, change))
            made = connector.write([change for _, change in begun]) if begun else []
        except CrmError:
            for outcomes, _ in begun:
                outcomes.not_sent()
            raise
        problems = [self._settle(connection, *each) for each in zip(begun, made, strict=True)]
        for problem in filter(None, problems):
            raise problem

    def _read_back(self, connection: CrmConnection, connector: Connector, due: Sequence[CrmWrite]) -> None:
        """Read records of whose last write nobody heard what became of it: what they hold now tells."""
        doubtful = [each for each in due if each.kind == CrmWriteKind.FIELDS and each.maybe_sent]
        with self._database.snapshot() as tx:
            links = [crm_links.get(tx, each.workspace_id, each.link_id) for each in doubtful]
        records = sorted({link.record_id for link in links if link is not None and link.record_id is not None})
        if records:
            self._take(connection, connector.read(records))

    def _begin(
        self, connection: CrmConnection, connector: Connector, write: CrmWrite, outcomes: Outcomes
    ) -> Write | None:
        """Return what is to be sent, noted as begun; None where that is nothing. A task or a note is written once:
        after a lost answer it is looked for first."""
        if write.kind == CrmWriteKind.FIELDS:
            return outcomes.begin_fields()
        with self._database.snapshot() as tx:
            change = change_of(tx, connection, write)
        if change is None:
            outcomes.drop()
        elif isinstance(change, timedelta):
            outcomes.postpone(change)
        elif write.maybe_sent and connector.find(change) is not None:
            outcomes.done()
        elif outcomes.begin_text():
            return change
        return None

    def _settle(self, connection: CrmConnection, begun: tuple[Outcomes, Write], made: Made) -> CrmError | None:
        """Note what became of one write. Returns what keeps the others from being made for a while."""
        outcomes, change = begun
        if isinstance(made, CrmError):
            outcomes.not_sent()
            return made
        try:
            if isinstance(change, SetProperties):
                again = outcomes.settle_fields(made)
                if again is not None:
                    self._take(connection, [again])
            else:
                outcomes.settle_text(made)
        except Busy as busy:
            return busy
        return None


def _is_private(gone: Gone, private: Collection[str]) -> bool:
    return gone.record_id in private and gone.merged_into is None


def _in_order(change: Change) -> int:
    """Return the place of a change among others: what became of records first, then fields, contacts,
    deals and marketing's figures."""
    return (Gone, Record, Activity, Opportunity, Engagement).index(type(change))
