"""An admin sees and changes the settings in Slack, with the effect before anything is saved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path as Path_
from threading import Event
from typing import Any

import pytest

from bot.cli.teamfile.config import text_of
from bot.core import teamfile
from bot.core.base.audit import Author
from bot.core.settings import Change, Saved, Settings, edition, present, replayed, save
from bot.core.settings.change import changed
from bot.core.settings.present import document_of
from bot.core.sla.calendar_rules import WEEKDAYS
from bot.core.teamfile import TeamFile
from bot.core.teamfile.parser import read_tables
from bot.core.teamfile.positions import Path
from bot.i18n import Translator
from bot.slack import deferred_answers
from bot.slack.blocks.base import ids
from bot.slack.blocks.settings.effect import MOVE
from bot.slack.blocks.settings.screens import LINKED, NEW, SCREENS, Form, Listing, Place
from bot.slack.listeners.settings import form
from playground.dispatch import payloads
from playground.dispatch.transport import Dispatch
from playground.faults import Fault
from storage import members
from storage.database import Database
from storage.models.members import member
from storage.vocabulary import Door, EventType, Locale, Role
from tests.patience import LONGEST, wait_for
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
    tiers: list[dict[str, Any]] = [
        {"name": f"Tier {n}", "when": {"min_score": 90 - n}, "calendar": calendar} for n in range(30)
    ]
    tiers[0]["escalations"] = steps[:1]
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
    own_steps = Place("escalations", ("policy", "tiers", "Tier 0", "escalations"))
    who, opened, waiting = opens(team), Counter[str](), [own_steps, Place("settings")]
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


@pytest.mark.thorough
def test_every_setting_opens_within_slacks_limits_in_a_company_of_two_hundred(team: Team, t: Translator) -> None:
    team.installation.agree(company(held(team).team))
    opened = screens(team)
    assert set(opened) == SCREENS.keys() - set(LINKED)
    kim = opens(team, Place("members", ("members",)))
    kim.modal.fill({ids.SETTING_PERSON: "ito"})
    assert kim.modal.labels[0] == t("settings.field.name")


def enters(who: Any, **values: Any) -> Any:
    """Fill fields of the open form by their path, dots as double underscores, and send it."""
    removed = {ids.SETTING_REMOVE: values.pop("remove")} if "remove" in values else {}
    fields = {f"{ids.SETTING_FIELD}:{name.replace('__', '.')}": value for name, value in values.items()}
    who.modal.fill({**fields, **removed})
    return who.modal.submit()


def hours(t: Translator, count: int) -> str:
    return t("duration.decimal_hours", count=count)


RESPONSE = Place("response", ("policy",))


def test_a_shorter_deadline_shows_what_becomes_overdue_before_it_is_saved(team: Team, t: Translator) -> None:
    for number in (1, 2):
        team.receives(f"Acme {number}")
    team.advance(hours=9)
    kim = opens(team, RESPONSE)
    assert kim.modal.submit_text == t("settings.preview")
    assert enters(kim, response_hours="8", reminders=["50%", "30m"]).errors == {}
    assert held(team).team.policy.response_hours == 24
    assert t("settings.effect.moves", count=2, breached=2, safe=0) in kim.modal.text
    assert f"{t('settings.field.response_hours')}: {hours(t, 24)} → {hours(t, 8)}" in kim.modal.text
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
    assert set(enters(kim, reminders=["30h"]).errors) == {f"{ids.SETTING_FIELD}:reminders"}
    assert set(enters(kim, reminders=["none", "50%"]).errors) == {f"{ids.SETTING_FIELD}:reminders"}
    errors = enters(kim, reminders="50%", response_hours="30").errors
    assert set(errors) == {f"{ids.SETTING_FIELD}:response_hours"}
    assert "24" in errors[f"{ids.SETTING_FIELD}:response_hours"]
    jumps(team, kim, Place("half_day", ("policy", "calendar", "half_days", NEW)))
    half = {"day": "2026-12-28", "hours": "09:00", "hours__end0": "12:00", "hours__start1": "13:00"}
    assert set(enters(kim, **half).errors) == {f"{ids.SETTING_FIELD}:hours.end1"}
    assert held(team).version == 0


def test_of_two_admins_the_second_sees_what_the_first_did_and_keeps_what_was_typed(team: Team, t: Translator) -> None:
    team.installation.agree(with_admin(held(team).team, "ito"))
    kim, ito = opens(team, RESPONSE), opens(team, RESPONSE, name="ito")
    for who, number in ((kim, "12"), (ito, "20")):
        enters(who, response_hours=number)
    kim.modal.submit()
    ito.modal.submit()
    name = team.slack.user("kim").real_name
    assert name in ito.modal.text
    assert "12" in ito.modal.text
    assert f"{t('settings.field.response_hours')}: {hours(t, 12)} → {hours(t, 20)}" in ito.modal.text
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
    assert [offered(kim, "response_hours", typed) for typed in ("", "8")] == [[], []]
    kim.modal.submit()
    assert t("reply.settings_not_allowed") in kim.modal.text
    assert held(team).version == 0


def offered(who: Any, field: str, typed: str) -> list[str]:
    """Type into a menu of the open form, and return what it offers."""
    modal = who.modal._wrapped
    options = modal._actions.suggestions(modal._user, f"{ids.SETTING_FIELD}:{field}", typed, modal)
    return [option["text"]["text"] for option in options]


def test_conditions_of_a_route_are_chosen_from_what_leads_have(team: Team) -> None:
    team.receives(
        "Acme", channel="Webinar", email="mori@example.com", attributes={"Plan": "gold", "都道府県": "東京都"}
    )
    kim = opens(team, Place("routes", ("routes",)), Place("route", ("routes", NEW)))
    assert offered(kim, "when.channels", "web") == ["web", "Webinar"]
    assert offered(kim, "when.attributes", "plan") == ["plan", "Plan: gold"]
    assert offered(kim, "when.regions", "東京")[:2] == ["東京", "東京都"]
    assert offered(kim, "when.tiers", "no such tier") == []
    assert offered(kim, "when.domains", "") == ["example.com"]


def test_user_groups_are_chosen_and_shown_by_their_handles(team: Team) -> None:
    step = Place("escalation", NEW_STEP)
    kim = opens(team, Place("escalations", (*POLICY, "escalations")), step)
    assert offered(kim, "to.group", "lead") == ["@sales-leads"]
    assert set(enters(kim, after_hours="60", to="another").errors) == {f"{ids.SETTING_FIELD}:to"}
    enters(kim, to__group=["@sales-leads"])
    kim.modal.submit()
    assert held(team).team.policy.escalations[-1].to == "S0LEADS001"
    jumps(team, kim, Place("escalation", (*POLICY, "escalations", len(held(team).team.policy.escalations) - 1)))
    (shown,) = [block["element"] for block in kim.modal.blocks if block.get("block_id", "").endswith("to.group")]
    assert shown["initial_options"][0]["text"]["text"] == "@sales-leads"
    team.slack.faults.add("usergroups.list", Fault.REDIRECT)
    assert offered(kim, "to.group", "") == ["@sales-leads"]  # asked for a moment ago


def test_a_form_that_is_delivered_twice_saves_once(database: Database, locale: Locale) -> None:
    team = Team(database, locale, twice=True)
    team.may_break = ("was used already", "has changed since")  # the second of each
    kim = opens(team, Place("digest", ("digest",)))
    enters(kim, time="10:00")
    assert (held(team).version, held(team).team.digest_time) == (1, "10:00")
    team.close()


SATO, SUZUKI = "U0SATO0001", "U0SUZUKI01"
POLICY = ("policy",)
NEW_STEP = (*POLICY, "escalations", NEW)
STEP = {"after_hours": 72, "to": "peers", "in_thread": True, "do": "tell"}
HOT = {"min_score": 80, "attributes": {"Plan": ["gold", "silver"]}}
EAST = {"name": "East", "when": {"regions": ["関東", "東北"]}, "pool": "Tokyo", "strategy": "least_open"}
UNDECIDED = {"key": "no_decision_yet", "comment_required": False, "unfit": False}
BLOCKS = ["09:00-12:00", "13:00-18:00"]
WORKED = ["monday", "saturday"]
MORNING_AND_AFTERNOON = {"hours": "09:00", "hours__end0": "12:00", "hours__start1": "13:00", "hours__end1": "18:00"}
CLOSED = {"first": "2026-08-13", "last": "2026-08-15", "name": "お盆", "each_year": True}
WAYS: list[tuple[Place, dict[str, Any], list[tuple[Path, Any]]]] = [
    (Place("workspace", ("workspace",)), {"timezone": "Asia/Seoul"}, [(("workspace", "timezone"), "Asia/Seoul")]),
    (Place("channels", ("channels",)), {"marketing": ["marketing"]}, [(("channels", "marketing"), "C0MKTG0001")]),
    (Place("member", ("members", SATO)), {"manager": ["tanaka"]}, [(("members", SATO, "manager"), "U0TANAKA01")]),
    (
        Place("member", ("members", SUZUKI)),
        {"timezone": "Asia/Seoul"},
        [(("members", SUZUKI, "timezone"), "Asia/Seoul")],
    ),
    (
        Place("own_day", ("members", SUZUKI, "hours", "every")),
        {"hours": "10:00", "hours__end0": "00:00"},
        [(("members", SUZUKI, "hours"), ["10:00-24:00"])],
    ),
    (
        Place("own_day", ("members", SUZUKI, "hours", "monday")),
        {**MORNING_AND_AFTERNOON, "also": ["saturday"]},
        [(("members", SUZUKI, "hours"), {"every": ["10:00-24:00"], "monday": BLOCKS, "saturday": BLOCKS})],
    ),
    (RESPONSE, {"response_calendar": "owner"}, [((*POLICY, "response_calendar"), "owner")]),
    (RESPONSE, {"grace_minutes": "30"}, [((*POLICY, "grace_minutes"), 30)]),
    (Place("escalation", NEW_STEP), {"after_hours": "72", "to": "peers", "in_thread": "true"}, [(NEW_STEP, STEP)]),
    (
        Place("feedback", POLICY),
        {"feedback_reminders": ["50%", "1d"]},
        [((*POLICY, "feedback_reminders"), [0.5, "1d"])],
    ),
    (Place("pauses", POLICY), {"pause_days": "9"}, [((*POLICY, "pause_days"), 9)]),
    (
        Place("calendar", (*POLICY, "calendar")),
        {"kind": "business_hours", "holidays": "DE-BY", "working_days": WORKED},
        [((*POLICY, "calendar"), {"kind": "business_hours", "holidays": "DE-BY", "working_days": WORKED})],
    ),
    (
        Place("opening_day", (*POLICY, "calendar", "hours", "monday")),
        {**MORNING_AND_AFTERNOON, "also": ["tuesday"]},
        [
            ((*POLICY, "calendar", "working_days"), None),
            ((*POLICY, "calendar", "hours"), {"monday": BLOCKS, "tuesday": BLOCKS, "saturday": ["09:00-18:00"]}),
        ],
    ),
    (
        Place("calendar", (*POLICY, "calendar")),
        {"working_days": ["monday", "friday"]},
        [((*POLICY, "calendar", "hours"), {"monday": BLOCKS, "friday": ["09:00-18:00"]})],
    ),
    (
        Place("closure", (*POLICY, "calendar", "closures", NEW)),
        {"first": "2026-08-13", "last": "2026-08-15", "name": "お盆", "each_year": "true"},
        [((*POLICY, "calendar", "closures", NEW), CLOSED)],
    ),
    (
        Place("half_day", (*POLICY, "calendar", "half_days", NEW)),
        {"day": "2026-12-28", "hours": "09:00", "hours__end0": "12:00"},
        [((*POLICY, "calendar", "half_days", "2026-12-28"), ["09:00-12:00"])],
    ),
    (
        Place("extra_day", (*POLICY, "calendar", "extra_days", NEW)),
        {"day": "2026-11-28", "hours": "10:00", "hours__end0": "15:00"},
        [((*POLICY, "calendar", "extra_days", "2026-11-28"), ["10:00-15:00"])],
    ),
    (Place("quiet", POLICY), {"quiet": "none"}, [((*POLICY, "quiet"), False)]),
    (
        Place("tier_rules", (*POLICY, "tiers", NEW)),
        {"name": "Hot", "when__min_score": "80", "when__attributes": ["Plan: gold", "Plan: silver"]},
        [((*POLICY, "tiers", NEW), {"name": "Hot", "when": HOT})],
    ),
    (
        Place("escalation", (*POLICY, "tiers", "Hot", "escalations", NEW)),
        {"after_hours": "48", "to": "manager"},
        [((*POLICY, "tiers", "Hot", "escalations"), [{"after_hours": 48, "to": "manager"}])],
    ),
    (
        Place("as_policy", (*POLICY, "tiers", "Hot", "escalations")),
        {"remove": "remove"},
        [((*POLICY, "tiers", "Hot", "escalations"), None)],
    ),
    (
        Place("calendar", (*POLICY, "tiers", "Hot", "calendar")),
        {"kind": "always"},
        [((*POLICY, "tiers", "Hot", "calendar"), {"kind": "always"})],
    ),
    (
        Place("calendar", (*POLICY, "tiers", "Hot", "calendar")),
        {"remove": "remove"},
        [((*POLICY, "tiers", "Hot", "calendar"), None)],
    ),
    (
        Place("pool", ("pools", NEW)),
        {"name": "Tokyo", "people": ["sato", "suzuki"], "per_day": "5"},
        [(("pools", NEW), {"name": "Tokyo", "members": [SATO, SUZUKI], "per_day": 5})],
    ),
    (
        Place("pool_person", ("pools", "Tokyo", "people", SATO)),
        {"weight": "0.5"},
        [(("pools", "Tokyo", "people", SATO), {"user": SATO, "weight": 0.5})],
    ),
    (
        Place("route", ("routes", NEW)),
        {"name": "East", "when__regions": ["関東", "東北"], "pool": "Tokyo", "strategy": "least_open"},
        [(("routes", NEW), EAST)],
    ),
    (Place("routing", ("routing",)), {"pause_after": "3"}, [(("routing", "pause_after"), 3)]),
    (Place("routing", ("routing",)), {"within_hours": "true"}, [(("routing", "within_hours"), True)]),
    (
        Place("lost_reason", ("lost_reasons", NEW)),
        {"ja": "検討中", "en": "No decision yet"},
        [(("lost_reasons", NEW), {"ja": "検討中", "en": "No decision yet", **UNDECIDED})],
    ),
    (Place("goals", ("goals",)), {"contactable": "95"}, [(("goals", "contactable"), 95)]),
    (Place("digest", ("digest",)), {"weekday": "friday"}, [(("digest", "weekday"), "friday")]),
    (Place("outcomes", ("outcomes",)), {"tell": "daily"}, [(("outcomes", "tell"), "daily")]),
    (
        Place("meeting", ("meeting",)),
        {"weekday": "tuesday", "time": "10:00", "channel": ["sales"]},
        [(("meeting",), {"weekday": "tuesday", "time": "10:00", "channel": "C0SALES001"})],
    ),
    (Place("messages", ("messages",)), {"per_person_per_day": "7"}, [(("messages", "per_person_per_day"), 7)]),
    (Place("leads", ("leads",)), {"anew_after_days": "30"}, [(("leads", "anew_after_days"), 30)]),
    (Place("webhook", ("webhook",)), {"url": "https://hooks.example.com/mql"}, [(("webhook", "url"), "https://hooks.example.com/mql")]),
    (Place("privacy", ("privacy",)), {"erase_after_days": "365"}, [(("privacy", "erase_after_days"), 365)]),
]  # fmt: skip
"""Each form with what is entered, and the same as a change of the team file."""


def test_each_setting_comes_out_the_same_by_form_by_file_and_by_command_line(team: Team, tmp_path: Path_) -> None:
    assert {place.screen for place, _, _ in WAYS} == {
        name for name, screen in SCREENS.items() if isinstance(screen, Form)
    }
    kim = opens(team)
    for place, entered, written in WAYS:
        before = held(team)
        by_file = read_tables(changed(before.document, [Change(*each) for each in written]), "", None)
        jumps(team, kim, place)
        assert enters(kim, **entered).errors == {}, place
        if held(team).version == before.version:
            kim.modal.submit()
        after = held(team)
        assert after.version == before.version + 1, (place, kim.modal.text)
        assert replace(after.team, definition=None) == replace(by_file, definition=None), place
        exported = teamfile.parse(teamfile.export(after.team), None)
        assert document_of(exported) == after.document, place
    applied(team, tmp_path, teamfile.export(after.team).replace("per_person_per_day = 7", "per_person_per_day = 8"))
    jumps(team, kim, Place("messages", ("messages",)))
    assert next(iter(kim.modal.values[f"{ids.SETTING_FIELD}:per_person_per_day"].values()))["value"] == "8"


def applied(team: Team, folder: Path_, text: str) -> None:
    """Apply a team file as `mql-bot config apply` does."""
    file = folder / "team.toml"
    file.write_text(text, encoding="utf-8")
    wanted = teamfile.parse(text_of(file), None)
    with team.database.transaction() as tx:
        seen = edition(tx, team.id).version
        assert isinstance(save(tx, wanted, seen, team.time.now(), Author(Door.TEAM_FILE)), Saved)


def test_the_past_follows_in_the_open_form_and_is_lost_without_harm(
    team: Team, t: Translator, monkeypatch: pytest.MonkeyPatch
) -> None:
    team.receives("Acme")
    team.advance(days=30)
    team.may_break = ("no open view",)  # what comes when the form is closed
    monkeypatch.setattr(form, "PATIENCE", 0.0)
    started, release = Event(), Event()

    def slowly(*given: Any) -> Any:
        started.set()
        assert release.wait(LONGEST)
        return replayed(*given)

    monkeypatch.setattr(form, "replayed", slowly)
    kim = opens(team, RESPONSE)
    enters(kim, response_hours="2")
    assert started.wait(LONGEST)
    assert t("settings.effect.counting")[:4] in kim.modal.text
    team.slack.faults.add("views.update", Fault.RATE_LIMIT, times=2, seconds=0)
    release.set()
    wait_for(lambda: "MQL" in kim.modal.text and t("settings.effect.counting")[:4] not in kim.modal.text)
    enters(kim, response_hours="3")
    kim.modal.close()
    deferred_answers.begin(lambda: None).result(LONGEST)
    assert held(team).version == 0


def test_somebody_is_picked_from_slack_and_named_as_there(team: Team) -> None:
    team.installation.agree(without(held(team).team, SUZUKI))
    assert not next(person for person in held(team).team.members if person.user_id == SUZUKI).active
    newcomer = team.slack.user("suzuki")
    with team.database.transaction() as tx:
        tx.execute(member.delete().where(member.c.user_id == SUZUKI))
    kim = opens(team, Place("members", ("members",)))
    kim.modal.fill({ids.SETTING_PERSON: "suzuki"})
    enters(kim, roles=["rep"], manager=["tanaka"])
    kim.modal.submit()
    (person,) = [known for known in held(team).team.members if known.user_id == SUZUKI]
    assert (person.name, person.roles, person.manager) == (newcomer.real_name, (Role.REP,), "U0TANAKA01")


def without(team: TeamFile, user: str) -> TeamFile:
    return replace(team, members=tuple(person for person in team.members if person.user_id != user))


def test_a_lost_update_and_an_expired_trigger_change_nothing_and_can_be_tried_again(team: Team, t: Translator) -> None:
    team.slack.faults.add("views.open", Fault.REDIRECT, times=1)
    team.user("kim").types("/mql settings", channel="sales")
    team.channel("sales").expect(t("reply.form_expired"))
    kim = opens(team)
    shown = kim.modal.text
    team.slack.faults.add("views.update", Fault.REFUSE, times=1)
    goes(kim, RESPONSE)
    assert kim.modal.text == shown
    goes(kim, RESPONSE)
    assert kim.modal.labels[0] == t("settings.field.response")
    assert held(team).version == 0
