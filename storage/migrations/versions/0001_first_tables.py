"""first tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
    )
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.create_index(
            "uq_alert_open",
            ["workspace_id", "kind", "subject"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.create_table(
        "heartbeat",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("process", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ticked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "process", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "checkup",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkup")),
    )
    with op.batch_alter_table("checkup", schema=None) as batch_op:
        batch_op.create_index("ix_checkup_newest", ["workspace_id", "at", "id"], unique=False)

    op.create_table(
        "meeting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
        sa.UniqueConstraint("workspace_id", "day", name=op.f("uq_meeting_workspace_id_day")),
    )
    op.create_table(
        "action_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("due_on", sa.String(), nullable=False),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_by", sa.String(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(done_by IS NULL) = (done_at IS NULL)", name="done_by_somebody"),
        sa.CheckConstraint("remind_at IS NULL OR done_at IS NULL", name="done_ones_are_not_told"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_item")),
    )
    with op.batch_alter_table("action_item", schema=None) as batch_op:
        batch_op.create_index(
            "ix_action_item_due",
            ["remind_at"],
            unique=False,
            sqlite_where=sa.text("remind_at IS NOT NULL"),
            postgresql_where=sa.text("remind_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_action_item_open",
            ["workspace_id", "due_on"],
            unique=False,
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        )
    op.create_table(
        "action_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(32), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("due_on", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["action_item.id"], name=op.f("fk_action_change_action_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_change")),
    )
    with op.batch_alter_table("action_change", schema=None) as batch_op:
        batch_op.create_index("ix_action_change_action", ["action_id", "id"], unique=False)
    op.create_table(
        "mute",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("muted", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mute")),
    )
    with op.batch_alter_table("mute", schema=None) as batch_op:
        batch_op.create_index("ix_mute_newest", ["workspace_id", "kind", "id"], unique=False)
    op.create_table(
        "definition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=True),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("marketing_by", sa.String(), nullable=True),
        sa.Column("marketing_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sales_by", sa.String(), nullable=True),
        sa.Column("sales_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(marketing_by IS NULL) = (marketing_at IS NULL)", name="marketing_is_somebody"),
        sa.CheckConstraint("(sales_by IS NULL) = (sales_at IS NULL)", name="sales_is_somebody"),
        sa.CheckConstraint("marketing_by <> sales_by", name="two_people_agree"),
        sa.CheckConstraint("(agreed_at IS NULL) = (marketing_at IS NULL OR sales_at IS NULL)", name="both_agreed"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_definition")),
        sa.UniqueConstraint("workspace_id", "number", name=op.f("uq_definition_workspace_id_number")),
    )
    op.create_table(
        "kpi_target",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("revenue", sa.BigInteger(), nullable=False),
        sa.Column("deal", sa.BigInteger(), nullable=False),
        sa.Column("first_month", sa.String(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("rates", sa.JSON(), nullable=False),
        sa.Column("lead_days", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("revenue > 0 AND deal > 0", name="target_and_deal_are_money"),
        sa.CheckConstraint("months BETWEEN 1 AND 24", name="months_to_plan"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kpi_target")),
    )
    with op.batch_alter_table("kpi_target", schema=None) as batch_op:
        batch_op.create_index("ix_kpi_target_newest", ["workspace_id", "at", "id"], unique=False)

    op.create_table(
        "lane",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("newest_ts", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "target", name=op.f("pk_lane")),
    )
    op.create_table(
        "lost_reason",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("ja", sa.String(), nullable=False),
        sa.Column("en", sa.String(), nullable=False),
        sa.Column("comment_required", sa.Boolean(), nullable=False),
        sa.Column("unfit", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "key", name=op.f("pk_lost_reason")),
    )
    op.create_table(
        "absence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    with op.batch_alter_table("absence", schema=None) as batch_op:
        batch_op.create_index("ix_absence_member", ["workspace_id", "user_id", "until_at"], unique=False)

    op.create_table(
        "member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("locale", sa.String(32), nullable=True),
        sa.Column("slack_locale", sa.String(32), nullable=True),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("manager_user_id", sa.String(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("deactivated", sa.Boolean(), nullable=False),
        sa.Column("away_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("digest_personal", sa.Boolean(), nullable=True),
        sa.Column("last_turn", sa.Integer(), nullable=False),
        sa.Column("refreshed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member")),
        sa.UniqueConstraint("workspace_id", "user_id", name=op.f("uq_member_workspace_id_user_id")),
    )
    op.create_table(
        "mql",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("company", sa.String(), nullable=True),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("campaign", sa.String(), nullable=True),
        sa.Column("form", sa.String(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("score_reason", sa.String(), nullable=True),
        sa.Column("message", sa.String(), nullable=True),
        sa.Column("crm_url", sa.String(), nullable=True),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "unassigned",
                "assigned",
                "accepted",
                "contacted",
                "qualified",
                "disqualified",
                "recycled",
                "withdrawn",
                name="status_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("offered", sa.Boolean(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contacted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contact_evidence", sa.String(32), nullable=True),
        sa.Column("disposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "won",
                "lost",
                name="dealoutcome_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("outcome_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("ask_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "ask_why",
            sa.Enum("meeting", "pause", "return", name="askwhy_known", native_enum=False, length=32),
            nullable=True,
        ),
        sa.Column("disputed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("was_contactable", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(disposed_at IS NULL) = (status IN ('unassigned', 'assigned', 'accepted', 'contacted'))",
            name="disposed_at_says_disposed",
        ),
        sa.CheckConstraint(
            "status = 'withdrawn' OR (owner IS NULL) = (status = 'unassigned')", name="owned_unless_unassigned"
        ),
        sa.CheckConstraint("status <> 'contacted' OR contacted_at IS NOT NULL", name="contacted_has_time"),
        sa.CheckConstraint("contacted_at IS NULL OR accepted_at IS NOT NULL", name="contact_implies_acceptance"),
        sa.CheckConstraint("(contact_evidence IS NULL) = (contacted_at IS NULL)", name="contact_has_evidence"),
        sa.CheckConstraint("(outcome IS NULL) = (outcome_at IS NULL)", name="outcome_has_day"),
        sa.CheckConstraint("outcome IS NULL OR status = 'qualified'", name="outcome_of_qualified"),
        sa.CheckConstraint("(outcome IS NULL OR outcome <> 'won') OR amount IS NOT NULL", name="won_has_amount"),
        sa.CheckConstraint("amount IS NULL OR (amount >= 0 AND outcome IS NOT NULL)", name="amount_of_outcome"),
        sa.CheckConstraint("(ask_at IS NULL) = (ask_why IS NULL)", name="asked_for_a_reason"),
        sa.CheckConstraint("ask_at IS NULL OR erased_at IS NULL", name="nobody_is_asked_of_an_erased_one"),
        sa.CheckConstraint(
            "disputed_at IS NULL OR (status = 'disqualified' AND erased_at IS NULL)", name="disputed_is_disqualified"
        ),
        sa.CheckConstraint("erased_at IS NULL OR disposed_at IS NOT NULL", name="erased_is_over"),
        sa.CheckConstraint(
            "erased_at IS NULL OR COALESCE(external_id, person, title, email, phone, score_reason, message, crm_url)"
            " IS NULL",
            name="erased_names_nobody",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mql")),
        sa.UniqueConstraint("workspace_id", "number", name=op.f("uq_mql_workspace_id_number")),
    )
    with op.batch_alter_table("mql", schema=None) as batch_op:
        batch_op.create_index(
            "ix_mql_disposed",
            ["workspace_id", "disposed_at"],
            unique=False,
            sqlite_where=sa.text("erased_at IS NULL"),
            postgresql_where=sa.text("erased_at IS NULL"),
        )
        batch_op.create_index(
            "ix_mql_ask",
            ["ask_at"],
            unique=False,
            sqlite_where=sa.text("ask_at IS NOT NULL"),
            postgresql_where=sa.text("ask_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_mql_disputed",
            ["workspace_id", "disputed_at"],
            unique=False,
            sqlite_where=sa.text("disputed_at IS NOT NULL"),
            postgresql_where=sa.text("disputed_at IS NOT NULL"),
        )
        batch_op.create_index("ix_mql_email", ["workspace_id", "email"], unique=False)
        batch_op.create_index("ix_mql_received", ["workspace_id", "received_at"], unique=False)
        batch_op.create_index("ix_mql_status", ["workspace_id", "status", "disposed_at"], unique=False)
        batch_op.create_index(
            "ix_mql_unassigned",
            ["workspace_id", "status"],
            unique=False,
            sqlite_where=sa.text("status = 'unassigned'"),
            postgresql_where=sa.text("status = 'unassigned'"),
        )
        batch_op.create_index(
            "uq_mql_open_external_id",
            ["workspace_id", "source", "external_id"],
            unique=True,
            sqlite_where=sa.text("status NOT IN ('disqualified', 'recycled', 'withdrawn')"),
            postgresql_where=sa.text("status NOT IN ('disqualified', 'recycled', 'withdrawn')"),
        )
        batch_op.create_index(
            "ix_mql_external_id",
            ["workspace_id", "source", "external_id"],
            unique=False,
            sqlite_where=sa.text("external_id IS NOT NULL"),
            postgresql_where=sa.text("external_id IS NOT NULL"),
        )

    op.create_table(
        "policy_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("holidays", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_version")),
        sa.UniqueConstraint("workspace_id", "version", name=op.f("uq_policy_version_workspace_id_version")),
    )
    op.create_table(
        "receipt",
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "kind", "key", name=op.f("pk_receipt")),
    )
    op.create_table(
        "report_due",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_due")),
        sa.UniqueConstraint("workspace_id", "kind", "period", name=op.f("uq_report_due_workspace_id_kind_period")),
    )
    with op.batch_alter_table("report_due", schema=None) as batch_op:
        batch_op.create_index(
            "ix_report_due",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        )

    op.create_table(
        "workspace",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("bot_user_id", sa.String(), nullable=True),
        sa.Column("bot_id", sa.String(), nullable=True),
        sa.Column("locale", sa.String(32), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("mql_channel", sa.String(), nullable=False),
        sa.Column("intake_channel", sa.String(), nullable=True),
        sa.Column("marketing_channel", sa.String(), nullable=True),
        sa.Column(
            "outcomes_told",
            sa.Enum("each", "daily", "off", name="outcomestold_known", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("outcomes_time", sa.String(), nullable=False),
        sa.Column("intake_cursor", sa.String(), nullable=True),
        sa.Column("digest_weekday", sa.Integer(), nullable=False),
        sa.Column("digest_time", sa.String(), nullable=False),
        sa.Column("digest_personal", sa.Boolean(), nullable=False),
        sa.Column("goals", sa.JSON(), nullable=False),
        sa.Column("policy_id", sa.Integer(), nullable=True),
        sa.Column("erase_after_days", sa.Integer(), nullable=True),
        sa.Column("webhook_url", sa.String(), nullable=True),
        sa.Column("meeting_weekday", sa.Integer(), nullable=True),
        sa.Column("meeting_time", sa.String(), nullable=True),
        sa.Column("meeting_channel", sa.String(), nullable=True),
        sa.Column("daily_messages", sa.Integer(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("digest_weekday BETWEEN 0 AND 6", name="digest_weekday_in_week"),
        sa.CheckConstraint("erase_after_days > 0", name="erased_after_a_day_at_least"),
        sa.CheckConstraint("meeting_weekday BETWEEN 0 AND 6", name="meeting_weekday_in_week"),
        sa.CheckConstraint(
            "(meeting_weekday IS NULL) = (meeting_time IS NULL)"
            " AND (meeting_weekday IS NULL) = (meeting_channel IS NULL)",
            name="meeting_planned_or_not",
        ),
        sa.CheckConstraint("daily_messages > 0", name="a_message_a_day_at_least"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workspace")),
    )
    op.create_table(
        "assignment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("mql_id", sa.Integer(), nullable=False),
        sa.Column("chosen", sa.String(), nullable=True),
        sa.Column("considered", sa.JSON(), nullable=False),
        sa.Column("turn", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["mql_id"], ["mql.id"], name=op.f("fk_assignment_mql_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
    )
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.create_index("ix_assignment_chosen", ["workspace_id", "chosen", "id"], unique=False)
        batch_op.create_index("ix_assignment_mql", ["mql_id"], unique=False)

    op.create_table(
        "clock",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("mql_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("policy_id", sa.Integer(), nullable=False),
        sa.Column("tier", sa.String(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("soon_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("breach_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("breached_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_check_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("round_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counted_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counted_us", sa.BigInteger(), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "running",
                "paused",
                "met",
                "met_late",
                "cancelled",
                name="clockstate_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(stopped_at IS NULL) = (state IN ('running', 'paused'))", name="stopped_at_says_stopped"),
        sa.CheckConstraint("next_check_at IS NULL OR stopped_at IS NULL", name="stopped_clocks_are_not_checked"),
        sa.CheckConstraint("(paused_at IS NULL) = (state <> 'paused')", name="paused_at_says_paused"),
        sa.CheckConstraint("state <> 'met' OR breached_at IS NULL", name="met_was_not_breached"),
        sa.CheckConstraint("breach_at >= due_at", name="grace_not_negative"),
        sa.CheckConstraint("state <> 'paused' OR next_check_at IS NOT NULL", name="a_pause_ends"),
        sa.ForeignKeyConstraint(["mql_id"], ["mql.id"], name=op.f("fk_clock_mql_id")),
        sa.ForeignKeyConstraint(["policy_id"], ["policy_version.id"], name=op.f("fk_clock_policy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock")),
        sa.UniqueConstraint("mql_id", "kind", name=op.f("uq_clock_mql_id_kind")),
    )
    with op.batch_alter_table("clock", schema=None) as batch_op:
        batch_op.create_index(
            "ix_clock_due",
            ["next_check_at"],
            unique=False,
            sqlite_where=sa.text("next_check_at IS NOT NULL"),
            postgresql_where=sa.text("next_check_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_clock_breached",
            ["workspace_id", "breached_at"],
            unique=False,
            sqlite_where=sa.text("breached_at IS NOT NULL"),
            postgresql_where=sa.text("breached_at IS NOT NULL"),
        )

    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("mql_id", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=True),
        sa.Column("before", sa.String(), nullable=True),
        sa.Column("after", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["mql_id"], ["mql.id"], name=op.f("fk_event_mql_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index("ix_event_mql", ["mql_id", "id"], unique=False)
        batch_op.create_index("ix_event_type", ["workspace_id", "type", "at"], unique=False)

    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("mql_id", sa.Integer(), nullable=False),
        sa.Column(
            "disposition",
            sa.Enum(
                "qualified",
                "disqualified",
                "recycled",
                name="disposition_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("lost_reason", sa.String(), nullable=True),
        sa.Column("comment", sa.String(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("next_step", sa.String(), nullable=True),
        sa.Column("recycle_on", sa.String(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(disposition = 'disqualified') = (lost_reason IS NOT NULL)", name="disqualified_has_reason"
        ),
        sa.CheckConstraint("amount IS NULL OR amount >= 0", name="amount_not_negative"),
        sa.ForeignKeyConstraint(["mql_id"], ["mql.id"], name=op.f("fk_feedback_mql_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
    )
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.create_index("ix_feedback_mql", ["mql_id", "id"], unique=False)

    op.create_table(
        "unreadable",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("ts", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "entered",
                "dismissed",
                name="unreadablestate_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("mql_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.CheckConstraint("(mql_id IS NOT NULL) = (state = 'entered')", name="entered_has_mql"),
        sa.ForeignKeyConstraint(["mql_id"], ["mql.id"], name=op.f("fk_unreadable_mql_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unreadable")),
        sa.UniqueConstraint("workspace_id", "channel", "ts", name=op.f("uq_unreadable_workspace_id_channel_ts")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("mql_id", sa.Integer(), nullable=True),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "sending",
                "sent",
                "dropped",
                "dead",
                name="outboxstate_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("maybe_sent", sa.Boolean(), nullable=False),
        sa.Column("after_ts", sa.String(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("ts", sa.String(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.CheckConstraint("(lease_until IS NULL) = (state <> 'sending')", name="only_sending_is_leased"),
        sa.CheckConstraint("(sent_at IS NULL) = (state <> 'sent')", name="sent_at_says_sent"),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_outbox_event_id")),
        sa.ForeignKeyConstraint(["mql_id"], ["mql.id"], name=op.f("fk_outbox_mql_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["outbox.id"], name=op.f("fk_outbox_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("workspace_id", "key", name=op.f("uq_outbox_workspace_id_key")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbox_lists",
            ["workspace_id", "created_at"],
            unique=False,
            sqlite_where=sa.text("kind IN ('held', 'digest', 'outcomes', 'meeting', 'own_week')"),
            postgresql_where=sa.text("kind IN ('held', 'digest', 'outcomes', 'meeting', 'own_week')"),
        )
        batch_op.create_index("ix_outbox_mql", ["mql_id"], unique=False)
        batch_op.create_index(
            "ix_outbox_edits",
            ["workspace_id", "parent_id"],
            unique=False,
            sqlite_where=sa.text("state = 'pending' AND kind = 'edit'"),
            postgresql_where=sa.text("state = 'pending' AND kind = 'edit'"),
        )
        batch_op.create_index(
            "ix_outbox_sending",
            ["workspace_id", "target"],
            unique=False,
            sqlite_where=sa.text("state = 'sending'"),
            postgresql_where=sa.text("state = 'sending'"),
        )
        batch_op.create_index(
            "ix_outbox_told",
            ["workspace_id", "target", "sent_at"],
            unique=False,
            sqlite_where=sa.text("state = 'sent' AND kind NOT IN ('edit', 'private', 'note')"),
            postgresql_where=sa.text("state = 'sent' AND kind NOT IN ('edit', 'private', 'note')"),
        )
        batch_op.create_index(
            "ix_outbox_undelivered",
            ["workspace_id", "state", "due_at"],
            unique=False,
            sqlite_where=sa.text("state IN ('pending', 'sending', 'dead')"),
            postgresql_where=sa.text("state IN ('pending', 'sending', 'dead')"),
        )
        batch_op.create_index(
            "ix_outbox_unsent",
            ["workspace_id", "target", "id"],
            unique=False,
            sqlite_where=sa.text("state IN ('pending', 'sending')"),
            postgresql_where=sa.text("state IN ('pending', 'sending')"),
        )

    op.create_table(
        "outbound",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("mql_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("webhook_id", sa.String(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "sending",
                "sent",
                "dead",
                name="outboundstate_known",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.CheckConstraint("(lease_until IS NULL) = (state <> 'sending')", name="only_sending_is_leased"),
        sa.CheckConstraint("(sent_at IS NULL) = (state <> 'sent')", name="sent_at_says_sent"),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_outbound_event_id")),
        sa.ForeignKeyConstraint(["mql_id"], ["mql.id"], name=op.f("fk_outbound_mql_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbound")),
        sa.UniqueConstraint("event_id", name=op.f("uq_outbound_event_id")),
        sa.UniqueConstraint("workspace_id", "webhook_id", name=op.f("uq_outbound_workspace_id_webhook_id")),
    )
    with op.batch_alter_table("outbound", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbound_dead",
            ["workspace_id", "state"],
            unique=False,
            sqlite_where=sa.text("state = 'dead'"),
            postgresql_where=sa.text("state = 'dead'"),
        )
        batch_op.create_index(
            "ix_outbound_unsent",
            ["workspace_id", "mql_id", "id"],
            unique=False,
            sqlite_where=sa.text("state IN ('pending', 'sending')"),
            postgresql_where=sa.text("state IN ('pending', 'sending')"),
        )
