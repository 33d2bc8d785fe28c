"""The playground from outside: what it begins with, and the command line beside it."""

from __future__ import annotations

import json
import re
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from bot.cli.base import beside, startup
from bot.cli.sample import stored
from bot.cli.sample.team import BEGINS, PEOPLE, TIMEZONE
from bot.core.base import wall_clock
from bot.settings import load
from storage import migrate
from storage.database import Database
from storage.vocabulary import Locale
from tests.cli.kit import Process, answering, cli, complaint
from tests.installation import free_port
from tests.patience import LONGEST
from tests.thorough import thoroughly

Url = str
JAPANESE = re.compile(r"[぀-ヿ一-鿿]")


@pytest.fixture(autouse=True)
def _real_clock() -> Iterator[None]:
    yield
    wall_clock.set_to(datetime.now(UTC))


@pytest.fixture
def playground(language: str, started: list[Process]) -> Url:
    """Return the address of a playground that somebody has started, in the language of the terminal."""
    return opened(started)


def opened(started: list[Process], *options: str) -> Url:
    process = Process("run", *options, PORT=str(free_port()))
    started.append(process)
    address = re.search(r"http://\S+", process.line())
    assert address is not None
    while "mql-bot report weekly" not in (line := process.line()):
        assert line, "it has ended"  # what to try, up to the last line but one
    return address.group()


def asked(address: Url, path: str, **body: object) -> Any:
    """Ask the page's own interface."""
    data = json.dumps(body).encode() if body else None
    request = Request(f"{address}/playground/{path}", data, {"Content-Type": "application/json"})
    with urlopen(request, timeout=LONGEST) as response:
        return json.load(response)


def rows(file: Path) -> list[str]:
    """Every row that a database holds, as SQL."""
    with closing(sqlite3.connect(file)) as connection:
        return sorted(line for line in connection.iterdump() if line.startswith("INSERT"))


@pytest.mark.parametrize("locale", Locale)
def test_the_stored_weeks_are_of_the_story_as_it_stands(locale: Locale) -> None:
    assert stored.mark_of(locale) == stored.mark(), "make history"


@pytest.mark.thorough
@pytest.mark.parametrize("locale", Locale)
def test_the_stored_weeks_are_what_the_company_lives_through_on_the_engine_of_today(
    locale: Locale, tmp_path: Path
) -> None:
    kept, anew = tmp_path / "kept.db", tmp_path / "anew.db"
    slack = stored.unpack(locale, kept)
    with closing(Database(f"sqlite:///{kept}")) as database:
        migrate.upgrade(database)
    assert stored.live(locale, anew) == slack
    assert rows(anew) == rows(kept)


def test_it_begins_on_a_monday_at_nine_in_the_readers_language_and_serves_commands(
    playground: Url, language: str
) -> None:
    state = asked(playground, "state?as=tanaka")
    assert timedelta(0) <= datetime.fromisoformat(state["now"]) - BEGINS < timedelta(minutes=10)
    assert f"{BEGINS.astimezone(TIMEZONE):%a %H:%M}" == "Mon 09:00"
    people = {person["real_name"] for person in state["people"] if not person["is_bot"]}
    assert people == {person.real_name for person in PEOPLE[Locale(language)].people}
    cards = asked(playground, "conversation?as=tanaka&channel=mql")["messages"]
    assert len(cards) > 50
    assert bool(JAPANESE.search(json.dumps(cards, ensure_ascii=False))) == (language == "ja")
    commands_beside_it_take_its_clock_its_slack_and_its_database(playground)


def commands_beside_it_take_its_clock_its_slack_and_its_database(playground: Url) -> None:
    """What the README says to try in another terminal: nothing is set there."""
    weekly = cli("report", "weekly", "--format", "json")
    assert playground in weekly.stderr
    assert json.loads(weekly.stdout)["period"] == "2026-W48"
    exported = cli("config", "export").stdout
    Path("team.toml").write_text(exported, encoding="utf-8")
    Path("wanted.toml").write_text(exported.replace("response_hours = 24", "response_hours = 20"), encoding="utf-8")
    assert cli("config", "apply", "wanted.toml", "--yes", "--open-mqls", "keep").exit_code == 0
    assert "response_hours = 20" in cli("config", "export").stdout
    for words in (
        ["config", "check", "team.toml"],
        ["simulate", "--policy", "team.toml", "--from", "2026-11-23", "--to", "2026-11-29"],
        ["route", "--dry-run", '{"company": "Acme"}'],
        ["doctor"],
    ):
        assert cli(*words).exit_code == 0, words
    asked(playground, "desk/jump", to="digest")
    assert json.loads(cli("report", "weekly", "--format", "json").stdout)["period"] == "2026-W49"


def test_reports_of_its_past_have_enough_to_say_something(language: str, tmp_path: Path) -> None:
    Path("data").mkdir()
    stored.unpack(Locale(language), Path("data/mql-bot.db"))
    assert cli("migrate").exit_code == 0
    wall_clock.set_to(BEGINS)
    monthly, scoring = (
        json.loads(cli("report", name, "--month", "2026-10", "--format", "json").stdout)
        for name in ("monthly", "scoring")
    )
    assert monthly
    assert scoring


@pytest.mark.thorough
@pytest.mark.parametrize("number", thoroughly([signal.SIGINT, signal.SIGTERM], but=[signal.SIGINT]))
def test_it_opens_once_in_a_chosen_language_without_the_weeks_and_stops_within_five_seconds(
    number: signal.Signals, started: list[Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    port = free_port()
    started.append(Process("run", "--lang", "ja", "--empty", PORT=str(port)))
    (playground,) = re.findall(r"http://\S+", started[0].line())
    assert [started[0].line().strip()[0] for _ in range(3)] == ["1", "2", "3"]
    assert answering(f"http://127.0.0.1:{port}/healthz")
    before = Path("data/playground.db").stat().st_ino
    assert complaint("run") == startup.translator()("playground.is_open")
    assert Path("data/playground.db").stat().st_ino == before, "the first one's leads are thrown away"
    assert asked(playground, "state?as=sato")["reader"]["real_name"] == PEOPLE[Locale.JA].people[0].real_name
    assert len(asked(playground, "conversation?as=sato&channel=mql")["messages"]) == 1
    session = beside.SESSION.read_text(encoding="utf-8")
    assert started[0].stop(number) < 5
    assert not beside.SESSION.exists()
    beside.SESSION.write_text(session, encoding="utf-8")  # as after a crash
    assert beside.find(load(None)) is None
