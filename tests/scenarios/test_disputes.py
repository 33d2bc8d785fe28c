"""Marketing disputes a disqualification with one button of the thread, and a leader decides with another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from bot.i18n import Translator
from playground import Message
from storage import workspaces
from storage.database import Database
from storage.models import LostReason
from storage.vocabulary import EventType, Locale, Status
from tests.scenarios.stage import Team

WHY = "They told us that the budget is approved"


@pytest.fixture
def t(locale: Locale) -> Translator:
    return Translator(locale, "Asia/Tokyo")


@pytest.fixture
def team(database: Database, locale: Locale) -> Iterator[Team]:
    """#1 is Sato's, and disqualified for want of a budget."""
    team = Team(database, locale)
    disqualified(team)
    yield team
    team.close()


def disqualified(team: Team, reason: str = "no_budget") -> None:
    known = [LostReason(workspace_id=team.id, key="duplicate", position=2, ja="重複", en="Duplicate", unfit=True)]
    with team.database.transaction() as tx:
        workspaces.save_reasons(tx, team.id, [*workspaces.reasons(tx, team.id), *known])
    team.receives("Acme", person="Jane Doe", email="jane@acme.example")
    sato = team.user("sato")
    sato.press("mql_accept", in_=team.dm("sato"))
    reports(team, "sato", {"disposition": "disqualified"}, {"lost_reason": reason})


def reports(team: Team, name: str, *given: dict[str, str]) -> None:
    who = team.user(name)
    who.types("/mql-feedback 1")
    for values in given:
        who.modal.fill(values)
    assert who.modal.submit().errors == {}


def note(team: Team, words: str) -> Message:
    """The newest note of the thread with these words."""
    return next(
        message for message in reversed(team.channel("mql").messages) if message.thread and words in message.text
    )


def disputes(team: Team, t: Translator, name: str = "ito") -> Any:
    who = team.user(name)
    who.press(t("button.dispute"), in_=team.channel("mql"))
    assert who.modal is not None
    who.modal.fill({"why_dispute": WHY})
    assert who.modal.submit().errors == {}
    return who


def upholds(team: Team, t: Translator, where: Any) -> None:
    tanaka = team.user("tanaka")
    tanaka.press(t("button.uphold"), in_=where)
    tanaka.modal.fill({"why_upheld": "They said no to us, too"})
    assert tanaka.modal.submit().errors == {}


def named(team: Team, name: str) -> str:
    return str(team.slack.user(name).real_name)


def counts(team: Team) -> Counter[EventType]:
    return Counter(event.type for event in team.log(1))


def test_a_dispute_is_accepted_and_the_mql_is_worked_on_again(team: Team, t: Translator) -> None:
    for name in ("sato", "tanaka", "ito"):
        team.dm(name).unread()
    disputes(team, t)
    card = next(message for message in team.channel("mql").messages if message.thread is None)
    assert t("dispute.open") in card.text
    note(team, t("note.disputed", actor=named(team, "ito")))
    asked = team.dm("tanaka").expect(WHY)
    assert asked.buttons[:2] == [t("button.uphold"), t("button.accept_dispute")]
    team.dm("sato").expect_nothing()

    team.user("tanaka").press(t("button.accept_dispute"), in_=asked)
    mql = team.mql(1)
    assert (mql.status, mql.owner, mql.disposed_at) == (Status.ACCEPTED, team.slack.user("sato").id, None)
    assert t("dispute.accepted", actor=named(team, "tanaka")) in asked.text
    assert t("button.uphold") not in asked.buttons
    assert t("dispute.open") not in card.text
    assert t("status.accepted") in card.text
    team.dm("ito").expect(t("dispute.accepted", actor=named(team, "tanaka")))
    back = team.dm("sato").expect(t("dispute.reopened_ask"), WHY)
    team.user("sato").press(t("button.contacted"), in_=back)
    assert team.mql(1).status == Status.CONTACTED

    # The form asks anew, and the new deadline is kept like the first.
    team.user("sato").types("/mql-feedback 1")
    assert "initial_option" not in str(team.user("sato").modal.blocks)
    team.dm("sato").unread()
    team.advance(days=6, hours=2)
    team.dm("sato").expect(t("direct.feedback_ask"))
    reports(team, "sato", {"disposition": "qualified"})
    assert t("dispute.reported") in back.text
    assert counts(team)[EventType.DISPOSED] == 2
    assert t("status.qualified") in card.text


@pytest.mark.thorough
def test_the_decider_may_hand_the_reopened_mql_to_another_rep(team: Team, t: Translator) -> None:
    disputes(team, t)
    tanaka = team.user("tanaka")
    asked = team.dm("tanaka").expect(WHY)
    tanaka.press(t("button.accept_dispute"), in_=asked)
    tanaka.press(t("button.reassign"), in_=asked)
    tanaka.modal.fill({"new_owner": team.slack.user("brown").id})
    assert tanaka.modal.submit().errors == {}
    assert team.mql(1).owner == team.slack.user("brown").id
    assert t("dispute.not_yours") in team.dm("sato").expect(WHY).text
    assert t("button.report") in team.dm("brown").expect("Acme").buttons


@pytest.mark.thorough
def test_an_upheld_disqualification_stands(team: Team, t: Translator) -> None:
    disputes(team, t)
    asked = team.dm("tanaka").expect(WHY)
    upholds(team, t, asked)
    assert team.mql(1).status == Status.DISQUALIFIED
    upheld = t("dispute.upheld", actor=named(team, "tanaka"))
    assert upheld in asked.text
    team.dm("ito").expect(upheld, "They said no to us, too")
    note(team, t("note.upheld", actor=named(team, "tanaka")))
    team.channel("mql").expect(t("status.disqualified"))


@pytest.mark.thorough
def test_whoever_disputed_hears_that_the_outcome_was_corrected(team: Team, t: Translator) -> None:
    disputes(team, t)
    reports(team, "sato", {"disposition": "disqualified"}, {"lost_reason": "duplicate"})
    team.dm("ito").expect_nothing()  # the dispute waits on
    reports(team, "sato", {"disposition": "qualified"})
    message = team.dm("ito").expect("Acme", count=1)
    assert t("dispute.corrected", actor=named(team, "sato"), result=t("status.qualified")) in message.text
    assert team.mql(1).disputed_at is None
    reports(team, "sato", {"disposition": "recycled"}, {"comment": WHY})
    team.dm("ito").unread()
    team.dm("ito").expect_nothing()


@pytest.mark.thorough
def test_the_button_goes_with_the_answer_that_it_is_about(team: Team, t: Translator) -> None:
    first = note(team, t("note.disposed", actor=named(team, "sato"), result=t("status.disqualified")))
    text = first.text
    assert first.buttons == [t("button.dispute")]
    disputes(team, t)
    assert (first.buttons, first.text) == ([], text.rpartition("\n")[0])
    reports(team, "tanaka", {"disposition": "qualified"})
    asked = team.dm("tanaka").expect(WHY)
    assert t("dispute.over") in asked.text
    assert asked.buttons == [t("button.show")]
    reports(team, "tanaka", {"disposition": "disqualified"}, {"lost_reason": "duplicate"})
    assert (first.buttons, first.text) == ([], text.rpartition("\n")[0]), "the thread goes on to say what it was"
    newest = [
        message for message in team.channel("mql").messages if message.thread and t("button.dispute") in message.buttons
    ]
    assert len(newest) == 1


def test_a_reason_is_asked_for_and_whoever_may_not_is_told_who_may(team: Team, t: Translator) -> None:
    ito = team.user("ito")
    ito.press(t("button.dispute"), in_=team.channel("mql"))
    ito.modal.fill({"why_dispute": "  "})
    assert ito.modal.submit().errors == {"why_dispute": t("error.why_dispute")}
    for name in ("sato", "tanaka"):
        team.user(name).press(t("button.dispute"), in_=team.channel("mql"))
        assert team.slack.user(name).modal is None
        assert t("reply.dispute_not_allowed") in [
            message.text for message in team.slack.user(name).sees("mql").messages
        ]
    assert team.mql(1).disputed_at is None
    assert EventType.DISPUTED not in counts(team)


def test_what_cannot_be_disputed_or_decided_any_more_is_explained_and_stays(team: Team, t: Translator) -> None:
    thread = note(team, t("note.disposed", actor=named(team, "sato"), result=t("status.disqualified")))
    buttons = list(thread.blocks)
    kim = team.user("kim")
    kim.press(t("button.dispute"), in_=thread)  # and leaves the form open
    disputes(team, t)
    asked = team.dm("tanaka").expect(WHY)
    decisions = list(asked.blocks)
    kim.modal.fill({"why_dispute": WHY})
    kim.modal.submit()
    assert t("reply.disputed_already", by=named(team, "ito")) in kim.modal.text
    tanaka = team.user("tanaka")
    upholds(team, t, asked)
    before = team.log(1)
    for act in ("button.uphold", "button.accept_dispute"):
        asked.record.blocks = decisions
        tanaka.press(t(act), in_=asked)
        team.dm("tanaka").expect(t("reply.decided_already", by=named(team, "tanaka")))
    thread.record.blocks = buttons
    team.user("ito").press(t("button.dispute"), in_=thread)
    replies = [message.text for message in team.slack.user("ito").sees("mql").messages]
    assert t("reply.upheld_already", by=named(team, "tanaka")) in replies
    assert team.log(1) == before


@pytest.mark.alike
@pytest.mark.parametrize("act", ["uphold", "accept_dispute"])
def test_the_app_home_lists_what_waits_and_is_a_place_to_decide(team: Team, t: Translator, act: str) -> None:
    for name in ("tanaka", "ito"):
        assert "Acme" not in team.slack.user(name).opens_home().text
    disputes(team, t)
    mine = team.slack.user("ito").opens_home()
    assert t("home.own_disputes", count=1) in mine.text
    assert WHY in mine.text
    assert t("button.uphold") not in str(mine.blocks)
    for name in ("sato", "suzuki"):
        assert t("button.uphold") not in str(team.slack.user(name).opens_home().blocks)

    tanaka = team.user("tanaka")
    home = tanaka.opens_home()
    assert t("home.disputes", count=1) in home.text
    old = list(home.blocks)
    if act == "uphold":
        upholds(team, t, home)
    else:
        tanaka.press(t(f"button.{act}"), in_=home)
    assert team.mql(1).disputed_at is None
    assert t("home.disputes", count=1) not in home.text, "it is shown anew"
    assert "Acme" not in team.slack.user("ito").opens_home().text
    assert t("button.uphold") not in team.dm("tanaka").expect(WHY).buttons

    before = team.log(1)
    home.record.payload["blocks"] = old  # a phone that has not heard of it
    tanaka.press(t(f"button.{act}"), in_=home)
    team.dm("tanaka").expect(t("reply.decided_already", by=named(team, "tanaka")))
    assert team.log(1) == before


@pytest.mark.thorough
def test_an_unfit_lead_costs_no_turn(database: Database, t: Translator) -> None:
    team = Team(database, t.locale)
    disqualified(team, "duplicate")
    text = note(team, t("note.turn_given_back")).text
    assert text.index(t("result.reason", text="")) < text.index(t("note.turn_given_back")), "why, then what follows"
    team.receives("Beta")
    assert team.mql(2).owner == team.mql(1).owner, "the turn was given back"
    disputes(team, t)
    team.user("tanaka").press(t("button.accept_dispute"), in_=team.dm("tanaka").expect(WHY))
    note(team, t("note.turn_taken_again"))
    team.close()


@pytest.mark.thorough
def test_everything_sent_twice_is_done_once(database: Database, t: Translator) -> None:
    team = Team(database, t.locale, twice=True)
    team.may_break = ("was used already", "has changed since")
    disqualified(team)
    disputes(team, t)
    team.user("tanaka").press(t("button.accept_dispute"), in_=team.dm("tanaka").expect(WHY))
    done = counts(team)
    assert (done[EventType.DISPUTED], done[EventType.REOPENED], done[EventType.REFUSED]) == (1, 1, 0)
    for name in ("tanaka", "ito", "sato"):
        assert (
            len([message for message in team.dm(name).messages if "Jane Doe" in message.text and WHY in message.text])
            <= 1
        )
    assert not any("reply." in message.text for message in team.dm("tanaka").messages)
    team.close()
