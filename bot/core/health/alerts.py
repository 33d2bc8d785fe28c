"""Telling the admins what is wrong with the bot or its workspace: once when it begins, once when it is over."""

from __future__ import annotations

from collections.abc import Iterator

from bot.core.base import team
from bot.core.health.conditions import RULES, Condition, Scene
from bot.core.messages import notifications
from storage import alerts, committed_events, outbox
from storage.models import Alert
from storage.vocabulary import MessageKind


def changed(scene: Scene) -> bool:
    """Whether something is to be told."""
    return any(True for _ in _news(scene))


def tell(scene: Scene) -> None:
    """Open and close alerts as things stand now, with a message to each admin who has not heard it otherwise.

    The caller holds the workspace (workspaces.locked), so that of two processes that see the same the second finds it
    told.
    """
    for one in list(_news(scene)):
        if isinstance(one, Alert):
            _close(scene, one)
        else:
            _open(scene, one)


def _news(scene: Scene) -> Iterator[Condition | Alert]:
    standing = alerts.standing(scene.tx, scene.workspace.id)
    known = {(alert.kind, alert.subject) for alert in standing}
    for rule in RULES.values():
        yield from (found for found in rule.begins(scene) if (found.kind, found.subject) not in known)
    yield from (alert for alert in standing if RULES[alert.kind].over(scene, alert))


def _open(scene: Scene, found: Condition) -> None:
    tx, workspace = scene.tx, scene.workspace
    told = [one.user_id for one in team.admins(scene.roster) if one.user_id not in found.heard]
    opened = alerts.add(tx, workspace.id, found.kind, found.subject, scene.now, found.data, told)
    if opened is None:
        return
    committed_events.note(tx, "alert_opened", workspace.id, alert=opened.id, kind=found.kind)
    for user in told:
        notifications.post(
            tx, workspace.id, _key(opened, user), MessageKind.ALERT, user, scene.now, {"alert": opened.id}
        )


def _close(scene: Scene, alert: Alert) -> None:
    tx, workspace = scene.tx, scene.workspace
    if not alerts.close(tx, alert, scene.now):
        return
    committed_events.note(tx, "alert_closed", workspace.id, alert=alert.id, kind=alert.kind)
    for user in alert.told:
        said = outbox.by_key(tx, workspace.id, _key(alert, user))
        if said is not None:
            key, data = f"{MessageKind.ALERT_OVER}:{alert.id}:{user}", {"alert": alert.id}
            outbox.add(tx, workspace.id, key, MessageKind.ALERT_OVER, user, scene.now, parent_id=said.id, data=data)
            notifications.edit(tx, workspace.id, said.key, "over", scene.now)


def _key(alert: Alert, user: str) -> str:
    return f"{MessageKind.ALERT}:{alert.id}:{user}"
