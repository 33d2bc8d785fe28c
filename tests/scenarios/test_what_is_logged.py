"""The log of a whole story: every fact on one line, and no token, name, address or text of anybody on any."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
import sqlalchemy as sa

from bot import logs
from bot.connectors import notification
from bot.connectors.parser.ours import Ours
from bot.slack.blocks.mql import direct_messages
from storage import models
from storage.vocabulary import EventType, OutboxState
from tests.installation import SECRET
from tests.scenarios.stage import Team, ja
from tests.thorough import thoroughly

LEAD: dict[str, Any] = {
    "company": "株式会社みなと製作所",
    "person": "高橋 直樹",
    "title": "情報システム部長",
    "email": "Takahashi@minato.example",
    "phone": "03-5550-0100",
    "message": "来週中にお見積りをいただけますか",
    "campaign": "秋の展示会ひみつ",
    "score_reason": "価格表を三度閲覧",
    "crm_url": "https://crm.example/leads/opaque77",
    "attributes": {"部署": "製造第二課"},
}
SAID = ("既存のお客様なので", "得意な地域のため", "社内の検証用でした", "稟議待ちとのこと")
POSTED = "*Company*: Aozora Trading\n*Name*: Jane Roe\n*Email*: <mailto:jane@aozora.example|jane@aozora.example>"


class Captured:
    """The log as a collector gets it."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys, self._read = capsys, ""

    @property
    def text(self) -> str:
        # JSON writes a Japanese character as an escape, which would hide the word from us.
        return "\n".join(json.dumps(line, ensure_ascii=False) for line in self.lines)

    @property
    def lines(self) -> list[dict[str, Any]]:
        self._read += self._capsys.readouterr().err
        return [json.loads(line) for line in self._read.splitlines()]


@pytest.fixture(params=thoroughly(["INFO", "DEBUG"], but=["DEBUG"]))
def captured(
    request: pytest.FixtureRequest, team: Team, capsys: pytest.CaptureFixture[str], _logs_as_before: None
) -> Captured:
    logs.configure(request.param, "json")
    return Captured(capsys)


def tell(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that can happen to leads, with trouble of every kind on the way."""
    _leads_come_in(team, monkeypatch)
    _people_answer(team)
    _deadlines_pass(team)
    _slack_makes_trouble(team, monkeypatch)


def _leads_come_in(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    team.receives(**LEAD, score=82)  # 1
    team.receives(**LEAD, score=90)
    team.posts_webhook({"company": "Bravo"}, id="msg_1")  # 2
    team.posts_webhook({"company": "Bravo"}, id="msg_1")
    assert team.posts_webhook({**LEAD, "email": "高橋のアドレス", "colour": "内緒の色"}).status == 422
    assert team.posts_webhook(LEAD, secret="whsec_" + "A" * 43 + "=").status == 401
    team.app("HubSpot").posts("mql-intake", text=POSTED)  # 3
    team.app("HubSpot").posts("mql-intake", text="今月のウェビナーのまとめ: 渡辺さんへ")
    ito = team.user("ito")
    ito.types("/mql new", channel="marketing")
    ito.modal.fill({"company": "丹波酒造", "person": "西村"})
    ito.modal.submit()  # 4

    def broken(message: dict[str, Any], ours: Ours) -> Any:
        raise ValueError(message["text"])

    with monkeypatch.context() as patch:
        patch.setattr(notification, "read", broken)
        assert team.slack.app("HubSpot").posts("mql-intake", text=POSTED.replace("Jane", "June")).status == 500
        team.catch_up()


def _people_answer(team: Team) -> None:
    sato, suzuki, brown = (team.user(name) for name in ("sato", "suzuki", "brown"))
    suzuki.press(ja("button.accept"), in_=team.channel("mql").messages[0])  # not hers
    sato.press(ja("button.accept"), in_=team.dm("sato"))
    team.accepts(1)
    sato.types("/mql-feedback 1")
    sato.modal.fill({"disposition": "disqualified"})
    sato.modal.fill({"lost_reason": "other", "comment": SAID[2]})
    sato.modal.submit()
    suzuki.press(ja("button.decline"), in_=team.dm("suzuki"))
    suzuki.modal.fill({"why_not": SAID[0]})
    suzuki.modal.submit()
    brown.press(ja("button.contacted"), in_=team.dm("brown"))
    team.accepts(3)
    brown.types("/mql-feedback 3")
    brown.modal.fill({"disposition": "recycled"})
    brown.modal.fill({"comment": SAID[3]})
    brown.modal.submit()


def _deadlines_pass(team: Team) -> None:
    team.receives("琴平印刷", person="森川 明")
    team.advance(hours=25)
    team.user("tanaka").press(ja("button.remind"), in_=team.dm("tanaka"))
    team.advance(hours=30)
    team.at(weekday=0, hour=9)


def _slack_makes_trouble(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*given: Any) -> Any:
        raise ValueError(repr(given))

    with monkeypatch.context() as patch:
        patch.setattr(direct_messages, "assignment", broken)
        team.receives("深川精機", person="大野 恵", email="ohno@fukagawa.example")
    team.slack.admin.remove_bot("mql")
    team.receives("花巻工業")
    team.advance(minutes=10)
    team.looks_after_itself(minutes=2)


def test_every_fact_has_one_line_and_no_token_name_address_or_text_is_on_any(
    team: Team, captured: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two statements about one story, which is long."""
    team.may_break = ("the app is not a member", "answered 500")
    tell(team, monkeypatch)
    names_nobody(team, captured.text)
    names_every_fact_once(team, captured.lines)


def names_nobody(team: Team, text: str) -> None:
    private = [text for value in LEAD.values() for text in (value.values() if isinstance(value, dict) else [value])]
    private += [LEAD["email"].lower(), "takahashi", "高橋", "みなと", *SAID, "高橋のアドレス", "内緒の色"]
    private += ["Aozora", "Jane", "June", "Roe", "jane@aozora.example", "渡辺", "丹波", "西村"]
    private += ["深川", "大野", "ohno", "花巻", "Bravo", "琴平", "森川"]
    private += [word for person in team.slack.people for word in (person.real_name, *person.real_name.split())]
    private += [team.slack.bot_token, team.slack.signing_secret, team.slack.app_token, SECRET, SECRET[6:]]
    assert text
    assert [word for word in private if word in text] == []


def names_every_fact_once(team: Team, lines: list[dict[str, Any]]) -> None:
    """With its workspace and the number of its MQL."""
    logged = Counter((line["event"], line.get("mql")) for line in lines if line["event"] in set(EventType))
    told_by_delivery = (EventType.MESSAGE_DEAD, EventType.MESSAGE_DROPPED)
    with team.database.snapshot() as tx:
        query = sa.select(models.event.c.type, models.mql.c.number).join(models.mql)
        happened = Counter(row for row in map(tuple, tx.execute(query)) if row[0] not in told_by_delivery)
        # What is told with another message has the line of that one.
        alone = sa.func.coalesce(models.outbox.c.error, "").not_like("told with message %")
        outbox = tx.execute(sa.select(models.outbox.c.id, models.outbox.c.state).where(alone)).all()
    assert {pair: count for pair, count in logged.items() if pair[0] not in told_by_delivery} == happened
    for kind in ("received", "received_again", "assigned", "accepted", "reminded", "breached", "escalated", "refused"):
        assert any(pair[0] == kind for pair in happened), kind
    delivered = Counter((line["outbox"], line["event"]) for line in lines if line["event"].startswith("message_"))
    settled = (OutboxState.SENT, OutboxState.DEAD, OutboxState.DROPPED)
    wanted = Counter((row.id, f"message_{row.state}") for row in outbox if row.state in settled)
    assert wanted
    assert {state for _, state in wanted} >= {"message_sent", "message_dead"}
    assert {pair: count for pair, count in delivered.items() if pair[1] in {state for _, state in wanted}} == wanted
    facts = [line for line in lines if line["event"] in {*EventType} or line["event"].startswith("message_")]
    assert {line["workspace"] for line in facts} == {team.id}


def test_a_checkpoint_says_how_late_it_was_written_down(team: Team, captured: Captured) -> None:
    team.receives("Acme")
    team.stop_bot()
    team.advance(hours=13)
    team.start_bot()
    (line,) = [line for line in captured.lines if line["event"] == "reminded"]
    assert (line["clock"], line["mql"], line["late"]) == ("response", 1, 3600)
