from __future__ import annotations

from typing import Any

import pytest

from bot.core.base.results import Refusal, Refused, gone
from storage.models import Mql
from storage.vocabulary import Source, Status
from tests.workspace import NOW


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"status": Status.WITHDRAWN}, Refusal.WITHDRAWN),
        ({"status": Status.WITHDRAWN, "erased_at": NOW}, Refusal.ERASED),
        ({"status": Status.QUALIFIED, "erased_at": NOW}, Refusal.ERASED),
        ({"status": Status.QUALIFIED}, None),
    ],
)
def test_nothing_more_is_said_of_an_mql_that_was_erased_or_withdrawn(
    columns: dict[str, Any], reason: Refusal | None
) -> None:
    subject = Mql(id=1, workspace_id="T1", number=12, source=Source.GENERIC, received_at=NOW, read_at=NOW, **columns)
    assert gone(subject) == (Refused(reason, number=12) if reason else None)
