"""A mail as it was forwarded into the channel: its header, what the person writes, and their signature."""

from __future__ import annotations

import re

from bot.connectors.parser import labels, people, values
from bot.connectors.parser.line import labelled
from bot.connectors.parser.lines import Pair

_LONGEST_HEADER = 8
_LONGEST_SIGNATURE = 12
_HEADER = re.compile(
    r"^[\s>*]*(?P<name>From|Sender|To|Cc|Subject|Date|Sent|Reply-To|差出人|送信者|宛先|件名|題名|日付|日時|送信日時)\**\s*[:：]\s*(?P<value>\S.*)$",
    re.IGNORECASE,
)
_FROM = ("from", "sender", "差出人", "送信者")
_SUBJECT = ("subject", "件名", "題名")
_RULE = re.compile(r"^\s*(?:--|[-—_=*─━+*☆★◆◇~]{4,}.*)\s*$")
_FAREWELL = re.compile(
    r"^\s*(?:best|kind|warm)?\s*(?:regards|wishes)[,.]?\s*$"
    r"|^\s*(?:thanks(?: and regards| again)?|thank you|sincerely|cheers|yours (?:sincerely|truly)|best)[,.!]?\s*$",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"^\s*(?P<label>TEL|Tel|Phone|Mobile|Cell|[TMP]|電話|携帯|直通|代表)\s*[.:：]?\s*(?P<value>\+?[\d(].*)$"
)


def read(raw: str) -> list[Pair] | None:
    """Return what a forwarded mail says of its sender, and what they write; None where the text is no mail, or a form's
    fields stand in it."""
    source = raw.strip("\n").split("\n")
    header = _header(source)
    names = [name for name, _ in header]
    if not any(name in _FROM for name in names) or not any(name in _SUBJECT for name in names):
        return None
    body, signature = _parted(source[len(header) :])
    fields = {each.field for line in body if (each := labelled(line[:200]))}
    if not body or "message" in fields or sum(labels.lead_field(each) for each in fields) > 1:
        return None
    sender = next(value for name, value in header if name in _FROM)
    subject = next(value for name, value in header if name in _SUBJECT)
    signed = _signed(signature, values.person(sender))
    return [Pair("From", sender), Pair("Subject", subject), *signed, Pair("Message", "\n".join(body).strip())]


def _header(source: list[str]) -> list[tuple[str, str]]:
    header = []
    for line in source[:_LONGEST_HEADER]:
        match = _HEADER.match(line)
        if match is None:
            break
        header.append((match["name"].lower(), match["value"].strip()))
    return header


def _parted(source: list[str]) -> tuple[list[str], list[str]]:
    """Return the words of a mail, and its signature: below a rule, or below a farewell."""
    for place, line in enumerate(source):
        below = [each for each in source[place + 1 :] if each.strip() and not _RULE.match(each)]
        if place and len(below) <= _LONGEST_SIGNATURE and (_RULE.match(line) or _FAREWELL.match(line)):
            return source[:place], below
    return source, []


def _signed(signature: list[str], sender: str) -> list[Pair]:
    """Return company, job and number of a signature; each where its line says so by itself."""
    pairs: dict[str, Pair] = {}
    for shown in (part.strip() for line in signature for part in re.split(r"\s[|｜/／]\s", line)):
        if (number := _NUMBER.match(shown)) and values.phone(number["value"]):
            pairs.setdefault("phone", Pair("Phone", number["value"]))
        elif values.is_firm(firm := _firm(shown)):
            pairs.setdefault("company", Pair("Company", firm))
        elif people.JOB.search(shown) and sender not in shown:
            pairs.setdefault("title", Pair("Title", shown))
    return list(pairs.values())


def _firm(shown: str) -> str:
    """Return the company of a line that may name a department behind it: `株式会社北電機 購買部`."""
    first = re.split(r"[\s\u3000]+", shown)[0]
    return first if labels.is_japanese(shown) and values.is_firm(first) and len(first) > len("株式会社") else shown
