"""How every connector makes changes: several at once, and what a failure on the way says of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeVar

from bot.connectors.crm.contract import (
    Busy,
    CrmError,
    Denied,
    Limited,
    Made,
    Outcome,
    Revoked,
    SetProperties,
    Unknown,
    Write,
)
from bot.connectors.crm.door import NoAnswer
from bot.core.crm.records import Record

Answer = TypeVar("Answer")
NOT_REACHED = Limited(timedelta(seconds=30), "not_reached")
LOCKED = Limited(timedelta(seconds=1), "locked")


def together(changes: Sequence[Write], make: Callable[[Sequence[Write]], list[Made]]) -> list[Made]:
    """Make changes by a function that raises only where nothing was changed yet: then all of them are to be made later.
    Raises Revoked and Denied."""
    try:
        return make(changes)
    except (Revoked, Denied):
        raise
    except Busy as busy:
        return [Limited(busy.wait, busy.code)] * len(changes)
    except CrmError:
        return [NOT_REACHED] * len(changes)


def one_by_one(changes: Sequence[Write], make: Callable[[Write], Outcome]) -> list[Made]:
    """Make changes one after the other. Once the CRM takes no more calls the rest is not sent."""
    made = list[Made]()
    for change in changes:
        try:
            made.append(make(change))
        except (Revoked, Denied) as refused:
            made.append(refused)
        except Busy as busy:
            made.append(Limited(busy.wait, busy.code))
        except CrmError:
            made.append(NOT_REACHED)
        if isinstance(made[-1], Limited | Revoked):
            made += [made[-1]] * (len(changes) - len(made))
            break
    return made


def only(made: Sequence[Made]) -> Outcome:
    """Return what became of a single change. Raises Revoked and Denied."""
    (outcome,) = made
    if isinstance(outcome, CrmError):
        raise outcome
    return outcome


def patiently(ask: Callable[[], Answer], wait: Callable[[float], None]) -> Answer:
    """Return an answer, asked for again after each time for which the CRM takes no more calls. `wait`: lets so many
    seconds pass. Raises CrmError, and Busy where the calls of a whole day are gone."""
    while True:
        try:
            return ask()
        except Busy as busy:
            if busy.code != "rate":
                raise
            wait(busy.wait.total_seconds())


def unanswered(failure: NoAnswer) -> Outcome:
    """Return what is known of a change whose call brought no answer."""
    return Unknown(failure.code) if failure.was_sent else NOT_REACHED


def differs(change: SetProperties, now: Record) -> bool:
    """Return whether a property that is to be set holds another value than it did when it was read last."""
    return any(now.values.get(name) != value for name, value in change.expected.items())
