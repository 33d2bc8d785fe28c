"""Every request of the story sent twice: each webhook by its sender, each press, form, command and event by Slack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from playground import Message
from storage import models
from storage.database import Database
from storage.vocabulary import EventType, Status
from tests.scenarios.stage import Team, ja
from tests.scenarios.test_intake import HUBSPOT


@pytest.fixture
def team(database: Database) -> Iterator[Team]:
    """A team whose network delivers everything twice."""
    team = Team(database, twice=True)
    yield team
    team.close()


def _count(team: Team, table: sa.Table) -> int:
    with team.database.snapshot() as tx:
        return int(tx.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def test_no_mql_event_or_feedback_is_lost_or_doubled(team: Team) -> None:
    team.may_break = ("was used already", "has changed since")  # the second of each
    team.receives("Acme", email="jane@acme.example")
    team.app("HubSpot").posts("mql-intake", attachments=HUBSPOT, classic=True)
    team.app("HubSpot").posts("mql-intake", text="Please have a look")
    ito = team.user("ito")
    ito.types("/mql new", channel="marketing")
    ito.modal.fill({"company": "Gamma"})
    ito.modal.submit()

    team.user("sato").press(ja("button.accept"), in_=team.dm("sato"))
    team.user("sato").press(ja("button.contacted"), in_=team.dm("sato"))
    sato = team.user("sato")
    sato.press(ja("button.how"), in_=team.dm("sato"))
    sato.modal.fill({"contact_kind": "call"})
    sato.modal.submit()
    team.reports_activity("meeting", number=1)
    sato.types("/mql-feedback 1")
    sato.modal.fill({"disposition": "qualified"})
    sato.modal.submit()
    suzuki = team.user("suzuki")
    suzuki.press(ja("button.decline"), in_=team.dm("suzuki"))
    suzuki.modal.fill({"why_not": "既存のお客様です"})
    suzuki.modal.submit()
    team.advance(hours=24)
    team.user("tanaka").press(ja("button.remind"))
    team.user("ito").press(ja("button.not_mql"))
    team.at(weekday=0, hour=9)

    assert _count(team, models.mql) == 3
    assert _count(team, models.feedback) == 1
    assert _count(team, models.unreadable) == 1
    assert team.mql(1).status == Status.QUALIFIED
    kinds = Counter(event.type for event in team.log(1))
    assert kinds == Counter(
        [EventType.RECEIVED, EventType.ASSIGNED, EventType.ACCEPTED, EventType.CONTACTED, EventType.DISPOSED]
        + [EventType.EVIDENCE] * 2  # how it was, and the meeting
    )
    assert Counter(event.type for event in team.log(2))[EventType.DECLINED] == 1
    cards = [m for m in team.channel("mql").messages if m.thread is None and not m.ephemeral_for]
    assert len(cards) == 3
    assert len([m for m in team.dm("tanaka").messages if "週次レポート" in m.text]) == 1
    _each_message_once(team)


def test_the_queue_and_what_is_learnt_from_it_are_there_once(team: Team) -> None:
    team.may_break = ("was used already", "has changed since")
    app, ito = team.app("自社フォーム"), team.user("ito")
    first = app.posts("mql-intake", text="区分甲: 若葉社\nメモ欄: 至急").message
    second = app.posts("mql-intake", text="電話番号: 03-0000-1111").message
    team.advance(minutes=2)
    app.edits(second, "会社名: 株式会社青葉")
    ito.press(ja("button.teach"), in_=team.channel("mql-intake").thread(first).messages[-1])
    ito.modal.fill({"label_field:区分甲": "company"})
    ito.modal.submit()
    app.posts("mql-intake", text="*Deal won!*\n*Amount:* $5,000")
    ito.press(ja("button.never_app"))
    team.advance(hours=5)
    kept = (models.mql, models.unreadable, models.sender_mapping, models.sender_rule)
    assert [_count(team, table) for table in kept] == [2, 3, 1, 1]
    assert [team.mql(number).company for number in (1, 2)] == ["株式会社青葉", "若葉社"]
    _each_message_once(team)


def _each_message_once(team: Team) -> None:
    """Every row of the outbox that was sent stands exactly once in Slack."""
    keys = [m.metadata["event_payload"]["key"] for m in _all_messages(team) if m.metadata]
    assert [key for key, count in Counter(keys).items() if count > 1] == []
    with team.database.snapshot() as tx:
        query = sa.select(models.outbox.c.key).where(
            models.outbox.c.state == "sent", models.outbox.c.kind.not_in(["edit", "private"])
        )
        sent = set(tx.execute(query).scalars())
    assert sent == set(keys)


def _all_messages(team: Team) -> list[Message]:
    people = ("sato", "suzuki", "brown", "tanaka", "yamada", "ito", "kim")
    conversations = [team.channel(name) for name in ("mql", "mql-intake")] + [team.dm(name) for name in people]
    return [message for conversation in conversations for message in conversation.messages]
