from sqlmodel import Field, SQLModel

from storage.models.columns import table
from storage.vocabulary import Locale


class LostReason(SQLModel):
    """Why an MQL was disqualified, in both languages. Switched off rather than deleted: old feedback names it."""

    workspace_id: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    position: int
    ja: str
    en: str
    comment_required: bool = False
    unfit: bool = Field(default=False, description="says that the lead should never have become an MQL")
    active: bool = True

    def label(self, locale: Locale) -> str:
        """Return the reason's name in the reader's language."""
        return self.ja if locale == Locale.JA else self.en


lost_reason = table(LostReason, "lost_reason", of_leads=False)
