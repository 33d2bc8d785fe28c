from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from storage.models.columns import Impersonal, WithRow, table, word
from storage.vocabulary import ReceiptKind


class Receipt(SQLModel):
    """Proof that something from outside was dealt with, and what was answered, so that a repeat changes nothing."""

    workspace_id: Impersonal[str] = Field(primary_key=True)
    kind: ReceiptKind = Field(sa_type=word(ReceiptKind), primary_key=True)
    key: WithRow[str] = Field(primary_key=True)
    at: datetime
    answer: Impersonal[dict[str, Any]] = Field(default_factory=dict, sa_type=sa.JSON)
    lasting: Impersonal[bool] = Field(
        default=False,
        sa_column_kwargs={"server_default": sa.false()},
        description="whether it stays for good: what is signed without a date could come again at any time",
    )


receipt = table(Receipt, "receipt", of_leads=True)
