"""Lost reasons are settings: their order, names and whether they ask for a comment change, and what was said stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.cli.teamfile import config_words
from bot.core import teamfile
from bot.core.teamfile import TeamFile
from bot.core.teamfile.schema import Reason
from bot.i18n import Translator
from storage import mqls
from storage.database import Database
from storage.vocabulary import Locale, Status
from tests.scenarios.stage import Team


@pytest.fixture
def t(locale: Locale) -> Translator:
    return Translator(locale, "Asia/Tokyo")


@pytest.fixture
def team(database: Database, locale: Locale) -> Iterator[Team]:
    """#1 is Sato's and was disqualified for want of a budget; #2 is Suzuki's and accepted."""
    team = Team(database, locale)
    for company in ("Acme", "Beta"):
        team.receives(company)
    team.accepts(1)
    team.accepts(2)
    sato = team.user("sato")
    sato.types("/mql-feedback 1", channel="sales")
    sato.modal.fill({"disposition": "disqualified"})
    sato.modal.fill({"lost_reason": "no_budget"})
    assert sato.modal.submit().errors == {}
    yield team
    team.close()


def known(team: Team) -> TeamFile:
    with team.database.snapshot() as tx:
        document = teamfile.current(tx, team.id)
    assert document is not None
    return document


def agrees(team: Team, t: Translator, *reasons: Reason) -> list[str]:
    """The lost reasons from now on; returns what was shown before."""
    wanted = replace(known(team), reasons=reasons)
    with team.database.transaction() as tx:
        changes = teamfile.preview(tx, wanted, team.time.now()).changes
        teamfile.apply(tx, wanted, team.time.now())
    return [config_words.change(t, change) for change in changes]


def stored(team: Team, number: int) -> str | None:
    with team.database.snapshot() as tx:
        (newest,) = mqls.last_feedback(tx, team.id, [team.mql(number).id])
    return newest.lost_reason


def offered(team: Team, name: str, number: int) -> list[str]:
    """What the form offers, in its order."""
    who = team.user(name)
    who.types(f"/mql-feedback {number}", channel="sales")
    who.modal.fill({"disposition": "disqualified"})
    (chooser,) = [block["element"] for block in who.modal.blocks if block["block_id"] == "lost_reason"]
    return [option["text"]["text"] for option in chooser["options"]]


@pytest.mark.thorough
def test_a_renamed_reason_keeps_its_history_under_its_new_name(team: Team, t: Translator) -> None:
    no_budget, other = known(team).reasons
    old = no_budget.ja if t.locale == Locale.JA else no_budget.en
    new = {Locale.JA: "予算が確保できない", Locale.EN: "Budget not secured"}[t.locale]
    shown = agrees(team, t, other, replace(no_budget, ja="予算が確保できない", en="Budget not secured"))
    assert any("no_budget" in line and new in line for line in shown)
    assert stored(team, 1) == "no_budget"
    sato = team.user("sato")
    sato.types("/mql show 1", channel="sales")
    assert new in sato.modal.text
    assert old not in sato.modal.text
    assert offered(team, "suzuki", 2)[1] == new, "in the new order"
    team.at(weekday=0, hour=9)
    team.dm("tanaka").expect(new)


def test_a_reason_that_is_taken_out_is_retired_and_what_it_was_said_of_keeps_it(team: Team, t: Translator) -> None:
    no_budget, other = known(team).reasons
    name = no_budget.ja if t.locale == Locale.JA else no_budget.en
    shown = agrees(team, t, other)
    assert t("config.change.reason_gone", key="no_budget", ja=no_budget.ja, en=no_budget.en) in shown
    assert t("config.change.reason_kept", key="no_budget", count=1) in shown
    assert not any(name in text for text in offered(team, "suzuki", 2))
    assert any(name in text for text in offered(team, "sato", 1)), "its own answer may stay"
    sato = team.user("sato")
    sato.types("/mql show 1", channel="sales")
    assert name in sato.modal.text
    # One that nobody has used goes without a word more, and one that comes back has its history.
    assert t("config.change.reason_kept", key="other", count=1) not in agrees(team, t, no_budget)
    assert any(name in text for text in offered(team, "suzuki", 2))


def test_a_reason_that_asks_for_a_comment_from_now_on_asks_for_it(team: Team, t: Translator) -> None:
    no_budget, other = known(team).reasons
    agrees(team, t, replace(no_budget, comment_required=True), replace(other, comment_required=False))
    suzuki = team.user("suzuki")
    offered(team, "suzuki", 2)
    suzuki.modal.fill({"lost_reason": "no_budget"})
    name = no_budget.ja if t.locale == Locale.JA else no_budget.en
    assert suzuki.modal.submit().errors == {"comment": t("error.comment_required", reason=name)}
    assert team.mql(2).status == Status.ACCEPTED
    suzuki.modal.fill({"lost_reason": "other"})
    assert suzuki.modal.submit().errors == {}


def test_anothers_mql_is_not_answered_and_nothing_of_it_changes(team: Team, t: Translator) -> None:
    before = team.mql(2)
    answer = team.user("sato").types("/mql-feedback 2", channel="sales")
    assert answer.text == t("reply.not_allowed")
    assert team.slack.user("sato").modal is None
    assert team.mql(2) == before
    assert "#9" in team.user("sato").types("/mql-feedback 9", channel="sales").text
