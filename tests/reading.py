"""How well the reader of notices reads: `make reading ARGS="FOLDER"`, the form of whose files docs/sources/notices.md
tells. Without a folder it reads the project's own."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.connectors import content, notification
from bot.connectors.notification import Unreadable
from bot.connectors.parser import known_layouts
from bot.connectors.parser.ours import NOBODY, Ours
from bot.connectors.sources.contract import NotALead
from bot.core.mql.lead import Lead

OWN = Path(__file__).parent / "connectors" / "notices"
NO_LEAD = "no lead"
NO_SINGLE_LEAD = "no single lead"
STRICT = ("company", "person", "title", "email", "phone", "score", "channel", "message")


@dataclass(frozen=True)
class Notice:
    """A message, and what a person reads in it."""

    id: str
    message: Mapping[str, object]
    expected: list[dict[str, Any]] | str
    ours: Ours
    strict: bool


@dataclass
class Rates:
    """What came of the notices."""

    outcomes: Counter[str] = field(default_factory=Counter)
    """Of leads: right, queued, missing (a field was not read), wrong, set aside. Of others: set aside, queued, MQL."""
    fields: dict[str, Counter[str]] = field(default_factory=dict)
    """By field of a lead: right, missing, wrong."""
    faults: list[str] = field(default_factory=list)
    doubted: Counter[str] = field(default_factory=Counter)
    """Of the leads that were read and wait all the same, because the reader doubts: right, missing, wrong."""
    guessed: Counter[str] = field(default_factory=Counter)
    """How the leads were read that the reader only guessed: they wait until a person has confirmed the layout."""
    again: Counter[str] = field(default_factory=Counter)
    """What becomes of the next lead of a layout, once a person has dealt with one of it: right, wrong, waits."""
    sights: list[str] = field(default_factory=list)
    """By notice: certain, or what was guessed."""

    @property
    def needless(self) -> float:
        """The share of the leads that were read rightly and wait all the same, of all that were read rightly."""
        read_rightly = self.outcomes["lead: right"] + self.doubted["right"]
        return self.doubted["right"] / read_rightly if read_rightly else 0.0

    def count(self, name: str, outcome: str) -> None:
        """Count how a field was read."""
        self.fields.setdefault(name, Counter())[outcome] += 1


def of_known_layout(message: Mapping[str, object], ours: Ours = NOBODY) -> notification.Reading:
    """Return what a message says once a person has confirmed what in it is only a guess."""
    reading = notification.read(message, ours)
    is_guess = isinstance(reading, Unreadable) and reading.reason.startswith("guess_")
    return [reading.lead] if is_guess and isinstance(reading, Unreadable) and reading.lead else reading


def notices(folder: Path) -> Iterator[Notice]:
    """Return what stands in the JSON files of a folder, or in one file."""
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else [folder]:
        document = json.loads(path.read_text(encoding="utf-8"))
        whole = document if isinstance(document, dict) else {"notices": document}
        team = whole.get("team", {})
        ours = Ours.of(team.get("names", []), team.get("addresses", []))
        for number, each in enumerate(whole["notices"], 1):
            expected = each["expected"]
            leads = [expected] if isinstance(expected, dict) else expected
            name = each.get("id", f"{path.stem} {number}")
            yield Notice(name, each["message"], leads, ours, bool(whole.get("strict")))


def rates(read: Iterator[Notice]) -> Rates:
    """Return how often which field is read."""
    result = Rates()
    for notice in read:
        outcome, fault = _outcome(notice, result)
        result.outcomes[f"{'other' if isinstance(notice.expected, str) else 'lead'}: {outcome}"] += 1
        if fault:
            result.faults.append(f"{notice.id}: {outcome}: {fault}")
    return result


def _outcome(notice: Notice, result: Rates) -> tuple[str, str]:
    reading = notification.read(notice.message, notice.ours)
    result.sights.append(f"{notice.id}: {reading.reason if isinstance(reading, Unreadable) else 'certain'}")
    if isinstance(notice.expected, str):
        if isinstance(reading, list):
            several = notice.expected == NO_SINGLE_LEAD and len(reading) > 1
            return ("split", "") if several else ("MQL", _shown(reading))
        return ("set aside", "") if isinstance(reading, NotALead) else ("queued", "")
    if isinstance(reading, NotALead):
        return "set aside", reading.reason
    if isinstance(reading, Unreadable):
        return _waiting(notice, reading, result)
    if len(reading) != len(notice.expected):
        return "wrong", f"{len(reading)} leads for {len(notice.expected)}: {_shown(reading)}"
    return _compared(notice, reading, result)


def _waiting(notice: Notice, reading: Unreadable, result: Rates) -> tuple[str, str]:
    """Return how a lead is read that waits: a guess as it passes from its second time on, where it is right."""
    if reading.layout is not None:
        _meet_again(notice, reading, result)
    if reading.lead is None or len(notice.expected) != 1:
        return "queued", f"{reading.reason} {reading.found}"
    outcome, fault = _compared(notice, [reading.lead], Rates())
    if not reading.reason.startswith("guess_"):
        result.doubted[outcome] += 1
        return "queued", f"{reading.reason} {reading.found}"
    result.guessed[outcome] += 1
    return _compared(notice, [reading.lead], result) if outcome == "right" else ("queued", f"{reading.reason}: {fault}")


def _meet_again(notice: Notice, reading: Unreadable, result: Rates) -> None:
    """Count what becomes of the next notice of a layout, once a person has confirmed or corrected one of it."""
    assert reading.layout is not None
    assert reading.lead is not None
    fields = _corrections(notice, reading.lead)
    known = [] if fields is None else [notification.Confirmed(reading.layout, content.known_fields(fields))]
    second = notification.read(notice.message, notice.ours, known)
    is_right = isinstance(second, list) and _compared(notice, second, Rates())[0] == "right"
    result.again["waits" if not isinstance(second, list) else "right" if is_right else "wrong"] += 1


def _corrections(notice: Notice, lead: Lead) -> dict[str, str] | None:
    """Return which labels whoever corrects the lead in the form thereby teaches; None: some words stand at none."""
    expected = notice.expected[0]
    assert isinstance(expected, dict)
    read, shown, fields = lead.model_dump(mode="json"), content.of_message(notice.message), dict[str, str]()
    for name in {*expected, *(STRICT if notice.strict else ())}:
        wanted = expected.get(name)
        if read[name] == wanted:
            continue
        at = [label for label, value in shown.items() if value == str(read[name] if wanted is None else wanted)]
        if not at:
            return None
        fields[at[-1]] = name if wanted is not None else "attribute"
    return fields


def _compared(notice: Notice, reading: list[Lead], result: Rates) -> tuple[str, str]:
    worst, faults = "right", []
    for lead, expected in zip(reading, notice.expected, strict=True):
        assert isinstance(expected, dict)
        values = lead.model_dump(mode="json")
        names = {*expected, *(STRICT if notice.strict else ())}
        for name in sorted(names):
            outcome = _of_field(values[name], expected.get(name))
            if outcome:
                result.count(name, outcome)
            if outcome in {"wrong", "missing"}:
                faults.append(f"{name} {values[name]!r} for {expected.get(name)!r}")
                worst = "wrong" if "wrong" in (outcome, worst) else "missing"
    return worst, "; ".join(faults)


def _of_field(read: object, expected: object) -> str | None:
    """Return how a field was read; None: it is not there, and is not to be."""
    if read == expected:
        return None if expected is None else "right"
    return "missing" if read is None else "wrong"


def _shown(reading: list[Lead]) -> str:
    return json.dumps([lead.model_dump(mode="json", exclude_defaults=True) for lead in reading], ensure_ascii=False)


def report(title: str, result: Rates, *, faults: bool) -> str:
    """Return the rates as lines of text."""
    leads = {name[6:]: count for name, count in result.outcomes.items() if name.startswith("lead: ")}
    others = {name[7:]: count for name, count in result.outcomes.items() if name.startswith("other: ")}
    lines = [
        title,
        _line("leads", leads, ("right", "queued")),
        _line("others", others, ("set aside", "queued", "split")),
        _shares(leads, result),
        _sights(leads, result),
    ]
    for name, counts in sorted(result.fields.items()):
        lines.append("  " + _line(name, counts, ("right",)))
    return "\n".join([*lines, *(f"  ! {each}" for each in result.faults if faults)])


def _shares(leads: Mapping[str, int], result: Rates) -> str:
    """Return the shares of what was read wholly right, what waits for a person, and what is wrong: a field missed or
    another, a lead set aside. And how many wait that were read rightly."""
    whole = sum(leads.values()) or 1
    right, queued = leads.get("right", 0), leads.get("queued", 0)
    wrong = sum(leads.values()) - right - queued
    needless = f"{result.doubted['right']} wait needlessly ({result.needless:.1%} of what was read rightly)"
    return f"shares       right {right / whole:.1%}, queued {queued / whole:.1%}, WRONG {wrong / whole:.1%}; {needless}"


def _sights(leads: Mapping[str, int], result: Rates) -> str:
    """Return the shares of what waits and of what is WRONG when a layout comes for the first time, and of what waits
    when it comes again."""
    whole = sum(leads.values()) or 1
    wrong = sum(leads.values()) - leads.get("right", 0) - leads.get("queued", 0)
    first = leads.get("queued", 0) + result.guessed["right"]
    second = first - result.again["right"] - result.again["wrong"]
    return (
        f"sights       first: waits {first / whole:.1%}, WRONG {wrong / whole:.1%}; "
        f"second: waits {second / whole:.1%}, WRONG {(wrong + result.again['wrong']) / whole:.1%}"
    )


def _line(name: str, counts: Mapping[str, int], good: tuple[str, ...]) -> str:
    whole = sum(counts.values())
    share = f"{sum(counts.get(each, 0) for each in good) / whole:7.1%}" if whole else "      –"
    return f"{name:12}{whole:5} {share}  " + ", ".join(f"{word} {count}" for word, count in sorted(counts.items()))


def learn(places: Sequence[Path]) -> None:
    """Write the layouts of the notices that are read rightly, and that were only guessed, to those known to all."""
    kept = {(each.parts, each.unsure) for each in known_layouts.of_tools()}
    for notice in (each for place in places for each in notices(place) if not isinstance(each.expected, str)):
        reading = notification.read(notice.message, notice.ours)
        if not isinstance(reading, Unreadable) or not (reading.reason.startswith("guess_") and reading.layout):
            continue
        if reading.lead and _compared(notice, [reading.lead], Rates())[0] == "right":
            kept.add((reading.layout.parts, reading.layout.unsure))
    lines = ",\n".join(json.dumps(each) for each in sorted(kept))
    known_layouts.FILE.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def main() -> None:
    """Print the rates of each folder or file."""
    parser = argparse.ArgumentParser(prog="python -m tests.reading", description=__doc__)
    parser.add_argument("places", nargs="*", type=Path, help="folders of JSON files, or such files")
    parser.add_argument("--faults", action="store_true", help="also print what was not read as a person reads it")
    parser.add_argument("--sights", action="store_true", help="also print what of each notice was certain or guessed")
    parser.add_argument("--learn", action="store_true", help="write the layouts that are read rightly as known ones")
    given = parser.parse_args()
    if given.learn:
        learn(given.places or [OWN / "developed.json"])
        return
    for place in given.places or sorted(OWN.glob("*.json")):
        result = rates(notices(place))
        print(report(str(place), result, faults=given.faults))
        print("".join(f"  ? {each}\n" for each in result.sights if given.sights), end="")


if __name__ == "__main__":
    main()
