"""Bodies in every writing and encoding, and those that mean no good."""

from __future__ import annotations

import json
from contextlib import suppress
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.connectors.sources.base import LONGEST_KEY, MAX_ITEMS
from bot.connectors.sources.contract import LeadRead, NotALead, Unreadable
from bot.connectors.sources.paths import MAX_PATHS, MAX_VALUE, flat
from bot.connectors.sources.payload import MAX_DEPTH, MAX_FIELDS, tree
from bot.connectors.sources.registry import KINDS
from tests.connectors.sources.deliveries import FORM, SAMPLES, Sample, delivery, outbound_message, read, sobject
from tests.patience import own_seconds

FIELDS = {"会社名": "株式会社青葉", "氏名": "髙橋 花子", "お問い合わせ内容": "①資料希望\nよろしくお願いします。"}
PLAIN = {"会社名": "株式会社青葉", "氏名": "高橋 花子", "お問い合わせ内容": "資料希望\nよろしくお願いします。"}


def multipart(fields: dict[str, str], encoding: str = "utf-8") -> tuple[bytes, str]:
    parts = [
        f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode(encoding)
        for name, value in fields.items()
    ]
    return b"".join(parts) + b"--B--\r\n", "multipart/form-data; boundary=B"


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "euc_jp", "iso2022_jp"])
def test_a_form_is_read_in_every_japanese_encoding(encoding: str, named: bool) -> None:
    fields = FIELDS if encoding in {"utf-8", "cp932"} else PLAIN
    body = urlencode(fields, encoding=encoding).encode()
    assert tree(delivery(body, f"{FORM}; charset={encoding}" if named else FORM)) == fields


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp932", "euc_jp", "iso2022_jp"])
def test_json_is_read_in_every_encoding_that_tools_write(encoding: str) -> None:
    fields = PLAIN if encoding in {"euc_jp", "iso2022_jp"} else FIELDS
    assert tree(delivery(json.dumps(fields, ensure_ascii=False).encode(encoding))) == fields


@pytest.mark.parametrize("charset", ["no-such", "hex", "zlib", "utf-16", "x-sjis", "ascii", "idna", "undefined"])
def test_a_charset_that_does_not_fit_is_not_believed(charset: str) -> None:
    body = json.dumps(FIELDS, ensure_ascii=False).encode()
    if charset == "x-sjis":
        body = json.dumps(FIELDS, ensure_ascii=False).encode("cp932")
    assert tree(delivery(body, f"application/json; charset={charset}")) == FIELDS


@pytest.mark.parametrize("encoding", ["utf-8", "cp932"])
def test_a_form_with_parts_is_read(encoding: str) -> None:
    assert tree(
        delivery(*multipart({"company": FIELDS["会社名"], "message": FIELDS["お問い合わせ内容"]}, encoding))
    ) == {
        "company": FIELDS["会社名"],
        "message": FIELDS["お問い合わせ内容"],
    }


def test_of_a_file_its_name_is_kept() -> None:
    body = b'--B\r\nContent-Disposition: form-data; name="f"; filename="a.pdf"\r\n\r\n%PDF\xff\r\n--B--\r\n'
    assert tree(delivery(body, "multipart/form-data; boundary=B")) == {"f": "a.pdf"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"a": 1.50, "b": 9007199254740993, "c": 1e400, "d": true, "e": null}',
         {"a": "1.50", "b": "9007199254740993", "c": "1e400", "d": "true", "e": None}),
        (b'{"a": "line\none"}', {"a": "line\none"}),
        (b'{"a": "1",}', {"a": "1"}),
        (b'{"a": ""x"", "b": ["", ""y""], "c": ""}', {"a": "x", "b": ["", "y"], "c": ""}),
        (b'{"a": , "b": 2}', {"a": None, "b": "2"}),
        (b'"{\\"a\\": \\"{\\\\\\"b\\\\\\": 1}\\"}"', {"a": {"b": "1"}}),
        (b'{"a": "[not json"}', {"a": "[not json"}),
        (b'{"a": "\\ud83d\\ude00 \\ud83d"}', {"a": "\U0001f600 \ufffd"}),
        (b"a=1&a=2&b=&=c&d", {"a": ["1", "2"], "b": "", "": "c", "d": ""}),
    ],
)  # fmt: skip
def test_a_body_is_read_as_it_was_meant(body: bytes, expected: object) -> None:
    assert tree(delivery(body)) == expected


@pytest.mark.parametrize(
    ("body", "content_type", "words"),
    [
        (b"", "application/json", "empty"),
        (b" \n", FORM, "empty"),
        (b"12", "application/json", "single value"),
        (b'"hello"', "application/json", "single value"),
        (b"hello", "text/plain", "neither JSON nor a form"),
        (b"{", "application/json", "line 1, column 2"),
        (b"--B\r\n", "multipart/form-data", "no boundary"),
        (b"no parts at all", "multipart/form-data; boundary=B", "broken"),
        (b"&".join(b"a%d=1" % number for number in range(MAX_FIELDS + 1)), FORM, "more than"),
        (b"[" * 100_000, "application/json", "too deep"),
        (b"[" * (MAX_DEPTH + 2) + b"]" * (MAX_DEPTH + 2), "application/json", "too deep"),
        (b'{"a":' * 50_000, "application/json", "too deep"),
    ],
)
def test_what_has_no_form_is_unreadable_and_says_why(body: bytes, content_type: str, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        tree(delivery(body, content_type))


def test_more_leads_than_a_body_may_hold_are_refused_together() -> None:
    with pytest.raises(Unreadable, match="1,000"):
        read("mapping", [{"email": "a@b.example"}] * (MAX_ITEMS + 1))


def test_paths_are_bounded() -> None:
    values = flat({f"k{number}": "v" * 6_000 for number in range(MAX_PATHS + 10)})
    assert len(values) == MAX_PATHS
    assert {len(value) for value in values.values()} == {MAX_VALUE}


def test_the_order_of_questions_does_not_change_their_paths() -> None:
    answers = [{"question": "会社名", "answer": "青葉"}, {"question": "氏名 [必須]", "answer": ["田中", "花子"]}]
    expected = {"a[会社名]": "青葉", "a[氏名 (必須)]": "田中、花子"}
    assert flat({"a": answers}) == flat({"a": answers[::-1]}) == expected  # type: ignore[dict-item]


# Each is cheap to send, and would be dear to whoever read it twice over or went down it step by step.
DEAR: dict[str, tuple[str, bytes]] = {
    "a long message": ("mapping", json.dumps({"company": "Acme", "message": "あ" * 350_000}).encode()),
    "many keys": ("mapping", json.dumps({f"key {number}": "x" * 80 for number in range(10_000)}).encode()),
    "one key": ("mapping", b'{"a":"x"' + b',"q":"1"' * 100_000 + b"}"),
    "quotes": ("mapping", b'{"a": ' + b'"\\"' * 300_000),
    "twice quoted": ("mapping", b'{"a": ' + b'""a' * 300_000),
    "markup": ("mapping", b'{"a": "' + b"<" * 500_000 + b'"}'),
    "entities": ("mapping", b'{"a": "' + b"&amp;" * 200_000 + b'"}'),
    "addresses": ("mapping", b'{"email": "' + b"a@" * 500_000 + b'"}'),
    "escapes": ("mapping", b"a=" + b"%" * 1_000_000),
    "tags": ("kintone", json.dumps({"record": {"m": {"type": "RICH_TEXT", "value": "<" * 900_000}}}).encode()),
    "a hundred records": (
        "salesforce",
        outbound_message(*(sobject(Id="00Q5e00000ZkM3h", Description="x" * 9_000) for _ in range(100))),
    ),
    "deep XML": ("salesforce", b"<a>" * 140_000 + b"</a>" * 140_000),
    "open XML": ("salesforce", b"<a>" * 300_000),
}


@pytest.mark.alike
@pytest.mark.parametrize("dear", DEAR)
def test_a_megabyte_costs_no_more_than_a_megabyte(dear: str) -> None:
    kind, body = DEAR[dear]
    begun = own_seconds()
    with suppress(Unreadable):
        KINDS[kind].read(delivery(body), {})
    assert own_seconds() - begun < 5


TELLING = [
    *("email", "value", "label", "type", "record", "properties", "payload", "data", "fields", "app", "id", "entry"),
    *("columns", "answers", "form_response", "会社名", "event", "registrant", "subscriptionType"),
]
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(TELLING) | st.text(max_size=8), inner, max_size=6)
    ),
    max_leaves=25,
)
bodies = (
    anything.map(lambda value: json.dumps(value).encode())
    | st.binary(max_size=200)
    | st.text(max_size=100).map(lambda value: value.encode("utf-8", "surrogatepass"))
)
types = st.sampled_from(
    ["application/json", FORM, "multipart/form-data; boundary=B", "text/xml", "", "a;b=\r\n;charset=hex"]
)


kinds = st.sampled_from(list(KINDS))


@given(kind=kinds, body=bodies, content_type=types, mapping=st.dictionaries(st.text(max_size=8), st.text(max_size=8)))
@settings(max_examples=400)
def test_reading_raises_nothing_but_unreadable(
    kind: str, body: bytes, content_type: str, mapping: dict[str, str]
) -> None:
    sent = delivery(body, content_type)
    items = []
    with suppress(Unreadable):
        items = KINDS[kind].read(sent, mapping)
    for item in items:
        assert isinstance(item.content, LeadRead | NotALead)
        assert item.key is None or len(item.key) <= LONGEST_KEY
        if isinstance(item.content, LeadRead):
            assert (item.content.lead is None) == bool(item.content.reason)
            "".join(item.content.values.values()).encode()
    KINDS[kind].reply(sent, ["new"] * len(items)).body.encode()


@given(sample=st.sampled_from(SAMPLES), data=st.data())
@settings(max_examples=200)
def test_a_broken_delivery_of_a_tool_raises_nothing_but_unreadable(sample: Sample, data: st.DataObject) -> None:
    raw = delivery(sample.body).body
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, min(len(raw), start + 60)))
    sent = delivery(raw[:start] + data.draw(st.binary(max_size=6)) + raw[end:], sample.content_type)
    KINDS[sample.kind].verify(sent, ["s", "00D5e000000KQ2eEAG"])
    KINDS[sample.kind].handshake(sent, ["s"])
    with suppress(Unreadable):
        KINDS[sample.kind].read(sent, {})


SIGNING = [
    *("webhook-id", "webhook-timestamp", "webhook-signature", "x-hubspot-signature-v3", "x-hubspot-signature", "host"),
    *("x-hubspot-request-timestamp", "x-mql-signature", "typeform-signature", "tally-signature", "x-zm-signature"),
    *("calendly-webhook-signature", "x-webflow-signature", "x-webflow-timestamp", "x-zm-request-timestamp"),
    "x-cal-signature-256",
]


@given(
    kind=kinds,
    headers=st.dictionaries(
        st.sampled_from(SIGNING), st.text(max_size=70) | st.just("v1," + "A" * 43 + "="), max_size=6
    ),
)
def test_no_header_brings_a_signature_down(kind: str, headers: dict[str, str]) -> None:
    sent = delivery(b'{"google_key": 1}', headers=headers)
    assert KINDS[kind].verify(sent, ["whsec_c2VjcmV0", "é"]) is not None or not KINDS[kind].signs
