"""A CRM as the page shows it: its leads, what a person does to them, and what the bot has written."""

from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import ClassVar

from playground.crm.faults import CrmFault
from playground.crm.service import Service
from playground.errors import ClientRefused
from playground.log import Exchange
from playground.model import Json

AMOUNT = 3_000_000
POINTS = 10
"""By so much a press raises a score."""
TROUBLE = (
    CrmFault.RATE_LIMIT,
    CrmFault.UNAUTHORIZED,
    CrmFault.MISSING_SCOPES,
    CrmFault.ERROR_500,
    CrmFault.HANG,
    CrmFault.LOSE_ANSWER,
)
"""What the page can let go wrong between the bot and a CRM."""


@dataclass(frozen=True)
class Sample:
    """What a CRM begins with and what marketing does in it, in one language. All of it is invented."""

    leads: tuple[tuple[str, str, str], ...]
    """Names, companies and addresses."""
    email: str
    """Subject of what is sent."""
    reason: str
    """Why a score rises."""


JAPANESE = Sample(
    (
        ("田中 一郎", "株式会社あおぞら電機", "tanaka@aozora.example"),
        ("中村 さくら", "北都システム株式会社", "nakamura@hokuto.example"),
        ("Emma Clark", "Harbor Foods Ltd.", "clark@harbor.example"),
    ),
    "11月のご案内",
    "料金ページの閲覧",
)
ENGLISH = Sample(
    (
        ("Peter Walsh", "Bluesky Electric", "walsh@bluesky.example"),
        ("Laura Finch", "Northgate Systems", "finch@northgate.example"),
        ("Emma Clark", "Harbor Foods Ltd.", "clark@harbor.example"),
    ),
    "News of November",
    "Visited the pricing page",
)


@dataclass(frozen=True)
class Choice:
    """Something that can be chosen: the value that the CRM keeps, the label that people see."""

    value: str
    label: str


@dataclass(frozen=True)
class Written:
    """What the bot has written: a field with its value, a task, a note. `what` is `field`, `task` or `note`."""

    at: datetime
    what: str
    text: str


@dataclass(frozen=True)
class Lead:
    """One lead of the list. `deal` is nothing, `open` or `won`; `calls` how often somebody has called; `score` is
    of a tool of marketing."""

    id: str
    name: str
    company: str
    email: str
    status: str
    owner: str
    deal: str
    calls: int
    score: int | None = None


class Pane(ABC):
    """One CRM on the page."""

    title: ClassVar[str] = ""
    wins: ClassVar[bool] = True
    """Whether the CRM has deals that can be won."""
    sells: ClassVar[bool] = True
    """Whether reps work in it, with owners and calls; else it is marketing's, with scores and e-mails."""

    def __init__(self, service: Service) -> None:
        self.service = service

    @property
    def kind(self) -> str:
        """The word by which it is connected."""
        return self.service.kind

    def state(self) -> Json:
        """Return all of it for the page."""
        with self.service.lock:
            leads = [asdict(each) | {"written": self._written_to(each.id)} for each in self.leads()]
            return {
                "kind": self.kind,
                "title": self.title,
                "wins": self.wins,
                "sells": self.sells,
                "address": self.service.base_url,
                "credentials": [{"word": each["name"]} | each for each in self.credentials()],
                "statuses": [asdict(each) for each in self.statuses()],
                "owners": [asdict(each) for each in self.owners()],
                "leads": leads,
                "trouble": [str(each) for each in TROUBLE],
                "faults": sorted({str(rule.fault) for rule in self.service.faults.rules}),
                "calls": sum(each.direction == "from_bot" for each in self.service.log),
            }

    def act(self, act: str, lead: str, value: str) -> Json:
        """Do what a person does in the CRM. Raises ClientRefused for what there is not."""
        if all(each.id != lead for each in self.leads()):
            raise ClientRefused(f"{self.title} has no lead {lead}")
        with self.service.lock:
            if act == "status":
                self.set_status(lead, _one_of(self.statuses(), value))
            elif act == "owner" and self.sells:
                self.set_owner(lead, _one_of(self.owners(), value))
            elif act == "call" and self.sells:
                self.call(lead)
            elif act == "win" and self.wins:
                self.win(lead)
            elif act == "score" and not self.sells:
                self.score(lead, POINTS)
            elif act == "email" and not self.sells:
                self.email(lead)
            else:
                raise ClientRefused(f"{self.title} cannot {act}")
        return {"ok": True}

    def trouble(self, name: str) -> Json:
        """Let every call fail in one way, or no longer where it does already."""
        if name not in list(TROUBLE):
            raise ClientRefused(f"no trouble {name}")
        faults, fault = self.service.faults, CrmFault(name)
        if any(rule.fault == fault for rule in faults.rules):
            faults.remove(fault)
        else:
            faults.add("*", fault, seconds=8)
        self.service.changes.bump()
        return {"ok": True}

    def handed(self, lead: str) -> Json:
        """Return a lead as the CRM's marketing hands it to the bot."""
        known = next((each for each in self.leads() if each.id == lead), None)
        if known is None:
            raise ClientRefused(f"{self.title} has no lead {lead}")
        person = {"company": known.company, "person": known.name, "email": known.email}
        return {**person, "external_id": self.record_id(lead), "channel": self.title}

    def _written_to(self, lead: str) -> list[Json]:
        """Return what the bot has written to a lead, the newest first."""
        done = [each for each in self.service.log if each.direction == "from_bot" and each.status and each.status < 300]
        rows = [row for each in done for row in self.written(each, lead)]
        return [asdict(each) | {"at": each.at.isoformat()} for each in reversed(rows)]

    @abstractmethod
    def credentials(self) -> list[Json]:
        """Return what `mql-bot crm connect` asks for: question and answer, with the page's `word` for it where the tool
        calls it otherwise than the others do."""

    @abstractmethod
    def statuses(self) -> list[Choice]:
        """Return the statuses of a lead."""

    def owners(self) -> list[Choice]:
        """Return who may own a lead; nobody where sales does not work in it."""
        return []

    @abstractmethod
    def leads(self) -> list[Lead]:
        """Return the leads, the oldest first."""

    @abstractmethod
    def record_id(self, lead: str) -> str:
        """Return the id as a lead carries it to the bot."""

    @abstractmethod
    def set_status(self, lead: str, value: str) -> None:
        """Change the status by hand."""

    def set_owner(self, lead: str, value: str) -> None:  # noqa: B027 - marketing's tools have no owners
        """Change the owner by hand."""

    def call(self, lead: str) -> None:  # noqa: B027 - nobody calls from marketing's tools
        """Log a call that the owner has made."""

    def score(self, lead: str, points: int) -> None:  # noqa: B027 - only marketing's tools score
        """Raise the score of a lead, as a campaign does."""

    def email(self, lead: str) -> None:  # noqa: B027 - only marketing's tools send e-mails
        """Send an e-mail to a lead, who opens it and clicks."""

    def win(self, lead: str) -> None:  # noqa: B027 - a CRM without deals has nothing to win
        """Win a deal with the lead."""

    @abstractmethod
    def written(self, exchange: Exchange, lead: str) -> list[Written]:
        """Return what a call of the bot has written to a lead."""


def named(choices: list[Choice], value: object) -> str:
    """Return the label of a value; the value itself where nothing is called so."""
    return next((each.label for each in choices if each.value == value), str(value if value is not None else ""))


def _one_of(choices: list[Choice], value: str) -> str:
    if all(each.value != value for each in choices):
        raise ClientRefused(f"{value!r} cannot be chosen")
    return value
