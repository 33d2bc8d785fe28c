"""The same lead again, the same company, and two MQLs that are one: what people see of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.i18n import Translator
from bot.slack.blocks.base import ids
from storage import engagements
from storage.database import Database
from storage.vocabulary import CrmKind, EngagementKind, Locale, Status
from tests.scenarios.stage import Team


@pytest.fixture
def t(locale: Locale) -> Translator:
    return Translator(locale, "Asia/Tokyo")


@pytest.fixture
def team(database: Database, locale: Locale) -> Iterator[Team]:
    team = Team(database, locale)
    yield team
    team.close()


def cards(team: Team) -> list[str]:
    return [message.text for message in team.channel("mql").messages if message.thread is None]


def test_a_lead_that_writes_again_reaches_its_owner_with_the_new_words_first(team: Team, t: Translator) -> None:
    team.receives("Acme", email="jane@acme.example", message="Send prices")
    team.dm("sato").unread()
    team.advance(hours=1)
    team.receives("Acme", email="jane@acme.example", message="Please call me today")
    team.dm("sato").expect(t("identity.new_words", whom="#1 Acme"), "Please call me today")
    (card,) = cards(team)
    assert "Please call me today" in card
    assert "Send prices" not in card, "what was written before is in the details"
    team.receives("Acme", email="jane@acme.example", message="Please call me today", title="CTO")
    team.dm("sato").expect_nothing()
    team.user("sato").types("/mql show 1")
    page = team.user("sato").modal.text
    assert "Please call me today" in page
    assert "Send prices" in page


def test_the_card_and_the_owner_see_who_has_the_same_company(team: Team, t: Translator) -> None:
    team.receives("株式会社青空商事", email="a@aozora.co.jp")
    team.accepts(1)
    rep = team.slack.user("sato").real_name
    team.receives("青空商事(株)", email="b@gmail.com")
    hint = t("related.company", other="#1", rep=rep, state=t("related.at_work"))
    assert hint in cards(team)[1]
    owner = next(name for name in ("sato", "suzuki") if team.slack.user(name).id == team.mql(2).owner)
    team.dm(owner).expect(hint)


def test_two_are_merged_in_details_and_parted_again(team: Team, t: Translator) -> None:
    team.receives("Acme", email="jane@acme.example", message="Send prices")
    team.advance(hours=1)
    team.receives("Acme", email="jane@gmail.com", message="Call me")
    leader = team.user("tanaka")
    leader.types("/mql show 1")
    leader.modal.press(t("button.merge"))
    leader.modal.fill({ids.MERGE_WITH: str(team.mql(2).id)})
    assert leader.modal.submit().errors == {}
    assert team.mql(2).merged_into_id == team.mql(1).id
    first, second = cards(team)
    assert t("related.merged", numbers="#2") in first
    assert "Call me" in first
    assert t("related.gone_on") in second
    assert leader.types("/mql merge 2 1").text == t("reply.merged_already", number=2).replace("`", "")
    assert leader.types("/mql unmerge 2").text == t("reply.merge_undone", number=2)
    assert team.mql(2).status == Status.ASSIGNED
    assert t("related.merged", numbers="#2") not in cards(team)[0]
    # Found by a part of a name: the form grows by what was found, and asks once more.
    leader.types("/mql show 1")
    leader.modal.press(t("button.merge"))
    leader.modal.fill({ids.MERGE_NUMBER: "nobody"})
    assert leader.modal.submit().errors == {ids.MERGE_NUMBER: t("error.merge_nothing")}
    leader.modal.fill({ids.MERGE_NUMBER: "acm"})
    assert leader.modal.submit().errors == {}
    assert "#2" in leader.modal.text
    assert leader.modal.submit().errors == {}
    assert team.mql(2).merged_into_id == team.mql(1).id


@pytest.mark.parametrize(
    ("typed", "reply"),
    [("1", "merge_two_numbers"), ("1 2", "merge_other_way"), ("2 2", "merge_with_itself"), ("2 99", "not_found")],
)
def test_what_cannot_be_merged_is_explained(team: Team, t: Translator, typed: str, reply: str) -> None:
    team.receives("Acme")
    team.advance(hours=1)
    team.receives("Beta")
    answer = team.user("tanaka").types(f"/mql merge {typed}")
    number = {"merge_other_way": 1, "merge_with_itself": 2, "not_found": 99}.get(reply, 0)
    assert answer.text == t(f"reply.{reply}", number=number).replace("`", "")
    assert team.user("sato").types("/mql merge 2 1").text == t("reply.merge_not_allowed", number=2)


@pytest.mark.thorough
def test_a_lead_that_is_back_after_the_deal_names_what_it_was(team: Team, t: Translator) -> None:
    team.receives("Acme", email="jane@acme.example", external_id="42")
    team.accepts(1)
    for values in ({"disposition": "qualified"}, {"deal_result": "lost"}):
        team.user("sato").types("/mql-feedback 1")
        team.user("sato").modal.fill(values)
        assert team.user("sato").modal.submit().errors == {}
    team.advance(days=80)
    team.receives("Acme", email="jane@acme.example", message="We would like a demo again")
    assert team.mql(2).status == Status.ASSIGNED
    rep = team.slack.user("sato").real_name
    assert t("related.former", other="#1", rep=rep, state=t("deal.lost")) in cards(team)[1]


def test_details_tell_the_score_that_marketing_gives_after_the_hand_over(team: Team) -> None:
    team.receives("Acme", email="jane@acme.example", score=40)
    with team.database.transaction() as tx:
        values = {"score": 65, "before": 40}
        engagements.add(tx, team.mql(1), CrmKind.MARKETO, "1", EngagementKind.SCORE, team.time.now(), **values)
    team.user("sato").types("/mql show 1")
    assert "40 → 65" in team.user("sato").modal.text
