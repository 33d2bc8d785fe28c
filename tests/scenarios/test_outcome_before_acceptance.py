"""An outcome that comes before the acceptance: refused with what to do, nothing changed, and one tap further it goes
through. Every way in, in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bot.core.mql import feedback
from bot.core.views import mql
from bot.i18n import Translator
from bot.slack.blocks.base import ids
from bot.slack.blocks.base.kit import actions
from bot.slack.blocks.mql import buttons
from playground import Message
from storage import workspaces
from storage.database import Database
from storage.vocabulary import EventType, Locale, Status
from tests.isolation.neighbour import rows_of
from tests.scenarios.stage import Team

ANSWERS = {
    "qualified": "qualified:",
    "a reason": "disqualified:no_budget",
    "a form": "recycled:",
    "a comment": "disqualified:other",
}


@pytest.fixture
def t(locale: Locale) -> Translator:
    return Translator(locale, "Asia/Tokyo")


@pytest.fixture
def team(database: Database, locale: Locale) -> Iterator[Team]:
    """#1 is Sato's, who has not accepted it."""
    team = Team(database, locale)
    team.receives("Acme")
    yield team
    team.close()


def rows(team: Team) -> dict[str, list[tuple[Any, ...]]]:
    """All that is stored, but for what every request leaves: receipts, private explanations, paces, who looks."""
    left = {"receipt", "outbox", "lane", "open_home"}
    return {name: kept for name, kept in rows_of(team.database, team.id).items() if name not in left}


def offers_an_outcome(team: Team, t: Translator, where: str, number: int = 1) -> Any:
    """The message, or the App Home, of before the bot knew better: it lets an outcome be chosen."""
    with team.database.snapshot() as tx:
        workspace = workspaces.get(tx, team.id)
        assert workspace is not None
        view = mql.mql_view(tx, workspace, team.mql(number).id)
    assert view is not None
    old = [block | {"block_id": "old"} for block in actions(buttons.report_or_choose(view, t))]
    if where == "home":
        home = team.slack.user("sato").opens_home()
        home.record.payload["blocks"] = [*home.blocks, *old]
        return home
    message = (team.channel("mql") if where == "card" else team.dm("sato")).messages[0]
    message.record.blocks = [*message.blocks, *old]
    return message


def explained(team: Team, where: str, words: str, name: str = "sato") -> Message:
    """The newest of what somebody was told where they had acted: in a Slack channel, else by direct message."""
    place = team.slack.user(name).sees(where) if where in ("mql", "sales") else team.dm(name)
    return [message for message in place.messages if words in message.text][-1]


def test_the_app_home_offers_it_as_soon_as_it_is_accepted_there(team: Team, t: Translator) -> None:
    home = team.slack.user("sato").opens_home()
    team.user("sato").press(t("button.accept"), in_=home)
    team.user("sato").choose("mql_quick", f"qualified::{team.mql(1).id}", in_=home)
    assert team.mql(1).status == Status.QUALIFIED


def test_no_message_offers_an_outcome_before_the_acceptance(team: Team, t: Translator) -> None:
    def offered() -> list[bool]:
        shown = [team.channel("mql").messages[0].blocks, team.dm("sato").messages[0].blocks]
        shown.append(team.slack.user("sato").opens_home().blocks)
        return [ids.QUICK in str(blocks) or ids.REPORT in str(blocks) for blocks in shown]

    assert offered() == [False] * 3
    team.accepts(1)
    assert offered() == [True] * 3


@pytest.mark.alike
@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize(("where", "told_in"), [("card", "mql"), ("message", "dm"), ("home", "dm")])
def test_two_taps_on_an_old_message_cost_one_tap_more(
    team: Team, t: Translator, where: str, told_in: str, answer: str
) -> None:
    sato, before = team.user("sato"), rows(team)
    old = offers_an_outcome(team, t, where)
    sato.choose("mql_quick", f"{ANSWERS[answer]}:{team.mql(1).id}", in_=old)
    if answer in ("a form", "a comment"):  # it opens the form, which accepts once it is sent
        assert (rows(team), sato.modal.title) == (before, t("feedback.title"))
        return
    assert (rows(team), sato.modal) == (before, None)
    explanation = explained(team, told_in, t("reply.not_accepted", number=1))
    assert explanation.buttons == [t("button.accept")]
    sato.press(t("button.accept"), in_=explanation)
    assert team.mql(1).status == Status.ACCEPTED
    sato.choose("mql_quick", f"{ANSWERS['qualified']}:{team.mql(1).id}", in_=team.dm("sato").messages[0])
    assert team.mql(1).status == Status.QUALIFIED
    sato.press(t("button.accept"), in_=explanation)
    assert team.mql(1).status == Status.QUALIFIED
    explained(team, told_in, t("reply.disposed_already"))


@pytest.mark.parametrize("where", ["card", "message", "home"])
def test_the_button_of_an_old_message_opens_the_form_that_accepts_once_it_is_sent(
    team: Team, t: Translator, where: str
) -> None:
    sato, before = team.user("sato"), rows(team)
    sato.press("mql_report", in_=offers_an_outcome(team, t, where))
    assert (rows(team), t("feedback.accepts") in sato.modal.text) == (before, True)
    sato.modal.close()
    assert rows(team) == before


def test_whoever_answers_for_somebody_else_is_told_whose_it_is_and_may_take_it_on(team: Team, t: Translator) -> None:
    tanaka, before = team.user("tanaka"), rows(team)
    tanaka.choose("mql_quick", f"qualified::{team.mql(1).id}", in_=offers_an_outcome(team, t, "card"))
    assert rows(team) == before
    rep = team.slack.user("sato").real_name
    explanation = explained(team, "mql", t("reply.owner_has_not_accepted", number=1, rep=rep), "tanaka")
    tanaka.press(t("button.accept"), in_=explanation)
    assert (team.mql(1).status, team.mql(1).owner) == (Status.ACCEPTED, team.slack.user("tanaka").id)


def test_who_may_not_answer_at_all_learns_nothing_of_the_acceptance(team: Team, t: Translator) -> None:
    suzuki = team.user("suzuki")
    suzuki.choose("mql_quick", f"qualified::{team.mql(1).id}", in_=offers_an_outcome(team, t, "card"))
    assert explained(team, "mql", t("reply.not_allowed"), "suzuki").buttons == []
    assert suzuki.types("/mql-feedback 1", channel="sales").text == t("reply.not_allowed")
    assert [event.type for event in team.log(1)].count(EventType.REFUSED) == 1  # the same act, within ten minutes
    assert team.mql(1).status == Status.ASSIGNED


def test_the_command_with_a_number_asks_whoever_answers_for_somebody_else(team: Team, t: Translator) -> None:
    tanaka, before = team.user("tanaka"), rows(team)
    tanaka.types("/mql-feedback 1", channel="sales")
    words = t("reply.owner_has_not_accepted", number=1, rep=team.slack.user("sato").real_name)
    assert explained(team, "sales", words, "tanaka").buttons == [t("button.accept")]
    assert (rows(team), tanaka.modal) == (before, None)


def test_an_mql_without_an_owner_is_taken_on_by_reporting(team: Team) -> None:
    for name in ("sato", "suzuki", "brown"):
        team.away(name, days=1)
    team.receives("Beta")
    assert team.mql(2).status == Status.UNASSIGNED
    suzuki = team.user("suzuki")
    suzuki.types("/mql-feedback 2", channel="sales")
    assert team.mql(2).owner is None
    suzuki.modal.fill({"disposition": "qualified"})
    suzuki.modal.submit()
    assert (team.mql(2).status, team.mql(2).owner) == (Status.QUALIFIED, team.slack.user("suzuki").id)
    assert team.mql(2).accepted_at is not None


def test_the_command_alone_picks_among_all_that_are_mine_unless_one_alone_is_accepted(team: Team) -> None:
    sato = team.user("sato")
    for company in ("B", "C", "Delta", "E", "F", "Gamma"):
        team.receives(company)  # 4 and 7 are Sato's, too
    sato.types("/mql-feedback", channel="sales")
    assert all(name in str(sato.modal.blocks) for name in ("Acme", "Delta", "Gamma"))
    sato.choose("pick_mql", str(team.mql(4).id))
    assert team.mql(4).status == Status.ASSIGNED
    assert "Delta" in sato.modal.text
    sato.modal.close()
    team.accepts(4)
    sato.types("/mql-feedback", channel="sales")
    assert "Delta" in sato.modal.text, "the form of the one that is accepted"


def test_several_at_once_are_those_that_are_accepted(team: Team, t: Translator) -> None:
    assert team.user("sato").types("/mql-feedback all", channel="sales").text == t("reply.several_nothing")
    assert team.user("sato").modal is None


def open_form(team: Team, monkeypatch: pytest.MonkeyPatch, name: str) -> Any:
    """The form as it opened before the bot knew better, filled in."""
    who = team.user(name)
    with monkeypatch.context() as patch:
        patch.setattr(feedback, "too_early", lambda *_: None)
        who.types("/mql-feedback 1", channel="sales")
    who.modal.fill({"disposition": "recycled"})
    who.modal.fill({"comment": "next year"})
    return who.modal


def test_a_form_of_somebody_elses_says_so_at_the_field_and_keeps_what_was_typed(
    team: Team, t: Translator, monkeypatch: pytest.MonkeyPatch
) -> None:
    form, before = open_form(team, monkeypatch, "tanaka"), rows(team)
    rep = team.slack.user("sato").real_name
    for _ in range(2):
        assert form.submit().errors == {"disposition": t("error.owner_has_not_accepted", rep=rep)}
        assert rows(team) == before
    team.accepts(1)
    assert form.submit().errors == {}
    assert team.mql(1).status == Status.RECYCLED
    assert team.user("tanaka").modal is None


def test_an_mql_that_was_handed_on_meanwhile_waits_for_its_new_owner(
    team: Team, t: Translator, monkeypatch: pytest.MonkeyPatch
) -> None:
    his, hers = open_form(team, monkeypatch, "sato"), open_form(team, monkeypatch, "tanaka")
    yamada = team.user("yamada")
    yamada.press(t("button.reassign"), in_=team.channel("mql"))
    yamada.modal.fill({"new_owner": team.slack.user("suzuki").id})
    assert yamada.modal.submit().errors == {}
    rep = team.slack.user("suzuki").real_name
    assert hers.submit().errors == {"disposition": t("error.owner_has_not_accepted", rep=rep)}
    assert his.submit().errors == {"disposition": t("error.owner_changed", rep=rep)}
    assert team.mql(1).status == Status.ASSIGNED
    team.accepts(1)
    assert hers.submit().errors == {}
    assert team.mql(1).status == Status.RECYCLED


def test_a_list_that_was_open_says_why_there_is_no_form(
    team: Team, t: Translator, monkeypatch: pytest.MonkeyPatch
) -> None:
    for company in ("B", "C", "Delta"):
        team.receives(company)
    sato = team.user("sato")
    with monkeypatch.context() as patch:
        patch.setattr("storage.models.Mql.awaits_outcome", True)
        sato.types("/mql-feedback all", channel="sales")
    first, second = (f"several_answer:{team.mql(number).id}" for number in (1, 4))
    sato.modal.fill({first: f"qualified::{team.mql(1).id}", second: f"qualified::{team.mql(4).id}"})
    team.accepts(1)
    before = rows(team)
    assert sato.modal.submit().errors == {second: t("error.not_accepted")}
    assert rows(team) == before, "all, or none"


def test_a_contact_is_a_response_and_lets_the_outcome_follow(team: Team, t: Translator) -> None:
    sato = team.user("sato")
    sato.press("mql_contacted", in_=team.dm("sato"))
    sato.choose("mql_quick", f"qualified::{team.mql(1).id}", in_=team.dm("sato").messages[0])
    assert team.mql(1).status == Status.QUALIFIED


def test_one_tap_that_the_network_delivers_twice_is_explained_once(database: Database, t: Translator) -> None:
    team = Team(database, t.locale, twice=True)
    team.receives("Acme")
    sato = team.user("sato")
    sato.choose("mql_quick", f"qualified::{team.mql(1).id}", in_=offers_an_outcome(team, t, "message"))
    team.dm("sato").expect(t("reply.not_accepted", number=1), count=1)
    team.close()
