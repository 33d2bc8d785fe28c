"""The versions of the MQL definition that marketing and sales once agreed on, and those that came to nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from bot.core.agreement import definition
from bot.i18n import Translator
from bot.slack.blocks.agreement.definition_history import ON_PAGE
from bot.slack.blocks.base import ids
from storage import definitions, members
from storage.database import Database
from storage.vocabulary import Locale
from tests.scenarios.stage import START, Team

DAY = timedelta(days=1)


@pytest.fixture
def t(locale: Locale) -> Translator:
    return Translator(locale, "Asia/Tokyo")


@pytest.fixture
def team(database: Database, locale: Locale) -> Iterator[Team]:
    team = Team(database, locale)
    yield team
    team.close()


def proposes(team: Team, text: str, threshold: int | None = None) -> int:
    """Marketing proposes; returns the id of the version."""
    with team.database.transaction() as tx:
        ito = team.slack.user("ito").id
        assert definition.propose(tx, team.id, text, threshold, "Fewer calls", ito, team.time.now()) is None
        newest = definitions.newest(tx, team.id)
    assert newest is not None
    return newest.id


def agreed(team: Team, text: str, threshold: int | None = None) -> int:
    """Marketing proposes, and sales agrees a day later; another day goes by."""
    version = proposes(team, text, threshold)
    team.advance(days=1)
    with team.database.transaction() as tx:
        assert definition.agree(tx, team.id, version, team.slack.user("tanaka").id, team.time.now()) is None
    team.advance(days=1)
    return version


def reads(team: Team, who: str = "sato") -> Any:
    person = team.user(who)
    person.types("/mql definition", channel="sales")
    return person.modal


def opens(team: Team, t: Translator, words: str, who: str = "sato") -> str:
    """Press the button beside a version of the list; returns what is shown then."""
    modal = team.user(who).modal
    block = next(shown["block_id"] for shown in modal.blocks if words in str(shown.get("text")))
    team.user(who).press(t("button.definition_version"), in_=modal, block=block)
    return str(team.user(who).modal.text)


def names(team: Team) -> tuple[str, str]:
    return tuple(str(team.slack.user(name).real_name) for name in ("ito", "tanaka"))  # type: ignore[return-value]


def test_everybody_reads_what_counted_when_and_who_had_agreed(team: Team, t: Translator) -> None:
    began = [team.time.now(), team.time.now() + timedelta(days=2)]
    agreed(team, "Has 50 people. Asked.")
    agreed(team, "Has 50 people. Wants a call.", 60)
    since, until, proposed = (t.full_day(at) for at in (began[0] + DAY, began[1] + DAY, began[0]))
    marketer, leader = names(team)
    modal = reads(team)
    modal.press(t("button.definition_versions"))
    shown = team.user("sato").modal.text
    none, score = t("definition_history.no_threshold"), t("definition_history.score", score="60")
    for words in (
        t("definition_history.counts", number=2, first=until),
        t("definition_history.counted", number=1, first=since, last=until),
        t("definition_history.agreed_marketing", by=marketer, at=proposed),
        t("definition_history.agreed_sales", by=leader, at=since),
        t("definition_history.agreed_sales", by=leader, at=until),
        f"{t('definition_history.removed')} Asked.",
        f"{t('definition_history.added')} Wants a call.",
        t("definition_history.threshold", old=none, new=score),
        t("definition_history.first"),
    ):
        assert words.replace("*", "") in shown
    assert shown.index(score) < shown.index(t("definition_history.first"))


def test_one_version_is_shown_whole_and_leads_back(team: Team, t: Translator) -> None:
    agreed(team, "Has 50 people. Asked for <material> & more.", 50)
    agreed(team, "Has 50 people. Wants a call.", 50)
    modal = reads(team)
    assert "material" not in modal.text
    modal.press(t("button.definition_versions"))
    shown = opens(team, t, t("definition_history.first"))
    assert "Has 50 people. Asked for <material> & more." in shown
    assert t("definition.from_score", score="50") in shown
    assert "Fewer calls" in shown
    assert t("definition_history.proposed_by", at=t.full_day(START), by=names(team)[0]) in shown
    team.user("sato").modal.press(t("button.definition_versions_back"))
    shown = opens(team, t, t("definition_history.counts", number=2, first=t.full_day(START + 3 * DAY)))
    title = t("definition_history.changes", number=1)
    assert title in shown
    assert "Wants a call." in shown[shown.index(t("definition_history.added")) :]
    assert "Asked for <material> & more." in shown[shown.index(t("definition_history.removed")) :]
    team.user("sato").modal.press(t("button.definition_versions_back"))
    team.user("sato").modal.press(t("button.definition_now"))
    assert t("definition.counts", number=2, at=t.full_day(START + 3 * DAY)) in team.user("sato").modal.text


@pytest.mark.thorough
def test_what_was_never_agreed_upon_says_so(team: Team, t: Translator) -> None:
    for text in ("First", "Second"):
        proposes(team, text)
    modal = reads(team, "tanaka")
    modal.press(t("button.definition_versions"))
    shown = team.user("tanaka").modal.text
    assert t("definition_history.open", number=2).replace("*", "") in shown.replace("*", "")
    replaced = t("definition_history.replaced", number=1, next=2)
    assert replaced.replace("*", "") in shown.replace("*", "")
    assert "First" in opens(team, t, replaced, "tanaka")


@pytest.mark.thorough
def test_where_the_page_tells_of_every_version_there_is_no_list(team: Team, t: Translator) -> None:
    for act in (agreed, proposes):
        act(team, act.__name__)
        modal = reads(team)
        assert ids.DEFINITION_VERSIONS not in str(modal.blocks)
        modal.close()


@pytest.mark.thorough
def test_a_long_list_goes_on_with_a_button_and_says_how_many_are_left(team: Team, t: Translator) -> None:
    for number in range(ON_PAGE + 3):
        proposes(team, f"Text {number}")
    modal = reads(team)
    modal.press(t("button.definition_versions"))
    modal = team.user("sato").modal
    assert t("definition_history.more", count=3) in modal.text
    modal.press(t("button.definition_older"))
    modal = team.user("sato").modal
    assert t("definition_history.more", count=3) not in modal.text
    assert str(modal.blocks).count(ids.DEFINITION_VERSION + "'") == 3
    assert "Text 0" in opens(team, t, t("definition_history.replaced", number=1, next=2))
    team.user("sato").modal.press(t("button.definition_versions_back"))
    assert str(team.user("sato").modal.blocks).count(ids.DEFINITION_VERSION + "'") == 3


def test_who_has_left_the_roster_is_not_shown_the_past(team: Team, t: Translator) -> None:
    for text in ("First", "Second"):
        proposes(team, text)
    modal = reads(team)
    with team.database.transaction() as tx:
        members.update(tx, team.id, team.slack.user("sato").id, active=False)
    modal.press(t("button.definition_versions"))
    assert "First" not in team.user("sato").modal.text
    team.dm("sato").expect(t("reply.not_on_roster"))
