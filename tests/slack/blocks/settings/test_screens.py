"""Everything that the team file holds can be set in Slack, or is named with the reason why not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

import pytest
from pydantic import BaseModel

from bot.core.settings import Edition, Settings
from bot.core.teamfile import parse
from bot.core.teamfile.schema import TOP_LEVEL, default_at
from bot.i18n import Translator
from bot.slack.blocks.settings import pages
from bot.slack.blocks.settings.kinds import Quiet
from bot.slack.blocks.settings.screens import ANY, ELSEWHERE, PATHS, SCREENS, Form, Place
from storage.vocabulary import Locale
from tests.core.teamfile.kit import GOOD
from tests.slack.blocks.samples import seen


def keys(name: str, model: type[BaseModel]) -> Iterator[str]:
    """Every key of a table of the team file, with those of the tables inside it."""
    for key, field in model.model_fields.items():
        path, inside = f"{name}.{key}", model_in(field.annotation)
        if inside is None or path in WHOLE:
            yield path
        else:
            yield from keys(path, inside)


def model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(model_in, get_args(annotation))), None)


FIELDS = {
    ".".join(str(part) for part in (*path, *field.path) if part != ANY): field
    for name, path in PATHS
    if isinstance(screen := SCREENS[name], Form)
    for field in screen.fields
}
WHOLE = {path for path, field in FIELDS.items() if isinstance(field.kind, Quiet)}
SCHEMA = sorted({path for name, model in TOP_LEVEL.items() for path in keys(name, model)})


@pytest.mark.parametrize("path", SCHEMA)
def test_every_key_of_the_team_file_has_a_field_or_a_reason(path: str) -> None:
    has_field = any(known == path or known.startswith(f"{path}.") for known in FIELDS)
    named = [known for known in ELSEWHERE if path == known or path.startswith(f"{known}.")]
    assert has_field != bool(named), "a field, or a reason why there is none, and not both"


def test_a_place_survives_the_way_through_slack_and_another_one_is_refused() -> None:
    place = Place("closure", ("policy", "tiers", "優先 1", "calendar", "closures", "2026-12-29"), 3)
    assert Place.read(place.value) == place
    for forged in ('["response",["members"],0]', '["settings",[],0,1]', "[]", "{}", '["closure",[["x"]],0]', '"x"'):
        with pytest.raises(ValueError, match=r"\S"):
            Place.read(forged)


def form(locale: Locale, screen: str, *path: str) -> str:
    """A form of the sample team, as a reader sees it."""
    settings = Settings(parse(GOOD, None), Edition(0, None, None))
    return seen(pages.page(Place(screen, path), settings, Translator(locale, "Asia/Tokyo")))


@pytest.mark.parametrize(
    ("screen", "path", "ja", "en"),
    [
        ("calendar", ("policy", "calendar"), "初期値(営業日(24時間))", "Default (Working days)"),
        ("quiet", ("policy",), "初期値(20:00–08:00)", "Default (20:00–08:00)"),
        ("meeting", ("meeting",), "未設定", "Not set"),
        ("outcomes", ("outcomes",), f"空欄なら{default_at(('outcomes', 'time'))}です。", "Empty: 17:00."),
    ],
)
def test_what_an_empty_field_comes_to_is_named(screen: str, path: tuple[str, ...], ja: str, en: str) -> None:
    assert ja in form(Locale.JA, screen, *path)
    assert en in form(Locale.EN, screen, *path)


def test_people_beyond_the_first_are_counted_as_people() -> None:
    person = '\n[[members]]\nuser = "U{0}"\nname = "Rep {0}"\nroles = ["rep"]\n'
    team = parse(GOOD + "".join(person.format(number) for number in range(3, 8)), None)
    shown = seen(
        pages.page(Place("settings", ()), Settings(team, Edition(0, None, None)), Translator(Locale.JA, "UTC"))
    )
    assert "ほか2人" in shown
