"""What the columns of the tables are made of."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from types import NoneType
from typing import Annotated, Any, TypeVar, get_args, get_origin

import sqlalchemy as sa
from pydantic.fields import FieldInfo
from sqlalchemy.schema import SchemaItem
from sqlmodel import SQLModel
from sqlmodel.main import get_column_from_field

# A row is made of what the database returns and never validated, so no class needs its validator at the start.
SQLModel.model_config["defer_build"] = True

WHERE = "where"
"""The key of a partial index's condition among what it says of itself."""


def word(words: type[StrEnum], *, closed: bool = False) -> Any:
    """Return the type of a column that holds one of `words`.

    `closed`: the database itself refuses any other (a later word then needs a migration, so this is for words that
    decide what may happen next).
    """
    return sa.Enum(
        words,
        values_callable=lambda members: [member.value for member in members],
        native_enum=False,
        create_constraint=closed,
        length=32,
        name=f"{words.__name__.lower()}_known",
    )


def strings() -> Any:
    """Return the type of a column that holds a list of strings."""
    return sa.JSON()


def partial(name: str, *columns: str, where: str, unique: bool = False) -> sa.Index:
    """Return an index of only those rows for which `where` holds, on SQLite and PostgreSQL alike.

    What it says to each dialect would import both of them: storage.migrate tells them, where tables are made.
    """
    return sa.Index(name, *columns, unique=unique, info={WHERE: where})


def table(model: type[SQLModel], name: str, *constraints: SchemaItem, of_leads: bool) -> sa.Table:
    """Return the table with a column for each field of the model.

    `of_leads`: its rows are about leads, so each of its columns declares what it says of a lead's person. Raises
    TypeError where one does not, and where rows of an MQL are said not to be about leads.
    """
    if of_leads and (silent := undeclared(model)):
        raise TypeError(f"{model.__name__}: declare {', '.join(silent)} as Personal[…], Impersonal[…] or the like")
    if not of_leads and ("mql_id" in model.model_fields or any(map(_declared, model.model_fields.values()))):
        raise TypeError(f"{model.__name__} is about leads")
    columns = [_column(name, field) for name, field in model.model_fields.items()]
    return sa.Table(name, SQLModel.metadata, *columns, *constraints)


def _column(name: str, field: FieldInfo) -> sa.Column[Any]:
    """Return the column that SQLModel makes of a field.

    A model with `table=True` would come to the same by a second class and a mapper of the ORM, which nobody asks: a
    tenth of a start's processor.
    """
    column: sa.Column[Any] = get_column_from_field(field)
    column.name = column.key = name
    return column


class OfPerson(StrEnum):
    """What a column says of the person of a lead, by what becomes of it when the person is erased."""

    NOTHING = "stays"
    ERASED = "erased with its MQL"
    COMPANY = "erased where the company is to go too"
    BY_EVENT_TYPE = "erased by the type of its event"
    WITH_ROW = "goes with its row, once that is old"
    WITH_MQL = "deleted with its row when its MQL is erased"


T = TypeVar("T")
Impersonal = Annotated[T, OfPerson.NOTHING]
Personal = Annotated[T, OfPerson.ERASED]
OfCompany = Annotated[T, OfPerson.COMPANY]
ByEventType = Annotated[T, OfPerson.BY_EVENT_TYPE]
WithRow = Annotated[T, OfPerson.WITH_ROW]
DeletedWithMql = Annotated[T, OfPerson.WITH_MQL]


def declared(model: type[SQLModel], what: OfPerson) -> tuple[str, ...]:
    """Return the names of the columns that declare this, in the order of the table."""
    return tuple(name for name, field in model.model_fields.items() if _declared(field) == what)


def emptied(model: type[SQLModel], what: OfPerson) -> dict[str, list[Any] | dict[str, Any] | None]:
    """Return the value that each of the declared columns has once it is erased. Raises TypeError where a column
    cannot be empty."""
    return {name: _empty(name, model.model_fields[name]) for name in declared(model, what)}


def nulled(model: type[SQLModel], what: OfPerson) -> tuple[str, ...]:
    """Return those of the declared columns that are null once they are erased: all but JSON."""
    return tuple(name for name, value in emptied(model, what).items() if value is None)


def undeclared(model: type[SQLModel]) -> list[str]:
    """Return the columns that ought to declare what they say of a person, and do not.

    Moments, flags, the closed words of an enum and the ids of rows say nothing of anybody, whatever they are called.
    """
    fields = model.model_fields.items()
    return [name for name, field in fields if _declared(field) is None and not _says_nothing(name, field)]


def _declared(field: FieldInfo) -> OfPerson | None:
    return next((item for item in field.metadata if isinstance(item, OfPerson)), None)


def _empty(name: str, field: FieldInfo) -> list[Any] | dict[str, Any] | None:
    if NoneType in get_args(field.annotation):
        return None
    kind = get_origin(field.annotation)
    if kind is dict:
        return {}
    if kind is list:
        return []
    raise TypeError(f"{name} cannot be erased: neither null nor JSON")


def _says_nothing(name: str, field: FieldInfo) -> bool:
    kinds = [kind for kind in get_args(field.annotation) or (field.annotation,) if kind is not NoneType]
    if kinds == [int]:
        return name == "id" or name.endswith("_id")
    return all(isinstance(kind, type) and issubclass(kind, (bool, datetime, StrEnum)) for kind in kinds)
