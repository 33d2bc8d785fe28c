"""What is slow to import waits until something needs it (docs/adr/0039)."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

NOT_TO_START = {"alembic", "mako", "matplotlib", "numpy", "phonenumbers", "publicsuffixlist"}
"""A bot whose database is up to date works without these until a lead names a phone number or a company's domain."""
NOT_TO_REPORT = NOT_TO_START | {"apscheduler", "cryptography", "flask", "playground", "slack_bolt", "waitress"}
NOT_TO_RUN = NOT_TO_START | {"cryptography", "icalendar", "playground", "pygments", "rich", "websockets"}
"""Unless there is a secret to encrypt, or a calendar to read."""
NOT_TO_HELP = NOT_TO_REPORT | {
    "babel",
    "email_validator",
    "holidays",
    "pydantic",
    "slack_sdk",
    "sqlalchemy",
    "sqlmodel",
    "structlog",
}
HELP = "from bot.__main__ import app; app(['--help'], standalone_mode=False)"


@pytest.mark.parametrize(
    ("code", "without"),
    [
        (HELP, NOT_TO_HELP),
        ("import bot.cli.reports.weekly, bot.cli.reports.noise, bot.cli.mql.export_mqls", NOT_TO_REPORT),
        ("import bot.without_rich, bot.cli.process.run, bot.cli.database.migrate, bot.cli.health.doctor", NOT_TO_RUN),
    ],
    ids=["help", "reports", "start"],
)
def test_it_does_not_import(code: str, without: set[str]) -> None:
    asked = f"import json, sys; {code}; print(); print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True)
    assert without & set(json.loads(done.stdout.splitlines()[-1])) == set()
