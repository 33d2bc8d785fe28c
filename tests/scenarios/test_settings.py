"""An admin sees and changes the settings in Slack, with the effect before anything is saved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from bot.core.settings import Settings, present
from bot.core.settings.present import document_of
from bot.core.sla.calendar_rules import WEEKDAYS
from bot.core.teamfile import TeamFile
from bot.core.teamfile.parser import read_tables
from bot.i18n import Translator
from bot.slack.blocks import ids
from bot.slack.blocks.settings.screens import LINKED, SCREENS, Place
from playground.dispatch import payloads
from playground.dispatch.transport import Dispatch
from storage.database import Database
from storage.vocabulary import Locale
from tests.scenarios.stage import Team


@pytest.fixture
def t(locale: Locale) -> Translator:
    return Translator(locale, "Asia/Tokyo")


@pytest.fixture
def team(database: Database, locale: Locale) -> Iterator[Team]:
    team = Team(database, locale)
    yield team
    team.close()


def held(team: Team) -> Settings:
    with team.database.snapshot() as tx:
        settings = present(tx, team.id)
    assert settings is not None
    return settings


def goes(who: Any, place: Place) -> None:
    """Press the button in the open form that leads to a place."""
    modal = who.modal._wrapped
    for block in modal.blocks:
        for element in (*block.get("elements", ()), block.get("accessory", {})):
            if element.get("value") == place.value:
                modal._actions.press(modal._user, element["action_id"], modal, block["block_id"])
                return
    raise AssertionError(f"no button to {place} in: {modal.text}")


def company(team: TeamFile) -> TeamFile:
    """200 people, 50 routes, 30 reasons, and of everything else as much as a form can show."""
    document = document_of(team)
    people = [{"user": f"U{n:09}", "name": f"営業 {n:03} " + "名" * 150, "roles": ["rep"]} for n in range(200)]
    pools: list[dict[str, Any]] = [
        {"name": f"Pool {n}", "members": [f"U{m:09}" for m in range(n, 150)], "per_day": 9} for n in range(20)
    ]
    pools[0]["people"] = [{"user": "U000000199", "weight": 0.5, "ramp": [25, 50], "since": "2026-04-01"}]
    words = [f"word {n} " + "w" * 60 for n in range(20)]
    routes = [{"name": f"Route {n}", "pool": "Pool 1", "when": {"regions": [*words, str(n)]}} for n in range(50)]
    reasons: list[dict[str, Any]] = [{"key": f"r{n}", "ja": "理" * 75, "en": f"Reason {n}"} for n in range(30)]
    steps = [{"after_hours": 24 + n, "to": "manager"} for n in range(30)]
    calendar: dict[str, Any] = {
        "kind": "business_hours",
        "hours": {day: ["09:00-12:00", "13:00-18:00"] for day in WEEKDAYS[:5]},
    }
    calendar |= {"closures": [{"first": "2026-12-29", "last": "2027-01-03", "name": "年末年始", "each_year": True}]}
    calendar |= {"half_days": {"2026-12-28": ["09:00-12:00"]}, "extra_days": {"2026-11-28": ["09:00-18:00"]}}
    tiers = [{"name": f"Tier {n}", "when": {"min_score": 90 - n}, "calendar": calendar} for n in range(30)]
    policy = document["policy"] | {"escalations": steps, "calendar": calendar, "tiers": tiers}
    document |= {"members": [*document["members"], *people], "pools": pools, "routes": routes, "policy": policy}
    return read_tables(document | {"lost_reasons": [*reasons, *document["lost_reasons"]]}, "", None)


def opens(team: Team, *places: Place, name: str = "kim") -> Any:
    """Open the settings, and go from screen to screen."""
    who = team.user(name)
    who.types("/mql settings", channel="sales")
    for place in places:
        goes(who, place)
    return who


def jumps(team: Team, who: Any, place: Place) -> None:
    """Press a button of the settings for a place, whatever is shown."""
    modal, slack = who.modal, team.slack
    element = {"type": "button", "action_id": ids.SETTING, "text": {}, "value": place.value}
    pressed = payloads.action({"block_id": "b"}, element, {}, "1.1")
    trigger = slack.views.new_trigger(who.user.id, modal.record.id)
    slack.delivery.send(
        Dispatch("interactive", payloads.view_actions(slack.workspace, who.user, modal.record, [pressed], trigger))
    )


def screens(team: Team) -> dict[str, int]:
    """Open every screen that buttons lead to, of each sort a few; return how often each was opened."""
    who, opened, waiting = opens(team), Counter[str](), [Place("settings")]
    while waiting:
        place = waiting.pop(0)
        if opened[place.screen] >= 2:
            continue
        opened[place.screen] += 1
        jumps(team, who, place)
        for block in who.modal.blocks:
            for element in (*block.get("elements", ()), block.get("accessory", {})):
                if element.get("action_id") in (ids.SETTING, ids.SETTING_NEXT):
                    target = Place.read(element["value"])
                    waiting += [target] if target.screen not in LINKED else []
    return opened


def test_every_setting_opens_within_slacks_limits_in_a_company_of_two_hundred(team: Team, t: Translator) -> None:
    team.installation.agree(company(held(team).team))
    opened = screens(team)
    assert set(opened) == SCREENS.keys() - set(LINKED)
    kim = opens(team, Place("members", ("members",)))
    kim.modal.fill({ids.SETTING_PERSON: "ito"})
    assert kim.modal.labels[0] == t("settings.field.name")
