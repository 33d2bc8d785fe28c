"""A mail as it was forwarded into the channel: its header, what the person writes, and their signature."""

from __future__ import annotations

import re
from itertools import islice

from bot.connectors.parser import labels, mrkdwn, people, values
from bot.connectors.parser.label_forms import key
from bot.connectors.parser.line import labelled
from bot.connectors.parser.lines import Pair

_LONGEST_HEADER = 8
_MOST_ABOVE = 5
_LONGEST_SIGNATURE = 12
_SHORT_SIGNATURE = 6
_HEADER = re.compile(
    r"^[\s>*]*(?P<name>From|Sender|To|Cc|Subject|Date|Sent|Reply-To|差出人|送信者|宛先|件名|題名|日付|日時|送信日時)\**\s*[:：]\s*(?P<value>\S.*)$",
    re.IGNORECASE,
)
_FROM = ("from", "sender", "差出人", "送信者")
_SUBJECT = ("subject", "件名", "題名")
_GREETS = re.compile(
    r"(?:と申し|はじめまして|初めまして|お世話に|突然の|失礼いたし|拝啓|\bhello\b|\bhi\b|\bdear\b)", re.IGNORECASE
)
_LONGEST_GREETING = 300
_MOST_LINES = 200
_RULE = re.compile(r"^\s*(?:--|[-—―_=*─━+*☆★◆◇~]{4,}.*)\s*$")
_FAREWELL = re.compile(
    r"^\s*(?:best|kind|warm)?\s*(?:regards|wishes)[,.]?\s*$"
    r"|^\s*(?:thanks(?: and regards| again)?|thank you|sincerely|cheers|yours (?:sincerely|truly)|best)[,.!]?\s*$",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"^\s*(?P<label>TEL|Tel|Phone|Mobile|Cell|[TMP]|電話|携帯|直通|代表)\s*[.:：]?\s*(?P<value>\+?[\d(].*)$"
)
_BARE_NUMBER = re.compile(r"[+0(][\d ()./-]{7,22}")


def read(raw: str) -> list[Pair] | None:
    """Return what a forwarded mail says of its sender, and what they write; None where the text is no mail, or a form's
    fields stand in it."""
    source = _below_the_heading(raw.strip("\n").split("\n"))
    header = _header(source)
    names = [name for name, _ in header]
    if not any(name in _FROM for name in names) or not any(name in _SUBJECT for name in names):
        return None
    sender = next(value for name, value in header if name in _FROM)
    subject = next(value for name, value in header if name in _SUBJECT)
    return _read(sender, subject, source[len(header) :])


def letter(raw: str) -> list[Pair] | None:
    """Return what a mail says whose header is lost: somebody greets and says who they are, and below a rule or a
    farewell stands their signature. None where it is none."""
    source = raw.strip("\n").split("\n")
    introduced = people.introduced(raw) if _GREETS.search(raw[:_LONGEST_GREETING]) else None
    if introduced is None or len(source) > _MOST_LINES:
        return None
    body, signature = _parted(source, "")
    if not signature:
        return None
    address = next(iter(mrkdwn.addresses("\n".join(signature))), "")
    named = next((name for each in signature if (name := _signed_name(each, introduced.person))), introduced.person)
    pairs = _read(f"{named} <{address}>" if address else named, "", source)
    if pairs is None or not body:
        return None
    own = [pair for pair in pairs if pair.label not in {"From", "Subject", "Signature"}]
    firm = [] if any(pair.label == "Company" for pair in own) else [Pair("Company", introduced.company)]
    unit = [] if any(pair.label == "Title" for pair in own) else [Pair("Title", introduced.title or "")]
    return [Pair("Name", named), Pair("Email", address), *firm, *unit, *own]


def _signed_name(line: str, family: str) -> str | None:
    """Return the whole name in a line of a signature that has this family name in it."""
    match = re.search(rf"(?:^|\s){re.escape(family)}(?:[\s\u3000]\w{{1,6}})?$", line.strip())
    return match[0].strip() if match else None


def written_by(sender: str, subject: str, written: str) -> list[Pair] | None:
    """Return the same of a mail whose header stands apart."""
    return _read(sender, subject, written.strip("\n").split("\n"))


def _read(sender: str, subject: str, source: list[str]) -> list[Pair] | None:
    name = values.person(sender)
    body, signature = _parted(source, name)
    fields = {each.field for line in body if (each := labelled(line[:200]))}
    if not body or "message" in fields or sum(labels.lead_field(each) for each in fields) > 1:
        return None
    signed = _signed(signature, name, next(iter(mrkdwn.addresses(sender)), ""))
    return [Pair("From", sender), Pair("Subject", subject), *signed, Pair("Message", "\n".join(body).strip())]


def _below_the_heading(source: list[str]) -> list[str]:
    """Return the lines from the mail's header on: a tool puts one or two of its own above it."""
    begins = next((place for place, line in enumerate(source[: _MOST_ABOVE + 1]) if _HEADER.match(line)), 0)
    return source[begins:]


def _header(source: list[str]) -> list[tuple[str, str]]:
    header = []
    for line in source[:_LONGEST_HEADER]:
        match = _HEADER.match(line)
        if match is None:
            break
        header.append((match["name"].lower(), match["value"].strip()))
    return header


def _parted(source: list[str], name: str) -> tuple[list[str], list[str]]:
    """Return the words of a mail, and its signature: below a rule, or below a farewell; or the last lines, where the
    sender's name stands in the first of them."""
    for place, line in enumerate(source):
        if not place or not (_RULE.match(line) or _FAREWELL.match(line)):
            continue
        rest = (each for each in source[place + 1 :] if each.strip() and not _RULE.match(each))
        below = list(islice(rest, _LONGEST_SIGNATURE + 1))
        if len(below) <= _LONGEST_SIGNATURE:
            return source[:place], below
    last = max((place for place, line in enumerate(source) if not line.strip()), default=0)
    signature = [each for each in source[last + 1 :] if each.strip()]
    if last and name and 0 < len(signature) <= _SHORT_SIGNATURE and key(name) in key(signature[0]):
        return source[:last], signature
    return source, []


def _signed(signature: list[str], name: str, address: str) -> list[Pair]:
    """Return company, job and number of a signature, each where its line says so by itself or the address confirms it;
    and what is left of it."""
    pairs: dict[str, Pair] = {}
    left: list[str] = []
    for shown in (part.strip() for line in signature for part in re.split(r"\s[|｜/／]\s", line)):
        if number := _number(shown):
            pairs.setdefault("phone", Pair("Phone", number))
        elif firm := _firm(shown) or people.firm_of(address, shown):
            pairs.setdefault("company", Pair("Company", firm))
            if name and name in shown and (unit := shown.replace(firm, "").replace(name, "").strip(" ,、\u3000")):
                pairs.setdefault("title", Pair("Title", unit))
        elif people.JOB.search(job := shown.replace(name, "").strip(" ,、\u3000") if name else shown):
            pairs.setdefault("title", Pair("Title", job))
        elif key(shown) != key(name) and address not in shown:
            left.append(shown)
    return [*pairs.values(), *([Pair("Signature", "\n".join(left))] if left else [])]


def _number(shown: str) -> str | None:
    """Return the telephone number of a line that says so, or that holds nothing else."""
    called = _NUMBER.match(shown)
    number = called["value"] if called else shown
    return number if (called or _BARE_NUMBER.fullmatch(shown)) and values.phone(number) else None


def _firm(shown: str) -> str | None:
    """Return the company of a line that may name a department behind it: `株式会社北電機 購買部`."""
    first = re.split(r"[\s\u3000]+", shown)[0]
    if labels.is_japanese(shown) and values.is_firm(first) and len(first) > len("株式会社"):
        return first
    return next((part for part in re.split(r",\s*(?=[^,]*\s)", shown) if values.is_firm(part)), None)
