"""From a bot that was just installed to the first card, in Slack alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.core import teamfile
from bot.core.setup.answers import Answers, Candidate, Part
from bot.slack import setup
from bot.slack.blocks.base import ids
from playground import Fault
from storage.database import Database
from storage.vocabulary import Locale, PolicyTemplate, Role, Status
from tests.scenarios.newcomers import ADMIN, Newcomers


@pytest.fixture
def newcomers(database: Database, locale: Locale) -> Iterator[Newcomers]:
    newcomers = Newcomers(database, locale)
    yield newcomers
    newcomers.close()


def answers(newcomers: Newcomers) -> Answers:
    draft = newcomers.draft
    assert draft is not None
    return Answers.of(draft.answers)


def candidate(newcomers: Newcomers, user: str) -> Candidate:
    person = answers(newcomers).person(user)
    assert person is not None
    return person


def test_an_admin_comes_from_nothing_to_a_card_and_takes_the_test_back(newcomers: Newcomers) -> None:
    t, home = newcomers.t, newcomers.home_of(ADMIN)
    assert t("setup.title") in home
    assert "Asia/Tokyo" in home
    newcomers.sends(ADMIN, ids.SETUP_PLACE, {ids.SETUP_NAME: "みなと商事"})
    newcomers.chooses_all()
    newcomers.sends(ADMIN, ids.SETUP_POLICY, {ids.SETUP_TEMPLATE: "hot", ids.SETUP_HOLIDAYS: "JP"})
    assert t("setup.reading.done", count=1) in newcomers.home_of(ADMIN)

    newcomers.presses(ADMIN, t("button.setup_start"))
    (card,) = [message for message in newcomers.slack.channel("mql").messages if message.thread is None]
    assert t("setup.test_lead.company") in card.text
    with newcomers.database.snapshot() as tx:
        team = teamfile.current(tx, newcomers.slack.team_id)
    assert team is not None
    assert (team.name, team.policy.calendar.holidays, team.policy.tiers[0].response_hours) == ("みなと商事", "JP", 1)
    roles = {person.name: set(person.roles) for person in team.members}
    assert roles["Kim Lee"] == {Role.ADMIN}
    assert roles["田中 美咲"] == {Role.MANAGER}
    assert roles["佐藤 葵"] == {Role.REP}
    assert newcomers.inside("mql") >= {person.user_id for person in team.members}

    assert t("setup.begun").strip("*") in newcomers.home_of(ADMIN)
    newcomers.presses(ADMIN, t("button.setup_withdraw"))
    test = newcomers.mql(1)
    assert test is not None
    assert test.status == Status.WITHDRAWN
    newcomers.presses(ADMIN, t("button.setup_close"))
    assert newcomers.draft is None
    assert t("setup.begun").strip("*") not in newcomers.home_of(ADMIN)


def test_whoever_may_not_set_up_reads_who_does(newcomers: Newcomers) -> None:
    t = newcomers.t
    assert t("setup.nobody") in newcomers.home_of("sato")
    newcomers.home_of(ADMIN)
    assert "Kim Lee" in newcomers.home_of("sato")
    assert t("button.setup_change") not in newcomers.home_of("sato")
    reply = newcomers.user("sato").types("/mql list", channel="general")
    assert "Kim Lee" in reply.text


@pytest.mark.thorough
def test_the_set_up_goes_on_another_day_after_a_restart_and_by_another_admin(newcomers: Newcomers) -> None:
    newcomers.home_of(ADMIN)
    newcomers.sends(ADMIN, ids.SETUP_CHANNELS, {})
    newcomers.restart()
    yamada = newcomers.user("yamada")
    yamada.user.is_admin = True
    assert "#mql" in newcomers.home_of("yamada")
    newcomers.adds("yamada", Part.PLAYING_MANAGER, people=["tanaka"])
    newcomers.presses("yamada", newcomers.t("button.setup_start"))
    assert newcomers.mql(1) is not None


def test_two_admins_at_once_overwrite_nothing_unseen(newcomers: Newcomers) -> None:
    newcomers.user("yamada").user.is_admin = True
    newcomers.home_of(ADMIN)
    late = newcomers.user("yamada")
    late.opens_home().press(ids.SETUP_POLICY)
    newcomers.sends(ADMIN, ids.SETUP_POLICY, {ids.SETUP_TEMPLATE: "hours"})
    assert late.modal is not None
    late.modal.fill({ids.SETUP_TEMPLATE: "hot"}).submit()
    assert late.modal is not None
    assert newcomers.t("setup.changed_meanwhile") in late.modal.text
    assert answers(newcomers).policy == PolicyTemplate.HOURS


def test_bots_and_guests_of_a_channel_are_left_out_and_a_person_without_address_is_not(newcomers: Newcomers) -> None:
    admin = newcomers.slack.admin
    guest = admin.add_user("partner", "外部 太郎", is_guest=True, channels=("sales",))
    newcomers.slack.workspace.person("suzuki").email = ""
    newcomers.slack.workspace.conversation("sales").members.append(newcomers.slack.bot_user_id)
    newcomers.home_of(ADMIN)
    newcomers.adds(ADMIN, Part.REP, channel="sales")
    home = newcomers.home_of(ADMIN)
    assert newcomers.t("setup.left.bots", count=1) in home
    assert newcomers.t("setup.left.guests", count=1) in home
    assert newcomers.t("setup.reading.guests") in home
    assert {person.name for person in answers(newcomers).those(Role.REP)} == {"佐藤 葵", "鈴木 蓮", "Alex Brown"}
    newcomers.adds(ADMIN, Part.REP, people=["partner"])
    assert answers(newcomers).person(guest.id) is not None


def test_a_bot_alone_is_left_out_without_a_word_of_guests(newcomers: Newcomers) -> None:
    newcomers.home_of(ADMIN)
    newcomers.adds(ADMIN, Part.REP, people=[newcomers.slack.bot_user_id])
    home = newcomers.home_of(ADMIN)
    assert newcomers.t("setup.left.bots", count=1) in home
    assert newcomers.t("setup.reading.nobody") in home
    assert newcomers.t("setup.reading.guests") not in home


def test_a_channel_that_cannot_be_used_is_said_on_its_field_and_nothing_is_stored(newcomers: Newcomers) -> None:
    t, admin = newcomers.t, newcomers.slack.admin
    admin.add_channel("old", bot=False)
    admin.archive("old")
    admin.add_channel("secret", (ADMIN,), private=True, bot=False)
    admin.add_channel("mql", bot=False)
    newcomers.may_break = ("no conversation", "there is a channel #mql", "lower-case letters")
    newcomers.home_of(ADMIN)
    chosen, new = f"{ids.SETUP_CHANNEL}:mql", f"{ids.SETUP_NEW_CHANNEL}:mql"
    wrong = {"old": "archived", "secret": "private"}
    for channel, code in wrong.items():
        errors = newcomers.sends(ADMIN, ids.SETUP_CHANNELS, {chosen: channel})
        assert errors == {chosen: t(f"setup.channel_error.{code}")}
        newcomers.modal_of(ADMIN).close()
    for name, code in {"mql": "taken", "Mql !": "bad_name"}.items():
        errors = newcomers.sends(ADMIN, ids.SETUP_CHANNELS, {new: name})
        assert errors == {new: t(f"setup.channel_error.{code}", name=name)}
        newcomers.modal_of(ADMIN).close()
    errors = newcomers.sends(ADMIN, ids.SETUP_CHANNELS, {new: ""})
    assert errors == {chosen: t("setup.channel_error.none")}
    assert answers(newcomers).mql is None
    newcomers.modal_of(ADMIN).close()

    newcomers.sends(ADMIN, ids.SETUP_CHANNELS, {chosen: "mql"})
    assert newcomers.slack.bot_user_id in newcomers.inside("mql")


def test_a_channel_whose_answer_was_lost_is_found_again(newcomers: Newcomers) -> None:
    newcomers.home_of(ADMIN)
    newcomers.may_break = ("there is a channel #mql",)
    newcomers.slack.faults.add("conversations.create", Fault.ERROR_500_AFTER, times=1)
    errors = newcomers.sends(ADMIN, ids.SETUP_CHANNELS, {})
    assert list(errors.values()) == [newcomers.t("setup.channel_error.slack_away")]
    newcomers.modal_of(ADMIN).submit()
    assert answers(newcomers).mql == newcomers.slack.channel("mql").id


def test_more_people_than_a_team_holds_are_not_read(newcomers: Newcomers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "MOST_PEOPLE", 3)
    newcomers.home_of(ADMIN)
    newcomers.adds(ADMIN, Part.MARKETER, channel="general")
    assert newcomers.t("setup.reading.too_many", count=7, most=3) in newcomers.home_of(ADMIN)
    assert answers(newcomers).those(Role.MARKETER) == []


@pytest.mark.thorough
def test_two_hundred_people_are_read_and_more_than_a_team_holds_are_not(newcomers: Newcomers) -> None:
    newcomers.slack.rate_limits = False
    for number in range(197):
        newcomers.slack.admin.add_user(f"rep{number}", f"担当 {number}", channels=("sales",))
    newcomers.home_of(ADMIN)
    newcomers.adds(ADMIN, Part.REP, channel="sales")
    assert len(answers(newcomers).those(Role.REP)) == 200
    for number in range(100):
        newcomers.slack.admin.add_user(f"other{number}", channels=("general",))
    newcomers.adds(ADMIN, Part.MARKETER, channel="general")
    assert newcomers.t("setup.reading.too_many", count=107, most=300) in newcomers.home_of(ADMIN)

    user = newcomers.user(ADMIN)
    user.press(ids.SETUP_PARTS)
    for _ in range(10):
        user.press(newcomers.t("button.setup_after"), in_=user.modal)
    assert newcomers.t("button.setup_after") not in newcomers.modal_of(ADMIN).text
    assert "担当 196" in newcomers.modal_of(ADMIN).text


def test_a_part_and_a_manager_are_chosen_one_by_one(newcomers: Newcomers) -> None:
    newcomers.home_of(ADMIN)
    newcomers.chooses_all()
    newcomers.adds(ADMIN, Part.MANAGER, people=["yamada"])
    user = newcomers.user(ADMIN)
    sato, yamada = newcomers.user("sato").id, newcomers.user("yamada").id
    user.opens_home().press(ids.SETUP_MANAGERS)
    user.choose(ids.SETUP_MANAGER, f"{sato}:{yamada}", in_=user.modal, block=f"setup_row:{sato}")
    assert candidate(newcomers, sato).manager == yamada
    newcomers.modal_of(ADMIN).close()
    user.opens_home().press(ids.SETUP_PARTS)
    user.choose(ids.SETUP_PART, f"{user.id}:rep", in_=user.modal, block=f"setup_row:{user.id}")
    user.choose(ids.SETUP_PART, f"{yamada}:none", in_=user.modal, block=f"setup_row:{yamada}")
    assert set(candidate(newcomers, user.id).roles) == {Role.REP, Role.ADMIN}
    assert candidate(newcomers, sato).manager is None
    assert candidate(newcomers, yamada).roles == ()


def test_what_is_pressed_twice_begins_once(newcomers: Newcomers) -> None:
    newcomers.slack.delivery_twice, newcomers.may_break = True, ("it works once",)
    newcomers.home_of(ADMIN)
    newcomers.chooses_all()
    newcomers.presses(ADMIN, newcomers.t("button.setup_start"))
    assert newcomers.mql(1) is not None
    assert newcomers.mql(2) is None
