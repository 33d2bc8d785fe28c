"""What could not be read is pushed to marketing, has a clock, and is never lost; what is no lead is set aside."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.core.mql import senders
from bot.slack.blocks.base import ids
from storage import audits, unreadables, workspaces
from storage import senders as sender_rows
from storage.models import Unreadable
from storage.vocabulary import AuditKind, EventType, UnreadableState
from tests.scenarios.stage import Team, ja

PHONE = "電話番号: 03-0000-1111\n予算: 300万円"
LEAD = "会社名: 株式会社青葉\nお名前: 山本 花\nメールアドレス: hana@example.com"


def entries(team: Team) -> list[Unreadable]:
    with team.database.snapshot() as tx:
        return unreadables.of_ids(tx, team.id, range(1, 100))


def notes(team: Team, posted: Any) -> list[Any]:
    return [message for message in team.channel("mql-intake").thread(posted).messages if message.author == "mql-bot"]


def messages_with(team: Team, name: str, text: str) -> list[Any]:
    """Messages to somebody in which a text stands."""
    return [message for message in team.dm(name).messages if text in message.text]


def test_marketing_on_duty_is_told_at_once_with_what_was_read(team: Team) -> None:
    team.app("HubSpot").posts("mql-intake", text=PHONE)
    assert messages_with(team, "ito", "03-0000-1111") == []
    team.advance(minutes=1)
    (message,) = messages_with(team, "ito", "03-0000-1111")
    assert "HubSpot" in message.text
    assert ja("unreadable.reason.nobody") in message.text
    assert message.buttons == [ja("button.enter"), ja("button.not_mql"), ja("button.open_message")]
    assert messages_with(team, "tanaka", "03-0000-1111") == []


def test_ten_at_once_are_one_message_in_which_each_is_struck_when_it_is_answered(team: Team) -> None:
    for number in range(10):
        team.app("HubSpot").posts("mql-intake", text=f"電話番号: 03-0000-000{number}")
    team.advance(minutes=1)
    (message,) = messages_with(team, "ito", "03-0000-0003")
    assert message.text.count(ja("button.enter")) == 10
    team.user("ito").press(ja("button.not_mql"), in_=team.slack.user("ito").sees("mql-intake"))
    assert message.text.count(ja("button.enter")) == 9
    assert ja("unreadable.dismissed", by="伊藤 結衣") in message.text


@pytest.mark.thorough
def test_after_four_open_hours_the_managers_are_told_once(team: Team) -> None:
    team.app("HubSpot").posts("mql-intake", text=PHONE)
    team.advance(minutes=1)
    team.advance(hours=3, minutes=58)
    assert messages_with(team, "tanaka", "03-0000-1111") == []
    team.advance(minutes=1)
    (message,) = messages_with(team, "tanaka", "03-0000-1111")
    team.advance(hours=4)
    assert len(messages_with(team, "tanaka", "03-0000-1111")) == 1
    team.user("tanaka").press(ja("button.not_mql"), in_=message)
    assert ja("button.enter") not in message.text
    assert ja("queue.nothing_left") in messages_with(team, "ito", ja("queue.nothing_left"))[0].text


@pytest.mark.thorough
def test_nobody_is_told_at_night_and_whoever_is_away_is_passed_over(team: Team) -> None:
    team.agrees(quiet={"start": "20:00", "end": "08:00"})
    team.at(1, 23)
    team.app("HubSpot").posts("mql-intake", text=PHONE)
    team.advance(hours=8)
    assert messages_with(team, "ito", "03-0000-1111") == []
    team.away("ito", hours=100)
    team.at(2, 8, 2)
    assert messages_with(team, "ito", "03-0000-1111") == []
    assert len(messages_with(team, "tanaka", "03-0000-1111")) == 1


def test_what_is_entered_by_hand_is_filled_with_what_was_read_and_counts_from_when_it_came(team: Team) -> None:
    posted = team.time.now()
    team.app("HubSpot").posts("mql-intake", text=PHONE)
    team.advance(hours=5)
    ito = team.user("ito")
    ito.press(ja("button.enter"), in_=messages_with(team, "ito", "03-0000-1111")[0])
    assert "'initial_value': '03-0000-1111'" in str(ito.modal.blocks)
    assert "300万円" in ito.modal.text
    ito.modal.fill({"company": "株式会社青葉"})
    ito.modal.submit()
    mql = team.mql(1)
    assert (mql.phone, mql.received_at, mql.attributes) == ("03-0000-1111", posted, {"予算": "300万円"})
    (entry,) = entries(team)
    assert (entry.state, entry.mql_id) == (UnreadableState.ENTERED, mql.id)


def test_two_people_who_enter_the_same_make_one_mql(team: Team) -> None:
    team.app("HubSpot").posts("mql-intake", text=PHONE)
    team.advance(minutes=1)
    ito, tanaka = team.user("ito"), team.user("tanaka")
    for person in (ito, tanaka):
        person.press(ja("button.enter"), in_=team.slack.user("ito").sees("mql-intake"))
        person.modal.fill({"company": "株式会社青葉"})
    ito.modal.submit()
    tanaka.modal.submit()
    assert ja("reply.unreadable_done") in tanaka.modal.text
    assert len([m for m in team.channel("mql").messages if m.thread is None]) == 1


def test_a_placeholder_that_its_app_fills_in_becomes_an_mql_from_when_it_was_posted(team: Team) -> None:
    posted, app = team.time.now(), team.app("Zapier")
    message = app.posts("mql-intake", text="読み込み中です").message
    team.advance(minutes=2)
    app.edits(message, LEAD)
    mql = team.mql(1)
    assert (mql.company, mql.received_at) == ("株式会社青葉", posted)
    (entry,) = entries(team)
    assert (entry.state, entry.closed_by) == (UnreadableState.ENTERED, None)
    assert ja("unreadable.completed", number=1) in notes(team, message)[0].text
    assert messages_with(team, "ito", ja("queue.nothing_left"))


def test_what_its_app_adds_to_a_lead_is_added_to_its_mql_and_alarms_nobody(team: Team) -> None:
    app = team.app("Zapier")
    message = app.posts("mql-intake", text=LEAD).message
    heard = len(team.dm("sato").messages)
    for _ in range(2):
        app.edits(message, f"{LEAD}\nスコア: 95\n電話番号: 03-0000-1111")
    mql = team.mql(1)
    assert (mql.score, mql.phone) == (95, "03-0000-1111")
    assert [event.type for event in team.log(1)].count(EventType.RECEIVED_AGAIN) == 1
    assert len(team.dm("sato").messages) == heard


def test_a_preview_of_a_link_changes_nothing(team: Team) -> None:
    lead = team.app("Zapier").posts("mql-intake", text=LEAD).message
    unread = team.app("Zapier").posts("mql-intake", text="https://zap.example").message
    for message in (lead, unread):
        team.slack.admin.unfurl(message, "会社名: 別の会社")
        team.settle()
    assert EventType.RECEIVED_AGAIN not in [event.type for event in team.log(1)]
    (entry,) = entries(team)
    assert (entry.state, entry.reason) == (UnreadableState.OPEN, "no_fields")


def test_a_message_that_its_app_deletes_waits_no_more_and_an_mql_stays(team: Team) -> None:
    app = team.app("Zapier")
    lead, unread = (app.posts("mql-intake", text=text).message for text in (LEAD, PHONE))
    team.advance(minutes=1)
    for message in (lead, unread):
        app.deletes(message)
    (entry,) = entries(team)
    assert entry.state == UnreadableState.DELETED
    assert messages_with(team, "ito", ja("unreadable.deleted"))
    assert team.mql(1).company == "株式会社青葉"


def test_edits_while_the_bot_was_away_are_found_when_it_is_back(team: Team) -> None:
    team.may_break = ("could not reach the bot",)
    team.catch_up()
    app = team.app("Zapier")
    placeholder = app.posts("mql-intake", text="読み込み中です").message
    lead = app.posts("mql-intake", text="会社名: 株式会社若葉").message
    team.advance(minutes=3)
    team.catch_up()
    team.stop_bot()
    team.slack.app("Zapier").edits(placeholder, LEAD)
    team.slack.app("Zapier").edits(lead, "会社名: 株式会社若葉\nスコア: 80")
    team.advance(minutes=30)
    team.start_bot()
    team.catch_up()
    team.catch_up()
    assert (team.mql(1).score, team.mql(2).company) == (80, "株式会社青葉")
    assert [event.type for event in team.log(1)].count(EventType.RECEIVED_AGAIN) == 1


def test_an_edit_of_a_message_from_before_the_bot_came_makes_no_mql(team: Team) -> None:
    app = team.app("Zapier")
    with team.database.transaction() as tx:
        workspaces.save(tx, team.id, team.time.now(), intake_channel=None)
    message = app.posts("mql-intake", text="読み込み中です").message
    with team.database.transaction() as tx:
        workspaces.save(tx, team.id, team.time.now(), intake_channel=team.channel("mql-intake").id)
    team.advance(minutes=5)
    team.catch_up()
    app.edits(message, LEAD)
    team.catch_up()
    assert [m for m in team.channel("mql").messages if m.thread is None] == []


@pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast"])
def test_an_apps_lead_with_a_file_or_from_a_thread_to_the_channel_is_taken(team: Team, subtype: str) -> None:
    app = team.app("Mailer")
    opener = app.posts("mql-intake", text=PHONE).message if subtype == "thread_broadcast" else None
    app.posts("mql-intake", text=LEAD, subtype=subtype, thread=opener)
    assert team.mql(1).company == "株式会社青葉"


def test_never_with_this_headline_is_learnt_by_one_press_listed_counted_and_removed(team: Team) -> None:
    app, ito = team.app("HubSpot"), team.user("ito")
    first = app.posts("mql-intake", text="Lunch menu\nPasta today").message
    app.posts("mql-intake", text="Lunch menu\nPasta tomorrow")
    note = notes(team, first)[0]
    ito.press(ja("button.not_mql"), in_=note)
    ito.press(ja("button.never_headline"), in_=note)
    assert [entry.state for entry in entries(team)] == [UnreadableState.DISMISSED] * 2
    assert ja("unreadable.never_headline", headline="Lunch menu") in note.text
    third = app.posts("mql-intake", text="Lunch menu\nPasta 12").message
    assert notes(team, third) == []
    assert [entry.state for entry in entries(team)][2:] == [UnreadableState.SET_ASIDE]
    ito.opens_home()
    ito.press(ja("button.sender_rules", count=1))
    assert "Lunch menu" in ito.modal.text
    ito.press(ja("button.remove_rule"))
    assert ja("rules.none") in ito.modal.text
    app.posts("mql-intake", text="Lunch menu\nPasta 13")
    assert entries(team)[3].state == UnreadableState.OPEN
    team.at(0, 9)
    digest = team.dm("tanaka").expect(ja("digest.figure.set_aside")).text
    assert ja("digest.first_quiet") not in digest
    assert ja("digest.first_unread", count=1) in digest


def test_what_was_set_aside_may_be_a_lead_after_all(team: Team) -> None:
    app, ito = team.app("HubSpot"), team.user("ito")
    note = notes(team, app.posts("mql-intake", text=PHONE).message)[0]
    ito.press(ja("button.not_mql"), in_=note)
    ito.press(ja("button.never_app"), in_=note)
    app.posts("mql-intake", text=LEAD)
    assert [m for m in team.channel("mql").messages if m.thread is None] == []
    ito.press(ja("button.is_lead"), in_=note)
    ito.modal.fill({"person": "山本 花"})
    ito.modal.submit()
    assert (team.mql(1).person, team.mql(1).phone) == ("山本 花", "03-0000-1111")
    assert entries(team)[0].state == UnreadableState.ENTERED


def test_the_reader_is_taught_by_the_messages_of_an_app_and_reads_those_that_wait(team: Team) -> None:
    app, ito = team.app("自社フォーム"), team.user("ito")
    posted = [app.posts("mql-intake", text=f"申込法人の名: 青葉{n}社\n管理区分: {n}").message for n in range(3)]
    came = team.time.now()
    team.advance(hours=1)
    ito.press(ja("button.teach"), in_=notes(team, posted[0])[0])
    assert "青葉2社" in ito.modal.text
    ito.modal.fill({"label_field:申込法人の名": "company"})
    ito.modal.submit()
    assert ja("teach.done", count=3) in ito.modal.text
    assert [team.mql(number).company for number in (1, 2, 3)] == ["青葉0社", "青葉1社", "青葉2社"]
    assert abs(team.mql(1).received_at - came) < timedelta(seconds=5)
    app.posts("mql-intake", text="申込法人の名: 若葉社\n管理区分: 4")
    assert (team.mql(4).company, team.mql(4).attributes) == ("若葉社", {"管理区分": "4"})
    with team.database.snapshot() as tx:
        version = sender_rows.mapping(tx, team.id, app.bot_id)
    assert version is not None
    assert (version.number, version.by) == (1, ito.id)


def test_whoever_taught_wrongly_goes_back_to_an_earlier_version_and_what_waits_is_read_again(team: Team) -> None:
    app, ito, label = team.app("自社フォーム"), team.user("ito"), "申込法人の名"
    for field in ("company", "attribute"):
        with team.database.transaction() as tx:
            senders.teach(tx, team.id, app.bot_id, {label: field}, ito.id, team.time.now())
    app.posts("mql-intake", text=f"{label}: 若葉社\n管理区分: 4")
    assert len(entries(team)) == 1
    ito.types("/mql source", channel="marketing")
    assert "自社フォーム" in ito.modal.text
    ito.press(ja("button.reader_versions"), in_=ito.modal)
    assert f"{label} → {ja('teach.field.company')}" in ito.modal.text
    ito.modal.fill({ids.READER_VERSION: "1"})
    assert ito.modal.submit().errors == {}
    assert ja("reader.stored", version=1, number=3, count=1) in ito.modal.text
    assert team.mql(1).company == "若葉社"
    with team.database.snapshot() as tx:
        (entry, *_) = [each for each in audits.newest(tx, team.id, 10) if each.kind == AuditKind.SENDER_RULE]
    assert (entry.before, entry.after) == ({label: "attribute"}, {label: "company"})


def test_marketing_sees_the_queue_in_its_app_home(team: Team) -> None:
    team.app("HubSpot").posts("mql-intake", text=PHONE)
    home = team.user("ito").opens_home().text
    assert "03-0000-1111" in home
    assert "03-0000-1111" not in team.user("sato").opens_home().text


NO_LEAD = "*Deal won!* <https://app.example/deal/2|Big Deal>\n*Amount:* $5,000\n*Company:* Won Ltd"


def test_what_is_no_lead_is_set_aside_with_a_line_and_a_button_and_tells_nobody(team: Team) -> None:
    note = notes(team, team.app("HubSpot").posts("mql-intake", text=NO_LEAD).message)[0]
    assert ja("unreadable.no_lead.deal") in note.text
    assert note.buttons == [ja("button.is_lead"), ja("button.never_headline"), ja("button.never_app")]
    team.advance(hours=6)
    assert [message for name in ("ito", "tanaka") for message in messages_with(team, name, "Won Ltd")] == []
    assert [m for m in team.channel("mql").messages if m.thread is None] == []
    ito = team.user("ito")
    ito.press(ja("button.is_lead"), in_=note)
    assert "Won Ltd" in str(ito.modal.blocks)
    ito.modal.submit()
    assert team.mql(1).company == "Won Ltd"


def test_what_the_reader_doubts_waits_with_the_reason_and_the_form_filled(team: Team) -> None:
    words = "株式会社青葉の山本様（部長）が来場。hana@aoba.example\n大川様も同席"
    team.app("展示会").posts("mql-intake", text=words, classic=True)
    team.advance(hours=5)
    (message,) = messages_with(team, "ito", ja("unreadable.reason.unsure_person"))
    ito = team.user("ito")
    ito.press(ja("button.correct_reading"), in_=message)
    ito.modal.submit()
    mql = team.mql(1)
    assert (mql.company, mql.person, mql.title, mql.email) == ("株式会社青葉", "山本", "部長", "hana@aoba.example")


def test_several_leads_in_one_message_become_an_mql_each_and_an_edit_finds_each(team: Team) -> None:
    def posts_of(*names: str) -> str:
        return "\n\n".join(f"*Name:* {n}\n*Email:* {n}@n24.example\n*Company:* {n} Ltd" for n in names)

    app = team.app("Zapier")
    message = app.posts("mql-intake", text=posts_of("Ann", "Ben"), classic=True).message
    assert [team.mql(number).person for number in (1, 2)] == ["Ann", "Ben"]
    app.edits(message, f"{posts_of('Ann', 'Ben')}\n*Score:* 70\n\n{posts_of('Cat')}")
    assert [team.mql(number).person for number in (1, 2, 3)] == ["Ann", "Ben", "Cat"]
    assert (team.mql(1).score, team.mql(2).score) == (None, 70)


def test_somebody_of_the_roster_is_never_the_lead(team: Team) -> None:
    team.app("HubSpot").posts("mql-intake", text="お名前: 佐藤 葵\n電話番号: 03-0000-1111")
    (entry,) = entries(team)
    assert entry.reason == "nobody"
