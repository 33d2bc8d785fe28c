"""From an outbox row to its call: what that reads."""

from __future__ import annotations

import re
from collections import Counter

from bot.core.messages import relevance
from bot.core.messages.lookup import Lookup
from bot.slack.delivery.rendering import Call, render
from bot.slack.messages.kept_week import KeptWeek
from storage import models, rows
from storage.database import Database
from storage.models import Outbox
from storage.vocabulary import MessageKind
from tests import statements
from tests.workspace import NOW, WORKSPACE, configure, receive


def test_each_table_is_read_once_for_a_message_to_an_owner(database: Database) -> None:
    configure(database)
    mql_id = receive(database)
    texts = statements.texts(database.engine)
    with database.snapshot() as tx:
        which = {"workspace_id": WORKSPACE, "mql_id": mql_id, "kind": MessageKind.ASSIGNMENT}
        row = rows.find(tx, Outbox, models.outbox, which)
        assert row is not None
        texts.clear()
        lookup = Lookup(tx, WORKSPACE)
        assert relevance.reason_gone(tx, row, lookup) is None
        assert isinstance(render(lookup, row, NOW, KeptWeek()), Call)
    read = Counter(table for text, _ in texts for table in re.findall(r"FROM (\w+)", text))
    assert read.keys() >= {"mql", "member", "workspace", "clock"}
    read["event"] -= 1  # a condition of the query of `undo`: nothing has happened since what can be undone
    assert set(read.values()) == {1}, read
