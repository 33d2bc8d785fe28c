"""Salesforce on the page: its leads."""

from playground.crm.pane import AMOUNT, JAPANESE, Choice, Lead, Pane, Sample, Written, named
from playground.crm.salesforce.salesforce import STATUSES, Salesforce
from playground.crm.salesforce.schema import MQL_FIELDS
from playground.errors import ClientRefused
from playground.log import Exchange
from playground.model import Json

_SHOWN = ("LastName", "Company", "Email", "Status", "OwnerId")


class SalesforcePane(Pane):
    """The leads of an organisation. A lead whose deal is won is converted."""

    title = "Salesforce"

    def __init__(self, crm: Salesforce) -> None:
        super().__init__(crm)
        self._crm = crm

    @classmethod
    def filled(cls, crm: Salesforce, people: list[tuple[str, str]], sample: Sample = JAPANESE) -> "SalesforcePane":
        """Return it with users, the fields that an admin may add for the bot, and some leads."""
        crm.add_fields("Lead", MQL_FIELDS)
        for name, email in people:
            crm.add_user(name, email)
        for name, company, email in sample.leads:
            crm.add("Lead", LastName=name, Company=company, Email=email)
        return cls(crm)

    def credentials(self) -> list[Json]:
        """Return address, consumer key and secret."""
        app = self._crm.app
        values = {"address": self._crm.base_url, "client_id": app.client_id, "client_secret": app.client_secret}
        return [{"name": name, "value": value} for name, value in values.items()]

    def statuses(self) -> list[Choice]:
        """Return the statuses that a person sets; a converted one comes with the conversion alone."""
        return [Choice(name, name) for name, converted in STATUSES if not converted]

    def owners(self) -> list[Choice]:
        """Return the users, without the one that the bot works as."""
        users = self._crm.records.rows["User"].values()
        return [Choice(each.id, str(each.values["Name"])) for each in users if each.id != self._crm.integration]

    def leads(self) -> list[Lead]:
        """Return the leads that are not deleted."""
        records = self._crm.records
        shown = []
        for each in records.rows.get("Lead", {}).values():
            if each.deleted_at is not None:
                continue
            name, company, email, status, owner = (str(each.values[field] or "") for field in _SHOWN)
            deal = records.rows.get("Opportunity", {}).get(str(each.values["ConvertedOpportunityId"]))
            tasks = records.rows.get("Task", {}).values()
            calls = sum(t.values["WhoId"] == each.id and t.values["TaskSubtype"] == "Call" for t in tasks)
            stage = "" if deal is None else "won" if deal.values["IsWon"] else "open"
            shown.append(Lead(each.id, name, company, email, status, owner, stage, calls))
        return shown

    def record_id(self, lead: str) -> str:
        """Return the id, which is unique by itself."""
        return lead

    def set_status(self, lead: str, value: str) -> None:
        """Change the status."""
        self._crm.edit("Lead", lead, self._owner(lead), Status=value)

    def set_owner(self, lead: str, value: str) -> None:
        """Change the owner."""
        self._crm.edit("Lead", lead, value, OwnerId=value)

    def call(self, lead: str) -> None:
        """Log a call of the lead's owner."""
        self._crm.log_call(lead, self._owner(lead))

    def win(self, lead: str) -> None:
        """Convert the lead, and win its opportunity."""
        record = self._crm.records.rows["Lead"][lead]
        if not record.values["IsConverted"]:
            self._crm.convert(lead, self._owner(lead))
        deal = record.values["ConvertedOpportunityId"]
        if deal is None:
            raise ClientRefused("converted without an opportunity")
        day = self._crm.now().date().isoformat()
        self._crm.edit("Opportunity", deal, StageName="Closed Won", Amount=float(AMOUNT), CloseDate=day)

    def _owner(self, lead: str) -> str:
        owner = str(self._crm.records.rows["Lead"][lead].values["OwnerId"])
        return owner if owner != self._crm.integration else self.owners()[0].value

    def written(self, exchange: Exchange, lead: str) -> list[Written]:
        """Return fields and tasks, also of a call that holds several requests."""
        body = exchange.request.get("body") or {}
        if exchange.method == "composite":
            answers = (exchange.answer or {}).get("compositeResponse") or []
            parts = zip(body["compositeRequest"], answers, strict=False)
            return [row for asked, answer in parts for row in self._of_part(exchange, lead, asked, answer)]
        if exchange.method == "Lead.update" and exchange.request.get("id") == lead:
            return self._fields(exchange, body)
        return self._task(exchange, body) if exchange.method == "Task.create" and body.get("WhoId") == lead else []

    def _of_part(self, exchange: Exchange, lead: str, asked: Json, answer: Json) -> list[Written]:
        body = asked.get("body") or {}
        if answer["httpStatusCode"] >= 300:
            return []
        if asked["method"] == "PATCH" and asked["url"].endswith(f"/Lead/{lead}"):
            return self._fields(exchange, body)
        return self._task(exchange, body) if asked["method"] == "POST" and body.get("WhoId") == lead else []

    def _fields(self, exchange: Exchange, body: Json) -> list[Written]:
        fields = self._crm.records.types["Lead"].fields
        labels = {name: fields[name].label or name if name in fields else name for name in body}
        choices = {"OwnerId": self.owners()}
        return [
            Written(exchange.at, "field", f"{labels[name]}: {named(choices.get(name, []), value)}")
            for name, value in body.items()
        ]

    def _task(self, exchange: Exchange, body: Json) -> list[Written]:
        return [Written(exchange.at, "note" if body.get("Status") == "Completed" else "task", str(body["Subject"]))]
