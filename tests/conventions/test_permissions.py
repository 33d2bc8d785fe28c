"""The matrix of permissions is the only place that decides, and docs/roles.md says what it says."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from bot.core.base.permissions import MATRIX, Permission
from storage.vocabulary import Role

ROOT = Path(__file__).parents[2]
COLUMNS = (Role.ADMIN, Role.HEAD, Role.MANAGER, Role.REP, Role.MARKETER)
# Who is who, for whom something is shown, and who is told; who may be given an MQL; what a team lacks.
ALLOWED = {
    "bot/cli/health/doctor.py": "says which role nobody has",
    "bot/core/base/permissions.py": "the matrix",
    "bot/core/base/team.py": "who is who, and who is told",
    "bot/core/health/conditions.py": "says that no admin is left",
}
WITH_AUTHOR = (
    *("teamfile.apply", "setup.add", "setup.rotate", "setup.end_rotation", "setup.remove", "setup.set_organization"),
    *("setup.reencrypt", "erasure.erase_person"),
)
"""What writes into the audit log in the name of whoever calls it."""
BY_ITSELF = {"bot/cli/playground/command.py", "bot/cli/sample/history.py", "bot/core/whatif/replay.py"}
"""Set up the sample team; live through the past again in a database that is thrown away."""
REHEARSED = "_rehearsed"
"""Erases only to count, and takes it back."""


@pytest.mark.parametrize("document", ["docs/roles.md", "docs/roles.ja.md"])
def test_the_page_says_what_the_matrix_says(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \|" + r" ([● ]) \|" * len(COLUMNS) + r" ([^|]*) \|$", text, re.MULTILINE)
    assert [row[0] for row in rows] == [permission.value for permission in Permission]
    for name, *marks, conditions in rows:
        rule = MATRIX[Permission(name)]
        assert {role for role, mark in zip(COLUMNS, marks, strict=True) if mark == "●"} == {*rule.roles}, name
        assert re.findall(r"`(\w+)`", conditions) == [condition.value for condition in rule.conditions], name


class Call(NamedTuple):
    """A call, as `noun.verb`."""

    called: str
    keywords: set[str | None]
    rehearsed: bool


@dataclass
class Source:
    """What a file of the bot calls and asks for."""

    text: str
    """Without its comments."""
    calls: list[Call] = field(default_factory=list)
    permissions: set[str] = field(default_factory=set)


@cache
def sources() -> dict[str, Source]:
    """Every file of the bot, read once."""
    files = sorted((ROOT / "bot").rglob("*.py"))
    return {file.relative_to(ROOT).as_posix(): read(file.read_text(encoding="utf-8")) for file in files}


def read(text: str) -> Source:
    source = Source(re.sub(r"#.*", "", text))
    ahead: list[tuple[ast.AST, bool]] = [(ast.parse(text), False)]
    while ahead:
        node, rehearsed = ahead.pop()
        if isinstance(node, ast.Call) and (called := dotted(node.func)):
            source.calls.append(Call(called, {keyword.arg for keyword in node.keywords}, rehearsed))
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Permission":
            source.permissions.add(node.attr)
        rehearsed |= isinstance(node, ast.FunctionDef) and node.name == REHEARSED
        ahead += ((child, rehearsed) for child in ast.iter_child_nodes(node))
    return source


def dotted(called: ast.expr) -> str | None:
    """Return `noun.verb` of what is called; `.verb` where its noun is no plain name, None where it has none."""
    if not isinstance(called, ast.Attribute):
        return None
    return f"{called.value.id if isinstance(called.value, ast.Name) else ''}.{called.attr}"


def test_nothing_but_the_matrix_asks_for_a_role() -> None:
    asking = {name for name, source in sources().items() if any(call.called.endswith(".has") for call in source.calls)}
    assert asking == set(ALLOWED)


def test_every_permission_is_asked_for() -> None:
    """`SETTINGS` is what the forms of the settings ask; `USE` what every listener asks."""
    others = (source for name, source in sources().items() if name != "bot/core/base/permissions.py")
    asked = set[str]().union(*(source.permissions for source in others))
    assert {permission.name for permission in Permission} - asked <= {"SETTINGS"}


def test_whoever_changes_what_is_audited_says_who_they_are() -> None:
    calls = [
        (name, call.called, call.keywords)
        for name, source in sources().items()
        for call in source.calls
        if call.called in WITH_AUTHOR and name not in BY_ITSELF and not call.rehearsed
    ]
    assert {called for _, called, _ in calls} == {*WITH_AUTHOR}
    assert [(name, called) for name, called, keywords in calls if "author" not in keywords] == []


AUDITED_WRITES = {
    "workspaces.save_reasons": "teamfile",
    "members.save": "teamfile",
    "policies.add": "teamfile",
    "routing.add": "teamfile",
    "definitions.add": "definition",
    "definitions.agree": "definition",
    "definitions.close": "definition",
    "sources.add": "setup",
    "sources.add_secret": "setup",
    "sources.remove": "setup",
    "sources.end_rotation": "setup",
    "sources.seal_again": "setup",
    "sources.add_mapping": "corrections",
    "senders.add_rule": "senders",
    "senders.remove_rule": "senders",
    "senders.add_mapping": "senders",
    "noise.set_muted": "limits",
    "kpi_targets.add": "kpi_target",
    "calendar_links.link": "learnt_absences",
    "calendar_links.unlink": "learnt_absences",
    "undelivered.revive": "resend",
    "outbound.revive": "resend",
    "backups.take": "backup",
    "backups.restore": "restore",
}
"""Where each statement that changes what is audited may stand: in a file that records it."""


def test_what_is_audited_is_written_only_where_it_is_recorded() -> None:
    places: dict[str, set[str]] = {}
    recorded = re.compile(r"audit(_entries)?\.record|record_everywhere|senders\.remove_rule\(press")
    for name, source in sources().items():
        for called in {call.called for call in source.calls} & AUDITED_WRITES.keys():
            file = Path(name)
            places.setdefault(called, set()).add(file.parent.name if file.stem == "application" else file.stem)
            assert recorded.search(source.text), name
    listeners = {"queue"}  # core's function of that name, which records
    assert {called: files - listeners for called, files in places.items()} == {
        called: {file} for called, file in AUDITED_WRITES.items()
    }
