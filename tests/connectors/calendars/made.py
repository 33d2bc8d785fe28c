"""Calendars made for the tests, each with its truth written by hand: when is its owner, Ren Suzuki, away?

A line of `ENTRIES` is a calendar with one entry, "|" between its parts: title, when, and another line of the entry;
after "=>" the truth. Days are of December 2026 ("24" is all of the 24th, "24-26" three days) unless a month stands
before them ("1/4"), hours those of Tokyo ("24 13:00-18:00").
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")
SINCE, UNTIL = (datetime(year, month, 30, tzinfo=TOKYO) for year, month in ((2026, 11), (2027, 1)))
A_DAY = timedelta(days=1)
Span = tuple[datetime, datetime]

ENTRIES = """
有給休暇 | 2-4 => 2-4
有給休暇 | 2 => 2
有給休暇 | 2-4 | TRANSP:TRANSPARENT => 2-4
有給休暇 | 2-4 | X-MICROSOFT-CDO-BUSYSTATUS:FREE => 2-4
有給休暇 | 2-4 | X-MICROSOFT-CDO-BUSYSTATUS:OOF => 2-4
有給休暇 | 2-4 | STATUS:CANCELLED =>
有給休暇 | 2-4 | STATUS:TENTATIVE => 2-4
有給休暇 | 2-4 | X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE =>
有給休暇 | 2-4 | CLASS:PRIVATE => 2-4
有給休暇（予定） | 2 => 2
有給休暇 | 2 09:00-18:00 => 2 09:00-18:00
有給休暇 | 2 09:00-18:00 | TRANSP:OPAQUE => 2 09:00-18:00
有給休暇 | 2 09:00-18:00 | TRANSP:TRANSPARENT =>
有給休暇 | 2 09:00-4 18:00 => 2 09:00-4 18:00
【有休】私用のため | 2 => 2
鈴木蓮：有休 | 2 => 2
鈴木さん休み | 2 => 2
佐藤さん休み | 2 =>
佐藤 有休 | 2 =>
Misaki Sato OOO | 2 =>
夏季休暇 | 30-1/3 => 30-1/3
年末年始休暇 | 29-1/4 => 29-1/4
冬季休暇 | 11/28-2 => 11/28-2
午前休 | 3 => 3 00:00-13:00
AM休 | 3 => 3 00:00-13:00
午前休 | 3-4 => 3 00:00-13:00, 4 00:00-13:00
午前休 | 3 09:00-12:00 => 3 09:00-12:00
午前半休（通院） | 3 09:00-13:00 => 3 09:00-13:00
午後休 | 3 => 3 12:00-24:00
PM休 | 3 => 3 12:00-24:00
午後休 | 3 13:00-18:00 => 3 13:00-18:00
午後休 | 3 13:00-18:00 | X-MICROSOFT-CDO-BUSYSTATUS:OOF => 3 13:00-18:00
午後休 | 3 | X-MICROSOFT-CDO-BUSYSTATUS:OOF => 3 12:00-24:00
Half day (PM) | 3 => 3 12:00-24:00
半休 | 3 =>
半休 | 3 13:00-18:00 => 3 13:00-18:00
時間休 | 3 10:00-11:30 => 3 10:00-11:30
時短 | 3 16:00-18:00 | RRULE:FREQ=WEEKLY;COUNT=3 => 3 16:00-18:00, 10 16:00-18:00, 17 16:00-18:00
時短 | 3 =>
早退 | 3 15:00-18:00 => 3 15:00-18:00
定例会議 | 3 09:00-18:00 =>
定例会議 | 3 =>
全社総会 | 3-5 =>
商談 青空商事 | 3 13:00-18:00 | TRANSP:OPAQUE =>
休暇申請の締切 | 3 =>
有給消化の相談 | 3 10:00-11:00 =>
夏季休暇キャンペーン打合せ | 3 10:00-12:00 =>
OOO policy review | 3 10:00-12:00 =>
Busy | 3 09:00-18:00 | TRANSP:OPAQUE =>
予定あり | 3 09:00-18:00 =>
Busy | 3 | X-MICROSOFT-CDO-BUSYSTATUS:BUSY =>
Busy | 3 09:00-18:00 | X-MICROSOFT-CDO-BUSYSTATUS:OOF => 3 09:00-18:00
 | 3-4 | X-MICROSOFT-CDO-BUSYSTATUS:OOF => 3-4
 | 3 | X-MICROSOFT-CDO-BUSYSTATUS:OUTOFOFFICE => 3
 | 3 =>
 | 3 09:00-12:00 | TRANSP:OPAQUE =>
在宅勤務 | 3 | X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE =>
自宅 | 3-5 | TRANSP:TRANSPARENT =>
オフィス | 3 =>
在宅（午後休） | 3 => 3 12:00-24:00
出張 大阪 | 3-4 =>
直行 | 3 09:00-11:00 =>
直帰 | 3 16:00-18:00 =>
不在 | 3 | TRANSP:OPAQUE => 3
不在 | 3 13:00-15:00 | TRANSP:OPAQUE => 3 13:00-15:00
Out of office | 3 00:00-5 00:00 => 3-4
Out of office | 3 09:00-18:00 | TRANSP:OPAQUE => 3 09:00-18:00
OOO | 3-5 => 3-5
PTO | 3 => 3
Vacation | 21-25 => 21-25
Vacation planning | 3 10:00-11:00 =>
Sick | 3 => 3
Parental leave | 1-1/31 => 1-1/31
Kickoff | 3 =>
Holiday party | 18 18:00-21:00 =>
昼休み | 3 12:00-13:00 | RRULE:FREQ=DAILY =>
定休日 | 3 =>
天皇誕生日 | 23 =>
有休 | 7 | RRULE:FREQ=WEEKLY;COUNT=3 => 7, 14, 21
有休 | 7 | RRULE:FREQ=WEEKLY;COUNT=3 | EXDATE;VALUE=DATE:20261214 => 7, 21
有休 | 7 | RRULE:FREQ=WEEKLY;UNTIL=20261221 => 7, 14, 21
有休 | 7 | RRULE:FREQ=MONTHLY;BYDAY=1MO => 7, 1/4
有休 | 7 | RDATE;VALUE=DATE:20261210 => 7, 10
休み | 4 | RRULE:FREQ=WEEKLY;BYDAY=FR;COUNT=2 => 4, 11
午前休 | 7 09:00-12:00 | RRULE:FREQ=DAILY;COUNT=2 => 7 09:00-12:00, 8 09:00-12:00
休暇 | 3 | RRULE:FREQ=SECONDLY =>
休暇 | 3 10:00-10:05 | RRULE:FREQ=MINUTELY =>
休暇 | 3 10:00-11:00 | RRULE:FREQ=HOURLY =>
有休 | 11/20-25 => 11/20-25
有休 | 11/20 =>
有休 | 2/15 =>
"""


def _zoned(zone: str, starts: str, ends: str) -> list[str]:
    return [f"DTSTART;TZID={zone}:{starts}", f"DTEND;TZID={zone}:{ends}", "SUMMARY:午後休"]


WEEKLY = ["UID:series", "DTSTART;TZID=Asia/Tokyo:20261202T160000", "DTEND;TZID=Asia/Tokyo:20261202T180000"]
RULE = "RRULE:FREQ=WEEKLY;COUNT=3"
SECOND = ["UID:series", "RECURRENCE-ID;TZID=Asia/Tokyo:20261209T160000"]
MOVED = ["DTSTART;TZID=Asia/Tokyo:20261210T150000", "DTEND;TZID=Asia/Tokyo:20261210T180000"]
STAYS = ["DTSTART;TZID=Asia/Tokyo:20261209T160000", "DTEND;TZID=Asia/Tokyo:20261209T180000"]
AFTERNOON = "3 13:00-18:00"

FILES: list[tuple[list[list[str]], tuple[str, ...], str]] = [
    # Names of timezones: Windows', a city's, another's, one that nobody knows, none, and UTC.
    ([_zoned("Tokyo Standard Time", "20261203T130000", "20261203T180000")], (), AFTERNOON),
    ([_zoned("Asia/Tokyo", "20261203T130000", "20261203T180000")], (), AFTERNOON),
    ([_zoned("Singapore Standard Time", "20261203T120000", "20261203T170000")], (), AFTERNOON),
    ([_zoned("America/New_York", "20261202T230000", "20261203T040000")], (), AFTERNOON),
    ([_zoned("Customized Time Zone", "20261203T130000", "20261203T180000")], (), AFTERNOON),
    ([["DTSTART:20261203T130000", "DTEND:20261203T180000", "SUMMARY:午後休"]], (), AFTERNOON),
    ([["DTSTART:20261203T120000", "DURATION:PT5H", "SUMMARY:午後休"]], ("X-WR-TIMEZONE:Asia/Singapore",), AFTERNOON),
    ([["DTSTART:20261203T130000", "DURATION:PT5H", "SUMMARY:午後休"]], ("X-WR-TIMEZONE:Atlantis",), AFTERNOON),
    ([["DTSTART:20261203T040000Z", "DTEND:20261203T090000Z", "SUMMARY:午後休"]], (), AFTERNOON),
    # Ends that are missing, equal, before the beginning; beginnings that are missing or misspelt.
    ([["DTSTART;VALUE=DATE:20261203", "SUMMARY:有休"]], (), "3"),
    ([["DTSTART;VALUE=DATE:20261203", "DTEND;VALUE=DATE:20261203", "SUMMARY:有休"]], (), "3"),
    ([["DTSTART;VALUE=DATE:20261203", "DURATION:P2D", "SUMMARY:有休"]], (), "3-4"),
    ([["DTSTART:2026-12-03", "SUMMARY:有休"]], (), ""),
    ([["SUMMARY:有休"]], (), ""),
    ([["DTSTART:20261203T180000", "DTEND:20261203T090000", "SUMMARY:有休"]], (), ""),
    # Titles in the file's own ways: with a language, escaped, folded, missing.
    ([["DTSTART;VALUE=DATE:20261203", "SUMMARY;LANGUAGE=ja:有給休暇\\, 私用"]], (), "3"),
    ([["DTSTART;VALUE=DATE:20261203", "SUMMARY:夏季\r\n 休暇"]], (), "3"),
    ([["DTSTART;VALUE=DATE:20261203", "DESCRIPTION:休暇"]], (), ""),
    # One occurrence of a series is moved, called off, or becomes something else.
    (
        [[*WEEKLY, RULE, "SUMMARY:時短"], [*SECOND, *MOVED, "SUMMARY:時短"]],
        (),
        "2 16:00-18:00, 10 15:00-18:00, 16 16:00-18:00",
    ),
    (
        [[*WEEKLY, RULE, "SUMMARY:時短"], [*SECOND, *STAYS, "SUMMARY:時短", "STATUS:CANCELLED"]],
        (),
        "2 16:00-18:00, 16 16:00-18:00",
    ),
    ([[*WEEKLY, RULE, "SUMMARY:時短"], [*SECOND, *STAYS, "SUMMARY:定例会議"]], (), "2 16:00-18:00, 16 16:00-18:00"),
    ([[*WEEKLY, RULE, "SUMMARY:定例会議"], [*SECOND, *STAYS, "SUMMARY:早退"]], (), "9 16:00-18:00"),
    # Several entries: what touches or overlaps is one absence, other components say nothing.
    ([["DTSTART;VALUE=DATE:20261203", "SUMMARY:有休"], ["DTSTART;VALUE=DATE:20261204", "SUMMARY:代休"]], (), "3-4"),
    (
        [
            ["DTSTART;VALUE=DATE:20261203", "SUMMARY:有休"],
            ["DTSTART:20261203T040000Z", "DURATION:PT1H", "SUMMARY:早退"],
        ],
        (),
        "3",
    ),
    (
        [
            [
                "DTSTART;VALUE=DATE:20261203",
                "SUMMARY:有休",
                "BEGIN:VALARM",
                "TRIGGER:-PT15M",
                "ACTION:DISPLAY",
                "END:VALARM",
            ]
        ],
        (),
        "3",
    ),
    ([], (), ""),
]
"""Entries as they stand in the file, the calendar's own lines, and the truth."""


@dataclass(frozen=True)
class Case:
    """A calendar, what stands in it, and when its owner is away."""

    says: str
    body: bytes
    truth: list[Span]


def cases() -> list[Case]:
    """Return all of them."""
    lines = [line for line in ENTRIES.splitlines() if line]
    simple = [Case(line, calendar([_entry(line.split("=>")[0])]), truth(line.split("=>")[1])) for line in lines]
    return simple + [Case(str(entries), calendar(entries, *head), truth(expected)) for entries, head, expected in FILES]


def calendar(entries: list[list[str]], *head: str) -> bytes:
    """Return the bytes of a calendar, its lines ended as RFC 5545 asks; entries without a UID get one each."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tests//EN", *head]
    for number, entry in enumerate(entries):
        uid = [] if any(line.startswith("UID") for line in entry) else [f"UID:{number}@example.jp"]
        lines += ["BEGIN:VEVENT", *uid, *entry, "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def truth(text: str) -> list[Span]:
    """Return the stretches of a truth in UTC."""
    spans = (_span(part.strip()) for part in text.split(",") if part.strip())
    return [(begins.astimezone(UTC), ends.astimezone(UTC)) for begins, ends in spans]


def _entry(line: str) -> list[str]:
    title, when, *more = (part.strip() for part in line.split("|"))
    begins, ends = _span(when)
    if ":" in when:
        moments = [f"DTSTART;TZID=Asia/Tokyo:{begins:%Y%m%dT%H%M%S}", f"DTEND;TZID=Asia/Tokyo:{ends:%Y%m%dT%H%M%S}"]
    else:
        moments = [f"DTSTART;VALUE=DATE:{begins:%Y%m%d}", f"DTEND;VALUE=DATE:{ends:%Y%m%d}"]
    return [f"SUMMARY:{title}", *moments, *more]


def _span(text: str) -> Span:
    first, _, last = text.partition("-")
    if ":" not in text:
        return _moment(first), _moment(last or first) + A_DAY
    return _moment(first), _moment(last if " " in last else f"{first.split()[0]} {last}")


def _moment(text: str) -> datetime:
    day, _, clock = text.partition(" ")
    month, number = (int(part) for part in day.split("/")) if "/" in day else (12, int(day))
    midnight = datetime(2027 if month < 11 else 2026, month, number, tzinfo=TOKYO)
    hours, minutes = (int(part) for part in clock.split(":")) if clock else (0, 0)
    return midnight + timedelta(hours=hours, minutes=minutes)
