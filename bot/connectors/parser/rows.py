"""Tables and lists in a text, a lead in each row, as lines with a label each."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence

from bot.connectors.parser import labels, mrkdwn, people, values

_SIGNS = (",", "\t", ";", "|")
_RULE = re.compile(r"\s*\|?(?:\s*:?-{2,}:?\s*\|)+\s*(?::?-{2,}:?\s*)?")
_MOST_ROWS = 60
_LONGEST = 1_000
_PARTS = re.compile(r"\s*(?:[,、|｜/／\t]|\s[-–—·]\s)\s*")
_BULLET = re.compile(r"^\s*(?:\(?\d{1,3}[).．:]|[-*•・●■])\s*")


def labelled(source: Sequence[str]) -> list[str]:
    """Return the lines, with those of a table or a list of leads as `label :: value`; the others as they are."""
    for begin, line in enumerate(source[:_MOST_ROWS]):
        for sign in _SIGNS:
            table = _table(source, begin, sign) if sign in line and len(line) <= _LONGEST else None
            if table:
                made, end = table
                return [*source[:begin], *made, *source[end:]]
    return _list(source) or list(source)


def _table(source: Sequence[str], begin: int, sign: str) -> tuple[list[str], int] | None:
    """Return what a table that begins here says, and where it ends. Its heading names fields of a lead; or it has two
    columns, of which the first does."""
    heading = _cells(source[begin], sign)
    rows, end = [], begin + 1
    for line in source[begin + 1 : begin + _MOST_ROWS]:
        cells = _cells(line, sign) if len(line) <= _LONGEST else []
        if len(cells) != len(heading):
            break
        end += 1
        if not _RULE.fullmatch(line):
            rows.append(cells)
    beside = _known([row[0].rstrip(":： ") for row in rows])
    if len(heading) == 2 and sign == "\t" and beside > 1:
        return [f"{row[0].rstrip(':： ')} :: {row[1]}" for row in rows], end
    if rows and _known(heading) > 1 and 2 * _known(heading) > len(heading):
        return [f"{name} :: {value}" for row in rows for name, value in zip(heading, row, strict=True)], end
    if sign == "|" and len(heading) == 2:
        has_heading = begin + 1 < len(source) and bool(_RULE.fullmatch(source[begin + 1]))
        named = rows if has_heading else [heading, *rows]
        if _known([row[0] for row in named]) > 1 and all("|" in line[:2] for line in source[begin:end]):
            return [f"{row[0]} :: {row[1]}" for row in named], end
    return None


def _cells(line: str, sign: str) -> list[str]:
    if sign == "|":
        return [each.strip(" *") for each in line.strip().strip("|").split("|")]
    # To the csv module a line ends with \r, too: inside of one that is an error.
    return [each.strip() for each in next(csv.reader([line.replace("\r", " ")], delimiter=sign), [])]


def _known(cells: Sequence[str]) -> int:
    return sum(labels.lead_field(labels.listed(cell)) for cell in cells)


def _list(source: Sequence[str]) -> list[str] | None:
    """Return what a list with a lead in each line says: `1) Marta Kos, Polwood Ltd – marta@polwood.example – pricing`;
    None where a line with an address does not name person and company for certain."""
    at = [place for place, line in enumerate(source[:_MOST_ROWS]) if mrkdwn.addresses(line[:_LONGEST])]
    if len(at) < 2:
        return None
    made: dict[int, list[str]] = {}
    for place in at:
        row = _row(source[place]) if len(source[place]) <= _LONGEST else None
        if row is None:
            return None
        made[place] = row
    return [line for place, each in enumerate(source) for line in made.get(place, [each])]


def _row(line: str) -> list[str] | None:
    shown = _BULLET.sub("", values.line(line))
    addresses = mrkdwn.addresses(shown)
    parts = [part.strip(" <>()（）") for part in _PARTS.split(shown) if part.strip(" <>()（）")]
    if len(addresses) != 1 or addresses[0] not in parts[2:]:
        return None  # none: it was behind a link that shows a name
    at = parts.index(addresses[0], 2)
    person, *between, company = parts[:at]
    if values.is_firm(person) and not values.is_firm(company):
        person, company = company, person
    sure = people.confirms(addresses[0], person, company)
    if not sure or len(person.split()) > 4 or any(not people.JOB.search(each) for each in between):
        return None
    titles = [f"Title :: {each}" for each in between]
    remarks = [f"Message :: {' – '.join(parts[at + 1 :])}"] if parts[at + 1 :] else []
    return [f"Name :: {person}", f"Company :: {company}", *titles, f"Email :: {addresses[0]}", *remarks]
