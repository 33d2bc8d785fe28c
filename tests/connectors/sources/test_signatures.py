"""Every signature against its published or computed vector, and what the wrong ones look like."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.connectors.sources import signatures
from bot.connectors.sources.contract import Delivery, Suspicion
from bot.connectors.sources.registry import KINDS
from tests.connectors.sources.deliveries import ORGANIZATION, delivery, outbound_message, sobject

HUBSPOT_SECRET = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
OUR_SECRET = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
EXAMPLE = "https://www.example.com/webhook_uri"
OURS = "https://mql.example.co.jp/hooks/hubspot"
COMPANY = '{"properties":{"company":{"value":"株式会社青葉"}}}'
CHANGE = (
    '[{"eventId":100,"subscriptionId":22,"portalId":33,"appId":44,"occurredAt":1795910400000,'
    '"subscriptionType":"object.propertyChange","attemptNumber":0,"objectId":123,"objectTypeId":"0-1",'
    '"changeSource":"CRM_UI","sourceId":"userId:9","propertyName":"lifecyclestage",'
    '"propertyValue":"marketingqualifiedlead"}]'
)
CREATION = (
    '[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,'
    '"subscriptionType":"contact.creation","attemptNumber":0,"objectId":123,"changeSource":"CRM","changeFlag":"NEW",'
    '"appId":54321}]'
)
V3, STAMP_3 = "x-hubspot-signature-v3", "x-hubspot-request-timestamp"
OLD, OLD_VERSION = "x-hubspot-signature", "x-hubspot-signature-version"
SVIX_PUBLISHED = {
    "svix-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "svix-timestamp": "1614265330",
    "svix-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
STANDARD = {
    "webhook-id": "msg_2mql",
    "webhook-timestamp": "1795910401",
    "webhook-signature": "v1,q2S/jhoa/5VIus+6NM8RHl4voiMaDpxu9769ce+Djbs=",
}
STANDARD_SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
STANDARD_BODY = '{"type":"lead.created","data":{"company":"株式会社青葉"}}'


@dataclass(frozen=True)
class Vector:
    name: str
    kind: str
    secret: str
    body: str
    headers: dict[str, str]
    at: float = 1795910401
    url: str = EXAMPLE
    method: str = "POST"
    signature: str = field(default="")
    """Name of the header that holds the signature."""

    @property
    def delivery(self) -> Delivery:
        return Delivery(self.method, self.url, self.headers, self.body.encode(), datetime.fromtimestamp(self.at, UTC))


VECTORS = [
    Vector(
        "HubSpot v1", "hubspot", HUBSPOT_SECRET, CREATION,
        {OLD: "232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f4817de", OLD_VERSION: "v1"}, signature=OLD,
    ),
    Vector(
        "HubSpot v2 without a body", "hubspot", HUBSPOT_SECRET, "",
        {OLD: "eee2dddcc73c94d699f5e395f4b9d454a069a6855fbfa152e91e88823087200e", OLD_VERSION: "v2"},
        method="GET", signature=OLD,
    ),
    Vector(
        "HubSpot v2, quotes", "hubspot", HUBSPOT_SECRET, "{'example_field':'example_value'}",
        {OLD: "4fe4e3a7d3cf09db53be39d0a58130e2aaba074ec123a9e355b876a689a1c383", OLD_VERSION: "v2"}, signature=OLD,
    ),
    Vector(
        "HubSpot v2, JSON", "hubspot", HUBSPOT_SECRET, '{"example_field":"example_value"}',
        {OLD: "9569219f8ba981ffa6f6f16aa0f48637d35d728c7e4d93d0d52efaa512af7900", OLD_VERSION: "v2"}, signature=OLD,
    ),
    Vector(
        "HubSpot v3", "hubspot", HUBSPOT_SECRET, "{'example_field':'example_value'}",
        {V3: "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y=", STAMP_3: "1693657560000"},
        at=1693657560, signature=V3,
    ),
    Vector(
        "HubSpot v3, a later moment",
        "hubspot",
        HUBSPOT_SECRET,
        "{'example_field':'example_value'}",
        {V3: "RnbPH7+UMKVkbV32P8bz450N4M56aPmcru1+D3kSDtw=", STAMP_3: "1700000300000"},
        at=1700000300,
        signature=V3,
    ),
    Vector(
        "HubSpot v3, a change", "hubspot", OUR_SECRET, CHANGE,
        {V3: "DSwnIU93MRsQNVWi0fPBpQMXXLRO+hNBQuqY3eq4W6s=", STAMP_3: "1795910401000"}, url=OURS, signature=V3,
    ),
    Vector(
        "HubSpot v3, Japanese", "hubspot", OUR_SECRET, COMPANY,
        {V3: "+SrdZcR8QZxYAOP63ZNsJ+4u3VbtwZ4ZLBpdDRM8iLM=", STAMP_3: "1795910401000"}, url=OURS, signature=V3,
    ),
    Vector(
        "HubSpot v2, Japanese", "hubspot", OUR_SECRET, COMPANY,
        {OLD: "c90a7ac779dae715f2c5ab3ccbdc1ad99300e6b73542e693abe163d833014ad8", OLD_VERSION: "v2"},
        url=OURS, signature=OLD,
    ),
    Vector(
        "a Salesforce flow", "salesforce", "mql-webhook-secret", f"1795910401.{COMPANY}",
        {"x-mql-signature": "ba419857610326d2a56d8c9aa157020538efec95cd2454d5b707e70d6a77c180"},
        signature="x-mql-signature",
    ),
    Vector(
        "Typeform", "typeform", "mql-typeform-secret",
        '{"event_id":"01KBYWTTXW2SXX86TBH2SGNCCS","event_type":"form_response","form_response":{"token":"t1",'
        '"submitted_at":"2026-11-29T00:00:00Z","answers":[{"type":"text","text":"株式会社青葉","field":{"id":"f1",'
        '"ref":"company","type":"short_text"}}]}}',
        {"typeform-signature": "sha256=5eTOu/8eXvnPuz3oxQ7G+S94MOJF8RhrQhShdSDVtD8="}, signature="typeform-signature",
    ),
    Vector(
        "Tally", "tally", "mql-tally-secret",
        '{"eventId":"e1","eventType":"FORM_RESPONSE","createdAt":"2026-11-29T00:00:00.000Z","data":{"responseId":"r1",'
        '"formId":"F1","fields":[{"key":"question_1","label":"会社名","type":"INPUT_TEXT","value":"株式会社青葉"}]}}',
        {"tally-signature": "8sen9W+2RBW13wt/30AMXBtZ7f4tcIyvALZDvYh8v/A="}, signature="tally-signature",
    ),
    Vector(
        "Calendly", "calendly", "mql-calendly-secret",
        '{"event":"invitee.created","created_at":"2026-11-29T00:00:00.000000Z","payload":{"email":"a@example.com",'
        '"name":"田中 花子","questions_and_answers":[{"question":"会社名","answer":"株式会社青葉","position":0}]}}',
        {"calendly-webhook-signature":
            "t=1795910401,v1=fcd15fe1540b0a95f714c64fb1da8be5466c554e6d81390e6a9ef380e91fa1e3"},
        signature="calendly-webhook-signature",
    ),
    Vector(
        "Webflow", "webflow", "mql-webflow-secret",
        '{"triggerType":"form_submission","payload":{"name":"Contact","data":{"会社名":"株式会社青葉"}}}',
        {"x-webflow-signature": "34c6d73417b72860352b0cffc66c906421b22170c71b7b888008355af8254087",
         "x-webflow-timestamp": "1795910401000"},
        signature="x-webflow-signature",
    ),
    Vector(
        "Zoom", "zoom", "mql-zoom-secret",
        '{"event":"webinar.registration_created","payload":{"object":{"registrant":{"email":"a@example.com"}}},'
        '"event_ts":1795910400000}',
        {"x-zm-signature": "v0=fcf4629c6591d759c0c13602087675d5de4114b857c07d107d58a06ba7ca3348",
         "x-zm-request-timestamp": "1795910401"},
        signature="x-zm-signature",
    ),
    Vector(
        "Cal.com", "calcom", "mql-cal-secret",
        '{"triggerEvent":"BOOKING_CREATED","payload":{"title":"株式会社青葉"}}',
        {"x-cal-signature-256": "6d8df96e8336694a8eaed08459d2dd72a40efa4627cbdbb9382fa2d3f3ea776b"},
        signature="x-cal-signature-256",
    ),
    Vector(
        "Svix, published", "generic", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", '{"test": 2432232314}',
        SVIX_PUBLISHED, at=1614265330, signature="svix-signature",
    ),
    Vector(
        "Standard Webhooks", "generic", STANDARD_SECRET, STANDARD_BODY, STANDARD, signature="webhook-signature"
    ),
]  # fmt: skip
STAMPED = [each for each in VECTORS if any("timestamp" in name or "calendly" in name for name in each.headers)]


def name_of(vector: Vector) -> str:
    return vector.name


def verdict(vector: Vector, secrets: Sequence[str] | None = None, **changed: object) -> Suspicion | None:
    changed = {name: value for name, value in changed.items() if value is not None}
    return KINDS[vector.kind].verify(
        replace(vector.delivery, **changed),  # type: ignore[arg-type]
        [vector.secret] if secrets is None else secrets,
    )


@pytest.mark.parametrize("vector", VECTORS, ids=name_of)
def test_a_signature_of_the_vendor_is_taken(vector: Vector) -> None:
    assert KINDS[vector.kind].signs
    assert verdict(vector) is None


@pytest.mark.parametrize("vector", VECTORS, ids=name_of)
def test_while_a_secret_changes_the_old_and_the_new_one_are_right(vector: Vector) -> None:
    other = "whsec_" + base64.b64encode(b"another key, thirty-two bytes ..").decode()
    assert verdict(vector, [vector.secret, other]) is None
    assert verdict(vector, [other, vector.secret]) is None


@pytest.mark.parametrize("vector", VECTORS, ids=name_of)
@pytest.mark.parametrize("secrets", [["no secret of ours"], []], ids=["another secret", "none"])
def test_nobody_elses_signature_is_taken(vector: Vector, secrets: list[str]) -> None:
    assert verdict(vector, secrets) is Suspicion.WRONG_KEY


@pytest.mark.parametrize("vector", VECTORS, ids=name_of)
@pytest.mark.parametrize("change", [lambda body: body + b" ", lambda body: b"?" + body[1:]], ids=["longer", "other"])
def test_no_byte_of_the_body_can_be_changed(vector: Vector, change: Callable[[bytes], bytes]) -> None:
    assert verdict(vector, body=change(vector.body.encode())) is Suspicion.WRONG_KEY


@pytest.mark.parametrize("vector", VECTORS, ids=name_of)
def test_without_its_header_nothing_is_taken(vector: Vector) -> None:
    for absent in vector.headers:
        if absent == OLD_VERSION:
            continue
        headers = {name: value for name, value in vector.headers.items() if name != absent}
        assert verdict(vector, headers=headers) is Suspicion.MISSING_HEADER, absent


@pytest.mark.parametrize("vector", VECTORS, ids=name_of)
@pytest.mark.parametrize("wrong", ["?", "v1", "e" * 63, "あ" * 64, "v1,", "t=1", "sha256=", "Bearer abc", "=" * 44])
def test_what_is_no_signature_is_called_so(vector: Vector, wrong: str) -> None:
    assert verdict(vector, headers=vector.headers | {vector.signature: wrong}) is Suspicion.NOT_OF_THE_FORM


@pytest.mark.parametrize("vector", STAMPED, ids=name_of)
def test_the_clock_is_bounded_on_both_sides(vector: Vector) -> None:
    at = vector.delivery.at
    assert signatures.seconds(KINDS[vector.kind].stamp(vector.delivery)) == at.timestamp()
    for seconds, expected in [
        (300, None),
        (301, Suspicion.TOO_OLD),
        (86_400 * 400, Suspicion.TOO_OLD),
        (-300, None),
        (-301, Suspicion.TOO_NEW),
        (-86_400 * 400, Suspicion.TOO_NEW),
    ]:
        assert verdict(vector, at=at + timedelta(seconds=seconds)) is expected, seconds


@pytest.mark.parametrize("kind", sorted({vector.kind for vector in VECTORS}))
def test_a_kind_is_dated_where_every_signature_of_its_tool_grows_old(kind: str) -> None:
    mine = [vector for vector in VECTORS if vector.kind == kind]
    assert KINDS[kind].dated == all(vector in STAMPED for vector in mine)


@pytest.mark.parametrize("vector", STAMPED, ids=name_of)
def test_another_moment_than_the_signed_one_is_not_taken(vector: Vector) -> None:
    def later(value: str) -> str:
        return (
            value.replace("1700000300", "1700000301")
            .replace("1795910401", "1795910402")
            .replace("1614265330", "1614265331")
            .replace("1693657560", "1693657561")
        )

    headers = {name: later(value) for name, value in vector.headers.items()}
    assert headers != vector.headers
    assert verdict(vector, headers=headers) is Suspicion.WRONG_KEY


@pytest.mark.parametrize("vector", VECTORS, ids=name_of)
def test_a_signature_that_is_written_the_other_way_is_recognised(vector: Vector) -> None:
    given = vector.headers[vector.signature]
    lead, bare = next(
        (mark, given.removeprefix(mark))
        for mark in ("t=1795910401,v1=", "sha256=", "v0=", "v1,", "")
        if given.startswith(mark)
    )
    in_hex = len(bare) == 64
    digest = bytes.fromhex(bare) if in_hex else base64.b64decode(bare)
    other = base64.b64encode(digest).decode() if in_hex else digest.hex()
    expected = Suspicion.BASE64_FOR_HEX if in_hex else Suspicion.HEX_FOR_BASE64
    assert verdict(vector, headers=vector.headers | {vector.signature: lead + other}) is expected


def test_milliseconds_for_seconds_are_recognised() -> None:
    signed = hmac.digest(b"k", b"m.1795910401000.{}", "sha256")
    headers = {
        "webhook-id": "m",
        "webhook-timestamp": "1795910401000",
        "webhook-signature": "v1," + base64.b64encode(signed).decode(),
    }
    secret = base64.b64encode(b"k").decode()
    assert KINDS["generic"].verify(delivery({}, headers=headers), [secret]) is Suspicion.MILLISECONDS


def test_seconds_for_milliseconds_are_recognised() -> None:
    vector = next(each for each in VECTORS if each.kind == "webflow")
    signed = hmac.digest(vector.secret.encode(), b"1795910401:" + vector.body.encode(), "sha256")
    headers = {"x-webflow-timestamp": "1795910401", "x-webflow-signature": signed.hex()}
    assert verdict(vector, headers=headers) is Suspicion.SECONDS


@pytest.mark.parametrize("key", [STANDARD_SECRET, STANDARD_SECRET.removeprefix("whsec_")])
def test_a_key_that_was_not_decoded_is_recognised(key: str) -> None:
    vector = VECTORS[-1]
    signed = f"msg_2mql.1795910401.{vector.body}".encode()
    given = "v1," + base64.b64encode(hmac.digest(key.encode(), signed, "sha256")).decode()
    assert verdict(vector, headers=STANDARD | {"webhook-signature": given}) is Suspicion.KEY_NOT_DECODED


def test_one_right_signature_of_several_is_enough() -> None:
    right = STANDARD["webhook-signature"]
    wrong = "v1," + base64.b64encode(bytes(32)).decode()
    for given in (f"{wrong} {right}", f"{right} {wrong}", f"v1a,Zm9v {right}", f"v2,{right[3:]} {right}"):
        assert verdict(VECTORS[-1], headers=STANDARD | {"webhook-signature": given}) is None
    assert (
        verdict(VECTORS[-1], headers=STANDARD | {"webhook-signature": f"v2,{right[3:]}"}) is Suspicion.NOT_OF_THE_FORM
    )


@pytest.mark.parametrize(
    "ours",
    [
        "https://mql.example.co.jp/hooks/hubspot/",
        "http://mql.example.co.jp/hooks/hubspot",
        "https://mql.example.co.jp/hooks/hubspot?a=1",
    ],
)
@pytest.mark.parametrize("version", [V3, OLD])
def test_hubspot_that_was_given_another_address_is_recognised_and_refused(version: str, ours: str) -> None:
    vector = next(each for each in VECTORS if each.url == OURS and each.signature == version)
    assert verdict(vector, url=ours) is Suspicion.OTHER_ADDRESS


def test_hubspot_that_calls_by_another_host_is_refused_whatever_the_host_header_says() -> None:
    vector = next(each for each in VECTORS if each.name == "HubSpot v3, Japanese")
    headers = vector.headers | {"host": "mql.example.co.jp"}
    assert verdict(vector, url="https://other.example/hooks/hubspot", headers=headers) is Suspicion.OTHER_ADDRESS


def test_the_newest_signature_of_hubspot_counts_where_several_come() -> None:
    right = next(each for each in VECTORS if each.name == "HubSpot v2, Japanese").headers
    vector = next(each for each in VECTORS if each.name == "HubSpot v3, Japanese")
    assert verdict(vector, headers=vector.headers | right) is None
    wrong = vector.headers | {V3: base64.b64encode(bytes(32)).decode()}
    assert verdict(vector, headers=wrong | right) is Suspicion.WRONG_KEY


def test_hubspot_decodes_some_escapes_of_an_address_before_it_signs() -> None:
    url, signed = "https://m.example/h?a=%2Fb%3Ac&d=%25", "https://m.example/h?a=/b:c&d=%25"
    stamp = "1795910401000"
    given = hmac.digest(b"s", f"POST{signed}{{}}{stamp}".encode(), "sha256")
    headers = {V3: base64.b64encode(given).decode(), STAMP_3: stamp}
    sent = Delivery("POST", url, headers, b"{}", datetime.fromtimestamp(1795910401, UTC))
    assert KINDS["hubspot"].verify(sent, ["s"]) is None


def test_an_outbound_message_is_taken_from_its_organisation_alone() -> None:
    sent = delivery(outbound_message(sobject(Id="00Q5e00000ZkM3hEAF")))
    salesforce = KINDS["salesforce"]
    assert salesforce.verify(sent, [ORGANIZATION]) is None
    assert salesforce.verify(sent, [ORGANIZATION[:15]]) is None
    assert salesforce.verify(sent, ["00D5e000000KQ2fEAG"]) is not None
    assert salesforce.verify(sent, ["00D5e000000KQ3e"]) is Suspicion.OTHER_ORGANIZATION
    assert salesforce.verify(sent, ["a secret of a flow"]) is Suspicion.MISSING_HEADER
    assert salesforce.verify(sent, []) is Suspicion.MISSING_HEADER


def test_the_name_of_an_organisation_is_no_key_of_a_flow() -> None:
    given = hmac.new(ORGANIZATION.encode(), b"{}", hashlib.sha256).hexdigest()
    sent = delivery(b"{}", headers={"x-mql-signature": given})
    assert KINDS["salesforce"].verify(sent, [ORGANIZATION]) is Suspicion.WRONG_KEY


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ('"mql-google-key"', None),
        ('"MQL-google-key"', Suspicion.WRONG_KEY),
        ('"mql-google-key "', Suspicion.WRONG_KEY),
        ("12", Suspicion.NOT_OF_THE_FORM),
        ("true", Suspicion.NOT_OF_THE_FORM),
        ('["mql-google-key"]', Suspicion.NOT_OF_THE_FORM),
        ('"\\ud800"', Suspicion.WRONG_KEY),
        ("null", Suspicion.MISSING_HEADER),
        (None, Suspicion.MISSING_HEADER),
    ],
)
def test_the_key_of_google_stands_in_the_body(key: str | None, expected: Suspicion | None) -> None:
    key_field = "" if key is None else f'"google_key":{key},'
    body = f'{{"lead_id":"L1",{key_field}"is_test":true}}'.encode()
    assert KINDS["google-ads"].verify(delivery(body), ["other", "mql-google-key"]) is expected


def test_the_key_of_google_is_not_stored() -> None:
    kept = KINDS["google-ads"].kept(b'{"lead_id":"L1","form_id":9007199254740993,"google_key":"mql-google-key"}')
    assert kept == b'{"lead_id": "L1", "form_id": 9007199254740993}'


def test_zoom_hears_the_proof_that_it_asks_for() -> None:
    body = {"event": "endpoint.url_validation", "payload": {"plainToken": "qgg8vlvZRS6UYooatFL8Aw"}, "event_ts": 1}
    reply = KINDS["zoom"].handshake(delivery(body), ["mql-zoom-secret", "older"])
    assert reply is not None
    assert reply.status == 200
    assert reply.body == (
        '{"plainToken": "qgg8vlvZRS6UYooatFL8Aw", '
        '"encryptedToken": "496b17606606c22030c031e98b3dcc90f2831fd00808abd7af400d680a13faf0"}'
    )
    assert KINDS["zoom"].handshake(delivery({"event": "webinar.registration_created"}), ["s"]) is None
    assert KINDS["zoom"].handshake(delivery(b"\xff"), ["s"]) is None


def test_nothing_else_asks_for_a_handshake() -> None:
    for name, kind in KINDS.items():
        if name != "zoom":
            assert (
                kind.handshake(delivery({"event": "endpoint.url_validation", "payload": {"plainToken": "p"}}), ["s"])
                is None
            )
