"""A rep links a calendar and sets a status, and is away by them without saying so."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bot.i18n import Translator
from bot.slack.people import calendars
from storage import absences, calendar_links
from storage.database import Database
from storage.models import Absence
from storage.vocabulary import AbsenceSource, Locale
from tests.connectors.calendars.made import calendar
from tests.patience import LONGEST, wait_for
from tests.scenarios.stage import Team

HOLIDAY = ["DTSTART;VALUE=DATE:20261119", "DTEND;VALUE=DATE:20261121", "SUMMARY:有給休暇"]
MEETING = ["DTSTART:20261118T000000Z", "DTEND:20261118T090000Z", "SUMMARY:定例会議"]


class Groupware:
    """A server on a private host that an admin has allowed."""

    def __init__(self) -> None:
        groupware = self
        self.body, self.status = calendar([HOLIDAY, MEETING]), 200
        self.answers = threading.Event()
        self.answers.set()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                groupware.answers.wait(LONGEST)
                self.send_response(groupware.status)
                self.end_headers()
                self.wfile.write(groupware.body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/secret-of-sato.ics"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def groupware() -> Iterator[Groupware]:
    groupware = Groupware()
    yield groupware
    groupware.close()


@pytest.fixture
def t(locale: Locale) -> Translator:
    return Translator(locale, "Asia/Tokyo")


@pytest.fixture
def team(database: Database, locale: Locale) -> Iterator[Team]:
    team = Team(database, locale)
    assert team.bot is not None
    # As OUTBOUND_ALLOWED_HOSTS would, for a groupware server of the company's own.
    object.__setattr__(team.bot.parts.context, "private_hosts", frozenset({"127.0.0.1"}))
    yield team
    team.close()


def _reads(team: Team, after: timedelta) -> None:
    team.advance(seconds=after.total_seconds())
    assert team.bot is not None
    calendars.read_due(team.bot.parts.context)
    team.settle()


def _known(team: Team, name: str = "sato") -> list[Absence]:
    with team.database.snapshot() as tx:
        return absences.of(tx, team.id, team.slack.user(name).id, team.time.now())


def _news(team: Team, t: Translator) -> int:
    """Return how many messages say that the calendar can be read."""
    team.settle()
    return sum(t("calendar.news.read") in message.text for message in team.dm("sato").messages)


def _links(team: Team, t: Translator, address: str) -> list[str]:
    """Link a calendar, and return the errors of the form."""
    sato = team.user("sato")
    sato.types("/mql calendar", channel="sales")
    return list(sato.modal.fill({t("calendar.address"): address}).submit().errors.values())


def _shows(team: Team, words: str) -> None:
    """Wait until the form that is open says something: reading may take longer than a form may wait."""
    wait_for(lambda: words in team.user("sato").modal.text)


def test_a_linked_calendar_keeps_leads_from_whoever_is_on_holiday(
    team: Team, t: Translator, groupware: Groupware
) -> None:
    _links(team, t, groupware.url)
    _shows(team, t("calendar.linked", at="")[:10])
    team.settle()
    (learnt,) = team.dm("sato").unread()
    assert t("button.away_not") in learnt.buttons
    with team.database.snapshot() as tx:
        link = calendar_links.of(tx, team.id, team.slack.user("sato").id)
        assert link is not None
        assert "secret" not in link.sealed
    team.advance(days=2)  # Thursday the 19th
    team.receives("Acme")
    assert team.mql(1).owner == team.slack.user("suzuki").id

    team.user("sato").press(t("button.away_not"), in_=learnt)
    team.dm("sato").expect(t("reply.absence_overruled"))
    _reads(team, timedelta(minutes=15))
    for company in ("Globex", "Initech"):
        team.receives(company)
    assert team.slack.user("sato").id in (team.mql(2).owner, team.mql(3).owner)
    assert "secret-of-sato" not in str(team.slack.log.calls)


def test_a_calendar_that_cannot_be_read_is_named_and_what_is_known_stays(
    team: Team, t: Translator, groupware: Groupware
) -> None:
    groupware.status = 404
    _links(team, t, groupware.url)
    _shows(team, t("calendar.news.gone"))
    groupware.status = 200
    _reads(team, timedelta(minutes=15))
    team.dm("sato").expect(t("calendar.news.read"))
    groupware.body = b"<html>Sign in</html>"
    _reads(team, timedelta(minutes=15))
    known = _known(team)
    assert len(known) == 1
    team.dm("sato").unread()
    _reads(team, timedelta(hours=25))
    team.dm("sato").expect(t("calendar.news.not_a_calendar"))
    assert _known(team) == [known[0]]
    team.user("sato").types("/mql calendar", channel="sales")
    assert t("calendar.failing") in team.user("sato").modal.text
    team.user("sato").modal.press(t("button.calendar_unlink"))
    assert _known(team) == []


def test_a_calendar_that_breaks_the_reader_keeps_nobody_elses_from_being_read(
    team: Team, t: Translator, groupware: Groupware
) -> None:
    _links(team, t, f"{groupware.url}?名前")  # no address of HTTP
    suzuki = team.user("suzuki")
    suzuki.types("/mql calendar", channel="sales")
    suzuki.modal.fill({t("calendar.address"): groupware.url}).submit()
    wait_for(lambda: t("calendar.linked", at="")[:10] in suzuki.modal.text)
    groupware.body = calendar([MEETING])
    _reads(team, timedelta(minutes=15))
    assert _known(team, "suzuki") == []
    _shows(team, t("calendar.news.not_a_calendar"))


@pytest.mark.parametrize("closed", [False, True])
def test_an_open_form_shows_how_a_slow_reading_went_and_a_message_makes_up_for_a_closed_one(
    team: Team, t: Translator, groupware: Groupware, monkeypatch: pytest.MonkeyPatch, *, closed: bool
) -> None:
    monkeypatch.setattr("bot.slack.listeners.routing.calendars.PATIENCE", 0)
    groupware.answers.clear()
    _links(team, t, groupware.url)
    sato = team.user("sato")
    assert t("calendar.reading") in sato.modal.text
    if closed:
        sato.modal.close()
        team.may_break = ("no open view",)
    groupware.answers.set()
    if not closed:
        _shows(team, t("calendar.linked", at="")[:10])
    wait_for(lambda: _news(team, t) == closed)


def test_an_address_that_may_not_be_called_is_refused_in_the_form(team: Team, t: Translator) -> None:
    assert _links(team, t, "https://192.168.0.7/calendar.ics") == [t("calendar.news.not_public")]
    assert _links(team, t, "http://example.com/calendar.ics") == [t("calendar.news.needs_https")]


def test_a_status_makes_away_and_its_end_makes_present(team: Team, t: Translator) -> None:
    team.slack.admin.set_status("sato", "休暇", ":palm_tree:")
    team.settle()
    assert [row.source for row in _known(team)] == [AbsenceSource.STATUS]
    team.dm("sato").expect(t("calendar.source.status"))
    team.receives("Acme")
    assert team.mql(1).owner == team.slack.user("suzuki").id
    team.slack.admin.set_status("sato", "会議中", ":spiral_calendar_pad:")
    team.settle()
    assert _known(team) == []
    for company in ("Globex", "Initech"):
        team.receives(company)
    assert team.slack.user("sato").id in (team.mql(2).owner, team.mql(3).owner)


def test_a_business_trip_asks_once_and_decides_nothing(team: Team, t: Translator) -> None:
    sato = team.user("sato")
    team.dm("sato").unread()
    team.slack.admin.set_status("sato", "大阪出張", ":bullettrain_side:")
    team.catch_up()
    (asked,) = team.dm("sato").unread()
    assert t("button.trip_at_work") in asked.buttons
    team.advance(hours=25)
    team.slack.admin.set_status("sato", "出張中", ":bullettrain_side:")
    team.catch_up()
    assert [message for message in team.dm("sato").unread() if t("button.trip_away") in message.buttons] == []
    sato.types("/mql away", channel="sales")
    assert f"[{t('button.away_back')}]" not in sato.modal.text
    sato.press(t("button.trip_away"), in_=asked)
    sato.types("/mql away", channel="sales")
    assert f"[{t('button.away_back')}]" in sato.modal.text
