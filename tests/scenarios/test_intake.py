"""A lead comes in: by webhook, by an MA tool's message, by hand; and what cannot be read is never dropped."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.core import teamfile
from storage import unreadables
from storage.models import workspace
from storage.vocabulary import EventType, UnreadableState
from tests.scenarios.stage import Team, ja

HUBSPOT = [
    {
        "text": "*First Name*: Jane\n*Last Name*: Doe\n*Company*: Acme\n"
        "*Email*: <mailto:jane@example.com|jane@example.com>\n*Message*: \n"
    }
]


def _cards(team: Team) -> list[str]:
    return [message.text for message in team.channel("mql").messages if message.thread is None]


def test_a_signed_webhook_is_answered_with_the_number_of_the_mql(team: Team) -> None:
    assert team.posts_webhook({"company": "Acme"}).body == {"number": 1, "repeated": False}
    assert team.posts_webhook({"company": "Beta"}).body == {"number": 2, "repeated": False}


def test_the_same_webhook_again_is_answered_as_before_and_creates_nothing(team: Team) -> None:
    first = team.posts_webhook({"company": "Acme"}, id="msg_1")
    again = team.posts_webhook({"company": "Acme"}, id="msg_1")
    assert (again.status, again.body) == (202, first.body)
    assert len(_cards(team)) == 1


def test_a_webhook_signed_with_another_secret_is_refused(team: Team) -> None:
    answer = team.posts_webhook({"company": "Acme"}, secret="whsec_" + "A" * 43 + "=")
    assert (answer.status, answer.body["error"]) == (401, "invalid_signature")
    assert _cards(team) == []


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_webhook_signed_long_ago_or_in_the_future_is_refused(team: Team, minutes: int) -> None:
    answer = team.posts_webhook({"company": "Acme"}, sent_at=datetime.now(UTC) + timedelta(minutes=minutes))
    assert answer.status == 401
    assert "5 minutes" in answer.body["message"]


@pytest.mark.parametrize(
    "header", [{"webhook-signature": "v1"}, {"webhook-timestamp": "nan"}, {"webhook-signature": ""}, {"webhook-id": ""}]
)
def test_a_webhook_with_a_malformed_header_is_refused_and_not_an_error_of_ours(
    team: Team, header: dict[str, str]
) -> None:
    assert team.posts_webhook({"company": "Acme"}, headers=header).status == 401


def test_every_wrong_field_of_a_webhook_is_named(team: Team) -> None:
    answer = team.posts_webhook({"company": "x" * 201, "email": "nobody", "score": "many", "colour": "red"})
    assert answer.status == 422
    assert {problem["field"] for problem in answer.body["problems"]} == {"company", "email", "score", "colour"}
    assert _cards(team) == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe", b'{"company": "\\ud800"}'])
def test_a_body_that_is_no_lead_is_answered_and_not_an_error_of_ours(team: Team, body: bytes) -> None:
    assert team.posts_webhook(body).status in (401, 422)
    assert _cards(team) == []


@pytest.mark.parametrize(
    "kind", ["application/json; charset=utf-8", "text/plain", "application/x-www-form-urlencoded", ""]
)
def test_a_signed_body_is_read_as_json_whatever_it_is_called(team: Team, kind: str) -> None:
    """Tools call it text or a form. What is blank is not given, and no control character comes in."""
    body = {"company": "Ac\0me", "sent_at": ""}
    assert team.posts_webhook(body, headers={"content-type": kind}).status == 202
    received = team.mql(1)
    assert (received.company, received.received_at) == ("Acme", received.read_at)


def test_a_body_over_256_kib_is_refused_and_one_of_256_kib_is_read(team: Team) -> None:
    frame = len(json.dumps({"company": ""}))
    assert team.posts_webhook({"company": "x" * (256 * 1024 - frame)}).status == 422
    assert team.posts_webhook({"company": "x" * (256 * 1024 - frame + 1)}).status == 413


def test_a_workspace_without_settings_answers_that_it_is_to_be_sent_again(team: Team) -> None:
    with team.database.transaction() as tx:
        tx.execute(workspace.update().values(policy_id=None))
    answer = team.posts_webhook({"company": "Acme"}, id="msg_1")
    assert (answer.status, answer.body["error"]) == (503, "not_configured")


def test_the_same_lead_again_adds_to_the_open_mql(team: Team) -> None:
    team.receives("Acme", external_id="42", email="jane@example.com")
    assert team.receives("Acme Ltd", external_id="42").body == {"number": 1, "repeated": True}
    assert team.receives("Acme KK", email="JANE@example.com", message="まだですか").body["repeated"]
    assert len(_cards(team)) == 1
    team.channel("mql").expect("まだですか")
    assert [event.type for event in team.log(1)].count(EventType.RECEIVED_AGAIN) == 2
    assert team.mql(1).company == "Acme"
    assert team.mql(1).message == "まだですか"


def test_a_lead_that_comes_back_after_it_was_closed_is_a_new_mql(team: Team) -> None:
    team.receives("Acme", external_id="42")
    team.accepts(1)
    sato = team.user("sato")
    sato.types("/mql-feedback 1")
    sato.modal.fill({"disposition": "recycled"})
    sato.modal.fill({"recycle_on": "2027-04-01"})
    sato.modal.submit()
    assert team.receives("Acme", external_id="42").body == {"number": 2, "repeated": False}


def test_hubspots_notification_becomes_an_mql(team: Team) -> None:
    team.app("HubSpot").posts("mql-intake", attachments=HUBSPOT, classic=True)
    mql = team.mql(1)
    assert (mql.company, mql.person, mql.email) == ("Acme", "Jane Doe", "jane@example.com")
    team.dm("sato").expect("Acme", "Jane Doe")


def test_a_form_tools_japanese_notification_becomes_an_mql(team: Team) -> None:
    team.app("フォーム").posts(
        "mql-intake", text="会社名：株式会社青葉\nお名前：山本 花\nメールアドレス：hana@example.com"
    )
    mql = team.mql(1)
    assert (mql.company, mql.person, mql.email) == ("株式会社青葉", "山本 花", "hana@example.com")


def test_a_message_in_blocks_becomes_an_mql(team: Team) -> None:
    fields = [{"type": "mrkdwn", "text": "*Company:*\nAcme"}, {"type": "mrkdwn", "text": "*Email:*\njane@example.com"}]
    team.app("Zap").posts("mql-intake", text="New lead", blocks=[{"type": "section", "fields": fields}])
    assert team.mql(1).company == "Acme"


def test_people_who_talk_in_the_intake_channel_make_no_mql(team: Team) -> None:
    team.user("ito").says("会社名：株式会社青葉\nメールアドレス：hana@example.com", channel="mql-intake")
    assert _cards(team) == []
    assert [m.text for m in team.channel("mql-intake").messages if m.author == "mql-bot"] == []


def test_an_apps_message_in_another_channel_or_a_thread_makes_no_mql(team: Team) -> None:
    team.app("HubSpot").posts("sales", attachments=HUBSPOT)
    opener = team.slack.user("ito").says("メモ", channel="mql-intake").message
    team.app("HubSpot").posts("mql-intake", attachments=HUBSPOT, thread=opener)
    assert _cards(team) == []


def test_a_message_that_cannot_be_read_waits_in_a_queue_with_a_note_in_its_thread(team: Team) -> None:
    posted = team.app("HubSpot").posts("mql-intake", text="Please have a look").message
    note = team.channel("mql-intake").thread(posted).messages[-1]
    assert note.buttons == [ja("button.enter"), ja("button.not_mql")]
    assert "1" in team.user("ito").opens_home().text
    team.user("ito").press(ja("button.not_mql"))
    assert note.buttons == [ja("button.is_lead"), ja("button.never_headline"), ja("button.never_app")]
    with team.database.snapshot() as tx:
        assert unreadables.waiting(tx, team.id) == []


def test_the_app_home_shows_at_once_that_an_unreadable_message_has_been_dealt_with(team: Team) -> None:
    ito = team.user("ito")
    for key in ("button.not_mql", "button.enter"):
        team.app("HubSpot").posts("mql-intake", text="Please have a look")
        home = ito.opens_home()
        home.press(ja(key))
        if ito.modal:
            ito.modal.fill({"company": "Acme"})
            ito.modal.submit()
        assert ja(key) not in home.text


def test_a_message_that_cannot_be_read_can_be_entered_by_hand(team: Team) -> None:
    posted = team.app("HubSpot").posts("mql-intake", text="New lead!").message
    ito = team.user("ito")
    ito.press(ja("button.enter"))
    ito.modal.fill({"company": "Acme", "email": "jane@example.com"})
    ito.modal.submit()
    assert team.mql(1).company == "Acme"
    assert "#1" in team.channel("mql-intake").thread(posted).messages[-1].text
    with team.database.snapshot() as tx:
        entry = unreadables.get(tx, team.id, 1)
    assert entry is not None
    assert (entry.state, entry.mql_id) == (UnreadableState.ENTERED, team.mql(1).id)


def test_only_those_who_see_to_the_intake_may_deal_with_an_unreadable_message(team: Team) -> None:
    posted = team.app("HubSpot").posts("mql-intake", text="New lead!").message
    note = team.channel("mql-intake").thread(posted).messages[-1]
    sato = team.user("sato")
    for key in ("button.enter", "button.not_mql"):
        sato.press(ja(key), in_=note)
        assert sato.modal is None
    reply = team.slack.user("sato").sees("mql-intake").messages[-1]
    assert (reply.ephemeral_for, reply.text) == ("sato", ja("reply.intake_not_allowed"))
    with team.database.snapshot() as tx:
        assert len(unreadables.waiting(tx, team.id)) == 1


@pytest.mark.parametrize("name", ["ito", "tanaka", "yamada", "kim"])
def test_marketing_and_those_who_lead_may_deal_with_an_unreadable_message(team: Team, name: str) -> None:
    team.app("HubSpot").posts("mql-intake", text="New lead!")
    team.user(name).press(ja("button.not_mql"), in_=team.slack.user(name).sees("mql-intake"))
    with team.database.snapshot() as tx:
        assert unreadables.waiting(tx, team.id) == []


def test_a_message_dismissed_while_somebody_enters_it_counts_as_entered(team: Team) -> None:
    posted = team.app("HubSpot").posts("mql-intake", text="New lead!").message
    ito = team.user("ito")
    ito.press(ja("button.enter"))
    ito.modal.fill({"company": "Acme"})
    team.user("tanaka").press(ja("button.not_mql"), in_=team.slack.user("tanaka").sees("mql-intake"))
    ito.modal.submit()
    with team.database.snapshot() as tx:
        entry = unreadables.get(tx, team.id, 1)
    assert entry is not None
    assert (entry.state, entry.closed_by, entry.mql_id) == (UnreadableState.ENTERED, ito.id, team.mql(1).id)
    note = team.channel("mql-intake").thread(posted).messages[-1]
    assert "#1" in note.text
    assert "伊藤" in note.text


def test_a_lead_entered_by_hand_becomes_an_mql(team: Team) -> None:
    ito = team.user("ito")
    ito.types("/mql new", channel="marketing")
    ito.modal.fill({"company": "Acme", "person": "Jane Doe", "score": "70"})
    assert ito.modal.submit().errors == {}
    assert "#1" in ito.modal.text
    assert (team.mql(1).score, team.log(1)[0].actor) == (70, ito.id)


def test_a_form_without_company_person_or_email_says_what_is_missing_and_stays_open(team: Team) -> None:
    ito = team.user("ito")
    ito.types("/mql new", channel="marketing")
    ito.modal.fill({"phone": "03-0000-0000"})
    assert "会社名" in ito.modal.submit().errors["company"]
    ito.modal.fill({"company": "Acme"})
    assert ito.modal.submit().errors == {}
    assert team.mql(1).phone == "03-0000-0000"


def test_a_hostile_lead_pings_nobody_and_breaks_nothing(team: Team) -> None:
    hostile = "<!channel> <https://evil.example|click> & 😀" * 100 + "\u202e"
    team.receives("<!channel>", person="<@U0KIM00001>", message=hostile[:5000], channel="*bold*")
    (card,) = [message for message in team.channel("mql").messages if message.thread is None]
    marked_up = [text["text"] for text in _objects(card.blocks) if text.get("type") == "mrkdwn"]
    assert any("&lt;!channel&gt;" in text for text in [*marked_up, card.record.text])
    for text in [*marked_up, card.record.text]:
        assert "<!channel>" not in text
        assert "<https://evil" not in text
        assert "<@U0KIM00001>" not in text


def _objects(value: object) -> list[dict[str, Any]]:
    """Every JSON object inside a payload."""
    if isinstance(value, list):
        return [item for inner in value for item in _objects(inner)]
    if isinstance(value, dict):
        return [value, *_objects(list(value.values()))]
    return []


def test_what_was_posted_while_the_bot_was_away_is_read_when_it_is_back(team: Team) -> None:
    team.may_break = ("could not reach the bot",)
    team.catch_up()
    team.stop_bot()
    team.app("HubSpot").posts("mql-intake", attachments=HUBSPOT, classic=True)
    team.advance(hours=72)
    team.start_bot()
    team.catch_up()
    assert team.mql(1).company == "Acme"
    team.catch_up()
    assert len(_cards(team)) == 1


def test_an_event_that_failed_is_sent_again_by_slack_and_taken_once(team: Team) -> None:
    team.may_break = ("could not reach the bot",)
    team.stop_bot()
    team.app("HubSpot").posts("mql-intake", attachments=HUBSPOT, classic=True)
    team.start_bot()
    team.advance(minutes=1)
    team.advance(minutes=5)
    assert len(_cards(team)) == 1


def test_a_new_intake_channel_is_read_from_now_on_not_from_the_beginning(team: Team) -> None:
    team.catch_up()
    team.app("HubSpot").posts("sales", attachments=HUBSPOT, classic=True)
    team.advance(hours=1)
    with team.database.transaction() as tx:
        now_wanted = teamfile.current(tx, team.id)
        assert now_wanted is not None
        teamfile.apply(tx, replace(now_wanted, intake_channel=team.channel("sales").id), team.time.now())
    team.catch_up()
    assert _cards(team) == []
    team.app("HubSpot").posts("sales", attachments=HUBSPOT, classic=True)
    assert len(_cards(team)) == 1
