"""Marketo on the page: the people of the sample database."""

from playground.crm.marketo.marketo import Marketo
from playground.crm.marketo.records import CLICKED, DELIVERED, OPENED, Field
from playground.crm.pane import JAPANESE, Choice, Lead, Pane, Sample, Written
from playground.log import Exchange
from playground.model import Json

STATUSES = ("New", "Working", "Contacted", "Qualified", "Disqualified", "Nurture")
"""What marketing writes by hand. Lead Status is free text."""


class MarketoPane(Pane):
    """The people of a subscription. Sales does not work in it."""

    title = "Marketo"
    wins = sells = False

    def __init__(self, crm: Marketo, sample: Sample = JAPANESE) -> None:
        super().__init__(crm)
        self.crm, self._sample = crm, sample

    @classmethod
    def filled(
        cls,
        crm: Marketo,
        people: list[tuple[str, str]],  # noqa: ARG003 - reps are no users
        sample: Sample = JAPANESE,
    ) -> "MarketoPane":
        """Return it with fields for the bot, and some people."""
        crm.add_field(Field("mql_sla_due", "MQL SLA Due", "datetime"))
        crm.add_field(Field("mql_disposition", "MQL Disposition"))
        crm.add_field(Field("mql_lost_reason", "MQL Lost Reason"))
        for name, company, email in sample.leads:
            crm.add(lastName=name, company=company, email=email, leadStatus="New", leadScore=40)
        return cls(crm, sample)

    def credentials(self) -> list[Json]:
        """Return address, id and secret of the service."""
        crm = self.crm
        values = {"address": crm.base_url, "client_id": crm.client_id, "client_secret": crm.client_secret}
        own = {"client_id": "marketo.client_id", "client_secret": "marketo.client_secret"}
        return [{"name": name, "value": value, "word": own.get(name, name)} for name, value in values.items()]

    def statuses(self) -> list[Choice]:
        """Return what marketing writes, and what anybody has written."""
        written = (str(each.values.get("leadStatus") or "") for each in self.crm.records.people.values())
        return [Choice(each, each) for each in dict.fromkeys((*STATUSES, *written)) if each]

    def leads(self) -> list[Lead]:
        """Return the people."""
        return [
            Lead(
                str(each.id),
                str(each.values.get("lastName") or ""),
                str(each.values.get("company") or ""),
                str(each.values.get("email") or ""),
                str(each.values.get("leadStatus") or ""),
                "",
                "",
                0,
                int(each.values.get("leadScore") or 0),
            )
            for each in self.crm.records.people.values()
        ]

    def record_id(self, lead: str) -> str:
        """Return the id, with the tool."""
        return f"marketo:{lead}"

    def set_status(self, lead: str, value: str) -> None:
        """Change Lead Status."""
        self.crm.edit(int(lead), leadStatus=value)

    def score(self, lead: str, points: int) -> None:
        """Raise Lead Score, as a campaign does."""
        self.crm.score(int(lead), points, self._sample.reason)

    def email(self, lead: str) -> None:
        """Send an e-mail that is opened and clicked."""
        self.crm.email(int(lead), self._sample.email, DELIVERED, OPENED, CLICKED)

    def written(self, exchange: Exchange, lead: str) -> list[Written]:
        """Return the fields that the bot has set."""
        body = exchange.request.get("body")
        given = body.get("input") if exchange.method == "leads.sync" and isinstance(body, dict) else None
        mine = next((each for each in given or [] if str(each.get("id")) == lead), None)
        answer = exchange.answer if isinstance(exchange.answer, dict) else {}
        if mine is None or all(each.get("status") != "updated" for each in answer.get("result") or []):
            return []
        labels = {each.name: each.label for each in self.crm.records.fields.values()}
        return [
            Written(exchange.at, "field", f"{labels.get(name, name)}: {value or ''}")
            for name, value in mine.items()
            if name != "id"
        ]
