"""From a row of somebody's table to an MQL of the past, or to what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from json import JSONDecodeError, loads
from typing import Any
from zoneinfo import ZoneInfo

from bot.connectors.tables import cells
from bot.connectors.tables.cells import DayOrder, Unclear, narrow
from bot.connectors.tables.columns import Column, Proposal
from bot.connectors.tables.lead_rows import lead_of
from bot.connectors.tables.outcomes import Outcome, deal_of, outcome_of
from bot.core.mql.deals import Deal
from bot.core.mql.history import Past
from storage.vocabulary import DealResult, Disposition, Source

_DISPOSITIONS = {
    Outcome.RECYCLED: Disposition.RECYCLED,
    Outcome.DISQUALIFIED: Disposition.DISQUALIFIED,
    Outcome.QUALIFIED: Disposition.QUALIFIED,
    Outcome.WON: Disposition.QUALIFIED,
    Outcome.LOST: Disposition.QUALIFIED,
}
_DEALS = {Outcome.WON: DealResult.WON, Outcome.LOST: DealResult.LOST}


@dataclass(frozen=True)
class Team:
    """What a workspace knows that a row may name."""

    zone: ZoneInfo
    now: datetime
    owners: Mapping[str, str]
    """Slack user ids by folded name, e-mail address or id."""
    reasons: Mapping[str, str]
    """Keys of lost reasons by folded key and label."""
    other_reason: str | None
    """That of a reason which the workspace does not know."""
    order: DayOrder | None = None
    words: Mapping[str, Outcome] = field(default_factory=dict)
    """What a person says that words of a status mean, by the folded word."""


@dataclass
class Notes:
    """What was decided for rows that did not say all of it."""

    outcomes_without_day: int = 0
    """The day on which the lead came in stands for it, and is in no time to outcome."""
    wins_without_amount: int = 0
    """Counted as 0."""
    other_reasons: dict[str, int] = field(default_factory=dict)
    """Lost reasons that the workspace does not know: counted as other, with their words as comment."""
    unknown_owners: dict[str, int] = field(default_factory=dict)


@lru_cache(4096)
def folded(word: str) -> str:
    """Return a word as it is compared."""
    return "".join(narrow(word).casefold().split())


@dataclass
class PastReader:
    """Reads the rows of one table."""

    proposal: Proposal
    team: Team
    notes: Notes = field(default_factory=Notes)

    def read(self, row: Sequence[str]) -> Past:
        """Return the MQL that a row tells of. Raises Unclear."""
        received_at = self._moment(Column.RECEIVED, row)
        if received_at is None:
            raise Unclear("no_received", "")
        if received_at > self.team.now:
            raise Unclear("in_future", self.proposal.cell(Column.RECEIVED, row))
        number = self._number(row)
        lead = lead_of(self.proposal, row, nameless=number is not None)
        if column := self.proposal.cell(Column.ATTRIBUTES, row):
            lead = lead.model_copy(update={"attributes": _attributes(column)})
        return Past(
            lead=lead,
            received_at=received_at,
            number=number,
            accepted_at=self._since(Column.ACCEPTED, row, received_at),
            contacted_at=self._since(Column.CONTACTED, row, received_at),
            owner=self._owner(row),
            source=self._source(row),
            tier=self.proposal.cell(Column.TIER, row)[:200] or None,
            **self._outcome(row, received_at),
        )

    def _number(self, row: Sequence[str]) -> int | None:
        text = narrow(self.proposal.cell(Column.NUMBER, row)).removeprefix("#")
        if text and not (text.isdecimal() and len(text) <= 9):
            raise Unclear("number", text)
        return int(text) if text else None

    def _moment(self, column: Column, row: Sequence[str]) -> datetime | None:
        text = self.proposal.cell(column, row)
        return cells.moment(text, self.team.zone, self.team.order) if text else None

    def _since(self, column: Column, row: Sequence[str], received_at: datetime) -> datetime | None:
        """Return a moment that does not lie before the lead came in: what is known by its day alone counts from
        there."""
        moment = self._moment(column, row)
        if moment is None:
            return None
        if moment > self.team.now:
            raise Unclear("in_future", self.proposal.cell(column, row))
        return max(moment, received_at)

    def _owner(self, row: Sequence[str]) -> str | None:
        name = self.proposal.cell(Column.OWNER, row)
        if not name:
            return None
        owner = self.team.owners.get(folded(name))
        if owner is None:
            self.notes.unknown_owners[name] = self.notes.unknown_owners.get(name, 0) + 1
        return owner

    def _source(self, row: Sequence[str]) -> Source:
        word = self.proposal.cell(Column.SOURCE, row)
        return Source(word) if word in tuple(Source) else Source.IMPORT

    def _outcome(self, row: Sequence[str], received_at: datetime) -> dict[str, Any]:
        """Return the columns of what became of it."""
        outcome = max(self._outcomes(row), default=Outcome.OPEN)
        disposition = _DISPOSITIONS.get(outcome)
        if disposition is None:
            return {}
        deal = self._deal(outcome, row, received_at)
        disposed_at = self._disposed_at(disposition, row, received_at)
        reason, comment = self._reason(disposition, row)
        return {
            "disposition": disposition,
            "disposed_at": disposed_at,
            "lost_reason": reason,
            "comment": comment,
            "deal": deal,
        }

    def _outcomes(self, row: Sequence[str]) -> Iterator[Outcome]:
        for word in self.proposal.cells(Column.OUTCOME, row):
            outcome = self.team.words.get(folded(word), outcome_of(word))
            if outcome is None:
                raise Unclear("outcome_word", word)
            yield outcome
        if stage := self.proposal.cell(Column.DEAL, row):
            yield self.team.words.get(folded(stage), deal_of(stage))
        if self.proposal.cell(Column.QUALIFIED_DATE, row):
            yield Outcome.QUALIFIED
        if self.proposal.cell(Column.WON_DATE, row):
            yield Outcome.WON

    def _disposed_at(self, disposition: Disposition, row: Sequence[str], received_at: datetime) -> datetime:
        own = self._moment(Column.OUTCOME_DATE, row)
        qualified = self._moment(Column.QUALIFIED_DATE, row) if disposition == Disposition.QUALIFIED else None
        moment = own or qualified
        if moment is None:
            self.notes.outcomes_without_day += 1
            return received_at
        if moment > self.team.now:
            raise Unclear("in_future", self.proposal.cell(Column.OUTCOME_DATE, row))
        if self._day(moment) < self._day(received_at):
            raise Unclear("outcome_before_received", self.proposal.cell(Column.OUTCOME_DATE, row))
        return max(moment, received_at)

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self.team.zone).date()

    def _deal(self, outcome: Outcome, row: Sequence[str], received_at: datetime) -> Deal | None:
        result = _DEALS.get(outcome)
        if result is None:
            return None
        text = self.proposal.cell(Column.WON_DATE, row) if result == DealResult.WON else ""
        text = text or self.proposal.cell(Column.DEAL_DATE, row) or self.proposal.cell(Column.OUTCOME_DATE, row)
        if not text:
            raise Unclear("no_deal_day", "")
        on = cells.day(text, self.team.zone, self.team.order)
        if on > self._day(self.team.now):
            raise Unclear("in_future", text)
        if on < self._day(received_at):
            raise Unclear("deal_before_received", text)
        given = self.proposal.cell(Column.AMOUNT, row)
        if result == DealResult.WON and not given:
            self.notes.wins_without_amount += 1
        amount = cells.amount(given) if given else None
        return Deal(result=result, on=on, amount=0 if result == DealResult.WON and amount is None else amount)

    def _reason(self, disposition: Disposition, row: Sequence[str]) -> tuple[str | None, str | None]:
        """Return the key of the lost reason, and the comment."""
        comment = self.proposal.cell(Column.COMMENT, row)[:3000] or None
        if disposition != Disposition.DISQUALIFIED:
            return None, comment
        word = self.proposal.cell(Column.LOST_REASON, row)
        if known := self.team.reasons.get(folded(word)):
            return known, comment
        if self.team.other_reason is None:
            raise Unclear("lost_reason", word)
        self.notes.other_reasons[word] = self.notes.other_reasons.get(word, 0) + 1
        return self.team.other_reason, comment or word[:3000] or None


def _attributes(text: str) -> dict[str, Any]:
    """Return the attributes of this bot's own export, which are JSON."""
    try:
        value = loads(text)
    except JSONDecodeError:
        value = None
    if not isinstance(value, dict):
        raise Unclear("attributes", text)
    return value
