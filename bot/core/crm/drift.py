"""What has changed in a CRM since its mapping was made: fields and options that are gone, and new ones. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from collections.abc import Mapping as Words
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.core.crm.mapping import Mapping
from storage.vocabulary import CrmField


class Drift(StrEnum):
    """A change that somebody is to look at. In the catalogues `alert.crm_changed.<word>`."""

    FIELD_GONE = "field_gone"
    """The property that holds a fact is not there any more."""
    OPTION_GONE = "option_gone"
    """Options that mean something here are not there any more: they were renamed or deleted."""
    OPTION_NEW = "option_new"
    """Options of which nobody has said what they mean."""
    USER_NEW = "user_new"
    """Users of the CRM who are nobody of the team."""


@dataclass(frozen=True)
class Known:
    """What a CRM says of itself now."""

    options: Words[str, Words[str, str]]
    """Of each property its options: label by value."""
    users: Words[str, str]
    """Name of each active user, by id."""
    in_team: Collection[str]
    """Ids of the users who are in the team."""


def changes(mapping: Mapping, now: Known) -> list[dict[str, Any]]:
    """Return what has changed, as a connection keeps it: a word, the field, the property, and the names that are
    concerned. Where the CRM shows no properties at all, that is a permission that is missing, and nothing changed."""
    return [*(_of_fields(mapping, now) if now.options else ()), *_of_users(mapping, now)]


def _of_fields(mapping: Mapping, now: Known) -> Iterable[dict[str, Any]]:
    for field, how in mapping.fields.items():
        options = now.options.get(how.name)
        if options is None:
            yield _entry(Drift.FIELD_GONE, field, how.name, [])
            continue
        used = dict.fromkeys([*how.out.values(), *how.into])
        known = [label.partition("=")[2] for label in mapping.labels if label.startswith(f"{how.name}=")]
        gone = [mapping.shown(field, value) for value in used if known and value not in options]
        new = [label for value, label in options.items() if value not in known]
        if gone:
            yield _entry(Drift.OPTION_GONE, field, how.name, gone)
        if known and new and field in (CrmField.STATUS, CrmField.STAGE):
            yield _entry(Drift.OPTION_NEW, field, how.name, new)


def _of_users(mapping: Mapping, now: Known) -> Iterable[dict[str, Any]]:
    new = [name for user, name in now.users.items() if user not in mapping.names and user not in now.in_team]
    if new and mapping.names and CrmField.OWNER in mapping.fields:
        yield _entry(Drift.USER_NEW, CrmField.OWNER, mapping.fields[CrmField.OWNER].name, new)


def _entry(word: Drift, field: CrmField, name: str, names: list[str]) -> dict[str, Any]:
    return {"word": word.value, "field": field.value, "property": name, "names": names}
