"""How every connector makes a change: what a failure on the way says of it, and a write that is to meet no other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from bot.connectors.crm.contract import (
    AddNote,
    AddTask,
    Busy,
    Conflict,
    CrmError,
    Denied,
    Limited,
    Outcome,
    Refused,
    Revoked,
    SetProperties,
    Unknown,
    Write,
)
from bot.connectors.crm.door import NoAnswer
from bot.core.crm.records import Record

NOT_REACHED = Limited(timedelta(seconds=30), "not_reached")
TRIES = 3
LOCKED = Limited(timedelta(seconds=1), "locked")


def write(
    change: Write, set_properties: Callable[[SetProperties], Outcome], add: Callable[[AddTask | AddNote], Outcome]
) -> Outcome:
    """Make a change by the one of two ways that fits. Only reading raises anything but Revoked and Denied, and what was
    only read changed nothing: then the change is to be made later. Raises Revoked and Denied."""
    try:
        return set_properties(change) if isinstance(change, SetProperties) else add(change)
    except (Revoked, Denied):
        raise
    except Busy as busy:
        return Limited(busy.wait, busy.code)
    except CrmError:
        return NOT_REACHED


def unanswered(failure: NoAnswer) -> Outcome:
    """Return what is known of a change whose call brought no answer."""
    return Unknown(failure.code) if failure.was_sent else NOT_REACHED


def set_unless_changed(
    change: SetProperties, read: Callable[[], Record | None], put: Callable[[str], Outcome]
) -> Outcome:
    """Set properties in a CRM that compares versions. `put` writes over a version, or says Conflict where there is
    another one by now; whether that holds other values than expected is seen by reading."""
    version = change.version
    for _ in range(TRIES):
        if not version:
            now = read()
            if now is None:
                return Refused("no_record")
            if differs(change, now):
                return Conflict(now)
            version = now.version
        outcome = put(version)
        if not isinstance(outcome, Conflict):
            return outcome
        version = ""
    return LOCKED


def differs(change: SetProperties, now: Record) -> bool:
    """Return whether a property that is to be set holds another value than it did when it was read last."""
    return any(now.values.get(name) != value for name, value in change.expected.items())
