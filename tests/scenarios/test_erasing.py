"""A person who is erased is nowhere to be read any more: not on the card, nor in its thread, nor in a message."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot import logs, worker
from bot.core.base.results import Done
from bot.core.mql import erasure, intake
from bot.core.mql.erasure import Request
from bot.core.mql.feedback import Answer
from bot.core.mql.lead import Lead
from bot.core.sla.policy import QuietHours
from bot.slack.context import AppContext
from playground import Playground
from storage import erasures, models, mqls, workspaces
from storage.models import Mql
from storage.vocabulary import Disposition, ErasedFor, EventType, Source, Status
from tests.core.kit import accept_and_report
from tests.scenarios.stage import Team, ja

JANE = {"person": "秘密 花子", "email": "hanako@secret.example", "phone": "03-0000-0001", "message": "秘密のご相談です"}
SECRETS = ("秘密", "secret", "0000-0001")


def keeps(team: Team, days: int) -> None:
    with team.database.transaction() as tx:
        workspaces.save(tx, team.id, team.time.now(), erase_after_days=days)


def everything(slack: Playground) -> list[str]:
    """All that stands in Slack, as anybody reads it or is notified of it."""
    with slack.workspace.lock:
        records = [message for channel in slack.workspace.channels.values() for message in channel.messages]
    return [f"{record.text} {record.blocks} {record.attachments}" for record in records]


def texts_with_secrets(team: Team) -> list[str]:
    return [text for text in everything(team.slack) if any(secret in text for secret in SECRETS)]


def disqualify(team: Team, name: str, number: int, comment: str) -> None:
    team.accepts(number)
    person = team.user(name)
    person.types(f"/mql-feedback {number}")
    person.modal.fill({"disposition": "disqualified"})
    person.modal.fill({"lost_reason": "no_budget", "comment": comment})
    assert person.modal.submit().errors == {}


def erase(team: Team, number: int) -> None:
    with team.database.transaction() as tx:
        erasure.erase_person(tx, team.id, Request(numbers=(number,)), team.time.now())


def test_what_is_old_enough_is_erased_from_every_message(team: Team) -> None:
    keeps(team, 30)
    team.receives("Acme", **JANE)
    team.receives("Acme", **JANE | {"message": "もう一度、秘密のご相談です"})
    team.advance(hours=49)  # reminders, both escalations, a note in the thread
    team.at(weekday=0, hour=9)  # a digest that names it
    disqualify(team, "sato", 1, "秘密の事情あり")
    team.receives("Other", person="別の人")
    assert len(texts_with_secrets(team)) > 10
    team.advance(days=30)
    assert team.mql(1).erased_at is None
    team.advance(minutes=1)
    assert team.mql(1).erased_at is not None
    team.advance(minutes=5)
    assert texts_with_secrets(team) == []
    card, *_ = team.channel("mql").messages
    assert card.text.startswith("Acme(削除済み)")
    assert "見送り" in card.text
    assert "予算なし" in card.text
    assert card.buttons == [ja("button.show")]
    team.channel("mql").expect("別の人")
    assert "/mql report 2026-W47" in "".join(everything(team.slack))
    assert team.log(1)[-1].type == EventType.ERASED

    team.user("tanaka").types("/mql show 1", channel="sales")
    shown = team.user("tanaka").modal.text
    assert ja("note.erased.age") in shown
    assert not any(secret in shown for secret in SECRETS)


def test_an_open_mql_of_somebody_who_asks_is_withdrawn_and_its_card_says_so(team: Team) -> None:
    team.receives("Acme", **JANE)
    team.advance(hours=12)
    erase(team, 1)
    team.advance(minutes=2)
    assert texts_with_secrets(team) == []
    (card, *_) = [message for message in team.channel("mql").messages if message.thread is None]
    assert "取り下げ" in card.text
    assert ja("outcome.withdrawn_by_erasure") in card.text
    assert card.buttons == [ja("button.show")]
    team.channel("mql").expect(ja("note.erased.request"))
    for message in team.dm("sato").messages:
        assert ja("outcome.withdrawn_by_erasure") in message.text
        assert message.buttons in ([], [ja("button.show")])
    for name in ("sato", "tanaka", "yamada"):
        team.dm(name).unread()
    team.advance(hours=72)
    team.dm("sato").expect_nothing()
    team.dm("tanaka").expect_nothing()
    team.dm("yamada").expect_nothing()
    assert team.mql(1).status == Status.WITHDRAWN


def test_a_button_that_a_phone_still_shows_explains_itself(team: Team) -> None:
    team.receives("Acme", **JANE)
    message = team.dm("sato").messages[0]
    old = {"button.accept": list(message.blocks)}
    team.accepts(1)
    old["button.report"] = list(message.blocks)
    erase(team, 1)
    team.advance(minutes=1)
    for word, blocks in old.items():
        message.record.blocks = blocks
        team.user("sato").press(ja(word), in_=message)
        team.dm("sato").expect(ja("reply.erased"))
    assert team.user("sato").types("/mql-feedback 1").text == ja("reply.erased")


def test_a_list_names_who_was_erased_no_more_and_the_others_still(team: Team) -> None:
    team.agrees(quiet=QuietHours(start="20:00", end="08:00"))
    team.at(weekday=1, hour=21)
    team.receives("Acme", **JANE)
    team.receives("Delta", person="別の人")
    team.at(weekday=2, hour=22)
    team.at(weekday=3, hour=8)
    listed = team.dm("tanaka").expect("秘密", "別の人")
    erase(team, 1)
    team.advance(minutes=3)
    assert "別の人" in listed.text
    assert texts_with_secrets(team) == []


@pytest.fixture
def old(team: Team) -> AppContext:
    """Seven MQLs that are old enough, and the office that is to erase them."""
    keeps(team, 1)
    now, unfit = team.time.now(), Answer(disposition=Disposition.DISQUALIFIED, lost_reason="no_budget", comment="秘密")
    with team.database.transaction() as tx:
        for number in range(1, 8):
            lead = Lead(company=f"Company {number}", person=f"秘密 {number}")
            mql_id = intake.receive(tx, team.id, lead, Source.GENERIC, now).mql_id
            subject = mqls.get(tx, team.id, mql_id)
            assert subject is not None
            assert isinstance(accept_and_report(tx, team.id, mql_id, subject.owner or "", unfit, now), Done)
    team.settle()
    team.time.advance(timedelta(days=2))
    assert team.bot is not None
    return team.bot.parts.context


def test_a_few_are_erased_at_a_time_so_that_others_messages_are_not_held_up(team: Team, old: AppContext) -> None:
    assert [worker.erase(old) for _ in range(4)] == [3, 3, 1, 0]
    assert {team.log(number)[-1].reason for number in range(1, 8)} == {ErasedFor.AGE}


def test_what_is_erased_for_its_age_is_in_no_file_either(team: Team, old: AppContext) -> None:
    file = Path(str(team.database.url.database))
    assert worker.erase(old) == 3
    data = b"".join(part.read_bytes() for part in (file, Path(f"{file}-wal"), Path(f"{file}-shm")))
    assert {number: f"秘密 {number}".encode() in data for number in (1, 2, 3, 7)} == {
        1: False,
        2: False,
        3: False,
        7: True,
    }


def test_the_log_line_holds_counts_and_nobodys_name(
    team: Team, old: AppContext, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("INFO", "json")
    worker.erase(old)
    logs.configure("WARNING", "console")
    (line,) = [line for line in capsys.readouterr().err.splitlines() if '"erased"' in line and '"mqls"' in line]
    entry = json.loads(line)
    assert (entry["event"], entry["workspace"], entry["mqls"], entry["fields"], entry["feedback"]) == (
        "erased",
        team.id,
        3,
        3,
        3,
    )
    assert not any(secret in line for secret in (*SECRETS, "Company", "\\u79d8"))


def test_one_that_cannot_be_erased_holds_up_none_behind_it(
    team: Team, old: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = erasures.erase_feedback

    def broken(tx: sa.Connection, subject: Mql) -> int:
        if subject.number == 1:
            raise RuntimeError("broken")
        return whole(tx, subject)

    monkeypatch.setattr(erasures, "erase_feedback", broken)
    assert [worker.erase(old) for _ in range(3)] == [3, 3, 0]
    # Nothing of it is half erased.
    assert (team.mql(1).person, team.mql(1).erased_at) == ("秘密 1", None)


@pytest.mark.thorough
def test_receipts_go_with_the_age_of_thirty_days(team: Team, old: AppContext) -> None:
    def receipts() -> int:
        with team.database.snapshot() as tx:
            return tx.execute(sa.select(sa.func.count()).select_from(models.receipt)).scalar_one()

    count = receipts()
    assert count > 7
    assert worker.sweep(old) == 0
    team.time.advance(timedelta(days=30))
    assert worker.sweep(old) == count
    assert receipts() == 0
