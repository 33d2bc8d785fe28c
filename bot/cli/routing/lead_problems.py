"""What is wrong with a lead that somebody hands to a command, in the reader's words."""

from __future__ import annotations

from bot.connectors.problems import FieldProblem
from bot.i18n import Translator

EXPECTED = ("attributes", "record_ids", "score", "sent_at")
"""Fields that are no text."""


def sentence(t: Translator, issue: FieldProblem) -> str:
    """Return what is wrong and what to do."""
    limit = None if issue.limit is None else t.number(issue.limit)
    kind = ""
    if issue.problem == "wrong_type":
        kind = f".{issue.field if issue.field in EXPECTED else 'text'}"
    elif issue.problem in ("not_json", "unknown_field") and issue.detail is not None:
        kind = ".at" if issue.problem == "not_json" else ".meant"
    return t(f"lead_problem.{issue.problem}{kind}", field=issue.field, limit=limit, detail=issue.detail)
