"""The HTTP side in trouble: a real bot whose database is away, and bodies that are no text."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from storage.database import Database
from tests.installation import SECRET
from tests.patience import LONGEST
from tests.scenarios.stage import Team

BODY = '{"company": "株式会社青空商事"}'


@pytest.fixture
def team(database: Database) -> Iterator[Team]:
    team = Team(database)
    yield team
    team.close()


def post(team: Team, body: bytes, number: str = "msg_1") -> tuple[int, dict[str, str], dict[str, Any]]:
    """Status, headers and answer to a body that is signed as it is, byte by byte."""
    assert team.bot is not None
    moment = str(int(time.time()))
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    digest = hmac.digest(key, f"{number}.{moment}.".encode() + body, hashlib.sha256)
    headers = {
        "content-type": "application/json",
        "webhook-id": number,
        "webhook-timestamp": moment,
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
    }
    try:
        with urlopen(Request(team.bot.address + "/webhooks/generic", body, headers), timeout=LONGEST) as response:
            return response.status, dict(response.headers), json.load(response)
    except HTTPError as error:
        return error.code, dict(error.headers), json.load(error)


@pytest.mark.parametrize(
    "address", ["postgresql+psycopg://bot:opensesame@127.0.0.1:9/mql", "sqlite:///{folder}/mql.db"]
)
def test_a_database_that_is_away_is_a_503_to_try_again_and_the_lead_is_taken_then(
    team: Team, tmp_path: Path, address: str
) -> None:
    assert team.bot is not None
    (tmp_path / "gone").mkdir()
    away = Database(address.format(folder=tmp_path / "gone"))
    (tmp_path / "gone" / "mql.db").unlink(missing_ok=True)
    (tmp_path / "gone").rmdir()
    office = team.bot.parts.context.database
    engine, office.engine = office.engine, away.engine
    status, headers, answer = post(team, BODY.encode())
    office.engine = engine
    away.close()
    assert (status, answer["error"]) == (503, "database_away")
    assert int(headers["Retry-After"]) > 0
    assert headers["Content-Type"] == "application/json"
    assert "opensesame" not in str(answer)
    assert post(team, BODY.encode())[0] == 202
    team.settle()
    team.channel("mql").expect("株式会社青空商事")


@pytest.mark.parametrize("encoding", ["cp932", "utf-16"])
def test_a_signed_body_that_is_not_utf8_is_told_so(team: Team, encoding: str) -> None:
    status, _, answer = post(team, BODY.encode(encoding))
    assert status == 401
    assert "UTF-8" in answer["message"]
    assert post(team, BODY.encode())[0] == 202
