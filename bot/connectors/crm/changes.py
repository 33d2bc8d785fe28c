"""What comes in: what notices name, what a poll finds, and the records of leads that are looked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog

from bot.connectors.crm.contract import Adds, Busy, Connector, Denied, Lack, Page, Person
from bot.connectors.crm.registry import RECIPES
from bot.connectors.sources.notices import ERASED
from bot.core.crm import changes, comparison, engagement, events, opportunities
from bot.core.crm.facts import is_told
from bot.core.crm.records import Activity, Change, Engagement, Gone, Opportunity, Record
from storage import crm_connections, crm_links, erasure_list, mqls, trouble
from storage.database import Database
from storage.erasure_list import ErasedMql
from storage.models import CrmConnection, CrmLink

PAGES, NOTICES, LOOK_UPS = 20, 50, 100
"""So many are dealt with in a round, so that none keeps the others waiting."""
AGAIN = timedelta(seconds=30)
"""After an erasure that could not be put into the list beside the database."""
POLLED = {
    Lack.READ_DEALS,
    Lack.READ_CALLS,
    Lack.READ_EMAILS,
    Lack.READ_MEETINGS,
    Lack.READ_NOTES,
    Lack.READ_DELETIONS,
    Lack.READ_ENGAGEMENTS,
    Lack.ADD_RECORDS,
}
"""Permissions of which is seen again and again, from one poll to the next, whether they are missing."""

log = structlog.get_logger(__name__)


class Changes:
    """The changes of one CRM in one round."""

    def __init__(
        self,
        database: Database,
        connection: CrmConnection,
        connector: Connector,
        now: Callable[[], datetime],
        is_stopping: Callable[[], bool],
        lacks: set[str],
    ) -> None:
        """Read a CRM by its connector. `lacks`: what the poll in hand was not allowed to read, from one round to the
        next."""
        self._database, self._connection, self._connector = database, connection, connector
        self._now, self._is_stopping, self._lacks = now, is_stopping, lacks

    def read_notices(self) -> int:
        """Read the records that notices have named. A notice is forgotten once what it named is taken in.
        Raises CrmError."""
        with self._database.snapshot() as tx:
            due = crm_connections.notices(tx, self._connection, self._now(), NOTICES)
        if not due:
            return 0
        private = {each.record.removeprefix(ERASED) for each in due if each.record.startswith(ERASED)}
        named = {each.record.removeprefix(ERASED) for each in due}
        read = self._connector.read(sorted(named))
        # A notice alone erases nobody: the CRM has to say that the record is no more.
        read = tuple(
            Gone(each.record_id, privacy=True) if isinstance(each, Gone) and _is_private(each, private) else each
            for each in read
        )
        self._note_erasures(read)
        self.take(read)
        with self._database.transaction() as tx:
            crm_connections.drop_notices(tx, self._connection, due)
        return len(due)

    def _note_erasures(self, read: Sequence[Change]) -> None:
        """Put whom a CRM asks to erase into the list beside the database, before it is done (ADR 30). Where that
        cannot be written, the notice waits."""
        for gone in read:
            if not isinstance(gone, Gone) or not gone.privacy:
                continue
            with self._database.snapshot() as tx:
                subjects, addresses = changes.to_erase(tx, self._connection, gone)
            mine = self._connection.workspace_id
            noted = [ErasedMql(mine, subject.number, subject.received_at, with_company=False) for subject in subjects]
            if not noted:
                continue
            try:
                erasure_list.add(self._database, mine, addresses, noted)
            except OSError as error:
                log.exception("erasure_list_not_written", workspace=mine)
                raise Busy(AGAIN, "erasure_list") from error

    def poll(self) -> int:
        """Ask for changes where it is time to, as far as a round goes. Raises CrmError."""
        if self._connection.due_at > self._now():
            return 0
        cursor, done = self._connection.cursor, 0
        for _ in range(PAGES):
            page = self._connector.fetch(cursor)
            self.take(page.changes)
            done += len(page.changes)
            cursor = page.cursor
            self._keep_page(page)
            if not page.more or self._is_stopping():
                break
        return done

    def _keep_page(self, page: Page) -> None:
        now = self._now()
        self._lacks.update(page.lacks)
        with self._database.transaction() as tx:
            crm_connections.update(tx, self._connection, cursor=page.cursor)
            if not page.more:
                due = now + RECIPES[self._connection.kind].poll_every
                lacks = sorted((set(self._connection.lacks) - POLLED) | self._lacks)
                crm_connections.update(tx, self._connection, due_at=due, read_at=now, lacks=lacks)
                self._lacks.clear()

    def take(self, news: Sequence[Change]) -> None:
        """Take changes in, each in a transaction of its own: a broken one keeps no other waiting."""
        for change in sorted(news, key=_in_order):
            try:
                with self._database.transaction() as tx:
                    self._take_one(tx, change)
            except Exception as error:
                # Whatever stands in it: the others are to be taken, and this one is seen in the log.
                if isinstance(error, sa.exc.SQLAlchemyError) and trouble.of(error) is not None:
                    raise
                log.exception("crm_change_broken", workspace=self._connection.workspace_id, crm=self._connection.kind)

    def _take_one(self, tx: sa.Connection, change: Change) -> None:
        now = self._now()
        if isinstance(change, Activity):
            changes.take_activity(tx, self._connection, change, now)
        elif isinstance(change, Opportunity):
            opportunities.take_opportunity(tx, self._connection, change, now)
        elif isinstance(change, Engagement):
            engagement.take(tx, self._connection, change)
        elif isinstance(change, Gone):
            changes.take_gone(tx, self._connection, change, now)
        else:
            self._take_record(tx, change, now)

    def _take_record(self, tx: sa.Connection, record: Record, now: datetime) -> None:
        for former in record.former_ids:
            changes.take_gone(tx, self._connection, Gone(former, merged_into=record.id), now)
        if record.email:
            for link in crm_links.looked_for(tx, self._connection, record.email):
                # Whether it is the only one with that address is asked next.
                crm_links.update(tx, link, look_up_at=now)
        known = crm_links.of_record(tx, self._connection, record.id)
        if known is not None:
            comparison.compare(tx, self._connection, known[0], record, now)

    def look_up(self) -> int:
        """Look for the records of leads that came from elsewhere, by their addresses. Raises CrmError."""
        now = self._now()
        with self._database.snapshot() as tx:
            wanted = crm_links.to_look_up(tx, self._connection, now, LOOK_UPS)
        if not wanted:
            return 0
        by_email: dict[str, list[Record]] = {}
        for record in self._connector.by_email(sorted({email for _, email in wanted})):
            by_email.setdefault((record.email or "").lower(), []).append(record)
        added = self._add([each for each in wanted if each[1].lower() not in by_email])
        with self._database.transaction() as tx:
            for link, email in wanted:
                matches = by_email.get(email.lower(), [])
                if email.lower() in added:
                    events.found(tx, self._connection, link, added[email.lower()], now)
                elif len(matches) == 1:
                    events.found(tx, self._connection, link, matches[0].id, now)
                elif matches:
                    events.ambiguous(tx, self._connection, link, now)
                else:
                    events.not_found(tx, link, now)
        return len(wanted)

    def _add(self, unknown: Sequence[tuple[CrmLink, str]]) -> Mapping[str, str]:
        """Give the CRM the leads that it lacks, where that is wanted; return the id of each new record by address."""
        connector = self._connector
        if not unknown or not isinstance(connector, Adds) or not connector.adds:
            return {}
        with self._database.snapshot() as tx:
            leads = [(mqls.get(tx, link.workspace_id, link.mql_id), email.lower()) for link, email in unknown]
        people = {
            email: Person(email, lead.person, lead.company, lead.phone)
            for lead, email in leads
            if lead is not None and is_told(lead)
        }
        try:
            added = connector.add(list(people.values())) if people else {}
        except Denied:
            added = {}
        if len(added) < len(people):
            self._lacks.add(Lack.ADD_RECORDS)
        return added


def _is_private(gone: Gone, private: Collection[str]) -> bool:
    return gone.record_id in private and gone.merged_into is None


def _in_order(change: Change) -> int:
    """Return the place of a change among others: what became of records first, then fields, contacts,
    deals and marketing's figures."""
    return (Gone, Record, Activity, Opportunity, Engagement).index(type(change))
