"""The local HubSpot, put together; and what people do in it."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from playground.crm.faults import CrmFault
from playground.crm.hubspot import errors
from playground.crm.hubspot.api import Account, Api
from playground.crm.hubspot.limits import Limits
from playground.crm.hubspot.records import Owner, Record, Records, Source
from playground.crm.hubspot.schema import DEFAULT_ASSOCIATIONS, Option, Property
from playground.crm.hubspot.values import stamp
from playground.crm.hubspot.webhooks import Webhooks
from playground.crm.service import Answer, Call, Refused, Service
from playground.log import Changes

SCOPES = frozenset(
    {
        "oauth",
        "crm.objects.contacts.read",
        "crm.objects.contacts.write",
        "crm.objects.companies.read",
        "crm.objects.deals.read",
        "crm.objects.owners.read",
        "crm.schemas.contacts.read",
        "crm.schemas.deals.read",
        "sales-email-read",
    }
)


class HubSpot(Service):
    """An account with one service key. Raises Refused where a person tries what HubSpot does not take.

    `keys` are the service keys that work now, `scopes` what they may do.
    """

    kind = "hubspot"

    def __init__(
        self,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        changes: Changes | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        account: Account = Account(),  # noqa: B008 - frozen
    ) -> None:
        super().__init__(now, monotonic, changes, host, port)
        self.account = account
        self.key = f"pat-na1-{secrets.token_hex(16)}"
        self.keys = {self.key}
        self.scopes: set[str] = set(SCOPES)
        self.limits = Limits(now, monotonic, account.timezone)
        self.webhooks = Webhooks(self.log, now, account.portal_id)
        self.records = Records(now, self.webhooks.emit)
        self._routes = Api(self.records, self.limits, account, now, lambda: self.scopes).routes()

    def stop(self) -> None:
        """Close the port and end the webhooks."""
        super().stop()
        self.webhooks.stop()

    def refusal(self, fault: CrmFault, seconds: float, operation: str) -> Answer | None:
        """Return how HubSpot words this fault."""
        return errors.refusal(fault, seconds, operation)

    def unknown(self, call: Call) -> Answer:
        """Return HubSpot's 404 for a path of another version, or of none."""
        return errors.no_such_path(call.method, call.operation)

    def perform(self, call: Call, handler: Callable[[Call], Answer]) -> Answer:
        """Ask for the key, count the call, then answer it."""
        searching = call.operation.endswith(".search")
        word, _, key = call.headers.get("authorization", "").partition(" ")
        if word != "Bearer" or key not in self.keys:
            return errors.unauthorized()
        if policy := self.limits.exceeded(searching):
            answer = errors.rate_limited(policy)
        else:
            try:
                answer = handler(call)
            except Refused as refused:
                answer = refused.answer
        if not searching:
            answer.headers |= self.limits.headers()
        return answer

    # What people and admins do

    def rotate_key(self) -> str:
        """Make a new service key beside the old one, which works until `revoke`."""
        self.key = f"pat-na1-{secrets.token_hex(16)}"
        self.keys.add(self.key)
        return self.key

    def revoke(self, key: str) -> None:
        """Let a service key work no more."""
        self.keys.discard(key)

    def search_at_once(self) -> None:
        """Let searches find everything as it is now; the real one lags by some seconds up to a minute."""
        self.records.search_lag = (timedelta(0), timedelta(0))

    def add_owner(self, email: str, first_name: str, last_name: str) -> Owner:
        """Add a user who may own records."""
        with self.lock:
            number = 70_001 + len(self.records.owners)
            owner = Owner(str(number), 900 + len(self.records.owners), email, first_name, last_name)
            self.records.owners[owner.id] = owner
            return owner

    def add_property(self, plural: str, new: Property) -> None:
        """Add a property, as an admin does in the settings."""
        with self.lock:
            self.records.properties[plural][new.name] = replace(new, built_in=False)

    def remove_property(self, plural: str, name: str) -> None:
        """Delete a property: it is neither written nor told any more."""
        with self.lock:
            del self.records.properties[plural][name]

    def set_options(self, plural: str, name: str, options: Iterable[Option]) -> None:
        """Replace the options of an enumeration: renamed, added, taken away."""
        with self.lock:
            known = self.records.properties[plural]
            known[name] = replace(known[name], options=tuple(options))

    def set_rule(self, plural: str, name: str, pattern: str) -> None:
        """Let writes of a property be held to a regular expression, as an admin's validation rule does."""
        with self.lock:
            known = self.records.properties[plural]
            known[name] = replace(known[name], pattern=pattern)

    def add(self, plural: str, *, contact: str = "", by: Source | None = None, **properties: str) -> Record:
        """Add a record by hand, associated with a contact where one is named."""
        with self.lock:
            kind = self.records.type(plural)
            links = []
            if contact:
                number = DEFAULT_ASSOCIATIONS[plural, "contacts"]
                types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": number}]
                links = [{"to": {"id": contact}, "types": types}]
            return self._changed(self.records.create(kind, properties, links, by or _PERSON))

    def edit(self, plural: str, number: str, by: Source | None = None, **properties: str) -> Record:
        """Change a record by hand."""
        with self.lock:
            record = self.records.get(self.records.type(plural), number)
            self.records.update(record, properties, by or _PERSON)
            return self._changed(record)

    def log_call(self, contact: str, owner: str, at: datetime | None = None, **properties: str) -> Record:
        """Log a call with a contact, made by an owner at a moment."""
        given = {"hs_call_direction": "OUTBOUND", "hs_call_status": "COMPLETED", "hs_call_title": "Call"} | properties
        return self._log("calls", contact, owner, at, given)

    def log_email(
        self, contact: str, owner: str, at: datetime | None = None, sequence: str = "", **properties: str
    ) -> Record:
        """Log a mail to a contact; `sequence` is the id of the sequence that sent it by itself."""
        given = {"hs_email_direction": "EMAIL", "hs_email_status": "SENT", "hs_email_subject": "Hello"} | properties
        if sequence:
            given["hs_sequence_id"] = sequence
        return self._log("emails", contact, owner, at, given, Source("SEQUENCES") if sequence else None)

    def log_meeting(self, contact: str, owner: str, at: datetime | None = None, **properties: str) -> Record:
        """Log a meeting with a contact."""
        given = {"hs_meeting_title": "Meeting", "hs_meeting_outcome": "COMPLETED"} | properties
        return self._log("meetings", contact, owner, at, given)

    def _log(
        self,
        plural: str,
        contact: str,
        owner: str,
        at: datetime | None,
        given: dict[str, str],
        by: Source | None = None,
    ) -> Record:
        properties = {"hs_timestamp": stamp(at or self.now()), "hubspot_owner_id": owner} | given
        return self.add(plural, contact=contact, by=by, **properties)

    def archive(self, plural: str, number: str) -> None:
        """Delete a record by hand; it can be restored."""
        with self.lock:
            self.records.archive(self.records.get(self.records.type(plural), number), _PERSON)
            self.changes.bump()

    def erase(self, contact: str) -> None:
        """Delete a contact for good, as the law asks for."""
        with self.lock:
            self.records.erase(self.records.get(self.records.type("contacts"), contact), _PERSON)
            self.changes.bump()

    def merge(self, primary: str, other: str) -> Record:
        """Merge two contacts; the one that is left has an id of its own."""
        with self.lock:
            kind = self.records.type("contacts")
            merged = self.records.merge(self.records.get(kind, primary), self.records.get(kind, other), _PERSON)
            return self._changed(merged)

    def _changed(self, record: Record) -> Record:
        self.changes.bump()
        return record


_PERSON = Source("CRM_UI", "userId:9")
