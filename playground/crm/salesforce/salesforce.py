"""The local Salesforce, put together; and what people do in it."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from playground.crm.faults import CrmFault
from playground.crm.salesforce import errors
from playground.crm.salesforce.api import Api
from playground.crm.salesforce.oauth import App, OAuth
from playground.crm.salesforce.outbound import OutboundMessages
from playground.crm.salesforce.records import Record, Records, whole_id
from playground.crm.salesforce.schema import Field
from playground.crm.service import Answer, Call, Refused, Service
from playground.log import Changes

A_DAY = 100_000
STATUSES = (
    ("Open - Not Contacted", False),
    ("Working - Contacted", False),
    ("Closed - Not Converted", False),
    ("Closed - Converted", True),
)
STAGES = (
    ("Prospecting", False, False),
    ("Proposal/Price Quote", False, False),
    ("Closed Won", True, True),
    ("Closed Lost", True, False),
)


class Salesforce(Service):
    """An organisation with one external client app. Calls are counted over the last 24 hours."""

    kind = "salesforce"

    def __init__(
        self,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        changes: Changes | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        super().__init__(now, monotonic, changes, host, port)
        self.outbound = OutboundMessages(self.log, now)
        self.records = Records(now, self._tell)
        self.daily = A_DAY
        self._calls: list[datetime] = []
        self._notifications = 0
        self.integration = self._user("MQL Bot", "mql-bot@example.com")
        self.app = App(self.integration)
        self.oauth = OAuth(self.app, now, lambda: self.base_url)
        self._set_up()
        limits = lambda: (len(self._calls), self.daily)  # noqa: E731
        self._routes = Api(self.records, self.oauth, now, limits, self._fault_of_part).routes()

    def _set_up(self) -> None:
        by, insert = self.integration, self.records.insert
        insert("Organization", by, {"Name": "Sample Inc.", "TimeZoneSidKey": "Asia/Tokyo"})
        for order, (name, converted) in enumerate(STATUSES, 1):
            values = {"ApiName": name, "MasterLabel": name, "IsConverted": converted, "SortOrder": float(order)}
            insert("LeadStatus", by, values | {"IsDefault": order == 1})
        for order, (name, closed, won) in enumerate(STAGES, 1):
            values = {"ApiName": name, "MasterLabel": name, "IsClosed": closed, "IsWon": won, "SortOrder": float(order)}
            insert("OpportunityStage", by, values | {"IsActive": True})

    def stop(self) -> None:
        """Close the port and end the outbound messages."""
        super().stop()
        self.outbound.stop()

    def _tell(self, record: Record, _act: str) -> None:
        if record.kind.name == "Lead":
            self._notifications += 1
            shown = self.records.shown(record, tuple(n for n in self.outbound.fields if n in record.kind.fields))
            fields = {name: value for name, value in shown.items() if name != "attributes" and value is not None}
            number = whole_id("04l", self._notifications)
            self.outbound.add({"id": number, "kind": record.kind.name, "fields": fields})

    def refusal(self, fault: CrmFault, seconds: float, operation: str) -> Answer | None:  # noqa: ARG002
        """Return how Salesforce words this fault."""
        return errors.refusal(fault)

    def unknown(self, call: Call) -> Answer:
        """Return the 404 of a path that there is not, the conversion of leads among them."""
        sentence = f"{call.method} {call.operation}: no such path"
        return errors.problem(404, "NOT_FOUND", "The requested resource does not exist", broken=sentence)

    def _fault_of_part(self, operation: str) -> Answer | None:
        """Return the fault that a part of a composite call was given, where it is an answer."""
        rule = self.faults.take(operation)
        return self.refusal(rule.fault, rule.seconds, operation) if rule is not None else None

    def perform(self, call: Call, handler: Callable[[Call], Answer]) -> Answer:
        """Ask for the session, count the call, then answer it."""
        if call.operation == "token":
            return handler(call)
        word, _, token = call.headers.get("authorization", "").partition(" ")
        if word != "Bearer" or token not in self.oauth.sessions:
            return errors.invalid_session()
        since = self.now() - timedelta(hours=24)
        self._calls = [at for at in self._calls if at > since]
        try:
            if len(self._calls) >= self.daily:
                raise errors.refused(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
            self._calls.append(self.now())
            answer = handler(call)
        except Refused as refused:
            answer = refused.answer
        answer.headers["Sforce-Limit-Info"] = f"api-usage={len(self._calls)}/{self.daily}"
        return answer

    # What people and admins do

    def _user(self, name: str, email: str) -> str:
        values = {"Name": name, "Email": email, "Username": email, "IsActive": True, "UserType": "Standard"}
        return self.records.insert("User", "", values).id

    def add_user(self, name: str, email: str) -> str:
        """Add a user; return the id."""
        with self.lock:
            return self._user(name, email)

    def end_sessions(self) -> None:
        """Let every access token end, as a timeout or an admin does."""
        self.oauth.sessions.clear()

    def add_fields(self, kind: str, fields: Iterable[Field]) -> None:
        """Add fields to an object, or change them."""
        with self.lock:
            for each in fields:
                self.records.types[kind].fields[each.name] = each
                for record in self.records.rows.get(kind, {}).values():
                    record.values.setdefault(each.name, None)

    def remove_field(self, kind: str, name: str) -> None:
        """Delete a field."""
        with self.lock:
            del self.records.types[kind].fields[name]

    def hide_field(self, kind: str, name: str) -> None:
        """Take a field away from the integration user, by field-level security."""
        fields = self.records.types[kind].fields
        fields[name] = replace(fields[name], hidden=True)

    def add(self, kind: str, by: str = "", **values: Any) -> Record:
        """Add a record by hand."""
        with self.lock:
            owner = {"OwnerId": by or self.integration} if "OwnerId" in self.records.types[kind].fields else {}
            return self._changed(self.records.insert(kind, by or self.integration, owner | values))

    def edit(self, kind: str, number: str, by: str = "", **values: Any) -> Record:
        """Change a record by hand."""
        with self.lock:
            record = self.records.get(self.records.types[kind], number)
            self.records.write(record, values, by or self.integration)
            return self._changed(record)

    def log_call(self, lead: str, owner: str, **values: Any) -> Record:
        """Log a call: a task that is completed at once."""
        given = {"Subject": "Call", "TaskSubtype": "Call", "Status": "Completed", "Priority": "Normal"} | values
        return self.add("Task", owner, WhoId=lead, OwnerId=owner, **given)

    def log_email(self, lead: str, owner: str, at: datetime | None = None, **values: Any) -> Record:
        """Send a mail to a lead."""
        given = {"Subject": "Hello", "Incoming": False, "Status": "3", "MessageDate": at or self.records.now()} | values
        mail = self.add("EmailMessage", owner, **given)
        self.add("EmailMessageRelation", owner, EmailMessageId=mail.id, RelationId=lead)
        return mail

    def log_event(self, lead: str, owner: str, start: datetime, **values: Any) -> Record:
        """Put a meeting with a lead into the calendar."""
        given = {"Subject": "Meeting", "StartDateTime": start, "EndDateTime": start + timedelta(hours=1)} | values
        return self.add("Event", owner, WhoId=lead, OwnerId=owner, **given)

    def convert(self, number: str, by: str = "", opportunity: bool = True) -> Record:
        """Convert a lead by hand: into an account, a contact, and mostly an opportunity."""
        with self.lock:
            by = by or self.integration
            lead = self.records.get(self.records.types["Lead"], number)
            account = self.add("Account", by, Name=lead.values["Company"])
            contact = self.add(
                "Contact", by, LastName=lead.values["LastName"], Email=lead.values["Email"], AccountId=account.id
            )
            today = self.now().date()
            values = {"IsConverted": True, "Status": "Closed - Converted", "ConvertedDate": today.isoformat()}
            values |= {"ConvertedAccountId": account.id, "ConvertedContactId": contact.id}
            if opportunity:
                close = (today + timedelta(days=30)).isoformat()
                made = self.add(
                    "Opportunity",
                    by,
                    Name=lead.values["Company"],
                    StageName=STAGES[0][0],
                    CloseDate=close,
                    AccountId=account.id,
                )
                values["ConvertedOpportunityId"] = made.id
            self.records.write(lead, values, by)
            return self._changed(lead)

    def delete(self, kind: str, number: str, by: str = "") -> None:
        """Put a record into the recycle bin."""
        with self.lock:
            self.records.delete(self.records.get(self.records.types[kind], number), by or self.integration)
            self.changes.bump()

    def merge(self, master: str, other: str, by: str = "") -> Record:
        """Merge a lead into another: it goes to the recycle bin with the id of the one that is left."""
        with self.lock:
            kind, by = self.records.types["Lead"], by or self.integration
            kept, lost = self.records.get(kind, master), self.records.get(kind, other)
            self.records.delete(lost, by, kept.id)
            self.records.write(kept, {}, by)
            return self._changed(kept)

    def _changed(self, record: Record) -> Record:
        self.changes.bump()
        return record
