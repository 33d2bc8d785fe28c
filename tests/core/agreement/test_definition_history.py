"""What one version of the MQL definition has made of another."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.core.agreement.definition_history import changes
from storage.models import Definition


def row(text: str, threshold: int | None = 50) -> Definition:
    at = datetime(2026, 11, 17, tzinfo=UTC)
    return Definition(
        id=1, workspace_id="T1", number=1, text=text, threshold=threshold, proposed_by="U1", proposed_at=at
    )


@pytest.mark.parametrize(
    ("old", "new", "removed", "added"),
    [
        ("従業員50名以上。資料請求。", "従業員50名以上。問い合わせ。", ("資料請求。",), ("問い合わせ。",)),
        ("Has 50 people. Asked.", "Asked. Has a budget!", ("Has 50 people.",), ("Has a budget!",)),
        ("Score 7.5 or more", "Score 7.5 or more\nAsked for a call", (), ("Asked for a call",)),
        ("a\nb\nc", "a\n\n  b\nc", (), ()),
    ],
)
def test_changes_are_told_sentence_by_sentence(
    old: str, new: str, removed: tuple[str, ...], added: tuple[str, ...]
) -> None:
    difference = changes(row(old), row(new))
    assert (difference.removed, difference.added, difference.threshold) == (removed, added, False)
    assert bool(difference) == bool(removed or added)


@pytest.mark.parametrize(("before", "after"), [(50, 60), (None, 0), (0, None)])
def test_a_threshold_alone_is_a_change(before: int | None, after: int | None) -> None:
    difference = changes(row("a", before), row("a", after))
    assert difference
    assert (difference.threshold, difference.removed, difference.added) == (True, (), ())
