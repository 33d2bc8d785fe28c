"""The outcome by two taps: from the card, the direct message and the App Home."""

from __future__ import annotations

from storage import workspaces
from storage.database import Database
from storage.models import Feedback, LostReason, feedback
from storage.rows import many
from storage.vocabulary import Disposition, EventType, Status
from tests.scenarios.stage import Team, ja


def _stored(team: Team) -> list[Feedback]:
    with team.database.snapshot() as tx:
        return many(tx, Feedback, feedback.select().order_by(feedback.c.id))


def _value(team: Team, disposition: str, reason: str = "", number: int = 1) -> str:
    return f"{disposition}:{reason}:{team.mql(number).id}"


def test_two_taps_on_the_card_record_a_lost_reason_and_edit_the_card(team: Team) -> None:
    team.receives("Acme")
    sato = team.user("sato")
    sato.press(ja("button.accept"), in_=team.channel("mql"))
    sato.choose("mql_quick", _value(team, "disqualified", "no_budget"), in_=team.channel("mql"))
    (row,) = _stored(team)
    assert (row.disposition, row.lost_reason, row.by) == (Disposition.DISQUALIFIED, "no_budget", sato.id)
    assert team.mql(1).status == Status.DISQUALIFIED
    card = team.channel("mql").messages[0]
    assert "予算なし" in card.text
    assert ja("button.correct") in card.buttons
    assert sato.modal is None


def test_two_taps_in_the_direct_message_qualify(team: Team) -> None:
    team.receives("Acme")
    team.accepts(1)
    team.user("sato").choose("mql_quick", _value(team, "qualified"), in_=team.dm("sato"))
    assert team.mql(1).status == Status.QUALIFIED
    assert [entry.type for entry in team.log(1)][-1] == EventType.DISPOSED


def test_the_app_home_shows_at_once_that_it_is_done(team: Team) -> None:
    team.receives("Acme")
    team.accepts(1)
    sato = team.user("sato")
    home = sato.opens_home()
    sato.choose("mql_quick", _value(team, "qualified"), in_=home)
    assert team.mql(1).status == Status.QUALIFIED
    assert "Acme" not in str(team.slack.user("sato").home.blocks)


def test_an_answer_that_needs_words_opens_the_form_with_the_reason_chosen(team: Team) -> None:
    team.receives("Acme")
    team.accepts(1)
    sato = team.user("sato")
    sato.choose("mql_quick", _value(team, "disqualified", "other"), in_=team.dm("sato"))
    assert _stored(team) == []
    assert "comment" in sato.modal.submit().errors
    sato.modal.fill({"comment": "社内の検証用でした"})
    assert sato.modal.submit().errors == {}
    (row,) = _stored(team)
    assert (row.lost_reason, row.comment) == ("other", "社内の検証用でした")


def test_recycling_asks_for_the_day(team: Team) -> None:
    team.receives("Acme")
    team.accepts(1)
    sato = team.user("sato")
    sato.choose("mql_quick", _value(team, "recycled"), in_=team.dm("sato"))
    sato.modal.fill({"recycle_on": "2026-11-30"})
    assert sato.modal.submit().errors == {}
    assert team.mql(1).status == Status.RECYCLED


def test_a_reason_that_has_come_to_need_a_comment_opens_the_form(team: Team) -> None:
    team.receives("Acme")
    team.accepts(1)
    with team.database.transaction() as tx:
        strict = LostReason(
            workspace_id=team.id, key="no_budget", position=0, ja="予算なし", en="No budget", comment_required=True
        )
        workspaces.save_reasons(tx, team.id, [strict])
    team.user("sato").choose("mql_quick", _value(team, "disqualified", "no_budget"), in_=team.dm("sato"))
    assert _stored(team) == []
    assert team.user("sato").modal is not None


def test_who_may_not_is_told_privately_and_nothing_is_stored(team: Team) -> None:
    team.receives("Acme")
    team.accepts(1)
    for answer in (("qualified", ""), ("recycled", "")):
        answered = team.user("suzuki").choose("mql_quick", _value(team, *answer), in_=team.channel("mql"))
        team.settle()
        assert team.slack.user("suzuki").modal is None
        assert answered.status == 200
    assert _stored(team) == []
    assert [entry.type for entry in team.log(1)].count(EventType.REFUSED) == 1
    team.slack.user("suzuki").sees("mql").expect(ja("reply.not_allowed"))


def test_a_tap_on_an_old_message_corrects_nothing(team: Team) -> None:
    team.receives("Acme")
    team.accepts(1)
    sato, card = team.user("sato"), team.channel("mql").messages[0]
    value = _value(team, "disqualified", "no_budget")
    shown = card.record.blocks
    sato.choose("mql_quick", _value(team, "qualified"), in_=card)
    card.record.blocks = shown  # the network has not brought the edit yet
    sato.choose("mql_quick", value, in_=card)
    assert [row.disposition for row in _stored(team)] == [Disposition.QUALIFIED]
    team.slack.user("sato").sees("mql").expect(ja("reply.disposed_already"))


def test_one_tap_that_the_network_delivers_twice_is_one_answer(database: Database) -> None:
    team = Team(database, twice=True)
    team.may_break = ("was used already", "has changed since")
    team.receives("Acme")
    team.accepts(1)
    team.user("sato").choose("mql_quick", _value(team, "qualified"), in_=team.dm("sato"))
    assert len(_stored(team)) == 1
    assert [entry.type for entry in team.log(1)].count(EventType.DISPOSED) == 1
    team.slack.user("sato").dm.expect_none(ja("reply.disposed_already"))
    team.close()
