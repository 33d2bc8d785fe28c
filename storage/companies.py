"""MQLs of the same company."""

from __future__ import annotations

from functools import cache
from typing import Any

import sqlalchemy as sa

from storage import rows
from storage.company_keys import CompanyKeys
from storage.models import WITH_SALES, Mql, mql


def same_company(tx: sa.Connection, workspace_id: str, keys: CompanyKeys, *, most: int = 3) -> list[Mql]:
    """Return MQLs of a company that are open or qualified, the newest first, at most so many: by its corporate number,
    its domain or its name. Where two numbers are known and differ it is another company.

    One look into an index for each key, however many MQLs the company has.
    """
    known = {column: key for column, key in keys._asdict().items() if key is not None}
    if not known:
        return []
    asked = {"workspace": workspace_id, "most": most, **known}
    by_id = {candidate.id: candidate for candidate in rows.many(tx, Mql, _with_any(*known), asked)}
    same = [candidate for candidate in by_id.values() if _may_be(keys.corporate_number, candidate.corporate_number)]
    same = [candidate for candidate in same if candidate.import_id is None]
    return sorted(same, key=lambda candidate: -candidate.id)[:most]


@cache
def _with_any(*columns: str) -> Any:
    """Return the statement that looks into the index of each of these keys."""
    looks = []
    for column in columns:
        # As text, for a database sees only so that the partial index fits.
        mine = sa.and_(mql.c.workspace_id == sa.bindparam("workspace"), mql.c[column] == sa.bindparam(column))
        newest = sa.select(mql).where(mine, sa.text(WITH_SALES)).order_by(mql.c.id.desc())
        looks.append(newest.limit(sa.bindparam("most")))
    return looks[0] if len(looks) == 1 else sa.union_all(*(sa.select(look.subquery()) for look in looks))


def _may_be(candidate: str | None, other: str | None) -> bool:
    return candidate is None or other is None or candidate == other
