"""From a place of the settings to what its form shows, and from a sent form to the changes that it asks for. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bot.core.settings import Change, entry
from bot.core.settings.change import IDENTITY, Document, changed
from bot.core.teamfile.positions import Path
from bot.slack.blocks.base import ids
from bot.slack.blocks.settings import hours
from bot.slack.blocks.settings.kinds import Kind, Named, State, given
from bot.slack.blocks.settings.screens import NEW, SCREENS, Field, Form, Listing, Place, form_of, listing_of
from storage.vocabulary import CalendarKind, Role

USER = r"[UW][A-Z0-9]+"
_DROPPED: dict[str, tuple[str, ...]] = {
    CalendarKind.ALWAYS: ("hours", "day_hours", "working_days", "holidays"),
    CalendarKind.BUSINESS_DAYS: ("hours", "day_hours"),
}
"""Fields of the calendar's form that mean nothing with its kind."""


def is_new(place: Place, document: Document) -> bool:
    """Return whether a form is about an entry that is not there yet."""
    in_list = listing_of(place.screen) is not None and place.screen not in hours.DAYS
    return in_list and entry(document, place.path) is None


def block_of(field: Field) -> str:
    """Return the block id of a field."""
    return f"{ids.SETTING_FIELD}:{field.name}"


def kind_of(field: Field, place: Place, document: Document) -> Kind:
    """Return how a field is entered: a pool is chosen among those that there are."""
    if (place.screen, field.name) == ("route", "pool"):
        return Named(tuple(pool["name"] for pool in document.get("pools", ())))
    return field.kind


def opened(place: Place, document: Document) -> dict[str, Any]:
    """Return what a form shows at first: the entry at its place, in the form's own shape."""
    if place.screen in hours.DAYS:
        known = hours.week(hours.WEEKS[hours.DAYS.index(place.screen)], place.path[:-1], document)
        return {"day": place.path[-1], "hours": known.get(str(place.path[-1]))}
    there = entry(document, place.path)
    listed = listing_of(place.screen)
    if listed is not None and listed[1].keyed:
        return {} if there is None else {"day": place.path[-1], "hours": there}
    shown: dict[str, Any] = there or {}
    if place.screen == "calendar" and there is not None and there.get("kind") != CalendarKind.ALWAYS:
        shown |= {"working_days": hours.worked(there)}
    if place.screen == "pool":
        users = [*(user for user in shown.get("members", ()) if re.fullmatch(USER, user))]
        users += [person["user"] for person in shown.pop("people", ()) if person["user"] not in users]
        sources = [written for written in shown.pop("members", ()) if not re.fullmatch(USER, written)]
        shown |= {"people": users, "sources": sources}
    return shown


def value_at(shown: dict[str, Any], field: Field) -> Any:
    """Return the value of a field, or None."""
    return entry(shown, field.path)


def stated(place: Place, state: State, document: Document) -> dict[str, Any]:
    """Return what a sent form says, in the form's own shape: fields that were left empty are not in it."""
    after = opened(place, document)
    for field in form_of(place).fields:
        _put(after, field.path, kind_of(field, place, document).read(state, block_of(field)))
    if place.screen == "calendar":
        dropped = _DROPPED.get(str(after.get("kind")), ())
        after = {key: value for key, value in after.items() if key not in dropped}
    return after


def _put(shown: dict[str, Any], path: Path, value: Any) -> None:
    inside, key = shown, str(path[-1])
    for part in path[:-1]:
        inside = inside.setdefault(str(part), {})
    if value is not None:
        inside[key] = value
    else:
        inside.pop(key, None)


def faults(place: Place, state: State, document: Document) -> dict[str, str]:
    """Return the blocks of inputs that do not go with others of their field, each with the key of what is wrong."""
    fields = form_of(place).fields
    return dict(fault for each in fields for fault in kind_of(each, place, document).faults(state, block_of(each)))


def changes(place: Place, state: State, document: Document) -> list[Change]:
    """Return what a sent form asks for; none where it says what holds already."""
    form, listed = form_of(place), listing_of(place.screen)
    if given(state, ids.SETTING_REMOVE):
        asked = [Change(place.path, None)]
    else:
        asked = _put_back(place, form, stated(place, state, document), document)
        if listed is not None and listed[1].ordered:
            asked += _moved(place.path, given(state, ids.SETTING_PLACE), changed(document, asked))
    asked += _followed(place, document, changed(document, asked))
    return asked if changed(document, asked) != document else []


def _put_back(place: Place, form: Form, after: dict[str, Any], document: Document) -> list[Change]:
    """Return the change of the entry itself, in the shape of the team file."""
    if place.screen in hours.DAYS:
        return hours.changes(place.screen, place.path, after, document)
    if place.screen == "calendar":
        table = hours.calendar_table(after, entry(document, place.path))
        return [] if table is None else [Change(place.path, table)]
    listed = listing_of(place.screen)
    if listed is not None and listed[1].keyed:
        old = [Change(place.path, None)] if isinstance(place.path[-1], str) else []
        return [*old, Change((*place.path[:-1], str(after.get("day"))), after.get("hours", []))]
    if form.whole and not after:
        return [Change(place.path, None)]
    if place.screen == "pool":
        own_terms = entry(document, (*place.path, "people")) or ()
        people = [person for person in own_terms if person["user"] in after.get("people", ())]
        own = {person["user"] for person in people}
        members = [user for user in after.pop("people", ()) if user not in own] + after.pop("sources", [])
        after |= {"members": members} | ({"people": people} if people else {})
    if place.screen in ("member", "pool_person"):
        after = {"user": place.path[-1]} | after
    if place.screen == "lost_reason" and "key" not in after:
        after = {"key": _key(str(after.get("en", "")), document)} | after
    if place.screen == "lost_reason":
        after = {"comment_required": False, "unfit": False} | after
    return [Change(place.path, after)]


def _key(wording: str, document: Document) -> str:
    """Return a key for a new lost reason that no other has."""
    taken = {reason["key"] for reason in document["lost_reasons"]}
    plain = re.sub(r"[^a-z0-9]+", "_", wording.lower()).strip("_")[:50]
    key = plain if re.match("[a-z]", plain) else f"reason_{plain}".rstrip("_")
    numbers = (f"{key}_{number}" for number in range(2, len(taken) + 3))
    return key if key not in taken else next(other for other in numbers if other not in taken)


def _moved(path: Path, wanted: str | list[str] | None, document: Document) -> list[Change]:
    """Return the list with an entry at another place, counted from 1."""
    entries = entry(document, path[:-1]) or []
    known = entry(document, path)
    at = entries.index(known) if known in entries else len(entries) - 1
    if not isinstance(wanted, str) or not wanted.isdecimal() or int(wanted) == at + 1:
        return []
    moved = entries.pop(at)
    entries.insert(max(int(wanted), 1) - 1, moved)
    return [Change(path[:-1], entries)]


def _followed(place: Place, before: Document, after: Document) -> list[Change]:
    """Return what has to follow, so that nothing names what is gone: routes a renamed pool or tier, and pools somebody
    who gets no turns any more."""
    if place.screen == "channels" and "marketing" not in after.get("channels", {}):
        return [Change(("outcomes",), None)]
    if place.screen in ("pool", "tier_rules"):
        return list(_renamed(place, before, after))
    if place.screen == "member":
        return list(_out_of_pools(str(place.path[-1]), after))
    return []


def _renamed(place: Place, before: Document, after: Document) -> Iterator[Change]:
    names = [{str(known.get("name")) for known in entry(tables, place.path[:-1]) or ()} for tables in (before, after)]
    gone, new = names[0] - names[1], names[1] - names[0]
    if len(gone) != 1 or len(new) != 1:
        return
    (old,), (name,) = gone, new
    for route in after.get("routes", ()):
        if place.screen == "pool" and route.get("pool") == old:
            yield Change(("routes", route["name"], "pool"), name)
        tiers = route.get("when", {}).get("tiers", ())
        if place.screen == "tier_rules" and old in tiers:
            renamed = [name if tier == old else tier for tier in tiers]
            yield Change(("routes", route["name"], "when", "tiers"), renamed)


def _out_of_pools(user: str, after: Document) -> Iterator[Change]:
    person = entry(after, ("members", user)) or {}
    if person.get("active", True) and Role.REP in person.get("roles", ()):
        return
    for pool in after.get("pools", ()):
        path = ("pools", pool["name"])
        if user in pool.get("members", ()):
            yield Change((*path, "members"), [other for other in pool["members"] if other != user])
        if any(known["user"] == user for known in pool.get("people", ())):
            yield Change((*path, "people", user), None)


def place_after(place: Place, state: State, document: Document) -> int | None:
    """Return the place of an entry in its list, from 1, as the form shows it; None where order means nothing."""
    listed = listing_of(place.screen)
    if listed is None or not listed[1].ordered:
        return None
    wanted = given(state, ids.SETTING_PLACE)
    if isinstance(wanted, str) and wanted.isdecimal():
        return int(wanted)
    entries, known = entry(document, place.path[:-1]) or [], entry(document, place.path)
    return entries.index(known) + 1 if known in entries else len(entries) + 1


def entry_paths(place: Place, document: Document) -> list[tuple[Path, dict[str, Any]]]:
    """Return the entries of a list with their paths, in the shape of their form."""
    there, screen = entry(document, place.path) or [], SCREENS[place.screen]
    if not isinstance(screen, Listing):
        raise LookupError(place.screen)
    if place.screen in hours.WEEKS:
        days = [(*place.path, day) for day in hours.days(place.screen)]
        return [(path, opened(Place(screen.entry, path), document)) for path in days]
    if isinstance(there, dict):
        parts: list[Any] = sorted(there)
    else:
        key = IDENTITY.get(str(place.path[-1]))
        parts = [known[key] if key else number for number, known in enumerate(there)]
    paths = [(*place.path, part) for part in parts]
    return [(path, opened(Place(screen.entry, path), document)) for path in paths]


def new_entry(place: Place) -> Path:
    """Return the path of an entry that a list is to get."""
    return (*place.path, NEW)
