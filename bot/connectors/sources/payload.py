"""The body of a delivery as one tree, whatever it was written in: JSON, a form, or JSON inside a field of a form."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterable
from email.message import Message
from urllib.parse import unquote_to_bytes

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from bot.connectors.parser import text
from bot.connectors.sources.contract import Delivery, Unreadable
from bot.connectors.sources.encodings import decoded, likeliest

Tree = dict[str, "Tree"] | list["Tree"] | str | None
"""Every value is text, as it was written: a number keeps all its digits, and `true` is a word."""

MAX_FIELDS = 1_000
MAX_DEPTH = 40
MAX_TWINS = 10
_NESTED = 3

# What templates make of a token that their tool had quoted already, and of one that was empty.
_TWICE_QUOTED = re.compile(r'([:\[,]\s*)""([^"\n]+)""(?=\s*[,}\]])')
_NOTHING = re.compile(r'("\s*:\s*)(?=[,}])')
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_FORM = re.compile(rb"[^=&\s]{1,200}=")


def tree(delivery: Delivery) -> Tree:
    """Return what stands in the body. Raises Unreadable where that is neither JSON nor a form."""
    kind = _content_type(delivery)
    body = delivery.body
    if not body.strip():
        raise Unreadable("The body is empty.")
    if kind.get_content_type() == "multipart/form-data":
        return unpacked(_multipart(body, str(kind.get_param("boundary") or "")))
    charset = str(kind.get_param("charset") or "")
    if kind.get_content_type() == "application/x-www-form-urlencoded" and not body.lstrip().startswith((b"{", b"[")):
        return unpacked(_form(body, charset))
    try:
        return unpacked(_json(decoded(body, charset)))
    except json.JSONDecodeError as error:
        if _FORM.match(body):
            return unpacked(_form(body, charset))
        where = f"line {error.lineno}, column {error.colno}"
        raise Unreadable(f"The body is neither JSON nor a form: see {where}.") from None


def from_json(written: str) -> Tree:
    """Return the tree in a JSON text. Raises json.JSONDecodeError, or Unreadable where it is nested too deep."""
    try:
        return _plain(
            json.loads(
                written,
                strict=False,  # Templates of form tools put raw newlines into strings.
                object_pairs_hook=_object,
                parse_int=str,
                parse_float=str,
                parse_constant=str,
            )
        )
    except RecursionError:
        raise Unreadable("The body is nested too deep. Flatten it.") from None


def _json(written: str) -> Tree:
    try:
        node = from_json(written)
    except json.JSONDecodeError:
        mended = _TRAILING_COMMA.sub(r"\1", _NOTHING.sub(r"\1null", _TWICE_QUOTED.sub(r'\1"\2"', written)))
        node = from_json(mended)
    if isinstance(node, str):
        node = _inner(node)
    if not isinstance(node, dict | list):
        raise Unreadable("The body is a single value. Send an object with the fields of a lead.")
    return node


def unpacked(node: Tree, depth: int = 0) -> Tree:
    """Return the tree with the JSON that stands in its texts read too, as in the field `entry` of a form."""
    if isinstance(node, str):
        inner = _inner(node) if depth <= _NESTED else node
        return inner if isinstance(inner, str) else unpacked(inner, depth + 1)
    if isinstance(node, dict):
        return {key: unpacked(value, depth) for key, value in node.items()}
    return [unpacked(each, depth) for each in node] if isinstance(node, list) else node


def _inner(written: str) -> Tree:
    bare = written.strip()
    if (bare[:1], bare[-1:]) not in {("{", "}"), ("[", "]")}:
        return written
    try:
        return from_json(bare)
    except (json.JSONDecodeError, Unreadable):
        return written


def _plain(value: object, depth: int = 0) -> Tree:
    """Return what JSON parsed to, with words for its truths, and whole characters."""
    if depth > MAX_DEPTH:
        raise RecursionError
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return text.mended(value)
    if isinstance(value, list):
        return [_plain(each, depth + 1) for each in value]
    return {key: _plain(each, depth + 1) for key, each in value.items()} if isinstance(value, dict) else None


def _object(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    """Keep what a key says the second time under another name, a few times."""
    kept: dict[str, object] = {}
    for key, value in pairs:
        name = text.mended(key)
        kept[free(name, kept)] = value
    return kept


def inside(node: Tree, *names: str) -> Tree:
    """Return what stands below these names of objects, or None."""
    for name in names:
        node = node.get(name) if isinstance(node, dict) else None
    return node


def word(node: Tree, *names: str) -> str:
    """Return the text below these names, or an empty one where there is none."""
    value = inside(node, *names)
    return value.strip() if isinstance(value, str) else ""


def members(node: Tree, *names: str) -> dict[str, Tree]:
    """Return the object below these names, or an empty one."""
    value = inside(node, *names)
    return value if isinstance(value, dict) else {}


def items(node: Tree, *names: str) -> list[Tree]:
    """Return the list below these names, or an empty one."""
    value = inside(node, *names)
    return value if isinstance(value, list) else []


def free(key: str, taken: Container[str]) -> str:
    """Return the key, or `key (2)` and so on where it is taken; from MAX_TWINS on the last of these again, so that a
    body of nothing but one key costs no more than another."""
    names = (key if number == 1 else f"{key} ({number})" for number in range(1, MAX_TWINS))
    return next((name for name in names if name not in taken), f"{key} ({MAX_TWINS})")


def _content_type(delivery: Delivery) -> Message:
    message = Message()
    message["content-type"] = re.sub(r"[\r\n]", " ", delivery.headers.get("content-type", ""))
    return message


def _form(body: bytes, charset: str) -> Tree:
    """Return the fields of a form. What the names and values were before %XX tells the encoding only together."""
    written = [each for each in body.strip().split(b"&") if each][: MAX_FIELDS + 1]
    if len(written) > MAX_FIELDS:
        raise Unreadable(f"The form has more than {MAX_FIELDS:,} fields.")
    halves = [half.replace(b"+", b" ") for each in written for half in each.partition(b"=")[::2]]
    raw = [unquote_to_bytes(half) for half in halves]
    encoding = likeliest(b"\n".join(raw), charset)
    words = [each.decode(encoding, "replace") for each in raw]
    return _fields(zip(words[::2], words[1::2], strict=True))


def _fields(pairs: Iterable[tuple[str, str]]) -> dict[str, Tree]:
    """Return the fields by name; several values of one, as checkboxes send them, become a list."""
    fields: dict[str, Tree] = {}
    for name, value in pairs:
        before = fields.get(name)
        if name not in fields:
            fields[name] = value
        elif isinstance(before, list):
            before.append(value)
        else:
            fields[name] = [before, value]
    return fields


def _multipart(body: bytes, boundary: str) -> Tree:
    """Return the fields of a form with parts; a file is its name."""
    if not boundary:
        raise Unreadable("The content type names no boundary.")
    decoder = MultipartDecoder(
        boundary.encode("utf-8", "replace"), max_form_memory_size=len(body), max_parts=MAX_FIELDS
    )
    parts: list[tuple[str, str, list[bytes]]] = []
    try:
        decoder.receive_data(body)
        decoder.receive_data(None)
        while not isinstance(event := decoder.next_event(), Epilogue | NeedData):
            if isinstance(event, Field | File):
                parts.append((event.name or "?", getattr(event, "filename", None) or "", []))
            elif isinstance(event, Data) and parts:
                parts[-1][2].append(event.data)
    except (ValueError, RequestEntityTooLarge) as error:
        raise Unreadable(f"The form is broken: {type(error).__name__}.") from None
    raw = [b"" if filename else b"".join(data) for _, filename, data in parts]
    encoding = likeliest(b"\n".join(raw))
    values = [each.decode(encoding, "replace") for each in raw]
    return _fields((name, filename or value) for (name, filename, _), value in zip(parts, values, strict=True))
