from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterator

import pytest

from bot.connectors.sources.setup import SETUPS
from bot.core.base import wall_clock
from bot.i18n import Translator
from storage import audits, sources, unreadables
from storage.audits import Filter
from storage.database import Database
from storage.vocabulary import AuditKind, Door, Locale, SourceKind
from tests.cli.kit import cli, complaint
from tests.connectors.sources.deliveries import ORGANIZATION, outbound_message, sobject
from tests.installation import ENCRYPTION_KEY, PUBLIC_URL
from tests.scenarios.stage import Team
from tests.tools import call

LEAD = {"会社名": "株式会社青葉", "お名前": "田中 花子", "メールアドレス": "hanako@aoba.example"}
OTHER_KEY = "b3RoZXIga2V5IG90aGVyIGtleSBvdGhlciBrZXkgISE="


@pytest.fixture
def team(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Team]:
    for name, value in (
        ("DATABASE_URL", database.url.render_as_string()),
        ("PUBLIC_URL", PUBLIC_URL),
        ("ENCRYPTION_KEYS", ENCRYPTION_KEY),
    ):
        monkeypatch.setenv(name, value)
    team = Team(database)
    monkeypatch.setattr(wall_clock, "utcnow", team.time.now)
    yield team
    team.close()


def added(*arguments: str, answer: str | None = None) -> str:
    done = cli("source", "add", *arguments, answer=answer)
    assert done.exit_code == 0, done.output
    return done.stdout


def sends(team: Team, printed: str, body: object, **headers: str) -> int:
    """Send to the address that was printed; returns the status."""
    (address,) = re.findall(rf"{PUBLIC_URL}(\S+)", printed)
    assert team.bot is not None
    return call(team.bot.address + address, json.dumps(body).encode(), headers).status


def test_a_tool_is_connected_with_what_was_printed_alone(team: Team, language: str) -> None:
    printed = added("web", "--kind", "mapping", "--channel", "資料請求")
    assert re.search(r"(?m)^1\. ", printed)
    assert sends(team, printed, LEAD) == 200
    assert team.mql(1).channel == "資料請求"
    t = Translator(Locale(language), "Asia/Tokyo")
    line = cli("source", "list").stdout
    assert all(t(key) in line for key in ("source.kind.mapping", "source.proof.address", "source.state.taken"))
    # What was printed once stands nowhere any more.
    (token,) = re.findall(r"/hooks/web/(\S+)", printed)
    shown = "".join(cli("source", command, *more).stdout for command, *more in (("list",), ("show", "web")))
    assert token not in shown
    with team.database.snapshot() as tx:
        (source,) = sources.every(tx, team.id)
        (secret,) = sources.secrets(tx, team.id, source.id)
    assert token not in str(secret)


def test_a_header_is_printed_as_the_tool_has_to_send_it(team: Team) -> None:
    printed = added("web", "--kind", "mapping", "--header", "X-Our-Key")
    (value,) = re.findall(r"x-our-key: (\S+)", printed)
    assert sends(team, printed, LEAD) == 401
    assert sends(team, printed, LEAD, **{"x-our-key": value}) == 200


def test_each_kind_says_where_to_click_for_each_of_its_proofs(team: Team, language: str) -> None:
    ways = [(kind, proof) for kind in SourceKind for proof in SETUPS[kind].proofs]
    for number, (kind, proof) in enumerate(ways):
        printed = added(f"s-{number}", "--kind", kind, "--proof", proof, answer="the key of the tool\n")
        assert re.search(r"(?m)^2\. ", printed), printed
        assert "{{" not in printed


def test_the_key_of_a_signature_is_stored_encrypted_and_moves_to_a_new_key(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    added("hub", "--kind", "hubspot", "--proof", "signed", answer="client-secret\n")

    def sealed() -> str:
        with team.database.snapshot() as tx:
            (secret,) = sources.sealed_secrets(tx)
        return str(secret.sealed)

    before = sealed()
    assert "client-secret" not in before
    monkeypatch.setenv("ENCRYPTION_KEYS", f"{OTHER_KEY},{ENCRYPTION_KEY}")
    assert "1" in cli("source", "reencrypt").stdout
    assert sealed() != before
    monkeypatch.setenv("ENCRYPTION_KEYS", OTHER_KEY)
    assert cli("source", "reencrypt").exit_code == 0
    monkeypatch.setenv("ENCRYPTION_KEYS", ENCRYPTION_KEY)
    assert "ENCRYPTION_KEYS" in complaint("source", "reencrypt")
    monkeypatch.delenv("ENCRYPTION_KEYS")
    assert "openssl" in complaint("source", "add", "form", "--kind", "typeform")


@pytest.mark.parametrize(
    "arguments",
    [
        ("UPPER", "--kind", "mapping"),
        ("web-", "--kind", "mapping"),
        ("w" * 41, "--kind", "mapping"),
        ("there", "--kind", "mapping"),
        ("kin", "--kind", "kintone", "--proof", "signed"),
        ("web", "--kind", "mapping", "--header", "two words"),
    ],
)
def test_what_cannot_be_set_up_is_refused_in_one_sentence(
    team: Team, language: str, arguments: tuple[str, ...]
) -> None:
    added("there", "--kind", "mapping")
    done = cli("source", "add", *arguments)
    assert done.exit_code == 2
    assert len(done.stderr.splitlines()) == 1
    assert ("there-2" in done.stderr) == (arguments[0] == "there"), "a name in use is told with one that is free"
    with team.database.snapshot() as tx:
        assert [source.name for source in sources.every(tx, team.id)] == ["there"]


def test_without_a_public_address_the_rest_is_printed_and_what_is_missing(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PUBLIC_URL")
    assert "PUBLIC_URL=https://" in added("web", "--kind", "mapping")


def test_a_secret_is_changed_without_a_gap(team: Team) -> None:
    old = added("web", "--kind", "mapping")
    new = cli("source", "rotate", "web").stdout
    assert [sends(team, printed, LEAD) for printed in (old, new)] == [200, 200]
    assert cli("source", "rotate", "web", "--finish").exit_code == 0
    assert [sends(team, printed, LEAD) for printed in (old, new)] == [401, 200]
    assert cli("source", "remove", "web", answer="n\n").exit_code == 0
    assert sends(team, new, LEAD) == 200
    assert cli("source", "remove", "web", "--yes").exit_code == 0
    assert sends(team, new, LEAD) == 401
    complaint("source", "show", "web")


def test_what_waited_is_an_mql_once_a_person_has_said_what_its_fields_are(team: Team) -> None:
    printed = added("web", "--kind", "mapping")
    assert sends(team, printed, {"f1": "株式会社青葉 ", "f2": "はなこ", "f3": "300"}) == 200
    team.advance(hours=5)
    with team.database.snapshot() as tx:
        (entry,) = unreadables.waiting(tx, team.id)
    shown = json.loads(cli("source", "map", "web", "--format", "json").stdout)
    assert [field["path"] for field in shown] == ["f1", "f2", "f3"]
    done = cli("source", "map", "web", "--set", "f1=company", "--set", "f2=person")
    assert done.exit_code == 0, done.output
    assert cli("source", "map", "web", "--set", "f9=company").exit_code == 2
    assert cli("source", "map", "web", "--set", "f1=nonsense").exit_code == 2
    assert "#1" in cli("source", "read-again", "web").stdout
    mql = team.mql(1)
    assert (mql.company, mql.person, mql.attributes) == ("株式会社青葉", "はなこ", {"f3": "300"})
    # It counts from when it came.
    assert (mql.received_at, mql.read_at) == (entry.came_at, team.time.now())
    with team.database.snapshot() as tx:
        assert unreadables.waiting(tx, team.id) == []
        (again,) = audits.newest(tx, team.id, 9, Filter(AuditKind.READ_AGAIN))
    assert (again.subject, again.after, again.door) == ("web", {"count": 1}, Door.COMMAND_LINE)
    assert "#1" not in cli("source", "read-again", "web").stdout
    assert sends(team, printed, {"f1": "若葉商事", "f2": "じろう"}) == 200
    assert team.mql(2).company == "若葉商事"
    assert len(team.log(1)) == len([event for event in team.log(1) if event.type != "received_again"])


def test_earlier_versions_of_a_mapping_are_told_and_one_counts_again(team: Team, language: str) -> None:
    printed = added("web", "--kind", "mapping")
    t = Translator(Locale(language), "Asia/Tokyo")
    assert t("source.versions.none") in cli("source", "show", "web", "--versions").stdout
    sends(team, printed, {"f1": "株式会社青葉", "f2": "はなこ"})
    cli("source", "map", "web", "--set", "f1=company", "--set", "f2=person")
    cli("source", "map", "web", "--set", "f1=message")
    shown = cli("source", "show", "web", "--versions").stdout
    assert [line for line in shown.splitlines() if "→" in line] == [
        f"    f1 → {t('teach.field.message')}",
        f"    f1 → {t('teach.field.company')}",
        f"    f2 → {t('teach.field.person')}",
    ]
    assert t("source.versions.command_line") in shown
    assert cli("source", "map", "web", "--back-to", "3").exit_code == 2
    assert cli("source", "map", "web", "--back-to", "1").exit_code == 0
    versions = json.loads(cli("source", "show", "web", "--versions", "--format", "json").stdout)
    assert [(each["version"], each["by"]) for each in versions] == [(3, None), (2, None), (1, None)]
    assert versions[0]["fields"] == versions[2]["fields"]
    sends(team, printed, {"f1": "若葉商事", "f2": "じろう"})
    assert team.mql(1).company == "若葉商事"


def test_an_address_takes_the_messages_of_one_organisation_of_salesforce_alone(team: Team) -> None:
    printed = added("sf", "--kind", "salesforce", "--proof", "address")
    (address,) = re.findall(rf"{PUBLIC_URL}(\S+)", printed)
    assert team.bot is not None
    bot = team.bot.address

    def says(organization: str, number: int) -> int:
        lead = sobject(Id=f"00Q5e00000A0{number:03d}", Company="Aoba", LastName="Yamada")
        body = outbound_message(lead, organization=organization)
        return call(bot + address, body, {"content-type": "text/xml"}).status

    other = "00D5e000000ZZZZ"
    assert (says(ORGANIZATION, 1), says(other, 2)) == (200, 200)
    for nonsense in ("00Q5e00000A0001", "", "nonsense"):
        assert cli("source", "organization", "sf", nonsense).exit_code == 2
    assert cli("source", "organization", "sf", ORGANIZATION[:15]).exit_code == 0
    assert (says(ORGANIZATION, 3), says(other, 4)) == (200, 401)
    assert ORGANIZATION in cli("source", "show", "sf").stdout
    assert cli("source", "organization", "sf", other).exit_code == 0
    assert (says(ORGANIZATION, 5), says(other, 6)) == (401, 200)
    added("web", "--kind", "mapping")
    assert cli("source", "organization", "web", ORGANIZATION).exit_code == 2
    assert [cli("source", "organization", "sf", *both).exit_code for both in ((), (other, "--any"))] == [2, 2]
    assert cli("source", "organization", "sf", "--any").exit_code == 0
    assert (says(ORGANIZATION, 7), says(other, 8)) == (200, 200)
    added("signed", "--kind", "salesforce", "--proof", "signed")
    assert cli("source", "organization", "signed", ORGANIZATION).exit_code == 2


def test_the_source_tells_whoever_asks_why_it_refuses(team: Team, language: str) -> None:
    printed = added("form", "--kind", "typeform")
    (key,) = re.findall(r"(?m): +([\w-]{43})$", printed)
    hexadecimal = hmac.digest(key.encode(), json.dumps(LEAD).encode(), hashlib.sha256).hex()
    assert sends(team, printed, LEAD, **{"typeform-signature": f"sha256={hexadecimal}"}) == 401
    t = Translator(Locale(language), "Asia/Tokyo")
    assert t("source.why.hex_for_base64") in cli("source", "show", "form").stdout
    assert "hex_for_base64" in cli("source", "show", "form", "--format", "json").stdout
    assert t("source.why.hex_for_base64") in cli("doctor").stdout
