"""The records of a HubSpot account: properties with their history, associations, and what a search finds by now."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from playground.crm.hubspot import errors, values
from playground.crm.hubspot.schema import (
    BECAME_MQL,
    DEFAULT_ASSOCIATIONS,
    OBJECT_TYPES,
    PRIMARY_COMPANY,
    ObjectType,
    Option,
    Pipeline,
    Property,
    Stage,
    sales_pipeline,
)
from playground.crm.service import Refused
from playground.model import Json

MOST_ASSOCIATED = 50_000


@dataclass(frozen=True)
class Source:
    """Who changes something: `INTEGRATION` with the app's id, `CRM_UI` with `userId:9`, `SEQUENCES`, `MERGE`."""

    kind: str
    id: str = ""


@dataclass
class Record:
    """One record. `index` holds what searches see of it, each from its moment on; None: nothing."""

    id: str
    type: ObjectType
    created: datetime
    updated: datetime
    properties: dict[str, str] = field(default_factory=dict)
    history: dict[str, list[Json]] = field(default_factory=dict)
    archived_at: datetime | None = None
    index: list[tuple[datetime, dict[str, str] | None]] = field(default_factory=list)

    def found(self, now: datetime) -> dict[str, str] | None:
        """Return what a search sees of it at this moment."""
        seen = [properties for at, properties in self.index if at <= now]
        return seen[-1] if seen else None


@dataclass(frozen=True)
class Owner:
    """Somebody who may own records. `id` is the owner's, `user_id` the user's: two numbers."""

    id: str
    user_id: int
    email: str
    first_name: str
    last_name: str
    archived: bool = False


class Records:
    """Everything that the account keeps. Raises Refused, with HubSpot's words, for what it does not take.

    `search_lag` is how long a new and a changed record take until a search finds them so.
    """

    def __init__(self, now: Callable[[], datetime], emit: Callable[[Json], None]) -> None:
        self._now, self._emit = now, emit
        self.types = {each.plural: each for each in OBJECT_TYPES}
        self.by_type_id = {each.type_id: each for each in OBJECT_TYPES}
        self.properties = {each.plural: {field.name: field for field in each.properties} for each in OBJECT_TYPES}
        self.records: dict[str, dict[str, Record]] = {each.plural: {} for each in OBJECT_TYPES}
        self.owners: dict[str, Owner] = {}
        self.pipelines: list[Pipeline] = [sales_pipeline()]
        self.associations: dict[tuple[str, str, str], dict[str, set[int]]] = {}
        """From (plural, id, plural of the others) to the others' ids and the numbers of the associations."""
        self.moved: dict[tuple[str, str], str] = {}
        """Ids that were merged away, with the id that stands for them."""
        self.search_lag = (timedelta(seconds=10), timedelta(seconds=60))
        self._last_id = 100

    # Looking

    def type(self, name: str) -> ObjectType:
        """Return a kind of record by its name or number."""
        known = self.types.get(name) or self.by_type_id.get(name)
        if known is None:
            raise Refused(errors.problem(400, "VALIDATION_ERROR", f"Unable to infer object type from: {name}"))
        return known

    def get(self, kind: ObjectType, number: str, id_property: str = "", archived: bool = False) -> Record:
        """Return a record by its id, also one that was merged away, or by a unique property."""
        if id_property and id_property != "hs_object_id":
            record = self._by_unique(kind, id_property, number)
        else:
            record = self.records[kind.plural].get(self.current_id(kind, number))
        if record is None or (record.archived_at is not None) != archived:
            raise errors.not_found()
        return record

    def current_id(self, kind: ObjectType, number: str) -> str:
        """Follow merges to the id that stands for this one now."""
        while (kind.plural, number) in self.moved:
            number = self.moved[kind.plural, number]
        return number

    def live(self, kind: ObjectType) -> list[Record]:
        """List the records that are not archived, the oldest id first."""
        return [each for each in self.records[kind.plural].values() if each.archived_at is None]

    def _by_unique(self, kind: ObjectType, name: str, value: str) -> Record | None:
        known = self.properties[kind.plural].get(name)
        if known is None or not known.unique:
            raise errors.invalid(f"{name} is not a unique property of {kind.plural}")
        wanted = value.strip().lower()
        matching = (each for each in self.live(kind) if each.properties.get(name, "").lower() == wanted)
        return next(matching, None) if wanted else None

    def stage(self, number: str) -> Stage | None:
        """Return a stage of a deal pipeline."""
        return next((stage for each in self.pipelines for stage in each.stages if stage.id == number), None)

    def definition(self, kind: ObjectType, name: str) -> Property | None:
        """Return a property with the options that it has now."""
        known = self.properties[kind.plural].get(name)
        if known is None or kind.plural != "deals" or name not in ("dealstage", "pipeline"):
            return known
        stages = [stage for each in self.pipelines for stage in each.stages]
        choices = [(each.id, each.label) for each in (stages if name == "dealstage" else self.pipelines)]
        return Property(name, "enumeration", known.label, _options(choices))

    # Changing

    def create(self, kind: ObjectType, given: Mapping[str, object], links: Iterable[Json], source: Source) -> Record:
        """Make a record, associated from the start. Nothing is kept of one that is refused."""
        wanted = self._checked(kind, given, None)
        lacking = [name for name in kind.required if not wanted.get(name)]
        if lacking:
            raise errors.not_valid(
                values.problem(self.definition(kind, name), name, "REQUIRED_PROPERTY", f"{name} is required")
                for name in lacking
            )
        self._must_be_unique(kind, wanted, None)
        linked = [self._link(kind, each) for each in links]
        if kind.plural == "leads" and not any(other.type.plural == "contacts" for other, _ in linked):
            raise errors.invalid("a lead must be associated with an existing contact")
        now = self._now()
        self._last_id += 1
        record = Record(str(self._last_id), kind, now, now)
        self.records[kind.plural][record.id] = record
        created = values.stamp(now)
        given_by_us = {"hs_object_id": record.id, "createdate": created, "hs_createdate": created}
        known = self.properties[kind.plural]
        record.properties |= {name: value for name, value in given_by_us.items() if name in known}
        record.properties["hs_object_source"] = source.kind
        if kind.plural == "deals":
            wanted = {"pipeline": self.pipelines[0].id} | wanted
        self._write(record, wanted, source, new=True)
        for other, numbers in linked:
            self._associate(record, other, numbers)
        self.emit(record, "creation", source, changeFlag="CREATED")
        self._index(record, self.search_lag[0])
        return record

    def update(self, record: Record, given: Mapping[str, object], source: Source) -> None:
        """Change some properties: all of them, or none where one is refused."""
        wanted = self._checked(record.type, given, record)
        self._must_be_unique(record.type, wanted, record)
        if source.kind == "INTEGRATION":
            self._only_forward(record, wanted)
        self._write(record, wanted, source)
        self._index(record, self.search_lag[1])

    def archive(self, record: Record, source: Source) -> None:
        """Delete a record, as a person or the API does: it can be seen with `archived=true`."""
        record.archived_at = record.updated = self._now()
        self._index(record, self.search_lag[1], gone=True)
        self.emit(record, "deletion", source)

    def erase(self, record: Record, source: Source) -> None:
        """Delete a person for good, as the law asks for: nothing can be read any more."""
        del self.records[record.type.plural][record.id]
        self._forget_associations(record)
        self.emit(record, "privacyDeletion", source)

    def merge(self, primary: Record, other: Record, source: Source) -> Record:
        """Make one of two records, under a new id that both old ones lead to."""
        taken = {name: value for name, value in other.properties.items() if not primary.properties.get(name)}
        kept = {**taken, **primary.properties}
        now = self._now()
        self._last_id += 1
        merged = Record(str(self._last_id), primary.type, min(primary.created, other.created), now)
        merged.properties = kept | {"hs_object_id": merged.id, "hs_merged_object_ids": f"{primary.id};{other.id}"}
        merged.history = {name: list(entries) for name, entries in primary.history.items()}
        for old in (primary, other):
            self.moved[primary.type.plural, old.id] = merged.id
            self._move_associations(old, merged)
            del self.records[primary.type.plural][old.id]
        self.records[primary.type.plural][merged.id] = merged
        merged.properties[merged.type.modified] = values.stamp(now)
        self._index(merged, self.search_lag[1])
        self.emit(
            primary,
            "merge",
            source,
            primaryObjectId=int(primary.id),
            mergedObjectIds=[int(other.id)],
            newObjectId=int(merged.id),
            numberOfPropertiesMoved=len(taken),
        )
        return merged

    def _checked(self, kind: ObjectType, given: Mapping[str, object], record: Record | None) -> dict[str, str]:
        owners = {each.id for each in self.owners.values() if not each.archived}
        read = {name: values.checked(self.definition(kind, name), name, value, owners) for name, value in given.items()}
        if problems := [each for each in read.values() if isinstance(each, dict)]:
            raise errors.not_valid(problems)
        wanted = {name: value for name, value in read.items() if isinstance(value, str)}
        return self._with_deal_stage(wanted, record) if kind.plural == "deals" else wanted

    def _with_deal_stage(self, wanted: dict[str, str], record: Record | None) -> dict[str, str]:
        stage_id = wanted.get("dealstage", "")
        if not stage_id:
            return wanted
        pipeline = wanted.get("pipeline") or (record.properties.get("pipeline") if record else "") or "default"
        stage = next(
            (s for each in self.pipelines if each.id == pipeline for s in each.stages if s.id == stage_id), None
        )
        if stage is None:
            sentence = f"stage {stage_id} is not one of pipeline {pipeline}"
            raise errors.not_valid([values.problem(None, "dealstage", "INVALID_OPTION", sentence)])
        won, lost = stage.closed and stage.probability == 1, stage.closed and stage.probability == 0
        return wanted | {"hs_is_closed_won": str(won).lower(), "hs_is_closed_lost": str(lost).lower()}

    def _must_be_unique(self, kind: ObjectType, wanted: Mapping[str, str], record: Record | None) -> None:
        for name, value in wanted.items():
            known = self.properties[kind.plural].get(name)
            other = self._by_unique(kind, name, value) if known is not None and known.unique and value else None
            if other is not None and other is not record:
                if name == "email":
                    message = f"{kind.singular.capitalize()} already exists. Existing ID: {other.id}"
                    raise Refused(errors.problem(409, "CONFLICT", message))
                sentence = f"{value} is taken by record {other.id}"
                raise errors.not_valid([values.problem(known, name, "CONFLICTING_UNIQUE_VALUE", sentence)])

    def _only_forward(self, record: Record, wanted: dict[str, str]) -> None:
        """Let a lifecycle stage that would go back be ignored: HubSpot answers 2xx and changes nothing."""
        stage = wanted.get("lifecyclestage", "")
        if stage:
            order = [option.value for option in self.properties["contacts"]["lifecyclestage"].options]
            before = record.properties.get("lifecyclestage", "")
            if before in order and order.index(stage) < order.index(before):
                del wanted["lifecyclestage"]

    def _write(self, record: Record, wanted: Mapping[str, str], source: Source, new: bool = False) -> None:
        now = self._now()
        changed = {name: value for name, value in wanted.items() if record.properties.get(name, "") != value}
        if changed.get("lifecyclestage") == "marketingqualifiedlead":
            record.properties |= dict.fromkeys(BECAME_MQL, values.stamp(now))
        for name, value in changed.items():
            record.properties[name] = value
            entry = {"value": value, "timestamp": values.stamp(now), "sourceType": source.kind, "sourceId": source.id}
            if source.id.startswith("userId:"):
                entry["updatedByUserId"] = source.id.removeprefix("userId:")
            record.history.setdefault(name, []).insert(0, entry)
        record.updated = now
        record.properties[record.type.modified] = values.stamp(now)
        for name, value in changed.items():
            if not new and name in wanted:
                self.emit(record, "propertyChange", source, propertyName=name, propertyValue=value)

    def _index(self, record: Record, lag: timedelta, gone: bool = False) -> None:
        now = self._now()
        record.index = [each for each in record.index if each[0] > now] + [(now, record.found(now))]
        record.index.sort(key=lambda each: each[0])
        record.index.append((max(now + lag, record.index[-1][0]), None if gone else dict(record.properties)))

    def emit(self, record: Record, act: str, source: Source, **more: object) -> None:
        """Tell the webhooks what happened to a record."""
        event = {"objectId": int(record.id), "changeSource": source.kind, "sourceId": source.id, **more}
        self._emit({"noun": record.type.singular, "objectTypeId": record.type.type_id, "act": act, **event})

    # Associations

    def _link(self, kind: ObjectType, given: Json) -> tuple[Record, set[int]]:
        """Read one entry of `associations`: `{to: {id}, types: [{associationCategory, associationTypeId}]}`."""
        try:
            number, types = str(given["to"]["id"]), given["types"]
            numbers = {int(each["associationTypeId"]) for each in types}
            categories = {each["associationCategory"] for each in types}
        except (KeyError, TypeError, ValueError):
            raise errors.invalid("associations need to.id and types[].associationCategory, associationTypeId") from None
        if categories - {"HUBSPOT_DEFINED", "USER_DEFINED"} or not numbers:
            raise errors.invalid(f"unknown association category {sorted(categories)}")
        kinds = {
            to for (start, to), type_id in DEFAULT_ASSOCIATIONS.items() if start == kind.plural and type_id in numbers
        }
        if len(kinds) != 1:
            raise errors.invalid(f"association types {sorted(numbers)} do not begin at {kind.plural}")
        return self.get(self.types[kinds.pop()], number), numbers

    def associate(self, record: Record, other: Record) -> None:
        """Associate two records by the association that HubSpot defines for their kinds."""
        number = DEFAULT_ASSOCIATIONS.get((record.type.plural, other.type.plural))
        if number is None:
            raise errors.invalid(f"{record.type.plural} and {other.type.plural} are not associated by default")
        self._associate(record, other, {number})

    def _associate(self, record: Record, other: Record, numbers: set[int]) -> None:
        if (record.type.plural, other.type.plural) == ("contacts", "companies") and not self.linked(
            record, "companies"
        ):
            numbers = numbers | {PRIMARY_COMPANY}
        back = DEFAULT_ASSOCIATIONS.get((other.type.plural, record.type.plural))
        self._ends(record, other).setdefault(other.id, set()).update(numbers)
        self._ends(other, record).setdefault(record.id, set()).update({back} if back else set())

    def _ends(self, record: Record, other: Record) -> dict[str, set[int]]:
        return self.associations.setdefault((record.type.plural, record.id, other.type.plural), {})

    def dissociate(self, record: Record, other: Record) -> None:
        """Take the association of two records away."""
        self._ends(record, other).pop(other.id, None)
        self._ends(other, record).pop(record.id, None)

    def linked(self, record: Record, plural: str) -> dict[str, set[int]]:
        """Return the ids of the associated records of a kind, with the numbers of the associations."""
        return self.associations.get((record.type.plural, record.id, plural), {})

    def _forget_associations(self, record: Record) -> None:
        for plural in self.types:
            for number in list(self.linked(record, plural)):
                self.dissociate(record, self.records[plural][number])

    def _move_associations(self, old: Record, new: Record) -> None:
        for plural in self.types:
            for number, numbers in list(self.linked(old, plural).items()):
                other = self.records[plural][number]
                self._associate(new, other, set(numbers))
                self.dissociate(old, other)


def _options(choices: Iterable[tuple[str, str]]) -> tuple[Option, ...]:
    return tuple(Option(value, label) for value, label in choices)
