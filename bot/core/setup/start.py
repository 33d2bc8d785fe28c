"""The end of the set-up: the team begins, with a test lead that shows how it works."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from bot.core import settings
from bot.core.base.audit import Author
from bot.core.mql import intake
from bot.core.mql.intake import Received
from bot.core.mql.lead import Lead
from bot.core.settings import Overtaken
from bot.core.setup import document
from bot.core.setup.answers import Answers
from storage import setups, workspaces
from storage.models import Setup
from storage.vocabulary import Source


@dataclass(frozen=True)
class Incomplete:
    """What is still to be answered: mql, rep, manager."""

    missing: tuple[str, ...]


@dataclass(frozen=True)
class AlreadySetUp:
    """Somebody has made a team of the workspace already, here or on the command line."""


def start(tx: sa.Connection, known: Setup, test: Lead, by: str, now: datetime) -> Received | Incomplete | AlreadySetUp:
    """Make the team of the answers, and let the test lead come in. The caller holds the set-up. Raises BadFile."""
    answers = Answers.of(known.answers)
    missing = tuple(answers.missing())
    if missing:
        return Incomplete(missing)
    if known.finished_at is not None or workspaces.get(tx, known.workspace_id) is not None:
        return AlreadySetUp()
    saved = settings.save(tx, document.read(answers, known.workspace_id), 0, now, Author.in_slack(by))
    if isinstance(saved, Overtaken):
        return AlreadySetUp()
    received = intake.receive(tx, known.workspace_id, test, Source.MANUAL, now, by=by)
    invites = now if answers.created else None
    setups.change(tx, known, finished_at=now, test_mql_id=received.mql_id, reading={}, next_attempt_at=invites)
    return received
