"""The corpus of notices: how well the reader reads them may only get better."""

from __future__ import annotations

import json
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from tests import reading

CASES = json.loads((Path(__file__).parents[1] / "cases.json").read_text("utf-8"))
KINDS = sorted({node[-5:-1] for case in CASES.values() for node in case["tests"] if node.endswith("]")})
DEVELOPED = {notice.id: notice for notice in reading.notices(reading.OWN / "developed.json")}
CORPORA = [file.stem for file in sorted(reading.OWN.glob("*.json"))]


@cache
def _corpus(name: str) -> reading.Rates:
    return reading.rates(reading.notices(reading.OWN / f"{name}.json"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_notice_is_read_as_a_person_reads_it(kind: str) -> None:
    notice = DEVELOPED[kind]
    result = reading.rates(iter([notice]))
    is_no_lead = isinstance(notice.expected, str)
    assert set(result.outcomes) <= ({"other: set aside", "other: queued"} if is_no_lead else {"lead: right"}), result


@pytest.mark.parametrize("name", CORPORA)
def test_no_notice_that_is_no_lead_becomes_an_mql(name: str) -> None:
    assert _corpus(name).outcomes["other: MQL"] == 0


def test_of_what_is_no_lead_twice_as_much_is_set_aside_as_waits_for_a_person() -> None:
    outcomes = sum((_corpus(name).outcomes for name in CORPORA), Counter[str]())
    assert outcomes["other: set aside"] > 2 * outcomes["other: queued"]


@pytest.mark.parametrize("name", CORPORA)
def test_of_the_leads_95_in_100_are_read_wholly_right_or_wait_for_a_person(name: str) -> None:
    result = _corpus(name)
    leads = {word: count for word, count in result.outcomes.items() if word.startswith("lead: ")}
    fine = leads["lead: right"] + leads.get("lead: queued", 0)
    assert fine >= 0.95 * sum(leads.values()), result.faults
    assert leads.get("lead: set aside", 0) == 0, result.faults


def test_at_most_one_in_ten_that_was_read_rightly_waits_because_the_reader_doubts() -> None:
    corpora = [_corpus(name) for name in CORPORA]
    together = reading.Rates(
        outcomes=sum((each.outcomes for each in corpora), Counter[str]()),
        doubted=sum((each.doubted for each in corpora), Counter[str]()),
    )
    assert 0 < together.needless <= 0.1


def test_what_nobody_has_confirmed_waits_rather_than_being_read_wrongly() -> None:
    held_out = _corpus("held_out_fourteenth")
    leads = held_out.outcomes["lead: right"] + held_out.outcomes["lead: queued"]
    assert held_out.guessed["wrong"] + held_out.guessed["missing"] > 5
    assert leads == sum(count for name, count in held_out.outcomes.items() if name.startswith("lead: "))


def test_no_layout_of_a_known_tool_has_to_be_confirmed() -> None:
    assert _corpus("developed").guessed.total() == 0


def test_a_folder_of_ones_own_is_measured_by_field(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    document = {
        "team": {"addresses": ["sato@ours.example"]},
        "notices": [
            {"message": {"text": "Name: Ann\nEmail: ann@a.example"}, "expected": {"person": "Ann", "company": None}},
            {"id": "b", "message": {"text": "Name: Ben\nCompany: B"}, "expected": {"person": "Bob", "phone": "1"}},
            {"message": {"text": "Email: sato@ours.example"}, "expected": "no lead"},
            {"message": {"text": "New lead: call them"}, "expected": {"company": "C"}},
        ],
    }
    (tmp_path / "mine.json").write_text(json.dumps(document), encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["reading", str(tmp_path), "--faults"])
    reading.main()
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines[1:3] == ["leads 3 66.7% queued 1, right 1, wrong 1", "others 1 100.0% queued 1"]
    assert "person 2 50.0% right 1, wrong 1" in lines
    assert "phone 1 0.0% missing 1" in lines
    assert "! b: wrong: person 'Ben' for 'Bob'; phone None for '1'" in lines
