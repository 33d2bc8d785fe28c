"""Every act, sent as everybody: requests that Slack has signed come to what docs/roles.md says, however they were made.

Whoever may not do an act is told so, and nothing has changed by it; whoever may is not told that they may not.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from bot import logs
from bot.core.base.permissions import Permission
from bot.core.mql import intake, response
from bot.core.mql.lead import Lead
from bot.slack.blocks.base import ids
from playground.dispatch.transport import Dispatch, Kind
from playground.model import Json
from storage import absences, definitions, members, models, mqls, undos, uploads
from storage.database import Database
from storage.models import Mql
from storage.vocabulary import AbsenceSource, EventType, Locale, Role, Source, Status
from tests.isolation import neighbour
from tests.isolation.test_attacks import Attacker, _action
from tests.patience import LONGEST
from tests.scenarios.stage import Team, en, ja

DAY = timedelta(days=1)
LEADERS = {"tanaka", "yamada", "kim"}
REPS = {"sato", "suzuki", "brown", "both"}
ROSTER = {*LEADERS, *REPS, "ito"}
OUTSIDE = {"left", "stranger"}
PLANNERS = {*LEADERS, "ito", "both"}
MARKETERS = {"ito", "both"}
NOT_ON_ROSTER = "not_on_roster"
HAD_IT = "had_it"
"""Whoever had the MQL before is told so at the field of the form, which stays open."""

ELSEWHERE = {
    Permission.SETTINGS: "the forms of the settings have tests of their own",
    Permission.CRM_CONFLICT: "needs a CRM that contradicts the bot: tests/connectors/crm/test_conflicts.py",
    Permission.HEALTH: "shown in the App Home only: its button is that of RESEND",
    Permission.FEEDBACK_BY_WORKFLOW: "Slack names no sender of a step: test_workflow_steps",
    Permission.PAUSE_WITHOUT_LIMIT: "asked within PAUSE: test_pauses",
}


class Stage:
    """A workspace with one person of each role, somebody with two, somebody who has left and a stranger."""

    def __init__(self, team: Team) -> None:
        self.team, self.attacker = team, Sender(team)
        for name in ("both", "left", "stranger"):
            team.slack.admin.add_user(name)
        self.id = {name: team.slack.user(name).id for name in (*ROSTER, *OUTSIDE)}
        with team.database.transaction() as tx:
            for name, roles in (("both", [Role.REP, Role.MARKETER]), ("left", [*Role])):
                members.save(tx, team.id, self.id[name], name=name, roles=[role.value for role in roles], active=True)
            members.update(tx, team.id, self.id["left"], active=False)
        self._leads = 0

    def mql(self, owner: str | None = "sato", **columns: Any) -> Mql:
        """An MQL of Sato's, whom Brown covers."""
        self._leads += 1
        with self.team.database.transaction() as tx:
            now = self.team.time.now()
            lead = Lead(company=f"Company {self._leads}")
            received = intake.receive(tx, self.team.id, lead, Source.GENERIC, now)
            about: dict[str, Any] = {"owner": self.id[owner] if owner else None, "cover": self.id["brown"]}
            about["status"] = Status.ASSIGNED if owner else Status.UNASSIGNED
            mqls.update(tx, self.team.id, received.mql_id, **about | ({} if owner else {"cover": None}) | columns)
            subject = mqls.get(tx, self.team.id, received.mql_id)
        assert subject is not None
        return subject

    def contacted(self) -> Mql:
        subject = self.mql()
        with self.team.database.transaction() as tx:
            response.contacted(tx, self.team.id, subject.id, self.id["sato"], self.team.time.now())
        return subject

    def event(self, kind: EventType) -> int:
        subject = self.mql()
        with self.team.database.transaction() as tx:
            now = self.team.time.now()
            return mqls.log(tx, subject, kind, now, now, actor=self.id["ito"], data={"day": "2026-12-01"})

    def undoable(self) -> int:
        subject = self.mql()
        with self.team.database.transaction() as tx:
            response.accept(tx, self.team.id, subject.id, self.id["sato"], self.team.time.now())
            return undos.offered(tx, self.team.id, [subject.id])[subject.id].id

    def absence(self) -> int:
        with self.team.database.transaction() as tx:
            begins = self.team.time.now() + DAY
            return absences.add(
                tx, self.team.id, self.id["sato"], begins, begins + DAY, AbsenceSource.CALENDAR, None
            ).id

    def upload(self) -> int:
        with self.team.database.transaction() as tx:
            return uploads.add(tx, self.team.id, self.id["ito"], "F1", self.team.time.now())

    def definition(self) -> int:
        with self.team.database.transaction() as tx:
            newest = definitions.newest(tx, self.team.id)
            about: dict[str, Any] = {"text": "x", "threshold": None, "rules": {}, "why": None}
            number, by, at = (newest.number if newest else 0) + 1, self.id["suzuki"], self.team.time.now()
            return definitions.add(tx, self.team.id, number=number, **about, proposed_by=by, proposed_at=at)

    def sato(self) -> int:
        with self.team.database.snapshot() as tx:
            member = members.get(tx, self.team.id, self.id["sato"])
        assert member is not None
        return member.id

    def state(self) -> dict[str, list[tuple[Any, ...]]]:
        """What the workspace has, but for what a refusal leaves."""
        left = {"receipt", "outbox", "lane", "open_home"}
        rows = neighbour.rows_of(self.team.database, self.team.id)
        kind = models.event.c.keys().index("type")
        rows["event"] = [row for row in rows["event"] if row[kind] != EventType.REFUSED]
        return {name: values for name, values in rows.items() if name not in left}


class Sender(Attacker):
    """Sends as one person after the other, and hears only what the bot answers and notes for later."""

    def __init__(self, team: Team) -> None:
        super().__init__(team)
        self._last = 0

    def _sends(self, body: Json, kind: Kind = "interactive") -> list[str]:
        before = len(list(self.slack.log))
        self.slack.delivery.send(Dispatch(kind, body))
        heard = [json.dumps(each.as_json(), ensure_ascii=False) for each in list(self.slack.log)[before:]]
        queued = models.outbox.select().where(models.outbox.c.id > self._last).order_by(models.outbox.c.id)
        with self.team.database.snapshot() as tx:
            rows = tx.execute(queued).all()
        self._last = rows[-1].id if rows else self._last
        return [*heard, *(json.dumps(row.data, ensure_ascii=False) for row in rows)]


@dataclass(frozen=True)
class Try:
    """One way to do an act. `make` prepares what it is about, which `send` gets."""

    act: Permission
    make: Callable[[Stage], Any]
    send: Callable[[Attacker, Any], list[str]]
    may: set[str]
    refused: tuple[str, ...] = ("not_allowed",)


def pressing(name: str) -> Callable[[Attacker, Any], list[str]]:
    return lambda attacker, about: attacker.presses(_action(name, getattr(about, "id", about)))


def filling(form: str, metadata: str = "mql", **values: str) -> Callable[[Attacker, Any], list[str]]:
    def send(attacker: Attacker, about: Any) -> list[str]:
        return attacker.submits(form, {metadata: getattr(about, "id", about)}, values)

    return send


def typing(words: str) -> Callable[[Attacker, Any], list[str]]:
    return lambda attacker, about: attacker.types("/mql", words.format(getattr(about, "number", about)))


def owned(stage: Stage) -> Mql:
    return stage.mql()


def nothing(_: Stage) -> int:
    return 0


def of_turns(name: str) -> Callable[[Attacker, Any], list[str]]:
    return lambda attacker, about: attacker.presses({"action_id": name, "type": "button", "value": f"{about}:1"})


WORK = {"sato", "brown", *LEADERS}
FREE = {*REPS, *LEADERS}
P = Permission
OUTCOME = {ids.DISPOSITION: "recycled", ids.COMMENT: "later"}
A_DAY = {ids.PAUSE_UNTIL: "2026-11-19", ids.WHY_PAUSE: "because"}
TRIES = [
    Try(P.USE, nothing, typing("list"), ROSTER, (NOT_ON_ROSTER,)),
    Try(P.ACCEPT, owned, pressing(ids.ACCEPT), WORK),
    Try(P.ACCEPT, lambda stage: stage.mql(None), pressing(ids.ACCEPT), FREE),
    Try(P.ACCEPT, lambda stage: stage.mql(offered=True), pressing(ids.ACCEPT), FREE),
    Try(P.TAKE_OVER, owned, pressing(ids.TAKE_OVER), WORK),
    Try(P.CONTACTED, owned, pressing(ids.CONTACTED), WORK),
    Try(P.CONTACTED, lambda stage: stage.mql(None), pressing(ids.CONTACTED), FREE),
    Try(P.CONTACTED, lambda stage: stage.mql(offered=True), pressing(ids.CONTACTED), WORK),
    Try(
        P.EVIDENCE,
        Stage.contacted,
        filling(ids.HOW_FORM, **{ids.CONTACT_KIND: "call"}),
        WORK,
    ),
    Try(
        P.NEXT_TOUCH,
        Stage.contacted,
        pressing(ids.NEXT_TOUCH),
        {"sato"},
        ("touch_not_owner",),
    ),
    Try(
        P.FEEDBACK,
        owned,
        filling(ids.FEEDBACK_FORM, **{ids.DISPOSITION: "recycled", ids.COMMENT: "later"}),
        WORK,
        ("not_allowed", HAD_IT),
    ),
    Try(P.FEEDBACK, owned, pressing(ids.REPORT), WORK),
    Try(P.REASSIGN, owned, pressing(ids.REASSIGN), WORK),
    Try(P.REASSIGN, owned, filling(ids.REASSIGN_FORM, **{ids.NEW_OWNER: "U0SUZUKI01"}), WORK),
    Try(P.COVER, Stage.absence, pressing(ids.COVER_NEXT), {"sato", *LEADERS}, ("absence_gone",)),
    Try(
        P.DECLINE,
        owned,
        filling(ids.DECLINE_FORM, **{ids.WHY_NOT: "because"}),
        {"sato", "brown"},
        ("not_owner", "not_allowed"),
    ),
    Try(P.PAUSE, owned, filling(ids.PAUSE_FORM, **A_DAY), WORK),
    Try(P.RESUME, owned, pressing(ids.RESUME), WORK),
    Try(
        P.CONSENT,
        lambda stage: stage.event(EventType.PAUSE_ASKED),
        pressing(ids.CONSENT_PAUSE),
        LEADERS,
        ("consent_not_allowed",),
    ),
    Try(
        P.CONSENT,
        lambda stage: stage.event(EventType.PAUSE_ASKED),
        pressing(ids.REFUSE_PAUSE),
        LEADERS,
        ("consent_not_allowed",),
    ),
    Try(P.REMIND, owned, pressing(ids.REMIND), LEADERS),
    Try(P.UNDO, Stage.undoable, pressing(ids.UNDO), {"sato"}, ("undo_not_yours",)),
    Try(P.WITHDRAW, owned, typing("withdraw {}"), {"tanaka", "kim", *MARKETERS}, ("withdraw_not_allowed",)),
    Try(P.MERGE, owned, pressing(ids.MERGE), PLANNERS, ("merge_not_allowed",)),
    Try(P.MERGE, owned, pressing(ids.UNDO_MERGE), PLANNERS, ("merge_not_allowed",)),
    Try(
        P.DISPUTE,
        owned,
        filling(ids.DISPUTE_FORM, **{ids.WHY_DISPUTE: "because"}),
        {"kim", *MARKETERS},
        ("dispute_not_allowed",),
    ),
    Try(
        P.DECIDE,
        lambda stage: stage.event(EventType.DISPUTED),
        pressing(ids.ACCEPT_DISPUTE),
        LEADERS,
        ("decide_not_allowed",),
    ),
    Try(P.LEAD, nothing, filling(ids.REMIND_SEVERAL_FORM), LEADERS),
    Try(P.SEE_EVERYBODY, nothing, typing("team"), PLANNERS, ("list_not_allowed",)),
    Try(P.SEE_EVERYBODY, nothing, typing("list @佐藤"), {"sato", *PLANNERS}, ("list_not_allowed",)),
    Try(P.QUEUE, nothing, pressing(ids.SENDER_RULES), PLANNERS, ("intake_not_allowed",)),
    Try(P.IMPORT, nothing, typing("import"), {"kim", *MARKETERS}, ("upload_not_allowed",)),
    Try(P.OWN_UPLOAD, Stage.upload, pressing(ids.UPLOAD_CANCEL), {"ito"}, ("upload_moved_on", "upload_not_allowed")),
    Try(P.MAP_SOURCE, nothing, typing("source"), {"kim", *MARKETERS}, ("sources_not_allowed",)),
    Try(P.TRY_ROUTE, nothing, typing("route"), PLANNERS, ("route_not_allowed",)),
    Try(P.ABSENCE, Stage.absence, pressing(ids.AWAY_CANCEL), {"sato", *LEADERS}, ("absence_gone",)),
    Try(P.OWN_ABSENCE, nothing, typing("calendar"), {*REPS, "ito"}, ("only_reps",)),
    Try(P.OVERRULE_ABSENCE, Stage.absence, pressing(ids.AWAY_NOT), {"sato"}, ("absence_gone",)),
    Try(P.PAUSE_TURNS, Stage.sato, of_turns(ids.LEAVE_TURNS), LEADERS, ("pause_turns_not_allowed",)),
    Try(P.RESUME_TURNS, Stage.sato, pressing(ids.RESUME_TURNS), {"sato", *LEADERS}, ("pause_turns_not_allowed",)),
    Try(P.OWN_WEEK, lambda _: 1, pressing(ids.OWN_WEEK), REPS, ("own_week_only_reps",)),
    Try(P.PROPOSE_DEFINITION, nothing, filling(ids.DEFINITION_PAGE), PLANNERS, ("propose_not_allowed",)),
    Try(
        P.AGREE_FOR_MARKETING,
        Stage.definition,
        pressing(ids.AGREE_DEFINITION),
        {*MARKETERS, "tanaka", "yamada"},
        ("agree_not_allowed",),
    ),
    Try(
        P.CLOSE_PROPOSAL,
        Stage.definition,
        filling(ids.CLOSE_DEFINITION_FORM, "definition", **{ids.DEFINITION_CLOSED_WHY: "because"}),
        {"suzuki", *PLANNERS},
        ("agree_not_allowed",),
    ),
    Try(P.REPORTS, nothing, typing("report"), PLANNERS, ("report_not_allowed",)),
    Try(P.KPI, nothing, typing("kpi"), PLANNERS, ("kpi_not_allowed",)),
    Try(P.CHECKUP, nothing, typing("checkup"), PLANNERS, ("checkup_not_allowed",)),
    Try(P.MUTE, nothing, typing("report noise"), LEADERS, ("noise_not_allowed",)),
    Try(P.RESEND, nothing, pressing(ids.RESEND_ALL), {"kim"}, ("resend_not_allowed",)),
    Try(P.AUDIT, nothing, typing("audit"), {"kim"}, ("audit_not_allowed",)),
]
# Agreeing is one button for both sides.
SAME_BUTTON = {P.AGREE_FOR_MARKETING: P.AGREE_FOR_SALES}


@pytest.fixture
def stage(database: Database) -> Iterator[Stage]:
    logs.configure("WARNING", "console")
    team = Team(database)
    team.may_break = ("no open view", "answered 400", "expired", "trigger")  # the forms are crafted
    team.receives("Acme")
    yield Stage(team)
    team.close()


def is_refused(heard: list[str], refused: tuple[str, ...]) -> bool:
    """Return whether an answer, or what is to be said privately, is that it is not allowed."""
    if HAD_IT in refused and any('"response_action": "errors"' in each for each in heard):
        return True
    keys = {f"reply.{word}" for word in (*refused, NOT_ON_ROSTER) if word != HAD_IT}
    sentences = {json.dumps(t(key, **WORDS), ensure_ascii=False)[1:-1][:12] for key in keys for t in (ja, en)}
    return any(f'"{key}"' in each for key in keys for each in heard) or any(
        sentence in each for sentence in sentences for each in heard if '"to_bot"' in each
    )


WORDS = {"number": 1, "by": "", "rep": ""}


@pytest.mark.parametrize("everybody", [False, pytest.param(True, marks=pytest.mark.thorough)])
def test_every_act_comes_to_what_the_matrix_says(stage: Stage, everybody: bool) -> None:
    """Each act is tried by everybody, or by one who may, one of the roster who may not and one from outside: by which,
    a checksum of the act says. What the matrix says of each role is told in tests/core/base/test_permissions.py."""

    def of(attempt: Try, names: Iterable[str]) -> list[str]:
        some = sorted(names)
        return some if everybody or not some else [some[zlib.crc32(attempt.act.encode()) % len(some)]]

    made = [(attempt, attempt.make(stage)) for attempt in TRIES]
    before = stage.state()
    for attempt, about in made:
        for name in (*of(attempt, {*ROSTER} - attempt.may), *of(attempt, {*OUTSIDE} - attempt.may)):
            heard = as_(stage, name, attempt, about)
            assert is_refused(heard, attempt.refused), (attempt.act, name, heard)
    assert stage.state() == before
    for attempt in TRIES:
        for name in of(attempt, attempt.may):
            heard = as_(stage, name, attempt, attempt.make(stage))
            assert not is_refused(heard, attempt.refused), (attempt.act, name, heard)
    stage.team.slack.settle(LONGEST)


def as_(stage: Stage, name: str, attempt: Try, about: Any) -> list[str]:
    stage.attacker.user = stage.team.slack.user(name).user
    return attempt.send(stage.attacker, about)


def test_every_permission_is_tried() -> None:
    tried = {attempt.act for attempt in TRIES}
    tried |= {SAME_BUTTON[act] for act in tried & SAME_BUTTON.keys()}
    assert {*Permission} - tried == set(ELSEWHERE)
    assert {locale.value for locale in Locale} == {"ja", "en"}
