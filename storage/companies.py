"""MQLs of the same company."""

from __future__ import annotations

import sqlalchemy as sa

from storage import rows
from storage.company_keys import CompanyKeys
from storage.models import WITH_SALES, Mql, mql


def same_company(tx: sa.Connection, workspace_id: str, keys: CompanyKeys, *, most: int = 3) -> list[Mql]:
    """Return MQLs of a company that are open or qualified, the newest first, at most so many: by its corporate number,
    its domain or its name. Where two numbers are known and differ it is another company.

    One look into an index for each key, however many MQLs the company has.
    """
    by_id: dict[int, Mql] = {}
    for column, key in keys._asdict().items():
        if key is not None:
            # As text, for a database sees only so that the partial index fits.
            mine = sa.and_(mql.c.workspace_id == workspace_id, mql.c[column] == key, sa.text(WITH_SALES))
            query = sa.select(mql).where(mine).order_by(mql.c.id.desc()).limit(most)
            by_id |= {candidate.id: candidate for candidate in rows.many(tx, Mql, query)}
    same = [candidate for candidate in by_id.values() if _may_be(keys.corporate_number, candidate.corporate_number)]
    same = [candidate for candidate in same if candidate.import_id is None]
    return sorted(same, key=lambda candidate: -candidate.id)[:most]


def _may_be(candidate: str | None, other: str | None) -> bool:
    return candidate is None or other is None or candidate == other
