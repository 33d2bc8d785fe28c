"""HubSpot on the page: contacts with their lead status."""

from playground.crm.hubspot.hubspot import HubSpot
from playground.crm.hubspot.schema import Property
from playground.crm.pane import AMOUNT, JAPANESE, Choice, Lead, Pane, Sample, Written, named
from playground.log import Exchange
from playground.model import Json

_SHOWN = ("lastname", "firstname", "company", "email", "hs_lead_status", "hubspot_owner_id")
_TEXTS = {"tasks.create": ("task", "hs_task_subject"), "notes.create": ("note", "hs_note_body")}


class HubSpotPane(Pane):
    """The contacts of an account."""

    title = "HubSpot"

    def __init__(self, crm: HubSpot) -> None:
        super().__init__(crm)
        self._crm = crm

    @classmethod
    def filled(cls, crm: HubSpot, people: list[tuple[str, str]], sample: Sample = JAPANESE) -> "HubSpotPane":
        """Return it with owners (name and e-mail address) and some contacts. Searches show everything at once."""
        crm.search_at_once()
        crm.add_property("contacts", Property("mql_sla_due", "datetime", "MQL SLA due"))
        crm.add_property("contacts", Property("mql_lost_reason", "string", "MQL lost reason"))
        for name, email in people:
            crm.add_owner(email, *reversed(name.partition(" ")[::2]))
        for name, company, email in sample.leads:
            crm.add("contacts", lastname=name, company=company, email=email, hs_lead_status="NEW")
        return cls(crm)

    def credentials(self) -> list[Json]:
        """Return the service key."""
        return [{"name": "key", "value": self._crm.key}]

    def statuses(self) -> list[Choice]:
        """Return the options of the lead status."""
        known = self._crm.records.properties["contacts"]["hs_lead_status"].options
        return [Choice(each.value, each.label) for each in known]

    def owners(self) -> list[Choice]:
        """Return the owners."""
        owners = self._crm.records.owners.values()
        return [Choice(each.id, f"{each.last_name} {each.first_name}".strip()) for each in owners if not each.archived]

    def leads(self) -> list[Lead]:
        """Return the contacts."""
        records = self._crm.records
        shown = []
        for each in records.live(records.type("contacts")):
            deals = [records.records["deals"][number].properties for number in records.linked(each, "deals")]
            won = any(deal.get("hs_is_closed_won") == "true" for deal in deals)
            given = {name: each.properties.get(name, "") for name in _SHOWN}
            name = f"{given['lastname']} {given['firstname']}".strip()
            status, owner = given["hs_lead_status"], given["hubspot_owner_id"]
            deal = "won" if won else "open" if deals else ""
            calls = len(records.linked(each, "calls"))
            shown.append(Lead(each.id, name, given["company"], given["email"], status, owner, deal, calls))
        return shown

    def record_id(self, lead: str) -> str:
        """Return the id with its tool."""
        return f"hubspot:{lead}"

    def set_status(self, lead: str, value: str) -> None:
        """Change the lead status."""
        self._crm.edit("contacts", lead, hs_lead_status=value)

    def set_owner(self, lead: str, value: str) -> None:
        """Change the owner."""
        self._crm.edit("contacts", lead, hubspot_owner_id=value)

    def call(self, lead: str) -> None:
        """Log a call of the contact's owner, else of the first one."""
        contact = self._crm.records.get(self._crm.records.type("contacts"), lead)
        owner = contact.properties.get("hubspot_owner_id") or next(iter(self._crm.records.owners), "")
        self._crm.log_call(lead, owner)

    def win(self, lead: str) -> None:
        """Win a deal: the one that there is, or a new one."""
        contact = self._crm.records.get(self._crm.records.type("contacts"), lead)
        deals = list(self._crm.records.linked(contact, "deals"))
        name = contact.properties.get("company", "")
        number = deals[0] if deals else self._crm.add("deals", contact=lead, dealname=name, amount=str(AMOUNT)).id
        self._crm.edit("deals", number, dealstage="closedwon", closedate=self._crm.now().isoformat())

    def written(self, exchange: Exchange, lead: str) -> list[Written]:
        """Return properties, tasks and notes."""
        body = exchange.request.get("body") or {}
        given = body.get("properties") or {} if isinstance(body, dict) else {}
        if exchange.method == "contacts.update" and exchange.request.get("id") == lead:
            return [Written(exchange.at, "field", self._field(name, value)) for name, value in given.items()]
        if exchange.method in _TEXTS and any(each["to"]["id"] == lead for each in body.get("associations", [])):
            what, name = _TEXTS[exchange.method]
            return [Written(exchange.at, what, str(given.get(name, "")))]
        return []

    def _field(self, name: str, value: object) -> str:
        known = self._crm.records.properties["contacts"].get(name)
        choices = {"hs_lead_status": self.statuses(), "hubspot_owner_id": self.owners()}.get(name, [])
        return f"{known.label if known and known.label else name}: {named(choices, value)}"
