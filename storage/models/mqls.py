from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from storage.models.columns import Impersonal, OfCompany, OfPerson, Personal, nulled, partial, table, word
from storage.vocabulary import AskWhy, DealResult, Evidence, Source, Status

CLOSED = (Status.DISQUALIFIED, Status.RECYCLED, Status.WITHDRAWN, Status.UNKNOWN)
DISPOSED = (Status.QUALIFIED, *CLOSED)
DECIDED = tuple(status for status in DISPOSED if status not in (Status.WITHDRAWN, Status.UNKNOWN))
"""With an outcome."""
UNDECIDED = tuple(status for status in Status if status not in DISPOSED)
"""Named rather than excluded in queries: so an index finds them, who are few among all."""
AS_RECEIVED = ("channel", "campaign", "form", "score")
"""Columns of which another, `received_…`, keeps what the lead came with: the same lead may bring more later."""
OPEN = f"status IN ({', '.join(repr(status.value) for status in UNDECIDED)})"
WITH_SALES = f"status NOT IN ({', '.join(repr(status.value) for status in CLOSED)}) AND import_id IS NULL"


class Mql(SQLModel):
    """A lead that marketing handed to sales, and where it stands."""

    id: int = Field(primary_key=True)
    workspace_id: Impersonal[str]
    number: Impersonal[int] = Field(description="What people call it: #12")
    source: Source = Field(sa_type=word(Source))
    external_id: Personal[str | None] = None
    company: OfCompany[str | None] = None
    person: Personal[str | None] = None
    title: Personal[str | None] = None
    email: Personal[str | None] = None
    phone: Personal[str | None] = None
    channel: Impersonal[str | None] = Field(default=None, description="marketing channel")
    campaign: Impersonal[str | None] = None
    form: Impersonal[str | None] = None
    score: Impersonal[int | None] = None
    received_channel: Impersonal[str | None] = Field(default=None, description="as it came in; never changed")
    received_campaign: Impersonal[str | None] = None
    received_form: Impersonal[str | None] = None
    received_score: Impersonal[int | None] = None
    received_tier: Impersonal[str | None] = Field(default=None, description="in which the response clock was started")
    received_contactable: bool = Field(default=False, description="it came with an e-mail address or a phone number")
    score_reason: Personal[str | None] = None
    message: Personal[str | None] = None
    crm_url: Personal[str | None] = None
    attributes: Personal[dict[str, Any]] = Field(default_factory=dict, sa_type=sa.JSON)
    company_key: OfCompany[str | None] = Field(
        default=None, description="this and the next two find the same company: storage/company_keys.py"
    )
    company_domain: Personal[str | None] = Field(default=None, description="of the e-mail address")
    corporate_number: OfCompany[str | None] = Field(default=None, description="法人番号")
    status: Status = Field(sa_type=word(Status, closed=True))
    owner: Impersonal[str | None] = Field(default=None, description="Slack user id")
    cover: Impersonal[str | None] = Field(
        default=None, description="Slack user id of whoever answers while the owner is away; the owner stays the owner"
    )
    offered: bool = Field(default=False, description="the owner has not answered, and any rep may take it")
    offered_until: datetime | None = Field(
        default=None, sa_type=UTCDateTime, description="its pool may accept it first until then; kept afterwards"
    )
    offer_hides: bool = Field(
        default=False,
        sa_column_kwargs={"server_default": sa.false()},
        description="nobody reads who the person is before it has an owner",
    )
    received_at: datetime = Field(description="when it came in: its time counts from here")
    read_at: datetime = Field(description="when the bot read it, or somebody entered what could not be read")
    accepted_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    contacted_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    contact_evidence: Evidence | None = Field(default=None, sa_type=word(Evidence), description="how that is known")
    disposed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    deal_result: DealResult | None = Field(
        default=None, sa_type=word(DealResult, closed=True), description="of the opportunity, once it is decided"
    )
    deal_result_at: datetime | None = Field(
        default=None,
        sa_type=UTCDateTime,
        description="the start of the day of the decision, in the workspace's timezone",
    )
    amount: Impersonal[int | None] = Field(
        default=None, sa_type=sa.BigInteger, description="of the deal that was won or lost"
    )
    ask_at: datetime | None = Field(
        default=None, sa_type=UTCDateTime, description="when the owner is asked once more what became of it"
    )
    ask_why: AskWhy | None = Field(default=None, sa_type=word(AskWhy))
    disputed_at: datetime | None = Field(
        default=None, sa_type=UTCDateTime, description="since when marketing disputes that it is disqualified; open"
    )
    former_id: int | None = Field(default=None, description="the MQL that the same lead had before; it is over")
    same_company_id: int | None = Field(
        default=None, description="an MQL of the same company that was with sales when this one came in"
    )
    maybe_same_id: int | None = Field(default=None, description="one that was, perhaps of the same person")
    merged_into_id: int | None = Field(default=None, description="the MQL in which this one goes on")
    erased_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    import_id: int | None = Field(
        default=None, description="which import brought it from the past; none of its time was measured here"
    )

    @property
    def disposed(self) -> bool:
        """Whether it is over: sales has said what became of it, it was withdrawn, or it came by an import."""
        return self.status in DISPOSED

    @property
    def awaits_outcome(self) -> bool:
        """Whether it has been accepted and sales has not said yet what became of it."""
        return self.status in (Status.ACCEPTED, Status.CONTACTED)

    @property
    def withdrawn_by_erasure(self) -> bool:
        """Whether it was open when its person was erased. One that was withdrawn before is erased later."""
        return self.status == Status.WITHDRAWN and self.erased_at == self.disposed_at


mql = table(
    Mql,
    "mql",
    sa.UniqueConstraint("workspace_id", "number"),
    sa.CheckConstraint(
        "status = 'withdrawn' OR import_id IS NOT NULL OR (owner IS NULL) = (status = 'unassigned')",
        name="owned_unless_unassigned",
    ),
    sa.CheckConstraint(
        "(disposed_at IS NULL) = (status IN ('unassigned', 'assigned', 'accepted', 'contacted'))",
        name="disposed_at_says_disposed",
    ),
    sa.ForeignKeyConstraint(["import_id"], ["import_run.id"]),
    sa.CheckConstraint("status <> 'unknown' OR import_id IS NOT NULL", name="unknown_is_imported"),
    sa.CheckConstraint("import_id IS NULL OR disposed_at IS NOT NULL", name="imported_is_over"),
    sa.CheckConstraint("read_at >= received_at", name="read_after_it_came"),
    sa.CheckConstraint("status <> 'contacted' OR contacted_at IS NOT NULL", name="contacted_has_time"),
    sa.CheckConstraint("contacted_at IS NULL OR accepted_at IS NOT NULL", name="contact_implies_acceptance"),
    sa.CheckConstraint("(contact_evidence IS NULL) = (contacted_at IS NULL)", name="contact_has_evidence"),
    sa.CheckConstraint("(deal_result IS NULL) = (deal_result_at IS NULL)", name="deal_result_has_day"),
    sa.CheckConstraint("deal_result IS NULL OR status = 'qualified'", name="deal_result_of_qualified"),
    sa.CheckConstraint("(deal_result IS NULL OR deal_result <> 'won') OR amount IS NOT NULL", name="won_has_amount"),
    sa.CheckConstraint("amount IS NULL OR (amount >= 0 AND deal_result IS NOT NULL)", name="amount_of_deal_result"),
    sa.CheckConstraint("(ask_at IS NULL) = (ask_why IS NULL)", name="asked_for_a_reason"),
    sa.CheckConstraint("ask_at IS NULL OR erased_at IS NULL", name="nobody_is_asked_of_an_erased_one"),
    sa.CheckConstraint(
        "disputed_at IS NULL OR (status = 'disqualified' AND erased_at IS NULL)", name="disputed_is_disqualified"
    ),
    sa.CheckConstraint("cover IS NULL OR (owner IS NOT NULL AND cover <> owner)", name="cover_of_another"),
    sa.CheckConstraint("merged_into_id IS NULL OR status = 'withdrawn'", name="merged_is_withdrawn"),
    sa.CheckConstraint("erased_at IS NULL OR disposed_at IS NOT NULL", name="erased_is_over"),
    sa.CheckConstraint(
        f"erased_at IS NULL OR COALESCE({', '.join(nulled(Mql, OfPerson.ERASED))}) IS NULL",
        name="erased_names_nobody",
    ),
    # With the day, for the opportunities of a month; it is written together with the status anyway.
    sa.Index("ix_mql_status", "workspace_id", "status", "disposed_at"),
    # Each tick asks which workspaces have any: they are few among all that are open. With the status in it, though
    # it is always the same, SQLite finds everything in the index and takes it.
    partial("ix_mql_unassigned", "workspace_id", "status", where="status = 'unassigned'"),
    sa.Index("ix_mql_received", "workspace_id", "received_at"),
    # Of one company there may be thousands: those with sales are few, and found newest first.
    partial("ix_mql_company", "workspace_id", "company_key", "id", where=WITH_SALES),
    partial("ix_mql_company_domain", "workspace_id", "company_domain", "id", where=WITH_SALES),
    partial("ix_mql_corporate_number", "workspace_id", "corporate_number", "id", where=WITH_SALES),
    # Few of what somebody has ever had is open.
    partial("ix_mql_owner", "workspace_id", "owner", "id", where=OPEN),
    partial("ix_mql_merged", "workspace_id", "merged_into_id", where="merged_into_id IS NOT NULL"),
    partial("ix_mql_cover", "workspace_id", "cover", where="cover IS NOT NULL"),
    partial("ix_mql_disposed", "workspace_id", "disposed_at", where="erased_at IS NULL"),
    partial("ix_mql_ask", "ask_at", where="ask_at IS NOT NULL"),
    partial("ix_mql_disputed", "workspace_id", "disputed_at", where="disputed_at IS NOT NULL"),
    partial("ix_mql_import", "import_id", where="import_id IS NOT NULL"),
    of_leads=True,
)
