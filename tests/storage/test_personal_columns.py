"""Each column about leads says whether it is personal, or the tables cannot be imported."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from storage import models
from storage.models.columns import Impersonal, OfPerson, Personal, declared, emptied, table, undeclared
from storage.vocabulary import Status

DATA = Path(__file__).parents[2] / "docs" / "data.md"
EXPORTED = [getattr(models, name) for name in models.__all__]
MODELS = [model for model in EXPORTED if isinstance(model, type) and issubclass(model, SQLModel)]


class Silent(SQLModel):
    """A model of which some columns do not say it."""

    id: int
    mql_id: int
    parent_id: int | None = None
    at: datetime
    done_at: datetime | None = None
    status: Status
    flag: bool = False
    title: Personal[str | None] = None
    channel: Impersonal[str | None] = Field(default=None, description="marketing channel")
    country: str | None = None
    born: int | None = None
    extra: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)


def test_what_could_name_somebody_must_say_whether_it_does() -> None:
    assert undeclared(Silent) == ["country", "born", "extra"]


def test_a_table_of_leads_with_a_silent_column_cannot_be_made() -> None:
    with pytest.raises(TypeError, match="declare country, born, extra as"):
        table(Silent, "silent", of_leads=True)


@pytest.mark.parametrize("model", [Silent, models.Outbox, models.Mql])
def test_a_table_of_leads_cannot_pass_as_another(model: type[SQLModel]) -> None:
    with pytest.raises(TypeError, match="is about leads"):
        table(model, "silent", of_leads=False)


def test_a_column_that_cannot_be_empty_cannot_be_erased() -> None:
    class Full(SQLModel):
        name: Personal[str]

    with pytest.raises(TypeError, match="name cannot be erased"):
        emptied(Full, OfPerson.ERASED)


def test_what_the_database_checks_of_an_erased_mql_follows_from_the_columns() -> None:
    (check,) = (c for c in models.mql.constraints if c.name == "erased_names_nobody")
    assert isinstance(check, sa.CheckConstraint)
    assert set(re.findall(r"[a-z_]+", str(check.sqltext))) == {"erased_at", *_text_of_a_lead()}


def _text_of_a_lead() -> set[str]:
    """Every personal column of an MQL but the JSON, which no constraint looks into."""
    return set(declared(models.Mql, OfPerson.ERASED)) - {"attributes"}


def test_the_document_names_every_personal_column_and_no_other() -> None:
    text = DATA.read_text(encoding="utf-8")
    lines = re.findall(r"^\| ([^|]+) \| ((?:`[a-z_]+\.[a-z_]+`[, ]*)+)\|$", text, re.MULTILINE)
    documented = {what: set(re.findall(r"`([a-z_]+\.[a-z_]+)`", columns)) for what, columns in lines}
    declarations: dict[str, set[str]] = {}
    for model in MODELS:
        name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", model.__name__).lower()
        for what in set(OfPerson) - {OfPerson.NOTHING}:
            declarations.setdefault(what, set()).update(f"{name}.{column}" for column in declared(model, what))
    assert documented == declarations
