"""Which property of a CRM holds which fact of an MQL, in whose words, and whose it is. Pure."""

from __future__ import annotations

from collections.abc import Mapping as Words
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from storage.vocabulary import CrmField, Status

MINUTE = len("2026-11-30T01:00")
"""So much of a moment in ISO 8601 says its minute."""


class Rule(StrEnum):
    """Whose a field is. Ours: the CRM shows what the bot decides. Theirs: the bot follows the CRM. Newest: either side
    may change it, and the other follows."""

    OURS = "ours"
    THEIRS = "theirs"
    NEWEST = "newest"


@dataclass(frozen=True)
class FieldMapping:
    """One field: which property holds it, and what a word of one side is on the other."""

    name: str
    """The CRM's own name of the property."""
    rule: Rule
    out: Words[str, str] = field(default_factory=dict)
    """Their value by our word. What is missing is not written."""
    into: Words[str, str] = field(default_factory=dict)
    """Our word by their value. What is missing means nothing to the bot."""


@dataclass(frozen=True)
class Mapping:
    """How one CRM is mapped."""

    fields: Words[CrmField, FieldMapping] = field(default_factory=dict)
    users: Words[str, str] = field(default_factory=dict)
    """Slack user id by id of the CRM's user, for everybody who is in both."""
    owners: Words[str, str] = field(default_factory=dict)
    """Id of the CRM's user by Slack user id."""
    names: Words[str, str] = field(default_factory=dict)
    """Name by id of the CRM's user, for people to read."""
    labels: Words[str, str] = field(default_factory=dict)
    """What the CRM shows for a value, by `property=value`."""
    tasks: bool = True
    """Whether each new owner gets a task in the CRM."""
    notes: bool = True
    """Whether what became of an MQL is written as a note."""
    deals_qualify: bool = True
    """Whether a deal that was made after the lead came in says that it is an opportunity."""

    deal_rule: Rule = Rule.NEWEST
    """Whose it is to say what came of a deal. `newest`: what a person reported here stays until a person decides."""

    def written(self, which: CrmField, ours: str | None) -> str | None:
        """Return the value that a property is to hold for a fact of ours: an empty text empties it, None leaves it as
        it is."""
        how = self.fields[which]
        if which == CrmField.OWNER:
            return self.owners.get(ours or "")
        if which in (CrmField.STATUS, CrmField.STAGE):
            return how.out.get(ours or "")
        if ours is None:
            return ""
        return ours if which == CrmField.SLA_DUE else how.out.get(ours, ours if not how.out else None)

    def meant(self, which: CrmField, theirs: str | None) -> str | None:
        """Return our word for a value of theirs; None: it means nothing to the bot."""
        if theirs is None:
            return None
        if which == CrmField.OWNER:
            return self.users.get(theirs)
        if which == CrmField.SLA_DUE:
            return theirs
        how = self.fields[which]
        return how.into.get(theirs, theirs if not how.out and not how.into else None)

    def agrees(self, which: CrmField, ours: str | None, theirs: str | None) -> bool:
        """Return whether both sides say the same. Of a deadline its minute counts: some CRMs keep no seconds."""
        if which == CrmField.SLA_DUE and ours and theirs:
            return ours[:MINUTE] == theirs[:MINUTE]
        written, meant = self.written(which, ours), self.meant(which, theirs)
        return (written is not None and written == (theirs or "")) or (meant is not None and meant == ours)

    def shown(self, which: CrmField, theirs: str | None) -> str:
        """Return a value of theirs as the CRM shows it; an empty one as an empty text."""
        if theirs is None:
            return ""
        how = self.fields.get(which)
        if which == CrmField.OWNER:
            return self.names.get(theirs, theirs)
        return self.labels.get(f"{how.name}={theirs}", theirs) if how else theirs

    def to_json(self) -> dict[str, Any]:
        """Return it as it is stored."""
        fields = {
            which: {"name": how.name, "rule": how.rule, "out": dict(how.out), "into": dict(how.into)}
            for which, how in self.fields.items()
        }
        words = {name: dict(getattr(self, name)) for name in ("users", "owners", "names", "labels")}
        flags = {name: getattr(self, name) for name in ("tasks", "notes", "deals_qualify", "deal_rule")}
        return {"fields": fields, **words, **flags}

    @classmethod
    def of(cls, stored: Words[str, Any]) -> Mapping:
        """Return what was stored."""
        fields = {
            CrmField(which): FieldMapping(how["name"], Rule(how["rule"]), how["out"], how["into"])
            for which, how in stored["fields"].items()
        }
        rule = Rule(stored.get("deal_rule", Rule.NEWEST))
        others = {name: value for name, value in stored.items() if name not in ("fields", "deal_rule")}
        return cls(fields, **others, deal_rule=rule)


RULES: Words[CrmField, Rule] = {
    CrmField.OWNER: Rule.NEWEST,
    CrmField.STATUS: Rule.NEWEST,
    CrmField.STAGE: Rule.THEIRS,
    CrmField.DISPOSITION: Rule.OURS,
    CrmField.LOST_REASON: Rule.OURS,
    CrmField.SLA_DUE: Rule.OURS,
}
"""Whose a field is unless somebody says otherwise: those that a property of a record holds. A deal is an object of its
own."""

_WORDS: tuple[tuple[Status, tuple[str, ...]], ...] = (
    (Status.CONTACTED, ("connected", "working - contacted", "contacted", "接触済み", "連絡済み")),
    (Status.ACCEPTED, ("in_progress", "working", "open - contacted", "対応中", "受領")),
    (Status.ACCEPTED, ("attempted_to_contact", "attempted")),
    (Status.QUALIFIED, ("open_deal", "qualified", "salesqualifiedlead", "opportunity", "商談化", "商談中", "商談")),
    (Status.DISQUALIFIED, ("unqualified", "disqualified", "closed - not converted", "見送り", "対象外", "失注")),
    (Status.RECYCLED, ("bad_timing", "nurture", "nurturing", "recycled", "育成", "育成へ戻す", "時期尚早")),
)
"""What options are usually called, the most usual first, in lower case: by value or by label."""


def in_words(name: str, labels: Words[str, str], *, writable: bool) -> FieldMapping:
    """Return how a status is mapped that is free text: what the bot calls each status is written; that, and what it is
    usually called, is understood. `labels`: by our word."""
    into = {
        spelled: status.value
        for status, usual in _WORDS
        for word in usual
        for spelled in (word, word.capitalize(), word.title())
    }
    into |= {label: word for word, label in labels.items()}
    return FieldMapping(name, RULES[CrmField.STATUS], labels if writable else {}, into)


def proposed(
    which: CrmField, name: str, options: Words[str, str], closing: frozenset[str] = frozenset()
) -> FieldMapping:
    """Return how a property is mapped unless somebody says otherwise: its options by what they are usually called.
    `options`: label by value. `closing`: options that are never written."""
    if which not in (CrmField.STATUS, CrmField.STAGE):
        return FieldMapping(name, RULES[which])
    out, into = dict[str, str](), dict[str, str]()
    for status, usual in _WORDS:
        for word in usual:
            for value, label in options.items():
                if word not in (value.lower(), label.lower()):
                    continue
                into.setdefault(value, status)
                if value not in closing:
                    out.setdefault(status, value)
    if Status.ACCEPTED in out:
        # Whoever has been in contact is at work on it: an app with "対応中" alone is not to show it as untouched.
        out.setdefault(Status.CONTACTED, out[Status.ACCEPTED])
    return FieldMapping(name, RULES[which], out if which == CrmField.STATUS else {}, into)
