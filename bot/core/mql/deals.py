"""Store the result of an opportunity: the current one on the MQL, every change in the log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot.core.base import permissions
from bot.core.base.permissions import Permission
from bot.core.base.results import ActionResult, Done, Refusal, Refused, gone
from bot.core.messages import notifications
from bot.core.mql import identity, marketing_updates, refusals
from bot.core.mql.intake import NotConfigured, UnknownLead
from storage import members, mqls, workspaces
from storage.models import Mql, Workspace
from storage.vocabulary import DealResult, DealSource, EventType, Source, Status

AMOUNT_MOST = 10**15


class Deal(BaseModel):
    """The result of a decided opportunity. A won one always has an amount, so that sums of won deals are complete."""

    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True)

    result: DealResult
    on: date
    amount: Annotated[int, Field(ge=0, lt=AMOUNT_MOST)] | None = None

    @model_validator(mode="after")
    def _worth_something(self) -> Self:
        if self.result == DealResult.WON and self.amount is None:
            raise ValueError("a deal that was won has an amount")
        return self


@dataclass(frozen=True)
class Lead:
    """How a CRM names a lead: by the number of its MQL, by external id, or by e-mail address."""

    number: int | None = None
    source: Source = Source.GENERIC
    external_id: str | None = None
    email: str | None = None


@dataclass(frozen=True)
class DealReport:
    """What a CRM reports of an opportunity; `deal` is None if it is under way again."""

    lead: Lead
    deal: Deal | None


def named(tx: sa.Connection, workspace_id: str, lead: Lead) -> Mql | None:
    """Return the MQL that a CRM means: of several MQLs of a lead the newest qualified one, else the newest."""
    if lead.number is not None:
        return mqls.by_number(tx, workspace_id, lead.number)
    known = identity.named(tx, workspace_id, lead.source, lead.external_id, lead.email)
    return next((candidate for candidate in known if candidate.status == Status.QUALIFIED), next(iter(known), None))


def wrong_day(workspace: Workspace, subject: Mql | None, on: date, now: datetime) -> str | None:
    """Return why an opportunity of this MQL cannot have been decided on a day: "deal_in_future" or
    "deal_before_received"; None if it can."""
    zone = ZoneInfo(workspace.timezone)
    if on > now.astimezone(zone).date():
        return "deal_in_future"
    early = subject is not None and on < subject.received_at.astimezone(zone).date()
    return "deal_before_received" if early else None


class WrongDay(ValueError):
    """The opportunity cannot have been decided on that day."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


class NotQualified(ValueError):
    """Sales has not reported the MQL as qualified, so nothing can come of it yet."""


def report(tx: sa.Connection, workspace_id: str, deal_report: DealReport, now: datetime) -> Mql:
    """Store what a CRM reports of an opportunity and return its MQL. Raises NotConfigured, UnknownLead, WrongDay or
    NotQualified, and then the caller stores nothing."""
    workspace = workspaces.get(tx, workspace_id)
    if workspace is None or workspace.policy_id is None:
        raise NotConfigured(workspace_id)
    subject = named(tx, workspace_id, deal_report.lead)
    if subject is None:
        raise UnknownLead
    if deal_report.deal and (word := wrong_day(workspace, subject, deal_report.deal.on, now)):
        raise WrongDay(word)
    if isinstance(record(tx, workspace, subject.id, DealSource.CRM, deal_report.deal, now), Refused):
        raise NotQualified(subject.number)
    return subject


def record(
    tx: sa.Connection, workspace: Workspace, mql_id: int, by: str | DealSource, deal: Deal | None, now: datetime
) -> ActionResult | None:
    """Store the result of an opportunity; `deal` None means that it is under way again. `by` is the person who says so,
    or where it comes from. Return None if it is known already."""
    subject = mqls.locked(tx, workspace.id, mql_id)
    if subject is None:
        return Refused(Refusal.NOT_FOUND)
    if subject.import_id is not None and subject.erased_at is None:
        return _of_the_past(tx, workspace, subject, by, deal, now)
    if refused := gone(subject):
        return refused
    source = by if isinstance(by, DealSource) else None
    if source is None and not permissions.may(members.get(tx, workspace.id, by), Permission.FEEDBACK, subject):
        refusals.note(tx, subject, by, Permission.FEEDBACK, now)
        return Refused(Refusal.NOT_ALLOWED, number=subject.number)
    if subject.status != Status.QUALIFIED:
        return Refused(Refusal.NOT_QUALIFIED, number=subject.number)
    values = columns(workspace, deal)
    if all(getattr(subject, name) == value for name, value in values.items()):
        return None
    mqls.update(tx, workspace.id, mql_id, **values)
    data: dict[str, Any] = {"on": deal.on.isoformat(), "amount": deal.amount} if deal else {}
    data |= {"source": source} if source else {}
    actor, after = None if source else by, deal.result if deal else None
    words = {"actor": actor, "before": subject.deal_result, "after": after, "data": data}
    event_id = mqls.log(tx, subject, EventType.DEAL, now, now, **words)
    notifications.update_card(tx, subject, event_id, now)
    marketing_updates.tell(tx, workspace, subject, event_id, now)
    return Done(subject, event_id)


def _of_the_past(
    tx: sa.Connection, workspace: Workspace, subject: Mql, by: str | DealSource, deal: Deal | None, now: datetime
) -> ActionResult | None:
    """Store the result of an imported opportunity. It has no card, and nobody is told."""
    if not isinstance(by, DealSource):
        return Refused(Refusal.IMPORTED, number=subject.number)
    if subject.status != Status.QUALIFIED:
        return Refused(Refusal.NOT_QUALIFIED, number=subject.number)
    values = columns(workspace, deal)
    if all(getattr(subject, name) == value for name, value in values.items()):
        return None
    mqls.update(tx, workspace.id, subject.id, **values)
    words = {"before": subject.deal_result, "after": deal.result if deal else None, "data": {"source": by}}
    return Done(subject, mqls.log(tx, subject, EventType.IMPORTED, now, now, **words))


def columns(workspace: Workspace, deal: Deal | None) -> dict[str, Any]:
    """Return a deal as the columns of its MQL."""
    if deal is None:
        return {"deal_result": None, "deal_result_at": None, "amount": None}
    day = _midnight(deal.on, workspace.timezone)
    return {"deal_result": deal.result, "deal_result_at": day, "amount": deal.amount}


def keep_days(tx: sa.Connection, workspace_id: str, before: str, after: str) -> None:
    """Let every deal keep its day though the timezone of the workspace becomes another: a day is stored by its
    midnight."""
    for mql_id, at in mqls.dealt(tx, workspace_id):
        day = at.astimezone(ZoneInfo(before)).date()
        mqls.update(tx, workspace_id, mql_id, deal_result_at=_midnight(day, after))


def _midnight(day: date, timezone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(timezone)).astimezone(UTC)
