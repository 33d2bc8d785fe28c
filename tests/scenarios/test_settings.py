"""An admin sees and changes the settings in Slack, with the effect before anything is saved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from bot.core.settings import Settings, present
from bot.core.settings.present import document_of
from bot.core.sla.calendar_rules import WEEKDAYS
from bot.core.teamfile import TeamFile
from bot.core.teamfile.parser import read_tables
from bot.i18n import Translator
from bot.slack.blocks import ids
from bot.slack.blocks.settings.effect import MOVE
from bot.slack.blocks.settings.screens import LINKED, SCREENS, Listing, Place
from playground.dispatch import payloads
from playground.dispatch.transport import Dispatch
from storage import members
from storage.database import Database
from storage.vocabulary import EventType, Locale, Role
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
    """Open every screen that buttons lead to, of lists two pages; return how often each was opened."""
    who, opened, waiting = opens(team), Counter[str](), [Place("settings")]
    while waiting:
        place = waiting.pop(0)
        if opened[place.screen] > isinstance(SCREENS[place.screen], Listing):
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


def enters(who: Any, **values: Any) -> Any:
    """Fill fields of the open form by their path, dots as double underscores, and send it."""
    who.modal.fill({f"{ids.SETTING_FIELD}:{name.replace('__', '.')}": value for name, value in values.items()})
    return who.modal.submit()


RESPONSE = Place("response", ("policy",))


def test_a_shorter_deadline_shows_what_becomes_overdue_before_it_is_saved(team: Team, t: Translator) -> None:
    for number in (1, 2):
        team.receives(f"Acme {number}")
    team.advance(hours=9)
    kim = opens(team, RESPONSE)
    assert kim.modal.submit_text == t("settings.preview")
    assert enters(kim, response_hours="8", reminders="50%, 30m").errors == {}
    assert held(team).team.policy.response_hours == 24
    assert t("settings.effect.moves", count=2, breached=2, safe=0) in kim.modal.text
    assert f"{t('settings.field.response_hours')}: 24 → 8" in kim.modal.text
    kim.modal.fill({ids.SETTING_MOVE: MOVE})
    assert kim.modal.submit_text == t("settings.save")
    kim.modal.submit()
    assert t("settings.saved_moved", count=2) in kim.modal.text
    settings = held(team)
    assert (settings.team.policy.response_hours, settings.team.policy.reminders) == (8, (0.5, "30m"))
    assert (settings.version, settings.edition.by) == (1, kim.user.id)
    team.settle()
    assert [event.type for event in team.log(1)].count(EventType.BREACHED) == 1


def test_what_cannot_be_is_told_on_its_field_and_what_was_typed_stays(team: Team) -> None:
    kim = opens(team, RESPONSE)
    assert set(enters(kim, reminders="110%").errors) == {f"{ids.SETTING_FIELD}:reminders"}
    errors = enters(kim, reminders="50%", response_hours="30").errors
    assert set(errors) == {f"{ids.SETTING_FIELD}:response_hours"}
    assert "24" in errors[f"{ids.SETTING_FIELD}:response_hours"]
    assert held(team).version == 0


def test_of_two_admins_the_second_sees_what_the_first_did_and_keeps_what_was_typed(team: Team, t: Translator) -> None:
    team.installation.agree(with_admin(held(team).team, "ito"))
    kim, ito = opens(team, RESPONSE), opens(team, RESPONSE, name="ito")
    for who, hours in ((kim, "12"), (ito, "20")):
        enters(who, response_hours=hours)
    kim.modal.submit()
    ito.modal.submit()
    name = team.slack.user("kim").real_name
    assert name in ito.modal.text
    assert "12" in ito.modal.text
    assert f"{t('settings.field.response_hours')}: 12 → 20" in ito.modal.text
    assert held(team).team.policy.response_hours == 12
    ito.modal.submit()
    assert held(team).team.policy.response_hours == 20
    assert held(team).version == 2


def with_admin(team: TeamFile, name: str) -> TeamFile:
    members = tuple(
        replace(person, roles=(*person.roles, Role.ADMIN)) if name in person.user_id.lower() else person
        for person in team.members
    )
    return replace(team, members=members)


def test_only_admins_see_and_change_the_settings(team: Team, t: Translator) -> None:
    sato = team.user("sato")
    assert t("reply.settings_not_allowed") in sato.types("/mql settings", channel="sales").text
    kim = opens(team, RESPONSE)
    enters(kim, response_hours="8")
    with team.database.transaction() as tx:
        members.update(tx, team.id, kim.user.id, roles=[Role.REP])
    kim.modal.submit()
    assert t("reply.settings_not_allowed") in kim.modal.text
    assert held(team).version == 0


def test_a_form_that_is_delivered_twice_saves_once(database: Database, locale: Locale) -> None:
    team = Team(database, locale, twice=True)
    kim = opens(team, Place("digest", ("digest",)))
    enters(kim, time="10:00")
    assert (held(team).version, held(team).team.digest_time) == (1, "10:00")
    team.close()
