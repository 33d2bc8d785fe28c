"""What is slow to import waits until something needs it (docs/adr/0039)."""

from __future__ import annotations

import json
import subprocess
import sys

NOT_TO_START = {
    "alembic",
    "email_validator",
    "holidays",
    "mako",
    "matplotlib",
    "numpy",
    "phonenumbers",
    "publicsuffixlist",
    "sqlalchemy.dialects.postgresql",
}
"""A bot whose database is an up-to-date SQLite file works without these until a lead names an address, a phone or
a company's domain, or a calendar names a country."""
NOT_TO_REPORT = NOT_TO_START | {"apscheduler", "cryptography", "flask", "playground", "slack_bolt", "waitress"}
NOT_TO_RUN = NOT_TO_START | {
    "bot.connectors.crm.sync",
    "cryptography",
    "icalendar",
    "playground",
    "pygments",
    "rich",
    "websockets",
}
"""Unless there is a secret to encrypt, a calendar to read or a CRM to follow."""
NOT_TO_HELP = NOT_TO_REPORT | {
    "babel",
    "pydantic",
    "slack_sdk",
    "sqlalchemy",
    "sqlmodel",
    "structlog",
}
HELP = "from bot.__main__ import app; app(['--help'], standalone_mode=False)"


# One after the other in one process, the least first. A report may import rich by way of structlog, a start may not.
STEPS = (
    (HELP, NOT_TO_HELP),
    (
        "import bot.without_rich, bot.cli.reports.weekly, bot.cli.reports.noise, bot.cli.mql.export_mqls",
        NOT_TO_REPORT,
    ),
    ("import bot.without_rich, bot.cli.process.run, bot.cli.database.migrate, bot.cli.health.doctor", NOT_TO_RUN),
)


def test_neither_the_help_nor_a_report_nor_a_start_imports_more_than_it_needs() -> None:
    known = "; print(); print(json.dumps(sorted(sys.modules)))"
    asked = "\n".join(["import json, sys", *(code + known for code, _ in STEPS)])
    done = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True)
    imported = [set(json.loads(line)) for line in done.stdout.splitlines() if line.startswith("[")]
    assert [modules & without for modules, (_, without) in zip(imported, STEPS, strict=True)] == [set()] * 3
