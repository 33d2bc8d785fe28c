"""/healthz, /readyz and /metrics of a real bot over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from bot import app
from bot.metrics import Metrics
from playground import Fault
from storage.database import Database
from tests.patience import LONGEST
from tests.scenarios.stage import Team, ja

TOKEN = "0123456789abcdef"


@pytest.fixture
def team(database: Database) -> Iterator[Team]:
    team = Team(database)
    yield team
    team.close()


def ask(team: Team, path: str, **headers: str) -> tuple[int, str]:
    assert team.bot is not None
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urlopen(Request(team.bot.address + path, headers=named), timeout=LONGEST) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


def ready(team: Team) -> tuple[int, dict[str, dict[str, Any]]]:
    status, text = ask(team, "/readyz")
    return status, {check["name"]: check for check in json.loads(text)["checks"]}


def metrics(team: Team) -> dict[tuple[str, ...], float]:
    """Every sample by its name and labels, as `name label=value …`."""
    status, text = ask(team, "/metrics")
    assert status == 200
    return {
        (sample.name, *(f"{name}={value}" for name, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def labelled(seen: dict[tuple[str, ...], float], wanted: str) -> dict[tuple[str, ...], float]:
    """The samples of one name by their labels."""
    return {key[1:]: value for key, value in seen.items() if key[0] == wanted}


def test_a_bot_that_works_is_ready_with_each_check_named(team: Team) -> None:
    status, checks = ready(team)
    assert status == 200
    assert checks == {
        "database": {"name": "database", "ok": True, "value": "reachable", "limit": None},
        "migrations": {"name": "migrations", "ok": True, "value": 0, "limit": 0},
        "ticks": {"name": "ticks", "ok": True, "value": 0, "limit": 60},
        "due": {"name": "due", "ok": True, "value": None, "limit": 300},
        "outbox": {"name": "outbox", "ok": True, "value": None, "limit": 300},
        "slack": {"name": "slack", "ok": True, "value": "ok", "limit": None},
    }


def test_a_bot_whose_ticks_have_stopped_is_not_ready_and_alive_all_the_same(team: Team) -> None:
    team.time.advance(timedelta(seconds=90))
    status, checks = ready(team)
    assert status == 503
    assert [name for name, check in checks.items() if not check["ok"]] == ["ticks"]
    assert checks["ticks"]["value"] == 90
    assert ask(team, "/healthz")[0] == 200
    team.settle()
    assert ready(team)[0] == 200


def test_a_slack_that_is_away_is_seen_and_that_it_is_back(team: Team) -> None:
    assert team.bot is not None
    watch = team.bot.parts.watch
    team.slack.faults.add("*", Fault.ERROR_500, times=1)
    watch.look()
    watch.look()  # nobody has called Slack since: the watch asks
    assert ready(team)[1]["slack"] == {"name": "slack", "ok": False, "value": "http_500", "limit": None}
    watch.look()
    assert ready(team)[0] == 200


def test_a_refusal_of_one_call_is_no_trouble_with_slack_and_a_refused_token_is(team: Team) -> None:
    assert team.bot is not None
    gateway = team.bot.parts.gateway
    team.may_break = ("not a member", "token_revoked")
    team.slack.admin.remove_bot("mql")
    team.receives("Acme")
    assert gateway.trouble is None
    team.slack.revoke_token("token_revoked")
    gateway.ask_if_quiet()
    gateway.ask_if_quiet()
    assert gateway.trouble == "token_revoked"


def test_socket_mode_that_is_not_connected_is_seen(team: Team) -> None:
    team.stop_bot()
    team.start_bot(socket_mode=True)
    assert team.bot is not None
    assert ready(team)[1]["socket_mode"]["value"] == "connected"
    socket = team.bot._socket
    assert socket is not None
    socket.stop()
    status, checks = ready(team)
    assert (status, checks["socket_mode"]["ok"]) == (503, False)


def test_a_database_that_is_away_is_a_503_and_a_scrape_that_says_so(team: Team, tmp_path: Path) -> None:
    assert team.bot is not None
    away = Database("postgresql+psycopg://bot:opensesame@127.0.0.1:9/mql")
    database = team.bot.parts.context.database
    engine, database.engine = database.engine, away.engine
    status, checks = ready(team)
    seen = metrics(team)
    database.engine = engine
    assert (status, checks["database"]["value"]) == (503, "away")
    assert seen[("mqlbot_database_up",)] == 0
    assert ("mqlbot_outbox_rows", "state=pending") not in seen
    assert any(name == "mqlbot_request_seconds_count" for name, *_ in seen)


@pytest.mark.parametrize("path", ["/readyz", "/metrics"])
@pytest.mark.parametrize("header", ["X_Forwarded_For", "X_Real_IP", "Forwarded"])
def test_without_a_token_nobody_gets_in_through_a_proxy(team: Team, path: str, header: str) -> None:
    assert ask(team, path)[0] == 200
    status, text = ask(team, path, **{header: "203.0.113.7"})
    assert status == 403
    assert "METRICS_TOKEN" in json.loads(text)["message"]


@pytest.mark.parametrize("path", ["/readyz", "/metrics"])
def test_with_a_token_only_who_sends_it_gets_in_from_anywhere(team: Team, path: str) -> None:
    assert team.bot is not None
    team.bot.parts.monitor._token = TOKEN
    for given in ({}, {"Authorization": f"Bearer {TOKEN}x"}, {"Authorization": TOKEN}, {"Authorization": "Bearer ñ"}):
        status, text = ask(team, path, **given)
        assert status == 401
        assert TOKEN not in text
    assert ask(team, path, Authorization=f"Bearer {TOKEN}", X_Forwarded_For="203.0.113.7")[0] == 200
    assert ask(team, "/healthz")[0] == 200


def test_the_token_of_the_settings_is_the_one_that_is_asked_for(team: Team) -> None:
    assert team.bot is not None
    settings = team.bot.parts.settings.model_copy(update={"metrics_token": SecretStr(TOKEN)})
    page = app.Parts(settings, team.database, team.time.now).monitor.alone().test_client()
    assert page.get("/metrics").status_code == 401
    assert page.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_what_happens_to_leads_is_counted(team: Team) -> None:
    team.receives("Acme", email="a@example.com")
    team.receives("Acme", email="a@example.com")
    for _ in range(2):
        team.posts_webhook({"company": "Bravo"}, id="msg_1")
    assert team.posts_webhook({"company": ""}).status == 422
    assert team.posts_webhook({"company": "C"}, secret="whsec_" + "A" * 43 + "=").status == 401
    assert team.posts_webhook(b"x" * 300_000).status == 413
    team.app("HubSpot").posts("mql-intake", text="*Company*: Delta\n*Email*: d@example.com")
    team.app("HubSpot").posts("mql-intake", text="Please have a look")
    ito = team.user("ito")
    ito.types("/mql new", channel="marketing")
    ito.modal.fill({"company": "Echo"})
    ito.modal.submit()
    seen = metrics(team)
    intake = labelled(seen, "mqlbot_intake_total")
    assert intake == {
        ("outcome=new", "source=generic"): 2,
        ("outcome=again", "source=generic"): 1,
        ("outcome=same_webhook", "source=generic"): 1,
        ("outcome=invalid_body", "source=generic"): 1,
        ("outcome=invalid_signature", "source=generic"): 1,
        ("outcome=too_large", "source=generic"): 1,
        ("outcome=new", "source=notification"): 1,
        ("outcome=unreadable", "source=notification"): 1,
        ("outcome=new", "source=manual"): 1,
    }


def test_checkpoints_are_counted_with_how_late_they_were_recorded(team: Team) -> None:
    team.receives("Acme")
    team.advance(hours=12)
    team.stop_bot()
    team.advance(hours=13)
    team.start_bot()
    team.user("tanaka").press(ja("button.remind"))  # by hand: no checkpoint
    seen = metrics(team)
    fired = {labels[1]: value for labels, value in labelled(seen, "mqlbot_checkpoints_total").items()}
    # By this process: the first reminder was sent by the one before.
    assert fired == {"kind=reminded": 1, "kind=breached": 1, "kind=escalated": 1}
    assert seen[("mqlbot_checkpoint_lateness_seconds_sum",)] == pytest.approx((25 - 19.2 + 1 + 1) * 3600)


def test_the_outbox_and_slack_are_measured(team: Team) -> None:
    team.may_break = ("the app is not a member",)
    team.slack.admin.remove_bot("mql")
    team.receives("Acme")
    team.slack.admin.invite_bot("mql")
    team.slack.faults.add("chat.postMessage", Fault.RATE_LIMIT, times=2, seconds=600)
    team.receives("Bravo")  # its card and the message to its owner
    team.time.advance(timedelta(seconds=50))
    seen = metrics(team)
    assert seen[("mqlbot_outbox_rows", "state=dead")] == 1
    assert seen[("mqlbot_outbox_oldest_seconds", "state=dead")] == 50
    assert seen[("mqlbot_outbox_rows", "state=pending")] >= 2
    assert seen[("mqlbot_outbox_rows", "state=sending")] == 0
    assert seen[("mqlbot_tick_age_seconds",)] == 50
    assert seen[("mqlbot_alerts_open",)] == 0
    assert seen[("mqlbot_slack_calls_total", "method=chat.postMessage", "outcome=denied")] == 1
    assert seen[("mqlbot_slack_calls_total", "method=chat.postMessage", "outcome=not_taken")] == 2
    assert seen[("mqlbot_slack_calls_total", "method=auth.test", "outcome=ok")] >= 1


def test_requests_are_measured_by_endpoint_and_a_path_that_is_none_of_ours_makes_no_label(team: Team) -> None:
    team.receives("Acme")
    for path in ("/secret-of-somebody", "/another"):
        assert ask(team, path)[0] == 404
    seen = metrics(team)
    counts = labelled(seen, "mqlbot_request_seconds_count")
    assert counts[("endpoint=generic_webhook", "status=2xx")] == 1
    assert counts[("endpoint=unknown", "status=4xx")] == 2
    assert "secret-of-somebody" not in ask(team, "/metrics")[1]


def test_no_label_names_a_person_a_lead_or_an_mql(team: Team) -> None:
    team.receives("株式会社みなと製作所", person="高橋", email="takahashi@minato.example")
    team.user("sato").press(ja("button.accept"))
    names = {label.partition("=")[0] for _, *labels in metrics(team) for label in labels}
    assert names <= {"source", "outcome", "clock", "kind", "state", "method", "endpoint", "status", "le"}
    text = ask(team, "/metrics")[1]
    for word in ("みなと", "高橋", "takahashi", "佐藤", "U0", "C0", team.id):
        assert word not in text


def test_each_process_counts_for_itself(team: Team) -> None:
    ours, others = Metrics(), Metrics()
    ours.intake("generic", "new")
    shown, hidden = (counters.text(team.database, team.id, team.time.now()) for counters in (ours, others))
    assert b'mqlbot_intake_total{outcome="new",source="generic"} 1.0' in shown
    assert b"mqlbot_intake_total{" not in hidden


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:3000", "127.0.0.1.evil.example", "[", "localhost@evil.example:1"]
)
def test_a_page_that_leads_its_own_name_to_this_machine_reads_no_figures(team: Team, host: str) -> None:
    assert ask(team, "/metrics", Host=host)[0] in (400, 403)
    assert ask(team, "/readyz", Host=host)[0] in (400, 403)


@pytest.mark.parametrize("host", ["localhost:9100", "127.0.0.1", "[::1]:3000", "LOCALHOST"])
def test_this_machine_may_ask_by_any_of_its_own_names(team: Team, host: str) -> None:
    assert ask(team, "/readyz", Host=host)[0] == 200
