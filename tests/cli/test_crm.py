from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core.base import wall_clock
from playground.crm.hubspot import HubSpot
from storage.database import Database
from tests.cli.kit import cli
from tests.connectors.crm.office import Moment, Office
from tests.installation import ENCRYPTION_KEY


@pytest.fixture
def office(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    clock = Moment()
    for name, value in (
        ("DATABASE_URL", database.url.render_as_string()),
        ("ENCRYPTION_KEYS", ENCRYPTION_KEY),
        ("OUTBOUND_ALLOWED_HOSTS", "127.0.0.1"),
    ):
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(wall_clock, "utcnow", clock.now)
    with HubSpot(clock.now, clock.monotonic) as hubspot:
        yield Office(database, hubspot, clock, keys=[ENCRYPTION_KEY])


def connect(office: Office, *more: str, key: str | None = None) -> str:
    done = cli(
        "crm", "connect", "hubspot", "--address", office.hubspot.base_url, *more, answer=key or office.hubspot.key
    )
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_crm_is_connected_by_what_it_says_of_itself_and_works_then(office: Office, language: str) -> None:
    contact = office.contact(hs_lead_status="NEW")
    mql_id = office.receive(contact)
    printed = connect(office, "--yes")
    assert all(word in printed for word in ("62515", "hs_lead_status", "hubspot_owner_id", "mql_sla_due"))
    office.restart()
    office.accept(mql_id)
    office.settle(seconds=1)
    assert office.shown(contact, "hs_lead_status") == "IN_PROGRESS"
    assert office.hubspot.key not in cli("crm", "status", "--format", "json").stdout
    assert office.hubspot.key.encode() not in Path(str(office.database.url.database)).read_bytes()
    assert cli("crm", "disconnect", "hubspot", "--yes").exit_code == 0
    assert cli("crm", "dry-run", "hubspot").exit_code == 1


def test_a_dry_run_counts_and_writes_what_differs(office: Office, language: str, tmp_path: Path) -> None:
    office.receive(office.contact("one@example.com"), "one@example.com")
    differing = office.contact("two@example.com", hs_lead_status="CONNECTED")
    office.receive(differing, "two@example.com")
    office.receive(None, "nobody@example.com")
    connect(office, "--yes")
    file = tmp_path / "differences.csv"
    printed = cli("crm", "dry-run", "hubspot", "--file", str(file)).stdout
    assert [word for word in "3121" if word not in printed] == []
    assert "#2" in printed
    assert "CONNECTED" in file.read_text(encoding="utf-8-sig") or "Connected" in file.read_text(encoding="utf-8-sig")
    assert office.written("hs_lead_status") == []


def test_what_is_wrong_with_the_key_is_said_with_what_to_do(office: Office) -> None:
    refused = cli("crm", "connect", "hubspot", "--address", office.hubspot.base_url, answer="pat-na1-wrong")
    assert refused.exit_code == 1
    office.hubspot.scopes.discard("crm.objects.deals.read")
    assert "crm.objects.deals.read" in connect(office, "--yes")
    assert "deals" in cli("crm", "status").stdout or "取引" in cli("crm", "status").stdout


def test_a_key_takes_the_place_of_another_without_a_gap(office: Office) -> None:
    connect(office, "--yes")
    old, new = office.hubspot.key, office.hubspot.rotate_key()
    done = cli("crm", "rotate", "hubspot", answer=new)
    assert done.exit_code == 0, done.output
    office.hubspot.revoke(old)
    contact = office.contact()
    office.receive(contact)
    office.restart()
    office.settle(seconds=1)
    assert office.shown(contact, "hubspot_owner_id") is not None
    assert cli("crm", "rotate", "hubspot", "--finish").exit_code == 0


def test_a_field_and_its_rule_are_changed_and_mistakes_are_named(office: Office) -> None:
    connect(office, "--yes", "--rule", "status=theirs")
    assert office.connection.mapping["fields"]["status"]["rule"] == "theirs"
    done = cli("crm", "map", "hubspot", "--field", "stage=", "--rule", "status=newest")
    assert done.exit_code == 0, done.output
    fields = office.connection.mapping["fields"]
    assert (fields["status"]["rule"], "stage" in fields) == ("newest", False)
    for wrong in (("--field", "nothing=x"), ("--field", "status=no_such"), ("--rule", "status=best")):
        assert cli("crm", "map", "hubspot", *wrong).exit_code == 2
