"""Signed requests of one workspace that name what belongs to another: answered as if it did not exist, and it is not
touched. The people have the same ids in both, so that no rule about roles stands in for the missing one."""

from __future__ import annotations

import json
import re
import uuid
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.reports.checkup import Point
from bot.core.routing.known_words import CONDITIONS
from bot.core.settings import edition
from bot.core.setup.answers import Answers
from bot.slack.blocks.base import ids
from bot.slack.blocks.settings.screens import Place
from playground.dispatch import payloads
from playground.dispatch.transport import Dispatch, Kind
from playground.log import Exchange
from playground.model import Json
from storage import members, models, mqls, outbox, senders, setups, sources, workspaces
from storage.database import Database
from storage.vocabulary import Locale, MessageKind, OutboxState, Status
from tests import queued
from tests.isolation import neighbour
from tests.isolation.neighbour import OTHER, WORD
from tests.patience import LONGEST
from tests.scenarios.stage import TOKYO, Team, ja
from tests.tools import Tool

# The statements ask whose row it is in the same words on both databases; test_beside_another.py is on PostgreSQL.
pytestmark = pytest.mark.rules

UNKNOWN = -5
ABSENT = 999
NOWHERE = "http://127.0.0.1:9/"

BUTTONS = (
    *(ids.ACCEPT, ids.CONTACTED, ids.TAKE_OVER, ids.REMIND, ids.RESUME),
    *(ids.HOW, ids.REPORT, ids.REASSIGN, ids.SHOW, ids.OPEN_IN_CRM, ids.QUICK),
    *(ids.DISPUTE, ids.UPHOLD, ids.ACCEPT_DISPUTE),
    *(ids.CONSENT_PAUSE, ids.REFUSE_PAUSE),
    *(ids.CRM_THEIRS, ids.CRM_OURS),
    *(ids.MERGE, ids.UNDO_MERGE, ids.UNDO, ids.NEXT_TOUCH),
)
QUEUE_BUTTONS = (
    *(ids.ENTER_UNREADABLE, ids.DISMISS_UNREADABLE, ids.TEACH, ids.NEVER_APP, ids.NEVER_HEADLINE),
    *(ids.HAND_OVER, ids.CONFIRM_READING),
)
OPTIONS = (
    *(ids.OPTION_REASSIGN, ids.OPTION_DECLINE, ids.OPTION_PAUSE, ids.OPTION_WHY, ids.OPTION_CONTACTED),
    ids.OPTION_NEXT_TOUCH,
)
OPTIONS_OF_ROW = (ids.OPTION_REASSIGN, ids.OPTION_TAKE_OVER, ids.OPTION_REMIND, ids.OPTION_RESUME, ids.OPTION_SHOW)
FORMS: dict[str, dict[str, str]] = {
    ids.FEEDBACK_FORM: {ids.DISPOSITION: "recycled", ids.COMMENT: "ours now"},
    ids.REASSIGN_FORM: {ids.NEW_OWNER: "U0SUZUKI01", ids.COMMENT: "ours now"},
    ids.DECLINE_FORM: {ids.WHY_NOT: "ours now"},
    ids.PAUSE_FORM: {ids.PAUSE_UNTIL: "2026-11-19", ids.WHY_PAUSE: "ours now"},
    ids.REFUSE_PAUSE_FORM: {ids.WHY_PAUSE_REFUSED: "ours now"},
    ids.UPHOLD_FORM: {ids.WHY_UPHELD: "ours now"},
    ids.NEXT_TOUCH_FORM: {ids.NEXT_TOUCH_ON: "2026-11-19"},
    ids.DISPUTE_FORM: {ids.WHY_DISPUTE: "ours now"},
    ids.HOW_FORM: {ids.CONTACT_KIND: "call", ids.CONTACT_NOTE: "ours now"},
}

SETUP_BUTTONS = (
    *(ids.SETUP_PLACE, ids.SETUP_CHANNELS, ids.SETUP_PEOPLE, ids.SETUP_POLICY, ids.SETUP_PARTS, ids.SETUP_MANAGERS),
    ids.SETUP_START,
)
SETUP_FORMS = {
    ids.SETUP_PLACE_FORM: {ids.SETUP_NAME: "ours now", ids.SETUP_LANGUAGE: "en", ids.SETUP_TIMEZONE: "UTC"},
    ids.SETUP_CHANNELS_FORM: {f"{ids.SETUP_NEW_CHANNEL}:mql": "ours-now"},
    ids.SETUP_PEOPLE_FORM: {ids.SETUP_AS: "rep", ids.SETUP_NAMED: "U0SATO0001"},
    ids.SETUP_POLICY_FORM: {ids.SETUP_TEMPLATE: "hot", ids.SETUP_HOLIDAYS: "JP"},
}


class Attacker:
    """An admin of our workspace who sends what no screen of ours offers. Slack signs it, as it signs everything.

    Each act returns all that went between Slack and the bot because of it, numbers and ids left out.
    """

    def __init__(self, team: Team) -> None:
        self.team, self.slack = team, team.slack
        self.user = self.slack.user("kim").user
        self.card = next(m for m in self.slack.channel("mql").messages if m.thread is None)

    def presses(self, action: Json) -> list[str]:
        """A button of a message."""
        workspace, trigger = self.slack.workspace, self._trigger()
        channel, shown = workspace.channels[self.card.channel], {"block_id": "b", "action_ts": "1.1", **action}
        return self._sends(
            payloads.message_actions(workspace, self.user, channel, self.card.record, [shown], trigger, NOWHERE)
        )

    def chooses(self, action: Json, metadata: Json) -> list[str]:
        """Something in an open form."""
        return self._sends(self._interaction("block_actions", metadata) | {"actions": [{"block_id": "b", **action}]})

    def presses_in_home(self, action: Json) -> list[str]:
        """A button of the App Home."""
        body = self._interaction("block_actions", {}) | {"actions": [{"block_id": "b", **action}]}
        body["view"]["type"] = "home"
        return self._sends(body)

    def submits(self, form: str, metadata: Json, values: dict[str, str]) -> list[str]:
        """A form."""
        return self._sends(self._interaction("view_submission", metadata, form, values))

    def asks(self, menu: str, block: str, typed: str = "") -> list[str]:
        """What a menu offers while somebody types."""
        return self._sends(
            self._interaction("block_suggestion", {}) | {"action_id": menu, "block_id": block, "value": typed}
        )

    def types(self, command: str, text: str) -> list[str]:
        """A command."""
        channel, trigger = self.slack.workspace.channels[self.card.channel], self._trigger()
        body = payloads.slash_command(self.slack.workspace, self.user, channel, command, text, trigger, NOWHERE)
        return self._sends(body, "slash_commands")

    def _trigger(self) -> str:
        return self.slack.views.new_trigger(self.user.id)

    def _interaction(
        self, kind: str, metadata: Json, form: str = ids.FEEDBACK_FORM, values: dict[str, str] | None = None
    ) -> Json:
        state = {name: {name: {"type": "plain_text_input", "value": value}} for name, value in (values or {}).items()}
        view: Json = {"id": f"V0{uuid.uuid4().hex}", "hash": "h", "type": "modal", "callback_id": form}
        view |= {"private_metadata": json.dumps(metadata), "state": {"values": state}}
        return payloads._interaction(self.slack.workspace, kind, self.user, self._trigger()) | {"view": view}

    def _sends(self, body: Json, kind: Kind = "interactive") -> list[str]:
        heard = []
        for entry in exchanged(self.team, Dispatch(kind, body)):
            request = "" if entry.direction == "to_bot" else entry.request
            heard.append(f"{entry.direction} {entry.method} {entry.status} {_plain(request)} {_plain(entry.answer)}")
        return sorted(heard)


def exchanged(team: Team, request: Dispatch) -> list[Exchange]:
    """Send a request to the bot; everything that went between Slack and the bot because of it, and nothing else: Slack
    tells the bot from a thread of its own what the bot has posted."""
    team.slack.settle(LONGEST)
    before = len(list(team.slack.log))
    team.slack.delivery.send(request)
    team.settle()
    team.slack.settle(LONGEST)
    return list(team.slack.log)[before:]


def _plain(value: Any) -> str:
    return re.sub(
        r"[0-9]{10}\.[0-9a-f.]+|-?[0-9][0-9.]*|\b[0-9a-f]{8,}\b|[CDV]0\w+", "…", json.dumps(value, ensure_ascii=False)
    )


UPLOADS = (
    *(ids.UPLOAD_LEADS, ids.UPLOAD_HISTORY, ids.UPLOAD_OUTCOMES, ids.UPLOAD_IMPORT, ids.UPLOAD_COLUMNS),
    *(ids.UPLOAD_CANCEL, ids.UPLOAD_UNDO),
)
TURNS = (ids.PAUSE_TURNS, ids.LEAVE_TURNS, ids.RESUME_TURNS)
ABSENCES = (
    *(ids.AWAY_TODAY, ids.AWAY_TOMORROW, ids.AWAY_WEEK, ids.AWAY_MORNING, ids.AWAY_AFTERNOON, ids.AWAY_CANCEL),
    *(ids.COVER_NEXT, ids.COVER_KEEP, ids.COVER_TAKE_BACK, ids.COVER_LEAVE),
)


@pytest.fixture
def team(any_database: Database, telling: Any) -> Iterator[Team]:
    """Two MQLs of ours, beside a neighbour with ten."""
    history = Database(f"sqlite:///{telling.file}")
    neighbour.moves_in(history, any_database, quiet=True)
    history.close()
    team = Team(any_database)
    team.receives("Acme", email="acme@example.com")
    team.receives("Beta")
    team.app("HubSpot").posts("mql-intake", text="New lead!")
    yield team
    team.close()


@pytest.fixture
def theirs(team: Team, pytestconfig: pytest.Config) -> Iterator[dict[str, Any]]:
    """What the neighbour has; the same after the test as before it. `some`: its MQLs that an act is tried with, one of
    each status in `make test-all` and two of them in `make test`: which, a checksum of the act says."""
    with team.database.transaction() as tx:
        rule = senders.add_rule(tx, OTHER, "B1", WORD, None, "U1", team.time.now())
        known = senders.mapping(tx, OTHER, "B1")
        number = known.number + 1 if known else 1
        senders.add_mapping(tx, OTHER, "B1", number, {WORD: "company"}, "U1", team.time.now())
        reader = senders.taught(tx, OTHER)[0].id
        layout: dict[str, Any] = {"parts": [WORD], "unsure": [], "fields": {WORD: "company"}, "reads": ["company"]}
        taught = {"reader": reader, "layout": senders.add_layout(tx, OTHER, "B1", "U1", team.time.now(), **layout)}
    before = neighbour.rows_of(team.database, OTHER)
    with team.database.snapshot() as tx:
        subjects = {number: mqls.by_number(tx, OTHER, number) for number in range(1, 11)}
        waiting = models.unreadable.select().where(models.unreadable.c.workspace_id == OTHER)
        entries = [row.id for row in tx.execute(waiting.where(models.unreadable.c.state == "open"))]
    # One of each status: what stands in the way of another workspace's MQL is the same for all of them.
    each = {subject.status: subject.id for subject in subjects.values() if subject}
    assert len(each) > 3
    with team.database.snapshot() as tx:
        kept = models.delivery.select().where(
            models.delivery.c.workspace_id == OTHER, models.delivery.c.state == "taken"
        )
        (delivery,) = [(row.source_id, row.id) for row in tx.execute(kept)]

    def some(act: str) -> list[int]:
        turned = sorted(each.values(), key=lambda mql_id: zlib.crc32(f"{act} {mql_id}".encode()))
        return turned if pytestconfig.getoption("thorough") else turned[:2]

    yield {"mqls": each, "some": some, "entries": entries, "rule": rule, "delivery": delivery, **taught}
    assert neighbour.rows_of(team.database, OTHER) == before
    assert neighbour.strays(team.database) == []
    sent = json.dumps(
        [entry.as_json() for entry in team.slack.log if entry.direction == "from_bot"], ensure_ascii=False
    )
    answered = json.dumps([entry.answer for entry in team.slack.log if entry.direction == "to_bot"], ensure_ascii=False)
    assert WORD not in sent + answered


def ours(team: Team) -> dict[str, list[tuple[Any, ...]]]:
    """What we have, but for what every request leaves: receipts, private explanations, paces, who looks."""
    left = {"receipt", "outbox", "lane", "open_home"}
    return {name: rows for name, rows in neighbour.rows_of(team.database, team.id).items() if name not in left}


def test_buttons_and_menus_with_ids_of_another_workspace(team: Team, theirs: dict[str, Any]) -> None:
    attacker, before = Attacker(team), ours(team)
    for name in (*BUTTONS, *OPTIONS):
        unknown = attacker.presses(_action(name, UNKNOWN))
        # The acknowledgement, and a private word.
        assert len(unknown) == (1 if name == ids.OPEN_IN_CRM else 2), name
        for mql_id in theirs["some"](name):
            assert attacker.presses(_action(name, mql_id)) == unknown, name
    assert ours(team) == before


def _action(name: str, mql_id: int) -> Json:
    if name in OPTIONS:
        return {"action_id": ids.MORE, "type": "overflow", "selected_option": {"value": f"{name}:{mql_id}"}}
    if name == ids.QUICK:
        return {"action_id": name, "type": "static_select", "selected_option": {"value": f"qualified::{mql_id}"}}
    if name == ids.NEXT_TOUCH:
        return {"action_id": name, "type": "static_select", "selected_option": {"value": f"tomorrow:{mql_id}"}}
    return {"action_id": name, "type": "button", "value": str(mql_id)}


def test_buttons_of_the_app_home_with_ids_of_another_workspace(team: Team, theirs: dict[str, Any]) -> None:
    attacker, before = Attacker(team), ours(team)
    with team.database.snapshot() as tx:
        disputed = models.event.select().where(models.event.c.workspace_id == OTHER, models.event.c.type == "disputed")
        disputes = {row.id for row in tx.execute(disputed)}
    assert disputes
    # An MQL of each status is named by the same buttons of messages.
    for name in BUTTONS:
        unknown = attacker.presses_in_home(_action(name, UNKNOWN))
        assert not any(WORD in line for line in unknown)
        subject = min(disputes) if name in (ids.UPHOLD, ids.ACCEPT_DISPUTE) else theirs["some"](name)[0]
        assert attacker.presses_in_home(_action(name, subject)) == unknown, name
    assert ours(team) == before


def test_forms_with_ids_of_another_workspace(team: Team, theirs: dict[str, Any]) -> None:
    attacker, before = Attacker(team), ours(team)
    for form, values in FORMS.items():
        unknown = attacker.submits(form, {"mql": UNKNOWN}, values)
        (answer,) = unknown
        assert "update" in answer, form
        for mql_id in theirs["some"](form):
            assert attacker.submits(form, {"mql": mql_id}, values) == unknown, form
    assert ours(team) == before


def test_several_answers_with_ids_of_another_workspace(team: Team, theirs: dict[str, Any]) -> None:
    attacker, before = Attacker(team), ours(team)
    for mql_id in theirs["mqls"].values():
        named, unknown = (
            attacker.submits(ids.SEVERAL_FORM, {}, {f"{ids.SEVERAL_ANSWER}:{key}": f"qualified::{key}"})
            for key in (mql_id, UNKNOWN)
        )
        assert named == unknown
        assert "errors" in named[0]
    assert len(attacker.presses(_action(ids.SEVERAL, UNKNOWN))) == 2
    assert ours(team) == before


def test_acts_on_several_with_ids_of_another_workspace(team: Team, theirs: dict[str, Any]) -> None:
    attacker, before = Attacker(team), ours(team)
    with team.database.snapshot() as tx:
        each = (models.outbox.c.kind, models.outbox.c.state)
        lists = tx.scalars(
            sa.select(sa.func.max(models.outbox.c.id)).where(_theirs(models.outbox)).group_by(*each)
        ).all()
    assert len(lists) > len(OutboxState)

    def chosen(option: str, mql_id: int) -> list[str]:
        value = {"value": f"{option}:{mql_id}"}
        return attacker.presses({"action_id": ids.ROW, "type": "overflow", "selected_option": value})

    def sent(form: str, mql_id: int) -> list[str]:
        return attacker.submits(form, {}, {f"{ids.PICKED}:0": str(mql_id), ids.NEW_OWNER: "U0SATO0001"})

    acts: dict[str, Callable[[str, int], list[str]]] = dict.fromkeys(OPTIONS_OF_ROW, chosen)
    acts |= dict.fromkeys((ids.REASSIGN_SEVERAL_FORM, ids.REMIND_SEVERAL_FORM), sent)
    for name, act in acts.items():
        unknown = act(name, UNKNOWN)
        assert all(act(name, mql_id) == unknown for mql_id in theirs["some"](name)), name
    for button in (ids.REASSIGN_SEVERAL, ids.REMIND_ALL):
        unknown = attacker.presses(_action(button, UNKNOWN))
        assert all(attacker.presses(_action(button, listed)) == unknown for listed in lists)
    assert ours(team) == before


def test_the_app_home_filtered_by_somebody_of_another_workspace_shows_nobody(
    team: Team, theirs: dict[str, Any]
) -> None:
    attacker, before = Attacker(team), ours(team)
    for name, value in product((ids.HOME_REP, ids.HOME_STATE, ids.HOME_TIER), ("=U1", f"={WORD}", "all")):
        menu = {"action_id": name, "type": "static_select", "selected_option": {"value": value}}
        assert not any(WORD in line for line in attacker.presses_in_home(menu))
    for name in (ids.HOME_BEFORE, ids.HOME_AFTER, ids.REASSIGN_SEVERAL, ids.REMIND_SEVERAL, ids.AWAY, ids.BACK):
        assert not any(WORD in line for line in attacker.presses_in_home(_action(name, 99_999)))
    attacker.submits(ids.AWAY_FORM, {"who": "U1"}, {ids.AWAY_DAYS: "12/24"})
    assert ours(team) == before


def test_absences_and_covers_of_another_workspace_are_out_of_reach(team: Team, theirs: dict[str, Any]) -> None:
    attacker, before = Attacker(team), ours(team)
    for name in (*ABSENCES, ids.MENU_LIST, ids.MENU_TEAM, ids.MENU_NEW, ids.MENU_HELP):
        pressed = _action(name, 99_999)
        if name in (ids.COVER_TAKE_BACK, ids.COVER_LEAVE):
            pressed["value"] = "99999:U1"
        assert not any(WORD in line for line in attacker.presses_in_home(pressed))
    for name, value in ((ids.COVER_BY, "99999:U1"), (ids.AWAY_WHO, "U1")):
        menu = {"action_id": name, "type": "static_select", "selected_option": {"value": value}}
        assert not any(WORD in line for line in attacker.presses_in_home(menu))
    assert ours(team) == before


def test_uploads_turns_and_calendars_of_another_workspace_are_out_of_reach(team: Team, theirs: dict[str, Any]) -> None:
    attacker, before = Attacker(team), ours(team)
    with team.database.snapshot() as tx:
        tables = (models.upload, models.member, models.absence)
        upload, member, absence = (
            tx.execute(sa.select(table.c.id).where(_theirs(table)).limit(1)).scalar_one() for table in tables
        )
    for named in ((upload, member, absence), (UNKNOWN, UNKNOWN, UNKNOWN)):
        pressed = [_action(name, named[0]) for name in UPLOADS]
        pressed += [_action(name, named[1]) | {"value": f"{named[1]}:1"} for name in TURNS[:2]]
        pressed += [_action(ids.RESUME_TURNS, named[1]), _action(ids.AWAY_NOT, named[2])]
        pressed += [_action(ids.CALENDAR_UNLINK, 0), _action(ids.CALENDAR, 0)]
        stranger = {"value": "U0STRANGER:2026-12-01:2026-12-01:"}
        pressed += [_action(ids.TRIP_AT_WORK, 0), _action(ids.AWAY_CONFIRM, 0) | stranger]
        for action in pressed:
            assert not any(WORD in line for line in attacker.presses(action)), action
        form = attacker.submits(ids.UPLOAD_FORM, {"upload": named[0]}, {})
        assert not any(WORD in line for line in form)
    lead = {ids.COMPANY: WORD, ids.ROUTE_FILE: "[[routes]]"}
    assert not any("error" in line.lower() and "500" in line for line in attacker.submits(ids.ROUTE_FORM, {}, lead))
    attacker.submits(ids.CALENDAR_FORM, {}, {ids.CALENDAR_ADDRESS: "https://10.0.0.1/calendar.ics"})
    assert ours(team) == before


def test_choices_in_a_form_with_ids_of_another_workspace(team: Team, theirs: dict[str, Any]) -> None:
    team.may_break = ("no open view",)  # the form is the attacker's own
    attacker, before = Attacker(team), ours(team)
    disposition = {"action_id": ids.DISPOSITION, "type": "radio_buttons", "selected_option": {"value": "qualified"}}
    for mql_id in theirs["mqls"].values():
        pick, pick_unknown = (
            {"action_id": ids.PICK_MQL, "type": "static_select", "selected_option": {"value": str(key)}}
            for key in (mql_id, UNKNOWN)
        )
        assert attacker.chooses(disposition, {"mql": mql_id}) == attacker.chooses(disposition, {"mql": UNKNOWN})
        # The acknowledgement, and a page that says so; no form is shown.
        named, unknown = attacker.chooses(pick, {}), attacker.chooses(pick_unknown, {})
        assert named == unknown
        assert [ids.FEEDBACK_FORM in line for line in named] == [False, False]
    assert ours(team) == before


@pytest.mark.thorough
def test_unreadable_messages_of_another_workspace(team: Team, theirs: dict[str, Any]) -> None:
    attacker, before = Attacker(team), ours(team)
    (entry,) = theirs["entries"]
    for name in QUEUE_BUTTONS:
        named, unknown = (
            attacker.presses({"action_id": name, "type": "button", "value": str(key)}) for key in (entry, UNKNOWN)
        )
        assert named == unknown
        assert len(named) == 2
    assert ours(team) == before
    named, unknown = (
        attacker.submits(ids.NEW_MQL_FORM, {"unreadable": key}, {ids.COMPANY: "Gamma"}) for key in (entry, UNKNOWN)
    )
    assert named == unknown
    named, unknown = (
        attacker.submits(ids.TEACH_FORM, {"unreadable": key}, {f"{ids.LABEL_FIELD}:Plan": "company"})
        for key in (entry, UNKNOWN)
    )
    assert named == unknown
    named, unknown = (
        attacker.submits(ids.HAND_OVER_FORM, {"unreadable": key}, {ids.WHY_HAND_OVER: "ours now"})
        for key in (entry, UNKNOWN)
    )
    assert named == unknown
    assert ours(team) == before


def test_a_merge_with_ids_of_another_workspace(team: Team, theirs: dict[str, Any]) -> None:
    attacker, before = Attacker(team), ours(team)
    unknown = attacker.submits(ids.MERGE_FORM, {"mql": UNKNOWN}, {ids.MERGE_NUMBER: "1"})
    for mql_id in theirs["mqls"].values():
        assert attacker.submits(ids.MERGE_FORM, {"mql": mql_id}, {ids.MERGE_NUMBER: "1"}) == unknown
        for number in ("1", str(abs(mql_id))):
            attacker.submits(ids.MERGE_FORM, {"mql": mql_id}, {ids.MERGE_NUMBER: number, ids.MERGE_WITH: str(mql_id)})
    assert ours(team) == before


def test_a_step_knows_the_mqls_of_its_own_workspace_only(team: Team, theirs: dict[str, Any]) -> None:
    """A number means an MQL of ours, also where another workspace has that number; and an owner of theirs is nobody."""
    before = ours(team)
    for mql_id in theirs["mqls"].values():
        given = {"number": abs(mql_id), "reported_by": "U0THEIRS01", "disposition": "qualified"}
        assert team.slack.run_step(ids.REPORT_OUTCOME, given, timeout=LONGEST).status == "failed"
    assert team.slack.run_step(ids.REGISTER_MQL, {"score": 1}, timeout=LONGEST).status == "failed"
    assert ours(team) == before


def test_tools_of_another_workspace(team: Team, theirs: dict[str, Any]) -> None:
    assert team.bot is not None
    Tool(team.database, team.id, team.bot.address, name="ours").sends({"f1": "Gamma"})
    with team.database.snapshot() as tx:
        mine = sources.named(tx, team.id, "ours")
    assert mine is not None
    attacker, before = Attacker(team), ours(team)
    source, delivery = theirs["delivery"]
    named, unknown = (attacker.presses(_action(ids.LOOK_AT_SOURCE, key)) for key in (source, UNKNOWN))
    assert named == unknown
    for whose in (source, mine.id):
        named, unknown = (
            attacker.submits(ids.SOURCE_FORM, {"source": whose, "delivery": key}, {f"{ids.SOURCE_FIELD}:0": "company"})
            for key in (delivery, UNKNOWN)
        )
        assert named == unknown
    restricted = attacker.submits(ids.SOURCE_FORM, {"source": source}, {ids.SOURCE_ORGANIZATION: "00D5e000000ZZZZ"})
    assert restricted == named
    assert ours(team) == before


@pytest.mark.thorough
def test_what_another_workspace_taught_the_reader(team: Team, theirs: dict[str, Any]) -> None:
    attacker, before = Attacker(team), ours(team)
    for button, row in ((ids.LOOK_AT_READER, theirs["reader"]), (ids.FORGET_LAYOUT, theirs["layout"])):
        named, unknown = (attacker.presses(_action(button, key)) for key in (row, UNKNOWN))
        assert named == unknown
    named, unknown = (
        attacker.submits(ids.READER_FORM, {"reader": key}, {ids.READER_VERSION: "1"})
        for key in (theirs["reader"], UNKNOWN)
    )
    assert named == unknown
    assert ours(team) == before


def test_what_another_workspace_never_takes_for_a_lead(team: Team, theirs: dict[str, Any]) -> None:
    attacker, before = Attacker(team), ours(team)
    assert len(attacker.presses(_action(ids.OPEN_MESSAGE, UNKNOWN))) == 1
    shown = attacker.presses(_action(ids.SENDER_RULES, 0))
    assert not any(WORD in line for line in shown)
    assert attacker.presses(_action(ids.REMOVE_RULE, theirs["rule"])) == attacker.presses(
        _action(ids.REMOVE_RULE, UNKNOWN)
    )
    assert ours(team) == before


def test_a_form_closes_no_intake_message_for_somebody_who_may_not(team: Team) -> None:
    attacker, before = Attacker(team), ours(team)
    waiting = models.unreadable.select().where(models.unreadable.c.workspace_id == team.id)
    with team.database.snapshot() as tx:
        (entry,) = [row.id for row in tx.execute(waiting)]
    form = (ids.NEW_MQL_FORM, {"unreadable": entry}, {ids.COMPANY: "Gamma"})
    attacker.user = team.slack.user("sato").user
    (answer,) = [line for line in attacker.submits(*form) if "response_action" in line]
    assert ja("reply.intake_not_allowed") in answer.encode().decode()
    assert ours(team) == before
    attacker.user = team.slack.user("kim").user
    attacker.submits(*form)
    assert team.mql(3).company == "Gamma"
    with team.database.snapshot() as tx:
        assert [(row.state, row.mql_id) for row in tx.execute(waiting)] == [("entered", team.mql(3).id)]


def test_refused_messages_of_another_workspace(team: Team, theirs: dict[str, Any]) -> None:
    attacker, before = Attacker(team), ours(team)
    dead = sa.select(models.outbox.c.id).where(models.outbox.c.workspace_id == OTHER, models.outbox.c.state == "dead")
    with team.database.snapshot() as tx:
        (refused, *_) = tx.execute(dead).scalars()
    named, unknown = (
        attacker.presses({"action_id": ids.RESEND, "type": "button", "value": str(key)}) for key in (refused, UNKNOWN)
    )
    assert named == unknown
    attacker.presses({"action_id": ids.RESEND_ALL, "type": "button", "value": "9"})
    assert ours(team) == before


def test_the_audit_log_of_another_workspace(team: Team, theirs: dict[str, Any]) -> None:
    team.may_break = ("no open view",)  # the form is the attacker's own
    attacker, before = Attacker(team), ours(team)
    for name, value in ((ids.AUDIT_KIND, "setting::0"), (ids.AUDIT_WHO, ":U1:0")):
        menu = {"action_id": name, "type": "static_select", "selected_option": {"value": value}}
        assert not any(WORD in heard for heard in attacker.chooses(menu, {}))
    for name in (ids.AUDIT_NEWER, ids.AUDIT_OLDER):
        pressed = {"action_id": name, "type": "button", "value": "::10"}
        assert not any(WORD in heard for heard in attacker.chooses(pressed, {}))
    assert ours(team) == before


def test_a_switch_that_names_nobody_turns_for_whoever_presses_it(team: Team, theirs: dict[str, Any]) -> None:
    attacker, before = Attacker(team), ours(team)
    for value in (0, 1, UNKNOWN):
        assert len(attacker.presses({"action_id": ids.OWN_WEEK, "type": "button", "value": str(value)})) == 2
    assert ours(team) == before, "who presses is no rep"


def test_numbers_that_only_another_workspace_has(team: Team, theirs: dict[str, Any]) -> None:
    attacker, before = Attacker(team), ours(team)
    for command, words in (("/mql", "show {}"), ("/mql-feedback", "{}")):
        for number in range(3, 11):
            named, unknown = (attacker.types(command, words.format(key)) for key in (number, ABSENT))
            assert named == unknown
            (answer,) = named
            assert _plain(ja("reply.not_found", number=number))[1:-1] in answer
    assert ours(team) == before


def test_webhooks_that_name_leads_of_another_workspace(team: Team, theirs: dict[str, Any]) -> None:
    with team.database.snapshot() as tx:
        open_ones = [
            mql
            for mql in mqls.with_status(tx, OTHER, Status.ASSIGNED, Status.ACCEPTED, Status.CONTACTED, Status.QUALIFIED)
            if mql.email or mql.external_id
        ]
    assert open_ones
    for mql in open_ones:
        named = {name: value for name in ("email", "external_id") if (value := getattr(mql, name))}
        for key in named.items():
            assert team.reports_activity("call", **dict([key])).status == 404
        answer = team.receives("Omega", **named)
        assert not answer.body["repeated"]
        assert team.mql(answer.body["number"]).company == "Omega"
    assert team.reports_activity("call", number=9).status == 404
    # The id of a webhook that the neighbour has had is new to us.
    assert team.posts_webhook({"company": "Psi"}, id="msg_twice").body["repeated"] is False


def test_an_intake_message_at_the_place_of_one_of_another_workspace(team: Team, theirs: dict[str, Any]) -> None:
    waiting = len(neighbour.rows_of(team.database, team.id)["unreadable"])
    team.app("HubSpot").posts("mql-intake", text="Please have a look")
    team.catch_up()
    assert len(neighbour.rows_of(team.database, team.id)["unreadable"]) == waiting + 1


def test_messages_of_ours_that_point_to_rows_of_another_workspace_say_nothing_of_them(
    team: Team, theirs: dict[str, Any]
) -> None:
    now, target, (entry,) = team.time.now(), team.slack.user("sato").id, theirs["entries"]
    kinds = (MessageKind.CARD, MessageKind.ASSIGNMENT, MessageKind.NOTE, MessageKind.ESCALATION)
    items = [{"kind": "reminder", "mql": mql, "event": UNKNOWN} for mql in theirs["mqls"].values()]
    with team.database.transaction() as tx:
        their_card = outbox.by_key(tx, OTHER, "card:1")
        assert their_card is not None
        for mql_id in theirs["mqls"].values():
            for kind in kinds:
                queued.add(tx, team.id, f"crafted:{kind}:{mql_id}", kind, target, now, mql_id=mql_id)
        for kind in (MessageKind.EDIT, MessageKind.NOTE):
            queued.add(tx, team.id, f"crafted:{kind}", kind, target, now, parent_id=their_card.id)
        queued.add(tx, team.id, "crafted:held", MessageKind.HELD, target, now, data={"items": items})
        queued.add(tx, team.id, "crafted:queue", MessageKind.UNREADABLE, target, now, data={"unreadable": entry})
    team.dm("sato").unread()
    team.settle()
    team.dm("sato").expect_nothing()
    crafted = sa.and_(models.outbox.c.workspace_id == team.id, models.outbox.c.key.like("crafted:%"))
    with team.database.transaction() as tx:
        states = Counter(tx.execute(sa.select(models.outbox.c.state).where(crafted)).scalars())
        assert states.total() == len(kinds) * len(theirs["mqls"]) + 4
        assert {*states} == {OutboxState.DROPPED, OutboxState.DEAD}
        # We made them stray ourselves.
        tx.execute(models.outbox.delete().where(crafted))


def test_our_process_reads_and_shows_nothing_in_the_name_of_another_workspace(
    team: Team, theirs: dict[str, Any]
) -> None:
    team.catch_up()
    kim = team.slack.user("kim").user
    event = {"type": "app_home_opened", "user": kim.id, "tab": "home", "channel": "D1", "event_ts": "1.1"}
    body = payloads.event_wrapper(team.slack.workspace, event) | {"team_id": OTHER}
    (only,) = exchanged(team, Dispatch("events_api", body))
    assert (only.direction, only.status) == ("to_bot", 200)


def test_a_target_and_a_self_check_of_ours_are_ours(team: Team, theirs: dict[str, Any]) -> None:
    attacker = Attacker(team)
    values = {ids.REVENUE: "1234567", ids.DEAL: "1000", ids.FIRST_MONTH: "2026-12", ids.MONTHS: "3"}
    values |= dict.fromkeys((ids.LEAD_TO_MQL, ids.MQL_TO_OPPORTUNITY, ids.OPPORTUNITY_TO_WIN), "30")
    attacker.submits(ids.KPI_FORM, {"mql": theirs["mqls"][Status.QUALIFIED]}, values)
    (only,) = neighbour.rows_of(team.database, team.id)["kpi_target"]
    assert 1234567 in only
    (page,) = attacker.submits(ids.KPI_PAGE, {}, {})
    assert ids.REVENUE in page
    attacker.submits(ids.CHECKUP_FORM, {}, dict.fromkeys(Point, "yes"))
    assert len(neighbour.rows_of(team.database, team.id)["checkup"]) == 1
    (questions,) = attacker.submits(ids.CHECKUP_PAGE, {}, {})
    assert Point.DEFINITION in questions


def test_actions_and_meetings_of_another_workspace(team: Team, theirs: dict[str, Any]) -> None:
    team.may_break = ("no open view", "answered 400")  # the forms are crafted
    now, attacker = team.time.now(), Attacker(team)
    with team.database.snapshot() as tx:
        their_actions = list(
            tx.execute(sa.select(models.action_item.c.id).where(_theirs(models.action_item))).scalars()
        )
        entries = tx.execute(sa.select(models.action_change).where(_theirs(models.action_change))).all()
    assert their_actions
    assert entries
    before = ours(team)
    for place, name in product(("message", "form"), (ids.ACTION_DONE, ids.ACTION_CHANGE, ids.ACTION_REOPEN)):
        unknown = _acts(attacker, name, UNKNOWN, place)
        for key in their_actions:
            assert _acts(attacker, name, key, place) == unknown
    until = f"{now.astimezone(TOKYO):%Y-%m-%d}"
    values = {ids.ACTION_WHAT: "ours", ids.ACTION_OWNER: "U0SATO0001", ids.ACTION_UNTIL: until}
    for entry in entries:
        unknown, named = (
            attacker.submits(ids.ACTION_CHANGE_FORM, {"action": key, "seen": entry.id}, values)
            for key in (UNKNOWN, entry.action_id)
        )
        assert named == unknown
    assert ours(team) == before
    attacker.submits(ids.MEETING_PAGE, {}, {})
    attacker.submits(ids.ACTION_FORM, {"page": 1}, values)
    assert len(neighbour.rows_of(team.database, team.id)["action_item"]) == 1
    held = {"action_id": ids.MEETING_HELD, "type": "button", "value": f"{now.astimezone(TOKYO):%Y%m%d}"}
    attacker.presses(held)
    (refused,) = attacker.presses(held | {"value": "20261399"})
    assert refused.startswith("to_bot block_actions 400")
    assert len(neighbour.rows_of(team.database, team.id)["meeting"]) == 1
    attacker.presses({"action_id": ids.RECORD_ACTION, "type": "button", "value": "0"})
    with team.database.transaction() as tx:
        for kind in (MessageKind.ACTION_DUE, MessageKind.ACTION_CHANGED):
            their, reader = entries[-1], team.slack.user("sato").id
            data = {"action": their.action_id, "change": their.id, "owner": their.owner, "due_on": their.due_on}
            queued.add(tx, team.id, f"crafted:{kind}", kind, reader, now, data=data)
    team.dm("sato").unread()
    team.settle()
    team.dm("sato").expect_nothing()
    with team.database.transaction() as tx:
        crafted = sa.and_(models.outbox.c.workspace_id == team.id, models.outbox.c.key.like("crafted:%"))
        tx.execute(models.outbox.delete().where(crafted))


def test_muting_in_our_workspace_mutes_nothing_of_another(team: Team, theirs: dict[str, Any]) -> None:
    team.may_break = ("no open view", "answered 400")  # the forms are crafted
    attacker = Attacker(team)
    for name in (ids.MUTE, ids.UNMUTE):
        attacker.chooses({"action_id": name, "type": "button", "value": MessageKind.REMINDER.value}, {})
    assert len(neighbour.rows_of(team.database, team.id)["mute"]) == 2
    before = ours(team)
    for value in (MessageKind.ESCALATION.value, "nothing"):
        (refused,) = attacker.chooses({"action_id": ids.MUTE, "type": "button", "value": value}, {})
        assert refused.startswith("to_bot block_actions 400")
    assert ours(team) == before


def test_settings_of_another_workspace(team: Team, theirs: dict[str, Any]) -> None:
    team.may_break = ("no open view",)  # the forms are crafted
    attacker = Attacker(team)
    digest, member = Place("digest", ("digest",)), Place("member", ("members", "U0SATO0001"))
    for name in (ids.SETTINGS, ids.SETTING, ids.SETTING_BACK, ids.SETTING_NEXT):
        value = "0" if name == ids.SETTINGS else member.value
        shown = attacker.chooses({"action_id": name, "type": "button", "value": value}, {})
        assert any("views.update" in line for line in shown), name
    attacker.chooses({"action_id": ids.SETTING_PERSON, "type": "users_select", "selected_user": "U404"}, {})
    for condition in CONDITIONS:
        offered = attacker.asks(ids.WORDS_MENU, f"{ids.SETTING_FIELD}:when.{condition}")
        assert not any(WORD in line for line in offered), condition
    assert any("sales-leads" in line for line in attacker.asks(ids.GROUPS_MENU, f"{ids.SETTING_FIELD}:to.group"))
    attacker.user = team.slack.user("sato").user
    assert not any("sales-leads" in line for line in attacker.asks(ids.GROUPS_MENU, f"{ids.SETTING_FIELD}:to.group"))
    attacker.user = team.slack.user("kim").user
    with team.database.snapshot() as tx:
        version = edition(tx, team.id).version
    kept = {"place": digest.value, "seen": version, "was": "", "workspace": OTHER}
    attacker.submits(ids.SETTINGS_FORM, kept, {f"{ids.SETTING_FIELD}:time": "10:10"})
    with team.database.snapshot() as tx:
        workspace = workspaces.get(tx, team.id)
    assert workspace is not None
    assert (workspace.digest_time, workspace.settings_version) == ("10:10", version + 1)


@pytest.mark.thorough
def test_definitions_of_another_workspace(team: Team, theirs: dict[str, Any]) -> None:
    team.may_break = ("no open view", "answered 400")  # the forms are crafted
    now, attacker = team.time.now(), Attacker(team)
    with team.database.transaction() as tx:
        members.update(tx, team.id, team.slack.user("kim").id, roles=["admin", "manager"])
        their_definitions = list(
            tx.execute(sa.select(models.definition.c.id).where(_theirs(models.definition))).scalars()
        )
    assert their_definitions
    before = ours(team)
    for act in (attacker.presses, lambda pressed: attacker.chooses(pressed, {})):
        unknown, *named = (
            [re.sub(r'"view_id": "[^"]*"', "", heard) for heard in act(_action(ids.AGREE_DEFINITION, key))]
            for key in (UNKNOWN, *their_definitions)
        )
        assert named == [unknown] * len(their_definitions)
        assert len(unknown) > 1
    assert ours(team) == before
    unknown, *named = (attacker.presses(_action(ids.DEFINITION_VERSION, key)) for key in (UNKNOWN, *their_definitions))
    assert named == [unknown] * len(their_definitions)
    for name in (ids.DEFINITION_NOW, ids.DEFINITION_VERSIONS):
        (pressed,), heard = attacker.presses(_action(name, 0)), attacker.chooses(_action(name, 0), {})
        assert pressed.startswith("to_bot block_actions 200")
        assert len(heard) == 2
    assert ours(team) == before
    attacker.presses({"action_id": ids.PROPOSE_DEFINITION, "type": "button", "value": "2026-10"})
    (refused,) = attacker.presses({"action_id": ids.PROPOSE_DEFINITION, "type": "button", "value": "soon"})
    assert refused.startswith("to_bot block_actions 400")
    unknown, *named = (attacker.presses(_action(ids.CLOSE_DEFINITION, key)) for key in (UNKNOWN, *their_definitions))
    assert named == [unknown] * len(their_definitions)
    why = {ids.DEFINITION_CLOSED_WHY: "ours now"}
    unknown, *named = (
        attacker.submits(ids.CLOSE_DEFINITION_FORM, {"definition": key}, why) for key in (UNKNOWN, *their_definitions)
    )
    assert named == [unknown] * len(their_definitions)
    (form,) = attacker.submits(ids.DEFINITION_PAGE, {}, {})
    assert ids.DEFINITION_TEXT in form
    attacker.submits(ids.DEFINITION_FORM, {"definition": their_definitions[0]}, {ids.DEFINITION_TEXT: "ours"})
    (only,) = neighbour.rows_of(team.database, team.id)["definition"]
    assert "ours" in only
    with team.database.transaction() as tx:
        for kind in (MessageKind.DEFINITION_PROPOSED, MessageKind.DEFINITION_AGREED):
            data = {"definition": their_definitions[0]}
            queued.add(tx, team.id, f"crafted:{kind}", kind, team.slack.user("sato").id, now, data=data)
    team.dm("sato").unread()
    team.settle()
    team.dm("sato").expect_nothing()
    with team.database.transaction() as tx:
        crafted = sa.and_(models.outbox.c.workspace_id == team.id, models.outbox.c.key.like("crafted:%"))
        tx.execute(models.outbox.delete().where(crafted))


def test_a_set_up_is_neither_another_workspaces_nor_anybodys_once_there_is_a_team(team: Team) -> None:
    team.may_break = ("no open view",)  # the forms are the attacker's own
    attacker = Attacker(team)
    answers = Answers.usual(WORD, Locale.JA, "Asia/Tokyo", 2026).stored()
    with team.database.transaction() as tx:
        setups.begin(tx, OTHER, attacker.user.id, answers, team.time.now())
        theirs = setups.get(tx, OTHER)
    before = ours(team)
    for button in (*SETUP_BUTTONS, ids.SETUP_WITHDRAW, ids.SETUP_CLOSE, ids.SETUP_SOURCE):
        attacker.presses_in_home({"action_id": button, "type": "button", "value": "0"})
    for select, value in ((ids.SETUP_PART, "U0SATO0001:admin"), (ids.SETUP_MANAGER, "U0SATO0001:U0KIM00001")):
        attacker.chooses({"action_id": select, "type": "static_select", "selected_option": {"value": value}}, {})
    for form, values in SETUP_FORMS.items():
        assert not any(WORD in line for line in attacker.submits(form, {}, values))
    attacker.user = team.slack.user("sato").user
    attacker.submits(ids.SETUP_SOURCE_FORM, {}, {ids.SETUP_KIND: "hubspot"})
    assert ours(team) == before
    with team.database.snapshot() as tx:
        assert setups.get(tx, OTHER) == theirs


def _theirs(table: sa.Table) -> sa.ColumnElement[bool]:
    return table.c.workspace_id == OTHER


def _acts(attacker: Attacker, name: str, action_id: int, place: str) -> list[str]:
    pressed = {"action_id": name, "type": "button", "value": str(action_id)}
    heard = attacker.presses(pressed) if place == "message" else attacker.chooses(pressed, {})
    return [re.sub(r'"view_id": "[^"]*"', "", line) for line in heard]


def test_every_button_and_form_of_the_bot_was_tried() -> None:
    named = {value for name, value in vars(ids).items() if name.isupper() and isinstance(value, str)}
    tried = {*BUTTONS, *OPTIONS, *FORMS, ids.MORE, ids.PICK_MQL, ids.DISPOSITION}
    tried |= {ids.ENTER_UNREADABLE, ids.DISMISS_UNREADABLE, ids.NEW_MQL_FORM, ids.RESEND, ids.RESEND_ALL}
    tried |= {*QUEUE_BUTTONS, ids.TEACH_FORM, ids.HAND_OVER_FORM, ids.OPEN_MESSAGE, ids.SENDER_RULES, ids.REMOVE_RULE}
    tried |= {ids.LOOK_AT_SOURCE, ids.SOURCE_FORM, ids.SOURCE_FIELD, ids.SOURCE_VERSION, ids.SOURCE_ORGANIZATION}
    tried |= {ids.FORGET_LAYOUT, ids.LOOK_AT_READER, ids.READER_FORM, ids.READER_VERSION}
    tried |= {ids.SEVERAL, ids.SEVERAL_FORM, ids.OWN_WEEK, ids.MERGE_FORM}
    tried |= {*OPTIONS_OF_ROW, ids.ROW, ids.REASSIGN_SEVERAL_FORM, ids.REMIND_SEVERAL_FORM, ids.REASSIGN_SEVERAL}
    tried |= {ids.REMIND_ALL, ids.REMIND_SEVERAL, ids.HOME_REP, ids.HOME_STATE, ids.HOME_TIER, ids.HOME_BEFORE}
    tried |= {ids.HOME_AFTER, ids.AWAY, ids.BACK, ids.AWAY_FORM, ids.PICKED, *ABSENCES}
    tried |= {ids.MENU_LIST, ids.MENU_TEAM, ids.MENU_NEW, ids.MENU_HELP, ids.AWAY_WHO, ids.COVER_BY}
    tried |= {ids.MUTE, ids.UNMUTE, ids.REGISTER_MQL, ids.REPORT_OUTCOME}
    tried |= {ids.PROPOSE_DEFINITION, ids.AGREE_DEFINITION, ids.DEFINITION_FORM, ids.DEFINITION_PAGE}
    tried |= {ids.CLOSE_DEFINITION, ids.CLOSE_DEFINITION_FORM}
    tried |= {ids.DEFINITION_NOW, ids.DEFINITION_VERSIONS, ids.DEFINITION_VERSION}
    tried |= {ids.ACTION_CHANGE, ids.ACTION_REOPEN, ids.ACTION_CHANGE_FORM}
    tried |= {ids.RECORD_ACTION, ids.ACTION_DONE, ids.MEETING_HELD, ids.ACTION_FORM, ids.MEETING_PAGE}
    tried |= {*UPLOADS, ids.UPLOAD_FORM, *TURNS, ids.ROUTE_FORM}
    tried |= {ids.AUDIT_KIND, ids.AUDIT_WHO, ids.AUDIT_NEWER, ids.AUDIT_OLDER}
    tried |= {ids.AWAY_NOT, ids.AWAY_CONFIRM, ids.TRIP_AT_WORK, ids.CALENDAR, ids.CALENDAR_UNLINK, ids.CALENDAR_FORM}
    tried |= {*SETUP_BUTTONS, *SETUP_FORMS, ids.SETUP_PART, ids.SETUP_MANAGER, ids.SETUP_CLOSE, ids.SETUP_SOURCE_FORM}
    tried |= {ids.SETUP_SOURCE, ids.SETUP_WITHDRAW}
    tried |= {ids.SETTINGS, ids.SETTING, ids.SETTING_BACK, ids.SETTING_NEXT, ids.SETTING_PERSON, ids.SETTINGS_FORM}
    inputs = {
        ids.UPLOAD_KIND,
        ids.UPLOAD_ORDER,
        ids.UPLOAD_COLUMN,
        ids.ROUTE_MORE,
        ids.ROUTE_FILE,
        ids.CALENDAR_ADDRESS,
    }
    inputs |= {ids.LOST_REASON, ids.COMMENT, ids.AMOUNT, ids.NEXT_STEP, ids.RECYCLE_ON, ids.NEW_OWNER, ids.WHY_NOT}
    inputs |= {ids.AWAY_DAYS, ids.CHANNEL_OTHER}
    inputs |= {ids.SETTING_FIELD, ids.SETTING_PLACE, ids.SETTING_REMOVE, ids.SETTING_MOVE}
    inputs |= {ids.PAUSE_UNTIL, ids.WHY_PAUSE, ids.COMPANY, ids.PERSON, ids.EMAIL, ids.PHONE, ids.CHANNEL, ids.SCORE}
    inputs |= {ids.MESSAGE, ids.CONTACT_KIND, ids.CONTACT_NOTE}
    inputs |= {ids.REVENUE, ids.DEAL, ids.FIRST_MONTH, ids.MONTHS, ids.WIN_RATE, ids.OPPORTUNITY_RATE, ids.MQL_RATE}
    inputs |= {ids.MERGE_WITH, ids.MERGE_NUMBER, ids.MERGE_FOUND, ids.WHY_HAND_OVER}
    inputs |= {getattr(ids, name) for name in dir(ids) if name.startswith("RULE_")}
    inputs |= {ids.LEAD_TO_MQL, ids.MQL_TO_OPPORTUNITY, ids.OPPORTUNITY_TO_WIN}
    tried |= {ids.KPI_FORM, ids.KPI_PAGE, ids.CHECKUP_FORM, ids.CHECKUP_PAGE}
    inputs |= {ids.MESSAGE, ids.CONTACT_KIND, ids.CONTACT_NOTE, ids.SEVERAL_ANSWER, ids.LABEL_FIELD}
    inputs |= {
        ids.WHY_DISPUTE,
        ids.WHY_PAUSE_REFUSED,
        ids.DEFINITION_TEXT,
        ids.DEFINITION_THRESHOLD,
        ids.DEFINITION_WHY,
    }
    inputs |= {ids.PAUSE_PRESET, ids.WHY_PAUSE_REASON, ids.WHY_NOT_REASON, ids.WHY_UPHELD, ids.NEXT_TOUCH_ON}
    inputs |= {ids.DEFINITION_CLOSED_WHY}
    inputs |= {ids.ACTION_WHAT, ids.ACTION_OWNER, ids.ACTION_UNTIL}
    inputs |= {ids.DEAL_RESULT, ids.DEAL_AMOUNT, ids.DEAL_ON}
    inputs |= {ids.SETUP_NAME, ids.SETUP_LANGUAGE, ids.SETUP_TIMEZONE, ids.SETUP_CHANNEL, ids.SETUP_NEW_CHANNEL}
    inputs |= {ids.SETUP_FROM, ids.SETUP_GROUP, ids.SETUP_NAMED, ids.SETUP_AS, ids.SETUP_TEMPLATE, ids.SETUP_HOLIDAYS}
    inputs |= {ids.SETUP_CLOSURES, ids.SETUP_KIND}
    inputs |= {ids.TIMEZONE_MENU, ids.OWN_TIMEZONE_MENU, ids.HOLIDAYS_MENU}  # lists of the world, not of a workspace
    inputs |= {ids.REMINDERS_MENU, ids.HOURS_MENU}  # numbers
    tried |= {ids.WORDS_MENU, ids.GROUPS_MENU}
    assert named - inputs <= tried
