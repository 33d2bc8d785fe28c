from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import sqlalchemy as sa
import yaml

from bot.connectors.outbound import Sender, trouble
from bot.connectors.outbound.address import is_public
from bot.connectors.outbound.sender import LEASE, WAITS
from bot.core import teamfile
from bot.core.base.results import Done
from bot.core.mql import deals, disputes, erasure, feedback, intake, merge, response, withdrawal
from bot.core.mql.deals import Deal
from bot.core.mql.feedback import Answer
from bot.core.mql.lead import Lead
from storage import mqls, outbound, workspaces
from storage.database import Database
from storage.models import Outbound
from storage.models import outbound as table
from storage.rows import many
from storage.vocabulary import DealResult, Disposition, ErasedFor, OutboundState, Source
from tests.connectors.receiver import SECRET, Receiver
from tests.core.teamfile.test_application import NOW, TEAM
from tests.patience import LONGEST

ROOT = Path(__file__).parents[2]
HERE = frozenset({"127.0.0.1"})


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


class Stage:
    """A workspace with a webhook, and a clock."""

    def __init__(self, database: Database, url: str | None) -> None:
        self.database, self.now = database, NOW
        self.points_to(url)

    def points_to(self, url: str | None) -> None:
        with self.database.transaction() as tx:
            teamfile.apply(tx, replace(TEAM, webhook_url=url), self.now)

    def sender(self, allowed: frozenset[str] = HERE, secret: str | None = SECRET, timeout: float = 10) -> Sender:
        return Sender(self.database, "T1", lambda: self.now, secret, allowed, timeout)

    def receives(self, **lead: Any) -> int:
        with self.database.transaction() as tx:
            given = Lead.model_validate({"company": "Acme", **lead})
            return intake.receive(tx, "T1", given, Source.GENERIC, self.now).mql_id

    def owner(self, mql_id: int) -> str:
        with self.database.snapshot() as tx:
            subject = mqls.get(tx, "T1", mql_id)
        assert subject is not None
        assert subject.owner is not None
        return subject.owner

    def accepts(self, mql_id: int) -> None:
        owner = self.owner(mql_id)
        with self.database.transaction() as tx:
            response.accept(tx, "T1", mql_id, owner, self.now)

    def answers(self, mql_id: int, **answer: Any) -> None:
        owner = self.owner(mql_id)
        with self.database.transaction() as tx:
            feedback.give(tx, "T1", mql_id, owner, Answer(**answer), self.now)

    def decides(self, mql_id: int, deal: Deal | None) -> None:
        with self.database.transaction() as tx:
            workspace = workspaces.get(tx, "T1")
            assert workspace is not None
            deals.record(tx, workspace, mql_id, self.owner(mql_id), deal, self.now)

    def rows(self) -> list[Outbound]:
        with self.database.snapshot() as tx:
            return many(tx, Outbound, sa.select(table).order_by(table.c.id))

    def states(self) -> list[tuple[str, int, str | None]]:
        return [(str(row.state), row.attempts, row.error) for row in self.rows()]

    def last_error(self) -> str | None:
        return self.rows()[0].error


@pytest.fixture
def stage(database: Database, receiver: Receiver) -> Stage:
    return Stage(database, receiver.url())


def test_a_tool_follows_an_mql_from_its_arrival_to_its_outcome(any_database: Database, receiver: Receiver) -> None:
    stage = Stage(any_database, receiver.url())
    known = {"external_id": "L-7", "email": "Suzuki@Example.com", "person": "鈴木", "phone": "03", "score": 82}
    mql_id = stage.receives(**known, channel="セミナー", message="お見積りを")
    owner, sender = stage.owner(mql_id), stage.sender()
    assert sender.drain() == 2
    stage.now += timedelta(hours=1)
    stage.accepts(mql_id)
    with any_database.transaction() as tx:
        response.contacted(tx, "T1", mql_id, owner, stage.now)
    stage.answers(mql_id, disposition=Disposition.QUALIFIED, amount=5_000_000, comment="山田様と面談")
    stage.answers(mql_id, disposition=Disposition.DISQUALIFIED, lost_reason="no_budget")
    assert sender.drain() == 4

    parts = ["received", "assigned", "accepted", "contacted", "disposed", "corrected"]
    assert receiver.types() == [f"mql.{part}" for part in parts]
    assert len({heard.id for heard in receiver.heard}) == 6
    assert {heard.path for heard in receiver.heard} == {"/hooks/mql?team=1"}
    first, given, *_, disposed, corrected = receiver.heard
    assert first.event["timestamp"] == NOW.strftime("%Y-%m-%dT%H:%M:%SZ")
    # That it was given away and accepted later is not what the first one tells.
    assert (first.data["status"], first.data["owner"]) == ("unassigned", None)
    assert (given.data["status"], given.data["owner"]) == ("assigned", owner)
    statuses = [heard.data["status"] for heard in receiver.heard]
    assert statuses[2:] == ["accepted", "contacted", "qualified", "disqualified"]
    assert (disposed.data["amount"], disposed.data["lost_reason"]) == (5_000_000, None)
    assert (corrected.data["amount"], corrected.data["lost_reason"]) == (None, "no_budget")
    assert (disposed.data["actor"], receiver.heard[3].data["evidence"]) == (owner, "button")
    assert (first.data["number"], first.data["external_id"], first.data["email"]) == (1, "L-7", "suzuki@example.com")
    assert (first.data["source"], first.data["channel"], first.data["score"]) == ("generic", "セミナー", 82)
    assert datetime.fromisoformat(first.data["response_due_at"]) > NOW
    assert datetime.fromisoformat(corrected.data["feedback_due_at"]) > NOW
    everything = str([heard.event for heard in receiver.heard])
    for private in ("鈴木", "03'", "お見積り", "山田"):
        assert private not in everything
    assert {row.state for row in stage.rows()} == {OutboundState.SENT}
    assert all(row.sent_at is not None for row in stage.rows())


def test_a_withdrawn_mql_is_told_without_the_words_that_say_why(stage: Stage, receiver: Receiver) -> None:
    mql_id = stage.receives()
    with stage.database.transaction() as tx:
        withdrawal.withdraw(tx, "T1", mql_id, "U3", "田中のテスト", stage.now)
    stage.sender().drain()
    assert receiver.types()[-1] == "mql.withdrawn"
    assert receiver.heard[-1].data["status"] == "withdrawn"
    assert "田中" not in str(receiver.heard[-1].event)


def test_a_merge_is_told_of_the_one_that_goes_and_so_is_its_end(stage: Stage, receiver: Receiver) -> None:
    stays, goes = stage.receives(email="a@acme.example"), stage.receives(email="b@gmail.com")
    with stage.database.transaction() as tx:
        assert isinstance(merge.merge(tx, "T1", goes, stays, "U3", stage.now), Done)
        assert isinstance(merge.undo(tx, "T1", goes, "U3", stage.now), Done)
    stage.sender().drain()
    seen = [(each.type, each.data["status"]) for each in receiver.heard if each.data["number"] == 2]
    assert seen[-2:] == [("mql.merged", "withdrawn"), ("mql.merge_undone", "assigned")]


def test_without_a_webhook_nothing_is_written_down(stage: Stage) -> None:
    stage.points_to(None)
    stage.accepts(stage.receives())
    assert stage.rows() == []
    assert stage.sender().drain() == 0


def test_what_waits_is_dropped_with_the_webhook_and_goes_to_the_new_address(stage: Stage, receiver: Receiver) -> None:
    stage.receives()
    assert len(stage.rows()) == 2
    other = Receiver()
    stage.points_to(other.url())
    assert stage.sender().drain() == 2
    assert (len(other.heard), receiver.heard) == (2, [])
    other.close()
    stage.receives(company="Beta")
    stage.points_to(None)
    assert [row.state for row in stage.rows()] == [OutboundState.SENT] * 2


def test_without_a_secret_everything_waits(stage: Stage, receiver: Receiver) -> None:
    stage.receives()
    assert stage.sender(secret=None).drain() == 0
    assert [row.state for row in stage.rows()] == [OutboundState.PENDING] * 2
    assert stage.sender().drain() == 2
    assert receiver.types() == ["mql.received", "mql.assigned"]


def test_nothing_of_an_erased_person_goes_out(stage: Stage, receiver: Receiver) -> None:
    mql_id = stage.receives(external_id="L-7", email="a@example.com", person="鈴木")
    stage.accepts(mql_id)
    stage.answers(mql_id, disposition=Disposition.DISQUALIFIED, lost_reason="no_budget")
    with stage.database.transaction() as tx:
        assert erasure.erase(tx, "T1", mql_id, ErasedFor.REQUEST, stage.now)
    stage.sender().drain()
    assert receiver.types()[-1] == "mql.disposed"
    assert receiver.heard[-1].data["lost_reason"] == "no_budget"
    for heard in receiver.heard:
        assert (heard.data["external_id"], heard.data["email"]) == (None, None)


# What a receiver may answer


@pytest.mark.parametrize("answer", [500, 404, 429, 302, "lost"])
def test_what_was_not_taken_comes_again_under_the_same_id_and_nothing_overtakes_it(
    stage: Stage, receiver: Receiver, answer: int | str
) -> None:
    receiver.answers = [answer]
    receiver.location = receiver.url()
    stage.receives()
    sender = stage.sender()
    assert sender.drain() == 1
    code = "connection" if answer == "lost" else f"http_{answer}"
    assert stage.states() == [("pending", 1, code), ("pending", 0, None)]
    assert sender.drain() == 0
    stage.now += timedelta(seconds=5)
    assert sender.drain() == 2
    assert receiver.types() == ["mql.received", "mql.received", "mql.assigned"]
    assert receiver.heard[0].id == receiver.heard[1].id
    assert receiver.heard[0].event == receiver.heard[1].event
    assert stage.states() == [("sent", 2, None), ("sent", 1, None)]
    assert receiver.wrong == []


def test_one_mql_that_waits_holds_up_no_other(stage: Stage, receiver: Receiver) -> None:
    receiver.answers = [500]
    stage.receives()
    sender = stage.sender()
    sender.drain()
    stage.receives(company="Beta")
    assert sender.drain() == 2
    assert [heard.data["number"] for heard in receiver.heard] == [1, 2, 2]


def test_it_is_tried_ten_times_in_three_days_and_then_kept_as_dead(stage: Stage, receiver: Receiver) -> None:
    receiver.answers = [503] * (len(WAITS) + 1)
    stage.receives()
    sender = stage.sender()
    for wait in WAITS:
        assert sender.drain() == 1
        stage.now += wait - timedelta(seconds=1)
        assert sender.drain() == 0
        stage.now += timedelta(seconds=1)
    assert stage.now - NOW > timedelta(days=3)
    # The tenth refusal ends it, and what happened after it goes out.
    assert sender.drain() == 2
    assert stage.states() == [("dead", 10, "http_503"), ("sent", 1, None)]

    with stage.database.transaction() as tx:
        assert outbound.dead(tx, "T1") == (1, "http_503")
        assert outbound.revive(tx, "T1", stage.now) == 1
    assert sender.drain() == 1
    assert receiver.heard[-1].id == receiver.heard[0].id
    assert stage.states()[0] == ("sent", 1, None)


@pytest.mark.parametrize("answer", [429, 503])
@pytest.mark.parametrize(("asked", "minutes"), [("600", 10), ("86400", 60)])
def test_a_receiver_that_wants_to_be_left_alone_hears_nothing_until_then(
    stage: Stage, receiver: Receiver, answer: int, asked: str, minutes: int
) -> None:
    receiver.answers, receiver.retry_after = [answer], asked
    stage.receives()
    stage.receives(company="Beta")
    sender = stage.sender()
    assert sender.drain() == 1
    stage.now += timedelta(minutes=minutes, seconds=-1)
    assert sender.drain() == stage.sender().drain() == 0
    stage.now += timedelta(seconds=1)
    assert sender.drain() == 4
    assert {state for state, *_ in stage.states()} == {"sent"}
    assert receiver.wrong == []


def test_the_date_until_which_a_receiver_is_away_counts_as_seconds_do(stage: Stage, receiver: Receiver) -> None:
    receiver.answers, receiver.retry_after = (
        [503],
        format_datetime(datetime.now(UTC) + timedelta(minutes=20), usegmt=True),
    )
    stage.receives()
    assert stage.sender().drain() == 1
    (waits, _) = stage.rows()
    assert timedelta(minutes=19) < waits.next_attempt_at - stage.now <= timedelta(minutes=20)


@pytest.mark.alike
@pytest.mark.parametrize("asked", ["soon", "-5", "1e9", "99999999999999999999", "Wed, 99 Nov 2026", "²", "0"])
@pytest.mark.parametrize("answer", [503, 204])
def test_a_wish_that_nobody_can_read_changes_nothing(stage: Stage, receiver: Receiver, answer: int, asked: str) -> None:
    receiver.answers, receiver.retry_after = [answer], asked
    stage.receives()
    assert stage.sender().drain() == (1 if answer == 503 else 2)
    stage.now += WAITS[0]
    assert stage.sender().drain() == (2 if answer == 503 else 0)


def test_what_was_taken_is_forgotten_at_the_age_of_erasure_and_what_waits_is_not(
    stage: Stage, receiver: Receiver
) -> None:
    stage.receives()
    stage.sender().drain()
    receiver.answers = [500]
    stage.receives(company="Beta")
    stage.sender().drain()
    later = stage.now + timedelta(days=11)
    for days, left in ((None, 4), (20, 4), (10, 2)):
        with stage.database.transaction() as tx:
            workspaces.save(tx, "T1", stage.now, erase_after_days=days)
            workspace = workspaces.get(tx, "T1")
            assert workspace is not None
            assert erasure.sweep(tx, workspace, later) == (2 if left == 2 else 0)
        assert len(stage.rows()) == left
    assert {row.state for row in stage.rows()} == {OutboundState.PENDING}


def test_a_webhook_that_says_it_is_gone_is_not_asked_again(stage: Stage, receiver: Receiver) -> None:
    receiver.answers = [410]
    stage.receives()
    assert stage.sender().drain() == 2
    assert stage.states() == [("dead", 1, "http_410"), ("sent", 1, None)]


def test_an_answer_byte_by_byte_is_not_waited_for(stage: Stage, receiver: Receiver) -> None:
    receiver.answers = ["slow"]
    stage.receives()
    assert stage.sender(timeout=0.3).drain() == 1
    assert stage.states()[0] == ("pending", 1, "timeout")


def test_a_stop_ends_the_call_in_hand_and_it_is_made_again(stage: Stage, receiver: Receiver) -> None:
    receiver.answers = ["slow"]
    stage.receives()
    sender = stage.sender()
    running = threading.Thread(target=sender.run)
    running.start()
    while not receiver.heard:
        running.join(0.01)
    sender.stop()
    running.join(LONGEST)
    assert not running.is_alive()
    assert stage.states()[0] == ("pending", 1, "connection")
    stage.now += WAITS[0]
    assert stage.sender().drain() == 2
    assert receiver.heard[0].id == receiver.heard[1].id


def test_what_a_killed_process_had_in_hand_comes_again_after_its_lease(
    any_database: Database, receiver: Receiver
) -> None:
    stage = Stage(any_database, receiver.url())
    stage.receives()
    with any_database.transaction() as tx:
        taken = outbound.claim(tx, "T1", stage.now, stage.now + LEASE)
    assert taken is not None
    sender = stage.sender()
    assert sender.drain() == 0
    stage.now += LEASE
    assert sender.drain() == 2
    with any_database.transaction() as tx:
        assert not outbound.settle(tx, taken, OutboundState.DEAD, error="late")
    assert stage.states() == [("sent", 2, None), ("sent", 1, None)]


def test_two_processes_never_have_the_same_one_in_hand(postgres_url: str, receiver: Receiver) -> None:
    database = Database(postgres_url)
    stage = Stage(database, receiver.url())
    stage.receives()
    stage.receives(company="Beta")
    with database.transaction() as tx, database.transaction() as other:
        first = outbound.claim(tx, "T1", stage.now, stage.now + LEASE)
        second = outbound.claim(other, "T1", stage.now, stage.now + LEASE)
        assert first is not None
        # What the first has is left out, and so is what comes after it.
        assert second is None or second.mql_id != first.mql_id
    assert stage.sender().drain() == (2 if second is None else 0)
    database.close()


def test_an_event_that_cannot_be_told_holds_up_nobody(
    stage: Stage, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.receives()
    stage.receives(company="Beta")
    real = mqls.history

    def broken(tx: sa.Connection, workspace_id: str, mql_id: int) -> Any:
        if mql_id == stage.rows()[0].mql_id:
            raise RuntimeError("broken")
        return real(tx, workspace_id, mql_id)

    monkeypatch.setattr(mqls, "history", broken)
    stage.sender().drain()
    assert [heard.data["number"] for heard in receiver.heard] == [2, 2]
    assert stage.last_error() == "internal"


# Where it may go


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://example.com/", "webhook_needs_https"),
        ("http://127.0.0.1/", "webhook_needs_https"),
        ("https://127.0.0.1/", "webhook_not_public"),
        ("https://10.1.2.3/", "webhook_not_public"),
        ("https://192.168.0.9:8443/", "webhook_not_public"),
        ("https://169.254.169.254/latest/meta-data", "webhook_not_public"),
        ("https://100.64.0.1/", "webhook_not_public"),
        ("https://224.0.0.1/", "webhook_not_public"),
        ("https://0.0.0.0/", "webhook_not_public"),
        ("https://[::1]/", "webhook_not_public"),
        ("https://[fd00::1]/", "webhook_not_public"),
        ("https://[fe80::1]/", "webhook_not_public"),
        ("https://[::ffff:127.0.0.1]/", "webhook_not_public"),
        ("https://localhost/", "webhook_not_public"),
        ("https://example.com/hook", None),
        ("https://93.184.215.14/", None),
        ("https://[2606:4700::1111]/", None),
    ],
)
def test_a_webhook_goes_to_public_addresses_by_https(url: str, code: str | None) -> None:
    assert trouble(url, ()) == code


@pytest.mark.parametrize(
    "address",
    ["2002:7f00:1::", "2001:0:7f00:1::", "64:ff9b::7f00:1", "240.0.0.1", "255.255.255.255", "ff02::1", "fec0::1"],
)
def test_an_address_in_the_clothes_of_another_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.alike
@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://127.0.0.1:{port}/", "webhook_needs_https"),
        ("https://127.0.0.1:{port}/", "webhook_not_public"),
        ("https://[::1]:{port}/", "webhook_not_public"),
        # Names for this machine in numbers: they are no addresses to read, and yet the system knows them.
        ("https://2130706433:{port}/", "webhook_not_public"),
        ("https://0x7f.1:{port}/", "webhook_not_public"),
        ("https://localhost:{port}/", "webhook_not_public"),
    ],
)
def test_not_one_byte_goes_to_this_machine(stage: Stage, url: str, code: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.setblocking(False)
        stage.points_to(url.format(port=door.getsockname()[1]))
        stage.receives()
        assert stage.sender(allowed=frozenset()).drain() == 1
        assert stage.states()[0] == ("pending", 1, code)
        with pytest.raises(BlockingIOError):
            door.accept()


class Names:
    """The names of the internet as a test wants them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
        self.answers, self.asked = list(answers), 0
        self._real = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self._answer)

    def _answer(self, host: str, port: int, *given: Any, **named: Any) -> Any:
        self.asked += 1
        return [address for name in self.answers.pop(0) for address in self._real(name, port, *given, **named)]


@pytest.mark.alike
@pytest.mark.parametrize("answer", [["127.0.0.1"], ["::1"], ["10.0.0.8"], ["93.184.215.14", "127.0.0.1"]])
def test_a_name_that_stands_for_a_private_address_is_refused(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, answer: list[str]
) -> None:
    stage.points_to("https://hooks.example.com/")
    stage.receives()
    names = Names(monkeypatch, answer)
    assert stage.sender(allowed=frozenset()).drain() == 1
    assert stage.states()[0] == ("pending", 1, "webhook_not_public")
    assert names.asked == 1


def test_the_address_that_was_looked_at_is_the_one_that_is_called(
    stage: Stage, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked a second time, a name may answer otherwise: it is not asked a second time."""
    stage.points_to(receiver.url("hooks.example.com"))
    stage.receives()
    names = Names(monkeypatch, ["127.0.0.1"], ["127.0.0.1"], ["10.0.0.8"])
    assert stage.sender(allowed=frozenset({"hooks.example.com"})).drain() == 2
    assert names.asked == 2
    assert len(receiver.heard) == 2
    assert stage.states() == [("sent", 1, None)] * 2


def test_a_name_that_nobody_knows_is_tried_again(stage: Stage) -> None:
    stage.points_to("https://nobody.invalid/")
    stage.receives()
    assert stage.sender().drain() == 1
    assert stage.states()[0] == ("pending", 1, "dns")


def test_a_redirect_is_not_followed(stage: Stage, receiver: Receiver) -> None:
    other = Receiver()
    receiver.answers, receiver.location = [307], other.url()
    stage.receives()
    stage.sender().drain()
    assert stage.last_error() == "http_307"
    assert (other.heard, other.wrong) == ([], [])
    other.close()


# TLS


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for localhost that signs itself, with its key."""
    file = tmp_path / "localhost.pem"
    words = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    subprocess.run(
        ["openssl", *words.split(), "-keyout", str(file), "-out", str(tmp_path / "cert.pem")],
        check=True,
        capture_output=True,
    )
    file.write_text(file.read_text() + (tmp_path / "cert.pem").read_text())
    return file


@pytest.mark.thorough
def test_https_is_spoken_with_whom_the_certificate_names_and_with_nobody_else(
    database: Database, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    receiver = Receiver(tls)
    stage = Stage(database, receiver.url("localhost"))
    stage.receives()
    allowed = frozenset({"localhost", "127.0.0.1"})
    assert stage.sender(allowed).drain() == 1
    assert stage.last_error() == "tls"
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    stage.now += WAITS[0]
    assert stage.sender(allowed).drain() == 2
    assert receiver.types() == ["mql.received", "mql.assigned"]

    stage.points_to(receiver.url("127.0.0.1"))
    stage.receives(company="Beta")
    assert stage.sender(allowed).drain() == 1
    assert stage.rows()[2].error == "tls"
    assert len(receiver.heard) == 2
    receiver.close()


def test_what_is_sent_is_what_the_description_for_tools_says(stage: Stage, receiver: Receiver) -> None:
    description = yaml.safe_load((ROOT / "docs" / "openapi.yaml").read_text(encoding="utf-8"))
    schema = description["components"]["schemas"]["MqlEvent"]
    assert schema["properties"]["type"]["enum"] == list(outbound.TOLD.values())
    mql_id = stage.receives(external_id="7", score=82)
    stage.accepts(mql_id)
    stage.answers(mql_id, disposition=Disposition.RECYCLED, recycle_on="2027-01-15")
    stage.sender().drain()
    for heard in receiver.heard:
        jsonschema.validate(heard.event, schema | {"components": description["components"]})
        assert set(heard.data) == set(schema["properties"]["data"]["properties"])
        assert set(heard.data) == set(schema["properties"]["data"]["required"])
    assert receiver.heard[-1].data["recycle_on"] == "2027-01-15"


def test_won_and_lost_are_told_with_day_and_amount(stage: Stage, receiver: Receiver) -> None:
    mql_id = stage.receives()
    stage.accepts(mql_id)
    stage.answers(mql_id, disposition=Disposition.QUALIFIED, amount=5_000_000)
    days = (date(2026, 11, 25), date(2026, 11, 26))
    won, lost = Deal(result=DealResult.WON, on=days[0], amount=4_000_000), Deal(result=DealResult.LOST, on=days[1])
    for deal in (won, None, lost):
        stage.decides(mql_id, deal)
    stage.answers(mql_id, disposition=Disposition.DISQUALIFIED, lost_reason="no_budget")
    stage.sender().drain()
    decided = [heard for heard in receiver.heard if heard.type in ("mql.deal", "mql.corrected")]
    assert [heard.type for heard in decided] == ["mql.deal"] * 3 + ["mql.corrected"]
    names = ("status", "outcome", "outcome_on", "amount")
    assert [tuple(heard.data[name] for name in names) for heard in decided] == [
        ("qualified", "won", "2026-11-25", 4_000_000),
        ("qualified", None, None, None),
        ("qualified", "lost", "2026-11-26", None),
        ("disqualified", None, None, None),
    ]


def test_a_dispute_and_its_decision_are_told_without_the_words_that_say_why(stage: Stage, receiver: Receiver) -> None:
    stage.now += timedelta(hours=1)
    numbers = []
    for act in (disputes.uphold, disputes.accept):
        mql_id = stage.receives(company=f"Acme {act.__name__}")
        stage.accepts(mql_id)
        stage.answers(mql_id, disposition=Disposition.DISQUALIFIED, lost_reason="no_budget")
        with stage.database.transaction() as tx:
            opened = disputes.dispute(tx, "T1", mql_id, "U3", "山田様に予算あり", stage.now)
            assert isinstance(opened, Done)
            assert isinstance(act(tx, "T1", opened.event_id, "U3", stage.now), Done)
        numbers.append(opened.mql.number)
    stage.sender().drain()
    decisions = [heard for heard in receiver.heard if heard.type in ("mql.disputed", "mql.upheld", "mql.reopened")]
    facts = [(heard.type, heard.data["number"], heard.data["status"], heard.data["lost_reason"]) for heard in decisions]
    assert facts == [
        ("mql.disputed", numbers[0], "disqualified", "no_budget"),
        ("mql.upheld", numbers[0], "disqualified", "no_budget"),
        ("mql.disputed", numbers[1], "disqualified", "no_budget"),
        ("mql.reopened", numbers[1], "accepted", None),
    ]
    assert "山田" not in str([heard.event for heard in receiver.heard])
