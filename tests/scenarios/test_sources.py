"""Tools send to addresses of their own: whoever proves to be one is never refused for what it sends."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import worker
from bot.connectors.sources import setup
from bot.connectors.sources.vault import Vault
from bot.core.mql import erasure, intake
from bot.core.mql.erasure import Request
from bot.slack.blocks.base import ids
from storage import audits, deliveries, sources, unreadables
from storage.database import Database
from storage.models import DeliveryItem, delivery_item, workspace
from storage.vocabulary import AuditKind, Became, DeliveryState, EventType, Proof, Source, SourceKind, Status
from tests.connectors.sources.deliveries import ORGANIZATION, SAMPLES, Sample, outbound_message, sobject
from tests.scenarios.stage import Team, ja
from tests.tools import VAULT, Tool, call


@pytest.fixture(scope="module")
def shared(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """One team for all tests that do not mind each other."""
    file = tmp_path_factory.mktemp("shared") / "mql.db"
    database = Database(f"sqlite:///{shutil.copy(migrated_file, file)}")
    team = Team(database)
    yield team
    team.close()
    database.close()


LEAD = {"会社名": "株式会社青葉", "お名前": "田中 花子", "メールアドレス": "hanako@aoba.example"}


def tool(team: Team, kind: SourceKind = SourceKind.MAPPING, proof: Proof | None = None, **settings: Any) -> Tool:
    assert team.bot is not None
    return Tool(team.database, team.id, team.bot.address, kind, proof, **settings)


def items(team: Team) -> list[DeliveryItem]:
    """Everything that was delivered, in order."""
    with team.database.snapshot() as tx:
        rows = tx.execute(delivery_item.select().order_by(delivery_item.c.delivery_id, delivery_item.c.position))
        return [DeliveryItem(**row) for row in rows.mappings()]


def became(team: Team) -> list[Became]:
    """What became of it."""
    return [item.became for item in items(team)]


def waiting(team: Team) -> list[str]:
    with team.database.snapshot() as tx:
        return [entry.reason for entry in unreadables.waiting(tx, team.id)]


def test_a_form_of_any_tool_is_an_mql_with_its_owner_at_once(team: Team) -> None:
    web = tool(team, defaults={"channel": "資料請求", "campaign": "秋"})
    heard = web.sends({**LEAD, "従業員数": "300"})
    assert (heard.status, heard.json) == (200, {"results": ["new"]})
    team.settle()
    team.channel("mql").expect("株式会社青葉")
    mql = team.mql(1)
    assert (mql.source, mql.channel, mql.campaign, mql.status) == (Source.MAPPING, "資料請求", "秋", Status.ASSIGNED)
    assert mql.attributes == {"従業員数": "300"}


SIGNED = [kind for kind in SourceKind if kind not in (SourceKind.BOWNOW, SourceKind.GOOGLE_ADS)]


@pytest.mark.parametrize(
    "sample", [sample for sample in SAMPLES if sample.kind in SIGNED], ids=lambda sample: sample.name
)
def test_a_delivery_of_each_tool_by_its_own_proof_is_the_right_mql(shared: Team, sample: Sample) -> None:
    sender = tool(shared, SourceKind(sample.kind), name=f"s{SAMPLES.index(sample)}")
    heard = sender.sends(sample.body, content_type=sample.content_type)
    assert heard.status == 200, heard.text
    with shared.database.snapshot() as tx:
        source = sources.named(tx, shared.id, sender.name)
        assert source is not None
        (kept,) = deliveries.newest(tx, shared.id, source.id)
        (item,) = deliveries.items(tx, shared.id, kept.id)
    assert (source.last_proof, source.last_state) == (sender.proof, DeliveryState.TAKEN)
    assert item.became in (Became.NEW, Became.JOINED)
    if sample.key:
        assert sender.sends(sample.body, content_type=sample.content_type).text == heard.text


@pytest.mark.parametrize("proof", [Proof.ADDRESS, Proof.HEADER])
@pytest.mark.parametrize("header", ["authorization", "x-our-key"])
def test_only_who_knows_the_secret_is_let_in(team: Team, proof: Proof, header: str) -> None:
    web = tool(team, proof=proof, header=header)
    base = web.address
    right = web.proves(b"{}")
    strangers = [
        call(f"{base}/hooks/web", b"{}"),
        call(f"{base}/hooks/web/", b"{}"),
        call(f"{base}/hooks/web/{'x' * 43}", b"{}"),
        call(f"{base}/hooks/web/{web.issued.token}x/more", b"{}"),
        call(f"{base}/hooks/web", b"{}", dict.fromkeys(right, "Bearer wrong")),
        call(f"{base}/hooks/nobody/{web.issued.token}", b"{}", right),
        call(f"{base}/hooks/{'n' * 300}", b"{}", right),
    ]
    assert {answer.status for answer in strangers} == {401}
    assert len({answer.text for answer in strangers}) == 1
    assert web.sends(LEAD).status == 200
    assert len(became(team)) == 1


def test_basic_authentication_is_as_good_as_bearer(team: Team) -> None:
    web = tool(team, proof=Proof.HEADER)
    basic = base64.b64encode(f"mql:{web.issued.header}".encode()).decode()
    heard = web.sends(LEAD, {"authorization": f"Basic {basic}"})
    assert heard.status == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/hooks/web", "/hooks/web/", "/hooks/web/token", "/hooks/nobody/token/"])
def test_no_method_makes_an_address_disappear(shared: Team, method: str, path: str) -> None:
    assert shared.bot is not None
    heard = call(shared.bot.address + path, None, method=method)
    assert heard.status in (200, 405)


def test_the_source_says_why_it_refuses_and_the_caller_does_not_hear_it(team: Team) -> None:
    typeform = tool(team, SourceKind.TYPEFORM)
    heard = call(typeform.address + typeform.path, b"{}", {"content-type": "application/json"})
    assert heard.status == 401
    assert "header" not in heard.text
    # A stranger's floods are not a write each.
    for _ in range(3):
        call(typeform.address + typeform.path, b"{}", {"typeform-signature": "sha256=abc"})
    with team.database.snapshot() as tx:
        (source,) = sources.every(tx, team.id)
    assert [refusal["why"] for refusal in source.refusals] == ["missing_header"]


def test_what_names_nobody_waits_and_everything_else_of_its_batch_is_taken(team: Team) -> None:
    web = tool(team)
    heard = web.sends([LEAD, {"予算": "300万円"}, {**LEAD, "メールアドレス": "taro@aoba.example", "お名前": "鈴木"}])
    assert (heard.status, heard.json) == (200, {"results": ["new", "waits", "new"]})
    assert waiting(team) in (["nobody"], ["not_mapped"])
    with team.database.snapshot() as tx:
        assert [entry.sender_name for entry in unreadables.waiting(tx, team.id)] == [web.name]


def test_a_test_is_noted_and_makes_nothing(team: Team) -> None:
    ads = tool(team, SourceKind.GOOGLE_ADS)
    body = {
        "lead_id": "L1",
        "user_column_data": [{"column_id": "COMPANY_NAME", "string_value": "株式会社青葉"}],
        "google_key": ads.key,
        "is_test": True,
    }
    assert ads.sends(body).status == 200
    assert became(team) == [Became.NO_LEAD]
    assert ads.sends({**body, "google_key": "another"}).status == 401
    with team.database.snapshot() as tx:
        (source,) = sources.every(tx, team.id)
        (kept,) = deliveries.newest(tx, team.id, source.id)
    assert ads.key.encode() not in (deliveries.body_of(kept) or b"")


def test_the_same_delivery_again_is_answered_as_before_and_changes_nothing(team: Team) -> None:
    web = tool(team)
    first = web.sends(LEAD)
    assert web.sends(LEAD).json == first.json == {"results": ["new"]}
    team.advance(hours=2)
    # Long after, the same words are the same lead once more.
    assert web.sends(LEAD).json == {"results": ["joined"]}
    keyed = [web.sends({**LEAD, "備考": str(n)}, {"idempotency-key": "k-1"}).json for n in range(2)]
    assert keyed == [{"results": ["joined"]}] * 2
    assert len(became(team)) == 4


@pytest.mark.parametrize("proof", [Proof.SIGNED, Proof.ADDRESS])
def test_what_is_signed_without_a_date_is_known_again_however_late_somebody_repeats_it(
    team: Team, proof: Proof
) -> None:
    assert team.bot is not None
    with team.database.transaction() as tx:
        tx.execute(workspace.update().values(erase_after_days=1))
    form, body = tool(team, SourceKind.TYPEFORM, proof), next(s for s in SAMPLES if s.kind == SourceKind.TYPEFORM).body
    assert form.sends(body).json == {"results": ["new"]}
    team.time.advance(timedelta(days=31))
    while worker.sweep(team.bot.parts.context):
        pass
    assert form.sends(body).json == {"results": ["new" if proof == Proof.SIGNED else "joined"]}
    again = [event for event in team.log(1) if event.type == EventType.RECEIVED_AGAIN]
    assert len(again) == (proof == Proof.ADDRESS)


def test_what_is_signed_without_a_date_and_without_an_id_is_the_same_for_an_hour_and_then_joins_its_mql(
    team: Team,
) -> None:
    flow = tool(team, SourceKind.HUBSPOT, Proof.SIGNED)
    words = {"company": "株式会社青葉", "email": "hana@aoba.example"}
    assert [flow.sends(words).json for _ in range(2)] == [{"results": ["new"]}] * 2
    team.advance(hours=2)
    assert flow.sends(words).json == {"results": ["joined"]}
    assert [event.type for event in team.log(1)].count(EventType.RECEIVED_AGAIN) == 1


def test_ids_of_two_tools_with_numbers_of_their_own_are_two_leads(team: Team) -> None:
    first, second = tool(team, name="one"), tool(team, name="other")
    for sender, company in ((first, "青葉"), (second, "若葉")):
        assert sender.sends({"会社名": company, "リードID": "12"}).json == {"results": ["new"]}
    assert [team.mql(number).external_id for number in (1, 2)] == ["one:12", "other:12"]


@pytest.mark.thorough
def test_an_outbound_message_of_a_hundred_is_acknowledged_and_each_is_an_mql(team: Team) -> None:
    salesforce = tool(team, SourceKind.SALESFORCE, Proof.ADDRESS)
    subjects = [
        '<sObject xsi:type="sf:Lead" xmlns:sf="urn:sobject.enterprise.soap.sforce.com">'
        f"<sf:Id>00Q5e00000ZkM{number:03d}</sf:Id><sf:Company>会社{number}</sf:Company></sObject>"
        for number in range(100)
    ]
    heard = salesforce.sends(outbound_message(*subjects), content_type="text/xml")
    assert heard.status == 200
    assert "<Ack>true</Ack>" in heard.text
    assert became(team) == [Became.NEW] * 100


BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "' + b"x" * 1000 + b'">]><a>&b;</a>'


@pytest.mark.parametrize(
    ("kind", "body", "content_type"),
    [
        (SourceKind.SALESFORCE, BOMB, "text/xml"),
        (SourceKind.MAPPING, b"{", "application/json"),
        (SourceKind.MAPPING, b"", "application/json"),
    ],
)
def test_what_cannot_be_read_at_all_is_400_and_kept(
    team: Team, kind: SourceKind, body: bytes, content_type: str
) -> None:
    heard = tool(team, kind, Proof.ADDRESS).sends(body, content_type=content_type)
    assert heard.status == 400
    with team.database.snapshot() as tx:
        (source,) = sources.every(tx, team.id)
        (kept,) = deliveries.newest(tx, team.id, source.id)
    assert (source.last_state, deliveries.body_of(kept)) == (DeliveryState.UNREADABLE, body)


def test_a_body_of_a_megabyte_is_read_and_a_larger_one_is_413(team: Team) -> None:
    web = tool(team)
    filler = "あ" * 4_000
    large = {**LEAD, **{f"項目{number}": filler for number in range(80)}}
    assert 900_000 < len(json.dumps(large, ensure_ascii=False).encode()) < 1024 * 1024
    assert web.sends(large).status == 200
    assert web.sends(b"x" * (1024 * 1024 + 1)).status == 413


@pytest.mark.parametrize(("kind", "unit"), [(SourceKind.MAPPING, 1), (SourceKind.HUBSPOT, 1000)])
def test_a_sender_gone_wild_is_told_when_to_come_back_in_its_own_unit(
    team: Team, kind: SourceKind, unit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    web = tool(team, kind, Proof.ADDRESS)
    assert team.bot is not None
    monkeypatch.setattr("bot.hooks.A_SECOND", 0.1)
    monkeypatch.setattr("bot.hooks.AT_ONCE", 2)
    statuses = []
    for number in range(4):
        heard = web.sends({**LEAD, "備考": str(number)})
        statuses.append(heard.status)
    assert statuses == [200, 200, 429, 429]
    assert 5 * unit <= int(heard.headers["Retry-After"]) <= 10 * unit
    # Strangers do not use up what the sender may send, and others are not meant.
    assert call(web.address + "/hooks/web/none", b"{}").status == 401
    assert tool(team, name="another").sends(LEAD).status == 200


def test_two_secrets_hold_while_one_takes_the_place_of_the_other(team: Team) -> None:
    web = tool(team)
    old = web.issued
    with team.database.transaction() as tx:
        source = sources.named(tx, team.id, "web")
        assert source is not None
        new = setup.rotate(tx, VAULT, source, team.time.now())
    for issued in (old, new):
        web.issued = issued
        assert web.sends({**LEAD, "備考": issued.token}).status == 200
    with team.database.transaction() as tx:
        assert sources.end_rotation(tx, team.id, source.id) == 1
    assert web.sends({**LEAD, "備考": "3"}).status == 200
    web.issued = old
    assert web.sends(LEAD).status == 401


def test_a_key_that_cannot_be_read_is_503_and_never_401(team: Team) -> None:
    typeform = tool(team, SourceKind.TYPEFORM)
    assert team.bot is not None
    with team.database.transaction() as tx:
        (source,) = sources.every(tx, team.id)
        sources.end_rotation(tx, team.id, source.id)
        (secret,) = sources.secrets(tx, team.id, source.id)
        other = Vault(["b3RoZXIga2V5IG90aGVyIGtleSBvdGhlciBrZXkgISE="])
        sources.seal_again(tx, secret, other.seal("the key"))
    assert typeform.sends(LEAD).status == 503


def test_a_removed_source_is_answered_like_one_that_never_was(team: Team) -> None:
    web = tool(team)
    with team.database.transaction() as tx:
        (source,) = sources.every(tx, team.id)
        sources.remove(tx, team.id, source.id)
    assert web.sends(LEAD).status == 401
    assert tool(team).sends(LEAD).status == 200


def test_what_the_bot_stumbles_over_waits_and_the_others_are_taken(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    web = tool(team)
    receive = intake.receive

    def stumble(tx: Any, workspace_id: str, lead: Any, *rest: Any, **more: Any) -> Any:
        received = receive(tx, workspace_id, lead, *rest, **more)
        if lead.company == "障害商事":
            raise RuntimeError("after it was written")
        return received

    monkeypatch.setattr(intake, "receive", stumble)
    heard = web.sends([{"会社名": "障害商事"}, {"会社名": "青葉"}])
    assert heard.json == {"results": ["waits", "new"]}
    assert waiting(team) == ["failed"]
    assert team.mql(1).company == "青葉"


@pytest.mark.thorough
def test_deliveries_are_forgotten_after_two_weeks(team: Team) -> None:
    assert team.bot is not None
    web = tool(team)
    web.sends(LEAD)
    team.advance(days=13)
    worker.sweep(team.bot.parts.context)
    assert len(became(team)) == 1
    team.advance(days=2)
    worker.sweep(team.bot.parts.context)
    assert became(team) == []


def test_a_marketer_corrects_in_slack_what_is_what_and_what_waited_is_an_mql(team: Team) -> None:
    web = tool(team)
    web.sends({"f1": "株式会社青葉 ", "f2": "はなこ"})
    team.advance(hours=2)
    ito = team.user("ito")
    ito.types("/mql source", channel="marketing")
    ito.modal.press(ja("button.source_look"))
    ito.modal.fill({"source_field:0": "company", "source_field:1": "person"})
    assert ito.modal.submit().errors == {}
    assert "#1" in ito.modal.text
    ito.modal.close()
    team.settle()
    mql = team.mql(1)
    assert (mql.company, mql.person) == ("株式会社青葉", "はなこ")
    assert mql.read_at - mql.received_at == timedelta(hours=2)
    web.sends({"f1": "若葉商事", "f2": "じろう"})
    assert team.mql(2).person == "じろう"
    # A correction that was wrong is taken back, and whoever looks sees who did what.
    for chosen in ({"source_field:0": "person", "source_field:1": "company"}, {"source_version": "1"}):
        ito.types("/mql source", channel="marketing")
        ito.modal.press(ja("button.source_look"))
        ito.modal.fill(chosen)
        assert ito.modal.submit().errors == {}
        ito.modal.close()
    web.sends({"f1": "第三商事", "f2": "さぶろう"})
    assert (team.mql(3).company, team.mql(3).person) == ("第三商事", "さぶろう")
    with team.database.snapshot() as tx:
        source = sources.named(tx, team.id, "web")
        versions = sources.mappings(tx, team.id, source.id) if source else []
    assert [(each.version, each.by) for each in versions] == [(1, ito.id), (2, ito.id), (3, ito.id)]
    assert versions[2].fields == versions[0].fields
    assert team.user("sato").types("/mql source", channel="sales").text == ja("reply.sources_not_allowed")


def test_an_admin_connects_another_tool_where_the_tools_are_listed(team: Team) -> None:
    ito, kim = team.user("ito"), team.user("kim")
    ito.types("/mql source", channel="marketing")
    assert ja("source.none_in_slack") in ito.modal.text
    assert ja("button.setup_source") not in ito.modal.text
    ito.modal.close()
    kim.types("/mql source", channel="marketing")
    kim.modal.press(ja("button.setup_source"))
    kim.modal.fill({ids.SETUP_KIND: "mapping"})
    assert kim.modal.submit().errors == {}
    assert "/hooks/mapping/" in kim.modal.text
    with team.database.snapshot() as tx:
        assert sources.named(tx, team.id, "mapping") is not None


def test_an_admin_says_in_slack_of_which_organisation_messages_are_taken(team: Team) -> None:
    salesforce = tool(team, SourceKind.SALESFORCE, Proof.ADDRESS)
    other = "00D5e000000ZZZZ"

    def opened(user: str) -> Any:
        team.user(user).types("/mql source", channel="marketing")
        team.user(user).modal.press(ja("button.source_look"))
        return team.user(user).modal

    def enters(organization: str) -> Any:
        modal = opened("kim")
        modal.fill({ids.SOURCE_ORGANIZATION: organization})
        return modal.submit()

    def sends(organization: str, number: int) -> int:
        lead = sobject(Id=f"00Q5e00000A0{number:03d}", Company="青葉", LastName="山本", Email=f"y{number}@aoba.example")
        return salesforce.sends(outbound_message(lead, organization=organization), content_type="text/xml").status

    assert ids.SOURCE_ORGANIZATION in enters("nonsense").errors
    team.user("kim").modal.close()
    assert enters(ORGANIZATION[:15]).errors == {}
    assert ORGANIZATION in team.user("kim").modal.text
    team.user("kim").modal.close()
    assert (sends(ORGANIZATION, 1), sends(other, 2)) == (200, 401)
    shown = opened("ito")
    assert ja("source.organization_is", organization=ORGANIZATION) in shown.text
    assert ids.SOURCE_ORGANIZATION not in str(shown.blocks), "a marketer cannot change from whom it takes"
    shown.close()
    assert enters("").errors == {}
    team.user("kim").modal.close()
    assert sends(other, 3) == 200
    with team.database.snapshot() as tx:
        kinds = [entry.kind for entry in audits.newest(tx, team.id, 10) if entry.subject == salesforce.name]
    assert kinds[:2] == [AuditKind.SOURCE_MAPPED, AuditKind.SECRET_REMOVED]


def test_who_is_erased_stands_in_no_delivery_any_more(team: Team) -> None:
    web = tool(team)
    escaped = json.dumps({"会社名": "青葉", "mail": "hanako@aoba.example"}).replace("@", "\\u0040").encode()
    web.sends(escaped)
    web.sends(b"mail=hanako%40aoba.example&name=x", content_type="application/x-www-form-urlencoded")
    web.sends({"会社名": "若葉", "メールアドレス": "taro@wakaba.example"})
    with team.database.transaction() as tx:
        erasure.erase_person(tx, team.id, Request(email="hanako@aoba.example"), team.time.now())
        (source,) = sources.every(tx, team.id)
        (kept,) = deliveries.newest(tx, team.id, source.id, most=10)
        assert b"taro" in (deliveries.body_of(kept) or b"")
        erasure.erase_person(tx, team.id, Request(numbers=(2,)), team.time.now())
        assert deliveries.newest(tx, team.id, source.id) == []
    assert {item.became for item in items(team)} == {Became.NEW, Became.JOINED}


def test_without_a_database_or_settings_the_address_says_to_come_again(team: Team, tmp_path: Path) -> None:
    web = tool(team)
    assert team.bot is not None
    away = Database(f"sqlite:///{tmp_path / 'gone.db'}")
    (tmp_path / "gone.db").unlink()
    office = team.bot.parts.context.database
    engine, office.engine = office.engine, away.engine
    heard = web.sends(LEAD)
    office.engine = engine
    away.close()
    assert (heard.status, heard.json["error"]) == (503, "database_away")
    with team.database.transaction() as tx:
        tx.execute(workspace.update().values(policy_id=None))
    heard = web.sends(LEAD)
    assert (heard.status, heard.json["error"]) == (503, "not_configured")
    assert items(team) == []


def test_what_came_and_became_is_counted_by_the_kind_of_its_source(team: Team) -> None:
    web = tool(team, SourceKind.KINTONE)
    assert team.bot is not None
    assert (
        web.sends({"type": "ADD_RECORD", "record": {"会社名": {"type": "SINGLE_LINE_TEXT", "value": "青葉"}}}).status
        == 200
    )
    assert web.sends({"type": "ADD_RECORD", "record": {"謎": {"type": "SINGLE_LINE_TEXT", "value": "?"}}}).status == 200
    assert web.sends({"type": "ADD_RECORD_COMMENT", "recordId": "1"}).status == 200
    assert call(web.address + "/hooks/web/x", b"{}").status == 401
    context = team.bot.parts.context
    exposition = team.bot.parts.metrics.text(team.database, team.id, context.now()).decode()
    for outcome in ("new", "unreadable", "no_lead", "invalid_signature"):
        assert f'mqlbot_intake_total{{outcome="{outcome}",source="kintone"}} 1.0' in exposition


def test_a_record_that_a_tool_only_names_waits_once_until_it_is_known(team: Team) -> None:
    hubspot = tool(team, SourceKind.HUBSPOT, Proof.ADDRESS)
    event = {"subscriptionId": 1, "portalId": 2, "subscriptionType": "contact.creation", "objectId": 123}
    changes = [{**event, "eventId": n, "occurredAt": 1795910400000 + n} for n in range(3)]
    heard = hubspot.sends(changes)
    assert heard.json == {"results": ["waits", "no_lead", "no_lead"]}
    assert waiting(team) == ["needs_fetch"]
    team.receives("Known", external_id="hubspot:124")
    assert hubspot.sends([{**event, "objectId": 124, "eventId": 9, "occurredAt": 1}]).json == {"results": ["no_lead"]}


def test_an_entry_of_the_queue_stays_when_its_delivery_is_forgotten(team: Team) -> None:
    web = tool(team)
    for number in range(2):
        assert web.sends({"備考": f"{number}"}).json == {"results": ["waits"]}
    with team.database.transaction() as tx:
        first, second = unreadables.waiting(tx, team.id)
        assert (first.source_id, first.delivery_id) == (second.source_id, (second.delivery_id or 0) - 1)
        assert deliveries.forget(tx, team.id, team.time.now() + timedelta(days=1), 9) == 2
        assert [entry.delivery_id for entry in unreadables.waiting(tx, team.id)] == [None, None]
    assert web.sends({"備考": "3"}).json == {"results": ["waits"]}
    with team.database.snapshot() as tx:
        assert [bool(entry.delivery_id) for entry in unreadables.waiting(tx, team.id)] == [False, False, True]
