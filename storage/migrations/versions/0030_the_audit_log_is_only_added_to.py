"""the database itself keeps the audit log from being changed

What an entry says may be emptied, as erasing does, and nothing else of it changed. An entry goes only when it is older
than 400 days: by the clock of the database, or by the last tick of the bot, whichever is later. What an unfinished copy
holds may be thrown away.
"""

from __future__ import annotations

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

SQLITE = (
    """
    CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
    WHEN NEW.subject IS NOT NULL OR NEW."before" IS NOT NULL OR NEW."after" IS NOT NULL
      OR NEW.id IS NOT OLD.id OR NEW.workspace_id IS NOT OLD.workspace_id OR NEW.at IS NOT OLD.at
      OR NEW.kind IS NOT OLD.kind OR NEW.door IS NOT OLD.door
      OR NEW."by" IS NOT OLD."by" OR NEW.machine_user IS NOT OLD.machine_user
    BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END
    """,
    """
    CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit
    WHEN julianday(OLD.at) > max(
      julianday('now'), coalesce((SELECT max(julianday(ticked_at)) FROM heartbeat), 0)) - 400
      AND NOT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'unfinished_copy')
    BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END
    """,
)
POSTGRESQL = (
    """
    CREATE FUNCTION audit_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'DELETE' THEN
        IF OLD.at <= greatest(now(), (SELECT max(ticked_at) FROM heartbeat)) - interval '400 days'
          OR to_regclass('unfinished_copy') IS NOT NULL THEN
          RETURN OLD;
        END IF;
      ELSIF NEW.subject IS NULL AND NEW."before" IS NULL AND NEW."after" IS NULL
        AND (NEW.id, NEW.workspace_id, NEW.at, NEW.kind, NEW.door)
          = (OLD.id, OLD.workspace_id, OLD.at, OLD.kind, OLD.door)
        AND NEW."by" IS NOT DISTINCT FROM OLD."by" AND NEW.machine_user IS NOT DISTINCT FROM OLD.machine_user THEN
        RETURN NEW;
      END IF;
      RAISE EXCEPTION 'the audit log is only added to';
    END $$
    """,
    """
    CREATE TRIGGER audit_is_only_added_to BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_is_only_added_to()
    """,
)


def upgrade() -> None:
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
