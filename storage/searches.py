"""Find MQLs by what people type: a part of the company's or the person's name."""

from __future__ import annotations

import sqlalchemy as sa

from storage import company_keys, identity, rows
from storage.models import WITH_SALES, Mql, mql


def with_sales(tx: sa.Connection, workspace_id: str, sought: str, most: int) -> list[Mql]:
    """Return MQLs that are open, or opportunities under way, whose company or person has these letters in its name, the
    newest first, at most so many. Legal form, spaces, case and width do not matter."""
    words, company = identity.squeezed(sought), company_keys.name(sought)
    if not words:
        return []
    person = sa.func.replace(sa.func.replace(mql.c.person, " ", ""), "\u3000", "")
    matches = [person.icontains(words, autoescape=True)]
    if company is not None:
        matches.append(mql.c.company_key.contains(company, autoescape=True))
    mine = sa.and_(mql.c.workspace_id == workspace_id, sa.text(WITH_SALES), mql.c.deal_result.is_(None))
    query = sa.select(mql).where(mine, sa.or_(*matches)).order_by(mql.c.id.desc()).limit(most)
    return rows.many(tx, Mql, query)
