"""Telling the admins what is wrong with the bot or its workspace: once when it begins, once when it is over."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.base import team
from bot.core.health.conditions import RULES, Condition, ConditionContext
from bot.core.messages import kinds, notifications, outgoing
from storage import alerts, committed_events, outbox
from storage.models import Alert


def changed(context: ConditionContext) -> bool:
    """Return whether something is to be told."""
    return any(True for _ in _news(context))


def tell(context: ConditionContext) -> None:
    """Open and close alerts as things stand now, with a message to each admin who has not heard it otherwise.

    The caller holds the workspace (workspaces.locked), so that of two processes that see the same the second finds it
    told.
    """
    for change in list(_news(context)):
        if isinstance(change, Alert):
            _close(context, change)
        else:
            open_alert(context, change)


def _news(context: ConditionContext) -> Iterator[Condition | Alert]:
    standing = alerts.standing(context.tx, context.workspace.id)
    known = {(alert.kind, alert.subject) for alert in standing}
    for rule in RULES.values():
        yield from (condition for condition in rule.begins(context) if (condition.kind, condition.subject) not in known)
    yield from (alert for alert in standing if RULES[alert.kind].over(context, alert))


def open_alert(context: ConditionContext, condition: Condition) -> None:
    """Open an alert, with a message to each admin who has not heard it otherwise. The caller holds the workspace."""
    tx, workspace = context.tx, context.workspace
    readers = [admin.user_id for admin in team.admins(context.roster) if admin.user_id not in condition.heard]
    opened = alerts.add(tx, workspace.id, condition.kind, condition.subject, context.now, condition.data, readers)
    if opened is None:
        return
    committed_events.note(tx, "alert_opened", workspace.id, alert=opened.id, kind=condition.kind)
    for user in readers:
        outgoing.add(tx, workspace.id, _key(opened, user), kinds.ALERT(alert=opened.id), user, context.now)


def _close(context: ConditionContext, alert: Alert) -> None:
    tx, workspace = context.tx, context.workspace
    if not alerts.close(tx, alert, context.now):
        return
    committed_events.note(tx, "alert_closed", workspace.id, alert=alert.id, kind=alert.kind)
    for user in alert.told:
        message = outbox.by_key(tx, workspace.id, _key(alert, user))
        if message is not None:
            key, content = f"alert_over:{alert.id}:{user}", kinds.ALERT_OVER(alert=alert.id)
            outgoing.add(tx, workspace.id, key, content, user, context.now, parent_id=message.id)
            notifications.edit_message(tx, workspace.id, message.key, "over", context.now)


def _key(alert: Alert, user: str) -> str:
    return f"alert:{alert.id}:{user}"
