"""Marketing and sales agree on what an MQL is: from the scoring check or by hand, version by version."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from bot.core import teamfile
from bot.core.agreement import definition
from bot.core.agreement.definition import State
from bot.core.agreement.rules import Rules
from bot.core.reports import monthly
from bot.core.teamfile.schema import WantedDefinition
from bot.i18n import Translator
from bot.slack.blocks.base import ids
from storage import definitions, members, workspaces
from storage.database import Database
from storage.vocabulary import Locale
from tests.scenarios.stage import Team

WORDS = "A company that has asked for material & <has> 50 employees"


@pytest.fixture
def t(locale: Locale) -> Translator:
    return Translator(locale, "Asia/Tokyo")


@pytest.fixture
def team(database: Database, locale: Locale) -> Iterator[Team]:
    team = Team(database, locale)
    yield team
    team.close()


def proposes(team: Team, t: Translator, name: str = "ito", **values: str) -> Any:
    """Propose a definition by hand; returns whoever did."""
    who = team.user(name)
    who.types("/mql definition", channel="marketing")
    assert who.modal.submit_text == t("button.definition_propose")
    who.modal.submit()
    who.modal.fill({"definition_text": WORDS} | values)
    assert who.modal.submit().errors == {}
    return who


def named(team: Team, name: str) -> str:
    return str(team.slack.user(name).real_name)


def standing(team: Team) -> tuple[int | None, int | None]:
    """The numbers of the version that counts, and of the proposal that waits."""
    with team.database.snapshot() as tx:
        now = definition.standing(tx, team.id)
    return tuple(version.row.number if version else None for version in (now.agreed, now.proposed))  # type: ignore[return-value]


def checkup(team: Team, name: str) -> str:
    who = team.user(name)
    who.types("/mql checkup", channel="sales")
    text = str(who.modal.text) + str(who.modal.blocks)
    who.modal.close()
    return text


def asked_in_checkup(team: Team, t: Translator) -> set[str]:
    """Which of the two points people are asked about."""
    kim = team.user("kim")
    kim.types("/mql checkup", channel="sales")
    labels = set(kim.modal.labels)
    kim.modal.close()
    return {point for point in ("definition", "scoring_reviewed") if t(f"checkup.ask.{point}") in labels}


def scored_month(team: Team) -> None:
    """Twelve opportunities of a high score, and twelve MQLs of a low one that came to nothing; the report is sent."""
    for number in range(1, 25):
        good = number <= 12
        team.receives(f"Acme {number}", score=90 if good else 10)
        team.accepts(number)
        tanaka = team.user("tanaka")
        tanaka.types(f"/mql-feedback {number}", channel="sales")
        tanaka.modal.fill({"disposition": "qualified" if good else "disqualified"})
        if not good:
            tanaka.modal.fill({"lost_reason": "no_budget"})
        assert tanaka.modal.submit().errors == {}
    with team.database.transaction() as tx:
        workspace = workspaces.locked(tx, team.id)
        assert workspace is not None
        monthly.MONTHLY.schedule(tx, workspace, team.time.now())
    team.advance(days=14)  # Tuesday, December 1


@pytest.mark.thorough
def test_from_the_scoring_check_to_the_self_check(team: Team, t: Translator) -> None:
    scored_month(team)
    assert asked_in_checkup(team, t) == {"definition", "scoring_reviewed"}
    heading = t("monthly.heading", month=t.month(t.local_date(team.time.now()).replace(month=11)))
    report = team.dm("ito").expect(heading, count=1)
    check = next(m for m in team.dm("ito").thread(report).messages if t("button.definition_propose") in m.buttons)
    ito = team.user("ito")
    ito.press(t("button.definition_propose"), in_=check)
    advised = t("definition.from_score", score="90")
    ito.modal.fill({"definition_text": f"  {WORDS}  "})
    assert ito.modal.submit().errors == {}
    assert advised in ito.modal.text
    assert t("definition.waits_sales") in ito.modal.text
    assert t("scoring.threshold_safe", score="90", lowest="10", percent="50%", count=12) in ito.modal.text
    ito.modal.close()

    assert t("checkup.seen.definition_proposed", number=1, at=t.full_day(team.time.now())) in checkup(team, "kim")
    for name in ("tanaka", "yamada"):
        asked = team.dm(name).expect(t("definition.proposed", actor=named(team, "ito"), number=1))
        assert asked.buttons == [t("button.definition_agree"), t("button.definition_send_back")]
        assert advised in asked.text
    for name in ("sato", "kim", "ito"):
        team.dm(name).expect_none(advised)

    team.advance(days=1)
    agreed = team.dm("tanaka").expect(advised)
    team.user("tanaka").press(t("button.definition_agree"), in_=agreed)
    day = t.full_day(team.time.now())
    who = {"marketer": named(team, "ito"), "leader": named(team, "tanaka")}
    for name in ("tanaka", "yamada"):
        edited = team.dm(name).expect(t("definition.proposed", actor=named(team, "ito"), number=1))
        assert t("definition.agreed_by", at=day, **who) in edited.text
        assert edited.buttons == []
    for name in ("ito", "yamada"):
        team.dm(name).expect(t("definition.agreed", number=1), t("definition.agreed_by", at=day, **who), count=1)
    team.dm("tanaka").expect_none(t("definition.agreed", number=1))
    assert standing(team) == (1, None)

    assert asked_in_checkup(team, t) == set()
    seen = checkup(team, "kim")
    for point in ("definition", "scoring_reviewed"):
        assert t(f"checkup.seen.{point}_agreed", number=1, at=day) in seen
    # After a year it is time for another look.
    team.advance(days=366)
    assert t("checkup.seen.definition_old", number=1, at=day) in checkup(team, "kim")


def test_everybody_reads_what_counts_and_only_some_may_propose(team: Team, t: Translator) -> None:
    sato = team.user("sato")
    sato.types("/mql definition", channel="sales")
    assert t("definition.none") in sato.modal.text
    assert sato.modal.submit_text is None
    sato.modal.close()
    proposes(team, t, definition_threshold="６０", definition_why="Fewer calls")
    sato.types("/mql definition", channel="sales")
    for words in (WORDS, "Fewer calls", t("definition.from_score", score="60"), t("definition.waits_sales")):
        assert words in sato.modal.text
    assert ids.AGREE_DEFINITION not in str(sato.modal.blocks)


def test_sales_proposes_and_marketing_agrees_on_the_page(team: Team, t: Translator) -> None:
    proposes(team, t, "yamada").modal.close()
    team.dm("ito").expect(
        t("definition.proposed", actor=named(team, "yamada"), number=1), t("definition.waits_marketing")
    )
    team.dm("tanaka").expect_none(WORDS)
    ito = team.user("ito")
    ito.types("/mql definition", channel="marketing")
    ito.modal.press(t("button.definition_agree"))
    day = t.full_day(team.time.now())
    assert t("definition.counts", number=1, at=day) in ito.modal.text
    assert ids.AGREE_DEFINITION not in str(ito.modal.blocks)
    team.dm("yamada").expect(t("definition.agreed", number=1))
    team.dm("tanaka").expect(t("definition.agreed", number=1))
    # The point on scoring is another matter: this version names no threshold.
    assert asked_in_checkup(team, t) == {"scoring_reviewed"}


def test_an_admin_proposes_for_neither_side(team: Team, t: Translator) -> None:
    proposes(team, t, "kim").modal.close()
    for name in ("ito", "tanaka"):
        team.dm(name).expect(WORDS, t("definition.waits_both"))
    asked = team.dm("tanaka").expect(WORDS)
    buttons = list(asked.blocks)
    team.user("tanaka").press(t("button.definition_agree"), in_=asked)
    assert standing(team) == (None, 1)
    assert team.dm("tanaka").expect(WORDS, t("definition.waits_marketing")).buttons == [
        t("button.definition_send_back")
    ]
    for name in ("tanaka", "yamada"):
        again = team.dm(name).expect(WORDS)
        again.record.blocks = buttons
        team.user(name).press(t("button.definition_agree"), in_=again)
        team.dm(name).expect(t("reply.side_agreed", number=1))
    kim = team.user("kim")
    asked.record.blocks = buttons
    team.user("ito").press(t("button.definition_agree"), in_=team.dm("ito").expect(WORDS))
    assert standing(team) == (1, None)
    team.dm("kim").expect(t("definition.agreed", number=1))
    kim.types("/mql definition", channel="sales")
    assert ids.AGREE_DEFINITION not in str(kim.modal.blocks)


@pytest.mark.thorough
def test_a_newer_proposal_takes_the_place_of_an_open_one(team: Team, t: Translator) -> None:
    proposes(team, t).modal.close()
    first = team.dm("tanaka").expect(WORDS)
    buttons = list(first.blocks)
    proposes(team, t, definition_text="Something else").modal.close()
    assert t("definition.replaced").replace("`", "") in first.text
    assert first.buttons == []
    assert standing(team) == (None, 2)
    first.record.blocks = buttons
    team.user("tanaka").press(t("button.definition_agree"), in_=first)
    team.dm("tanaka").expect(t("reply.replaced", number=2).replace("`", ""))
    assert standing(team) == (None, 2)
    with team.database.snapshot() as tx:
        kept = definitions.get(tx, team.id, 1)
        assert kept is not None
        version = definition.find(tx, team.id, kept.id)
    assert version is not None
    assert (kept.text, version.state) == (WORDS, State.REPLACED)

    second = team.dm("tanaka").expect("Something else")
    buttons = list(second.blocks)
    team.user("tanaka").press(t("button.definition_agree"), in_=second)
    team.dm("yamada").unread()
    second.record.blocks = buttons
    team.user("tanaka").press(t("button.definition_agree"), in_=second)
    team.dm("tanaka").expect(t("reply.agreed_already", number=2))
    team.dm("yamada").expect_nothing()
    # The form begins with the newest words; until they are agreed upon, version 2 counts.
    ito = team.user("ito")
    ito.types("/mql definition", channel="marketing")
    ito.modal.submit()
    assert "Something else" in str(ito.modal.blocks)
    ito.modal.fill({"definition_threshold": "70"})
    ito.modal.submit()
    assert standing(team) == (2, 3)


def test_what_is_wrong_in_the_form_is_said_on_its_field(team: Team, t: Translator) -> None:
    ito = team.user("ito")
    ito.types("/mql definition", channel="marketing")
    ito.modal.submit()
    threshold = {"definition_threshold": t("error.definition_threshold", most="1,000,000")}
    for wrong in ("sixty", "-1", "1000001", "6.5"):
        ito.modal.fill({"definition_text": WORDS, "definition_threshold": wrong})
        assert ito.modal.submit().errors == threshold
    ito.modal.fill({"definition_text": " \n ", "definition_threshold": "0"})
    assert ito.modal.submit().errors == {"definition_text": t("error.definition_text", most="2,000")}
    assert standing(team) == (None, None)
    ito.modal.fill({"definition_text": WORDS})
    assert ito.modal.submit().errors == {}
    assert t("definition.from_score", score="0") in ito.modal.text


def test_who_may_not_is_told_who_may(team: Team, t: Translator) -> None:
    ito = team.user("ito")
    ito.types("/mql definition", channel="marketing")
    ito.modal.submit()
    with team.database.transaction() as tx:
        members.update(tx, team.id, team.slack.user("ito").id, roles=["rep"])
    ito.modal.fill({"definition_text": WORDS})
    ito.modal.submit()
    assert t("reply.propose_not_allowed") in ito.modal.text
    assert standing(team) == (None, None)
    ito.modal.close()
    proposes(team, t, "yamada").modal.close()
    with team.database.transaction() as tx:
        members.update(tx, team.id, team.slack.user("ito").id, roles=["marketer"])
    proposes(team, t, "yamada", definition_threshold="60").modal.close()
    asked = team.dm("ito").expect(WORDS)
    with team.database.transaction() as tx:
        members.update(tx, team.id, team.slack.user("ito").id, roles=["rep"])
    ito.press(t("button.definition_agree"), in_=asked)
    team.dm("ito").expect(t("reply.agree_not_allowed"))
    assert standing(team) == (None, 2)


def test_one_person_speaks_for_one_side(team: Team, t: Translator) -> None:
    with team.database.transaction() as tx:
        members.update(tx, team.id, team.slack.user("ito").id, roles=["marketer", "manager"])
    proposes(team, t).modal.close()
    assert standing(team) == (None, 1)
    ito = team.user("ito")
    ito.types("/mql definition", channel="marketing")
    assert ids.AGREE_DEFINITION not in str(ito.modal.blocks)
    team.user("tanaka").press(t("button.definition_agree"), in_=team.dm("tanaka").expect(WORDS))
    assert standing(team) == (1, None)


def test_everything_sent_twice_is_done_once(database: Database, t: Translator) -> None:
    team = Team(database, t.locale, twice=True)
    team.may_break = ("was used already", "has changed since")
    proposes(team, t)
    team.user("tanaka").press(t("button.definition_agree"), in_=team.dm("tanaka").expect(WORDS))
    assert standing(team) == (1, None)
    assert len([message for message in team.dm("yamada").messages if WORDS in message.text]) == 2  # asked, and told
    assert not [
        message for message in team.dm("tanaka").messages if t("reply.agreed_already", number=1) in message.text
    ]
    team.close()


def test_a_proposal_that_waits_to_be_sent_is_not_sent_once_it_is_replaced(team: Team, t: Translator) -> None:
    with team.database.transaction() as tx:
        for text in ("First", "Second"):
            assert definition.propose(tx, team.id, text, None, None, team.slack.user("ito").id, team.time.now()) is None
    team.settle()
    texts = [
        message.text for message in team.dm("tanaka").messages if "First" in message.text or "Second" in message.text
    ]
    assert len(texts) == 1
    assert "Second" in texts[0]


@pytest.mark.thorough
def test_a_definition_that_says_what_stands_already_is_not_proposed_again(team: Team, t: Translator) -> None:
    ito = proposes(team, t, definition_threshold="60", definition_why="The check says so")
    team.dm("tanaka").unread()

    def again(**values: str) -> str | None:
        ito.types("/mql definition", channel="marketing")
        ito.modal.submit()
        ito.modal.fill(values)
        errors: dict[str, str] = ito.modal.submit().errors
        ito.modal.close()
        return errors.get("definition_text")

    same = t("reply.definition_unchanged", number=1)
    assert again() == same
    assert standing(team) == (None, 1)
    team.dm("tanaka").expect_nothing()
    assert again(definition_why="Sales has asked for it") is None  # another reason, while it is open
    assert standing(team) == (None, 2)
    team.user("tanaka").press(t("button.definition_agree"))
    assert standing(team) == (2, None)
    assert again(definition_why="Once more") == t("reply.definition_unchanged", number=2)
    assert again(definition_threshold="61") is None
    assert standing(team) == (2, 3)


def test_what_the_form_proposes_and_what_the_file_proposes_are_the_same(team: Team, t: Translator) -> None:
    entered = {"definition_threshold": "60", "rule_gate": "checked", "rule_industries": "製造、IT", "rule_size": "50"}
    proposes(team, t, **entered)
    wanted = WantedDefinition(WORDS, 60, Rules(score=60, industries=("製造", "IT"), size=50))
    with team.database.transaction() as tx:
        known = teamfile.current(tx, team.id)
        assert known is not None
        assert known.definition == wanted
        assert teamfile.parse(teamfile.export(known), None) == known
        other = replace(wanted, rules=Rules(score=60, size=100))
        teamfile.apply(tx, replace(known, definition=other), team.time.now())
    assert standing(team) == (None, 2)
    tanaka = team.user("tanaka")
    tanaka.types("/mql definition", channel="sales")
    shown = f"{tanaka.modal.text}{tanaka.modal.blocks}"
    assert t("definition.team_file") in shown
    assert "100" in shown
