"""From every released revision, with data, to the newest: nothing is lost, on either database."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory

from bot.core.base import team
from bot.core.mql import intake
from bot.core.mql.lead import Lead
from storage import members, migrate, mqls, unreadables, workspaces
from storage.database import Database
from storage.fingerprints import fingerprints
from storage.vocabulary import Role, Source, Status
from tests.cli.kit import cli
from tests.scenarios.stage import Team, ja
from tests.storage import samples
from tests.storage.conftest import Kind
from tests.storage.samples import RELEASED, Meant, Row, Sample
from tests.thorough import thoroughly

Make = Callable[[Kind], Database]
ROOT = Path(__file__).parents[2]
STORED = sorted(RELEASED.glob("[0-9]*.json"))
RELEASES: dict[str, str] = json.loads((RELEASED / "releases.json").read_text(encoding="utf-8"))
"""The newest revision of the schema in each released version."""


def with_marketing_updates(table: str, row: Row) -> Row:
    """0002: what marketing hears has another name."""
    if table in ("outbox", "mute"):
        words = {"outcome": "marketing_update", "outcomes": "marketing_updates"}
        row["kind"] = words.get(row["kind"], row["kind"])
    return row


def with_deal_result(table: str, row: Row) -> Row:
    """0003: a won or lost opportunity has another name."""
    if table == "mql":
        row["deal_result"], row["deal_result_at"] = row.pop("outcome"), row.pop("outcome_at")
    return row


def with_what_it_came_with(table: str, row: Row) -> Row:
    """0006: whether a lead came with an address or a number is written down when it comes in."""
    if table == "mql":
        row["received_contactable"] = bool(row.pop("was_contactable") or row["email"] or row["phone"])
    return row


def with_what_stood_at_each_label(table: str, row: Row) -> Row:
    """0008: each label has what stood at it, which is not known of the old ones."""
    if table == "unreadable":
        row["content"] = dict.fromkeys(row.pop("found"), "")
    return row


# What a revision changes on purpose, told again a row at a time. A revision that only adds has no entry.
MEANT: dict[str, Meant] = {
    "0002": with_marketing_updates,
    "0003": with_deal_result,
    "0006": with_what_it_came_with,
    "0008": with_what_stood_at_each_label,
}

REVISION = '''
"""a scratch revision"""
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9999", {down!r}, None, None


def upgrade():
    {body}
'''


def revisions() -> list[str]:
    """All of them, oldest first."""
    scripts = ScriptDirectory.from_config(migrate.config())
    return [script.revision for script in reversed(list(scripts.walk_revisions()))]


def meant(since: str) -> list[Meant]:
    """Return what the revisions after one change on purpose, the oldest first."""
    return [MEANT[revision] for revision in revisions() if revision > since and revision in MEANT]


@pytest.fixture(params=["told now", *STORED], ids=lambda source: getattr(source, "stem", source))
def sample(request: pytest.FixtureRequest) -> Sample:
    """A stored sample, or one of the newest revision, told just now."""
    if isinstance(request.param, Path):
        return samples.read(request.param)
    return samples.take(request.getfixturevalue("history"))


@pytest.fixture
def next_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Adds a revision after the newest, in a copy of the migrations."""

    def add(body: str) -> None:
        down = migrate.head()
        copied = shutil.copytree(migrate.MIGRATIONS, tmp_path / "migrations")
        (copied / "versions" / "9999_scratch.py").write_text(REVISION.format(down=down, body=body))
        monkeypatch.setattr(migrate, "MIGRATIONS", copied)

    return add


def migrated(database: Database, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run the command that an admin runs, and return what it says."""
    monkeypatch.setenv("DATABASE_URL", database.url.render_as_string(hide_password=False))
    done = cli("migrate")
    assert done.exit_code == 0, done.output
    return done.stdout


def test_every_release_has_the_sample_of_its_newest_revision() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d$", changelog, re.MULTILINE)) == set(RELEASES)
    assert {file.stem for file in STORED} == set(RELEASES.values())
    assert set(RELEASES.values()) <= set(revisions())
    for file in STORED:
        assert samples.read(file)["revision"] == file.stem


def test_a_released_revision_is_never_edited() -> None:
    stored = [line.split() for line in (RELEASED / "revisions.sha256").read_text(encoding="utf-8").splitlines()]
    versions = migrate.MIGRATIONS / "versions"
    assert [[hashlib.sha256((versions / name).read_bytes()).hexdigest(), name] for _, name in stored] == stored
    newest = max(RELEASES.values())
    assert [name[:4] for _, name in stored] == [revision for revision in revisions() if revision <= newest]


@pytest.mark.alike
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_nothing_is_lost_on_the_way_from_any_revision_to_the_newest(
    sample: Sample, empty: Make, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = empty(kind)
    samples.restore(sample, database)
    migrated(database, monkeypatch)
    assert migrate.pending(database) == ()
    assert samples.lost(samples.retold(sample, meant(sample["revision"])), database) == []
    assert all(fingerprint.rows for table, fingerprint in fingerprints(database).items() if table in sample["tables"])


@pytest.mark.parametrize("released", sorted(set(RELEASES.values())))
def test_a_bot_works_with_what_an_older_version_left(released: str, empty: Make) -> None:
    old = empty("sqlite")
    samples.upgraded(old, released)
    team = Team(old)
    # Its Slack is a new one, which knows no message of those days.
    team.may_break = ("message_not_found", "channel_not_found", "no message")
    try:
        number = 1 + max(row["number"] for row in samples.read(RELEASED / f"{released}.json")["tables"]["mql"])
        assert team.receives("Kappa").body["number"] == number
        team.user(team.mql(number).owner or "").press(ja("button.accept"), in_=team.channel("mql"))
        assert team.mql(number).status == Status.ACCEPTED
        assert "Beta" in team.user("sato").opens_home().text
    finally:
        team.close()


def test_after_the_upgrade_to_the_ledger_nobody_is_owed_the_past(empty: Make) -> None:
    database = empty("sqlite")
    samples.upgraded(database)
    with database.transaction() as tx:
        (workspace,) = workspaces.every(tx)
        roster = members.roster(tx, workspace.id)
        assert {member.balance for member in roster} == {0}
        assert len({member.last_turn for member in roster}) > 2, "some had turns before"
        now = max(member.away_until or workspace.created_at for member in roster) + timedelta(days=900)
        reps = [member.user_id for member in team.reachable(roster, Role.REP)]
        given = Counter[str | None]()
        for number in range(5 * len(reps)):
            lead = Lead(company=f"Company {number}")
            mql_id = intake.receive(tx, workspace.id, lead, Source.GENERIC, now).mql_id
            subject = mqls.get(tx, workspace.id, mql_id)
            assert subject is not None
            given[subject.owner] += 1
            assert max(given.values()) - min(given[rep] for rep in reps) <= 1
    assert given == dict.fromkeys(reps, 5)


@pytest.mark.thorough
def test_a_sample_is_the_same_after_it_was_stored_and_put_back_on_either_database(
    history: Database, empty: Make, tmp_path: Path
) -> None:
    taken = samples.take(history)
    assert samples.read(samples.write(taken, tmp_path)) == taken
    assert all(taken["tables"].values())
    for kind in ("sqlite", "postgresql"):
        database = empty(kind)
        samples.restore(taken, database)
        assert samples.take(database) == taken
        assert fingerprints(database) == fingerprints(history)


# That the comparison sees what it is there for


@pytest.mark.parametrize("kind", thoroughly(["sqlite"], but=["postgresql"]))
def test_a_revision_that_adds_and_fills_loses_nothing(
    history: Database, empty: Make, kind: Kind, monkeypatch: pytest.MonkeyPatch, next_revision: Callable[[str], None]
) -> None:
    taken, database = samples.take(history), empty(kind)
    samples.restore(taken, database)
    next_revision(
        "with op.batch_alter_table('mql') as batch:\n"
        "        batch.add_column(sa.Column('country', sa.String(), nullable=True))\n"
        "    op.execute(\"UPDATE mql SET country = 'JP'\")\n"
        "    op.create_table('visit', sa.Column('id', sa.Integer(), primary_key=True))"
    )
    assert "1 migration" in migrated(database, monkeypatch)
    assert samples.lost(taken, database) == []
    with database.snapshot() as tx:
        assert set(tx.execute(sa.text("SELECT country FROM mql")).scalars()) == {"JP"}


LOSSES = (
    ("op.execute('DELETE FROM outbox WHERE id = (SELECT max(id) FROM outbox)')", "the row is gone"),
    ("op.execute(\"UPDATE mql SET message = trim(message, '💌') WHERE message IS NOT NULL\")", "message is not"),
    ("op.drop_table('lane')", "lane: the table is gone"),
    ("op.execute(\"UPDATE event SET data = '[2]' WHERE id = 2\")", "event (2,): data"),
    ("op.drop_column('mql', 'campaign')", "campaign is not what it was"),
)


@pytest.mark.thorough
@pytest.mark.rules
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_each_thing_that_a_revision_loses_is_found_out(
    history: Database,
    empty: Make,
    kind: Kind,
    monkeypatch: pytest.MonkeyPatch,
    next_revision: Callable[[str], None],
) -> None:
    taken, database = samples.take(history), empty(kind)
    samples.restore(taken, database)
    next_revision("\n    ".join(body for body, _ in LOSSES))
    migrated(database, monkeypatch)
    lost = samples.lost(taken, database)
    for _, problem in LOSSES:
        assert any(problem in line for line in lost), problem
    assert all(any(problem in line for _, problem in LOSSES) for line in lost)


@pytest.mark.thorough
def test_what_a_revision_takes_away_on_purpose_is_no_loss(
    history: Database, empty: Make, monkeypatch: pytest.MonkeyPatch, next_revision: Callable[[str], None]
) -> None:
    taken, database = samples.take(history), empty("sqlite")
    samples.restore(taken, database)
    next_revision("op.drop_table('lane'); op.drop_column('mql', 'campaign')")
    migrated(database, monkeypatch)

    def without_them(table: str, row: Row) -> Row | None:
        return None if table == "lane" else {name: row[name] for name in row if (table, name) != ("mql", "campaign")}

    assert samples.lost(samples.retold(taken, [without_them]), database) == []


def test_the_command_that_stores_a_sample_is_there() -> None:
    makefile = (Path(__file__).parents[2] / "Makefile").read_text(encoding="utf-8")
    assert "python -m tests.storage.samples" in makefile


@pytest.mark.thorough
def test_after_the_upgrade_what_waits_came_when_its_message_was_posted(empty: Make) -> None:
    database = empty("sqlite")
    samples.upgraded(database)
    with database.snapshot() as tx:
        entries = unreadables.of_ids(tx, "T0SAMPLE01", (1, 2, 3))
    assert [entry.came_at.timestamp() for entry in entries] == [float(entry.ts or 0) for entry in entries]
    assert [entry.closed_at is None for entry in entries] == [entry.state == "open" for entry in entries]
