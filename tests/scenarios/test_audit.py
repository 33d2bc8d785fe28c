"""/mql audit: an admin sees who changed what, by which way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from bot.core import teamfile
from bot.core.base import audit
from bot.core.base.audit import Author
from bot.core.messages import limits
from bot.core.teamfile import LastAdmin, TeamFile
from bot.i18n import Translator
from bot.slack.blocks.base import ids
from bot.slack.blocks.settings.audit import ON_PAGE
from storage import audits, members
from storage.audits import Filter
from storage.database import Database
from storage.models import Audit
from storage.vocabulary import AuditKind, Door, Locale, MessageKind, Role
from tests.scenarios.stage import Team

SHELL = Author(Door.TEAM_FILE, machine_user="hirano")


@pytest.fixture
def t(locale: Locale) -> Translator:
    return Translator(locale, "Asia/Tokyo")


@pytest.fixture
def team(database: Database, locale: Locale) -> Iterator[Team]:
    team = Team(database, locale)
    yield team
    team.close()


def known(team: Team) -> TeamFile:
    with team.database.snapshot() as tx:
        current = teamfile.current(tx, team.id)
    assert current is not None
    return current


def applies(team: Team, author: Author = SHELL, **changes: Any) -> None:
    with team.database.transaction() as tx:
        teamfile.apply(tx, replace(known(team), **changes), team.time.now(), author=author)


def promoted(team: Team, name: str, *roles: Role) -> TeamFile:
    """Return the team file in which somebody has other roles."""
    who, before = team.slack.user(name).id, known(team)
    people = (replace(person, roles=roles) if person.user_id == who else person for person in before.members)
    return replace(before, members=tuple(people))


def entries(team: Team, kind: AuditKind | None = None) -> list[Audit]:
    with team.database.snapshot() as tx:
        return audits.newest(tx, team.id, 99, Filter(kind))


def opens(team: Team, who: str = "kim") -> Any:
    person = team.user(who)
    person.types("/mql audit", channel="sales")
    return person.modal


def test_an_admin_sees_who_gave_a_role_and_filters_by_kind_and_person(team: Team, t: Translator) -> None:
    applies(team, members=promoted(team, "sato", Role.REP, Role.MANAGER).members, digest_time="08:30")
    with team.database.transaction() as tx:
        tanaka = team.slack.user("tanaka").id
        assert limits.set_muted(tx, team.id, MessageKind.REMINDER, tanaka, team.time.now(), muted=True)
    sato, leader = (str(team.slack.user(name).real_name) for name in ("sato", "tanaka"))
    shown = opens(team).text
    both = t.listed([t("audit.role.rep"), t("audit.role.manager")])
    assert t("audit.change", old=t("audit.role.rep"), new=both) in shown
    assert sato in shown
    assert t("audit.who", who="hirano", door=t("audit.door.team_file")) in shown
    assert t("audit.change", old="09:00", new="08:30") in shown
    assert t("audit.who", who=leader, door=t("audit.door.slack")) in shown
    team.user("kim").choose(ids.AUDIT_KIND, t("audit.kind.role"), in_=team.user("kim").modal)
    shown = team.user("kim").modal.text
    assert both in shown
    assert "08:30" not in shown
    team.user("kim").choose(ids.AUDIT_WHO, leader, in_=team.user("kim").modal)
    assert t("audit.none") in team.user("kim").modal.text
    team.user("kim").choose(ids.AUDIT_KIND, t("audit.every_kind"), in_=team.user("kim").modal)
    assert t(f"kind.{MessageKind.REMINDER}") in team.user("kim").modal.text


def test_a_definition_is_named_by_its_version(team: Team, t: Translator) -> None:
    with team.database.transaction() as tx:
        audit.record(tx, team.id, AuditKind.DEFINITION_PROPOSED, SHELL, team.time.now(), "12")
    assert t("audit.definition_version", number=12) in opens(team).text


def test_the_pages_go_back_to_the_first_entry(team: Team, t: Translator) -> None:
    for minute in range(10, 10 + ON_PAGE + 1):
        applies(team, digest_time=f"08:{minute}")
    modal = opens(team)
    assert "08:20" in modal.text
    assert t("audit.change", old="08:10", new="08:11") in modal.text
    assert t("audit.change", old="09:00", new="08:10") not in modal.text
    modal.press(t("button.audit_older"))
    assert t("audit.change", old="09:00", new="08:10") in team.user("kim").modal.text
    team.user("kim").modal.press(t("button.audit_newer"))
    assert "08:20" in team.user("kim").modal.text


def test_nobody_but_an_admin_sees_it(team: Team, t: Translator) -> None:
    for who in ("sato", "tanaka", "ito"):
        assert team.user(who).types("/mql audit", channel="sales").text == t("reply.audit_not_allowed")


def test_the_last_admin_stays_whoever_takes_the_role_away(team: Team) -> None:
    without = promoted(team, "kim", Role.MANAGER)
    gone = replace(known(team), members=tuple(p for p in known(team).members if Role.ADMIN not in p.roles))
    before = entries(team)
    for wanted in (without, gone):
        with pytest.raises(LastAdmin) as refused, team.database.transaction() as tx:
            teamfile.apply(tx, wanted, team.time.now(), author=Author.in_slack(team.slack.user("kim").id))
        assert refused.value.names == team.slack.user("kim").real_name
    assert entries(team) == before
    with team.database.snapshot() as tx:
        assert members.get(tx, team.id, team.slack.user("kim").id).has(Role.ADMIN)  # type: ignore[union-attr]
    # Two admins of whom one has a closed account: the other is the last.
    applies(team, members=promoted(team, "sato", Role.REP, Role.ADMIN).members)
    with team.database.transaction() as tx:
        members.update(tx, team.id, team.slack.user("sato").id, deactivated=True)
    with pytest.raises(LastAdmin), team.database.transaction() as tx:
        teamfile.apply(tx, promoted(team, "kim", Role.MANAGER), team.time.now())


def test_who_leads_is_told_when_the_account_of_the_last_admin_is_closed(team: Team, t: Translator) -> None:
    team.slack.admin.deactivate("kim")
    team.advance(hours=2)
    team.catch_up()
    team.looks_after_itself(minutes=1)
    kim = str(team.slack.user("kim").real_name)
    sentence = t("alert.no_admin", names=kim)
    heads = [name for name in ("yamada", "tanaka") if sentence in " ".join(m.text for m in team.dm(name).messages)]
    assert heads == ["yamada"]
