"""Account Engagement on the page: the prospects of the sample business unit."""

from playground.crm.account_engagement.account_engagement import AccountEngagement
from playground.crm.account_engagement.records import CustomField
from playground.crm.pane import JAPANESE, Choice, Lead, Pane, Sample, Written
from playground.log import Exchange
from playground.model import Json

STATUS = CustomField("MQL_Status", "MQL Status")
STATUSES = ("New", "Working", "Contacted", "Qualified", "Disqualified", "Nurture")
"""What marketing writes by hand: the field is free text."""


class AccountEngagementPane(Pane):
    """The prospects of a business unit. Sales works in Salesforce."""

    title = "Account Engagement"
    wins = sells = False

    def __init__(self, crm: AccountEngagement, sample: Sample = JAPANESE) -> None:
        super().__init__(crm)
        self.crm, self._sample = crm, sample

    @classmethod
    def filled(
        cls,
        crm: AccountEngagement,
        people: list[tuple[str, str]],  # noqa: ARG003 - reps are no users
        sample: Sample = JAPANESE,
    ) -> "AccountEngagementPane":
        """Return it with fields for the bot, and some prospects."""
        for field in (
            STATUS,
            CustomField("MQL_SLA_Due", "MQL SLA Due"),
            CustomField("MQL_Lost_Reason", "MQL Lost Reason"),
        ):
            crm.add_field(field)
        for name, company, email in sample.leads:
            crm.add(lastName=name, company=company, email=email, score=40, **{STATUS.api_name: "New"})
        return cls(crm, sample)

    def credentials(self) -> list[Json]:
        """Return what is asked for, of the local address twice: to log in, and to call."""
        crm = self.crm
        values = {
            "address": crm.base_url,
            "business_unit": crm.business_unit,
            "client_id": crm.app.client_id,
            "client_secret": crm.app.client_secret,
            "username": "",
            "private_key": "",
            "api_address": crm.base_url,
        }
        return [{"name": name, "value": value} for name, value in values.items()]

    def statuses(self) -> list[Choice]:
        """Return what marketing writes, and what anybody has written."""
        written = (str(each.values.get(STATUS.api_name) or "") for each in self.crm.records.prospects.values())
        return [Choice(each, each) for each in dict.fromkeys((*STATUSES, *written)) if each]

    def leads(self) -> list[Lead]:
        """Return the prospects."""
        return [
            Lead(
                str(each.id),
                str(each.values.get("lastName") or ""),
                str(each.values.get("company") or ""),
                str(each.values.get("email") or ""),
                str(each.values.get(STATUS.api_name) or ""),
                "",
                "",
                0,
                int(each.values.get("score") or 0),
            )
            for each in self.crm.records.prospects.values()
        ]

    def record_id(self, lead: str) -> str:
        """Return the id, as links to prospects name the tool."""
        return f"pardot:{lead}"

    def set_status(self, lead: str, value: str) -> None:
        """Change the custom field."""
        self.crm.edit(int(lead), **{STATUS.api_name: value})

    def score(self, lead: str, points: int) -> None:
        """Raise the score."""
        self.crm.score(int(lead), points)

    def email(self, lead: str) -> None:
        """Send an e-mail that is opened and clicked."""
        self.crm.email(int(lead), self._sample.email)

    def written(self, exchange: Exchange, lead: str) -> list[Written]:
        """Return the fields that the bot has set."""
        body = exchange.request.get("body")
        if exchange.method != "prospects.update" or exchange.request.get("id") != lead or not isinstance(body, dict):
            return []
        labels = {each.api_name: each.name for each in self.crm.records.custom.values()}
        return [Written(exchange.at, "field", f"{labels.get(n, n)}: {value or ''}") for n, value in body.items()]
