"""kintone on the page: the records of the sample app."""

from playground.crm.kintone.kintone import Kintone
from playground.crm.pane import JAPANESE, Choice, Lead, Pane, Sample, Written
from playground.log import Exchange
from playground.model import Json

_SHOWN = ("氏名", "会社名", "メール", "対応状況")


class KintonePane(Pane):
    """The records of an app. It has no deals."""

    title = "kintone"
    wins = False

    def __init__(self, crm: Kintone) -> None:
        super().__init__(crm)
        self._crm = crm

    @classmethod
    def filled(cls, crm: Kintone, people: list[tuple[str, str]], sample: Sample = JAPANESE) -> "KintonePane":
        """Return it with users, whose login names are their e-mail addresses, and some records."""
        for name, email in people:
            crm.add_user(email, name)
        for name, company, email in sample.leads:
            crm.add(氏名=name, 会社名=company, メール=email, 対応状況="未対応")
        return cls(crm)

    def credentials(self) -> list[Json]:
        """Return address, app and token, and a user who may list the others."""
        values = {"address": self._crm.base_url, "app": str(self._crm.app_id), "token": self._crm.token}
        values |= dict.fromkeys(("email_field", "guest_space", "key_field"), "")
        values |= {"login": self._crm.login, "password": self._crm.password}
        return [{"name": name, "value": value} for name, value in values.items()]

    def statuses(self) -> list[Choice]:
        """Return the options of 対応状況."""
        return [Choice(each, each) for each in self._crm.records.fields["対応状況"].options]

    def owners(self) -> list[Choice]:
        """Return the users, without the one that stands for API tokens."""
        return [Choice(code, name) for code, name in list(self._crm.records.users.items())[1:]]

    def leads(self) -> list[Lead]:
        """Return the records."""
        shown = []
        for each in self._crm.records.records.values():
            name, company, email, status = (str(each.values.get(code) or "") for code in _SHOWN)
            owner = next((person["code"] for person in each.values.get("担当者") or []), "")
            calls = sum(comment.text.startswith("☎") for comment in each.comments)
            shown.append(Lead(str(each.id), name, company, email, status, owner, "", calls))
        return shown

    def record_id(self, lead: str) -> str:
        """Return app and number, with the tool."""
        return f"kintone:{self._crm.app_id}/{lead}"

    def set_status(self, lead: str, value: str) -> None:
        """Change 対応状況."""
        self._crm.edit(int(lead), 対応状況=value)

    def set_owner(self, lead: str, value: str) -> None:
        """Change 担当者."""
        self._crm.edit(int(lead), 担当者=[{"code": value}])

    def call(self, lead: str) -> None:
        """Note a call as people do in kintone: as a comment, and by the status."""
        self._crm.comment(int(lead), "☎ 架電しました。")

    def written(self, exchange: Exchange, lead: str) -> list[Written]:
        """Return fields, and the comments that stand for tasks and notes."""
        body = exchange.request.get("body") or {}
        if exchange.method in ("record.update", "records.update"):
            mine = [each for each in body.get("records") or [body] if str(each.get("id")) == lead]
            fields = {code: each.get("value") for known in mine for code, each in (known.get("record") or {}).items()}
            return [Written(exchange.at, "field", f"{code}: {self._shown(value)}") for code, value in fields.items()]
        if exchange.method == "comment.add" and str(body.get("record")) == lead:
            comment = body["comment"]
            return [Written(exchange.at, "task" if comment.get("mentions") else "note", str(comment["text"]))]
        return []

    def _shown(self, value: object) -> str:
        if isinstance(value, list):
            return ", ".join(self._crm.records.users.get(each["code"], each["code"]) for each in value)
        return str(value or "")
